"""The media types of answers and graphs, and which of them a client will take (RFC 9110, 12.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

RESULTS: Final[Mapping[str, str]] = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
"""Media type → format of a SELECT's answer; of equal ones, the first is sent."""
TRUTHS: Final[Mapping[str, str]] = {
    media: form for media, form in RESULTS.items() if form in ("json", "xml")
}
"""Media type → format of an ASK's answer: CSV and TSV have no form for it."""
GRAPHS: Final[Mapping[str, str]] = {
    "text/turtle": "turtle",
    "application/n-triples": "n-triples",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "rdf-xml",
    "application/trig": "trig",
    "application/n-quads": "n-quads",
}
"""Media type → format of a graph."""
MAX_ACCEPT: Final = 2_000
_WITH_CHARSET: Final = frozenset(("text/turtle", "text/csv", "text/tab-separated-values"))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a client will take, by the form of its query: a media type, or None for nothing."""

    select: str | None
    ask: str | None
    graph: str | None


@dataclass(frozen=True, slots=True)
class _Range:
    """One media range of an Accept header; `rank` tells how exactly it names a type."""

    kind: str
    subtype: str
    quality: float

    @property
    def rank(self) -> int:
        return (self.kind != "*") + (self.subtype != "*")

    def matches(self, media: str) -> bool:
        kind, _, subtype = media.partition("/")
        return self.kind in ("*", kind) and self.subtype in ("*", subtype)


def content_type(media: str) -> str:
    """Return a media type as a Content-Type header says it."""
    return f"{media}; charset=utf-8" if media in _WITH_CHARSET else media


@lru_cache(maxsize=512)
def choice(accept: str) -> Choice:
    """Return what an Accept header (empty: none was sent) chooses for each form of query."""
    ranges = _ranges(accept[:MAX_ACCEPT])
    return Choice(_best(ranges, RESULTS), _best(ranges, TRUTHS), _best(ranges, GRAPHS))


def graph_choice(accept: str) -> str | None:
    """Return the media type for a graph that an Accept header chooses, None for none."""
    return choice(accept).graph


def bare(content_type: str) -> tuple[str, str]:
    """Return the media type and the charset of a Content-Type header, in lower case.

    The charset is empty where none is named.
    """
    media, *parameters = (part.strip() for part in content_type.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media.lower(), value.strip().strip('"').lower()
    return media.lower(), ""


def _ranges(accept: str) -> tuple[_Range, ...]:
    found = []
    for part in accept.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        kind, slash, subtype = media.lower().partition("/")
        if not slash or (kind == "*" and subtype != "*"):
            continue
        found.append(_Range(kind, subtype, _quality(parameters)))
    # A header that names nothing readable is as one that was not sent.
    return tuple(found) or (_Range("*", "*", 1.0),)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _best(ranges: tuple[_Range, ...], offered: Mapping[str, str]) -> str | None:
    best, most = None, 0.0
    for media in offered:
        matching = [one for one in ranges if one.matches(media)]
        if not matching:
            continue
        quality = max(matching, key=lambda one: one.rank).quality
        if quality > most:
            best, most = media, quality
    return best
