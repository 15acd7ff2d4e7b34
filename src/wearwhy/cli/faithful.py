"""The verb `evaluate guesses`: explanations of guesses, held against the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.faithful import Faithful


@verb("guesses", examples=("wearwhy evaluate guesses --sample 50",))
@click.option(
    "--sample",
    default=500,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many guesses, at most.",
)
@click.option("--seed", default=0, show_default=True, help="Of the sample and the bootstrap.")
def guesses(session: Session, *, sample: int, seed: int) -> Told:
    """Print whether guesses rest on the facts that they cite.

    The facts that a guess cites first are deleted and the model is asked again: the margin must
    come to what the guess said that it would be. Beside it stand as many facts of the same item,
    drawn at random. Margins are in log-odds; intervals are 95 %, by bootstrap over guesses.
    """
    from wearwhy.evaluate.faithful import of_workspace

    workspace = session.open()
    with working(session.say("reasoning")):
        found = of_workspace(workspace, session.wardrobe, sample=sample, seed=seed)
    return Told(found.as_dict, lambda: _table(found))


def _table(found: Faithful) -> str:
    return "\n".join(
        (
            f"{found.sampled:,} guesses, the facts they cite first deleted",
            "",
            f"agreed with what was said within  {found.agreed_within:.1e}",
            f"margin moved by cited facts       {found.top}",
            f"margin moved by random facts      {found.random}",
            f"cited above random                {found.more}",
            f"explained by named facts          {found.explained:.2f}",
        )
    )
