"""Dated likes and dislikes from a table: date, about, opinion, strength."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from wearwhy.errors import FormatError, InputError, Place, UnknownName, WearwhyError, nearest
from wearwhy.feeds.names import Names
from wearwhy.rdf import NamedNode
from wearwhy.store.quads import Patch, Quad
from wearwhy.workspace import edits
from wearwhy.workspace.asking import parse_day
from wearwhy.workspace.edits import Edit

COLUMNS = ("date", "about", "opinion", "strength")
SIGNS = {"like": 1.0, "dislike": -1.0}


def read_opinions(path: Path, name: str, items: Mapping[str, NamedNode], names: Names) -> Edit:
    """Return the edit that records every opinion of a table in a wardrobe.

    Args:
        path: a CSV file in UTF-8; `about` is an item's id or names a concept, `strength` is 0 to 1.
        name: the wardrobe.
        items: the wardrobe's items by their ids.
        names: the ontology's words.

    Raises:
        FormatError: WW-OPINIONS, where a column lacks.
        InputError: where a row is refused; with its line.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
        head = tuple(rows[0]) if rows else ()
    lacking = [column for column in COLUMNS if column not in head]
    if lacking:
        raise FormatError(
            "WW-OPINIONS",
            f"The table of opinions has no column {', '.join(lacking)}.",
            hint="Its columns are " + ", ".join(COLUMNS) + ".",
            place=Place(str(path), 1),
        )
    added: list[Quad] = []
    for line, row in enumerate(rows, 2):
        try:
            added += _opinion(row, name, items, names).patch.add
        except WearwhyError as error:
            error.place = Place(str(path), line)
            raise
    return Edit(Patch(add=tuple(added)), f"load {path.name}", f"wardrobe/{name}")


def _opinion(row: dict[str, str], name: str, items: Mapping[str, NamedNode], names: Names) -> Edit:
    sign = SIGNS.get(row["opinion"].strip())
    if sign is None:
        raise InputError(
            "WW-OPINION", f"'{row['opinion']}' is no opinion.", hint="Write like or dislike."
        )
    try:
        strength = float(row["strength"] or 1)
    except ValueError:
        raise InputError("WW-OPINION", f"'{row['strength']}' is no strength.") from None
    about = items.get(row["about"].strip()) or _concept(row["about"], items, names)
    return edits.opine(name, about, sign * strength, parse_day(row["date"]), None)


def _concept(text: str, items: Mapping[str, NamedNode], names: Names) -> NamedNode:
    for scope in sorted(names.index, key=str):
        found = names.find(text, scope)
        if found is not None:
            return found
    near = nearest(text, items)
    raise UnknownName(
        "WW-OPINION-ABOUT",
        f"'{text}' is neither an item nor a concept.",
        hint=f"Did you mean '{near}'?" if near else "",
    )
