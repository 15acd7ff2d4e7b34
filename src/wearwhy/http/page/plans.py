"""Plans for several days: what to wear on each, and what to take on a trip; each look with its why.

The plan is made aside as a task, the same one that REST begins; the page waits for it for a while.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final, Literal

from starlette.responses import Response

from wearwhy.errors import InputError, NoAnswer, UnknownName, ValueRefused, WearwhyError
from wearwhy.http.page.forms import Filled, filled, number
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import labels_of, vocabulary
from wearwhy.rdf import curie, expand
from wearwhy.service.documents import Json
from wearwhy.service.items import items
from wearwhy.service.tasks import operations as tasks
from wearwhy.service.tasks.dated import Entries, entries_from
from wearwhy.workspace.asking import parse_day

PATIENCE: Final = 40.0
"""Seconds that are waited for a plan, before it goes on without the page."""
MOST_DAYS: Final = 14
MOST: Final = 200
FIELDS: Final = (
    "date", "days", "occasion", "degrees", "sky", "lock", "wash", "rested", "wearer", "calendar",
)  # fmt: skip
ORDER: Final = ("forbidden", "excluded", "apart", "extra", "spared")
Kind = Literal["week", "pack"]
router = pages()


@router.get("/page/week")
async def week(frame: Looking) -> Response:
    """Show the form for a plan of days, and the plan once it is there."""
    return await _shown(frame, "week")


@router.get("/page/pack")
async def pack(frame: Looking) -> Response:
    """Show the form for a suitcase, and what to take once it is known."""
    return await _shown(frame, "pack")


@router.post("/page/week")
async def plan_week(frame: Looking) -> Response:
    """Plan some days."""
    return await _begun(frame, "week")


@router.post("/page/pack")
async def plan_pack(frame: Looking) -> Response:
    """Find what to take."""
    return await _begun(frame, "pack")


async def _begun(frame: Frame, kind: Kind) -> Response:
    form = await filled(frame)
    known = await frame.run(vocabulary, wardrobe=form.wardrobe, lang="en")
    said = said_of(form, kind, known)
    task = await tasks.start(
        frame.service, frame.caller, kind, said, wardrobe=form.wardrobe, lang=frame.language
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            async for _ in tasks.events(frame.service, frame.caller, task["id"]):
                pass
    fields = {name: form.text(name) for name in FIELDS if form.text(name)}
    return frame.go(f"/page/{kind}", **fields, task=task["id"])


def said_of(form: Filled, kind: Kind, known: Json) -> Json:
    """Return what a form says of the days, as the task takes it.

    Raises:
        ValueRefused: WW-PAGE-DAYS, WW-PAGE-NUMBER.
    """
    days, sky = form.text("days") or "7", form.text("sky")
    if not days.isdecimal() or not 1 <= int(days) <= MOST_DAYS:
        raise ValueRefused("WW-PAGE-DAYS", f"Ask for one to {MOST_DAYS} days.")
    degrees = number(form.text("degrees"))
    weather = "" if degrees is None else f"{degrees:.2f}".rstrip("0").rstrip(".") + "C"
    words = {curie(expand(one["id"])): one["label"] for one in known["weather"]}
    weather = " ".join(one for one in (weather, words.get(sky, "")) if one)
    said: Json = {
        "date": form.text("date") or date.today().isoformat(),  # noqa: DTZ011  # the wearer's day
        "days": int(days),
        "occasions": [one for one in (form.text("occasion"),) if one],
        "weather": weather or None,
        "locked": [one for one in form.texts("lock") if one],
        "wearer": form.text("wearer") or None,
        "calendar": form.text("calendar") or None,
    }
    if kind == "pack":
        return {**said, "rested": bool(form.text("rested"))}
    return {**said, "wash": [one for one in (form.text("wash"),) if one]}


async def _shown(frame: Frame, kind: Kind) -> Response:
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    said = frame.request.query_params
    asked = {name: str(said.get(name, "")) for name in FIELDS}
    asked["date"] = asked["date"] or (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011
    asked["days"] = asked["days"] or ("7" if kind == "week" else "4")
    about: dict[str, Any] = {"wardrobe": frame.wardrobe, "lang": frame.language}
    task: Json | None = None
    wrong: WearwhyError | None = None
    if said.get("task"):
        try:
            task = await tasks.task(frame.service, frame.caller, str(said["task"]))
        except UnknownName as error:  # of another's too; or the service began anew meanwhile
            wrong = error
    if task is not None and task["kind"] != kind:
        task = None
    problem = (task or {}).get("problem")
    if problem:
        wrong = NoAnswer(
            problem["code"], problem["message"], note=problem["note"], hint=problem["hint"]
        )
    found = (task or {}).get("result")
    entries: Entries = {}
    gone: WearwhyError | None = None
    try:
        if asked["calendar"]:
            first, count = parse_day(asked["date"]), _count(asked["days"])
            entries = await frame.run(entries_from, asked["calendar"], first, count)
    except (InputError, UnknownName) as error:  # it is kept for a day only, and for a year around
        gone = error
    there = await frame.run(items, limit=MOST, **about)
    return frame.show(
        "plan.html",
        kind=kind,
        asked=asked,
        known=await frame.run(vocabulary, **about),
        owned=sorted(there["items"], key=lambda one: str(one["label"])),
        task=task,
        wrong=wrong,
        found=found and await _told(frame, found),
        entries=entries,
        gone=gone,
        most_days=MOST_DAYS,
    )


def _count(days: str) -> int:
    """Return for how many days a text asks; none, where it is no number of days."""
    return int(days) if days.isdecimal() and len(days) < 3 and int(days) <= MOST_DAYS else 0


async def _told(frame: Frame, found: Json) -> Json:
    """Return a plan's document with its looks where they stand, and with what things are called."""
    looks = {one["id"]: one for one in found["looks"]}
    days = []
    for day in found["days"]:
        asked = [one for request in day["requests"] for one in request.get("occasions", ())]
        days.append(
            {
                **day,
                "on": date.fromisoformat(day["date"]),
                "weekday": date.fromisoformat(day["date"]).weekday(),
                "occasions": list(dict.fromkeys(asked)),
                "looks": [looks[one] for one in day["looks"]],
                "parts": [one.get("part_of_day", "") for one in day["requests"]],
                "entries": [one.get("entries", []) for one in day["requests"]],
                "unrecognised": day.get("unrecognised", []),
                "resting": day.get("resting", []),
                "washed": day.get("washed", []),
                "shortages": day.get("shortages", []),
                "refused": day.get("refused"),
            }
        )
    left: dict[tuple[str, str], list[str]] = {}
    for one in found.get("left_out", ()):
        left.setdefault((one["why"], one["rule"] or ""), []).append(one["label"])
    iris = [
        *(item["slot"] for look in looks.values() for item in look["items"]),
        *(one for day in days for one in (*day["occasions"], *day["parts"]) if one),
        *(rule for _, rule in left if rule),
    ]
    labels = await frame.run(labels_of, iris, frame.wardrobe, frame.language)
    return {
        **found,
        "days": days,
        "labels": labels,
        "left": [
            {"why": why, "rule": labels.get(rule, ""), "items": those}
            for (why, rule), those in sorted(
                left.items(), key=lambda one: (ORDER.index(one[0][0]), -len(one[1]))
            )
        ],
    }
