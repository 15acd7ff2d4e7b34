"""The verbs `evaluate guesses|explanations`: what is explained, held against what it explains."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.explanations import Explanations
    from wearwhy.evaluate.faithful import Faithful


_file = click.Path(path_type=Path, exists=True, dir_okay=False)


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

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        found = of_workspace(workspace, session.named, sample=sample, seed=seed)
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


@verb("explanations", examples=("wearwhy evaluate explanations --sample 1 --picture curves.svg",))
@click.option(
    "--sample",
    default=500,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many looks, at most.",
)
@click.option("--requests", type=_file, help="A file of requests (default: the bundled week).")
@click.option("--from", "source", help="owned, catalogue:NAME or both (default: as asked).")
@click.option("--seed", default=0, show_default=True, help="Of the sample and the bootstrap.")
@click.option(
    "--picture", type=click.Path(path_type=Path), help="Draw the curves into an .svg file."
)
def explanations(
    session: Session,
    *,
    sample: int,
    requests: Path | None,
    source: str | None,
    seed: int,
    picture: Path | None,
) -> Told:
    """Print whether looks rest on the facts that their explanations cite.

    Of each kind the term that weighs most loses the first fact that it rests on, and the look is
    judged anew: the term must come to what it said that it would be. One item of each look keeps, of the facts about it, only
    those cited first, or as many others drawn at random: how often does it stay among the ten best
    of its slot? The curves delete and put back such facts one after another.
    """
    from wearwhy.evaluate.explanations import explanations as judged
    from wearwhy.workspace.requests import read_requests
    from wearwhy.workspace.week import week

    workspace = session.open(usual=True)
    layer = workspace.layer(session.named)
    folder = workspace.bundle.folder
    asked = (
        week(workspace.bundle)
        if requests is None
        else read_requests(requests, layer, workspace.names, folder)
    )
    asked = tuple(replace(one, source=source or one.source, n=max(one.n, 5)) for one in asked)
    with working(session.say("reasoning")) as bar:
        found = judged(
            layer, asked, workspace.resources, sample=sample, seed=seed, progress=bar.stage
        )
    if picture is not None:
        picture.write_text(found.picture(), "utf-8")
    return Told(found.as_dict, lambda: _looks(found))


def _looks(found: Explanations) -> str:
    kinds = ", ".join(f"{n} {kind}" for kind, n in found.by_kind.items())
    if not found.tried:
        return (
            f"{found.sampled:,} looks ({kinds}), agreed with what was said within "
            f"{found.agreed_within:.1e}; no slot offers so many items that one could be lost"
        )
    curves = found.curves()
    rows = [
        f"  {name:18s} " + " ".join(f"{v:.2f}" for v in values) for name, values in curves.items()
    ]
    return "\n".join(
        (
            f"{found.sampled:,} looks, the first fact of the weightiest term of each kind deleted ({kinds})",
            "",
            f"agreed with what was said within  {found.agreed_within:.1e}",
            f"term moved, in points             {found.moved}",
            "",
            f"{len(found.tried):,} items, three facts about each kept alone: in the top ten of its slot",
            f"those cited first                 {found.cited}",
            f"as many at random                 {found.random}",
            f"cited above random                {found.above}",
            "",
            "share in the top ten, with 0, 1, 2 … facts deleted or put back",
            *rows,
        )
    )
