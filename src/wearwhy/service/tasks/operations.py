"""Beginning long work, looking at it, following it and stopping it: who may, and what is told."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path
from typing import Any

from wearwhy.errors import ValueRefused
from wearwhy.feeds import weather
from wearwhy.service.caller import Caller
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.tasks.child import called
from wearwhy.service.tasks.dated import DATED, USUAL, Entries, as_file, entries_from
from wearwhy.service.tasks.kinds import kind_of, words
from wearwhy.service.tasks.registry import Work
from wearwhy.service.tasks.task import Task
from wearwhy.workspace.asking import parse_day


async def start(
    service: Service,
    caller: Caller,
    kind: str,
    given: Json,
    *,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Begin long work and return its document.

    Args:
        service: that does it.
        caller: who asks.
        kind: of `kinds.KINDS`.
        given: what is said of it, by name; of a plan also the `calendar` that was sent, by its id.
        wardrobe: that it is about.
        lang: of labels.

    Raises:
        UnknownName: WW-TASK-KIND, WW-TASK-OPTION, WW-UPLOAD-NONE.
        InputError: WW-UPLOAD-NO-CALENDAR, WW-CALENDAR-RANGE.
        ValueRefused: WW-TASK-VALUE; and what is said of the weather is not understood.
        TooMany: WW-TASK-MANY.
    """
    meant = kind_of(kind)
    caller.require(meant.scope)
    name = caller.wardrobe(wardrobe, meant.role)
    given, calendar = _undated(kind, given)
    line = ["--wardrobe", name, "--lang", lang, *words(meant, given)]
    days = (day.partition("=")[2].partition(":")[2] for day in given.get("day", ()))
    for text in (given.get("weather") or "", *days):
        if text.strip():
            await service.run(_require_weather, caller, text.strip())
    entries = await service.run(_entries, caller, calendar, given) if calendar else None
    folder = service.folder.resolve()

    async def work(task: Task) -> Any:
        with tempfile.TemporaryDirectory(prefix="wearwhy-days-") as own:
            days = []
            if entries is not None:
                path = Path(own) / "calendar.ics"
                path.write_bytes(as_file(entries))
                days.append(f"--calendar={path}")
            return await called(
                folder,
                [*line, *days],
                seconds=meant.seconds,
                memory=meant.memory,
                progress=task.went_on,
                account=caller.account,
            )

    return begun(service, caller, kind, work, wardrobe=name)


def begun(
    service: Service, caller: Caller, kind: str, work: Work, *, wardrobe: str, gated: bool = True
) -> Json:
    """Put work into the line and return the document of its task.

    Args:
        service: that does it.
        caller: whose it is.
        kind: as its document tells.
        work: that is done.
        wardrobe: that it is about; empty: none.
        gated: whether it waits while others run.

    Raises:
        TooMany: WW-TASK-MANY.
    """
    task = Task(f"task-{secrets.token_urlsafe(12)}", caller.account, kind, wardrobe)
    service.tasks.begin(task, work, gated=gated)
    return task.as_dict()


def _undated(kind: str, given: Json) -> tuple[Json, str]:
    """Return what is said of days apart from their calendar, and its id; empty where there is none.

    The days of a calendar are said, whoever counts them otherwise.

    Raises:
        ValueRefused: WW-TASK-VALUE.
    """
    if kind not in DATED:
        return given, ""
    if not given.get("calendar"):
        return {name: value for name, value in given.items() if name != "calendar"}, ""
    today = date.today()  # noqa: DTZ011  # the wearer's day
    found = {"date": today.isoformat(), "days": USUAL, **given}
    calendar = found.pop("calendar")
    if not isinstance(calendar, str):
        raise ValueRefused("WW-TASK-VALUE", "That is no value of calendar.")
    return found, calendar


def _entries(service: Service, caller: Caller, calendar: str, given: Json) -> Entries:
    first = parse_day(str(given["date"]))
    return entries_from(service, caller, calendar, first, int(given["days"]))


def _require_weather(service: Service, caller: Caller, text: str) -> None:
    """Refuse what is not the weather in words: the command line would look for such a file."""
    del caller
    weather.said(text, service.workspace.names)


async def task(service: Service, caller: Caller, name: str) -> Json:
    """Return one task with its result.

    Raises:
        UnknownName: WW-TASK-NONE.
    """
    return service.tasks.get(caller, name).as_dict()


async def tasks(service: Service, caller: Caller) -> Json:
    """Return the tasks of a caller, newest first, without their results."""
    return {"tasks": [one.as_dict(whole=False) for one in service.tasks.of(caller)]}


async def stop(service: Service, caller: Caller, name: str) -> Json:
    """Stop a task; one that is over stays as it is.

    Raises:
        UnknownName: WW-TASK-NONE.
    """
    found = service.tasks.get(caller, name)
    await service.tasks.stop(found)
    return found.as_dict()


async def events(
    service: Service, caller: Caller, name: str, after: int = 0
) -> AsyncGenerator[tuple[int, Json], None]:
    """Yield the number and the document of a task each time that it went on, until it is over.

    Args:
        service: that does it.
        caller: who asks.
        name: of the task.
        after: the number of what was seen last; what came before is not told again. A number that
            the task has not come to is of another life of the service, and says nothing.

    Raises:
        UnknownName: WW-TASK-NONE.
    """
    found = service.tasks.get(caller, name)
    seen = after if after <= found.version else 0
    while True:
        if found.version > seen:
            seen = found.version
            yield seen, found.as_dict()
        elif found.over:  # and nothing came while the last was taken
            return
        else:
            await found.next(seen)
