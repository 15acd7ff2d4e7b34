"""The verb that learns what goes together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.workspace.outfit_learning import Learned


@verb("outfits", examples=("wearwhy learn outfits --help",))
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["photos", "walks", "neural", "rules"]),
    help="A part to leave out.",
)
@click.option("--seed", type=click.IntRange(min=0), help="In place of the plan's.")
@click.option("--resume", is_flag=True, help="Go on from what an interrupted run has kept.")
def outfits(session: Session, without: tuple[str, ...], seed: int | None, resume: bool) -> Told:
    """Learn which things go together from the outfits that were composed, worn and liked.

    Outfits that a source holds out (split other than train) are not read. The model is kept in
    the workspace; from then on it weighs pairs of items and the walks between them.
    """
    from wearwhy.workspace import outfit_learning

    workspace = session.open(usual=True)
    with working(session.say("learning")) as bar:
        found = outfit_learning.learn(
            workspace,
            session.named,
            without=without,
            seed=seed,
            resume=resume,
            progress=bar.stage,
        )
    return Told(found.as_dict, lambda: _text(session, found))


def _text(session: Session, found: Learned) -> str:
    card = found.model.card
    lines = [
        session.say(
            "outfits-learned",
            outfits=card["outfits"],
            items=card["items"],
            values=card["values"],
            photographs=card["photographs"],
        ),
        session.say(
            "outfits-weighed",
            accuracy=f"{card['weighing']['accuracy']:.3f}",
            questions=card["weighing"]["questions"],
        ),
    ]
    lines += [f"  {kind} × {value:.3f}" for kind, value in sorted(found.model.multipliers.items())]
    for walk, weight in sorted(found.model.walks.items(), key=lambda pair: -pair[1]):
        lines.append(f"  {found.labels.get(walk, walk.value)} × {weight:.3f}")
    return "\n".join(lines)
