"""What a query answers, and the shapes it can be shown in."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from typing import Literal as OneOf

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import QueryError
from wearwhy.rdf import XSD, Fact, Node, curie
from wearwhy.store.exchange import DEFAULT, write_rdf
from wearwhy.store.quads import Quad

if TYPE_CHECKING:
    import pandas as pd

Cell = Node | None
_WHOLE: Final = frozenset({XSD.integer, XSD.int, XSD.long, XSD.nonNegativeInteger})
_FRACTIONAL: Final = frozenset({XSD.decimal, XSD.double, XSD.float})


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query.

    `kind` is `select` (rows under columns), `ask` (one row: true or false) or `graph` (a row a
    triple). A cell is None where the variable is unbound. `truncated` says that the row limit
    cut it.
    """

    kind: OneOf["select", "ask", "graph"]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    truncated: bool = False

    def __bool__(self) -> bool:
        """Whether an ASK holds; for the others, whether there is a row."""
        if self.kind == "ask":
            cell = self.rows[0][0]
            return isinstance(cell, Literal) and cell.value == "true"
        return bool(self.rows)

    def as_dict(self) -> dict[str, Any]:
        """Return SPARQL 1.1 Query Results JSON as a dictionary (RDF 1.2 triple terms included)."""
        if self.kind == "ask":
            return {"head": {}, "boolean": bool(self)}
        return {
            "head": {"vars": list(self.columns)},
            "results": {
                "bindings": [
                    {name: as_json(cell) for name, cell in self._named(row) if cell is not None}
                    for row in self.rows
                ]
            },
        }

    def to_json(self) -> str:
        """Return SPARQL 1.1 Query Results JSON; triples of a graph are rows of three."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)

    def to_csv(self) -> str:
        """Return SPARQL 1.1 Query Results CSV: plain values, an empty field where unbound."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        for row in self.rows:
            writer.writerow(["" if cell is None else _plain(cell) for cell in row])
        return out.getvalue()

    def to_pandas(self) -> pd.DataFrame:
        """Return a table: numbers and truth values as Python's, IRIs as compact names."""
        import pandas as pd  # noqa: PLC0415  # half a second that only tables cost

        return pd.DataFrame([[_python(c) for c in row] for row in self.rows], columns=self.columns)

    def to_text(self, width: int = 100) -> str:
        """Return a table of compact names, no wider than `width` columns of a terminal."""
        if self.kind == "ask":
            return "yes\n" if bool(self) else "no\n"
        table = [
            list(self.columns),
            *(["" if c is None else _shown(c) for c in row] for row in self.rows),
        ]
        return "".join(line + "\n" for line in _aligned(table, width))

    def to_turtle(self) -> str:
        """Return the triples of a CONSTRUCT or DESCRIBE as Turtle, sorted.

        Raises:
            QueryError: WW-QUERY-FORM, for any other form of query.
        """
        if self.kind != "graph":
            raise QueryError(
                "WW-QUERY-FORM",
                "Only CONSTRUCT and DESCRIBE answer with a graph.",
                hint="Show this answer as a table, JSON or CSV.",
            )
        triples = [_triple(*row) for row in self.rows]
        facts = (Fact(t.subject, t.predicate, t.object) for t in triples)
        return write_rdf((Quad(DEFAULT, fact) for fact in facts), "turtle").decode("utf-8")

    def _named(self, row: tuple[Cell, ...]) -> zip[tuple[str, Cell]]:
        return zip(self.columns, row, strict=True)


def as_json(node: Node) -> dict[str, Any]:
    """Return a term as in SPARQL 1.1 (and draft 1.2) Query Results JSON."""
    if isinstance(node, NamedNode):
        return {"type": "uri", "value": node.value}
    if isinstance(node, BlankNode):
        return {"type": "bnode", "value": node.value}
    if isinstance(node, Triple):
        parts = ("subject", "predicate", "object")
        return {"type": "triple", "value": {part: as_json(getattr(node, part)) for part in parts}}
    term = {"type": "literal", "value": node.value}
    if node.language:
        term["xml:lang"] = node.language
        if node.direction is not None:
            term["its:dir"] = str(node.direction.value)
    elif node.datatype != XSD.string:
        term["datatype"] = node.datatype.value
    return term


def from_json(term: dict[str, Any]) -> Node:
    """Return the term that `as_json` wrote."""
    kind, value = term["type"], term["value"]
    if kind == "uri":
        return NamedNode(value)
    if kind == "bnode":
        return BlankNode(value)
    if kind == "triple":
        return _triple(*(from_json(value[part]) for part in ("subject", "predicate", "object")))
    if "its:dir" in term:
        direction = ox.BaseDirection(term["its:dir"])
        return Literal(value, language=term["xml:lang"], direction=direction)
    if "xml:lang" in term:
        return Literal(value, language=term["xml:lang"])
    return Literal(value, datatype=NamedNode(term.get("datatype", XSD.string.value)))


def _triple(subject: Cell, predicate: Cell, value: Cell) -> Triple:
    assert isinstance(subject, NamedNode | BlankNode)
    assert isinstance(predicate, NamedNode)
    assert value is not None
    return Triple(subject, predicate, value)


def _plain(node: Node) -> str:
    if isinstance(node, BlankNode | Triple):
        return str(node)
    return node.value


def _python(node: Cell) -> object:
    if isinstance(node, Literal):
        try:
            if node.datatype in _WHOLE:
                return int(node.value)
            if node.datatype in _FRACTIONAL:
                return float(node.value)
        except ValueError:
            return node.value
        return node.value == "true" if node.datatype == XSD.boolean else node.value
    return None if node is None else curie(node)


def _shown(node: Node) -> str:
    # Quotation marks are noise in a table, and a line break would break it.
    text = node.value if isinstance(node, Literal) else curie(node)
    return " ".join(text.split())


def _aligned(table: list[list[str]], width: int) -> list[str]:
    if not table[0]:
        return []
    widths = [max(_cells(row[n]) for row in table) for n in range(len(table[0]))]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    rule = ["─" * size for size in widths]
    return [
        "  ".join(_fitted(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in (table[0], rule, *table[1:])
    ]


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _fitted(text: str, size: int) -> str:
    if _cells(text) > size:
        while _cells(text) > size - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (size - _cells(text))
