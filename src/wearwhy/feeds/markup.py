"""XML product feeds (RSS, Atom) as tables; documents with a document type are refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat  # documents with a DOCTYPE, hence entities, were refused before

from wearwhy.errors import FormatError, Place
from wearwhy.feeds.doctype import refuse_doctype
from wearwhy.feeds.tables import CELL_LIMIT, Table, of_records, read_bytes

DEPTH_LIMIT: Final = 100


@dataclass(slots=True)
class _Records:
    """Collects one dictionary for each element whose local name is a record's."""

    file: str
    names: tuple[str, ...]
    found: list[dict[str, object]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    base: int = 0
    text: list[str] = field(default_factory=list)
    size: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rsplit(" ", 1)[-1]
        self.path.append(local)
        if len(self.path) > DEPTH_LIMIT:
            raise FormatError(
                "WW-XML-DEPTH",
                f"Elements are nested deeper than {DEPTH_LIMIT}.",
                place=Place(self.file),
            )
        self.text.clear()
        self.size = 0
        if not self.base and local in self.names:
            self.base = len(self.path)
            self.found.append({})
        elif self.base and "href" in attributes:
            self.put(attributes["href"])

    def characters(self, text: str) -> None:
        self.size += len(text)
        if self.size > CELL_LIMIT:
            raise FormatError(
                "WW-XML-CELL",
                f"A text is longer than {CELL_LIMIT:,} characters.",
                place=Place(self.file),
            )
        self.text.append(text)

    def end(self, _name: str) -> None:
        if self.base and len(self.path) > self.base:
            self.put("".join(self.text).strip())
        elif len(self.path) == self.base:
            self.base = 0
        self.text.clear()
        self.path.pop()

    def put(self, value: str) -> None:
        if not value:
            return
        key = " ".join(self.path[self.base :])
        record = self.found[-1]
        record[key] = f"{record[key]}, {value}" if key in record else value


def read_records(path: Path, names: tuple[str, ...]) -> Table:
    """Return one row for each element with one of the local names; nested names are joined.

    Raises:
        FormatError: WW-XML-DOCTYPE, WW-XML-SYNTAX, WW-XML-DEPTH, WW-XML-CELL.
    """
    data = read_bytes(path)
    refuse_doctype(data, path.name)
    records = _Records(path.name, names)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = records.start
    parser.EndElementHandler = records.end
    parser.CharacterDataHandler = records.characters
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise FormatError(
            "WW-XML-SYNTAX",
            "The file is not well-formed XML.",
            note=expat.ErrorString(error.code),
            place=Place(path.name, error.lineno, error.offset + 1),
        ) from error
    return of_records(records.found, path.name)
