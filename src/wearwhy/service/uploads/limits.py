"""What may be sent, and how much of it: the one table that the documentation shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MIB: Final = 2**20


class Kind(StrEnum):
    """What a file is sent as."""

    TABLE = "table"
    RDF = "rdf"
    PHOTOGRAPH = "photograph"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Form:
    """One format of files.

    Attributes:
        kind: what such a file is sent as.
        ending: of the name that we keep it under.
        media: its media types, the first one its own.
        endings: of the names that people give such files.
        binary: whether its first bytes name it; the others are text without NUL characters.
    """

    kind: Kind
    ending: str
    media: tuple[str, ...]
    endings: tuple[str, ...]
    binary: bool = False


_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: Final = (
    Form(Kind.TABLE, ".csv", ("text/csv", "application/csv"), (".csv",)),
    Form(Kind.TABLE, ".tsv", ("text/tab-separated-values",), (".tsv", ".tab")),
    Form(
        Kind.TABLE, ".jsonl", ("application/jsonl", "application/x-ndjson"), (".jsonl", ".ndjson")
    ),
    Form(Kind.TABLE, ".xlsx", (_SHEET,), (".xlsx",), binary=True),
    Form(Kind.RDF, ".ttl", ("text/turtle",), (".ttl",)),
    Form(Kind.RDF, ".nt", ("application/n-triples",), (".nt",)),
    Form(Kind.RDF, ".nq", ("application/n-quads",), (".nq",)),
    Form(Kind.RDF, ".trig", ("application/trig",), (".trig",)),
    Form(Kind.RDF, ".rdf", ("application/rdf+xml",), (".rdf", ".owl")),
    Form(Kind.RDF, ".jsonld", ("application/ld+json",), (".jsonld",)),
    Form(Kind.PHOTOGRAPH, ".jpg", ("image/jpeg",), (".jpg", ".jpeg"), binary=True),
    Form(Kind.PHOTOGRAPH, ".png", ("image/png",), (".png",), binary=True),
    Form(Kind.PHOTOGRAPH, ".webp", ("image/webp",), (".webp",), binary=True),
    Form(Kind.CALENDAR, ".ics", ("text/calendar",), (".ics",)),
)
"""What is read; there is no other way in."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of one kind is read.

    Attributes:
        size: bytes of the file.
        rows: of a table; statements of RDF; entries of a calendar, unfolded.
        unpacked: bytes of a workbook's parts together.
        parts: files that a workbook may hold.
        columns: of a table.
        pixels: of a photograph, before it is decoded.
    """

    size: int
    rows: int = 0
    unpacked: int = 0
    parts: int = 0
    columns: int = 0
    pixels: int = 0


BOUNDS: Final = {
    Kind.TABLE: Bounds(16 * MIB, rows=50_000, unpacked=64 * MIB, parts=256, columns=256),
    Kind.RDF: Bounds(16 * MIB, rows=200_000),
    Kind.PHOTOGRAPH: Bounds(16 * MIB, pixels=40_000_000),
    Kind.CALENDAR: Bounds(4 * MIB, rows=10_000),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What reading one file may cost before the process that does it is ended.

    Attributes:
        seconds: of time.
        memory: bytes that the process may grow by.
        size: bytes of what it hands back.
    """

    seconds: float
    memory: int
    size: int


COST: Final = Cost(30.0, 1024 * MIB, 64 * MIB)
LATER: Final = Cost(600.0, 1024 * MIB, 64 * MIB)
"""The same of a file that is read as a task, for which nobody holds a connection open."""
LARGEST: Final = max(bounds.size for bounds in BOUNDS.values())
"""Bytes of the largest file of any kind: a body is cut off there, whatever it says of itself."""

WAITING: Final = 20
"""Files that one account may have sent and not yet applied or withdrawn."""
WAITING_SIZE: Final = 64 * MIB
"""Bytes of them together."""
HOURS: Final = 24
"""After so many hours a file that was neither applied nor withdrawn is thrown away."""
PHOTOGRAPHS: Final = 5_000
"""Photographs that one wardrobe may hold."""
SIDE: Final = 1_600
"""Pixels of a kept photograph's longer side, at most."""
DAYS: Final = (-31, 400)
"""A calendar is unfolded from so many days before today to so many after."""
