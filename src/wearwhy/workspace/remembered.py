"""Looks that were shown, kept beside the store so that they can be asked about later.

A look is no change of the graph: it is stored as its request, its items, the revision and the
seed, and replayed when somebody asks why.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from wearwhy.errors import FormatError, Place, UnknownName, nearest
from wearwhy.explain.document import request_json
from wearwhy.feeds.weather import Weather
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import NamedNode


def remember(folder: Path, look: Look, revision: int) -> None:
    """Write a look down under its id."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "id": look.id,
        "revision": revision,
        "seed": look.seed,
        "template": look.template.value,
        "request": request_json(look.request),
        "items": [{"item": p.item.value, "slot": p.slot.value} for p in look.placed],
    }
    path = folder / f"{look.id}.json"
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")


def recall(folder: Path, name: str) -> dict[str, Any]:
    """Return what was written down of a look.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN, with the nearest id.
        FormatError: WW-LOOK-FILE, where the file is broken.
    """
    known = sorted(p.stem for p in folder.glob("look-*.json")) if folder.is_dir() else []
    if name not in known:
        near = nearest(name, known)
        raise UnknownName(
            "WW-LOOK-UNKNOWN",
            f"There is no look '{name}' in this workspace.",
            hint=f"Did you mean '{near}'?"
            if near
            else "Looks are kept when `recommend` shows them.",
        )
    path = folder / f"{name}.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise FormatError(
            "WW-LOOK-FILE", f"{path.name} is not JSON.", note=str(error), place=Place(str(path))
        ) from error
    return found


def request_from(said: dict[str, Any]) -> Request:
    """Return the request of a look as it was asked."""
    weather = said.get("weather")
    return Request(
        occasions=_nodes(said, "occasions"),
        date=date.fromisoformat(said["date"]) if "date" in said else None,
        weather=Weather(
            temperature=weather.get("temperature"),
            low=weather.get("low"),
            high=weather.get("high"),
            rainfall=weather.get("rainfall"),
            wind=weather.get("wind"),
            conditions=tuple(NamedNode(c) for c in weather["conditions"]),
        )
        if weather is not None
        else None,
        wearer=_node(said, "wearer"),
        locked=_nodes(said, "locked"),
        excluded=_nodes(said, "excluded"),
        source=said["source"],
        n=said["n"],
        part_of_day=_node(said, "part_of_day"),
        dress_code=_node(said, "dress_code"),
        entries=tuple(said.get("entries", ())),
    )


def _node(said: dict[str, Any], name: str) -> NamedNode | None:
    return NamedNode(said[name]) if name in said else None


def _nodes(said: dict[str, Any], name: str) -> tuple[NamedNode, ...]:
    return tuple(NamedNode(value) for value in said.get(name, ()))
