"""Verbs that plan more than one look: a week, a trip's bag, what a wardrobe lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.ask import with_request
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.workspace.days import Days
    from wearwhy.workspace.planning import Bag, ExplainedDay, Lack, Week

EVIDENCE = ("none", "text")
LOCK_HELP = "An item to be worn on some day, or on that day."
EXCLUDE_HELP = "An item that is worn on no day, or not on that day."


def _days_option(usual: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--days",
        "count",
        type=click.IntRange(1, 31),
        default=usual,
        show_default=True,
        help="How many, from --date on.",
    )


days_option = _days_option(7)
lock_option = click.option("--lock", multiple=True, metavar="[DATE=]ITEM", help=LOCK_HELP)
usual_option = click.option(
    "--otherwise",
    "usual",
    default="everyday",
    show_default=True,
    metavar="OCCASION",
    help="What a day is for that neither calendar nor --occasion says anything of.",
)
evidence_option = click.option(
    "--evidence",
    type=click.Choice(EVIDENCE),
    default="none",
    show_default=True,
    help="What stands under the reasons: nothing, or trees that say which facts are needed.",
)


def _days(given: dict[str, Any], **more: Any) -> Days:
    """Return what the options say of days; today, where there is no first one."""
    from datetime import date

    from wearwhy.cli.ask import wishes
    from wearwhy.workspace.days import Days

    first = given["on"] or date.today().isoformat()  # noqa: DTZ011  # the day on the wall
    stated = {**given, "exclude": (), "on": more.pop("on", first)}
    return Days(wishes(stated, n=3), exclude=tuple(given["exclude"]), **more)


def _tried(evidence: str) -> int | None:
    """Return of how many terms to say what they need: all, or none where no evidence is shown."""
    return None if evidence == "text" else 0


@verb(
    "week",
    examples=(
        "wearwhy week --date 2026-11-23 --calendar calendar.ics --weather weather.csv",
        "wearwhy week --date 2026-11-24 --days 3 --occasion office --weather 8C --lock w16",
        "wearwhy week --date 2026-11-24 --days 2 --weather 8C --wash-day tuesday --json",
    ),
)
@with_request
@days_option
@lock_option
@click.option(
    "--wash-day",
    "wash",
    multiple=True,
    metavar="WEEKDAY|DATE",
    help="At the end of it what was worn is washed; may be given again.",
)
@usual_option
@evidence_option
def week(
    session: Session,
    *,
    count: int,
    lock: tuple[str, ...],
    wash: tuple[str, ...],
    usual: str,
    evidence: str,
    **given: Any,
) -> Told:
    """Plan the looks of a week: nothing again within its days of rest, nothing dirty.

    What is worn on a day is worn in the days after it and rests as the rules have it, together with
    what the log says was worn before. --exclude takes ITEM or DATE=ITEM, as --lock does.
    """
    from wearwhy.workspace import plandocs, planning

    workspace = session.open(usual=True)
    said = _days(given, count=count, usual=usual, lock=lock, wash=wash)
    with working(session.say("reasoning")):
        workspace.layer(session.named)
    with working(session.say("planning")) as bar:
        found = planning.week(
            workspace,
            said,
            session.named,
            tried=_tried(evidence),
            progress=_stages(session, bar.stage),
        )
    return Told(
        lambda: plandocs.week_json(found, session.sentences, session.lang),
        lambda: "\n".join(_week_lines(session, found, evidence)).strip("\n"),
        1 if found.undressed else 0,
    )


def _stages(session: Session, stage: Callable[[str, int, int], None]) -> Callable[[int, int], None]:
    label = session.say("planning")
    return lambda done, total: stage(label, done, total)


def _week_lines(session: Session, found: Week, evidence: str) -> list[str]:
    return [line for one in found.days for line in ["", *_day_lines(session, one, evidence)]]


def _day_lines(session: Session, one: ExplainedDay, evidence: str) -> list[str]:
    """Return one day: what it is for, its looks with their reasons, what rests, what is washed."""
    from wearwhy.explain.sentences import shortage_sentence
    from wearwhy.workspace import outfits

    planned = one.planned
    named = session.names(planned.layer)
    about = dict.fromkeys(named.of(o) for e in planned.asked.events for o in e.occasions)
    on = planned.asked.on
    day = session.say("weekdays").split("|")[on.weekday()]
    lines = [session.say("plan-day", weekday=day, date=on, about=named.say("list").join(about))]
    lines += ["  " + session.say("unrecognised", entry=e) for e in planned.asked.unrecognised]
    if planned.refused is not None:
        lines.append("  " + session.say("plan-none", note=planned.refused.note))
    for part, look in zip(planned.parts, one.looks, strict=True):
        when = part.request.part_of_day
        if len(one.looks) > 1 and when is not None:
            lines.append("  " + session.say("plan-part", part=named.of(when)))
        for shortage in part.shortages:
            there = session.names(part.layer)
            lines.append("  " + shortage_sentence(there, shortage, session.sentences))
        body = outfits.look_lines(
            look, session.sentences, session.lang, evidence=evidence == "text"
        )
        lines += [f"  {line}" for line in body]
    if planned.resting:
        resting = named.say("list").join(
            session.say("plan-rests-item", item=named.of(item), date=until)
            for item, until in planned.resting.items()
        )
        lines.append("  " + session.say("plan-rests", items=resting))
    if planned.washed:
        items = named.say("list").join(named.of(item) for item in planned.washed)
        lines.append("  " + session.say("plan-washed", items=items))
    return lines


@verb(
    "pack",
    examples=(
        'wearwhy pack --day "2026-11-24=office, dinner: 8C rain" --day "2026-11-25=hiking: 4C sun"',
        "wearwhy pack --date 2026-11-24 --days 2 --calendar calendar.ics --weather weather.csv",
        "wearwhy pack --date 2026-11-24 --days 2 --weather 8C --lock w16 --exclude w40 --json",
    ),
)
@with_request
@click.option(
    "--day",
    "stated",
    multiple=True,
    metavar='"DATE=OCCASION, …: WEATHER"',
    help="A day of the trip; may be given again. Without any, --date and --days say which.",
)
@days_option
@lock_option
@click.option("--rested", is_flag=True, help="Let things rest between wears, as at home.")
@usual_option
@evidence_option
def pack(
    session: Session,
    *,
    stated: tuple[str, ...],
    count: int,
    lock: tuple[str, ...],
    rested: bool,
    usual: str,
    evidence: str,
    **given: Any,
) -> Told:
    """Pack for a trip: the fewest owned items that dress every day of it.

    Things may be worn day after day, unless --rested. It is said whether the set is proved to be
    the smallest, over how many looks, what one item more would bring, and why the rest stays home.
    """
    from wearwhy.workspace import plandocs, planning

    workspace = session.open(usual=True)
    said = _days(given, stated=stated, count=count, usual=usual, lock=lock)
    with working(session.say("reasoning")):
        workspace.layer(session.named)
    with working(session.say("planning")) as bar:
        found = planning.pack(
            workspace,
            said,
            session.named,
            rested=rested,
            tried=_tried(evidence),
            progress=_stages(session, bar.stage),
        )
    return Told(
        lambda: plandocs.pack_json(found, session.sentences, session.lang),
        lambda: "\n".join(_pack_lines(session, found, evidence)),
        1 if any(day.planned.day is None for day in found.days) else 0,
    )


def _pack_lines(session: Session, found: Bag, evidence: str) -> list[str]:
    named, packed = session.names(found.layer), found.packed
    lines = [session.say("pack-head", n=len(packed.items))]
    lines += [f"  {item.value.rpartition('/')[2]}  {named.of(item)}" for item in packed.items]
    key = "pack-proved" if packed.proved else "pack-unproved"
    over = "pack-all-looks" if packed.whole else "pack-some-looks"
    lines.append(session.say(key, least=packed.least, looks=session.say(over, n=packed.considered)))
    if packed.more is not None:
        item, gain = packed.more
        lines.append(session.say("pack-more", item=named.of(item), gain=f"{gain:+.2f}"))
    for one in found.days:
        lines += ["", *_day_lines(session, one, evidence)]
    return [*lines, "", *_left_lines(session, found, named)]


def _left_lines(session: Session, found: Bag, named: Names) -> list[str]:
    """Return what stays home, by the reason."""
    lines = [session.say("pack-left")]
    by: dict[tuple[str, str], list[str]] = {}
    for one in found.packed.left:
        rule = named.of(one.rule) if one.rule is not None else ""
        by.setdefault((one.why, rule), []).append(named.of(one.item))
    order = Counter({key: len(items) for key, items in by.items()})
    for (why, rule), _ in sorted(order.items(), key=lambda one: (one[0][0], -one[1], one[0][1])):
        items = named.say("list").join(by[why, rule])
        lines.append("  " + session.say(f"pack-left-{why}", items=items, rule=rule))
    return lines


@verb(
    "gap",
    examples=(
        "wearwhy gap --occasion office --weather 8C --max-price 150",
        "wearwhy gap --from both --date 2026-11-24 --days 2 --weather 8C -n 2 --json",
    ),
)
@with_request
@_days_option(1)
@click.option("-n", "wanted", type=click.IntRange(1, 20), default=3, show_default=True)
@usual_option
def gap(session: Session, *, count: int, wanted: int, usual: str, **given: Any) -> Told:
    """Find the item of a catalogue that would unlock the most new looks of this wardrobe.

    Looks are counted for the days from --date on, for --occasion and --weather alone where no date
    is given, or else for the week that comes with wearwhy. A new look has the item and owned things,
    is forbidden by no rule, and is as good as the twentieth best that the wardrobe has for it.
    """
    from wearwhy.workspace import plandocs, planning

    workspace = session.open(usual=True)
    if given["source"] == "owned":
        given["source"] = _catalogue(session)
    said = _days(given, on=given["on"], count=count, usual=usual)
    with working(session.say("reasoning")):
        workspace.layer(session.named)
    with working(session.say("counting")) as bar:
        label = session.say("counting")
        found = planning.gap(
            workspace,
            said,
            session.named,
            n=wanted,
            progress=lambda done, total: bar.stage(label, done, total),
        )
    return Told(
        lambda: plandocs.gap_json(found, session.sentences, session.lang),
        lambda: "\n".join(_gap_lines(session, found)),
    )


def _catalogue(session: Session) -> str:
    """Return the one catalogue there is; both sources, where it has to be said which."""
    names = session.open().state.owners("catalogue")
    return f"catalogue:{names[0]}" if len(names) == 1 else "both"


def _gap_lines(session: Session, found: Lack) -> list[str]:
    from wearwhy.workspace import outfits

    named, told = session.names(found.layer), found.gap
    key = "gap-counted" if told.whole else "gap-counted-some"
    lines = [session.say(key, weighed=told.catalogue, counted=told.counted)]
    for place, offer in enumerate(told.offers, 1):
        item = f"{named.of(offer.item)} ({offer.item.value.rpartition('/')[2]})"
        lines += ["", session.say("gap-offer", n=place, item=item, looks=offer.count)]
        for new in sorted(offer.new, key=lambda one: -one.count):
            about = named.say("list").join(named.of(o) for o in new.request.occasions)
            on = new.request.date.isoformat() if new.request.date else ""
            lines.append("  " + session.say("gap-for", about=about, date=on, looks=new.count))
        best = max(offer.new, key=lambda one: round(one.looks[0].score, 9))
        body = outfits.look_lines(
            found.looks[best.looks[0].id], session.sentences, session.lang, evidence=False
        )
        lines += [f"  {line}" for line in body]
    return lines
