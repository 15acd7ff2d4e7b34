"""Requests in a file: JSON lines, a table, or TOML, one request each.

What is said of one is what `recommend` takes as options, by the same names and in the same words:
`occasion` (one or several), `date`, `weather`, `calendar`, `from`, `exclude`, `lock`, `part`,
`dress-code`, `n`, `max-price`, `in-stock`, `size`, `brand`, `not-brand`; and `wearer`, an IRI.
Files named in it are looked for beside it.

- `.jsonl`: an object a line; several occasions or items are a list;
- `.csv`, `.tsv`: a column each; several stand in one cell with `;` between them;
- `.toml`: a table `[[request]]` each.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import FormatError, InputError, Place, UnknownName, WearwhyError, nearest
from wearwhy.feeds.names import Names
from wearwhy.outfit.filters import Filters
from wearwhy.outfit.request import Request
from wearwhy.rules.layer import Layer
from wearwhy.workspace.asking import Wishes, asked, parse_day

# What a file may say, and which field of `Wishes` it fills.
FIELDS: Final[dict[str, str]] = {
    "occasion": "occasions",
    "occasions": "occasions",
    "date": "on",
    "weather": "weather",
    "calendar": "calendar",
    "from": "source",
    "source": "source",
    "exclude": "exclude",
    "lock": "lock",
    "part": "part",
    "dress-code": "dress_code",
    "dress_code": "dress_code",
    "n": "n",
    "wearer": "wearer",
    "max-price": "max_price",
    "in-stock": "in_stock",
    "size": "sizes",
    "brand": "brands",
    "not-brand": "not_brands",
}
ENDINGS: Final = (".jsonl", ".ndjson", ".csv", ".tsv", ".toml")
_FILTERS: Final = ("max_price", "in_stock", "sizes", "brands", "not_brands")
_SEVERAL: Final = ("occasions", "exclude", "lock", "sizes", "brands", "not_brands")
_FILES: Final = (".csv", ".tsv", ".json", ".ics")
_PRICE: Final = re.compile(r"\d+(\.\d+)?")
_HEAD: Final = re.compile(r"^\s*\[\[\s*request\s*\]\]", re.MULTILINE)

Said = dict[str, Any]


def read_requests(path: Path, layer: Layer, names: Names, folder: Path) -> tuple[Request, ...]:
    """Return the requests of a file, in its order.

    Args:
        path: of the file.
        layer: where items are looked up.
        names: the words of the ontology.
        folder: holds `kg/`.

    Raises:
        FormatError: WW-REQUESTS-FORMAT, WW-REQUESTS-EMPTY, WW-REQUESTS-SYNTAX.
        UnknownName: WW-REQUESTS-FIELD, with the nearest name.
        InputError: WW-REQUESTS-VALUE; and what naming occasions, items and weather raises. Each
            with the line.
    """
    found: list[Request] = []
    for line, said in _read(path):
        try:
            found += asked(_wishes(said, path.parent), layer, names, folder).requests
        except WearwhyError as error:
            if error.place is None or not error.place.line:
                error.place = Place(str(path), line)
            raise
    if not found:
        raise FormatError(
            "WW-REQUESTS-EMPTY", f"{path.name} holds no request.", place=Place(str(path))
        )
    return tuple(found)


def _read(path: Path) -> Iterator[tuple[int, Said]]:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise FormatError(
            "WW-REQUESTS-FORMAT",
            f"'{path.name}' is not a file of requests.",
            hint="Its name ends in " + ", ".join(ENDINGS) + ".",
            place=Place(str(path)),
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _syntax(path, line, "It is not UTF-8.") from error
    if ending == ".toml":
        yield from _toml(path, text)
    elif ending in (".csv", ".tsv"):
        yield from _table(path, text, "\t" if ending == ".tsv" else ",")
    else:
        yield from _lines(path, text)


def _lines(path: Path, text: str) -> Iterator[tuple[int, Said]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except ValueError as error:
            raise _syntax(path, number, str(error), getattr(error, "colno", 0)) from error
        if not isinstance(said, dict):
            raise _syntax(path, number, "A line is one JSON object.")
        yield number, said


def _table(path: Path, text: str, between: str) -> Iterator[tuple[int, Said]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    head: list[str] = []
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if not head:
                head = [cell.strip() for cell in row]
                continue
            if len(row) > len(head):
                raise _syntax(path, rows.line_num, f"It has {len(row)} cells under {len(head)}.")
            yield (
                rows.line_num,
                {k: v.strip() for k, v in zip(head, row, strict=False) if v.strip()},
            )
    except csv.Error as error:
        raise _syntax(path, rows.line_num, str(error)) from error


def _toml(path: Path, text: str) -> Iterator[tuple[int, Said]]:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        raise _syntax(path, line, str(error), column) from error
    tables = said.get("request", [])
    if not isinstance(tables, list) or any(key != "request" for key in said):
        raise _syntax(path, 1, "Each request is a table [[request]], and nothing else is said.")
    heads = [text.count("\n", 0, match.end()) + 1 for match in _HEAD.finditer(text)]
    for number, table in enumerate(tables):
        yield heads[number] if number < len(heads) else 0, table


def _wishes(said: Said, folder: Path) -> Wishes:
    """Return what one entry says, as the options of `recommend` say it."""
    values: Said = {}
    for name, value in said.items():
        field = FIELDS.get(name)
        if field is None:
            near = nearest(name, FIELDS)
            raise UnknownName(
                "WW-REQUESTS-FIELD",
                f"'{name}' is nothing that a request says.",
                hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(FIELDS) + ".",
            )
        values[field] = _value(name, field, value, folder)
    filters = Filters(**{name: values.pop(name) for name in _FILTERS if name in values})
    return Wishes(**values, filters=filters)


def _value(name: str, field: str, value: Any, folder: Path) -> Any:
    if field in _SEVERAL:
        listed = value.split(";") if isinstance(value, str) else value
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return tuple(one.strip() for one in listed if one.strip())
        raise _refused(name, value, "a text, or a list of texts")
    if field == "n":
        if isinstance(value, bool) or not str(value).isdigit() or not int(value):
            raise _refused(name, value, "a number from 1")
        return int(value)
    if field == "max_price":
        if isinstance(value, bool) or not _PRICE.fullmatch(str(value)):
            raise _refused(name, value, "a price, such as 49.90")
        return float(value)
    if field == "in_stock":
        if str(value).casefold() not in ("true", "false"):
            raise _refused(name, value, "true or false")
        return str(value).casefold() == "true"
    if field == "on" and isinstance(value, date):  # a day of TOML's own
        return date(value.year, value.month, value.day)
    if not isinstance(value, str):
        raise _refused(name, value, "a text")
    if field == "on":
        return parse_day(value)
    if field == "calendar" or (field == "weather" and value.lower().endswith(_FILES)):
        if not (folder / value).is_file():
            raise _refused(name, value, "a file beside this one")
        return folder / value if field == "calendar" else str(folder / value)
    return value


def _refused(name: str, value: object, wanted: str) -> InputError:
    return InputError("WW-REQUESTS-VALUE", f"'{value}' is refused as {name}: it is {wanted}.")


def _syntax(path: Path, line: int, note: str, column: int = 0) -> FormatError:
    return FormatError(
        "WW-REQUESTS-SYNTAX",
        f"{path.name} cannot be read as requests.",
        note=note,
        place=Place(str(path), line, column),
    )
