"""What is told of a file: its document, and the entries of a calendar."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, TypeAlias

from wearwhy.service.uploads.keeping import Upload
from wearwhy.service.uploads.limits import Form, Kind
from wearwhy.service.wishing import Event

Json: TypeAlias = dict[str, Any]


def said(
    form: Form, found: Json, data: bytes, mapping: str | None, about: str | None
) -> tuple[Json, str]:
    """Return what the document tells of a file, and the ending of what is kept beside it."""
    if form.kind is Kind.PHOTOGRAPH:
        size = {"width": found["width"], "height": found["height"], "bytes": len(data)}
        return {"item": about, **size}, found["ending"]
    if form.kind is Kind.CALENDAR:
        return found, ""
    return {"mapping": mapping, **found}, ".nq"


def document(one: Upload) -> Json:
    """Return the document of what became of a file."""
    told = dict(one.said)
    if one.kind == Kind.CALENDAR:
        entries = told.pop("entries")
        told["entries"] = len(entries)
        told["days"] = dict(sorted(Counter(entry["start"][:10] for entry in entries).items()))
    target, _, own = one.owner.partition("/")
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "state": one.state,
        "created": one.created,
        "expires": one.expires.isoformat(timespec="seconds"),
        target: own,
        **told,
    }


def touches(entry: Json, on: date) -> bool:
    """Return whether an entry of a calendar touches a day."""
    start, end = datetime.fromisoformat(entry["start"]), datetime.fromisoformat(entry["end"])
    midnight = end > start and end.time() == end.min.time()
    last = end.date().toordinal() - midnight
    return start.date().toordinal() <= on.toordinal() <= max(last, start.date().toordinal())


def event(entry: Json) -> Event:
    """Return an entry of a calendar as requests take it."""
    whole = bool(entry["all_day"])
    return Event(
        entry["summary"],
        None if whole else datetime.fromisoformat(entry["start"]),
        None if whole else datetime.fromisoformat(entry["end"]),
        entry["location"],
    )
