"""Changing what is owned: add an item, correct it, take it out, and say what was done with it."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from wearwhy.errors import InputError
from wearwhy.http.page.changes import seen
from wearwhy.http.page.forms import Filled, filled
from wearwhy.http.page.frame import Looking
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import vocabulary
from wearwhy.http.page.wardrobe import for_items, told_first
from wearwhy.rdf import NamedNode, curie
from wearwhy.service import feedback
from wearwhy.service.caller import Scope
from wearwhy.service.documents import Json
from wearwhy.service.items import add, correct, remove
from wearwhy.service.items import item as item_document
from wearwhy.workspace.asking import parse_day

router = pages()


def _pairs(form: Filled) -> list[tuple[str, str]]:
    """Return the properties and values that were filled in."""
    both = zip(form.texts("property"), form.texts("value"), strict=False)
    return [(name, value.strip()) for name, value in both if name and value.strip()]


def _by_name(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@router.get("/page/add")
async def new(frame: Looking) -> Response:
    """Show the form for an item."""
    frame.caller.require(Scope.WRITE)
    known = await frame.run(vocabulary, wardrobe=frame.wardrobe, lang=frame.language)
    return frame.show("add.html", known=for_items(known), given=(), name="", kind="")


@router.post("/page/add")
async def add_item(frame: Looking) -> Response:
    """Add an item, or show what that would change."""
    form = await filled(frame)
    name, kind, pairs = form.text("name").strip(), form.text("kind"), _pairs(form)
    about: dict[str, Any] = {"wardrobe": form.wardrobe, "lang": frame.language}
    if form.does == "save":
        made = await frame.run(add, kind, name, pairs, expected=form.expected, **about)
        return frame.go(f"/page/items/{curie(NamedNode(made['item']))}", done="added")
    found = await frame.slow(add, kind, name, pairs, preview=True, **about)
    known = await frame.run(vocabulary, **about)
    return await seen(
        frame,
        "add.html",
        found,
        action="/page/add",
        carried=[("name", name), ("kind", kind), *_carried(pairs)],
        wardrobe=form.wardrobe,
        own={found["item"]: name},
        known=for_items(known),
        given=pairs,
        name=name,
        kind=kind,
    )


def _carried(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [field for name, value in pairs for field in (("property", name), ("value", value))]


@router.post("/page/items/{item:path}")
async def change_item(frame: Looking, item: str) -> Response:
    """Correct an item or take it out, or show what that would change."""
    form = await filled(frame)
    about: dict[str, Any] = {"wardrobe": form.wardrobe, "lang": frame.language}
    gone, pairs = bool(form.text("gone")), _pairs(form)
    if not gone and not pairs:
        raise InputError("WW-PAGE-EMPTY", "Nothing was filled in: choose what to say, and say it.")
    save = form.does == "save"
    given: dict[str, Any] = {**about, "preview": not save, "expected": form.expected}
    run = frame.run if save else frame.slow
    if gone:
        found = await run(remove, item, **given)
    else:
        found = await run(correct, item, _by_name(pairs), **given)
    if save:
        if gone:
            return frame.go("/page/wardrobe", done="removed")
        return frame.go(f"/page/items/{item}", done=_told(found, "corrected"))
    return await seen(
        frame,
        "item.html",
        found,
        action=frame.request.url.path,
        carried=[
            ("gone", "1" if gone else ""),
            ("expected", form.text("expected")),
            *_carried(pairs),
        ],
        wardrobe=form.wardrobe,
        item=told_first(await frame.run(item_document, item, **about)),
        known=for_items(await frame.run(vocabulary, **about)),
        given=pairs,
    )


@router.post("/page/feedback")
async def tell(frame: Looking) -> Response:
    """Record what was worn, washed, liked or not."""
    form = await filled(frame)
    verb = form.text("verb")
    if verb not in feedback.VERBS:
        raise InputError("WW-PAGE-FORM", "That is nothing that is recorded.")
    # A look is worn on the day it was asked for; an opinion of it is today's.
    day = form.text("on") if verb == "wore" else ""
    thing = form.text("thing")
    made = await frame.run(
        feedback.record,
        verb,
        (thing,) if thing else (),
        look=form.text("look") or None,
        on=parse_day(day) if day else date.today(),  # noqa: DTZ011  # the wearer's day
        wardrobe=form.wardrobe,
    )
    where = f"/page/items/{thing}" if thing else "/page/history"
    return frame.go(where, done=_told(made, verb))


def _told(made: Json, done: str) -> str:
    """Return what is told of a change: that it is made, or that all of it was so before."""
    return done if made["added"] or made["removed"] else "already"
