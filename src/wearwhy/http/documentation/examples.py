"""Examples of requests and of what is answered to them, as `tools/examples.py` wrote them down."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("examples.json")
Json = dict[str, Any]


@lru_cache(maxsize=1)
def examples() -> dict[str, Json]:
    """Return the examples, by method and path such as `GET /items/{item}`.

    Each has the `request` (`path`, `query`, `headers`, `media`, `body`: what it has of these), the
    `status`, and of the answer the `media` and the `body`, where it has any.
    """
    found: dict[str, Json] = json.loads(FILE.read_text("utf-8"))
    return found


def show(paths: dict[str, Json]) -> None:
    """Put the examples where the path items of a document have their place for them."""
    for path, ways in paths.items():
        for method, way in ways.items():
            one = examples().get(f"{method.upper()} {path}")
            if one is not None:
                _show(way, one)


def _show(way: Json, one: Json) -> None:
    sent = one["request"]
    said = {**sent.get("path", {}), **sent.get("query", {}), **sent.get("headers", {})}
    for parameter in way.get("parameters", ()):
        if parameter["name"] in said:
            parameter["example"] = said[parameter["name"]]
    content = way.get("requestBody", {}).get("content", {})
    if sent.get("media") in content:
        content[sent["media"]]["example"] = sent["body"]
    answered = way["responses"].setdefault(str(one["status"]), {"description": "Done."})
    if "media" in one:
        answered.setdefault("content", {}).setdefault(one["media"], {})["example"] = one["body"]
