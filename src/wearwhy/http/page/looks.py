"""Looks: what to dress for, three looks side by side, and why each is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from wearwhy.errors import InputError, NoAnswer, UnknownName, WearwhyError
from wearwhy.http.page.calendars import entries_of
from wearwhy.http.page.forms import is_whole, number, whole
from wearwhy.http.page.frame import Looking
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import vocabulary
from wearwhy.rdf import NamedNode, curie
from wearwhy.service.documents import Json
from wearwhy.service.items import items
from wearwhy.service.looks import recommend
from wearwhy.service.wishing import Event, Report, Wish
from wearwhy.workspace.asking import parse_day

MOST_LOOKS: Final = 6
MOST_ITEMS: Final = 200
WARMER: Final = 0.25
"""How freely other looks are drawn, in points."""
SHOWN_TERMS: Final = 6
router = pages()


@router.get("/")
@router.get("/page")
async def home() -> Response:
    """Send to the looks."""
    return RedirectResponse("/page/looks", 303)


@router.get("/page/looks")
async def looks(frame: Looking) -> Response:
    """Show what to dress for, and looks for it, once something is asked."""
    said = frame.request.query_params
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    known = await frame.run(vocabulary, wardrobe=frame.wardrobe, lang=frame.language)
    asked = {name: str(said.get(name, "")) for name in _FIELDS}
    asked["date"] = asked["date"] or date.today().isoformat()  # noqa: DTZ011 (the wearer's day)
    locked, excluded = names_said(said, "lock"), names_said(said, "exclude")
    events: tuple[Event, ...] = ()
    wrong: WearwhyError | None = None
    try:
        events = await entries_of(frame, asked["calendar"], asked["date"])
    except (InputError, UnknownName) as error:  # it is kept for a day only, and for a year around
        wrong = error
    # Who says nothing yet sees what to wear today.
    by_itself = not any(name in said for name in (*_FIELDS, "lock", "exclude", "without", "go"))
    wanted = by_itself or "go" in said or "seed" in said or "without" in said
    excluded = (*excluded, *names_said(said, "without"))
    locked = tuple(one for one in locked if one not in excluded)
    owned: list[Json] = []
    found: Json | None = None
    if wanted and wrong is None:
        try:
            # They are asked for first: what is locked has its name where no look is found, too.
            there = await frame.run(
                items, limit=MOST_ITEMS, wardrobe=frame.wardrobe, lang=frame.language
            )
            owned = sorted(there["items"], key=lambda one: str(one["label"]))
            locked, excluded = each_once(locked, owned), each_once(excluded, owned)
            locked = tuple(one for one in locked if one not in excluded)
            wish = wish_of(asked, events, locked, excluded)
            found = await frame.run(recommend, wish, wardrobe=frame.wardrobe, lang=frame.language)
        except NoAnswer as error:
            wrong = None if by_itself else error
    return frame.show(
        "looks.html",
        known=known,
        asked=asked,
        locked=locked,
        excluded=excluded,
        labels=_labels(found, known, owned),
        events=events,
        found=found and {**found, "looks": [grouped(look) for look in found["looks"]]},
        owned=owned,
        wrong=wrong,
        by_itself=by_itself,
        seed=int(asked["seed"]) if is_whole(asked["seed"]) else 0,
        shown_terms=SHOWN_TERMS,
        most=most_of(found),
        tomorrow=(date.today() + timedelta(days=1)).isoformat(),  # noqa: DTZ011
    )


_FIELDS: Final = (
    "occasion",
    "then",
    "date",
    "degrees",
    "sky",
    "wind",
    "part",
    "dress",
    "n",
    "source",
    "wearer",
    "seed",
    "calendar",
)


def names_said(said: QueryParams, name: str) -> tuple[str, ...]:
    """Return what an address says of a name, each once."""
    return tuple(dict.fromkeys(str(one) for one in said.getlist(name) if one))


def each_once(said: Sequence[str], owned: Sequence[Json]) -> tuple[str, ...]:
    """Return the compact names of the items that are said by id or IRI, each once.

    What says none of them, such as a label, stands as it is.
    """
    short = Counter(one["id"].rpartition("/")[2] for one in owned)
    names = {one["id"]: curie(NamedNode(one["id"])) for one in owned}
    names |= {
        last: name
        for iri, name in names.items()
        if short[last := iri.rpartition("/")[2]] == 1  # of two, which one is for others to say
    }
    return tuple(dict.fromkeys(names.get(one, one) for one in said))


def wish_of(
    asked: Mapping[str, str],
    events: tuple[Event, ...],
    locked: tuple[str, ...] = (),
    excluded: tuple[str, ...] = (),
) -> Wish:
    """Return the wish that the fields of the panel are.

    Raises:
        ValueRefused: WW-DATE, WW-PAGE-NUMBER.
    """
    seed = whole(asked.get("seed", "")) or 0
    occasions = tuple(one for one in (asked.get("occasion"), asked.get("then")) if one)
    degrees, wind = (number(asked.get(name, "")) for name in ("degrees", "wind"))
    sky = asked.get("sky", "")
    report = Report(temperature=degrees, wind=wind, conditions=(sky,) if sky else ())
    told = sky or degrees is not None or wind is not None
    return Wish(
        occasions=occasions,
        on=parse_day(asked["date"]) if asked.get("date") else None,
        weather=report if told else None,
        calendar=events,
        lock=locked,
        exclude=excluded,
        source=asked.get("source") or "owned",
        n=min(MOST_LOOKS, max(1, whole(asked.get("n", "")) or 3)),
        part=asked.get("part") or None,
        dress_code=asked.get("dress") or None,
        wearer=asked.get("wearer") or None,
        decode="sample" if seed else "beam",
        temperature=WARMER,
        seed=seed,
    )


def grouped(look: Json) -> Json:
    """Return a look whose terms of one label are one, with how many they are."""
    sums: dict[str, Json] = {}
    for term in look["terms"]:
        known = sums.setdefault(term["label"], {**term, "value": 0.0, "n": 0})
        known["value"] += term["value"]
        known["n"] += 1
    return {**look, "terms": list(sums.values()), "all_terms": len(look["terms"])}


def most_of(found: Json | None) -> float:
    """Return the largest term of all looks, in points: how long the longest bar is."""
    looks = (grouped(look) for look in (found or {}).get("looks", ()))
    values = [abs(term["value"]) for look in looks for term in look["terms"]]
    return max(values, default=1.0) or 1.0


def _labels(found: Json | None, known: Json, owned: list[Json]) -> dict[str, str]:
    """Return what items and slots are called, by IRI, as far as the answer says it."""
    labels: dict[str, str] = {one["id"]: one["label"] for one in [*known["slots"], *owned]}
    for look in (found or {}).get("looks", ()):
        labels |= {one["id"]: one["label"] for one in look["items"]}
    return labels | {curie(NamedNode(iri)): label for iri, label in labels.items()}


def asked_again(request: Request) -> dict[str, Any]:
    """Return the fields of the panel that an address carries on from page to page."""
    return {name: request.query_params.get(name, "") for name in _FIELDS}
