"""Named queries: SPARQL in files, with a label, a comment and declared parameters.

A file of `kg/queries` describes one `sh:SPARQLSelectExecutable` of the SHACL vocabulary.
`sh:select` is its text, in which a parameter stands as `$name`, where `name` is the local name
of the `sh:path` of its `sh:parameter`. A parameter without `sh:defaultValue` must be given; the
default `ww:today` is the day on which the query is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.errors import FormatError, InputError, Place, QueryError, UnknownName, nearest
from wearwhy.rdf import RDFS, SH, TYPE, WW, XSD, Node, expand
from wearwhy.store.exchange import read_rdf
from wearwhy.store.guard import with_bindings
from wearwhy.store.quads import to_oxigraph


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query: an IRI where `datatype` is None; `default` None means required."""

    name: str
    datatype: NamedNode | None
    default: Node | None
    description: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query in a file; `label` and `comment` by language, `name` is the file's.

    `over` is what it is asked of, where it is not asked otherwise: the file's `ww:over`.
    """

    name: str
    text: str
    label: Mapping[str, str]
    comment: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    over: str = "all"


def catalogue(folder: Path) -> dict[str, NamedQuery]:
    """Return the queries of a folder by name, in alphabetical order.

    Raises:
        FormatError: WW-NAMED-QUERY, a file that does not describe one query of its name.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.ttl"))}


def named(queries: Mapping[str, NamedQuery], name: str) -> NamedQuery:
    """Return the query of a name.

    Raises:
        UnknownName: WW-NAMED-QUERY-UNKNOWN, with the nearest name.
    """
    if name not in queries:
        near = nearest(name, queries)
        raise UnknownName(
            "WW-NAMED-QUERY-UNKNOWN",
            f"There is no query '{name}'.",
            hint=f"Did you mean '{near}'?" if near else "Queries: " + ", ".join(queries) + ".",
        )
    return queries[name]


def bind(
    query: NamedQuery, /, *, clock: Callable[[], date] | None = None, **values: Node | str | float
) -> str:
    """Return the text of a query with its parameters replaced by terms.

    Args:
        query: the query.
        clock: the day behind `ww:today`; by default the machine's, in UTC.
        values: parameters by name: terms, or text and numbers that their declarations read.

    Raises:
        QueryError: WW-QUERY-PARAMETER, one that is missing, unknown, or not of its type.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in values:
        if name not in known:
            near = nearest(name, known)
            raise QueryError(
                "WW-QUERY-PARAMETER",
                f"The query '{query.name}' has no parameter '{name}'.",
                hint=f"Did you mean '{near}'?"
                if near
                else "It has: " + (", ".join(known) or "none"),
            )
    bindings = {}
    for parameter in query.parameters:
        value: Node | str | float | None = values.get(parameter.name, parameter.default)
        if value is None:
            raise QueryError(
                "WW-QUERY-PARAMETER",
                f"The query '{query.name}' needs '{parameter.name}'.",
                note=parameter.description.get("en", ""),
            )
        if value == WW.today:
            day = clock() if clock else datetime.now(UTC).date()
            value = day.isoformat()
        bindings[parameter.name] = _term(parameter, value)
    return with_bindings(query.text, bindings)


def _term(parameter: Parameter, value: Node | str | float) -> Node:
    if not isinstance(value, str | int | float):
        return value
    try:
        if parameter.datatype is None:
            return expand(str(value))
    except InputError as error:
        raise QueryError(
            "WW-QUERY-PARAMETER", f"'{parameter.name}': {error.sentence}", hint=error.hint
        ) from error
    term = Literal(str(value), datatype=parameter.datatype)
    if not _well_formed(term):
        raise QueryError(
            "WW-QUERY-PARAMETER",
            f"'{value}' is not a value for '{parameter.name}'.",
            note=f"Its datatype is {parameter.datatype}.",
        )
    return term


def _well_formed(term: Literal) -> bool:
    # A cast keeps a well-formed literal and fails on any other.
    if term.datatype == XSD.string:
        return True
    return bool(
        ox.Store().query(f"ASK {{ FILTER(BOUND(?v)) BIND({term.datatype}({term}) AS ?v) }}")
    )


def _read(path: Path) -> NamedQuery:
    graph = ox.Store()
    graph.extend([to_oxigraph(quad) for quad in read_rdf(path)])
    found = [
        quad.subject
        for quad in graph.quads_for_pattern(None, TYPE, SH.SPARQLSelectExecutable)
        if isinstance(quad.subject, NamedNode)
    ]
    if len(found) != 1 or not found[0].value.endswith("#" + path.stem):
        raise FormatError(
            "WW-NAMED-QUERY",
            f"The file must describe one sh:SPARQLSelectExecutable named '{path.stem}'.",
            place=Place(str(path)),
        )
    node = found[0]
    text = _objects(graph, node, SH.select)
    if len(text) != 1 or not isinstance(text[0], Literal):
        raise FormatError(
            "WW-NAMED-QUERY", "The query needs one sh:select.", place=Place(str(path))
        )
    parameters = [
        _parameter(graph, shape)
        for shape in _objects(graph, node, SH.parameter)
        if isinstance(shape, NamedNode | BlankNode)
    ]
    return NamedQuery(
        path.stem,
        text[0].value.strip() + "\n",
        _by_language(graph, node, RDFS.label),
        _by_language(graph, node, RDFS.comment),
        tuple(sorted(parameters, key=lambda parameter: parameter.name)),
        next((o.value for o in _objects(graph, node, WW.over) if isinstance(o, Literal)), "all"),
    )


def _parameter(graph: ox.Store, shape: NamedNode | BlankNode) -> Parameter:
    (name,) = _objects(graph, shape, SH.path)
    datatype = next(iter(_objects(graph, shape, SH.datatype)), None)
    assert isinstance(name, NamedNode)
    return Parameter(
        name.value.rpartition("#")[2],
        datatype if isinstance(datatype, NamedNode) else None,
        next(iter(_objects(graph, shape, SH.defaultValue)), None),
        _by_language(graph, shape, SH.description),
    )


def _objects(graph: ox.Store, node: NamedNode | BlankNode, predicate: NamedNode) -> list[Node]:
    return [quad.object for quad in graph.quads_for_pattern(node, predicate, None)]


def _by_language(
    graph: ox.Store, node: NamedNode | BlankNode, predicate: NamedNode
) -> dict[str, str]:
    texts = (term for term in _objects(graph, node, predicate) if isinstance(term, Literal))
    return dict(sorted((term.language or "", term.value) for term in texts))
