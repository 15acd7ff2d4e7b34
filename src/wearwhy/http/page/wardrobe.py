"""The wardrobe: a grid of what is owned, one item and what is known of it, a new wardrobe."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import Response

from wearwhy.errors import WearwhyError
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import vocabulary
from wearwhy.http.problems import status_of
from wearwhy.service.documents import Json
from wearwhy.service.items import item as item_document
from wearwhy.service.items import items
from wearwhy.service.wardrobes import create

PAGE: Final = 120
MOST: Final = 400
router = pages()


@router.get("/page/wardrobe")
async def wardrobe(frame: Looking, text: str = "", slot: str = "", cursor: str = "") -> Response:
    """Show what is owned, as a grid."""
    if frame.wardrobe is None:
        return frame.show("wardrobe.html", found=None, known=None, text="", slot="")
    about: dict[str, Any] = {"wardrobe": frame.wardrobe, "lang": frame.language}
    found = await frame.run(
        items, cursor=cursor or None, limit=PAGE, slot=slot or None, text=text or None, **about
    )
    known = await frame.run(vocabulary, **about)
    return frame.show("wardrobe.html", found=found, known=known, text=text, slot=slot)


@router.post("/page/wardrobe/new")
async def make(frame: Looking) -> Response:
    """Make a wardrobe."""
    form = await filled(frame)
    name = form.text("name").strip()
    await frame.run(create, name)
    return frame.go("/page/wardrobe", wardrobe=name, done="made")


@router.get("/page/items/{item:path}")
async def one(frame: Looking, item: str) -> Response:
    """Show an item: its picture, what is known of it and from where, and a form to correct it."""
    return await shown(frame, item, frame.wardrobe)


async def shown(
    frame: Frame, item: str, wardrobe: str | None, *, wrong: WearwhyError | None = None
) -> Response:
    """Return the page of an item, with what was wrong with what was sent for it."""
    about: dict[str, Any] = {"wardrobe": wardrobe, "lang": frame.language}
    found = await frame.run(item_document, item, **about)
    known = await frame.run(vocabulary, **about)
    return frame.show(
        "item.html",
        status_of(wrong) if wrong else 200,
        item=told_first(found),
        known=for_items(known),
        given=(),
        wrong=wrong,
    )


def told_first(found: Json) -> Json:
    """Return an item with its attributes in two parts: what was said or guessed, what follows."""
    named = found["attributes"].items()
    said = {
        name: one
        for name, one in named
        if any(value["kind"] in ("asserted", "predicted") for value in one["values"])
    }
    rest = {name: one for name, one in named if name not in said}
    return {**found, "said": said, "follows": rest}


def for_items(known: Json) -> Json:
    """Return the vocabulary with its properties in the order of their labels."""
    return {**known, "properties": sorted(known["properties"], key=lambda one: one["label"])}


@router.get("/page/values")
async def values(frame: Looking, property: str, text: str = "") -> Response:  # noqa: A002
    """Return the labels of a property's values, for what is being typed."""
    known = await frame.run(vocabulary, wardrobe=frame.wardrobe, lang=frame.language)
    chosen = [one for one in known["properties"] if one["id"] == property]
    found = [one["label"] for one in (chosen[0]["values"] or ()) if chosen] if chosen else []
    wanted = text.casefold()
    near = [label for label in found if wanted in label.casefold()] or found
    return frame.show("values.html", labels=near[:MOST])
