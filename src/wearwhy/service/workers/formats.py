"""The formats of answers: their names here, what writes them, and their media types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyoxigraph import QueryResultsFormat

RESULTS: Final[Mapping[str, QueryResultsFormat]] = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPHS: Final = ("turtle", "trig", "n-triples", "n-quads", "json-ld", "rdf-xml")
MEDIA: Final[Mapping[str, str]] = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "turtle": "text/turtle; charset=utf-8",
    "trig": "application/trig",
    "n-triples": "application/n-triples",
    "n-quads": "application/n-quads",
    "json-ld": "application/ld+json",
    "rdf-xml": "application/rdf+xml",
}
# What stands in the text of an answer once for each row but the first, and nowhere else (in CSV
# and TSV also in values of several lines).
ROW_MARKS: Final[Mapping[str, tuple[bytes, ...]]] = {
    "json": (b',{"', b",{}"),
    "xml": (b"<result>",),
    "csv": (b"\n",),
    "tsv": (b"\n",),
}
