"""Finishing an outfit: what goes with the pieces that are chosen, place by place, and why."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from starlette.responses import Response

from wearwhy.errors import NoAnswer, ValueRefused, WearwhyError
from wearwhy.http.page.frame import Looking
from wearwhy.http.page.looks import asked_again, names_said, wish_of
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import vocabulary
from wearwhy.http.problems import status_of
from wearwhy.outfit.templates import slots
from wearwhy.rdf import WW, NamedNode, curie
from wearwhy.service.caller import Caller
from wearwhy.service.documents import Json
from wearwhy.service.items import items
from wearwhy.service.looks import complete
from wearwhy.service.service import Service
from wearwhy.service.speaking import names

EACH: Final = 4
"""So many items are shown for a place."""
MOST: Final = 200
CHOSEN: Final = 12
"""More pieces than that nobody wears at once."""
router = pages()


@router.get("/page/complete")
async def finish(frame: Looking) -> Response:
    """Show what is owned, to choose from, and what goes with what was chosen."""
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    said = frame.request.query_params
    asked: dict[str, Any] = asked_again(frame.request)
    asked["date"] = asked["date"] or date.today().isoformat()  # noqa: DTZ011  # the wearer's day
    about: dict[str, Any] = {"wardrobe": frame.wardrobe, "lang": frame.language}
    places = await frame.run(by_place, **about)
    labels = {curie(NamedNode(one["id"])): one["label"] for _, those in places for one in those}
    spelt = {name.rpartition("/")[2]: name for name in labels}
    given = tuple(dict.fromkeys(spelt.get(one, one) for one in names_said(said, "given")))
    found: Json | None = None
    wrong: WearwhyError | None = None
    if len(given) > CHOSEN:
        wrong = ValueRefused("WW-PAGE-CHOSEN", f"Choose {CHOSEN} pieces at most.")
    elif given:
        try:
            wish = wish_of({**asked, "n": ""}, ())
            found = await frame.slow(complete, given, wish, **about)
        except (NoAnswer, ValueRefused) as error:
            wrong = error
    return frame.show(
        "complete.html",
        status_of(wrong) if wrong else 200,
        known=await frame.run(vocabulary, **about),
        asked=asked,
        given=given,
        places=places,
        labels=labels,
        found=found and _by_slot(found, places),
        wrong=wrong,
    )


def by_place(
    service: Service, caller: Caller, *, wardrobe: str | None, lang: str
) -> list[tuple[Json, list[Json]]]:
    """Return the places of an outfit, each with the items for it; an item stands in its first."""
    there = items(service, caller, limit=MOST, wardrobe=wardrobe, lang=lang)["items"]
    layer = service.workspace.layer(caller.wardrobe(wardrobe))
    named = names(layer, lang)
    found: dict[NamedNode, list[Json]] = {slot: [] for slot in slots(layer)}
    for one in sorted(there, key=lambda one: str(one["label"])):
        fits = set(layer.objects(NamedNode(one["id"]), WW.slot))
        place = next((slot for slot in found if slot in fits), None)
        if place is not None:
            found[place].append(one)
    return [({"id": slot.value, "label": named.of(slot)}, those) for slot, those in found.items()]


def _by_slot(found: Json, places: list[tuple[Json, list[Json]]]) -> list[Json]:
    """Return the places that something was found for, in the order in which one dresses."""
    labels = {slot["id"]: slot["label"] for slot, _ in places}
    by: dict[str, list[Json]] = {}
    for look in found["looks"]:
        by.setdefault(look["adds"]["slot"], []).append(look)
    order = [slot for slot in labels if slot in by] + [slot for slot in by if slot not in labels]
    return [
        {"label": labels.get(slot, slot), "best": by[slot][0], "others": by[slot][1:EACH]}
        for slot in order
    ]
