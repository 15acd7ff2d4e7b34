"""Answers of SPARQL compared as the suites ask: rows as a bag, blank nodes up to their names."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from wearwhy.rdf import RDF, Namespace, Node

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
RESULT_FORMATS = {
    ".srx": QueryResultsFormat.XML,
    ".srj": QueryResultsFormat.JSON,
    ".tsv": QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
}
Row: TypeAlias = Mapping[str, Node]


@dataclass(frozen=True)
class Table:
    """The variables of a SELECT's answer, and its rows without what is unbound."""

    columns: frozenset[str]
    rows: tuple[Row, ...]


Found: TypeAlias = bool | Table | Dataset


def of_results(body: bytes | Path, form: QueryResultsFormat) -> bool | Table:
    """Return what a document of results says."""
    found = (
        parse_query_results(path=body, format=form)
        if isinstance(body, Path)
        else parse_query_results(body, format=form)
    )
    if isinstance(found, QueryBoolean):
        return bool(found)
    names = [variable.value for variable in found.variables]
    rows = tuple({name: row[name] for name in names if row[name] is not None} for row in found)
    return Table(frozenset(names), rows)


def of_graph(body: bytes | Path, form: RdfFormat, base: str) -> Dataset:
    """Return what a document of RDF says, as a graph in canonical form."""
    quads = (
        parse(path=body, format=form, base_iri=base)
        if isinstance(body, Path)
        else parse(body, format=form, base_iri=base)
    )
    return canonical(Quad(q.subject, q.predicate, q.object) for q in quads)


def expected(path: Path, base: str) -> Found:
    """Return what a file of the suite expects: an answer, or a graph."""
    if path.suffix in RESULT_FORMATS:
        return of_results(path, RESULT_FORMATS[path.suffix])
    form = GRAPH_FORMATS[path.suffix]
    store = Store()
    store.load(path=path, format=form, base_iri=base)
    for quad in store.quads_for_pattern(None, RDF.type, RS.ResultSet):
        assert isinstance(quad.subject, NamedNode | BlankNode)
        return _result_set(store, quad.subject)
    return of_graph(path, form, base)


def same(one: Found, other: Found) -> bool:
    """Return whether two answers are the same up to the names of blank nodes."""
    if isinstance(one, Table) and isinstance(other, Table):
        return one.columns == other.columns and _bag(one.rows) == _bag(other.rows)
    return type(one) is type(other) and one == other


def canonical(quads: Iterable[Quad]) -> Dataset:
    """Return quads in canonical form, with literals as Oxigraph's store has them."""
    store = Store()
    store.extend(quads)
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def csv_rows(body: bytes) -> tuple[frozenset[str], Counter[frozenset[tuple[str, str]]]]:
    """Return the columns of a CSV answer, and its rows as a bag; blank nodes all look the same.

    The order of columns is open where a query asks for all of them.
    """
    head, *rows = csv.reader(io.StringIO(body.decode("utf-8"), newline=""))
    cells = (("_:" if cell.startswith("_:") else cell for cell in row) for row in rows)
    return frozenset(head), Counter(frozenset(zip(head, row, strict=True)) for row in cells)


def _bag(rows: Iterable[Row]) -> Dataset:
    quads = []
    for row, times in Counter(frozenset(row.items()) for row in rows).items():
        node = BlankNode()
        quads.append(Quad(node, RDF.type, NamedNode("urn:row")))
        quads.append(Quad(node, NamedNode("urn:times"), Literal(times)))
        quads += [Quad(node, NamedNode(f"urn:column:{name}"), term) for name, term in row]
    return canonical(quads)


def _result_set(store: Store, node: NamedNode | BlankNode) -> bool | Table:
    truth = _one(store, node, RS.boolean)
    if isinstance(truth, Literal):
        return truth.value == "true"
    rows = []
    for solution in _all(store, node, RS.solution):
        row = {}
        for binding in _all(store, solution, RS.binding):
            name, value = _one(store, binding, RS.variable), _one(store, binding, RS.value)
            assert isinstance(name, Literal)
            assert value is not None
            row[name.value] = value
        rows.append(row)
    names = _all(store, node, RS.resultVariable)
    return Table(frozenset(n.value for n in names if isinstance(n, Literal)), tuple(rows))


def _all(store: Store, node: Node, predicate: NamedNode) -> list[Node]:
    assert not isinstance(node, Literal | Triple)
    return [quad.object for quad in store.quads_for_pattern(node, predicate, None)]


def _one(store: Store, node: Node, predicate: NamedNode) -> Node | None:
    return next(iter(_all(store, node, predicate)), None)
