"""Looks that were shown, kept beside the store so that they can be asked about later.

A look is no change of the graph: it is stored as its request, its items, the revision, the seed
and the terms that were shown, and replayed when somebody asks why.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal

from wearwhy.errors import FormatError, Place, UnknownName, nearest
from wearwhy.explain.document import request_json, term_json
from wearwhy.feeds.weather import Weather
from wearwhy.outfit.filters import filters_from
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.outfit.score import Term
from wearwhy.rdf import Fact, NamedNode, Node

LOOKS: Final = "looks"
MOST: Final = 4096
"""So many looks of a wardrobe are kept: who asks without end does not fill the disk."""
MANY: Final = 64
"""After an answer of so many looks it is seen to at once that no more than `MOST` are kept."""
_ID: Final = re.compile(r"look-[0-9A-Za-z]+")
LAST: Final = "last.json"
"""Beside the looks: the ids of those that were shown last, in their order."""


def folder_of(workspace: Path, wardrobe: str | None) -> Path:
    """Return the folder of a wardrobe's looks; where there is none yet, that of the base's.

    Each wardrobe has its own, named after it in letters that every file system takes.
    """
    if wardrobe is None:
        return workspace / LOOKS
    return workspace / LOOKS / quote(wardrobe, safe="").replace(".", "%2E")


def remember(
    folder: Path, look: Look, revision: int, *, before: Iterable[str] = (), place: int | None = 1
) -> None:
    """Write a look down under its id.

    Args:
        folder: of looks.
        look: that was shown.
        revision: of the graph.
        before: the ids of the looks that were shown above it.
        place: among the looks of its request, from 1; None for what completes an outfit, which is
            one among what fits a slot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "id": look.id,
        "revision": revision,
        "seed": look.seed,
        "template": look.template.value,
        "request": request_json(look.request),
        "items": [{"item": p.item.value, "slot": p.slot.value} for p in look.placed],
        **({} if place is None else {"place": place}),
        "before": list(before),
        "score": look.score,
        "terms": [_term_json(term) for term in look.terms],
    }
    _write(folder / f"{look.id}.json", said)


def remember_all(
    folder: Path, answers: Iterable[Iterable[Look]], revision: int, *, ranked: bool = True
) -> None:
    """Write down the looks of an answer: one list a request, each in the order it is shown.

    Args:
        folder: of looks.
        answers: that are shown.
        revision: of the graph.
        ranked: whether a look's place in its list is its place among the looks of its request.
    """
    shown: list[str] = []
    for looks in answers:
        above: list[str] = []
        for place, look in enumerate(looks, 1):
            remember(folder, look, revision, before=above, place=place if ranked else None)
            above.append(look.id)
        shown += above
    if shown:
        _note(folder, shown, revision)
    if len(shown) >= MANY:
        prune(folder)


def shown_again(folder: Path, looks: Sequence[str], revision: int) -> bool:
    """Note looks of an answer that is given again as those that were shown last.

    Returns:
        Whether all of them are still written down; if not, nothing is noted.
    """
    if not all(os.path.exists(f"{folder}/{look}.json") for look in looks):  # noqa: PTH110  # swift
        return False
    if looks:
        # A full disk keeps nobody from what was answered before.
        with suppress(OSError):
            _note(folder, looks, revision)
    return True


def _note(folder: Path, looks: Sequence[str], revision: int) -> None:
    path, said = folder / LAST, _text({"revision": revision, "looks": list(looks)})
    with suppress(OSError):
        if path.read_bytes().startswith(said):
            return
    # In one piece, since others read it meanwhile, and over what was there: to make a file or to
    # empty one takes far longer. What is left of a longer line is not read.
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
    try:
        os.write(file, said)
    finally:
        os.close(file)


def _write(path: Path, said: dict[str, Any]) -> None:
    path.write_bytes(_text(said))


def _text(said: dict[str, Any]) -> bytes:
    # Without indentation json writes in C: a look with its terms takes a third of a millisecond.
    return (json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def prune(folder: Path, most: int = MOST) -> None:
    """Delete the looks that were written down longest ago, so that no more than `most` remain."""
    looks = (entry for entry in os.scandir(folder) if entry.name.startswith("look-"))
    found = [(entry.stat().st_mtime_ns, entry.path) for entry in looks]
    for _, path in sorted(found)[: max(0, len(found) - most)]:
        Path(path).unlink(missing_ok=True)


def recall(folder: Path, name: str) -> dict[str, Any]:
    """Return what was written down of a look.

    Args:
        folder: of looks.
        name: its id; or a number, from 1: its place among the looks that were shown last.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN, with the nearest id.
        FormatError: WW-LOOK-FILE, where the file is broken.
    """
    wanted = _by_number(folder, int(name)) if name.isdecimal() else name
    # Only what a look is called ever becomes a part of a path.
    if not _ID.fullmatch(wanted) or not (folder / f"{wanted}.json").is_file():
        near = _near(folder, name)
        raise UnknownName(
            "WW-LOOK-UNKNOWN",
            f"There is no look '{name}' in this workspace.",
            hint=f"Did you mean '{near}'?"
            if near
            else "Looks are kept when they are shown: ask for looks again, and take an id of those.",
            command="" if near else "1 is the first of those that `recommend` showed last.",
        )
    return _read(folder / f"{wanted}.json")


def _near(folder: Path, name: str) -> str:
    """Return the look whose id is spelt most like a name; of an id nothing is spelt alike."""
    if _ID.fullmatch(name) or not folder.is_dir():
        return ""
    return nearest(name, sorted(p.stem for p in folder.glob("look-*.json"))) or ""


def _by_number(folder: Path, number: int) -> str:
    path = folder / LAST
    shown = _read(path)["looks"] if path.is_file() else []
    return str(shown[number - 1]) if 1 <= number <= len(shown) else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        found: dict[str, Any] = json.loads(text.partition("\n")[0] if path.name == LAST else text)
    except ValueError as error:
        raise FormatError(
            "WW-LOOK-FILE", f"{path.name} is not JSON.", note=str(error), place=Place(str(path))
        ) from error
    return found


def _term_json(term: Term) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": term.kind, "value": term.value}
    if term.source is not None:
        found["source"] = term.source.value
    found["about"] = [item.value for item in term.about]
    if term.verdict is not None:
        found["verdict"] = [term_json(part) for part in term.verdict]
    if term.via:
        found["via"] = [term_json(node) for node in term.via]
    return found


def terms_from(said: dict[str, Any]) -> tuple[Term, ...] | None:
    """Return the terms that a look was shown with; None where none were written down."""
    if "terms" not in said:
        return None
    return tuple(
        Term(
            one["kind"],
            _node(one, "source"),
            _nodes(one, "about"),
            float(one["value"]),
            verdict=_fact(one["verdict"]) if "verdict" in one else None,
            via=tuple(_rdf(node) for node in one.get("via", ())),
        )
        for one in said["terms"]
    )


def _fact(said: list[dict[str, Any]]) -> Fact:
    subject, predicate, obj = (_rdf(one) for one in said)
    assert isinstance(predicate, NamedNode)
    return Fact(subject, predicate, obj)


def _rdf(said: dict[str, Any]) -> Node:
    value = said["value"]
    if said["type"] == "uri":
        return NamedNode(value)
    if said["type"] == "bnode":
        return BlankNode(value)
    if "xml:lang" in said:
        return Literal(value, language=said["xml:lang"])
    kind = said.get("datatype")
    return Literal(value, datatype=NamedNode(kind)) if kind else Literal(value)


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
        filters=filters_from(said.get("filters", {})),
    )


def _node(said: dict[str, Any], name: str) -> NamedNode | None:
    return NamedNode(said[name]) if name in said else None


def _nodes(said: dict[str, Any], name: str) -> tuple[NamedNode, ...]:
    return tuple(NamedNode(value) for value in said.get(name, ()))
