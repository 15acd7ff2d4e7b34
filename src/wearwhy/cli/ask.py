"""Verbs that ask what to wear: recommend and complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.decoding import decoding_of, with_decoding
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.outfit.complete import Completion
    from wearwhy.rdf import NamedNode
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace.asking import Wishes
    from wearwhy.workspace.outfits import Outcome

EVIDENCE = ("text", "none", "turtle", "mermaid")

Options = tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...]

request_options: Options = (
    click.option("--occasion", "occasions", multiple=True, help="What for; may be given again."),
    click.option("--date", "on", metavar="YYYY-MM-DD", help="The day."),
    click.option(
        "--weather", metavar="TEXT|FILE", help='Such as "8C rain wind 20km/h", or a file.'
    ),
    click.option(
        "--calendar",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="An .ics file; what it says of the day becomes occasions.",
    ),
    click.option(
        "--from",
        "source",
        metavar="owned|catalogue:NAME|both",
        default="owned",
        show_default=True,
        help="What to draw on.",
    ),
    click.option("--exclude", multiple=True, metavar="ITEM", help="An item that no look has."),
    click.option("--part", help="The part of the day, such as evening."),
    click.option("--dress-code", help="The dress code that is asked for."),
    click.option(
        "--wearer",
        metavar="ID",
        help="Who dresses: their sizes, coverage, warmth and dislikes count.",
    ),
    click.option(
        "--max-price",
        type=click.FloatRange(0),
        metavar="PRICE",
        help="The most that an item of a catalogue costs.",
    ),
    click.option("--in-stock", is_flag=True, help="Only items of a catalogue that are in stock."),
    click.option(
        "--size",
        "sizes",
        multiple=True,
        help="Only items that come in this size; may be given again.",
    ),
    click.option(
        "--brand",
        "brands",
        multiple=True,
        help="Only items of this brand; may be given again.",
    ),
    click.option(
        "--not-brand",
        "not_brands",
        multiple=True,
        metavar="BRAND",
        help="No item of this brand; may be given again.",
    ),
)


def with_request(body: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that a request is stated with."""
    for option in reversed(request_options):
        body = option(body)
    return body


def wishes(given: dict[str, Any], *, lock: Sequence[str] = (), n: int = 3) -> Wishes:
    """Return what the options of a request say."""
    from wearwhy.outfit.filters import Filters
    from wearwhy.workspace.asking import Wishes, parse_day

    return Wishes(
        occasions=tuple(given["occasions"]),
        on=parse_day(given["on"]) if given["on"] else None,
        weather=given["weather"],
        calendar=given["calendar"],
        lock=tuple(lock),
        exclude=tuple(given["exclude"]),
        source=given["source"],
        n=n,
        part=given["part"],
        dress_code=given["dress_code"],
        wearer=given["wearer"],
        filters=Filters(
            given["max_price"],
            given["in_stock"],
            tuple(given["sizes"]),
            tuple(given["brands"]),
            tuple(given["not_brands"]),
        ),
    )


@verb(
    "recommend",
    examples=(
        'wearwhy recommend --occasion office --date 2026-11-24 --weather "8C rain wind 20km/h"',
        "wearwhy recommend --date 2026-11-24 --calendar calendar.ics --weather weather.csv --json",
        "wearwhy recommend --occasion dinner --lock w16 --evidence none --picture looks.svg",
        "wearwhy recommend --occasion office --decode sample --temperature 0.2 --seed 7",
    ),
)
@with_request
@with_decoding
@click.option("--lock", multiple=True, metavar="ITEM", help="An item that every look has.")
@click.option("-n", "count", type=click.IntRange(1, 50), default=3, show_default=True)
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Draw the looks into an .svg file.",
)
@click.option(
    "--evidence",
    type=click.Choice(EVIDENCE),
    default="text",
    show_default=True,
    help="What stands under the reasons: trees, nothing; or the whole as Turtle or Mermaid.",
)
def recommend(
    session: Session,
    lock: tuple[str, ...],
    count: int,
    picture: Path | None,
    evidence: str,
    **given: Any,
) -> Told:
    """Recommend looks: each with its reasons and, underneath, its evidence."""
    from wearwhy.workspace import outfits

    workspace, decoding = session.open(usual=True), decoding_of(given)
    asked_for = wishes(given, lock=lock, n=count)
    with working(session.say("reasoning")):
        workspace.layer(session.named)
    with working(session.say("searching")):
        found = outfits.outcome(
            workspace,
            asked_for,
            session.named,
            tried=0 if evidence == "none" and not session.as_json else None,
            decoding=decoding,
        )
    if picture is not None:
        _draw(session, found, picture)
    return tell(session, found, evidence=evidence)


def _draw(session: Session, found: Outcome, file: Path) -> None:
    from wearwhy.explain.picture import picture

    looks = [one.look for part in found.parts for one in part.looks]
    file.write_text(picture(found.parts[0].layer, looks, session.lang), "utf-8")


def tell(
    session: Session, found: Outcome, *, evidence: str = "text", most: int | None = None
) -> Told:
    """Return looks as they are told: as a document, as text, as Turtle."""
    from wearwhy.workspace import outfits

    def text() -> str:
        if evidence == "turtle":
            return outfits.as_turtle(found)
        if evidence == "mermaid":
            return outfits.as_mermaid(found, session.sentences, session.lang)
        lines = [session.say("unrecognised", entry=entry) for entry in found.unrecognised]
        for part in found.parts:
            if len(found.parts) > 1:
                lines += _part_head(session, found, part)
            lines += outfits.shortages(part, session.sentences, session.lang)
            for place, look in enumerate(part.looks, 1):
                head = session.say("look-head", n=place)
                body = outfits.look_lines(
                    look,
                    session.sentences,
                    session.lang,
                    evidence=evidence != "none",
                    most=most,
                )
                lines += ["", f"{head} {body[0]}", *body[1:]]
        return "\n".join(lines).lstrip("\n")

    return Told(lambda: outfits.as_json(found, session.sentences, session.lang), text)


def _part_head(session: Session, found: Outcome, part: Any) -> list[str]:
    named = session.names(part.layer)
    lines = []
    if part is found.parts[0]:
        lines.append(_forced(session, found, named))
    when = part.request.part_of_day
    about = ", ".join(named.of(occasion) for occasion in part.request.occasions)
    entries = "; ".join(part.request.entries)
    lines += [
        "",
        session.say("part-head", part=named.of(when) if when else "", about=about, entries=entries),
    ]
    return lines


def _forced(session: Session, found: Outcome, named: Names) -> str:
    """Return the sentence that says why the day takes more than one look."""
    if not found.forced:
        return session.say("no-single")
    one = found.forced[0]
    about = next((named.of(item) for item in one.look.items if item == one.about), None)
    when = one.part.part_of_day
    return session.say(
        "forced",
        rule=named.of(one.rule),
        about=about or ", ".join(named.of(item) for item in one.look.items),
        part=named.of(when) if when else "",
    )


@verb(
    "complete",
    examples=(
        "wearwhy complete --given w16 --given w26 --occasion office --date 2026-11-24",
        "wearwhy complete --given w16 --slot feet -n 3 --json",
        "wearwhy complete --given w16 --from both --max-price 80 --in-stock --size 38",
    ),
)
@click.option(
    "--given", multiple=True, required=True, metavar="ITEM", help="What is there already."
)
@with_request
@click.option("--slot", help="The one slot to fill, such as feet; otherwise every empty one.")
@click.option("-n", "count", type=click.IntRange(1, 100), default=5, show_default=True)
def complete(
    session: Session, given: tuple[str, ...], slot: str | None, count: int, **stated: Any
) -> Told:
    """Complete a partial outfit: for each empty slot the items that fit, best first."""
    from wearwhy.workspace import outfits

    workspace = session.open(usual=True)
    with working(session.say("searching")):
        found = outfits.completions(
            workspace, wishes(stated, lock=given), slot, count, session.named
        )
        looks = [[one.look] for those in found.by_slot.values() for one in those]
        workspace.remember(looks, session.named, ranked=False)

    def text() -> str:
        named = session.names(found.layer)
        lines = []
        for place, those in found.by_slot.items():
            lines.append(f"{named.of(place)}:")
            lines += [_completion(session, found.layer, one) for one in those]
            if not those:
                lines.append("  " + session.say("nothing-fits"))
        return "\n".join(lines) or session.say("nothing-empty")

    nothing = not any(found.by_slot.values())
    return Told(
        lambda: outfits.completions_json(found, session.sentences, session.lang),
        text,
        1 if nothing else 0,
    )


def _completion(session: Session, layer: Layer, one: Completion) -> str:
    named = session.names(layer)
    item: NamedNode = one.item
    return f"  {one.look.score:+.2f}  {named.of(item)}"
