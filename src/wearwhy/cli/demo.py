"""The verb that shows what wearwhy does, on the data that comes with it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.ask import tell
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.workspace.demo import Shown

TREES = 4


@verb("demo", examples=("wearwhy demo", "wearwhy demo --json", "wearwhy --lang zh demo --keep D"))
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Make the workspace in this folder and leave it there.",
)
@click.option("--all", "everything", is_flag=True, help="Show the evidence of every term.")
def demo(session: Session, keep: Path | None, everything: bool) -> Told:
    """Dress for a rainy Tuesday: an office morning, a dinner after; with all reasons."""
    from wearwhy.workspace.demo import demonstrate

    most = None if everything or session.as_json else TREES
    with (
        tempfile.TemporaryDirectory(prefix="wearwhy-") as made,
        working(session.say("demonstrating")),
    ):
        found = demonstrate(keep or Path(made), tried=most)
    looks = tell(session, found.outcome, most=most)

    def text() -> str:
        lines = [_head(session, found), "", looks.text(), *_guesses(session, found)]
        if keep is not None:
            lines += ["", session.say("kept", folder=str(keep))]
        return "\n".join(lines)

    return Told(lambda: _document(found, looks.document()), text)


def _document(found: Shown, looks: Any) -> dict[str, Any]:
    from wearwhy.explain.document import node_json

    nodes = {**looks["proof"]["nodes"], **{n.id: node_json(n) for n in found.guessed}}
    return {
        **looks,
        "proof": {"nodes": dict(sorted(nodes.items()))},
        "guesses": [node.id for node in found.guessed],
        "reasoned": found.reasoned.as_dict(),
    }


def _guesses(session: Session, found: Shown) -> list[str]:
    from wearwhy.explain.wording import node_text

    named = session.names(found.workspace.layer(session.named))
    said = [f"  {node_text(named, node)}" for node in found.guessed]
    return ["", session.say("demo-guesses"), *said] if said else []


def _head(session: Session, found: Shown) -> str:
    kinds = found.reasoned.kinds
    day = session.say("demo-day")
    lines = [
        day,
        session.say("demo-holds", items=found.items),
        session.say("demo-facts", **kinds),
    ]
    if found.reasoned.model is None:
        lines.append(session.say("no-model"))
    else:
        lines.append(
            session.say(
                "model-bundled",
                guessed=found.reasoned.guessed,
                unknown=found.reasoned.unknown,
                threshold=f"{found.reasoned.threshold:.2f}",
            )
        )
        if found.reasoned.concluded:
            lines.append(session.say("concluded-too", n=found.reasoned.concluded))
    return "\n".join(lines)
