"""Verbs of what is guessed: reasoning, the guesses themselves, and learning to guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from wearwhy.cli import images, questions, together
from wearwhy.cli.change import preview_option
from wearwhy.cli.following import follows_json, follows_lines, guess_json, guess_line
from wearwhy.cli.progress import working
from wearwhy.cli.questions import threshold_option
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import applied, changed, revision_json

if TYPE_CHECKING:
    from wearwhy.rdf import Fact
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.edits import Edit
    from wearwhy.workspace.state import State


@verb("reason", examples=("wearwhy reason", "wearwhy reason --preview --json"))
@threshold_option
@preview_option
def reason(session: Session, threshold: float | None, preview: bool) -> Told:
    """Close the graph under the rules, guess what is missing, and count facts by kind."""
    from wearwhy.workspace import guesses as guessing
    from wearwhy.workspace import reasoning

    workspace = session.open(usual=True)
    owner = workspace.wardrobe(session.named) if workspace.wardrobes() else None
    if reasoning.chosen(workspace, owner) == reasoning.BULK:
        return _in_bulk(session, workspace, owner)
    with working(session.say("reasoning")):
        done = guessing.reason(workspace, session.named, threshold)
    if preview:
        return changed(session, workspace, done.edit, preview=True, extra=done.as_dict())
    revision = applied(workspace, done.edit)
    with working(session.say("reasoning")):
        counted = guessing.counted(workspace, session.named, done)

    def text() -> str:
        lines = [
            session.say("reasoned", n=sum(counted.kinds.values()), seconds=f"{counted.seconds:.2f}")
        ]
        lines += ["  " + session.say(f"kind-{kind}", n=n) for kind, n in counted.kinds.items()]
        if counted.model is None:
            lines.append(session.say("no-model"))
        else:
            key = "model-bundled" if counted.model == "bundled" else "model-own"
            lines.append(
                session.say(
                    key,
                    guessed=counted.guessed,
                    unknown=counted.unknown,
                    threshold=f"{counted.threshold:.2f}",
                )
            )
        if counted.concluded:
            lines.append(session.say("concluded-too", n=counted.concluded))
        lines.append(session.say("read-resident"))
        if counted.second is not None:
            lines.append(
                session.say(
                    "overlay",
                    base=f"{counted.base_seconds:.2f}",
                    own=f"{counted.second:.2f}",
                )
            )
        return "\n".join(lines)

    return Told(
        lambda: {
            **revision_json(revision),
            "reading": reasoning.RESIDENT,
            **counted.as_dict(),
        },
        text,
    )


def _in_bulk(session: Session, workspace: Workspace, owner: str | None) -> Told:
    """Close a graph too large to be kept resident, and count; nothing is guessed or kept."""
    from wearwhy.workspace import reasoning

    with working(session.say("reasoning")):
        found = reasoning.close_in_bulk(workspace, owner)

    def text() -> str:
        lines = [
            session.say("reasoned", n=sum(found.kinds.values()), seconds=f"{found.seconds:.2f}"),
            *("  " + session.say(f"kind-{kind}", n=n) for kind, n in found.kinds.items()),
            session.say("read-in-bulk", n=found.size, limit=found.limit, rounds=found.rounds),
        ]
        if found.residents:
            lines.append(session.say("bulk-residents", n=len(found.residents)))
        return "\n".join(lines)

    return Told(lambda: {"revision": workspace.revision, **found.as_dict()}, text)


@click.group("guesses")
def guesses() -> None:
    """What the model proposed: list it, confirm it, reject it."""


@verb("list", examples=("wearwhy guesses list", "wearwhy guesses list --json"))
def list_guesses(session: Session) -> Told:
    """List the guesses, the least certain first: those are worth a look.

    With each its probability, the value that came next, the margin over it in log-odds, the share
    of the margin that rests on named facts, and the model that guessed it.
    """
    from wearwhy.workspace.guessed import kept

    workspace = session.open(usual=True)
    found = kept(workspace, session.named)

    def text() -> str:
        if not found:
            return session.say("no-guesses")
        named = session.names(workspace.layer(session.named))
        return "\n".join(guess_line(session, named, one) for one in found)

    return Told(
        lambda: {
            "revision": workspace.revision,
            "guesses": [guess_json(one) for one in found],
        },
        text,
    )


@verb("confirm", examples=("wearwhy guesses confirm w15 'suits season' summer --preview",))
@click.argument("item")
@click.argument("prop", metavar="PROPERTY")
@click.argument("value")
@preview_option
def confirm(session: Session, item: str, prop: str, value: str, preview: bool) -> Told:
    """Make a guess an asserted fact, and list what is of another kind, or surer, by it."""
    from wearwhy.workspace import edits

    return _decided(session, edits.confirm, (item, prop, value), preview=preview)


@verb("reject", examples=("wearwhy guesses reject w15 'suits season' summer --preview",))
@click.argument("item")
@click.argument("prop", metavar="PROPERTY")
@click.argument("value")
@preview_option
def reject(session: Session, item: str, prop: str, value: str, preview: bool) -> Told:
    """Deny a guess, retract what followed from it, and list that; no model proposes it again."""
    from wearwhy.workspace import edits

    return _decided(session, edits.reject, (item, prop, value), preview=preview)


def _decided(
    session: Session,
    deciding: Callable[[State, str, Fact], Edit],
    words: tuple[str, str, str],
    *,
    preview: bool,
) -> Told:
    """Make a change about a guess, or look at it; tell what follows either way."""
    from wearwhy.workspace import find
    from wearwhy.workspace.consequences import consequences

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        layer = workspace.layer(session.named)
    fact = find.fact(layer, workspace.names, *words)
    edit = deciding(workspace.state, workspace.wardrobe(session.named), fact)
    with working(session.say("looking")):
        found = consequences(workspace, edit)
    return changed(
        session,
        workspace,
        edit,
        preview=preview,
        make=lambda: workspace.apply(found.difference),
        extra={"follows": follows_json(found)},
        # A preview tells the whole difference, and so what follows.
        lines=[] if preview else follows_lines(session, found, fact),
    )


for _verb in (list_guesses, confirm, reject):
    guesses.add_command(_verb)


@click.group("learn")
def learn() -> None:
    """Learn from what the workspace holds."""


@verb("attributes", examples=("wearwhy learn attributes --help",))
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["rules", "mined", "additive", "embeddings"]),
    help="A witness to leave out.",
)
@click.option("--seed", type=click.IntRange(min=0), help="In place of the plan's.")
@click.option("--resume", is_flag=True, help="Go on from checkpoints of an interrupted run.")
@threshold_option
def attributes(
    session: Session,
    without: tuple[str, ...],
    seed: int | None,
    resume: bool,
    threshold: float | None,
) -> Told:
    """Train on the workspace's items, and print what guessing is worth on held-out ones."""
    from wearwhy.workspace import learning

    workspace = session.open(usual=True)
    with working(session.say("learning")) as bar:
        found = learning.learn(
            workspace,
            session.named,
            without=without,
            seed=seed,
            resume=resume,
            threshold=threshold,
            progress=bar.stage,
        )
    return Told(lambda: found.document, lambda: found.text)


for _verb in (attributes, images.images, together.outfits, *questions.VERBS):
    learn.add_command(_verb)
