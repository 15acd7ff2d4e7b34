"""Verbs that hold what the engine says against what people did, and against what they left out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.completion import completion
from wearwhy.cli.outfits import compatibility, fitb, worn
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.rules import Compared
    from wearwhy.workspace import Workspace

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group("evaluate")
def evaluate() -> None:
    """How well what the engine says agrees with what people did, controls beside it."""


@verb(
    "rules",
    examples=("wearwhy evaluate rules --items wardrobe.csv --outfits outfits.csv --deals 2",),
)
@click.option("--items", type=_file, help="A file of items.")
@click.option("--as", "mapping", default="wardrobe", show_default=True, help="Its format.")
@click.option("--outfits", type=_file, help="A file of outfits made of those items.")
@click.option("--outfits-as", default="outfits", show_default=True, help="Its format.")
@click.option("--within", multiple=True, metavar="COLUMN", help="No swap leaves its value.")
@click.option("--weather", type=_file, help="Daily weather, for outfits that say their day.")
@click.option("--rentals", type=_file, help="Rentals: user_id, category, rented_for.")
@click.option("--swaps", default=3, show_default=True, help="How many for each item.")
@click.option("--deals", default=10, show_default=True, help="Of a dated log's days.")
@click.option("--least", default=30, show_default=True, help="Outfits or wearers to judge by.")
@click.option("--seed", default=0, show_default=True)
def rules(
    session: Session,
    *,
    items: Path | None,
    mapping: str,
    outfits: Path | None,
    outfits_as: str,
    within: tuple[str, ...],
    weather: Path | None,
    rentals: Path | None,
    swaps: int,
    deals: int,
    least: int,
    seed: int,
) -> Told:
    """Print each rule's lift on outfits or rentals: how much oftener it speaks than by chance.

    Chance is the same outfits with one item swapped for another of its slots that stands in
    about as many outfits; for rentals, occasions dealt out whatever the category. Intervals are
    95 %, by bootstrap over outfits or wearers. A rule on the wrong side of 1 should be mended, or
    say in its file why it stays (ww:keptBecause). Exit status 1 where one does neither.

    For a shop's outfits name both formats: --as mango --outfits-as mango-outfits --within
    collection.
    """
    from wearwhy.evaluate import rules as compare
    from wearwhy.evaluate.rentals import rented
    from wearwhy.evaluate.shop import shop

    if (items is None) != (outfits is None) or (items is None and rentals is None):
        raise click.UsageError("Give --items with --outfits, or --rentals.")
    workspace = _open(session)
    found: list[Compared] = []
    if items is not None and outfits is not None:
        with working(session.say("reasoning")):
            source = shop(workspace, (items, mapping), (outfits, outfits_as), within)
            found.append(compare.composed(source, each=swaps, least=least, seed=seed))
            if any(source.worn):
                few = min(least, 5)
                found.append(compare.worn_again(source, deals=deals, least=few, seed=seed))
            if weather is not None:
                usual = compare.usual_weather(weather)
                found.append(compare.worn_in_weather(source, usual, least=min(least, 5), seed=seed))
    if rentals is not None:
        with working(session.say("reasoning")):
            found.append(rented(workspace, rentals, least=least, seed=seed))
    answered = all(
        lift.side != "wrong" or lift.rule.description.kept_because
        for one in found
        for lift in one.lifts
    )
    return Told(
        lambda: {"compared": [one.as_dict() for one in found], "answered": answered},
        lambda: "\n\n".join(_table(one, session.lang) for one in found),
        0 if answered else 1,
    )


def _open(session: Session) -> Workspace:
    """Return the workspace of the folder; where there is none, the bundled rules alone."""
    from wearwhy import settings
    from wearwhy.errors import StoreError
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.bundle import bundle
    from wearwhy.workspace.state import State

    try:
        return session.open()
    except StoreError as error:
        if error.code != "WW-STORE-NONE":
            raise
    return Workspace(session.folder, settings.read(session.folder), bundle(), State(0, {}))


def _table(one: Compared, language: str) -> str:
    from wearwhy.evaluate.lift import labelled

    lines = [f"{one.what} ({one.cases:,}); chance: {one.control}", ""]
    width = max((len(labelled(x.rule, language)) for x in one.lifts), default=4)
    lines.append(f"{'rule':<{width}}  want   lift  95 % interval    times   chance")
    for x in one.lifts:
        mark = {"right": "✓", "wrong": "✗", "open": " "}[x.side]
        lines.append(
            f"{labelled(x.rule, language):<{width}}   {x.wanted} 1  {x.ratio:5.2f} "
            f"{f'({x.low:.2f}–{x.high:.2f})':<14} {x.chosen:8,.0f} {x.chance:8,.0f}  {mark}"
            + (f" kept: {x.rule.description.kept_because}" if x.side == "wrong" else "")
        )
    return "\n".join(line.rstrip() for line in lines)


evaluate.add_command(rules)
evaluate.add_command(completion)
evaluate.add_command(fitb)
evaluate.add_command(compatibility)
evaluate.add_command(worn)
