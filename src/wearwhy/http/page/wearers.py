"""Who dresses: what is said of each, each word with its proof; said anew, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from wearwhy.http.page.changes import seen
from wearwhy.http.page.forms import Filled, filled, number
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import labels_of, vocabulary
from wearwhy.rdf import SCHEMA, WW
from wearwhy.service import wearers as operations
from wearwhy.service.documents import Json
from wearwhy.workspace.wearers import Said

MANY = ("sizes", "dislikes", "never")
FIELDS = ("who", "sizes", "warmth", "hemisphere", "dislikes", "never")
router = pages()


@router.get("/page/wearers")
async def wearers(frame: Looking) -> Response:
    """Show what is said of everybody who dresses from a wardrobe."""
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    return frame.show("wearers.html", **await _about(frame, frame.wardrobe))


async def _about(frame: Frame, wardrobe: str | None) -> dict[str, Any]:
    found = await frame.run(operations.wearers, wardrobe=wardrobe)
    iris = [iri for one in found["wearers"] for iri in _named(one)]
    return {
        "found": found,
        "labels": await frame.run(labels_of, iris, wardrobe, frame.language),
        "known": await frame.run(vocabulary, wardrobe=wardrobe, lang=frame.language),
        "given": dict.fromkeys(FIELDS, ""),
        "covered": (),
    }


def _named(one: Json) -> list[str]:
    lived = [one["hemisphere"]] if one["hemisphere"] else []
    return [*one["sizes"], *one["covers"], *lived, *one["dislikes"], *one["never"], one["id"]]


@router.post("/page/wearers")
async def say(frame: Looking) -> Response:
    """Say something of a wearer or take everything back, or show what that would change."""
    form = await filled(frame)
    who = form.text("who").strip()
    save, gone = form.does == "save", bool(form.text("gone"))
    given: dict[str, Any] = {
        "wardrobe": form.wardrobe,
        "preview": not save,
        "expected": form.expected,
        "lang": frame.language,
    }
    run = frame.run if save else frame.slow
    if gone:
        change = await run(operations.forget, who, **given)
    else:
        change = await run(operations.say, who, said_of(form), **given)
    if save:
        return frame.go("/page/wearers", done="wearer")
    kept = {name: form.text(name) for name in FIELDS}
    about = await _about(frame, form.wardrobe)
    covered = tuple(form.texts("covered"))
    whole = change["facts"]
    own = await _sizings(frame, [*whole["gained"], *whole["lost"]], who, form.wardrobe)
    told = {side: [one for one in those if _says(one, own)] for side, those in whole.items()}
    return await seen(
        frame,
        "wearers.html",
        {**change, "facts": told},
        action="/page/wearers",
        carried=[
            *kept.items(),
            *(("covered", one) for one in covered),
            ("gone", "1" if gone else ""),
            ("expected", form.text("expected")),
        ],
        wardrobe=form.wardrobe,
        own=own,
        **{**about, "given": about["given"] if gone else kept, "covered": covered},
    )


async def _sizings(
    frame: Frame, facts: Sequence[Json], who: str, wardrobe: str | None
) -> dict[str, str]:
    """Return what the nodes that hold somebody's sizes are called: whose, and in which place."""
    places = {
        one["subject"]["value"]: one["object"]["value"]
        for one in facts
        if one["predicate"]["value"] == WW.sizedSlot.value
    }
    iris = [*places.values(), *([who] if "://" in who else [])]
    labels = await frame.run(labels_of, iris, wardrobe, frame.language)
    called = labels.get(who, who)
    return {
        node: frame.say("sizing-of", who=called, slot=labels[slot]) for node, slot in places.items()
    }


def _says(fact: Json, sizings: Mapping[str, str]) -> bool:
    """Return whether a fact says more than that there is a node which holds a size."""
    held = fact["subject"]["value"] in sizings
    if held:
        return bool(fact["predicate"]["value"] == SCHEMA["size"].value)
    return fact["object"]["value"] not in sizings


def said_of(form: Filled) -> Said:
    """Return what a form says of a wearer.

    Raises:
        ValueRefused: WW-PAGE-NUMBER, where the warmth is no number.
    """
    many = {
        name: tuple(
            one.strip() for one in form.text(name).replace("；", ";").split(";") if one.strip()
        )
        for name in MANY
    }
    return Said(
        None,
        many["sizes"],
        tuple(form.texts("covered")),
        number(form.text("warmth")),
        form.text("hemisphere") or None,
        many["dislikes"],
        many["never"],
    )
