"""Verbs that hold scores of outfits against outfits that somebody composed or wore."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.compatibility import Told as Compatible
    from wearwhy.evaluate.fitb import Filled
    from wearwhy.evaluate.worn import Worn
    from wearwhy.learn.metrics import Figure
    from wearwhy.rdf import NamedNode

Cases = TypeVar("Cases")
Found = TypeVar("Found")
_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
_COUNT: Final = click.IntRange(min=1)
_LABELS: Final = {
    "popularity": "popularity",
    "least_popular": "least popular",
    "unseen": "in no training outfit",
    "category": "category",
    "cooccurrence": "co-occurrence",
    "cooccurrence_pmi": "co-occurrence PMI",
    "attribute_pair_pmi": "attribute-pair PMI",
    "rules_off": "rules off",
}
_without = click.option(
    "--without",
    multiple=True,
    type=click.Choice(("photos", "walks", "neural", "rules")),
    help="Leave a kind of term out of the score.",
)
_rounds = click.option("--rounds", default=1000, show_default=True, help="Of the bootstrap.")
_seed = click.option("--seed", default=0, show_default=True, help="Of the bootstrap.")


@verb("fitb", examples=("wearwhy evaluate fitb questions.jsonl --json",))
@click.argument("file", type=_FILE)
@_without
@_rounds
@_seed
def fitb(session: Session, *, file: Path, without: tuple[str, ...], rounds: int, seed: int) -> Told:
    """Fill in the blank: which option completes an outfit? Print how often the score is right.

    A line of the file is {"given": [id…], "options": [id…], "answer": id}. Outfits whose split is
    not "train" are read by nothing but this. Controls count the outfits that may be learned from:
    how often their items were met, and together. A tie of k options counts 1/k. Intervals are
    95 %, by bootstrap over questions.
    """
    from wearwhy.evaluate.asked import blanks
    from wearwhy.evaluate.fitb import filled

    result = _judged(session, partial(blanks, file), filled, without, seed=seed, rounds=rounds)
    return Told(result.as_dict, lambda: _table("accuracy", "questions", result.accuracy, result))


@verb("compatibility", examples=("wearwhy evaluate compatibility labelled.jsonl",))
@click.argument("file", type=_FILE)
@_without
@_rounds
@_seed
def compatibility(
    session: Session, *, file: Path, without: tuple[str, ...], rounds: int, seed: int
) -> Told:
    """Tell outfits from other sets of items, and print the area under the ROC curve.

    A line of the file is {"items": [id…], "label": 0 or 1}: 1 for an outfit that somebody
    composed. Outfits whose split is not "train" are read by nothing but this. Controls count the
    outfits that may be learned from. Intervals are 95 %, by bootstrap over sets.
    """
    from wearwhy.evaluate.asked import labelled
    from wearwhy.evaluate.compatibility import told

    result = _judged(session, partial(labelled, file), told, without, seed=seed, rounds=rounds)
    return Told(result.as_dict, lambda: _table("AUC", "sets", result.auc, result))


def _judged(
    session: Session,
    read: Callable[[tuple[NamedNode, ...]], Cases],
    judged: Callable[..., Found],
    without: tuple[str, ...],
    **drawn: int,
) -> Found:
    """Return how the score and the controls judge the cases of a file.

    Args:
        session: of the call.
        read: returns the cases, given the items that they name.
        judged: holds the score against them.
        without: kinds of terms that are left out of the score.
        drawn: the seed and the rounds of the bootstrap.
    """
    from wearwhy.evaluate.controls.outfits import controls
    from wearwhy.evaluate.court import court

    workspace = session.open(usual=True)
    with working(session.say("reasoning")) as bar:
        found = court(workspace, session.named, without=without, progress=bar)
        cases = read(found.items)
        return judged(cases, found.judge, controls(found.past), learned=found.learned, **drawn)


@verb("worn", examples=("wearwhy evaluate worn --others 20 --last 2",))
@click.option("--others", default=99, show_default=True, type=_COUNT, help="To rank it among.")
@click.option("--draws", default=3, show_default=True, type=_COUNT, help="Of others an outfit.")
@click.option("--last", type=_COUNT, help="Only the newest so many outfits.")
@click.option("--weather", type=_FILE, help="Daily weather: the usual one of each day is known.")
@_rounds
@_seed
def worn(
    session: Session,
    *,
    others: int,
    draws: int,
    last: int | None,
    weather: Path | None,
    rounds: int,
    seed: int,
) -> Told:
    """Rank each outfit worn among others of the wardrobe, given its date, and print how often.

    Others are drawn at random and composed alike: for each item one that fits the same slots. Of
    the log only what was worn on earlier days is known. Hit rate: how often the outfit worn is
    among the first 1, 5 and 10. Controls count earlier days; rules off: the score without what
    rules say. Intervals are 95 %, by bootstrap over outfits.
    """
    from wearwhy.evaluate.rules import usual_weather
    from wearwhy.evaluate.worn import worn as ranked
    from wearwhy.feeds.loaded import Target

    workspace = session.open(usual=True)
    home = Target("wardrobe", workspace.wardrobe(session.named), workspace.settings.base_iri)
    with working(session.say("reasoning")) as bar:
        result = ranked(
            workspace.layer(session.named),
            workspace.resources,
            home=home.node,
            most=others,
            draws=draws,
            last=last,
            weather=usual_weather(weather) if weather else None,
            seed=seed,
            rounds=rounds,
            progress=bar,
        )
    return Told(result.as_dict, lambda: _rates(result))


def _rates(found: Worn) -> str:
    """Return hit rates as a table, a line a way of ranking."""
    rows: dict[str, Mapping[int, Figure]] = {
        "wearwhy": found.rates,
        **{_LABELS.get(name, name): rates for name, rates in found.controls.items()},
    }
    width = max(len(name) for name in rows)
    head = f"hit rate of {found.n:,} outfits worn, each among {found.others:.0f} others"
    columns = "".join(f"  {f'first {k}':<22}" for k in found.rates)
    lines = [
        f"{name:<{width}}" + "".join(f"  {figure!s:<22}" for figure in rates.values())
        for name, rates in rows.items()
    ]
    return "\n".join(
        line.rstrip() for line in (f"{head}, with 95 % interval", "", " " * width + columns, *lines)
    )


def _table(what: str, of: str, ours: Figure, found: Filled | Compatible) -> str:
    head = f"{what} on {found.n:,} {of}, with 95 % interval"
    if not found.learned:
        head += "; no model of outfits is learned here"
    rows: dict[str, Any] = {
        "wearwhy": ours,
        "  named facts alone": found.without_opaque,
        **_named(found.controls),
    }
    width = max(len(name) for name in rows)
    lines = [head, "", *(f"{name:<{width}}  {figure}" for name, figure in rows.items())]
    return "\n".join([*lines, "", f"explained by named facts: {found.explained:.3f}"])


def _named(controls: Mapping[str, Figure]) -> dict[str, Figure]:
    return {_LABELS.get(name, name): figure for name, figure in controls.items()}
