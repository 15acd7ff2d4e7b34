"""Verbs of rules, ontology and facts as text: edit, preview, apply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.change import given_as_file, preview_option
from wearwhy.cli.difference import difference_json, difference_text
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import revision_json, revision_text

if TYPE_CHECKING:
    from wearwhy.outfit.request import Request
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.proposal import Wanted

_files = click.argument("files", nargs=-1, metavar="[FILE|TOPIC]...")
_scope = click.option(
    "--scope",
    type=click.Choice(["base", "wardrobe"]),
    help="Whose rules and facts: everybody's, or one wardrobe's (default: the --wardrobe named, "
    "else base; of a fact, who says most of its subject).",
)
_assert = click.option(
    "--assert",
    "asserted",
    multiple=True,
    metavar="'S P O'|FILE",
    help="A fact to assert, named as for `why`; or a file of RDF.",
)
_retract = click.option(
    "--retract",
    "retracted",
    multiple=True,
    metavar="'S P O'|FILE",
    help="A fact to retract; or a file of RDF.",
)


def _with_change(body: Callable[..., Any]) -> Callable[..., Any]:
    for option in (_retract, _assert, _scope, _files):
        body = option(body)
    return body


def _wanted(session: Session, given: dict[str, Any]) -> Wanted:
    from wearwhy.workspace.proposal import Wanted

    return Wanted(
        tuple(_absolute(word) for word in given["files"]),
        tuple(_absolute(word) for word in given["asserted"]),
        tuple(_absolute(word) for word in given["retracted"]),
        given["scope"],
        session.named,
    )


def _absolute(word: str) -> str:
    """Return the whole path of a file that is there, so that it is found from anywhere later."""
    path = Path(word)
    return str(path.resolve()) if path.suffix and path.is_file() else word


@verb(
    "edit",
    examples=(
        "wearwhy rules edit colour",
        "wearwhy rules edit fashion.ttl",
        "wearwhy --wardrobe mine rules edit colour",
        "wearwhy rules edit colour --applied",
    ),
)
@click.argument("topic", metavar="TOPIC|ONTOLOGY.ttl")
@_scope
@click.option(
    "--applied", is_flag=True, help="Take the text in force back: what the file says is lost."
)
def edit(session: Session, topic: str, scope: str | None, *, applied: bool) -> Told:
    """Copy a topic's rules, or a file of the ontology, into the workspace; print its path.

    A file there, once applied, stands in the place of the bundled one of that name. After `undo` it
    still says what was applied before; --applied makes it say what is in force.
    """
    from wearwhy.workspace.drafts import ENDINGS, ONTOLOGY, edit_copy
    from wearwhy.workspace.proposal import Wanted, rule_scope

    workspace = session.open()
    shared = topic.endswith(ENDINGS[ONTOLOGY]) and scope is None
    wanted = Wanted(scope=scope, wardrobe=session.named)
    whose = "base" if shared else rule_scope(workspace, wanted)
    path = edit_copy(
        workspace.folder, workspace.state, workspace.bundled, whose, topic, anew=applied
    )
    return Told(lambda: {"topic": topic, "scope": whose, "file": str(path)}, lambda: str(path))


@verb(
    "preview",
    examples=(
        "wearwhy rules preview",
        "wearwhy rules preview colour --json",
        "wearwhy rules preview --retract 'w03 material silk' --assert 'w03 material linen'",
    ),
)
@_with_change
@click.option(
    "--requests",
    type=given_as_file,
    help="Try these requests instead of the bundled week: .jsonl, .csv or .toml, one request each, "
    "said as recommend's options are: occasion, date, weather, calendar, from, exclude, lock, "
    "part, dress-code, n.",
)
@click.option("--all", "everything", is_flag=True, help="Tell all of it, not a dozen of each.")
@click.option(
    "--patch",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write the change as TriG: what would be stored (graphs …/added, …/removed) and "
    "every fact that comes and goes (…/gained, …/lost). `rules apply FILE.trig` makes it.",
)
def preview(
    session: Session, requests: Path | None, everything: bool, patch: Path | None, **given: Any
) -> Told:
    """Show what a change of rules, ontology or facts would change, and keep it to be applied.

    FILE is a rule file (.srl), an ontology file (.ttl) or a patch (.trig), anywhere; TOPIC a file
    of the workspace. With nothing named, all that differs from what is applied. Told are facts
    gained and lost, each with its proof, and looks gained, lost and ranked anew.
    """
    workspace = session.open()
    tried = _requests(session, workspace, requests)
    return _told(session, _wanted(session, given), tried, everything=everything, patch=patch)


def _told(
    session: Session,
    wanted: Wanted,
    requests: Sequence[Request] | None = None,
    *,
    everything: bool = False,
    patch: Path | None = None,
) -> Told:
    """Return what a change would change, and the name that it is kept by."""
    from wearwhy.workspace.applying import look
    from wearwhy.workspace.patchfile import write_patch

    with working(session.say("looking")):
        found, kept = look(session.open(), wanted, requests)
    lines = []
    if kept.edit.patch:
        lines.append(session.say("preview-kept", token=kept.token))
    if patch is not None:
        patch.write_bytes(
            write_patch(kept.token, found.revision, kept.edit, found.gained, found.lost)
        )
        lines.append(session.say("preview-patch", file=str(patch)))
    return Told(
        lambda: {
            "preview": kept.token if kept.edit.patch else None,
            "message": kept.edit.message,
            "scope": kept.edit.scope,
            **difference_json(session, found),
        },
        lambda: "\n".join([difference_text(session, found, everything=everything), *lines]),
    )


def _requests(
    session: Session, workspace: Workspace, path: Path | None
) -> Sequence[Request] | None:
    if path is None:
        return None
    from wearwhy.cli.show import ground
    from wearwhy.workspace.requests import read_requests

    layer = ground(session, workspace)
    return read_requests(path, layer, workspace.names, workspace.bundled.folder)


@verb(
    "apply",
    examples=(
        "wearwhy rules apply",
        "wearwhy rules apply colour",
        "wearwhy rules apply --assert 'w03 material linen'",
    ),
)
@_with_change
@click.option(
    "--expect", metavar="PREVIEW", help="Only if it is still what this preview showed, by its name."
)
@preview_option
def apply(session: Session, expect: str | None, preview: bool, **given: Any) -> Told:
    """Make a change of rules, ontology or facts: exactly what was previewed, as one revision.

    With nothing named, what was previewed last; without a preview, every file that differs from
    what is applied. Where the graph, a text or wearwhy itself is another than it was when the
    change was previewed, nothing is changed.
    """
    from wearwhy.workspace.applying import commit

    wanted = _wanted(session, given)
    if preview:
        return _told(session, wanted)
    workspace = session.open()
    with working(session.say("reasoning")):
        revision = commit(workspace, wanted, expect)
    return Told(lambda: revision_json(revision), lambda: revision_text(session, revision))


VERBS = (edit, preview, apply)
