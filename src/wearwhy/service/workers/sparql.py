"""The jobs of SPARQL: what is asked of the views that this process holds."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import Any, Final, TypeAlias

import pyoxigraph as ox
from pyoxigraph import BlankNode, NamedNode

from wearwhy.errors import QueryError, WearwhyError
from wearwhy.rdf import Fact
from wearwhy.service.workers.bounded import Bounded, too_large, too_many
from wearwhy.service.workers.changing import clear, load, no_graph, update
from wearwhy.service.workers.formats import GRAPHS, RESULTS, ROW_MARKS
from wearwhy.service.workers.held import HELD, View
from wearwhy.service.workers.process import Job
from wearwhy.store.exchange import DEFAULT, format_of, read_rdf, unwritable, write_rdf
from wearwhy.store.guard import dataset_of, guard, is_simple
from wearwhy.store.quads import Quad
from wearwhy.store.skolem import skolemise
from wearwhy.store.sparql import prefixes_for, syntax

_READABLE: Final = 2000
_Graphs: TypeAlias = list[NamedNode | BlankNode]


def query(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Answer a query.

    Args:
        args: `view`, its key; `formats` of rows, of truth and of a graph, None where the client
            takes none; `rows` and `size` at most; where they are chosen, the `default` and
            `named` graphs; the `base` IRI.
        body: the query, in UTF-8.

    Returns:
        The form (`select`, `ask`, `graph`) and the format; the answer in it.

    Raises:
        QueryError: WW-QUERY-SYNTAX, WW-QUERY-ACCEPT, WW-QUERY-BUDGET, WW-QUERY-FAILED
            and those of `guard`.
    """
    view = HELD.views[args["view"]]
    text = body.decode()
    try:
        return _serialised(_result(view, text, args), args)
    except SyntaxError as error:
        guard(text)  # it may have a better word for what is wrong
        raise syntax(error) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise QueryError(
            "WW-QUERY-FAILED", "The query could not be answered.", note=str(error)
        ) from error


def _result(view: View, text: str, args: dict[str, Any]) -> Any:
    default: _Graphs | None = list(view.default)
    named: _Graphs | None = None
    chosen = "default" in args
    if not is_simple(text):
        text = guard(text, None, args.get("base"))
        if dataset_of(text) is not None:
            default = None  # what the text says holds where nothing else is chosen
    if chosen:
        # A dataset that the request chose wins over the text's (SPARQL 1.1 Protocol, 2.1.4). A
        # graph that is not there is empty in both: graphs without triples are not kept.
        default = [NamedNode(iri) for iri in args["default"]]
        named = [NamedNode(iri) for iri in args["named"]]
    return view.store.query(
        text,
        base_iri=args.get("base"),
        prefixes=prefixes_for(text),
        default_graph=default,  # type: ignore[arg-type]  # a list is invariant to mypy
        named_graphs=named,
    )


def _serialised(result: Any, args: dict[str, Any]) -> tuple[Any, bytes]:
    rows, truth, graph = args["formats"]
    if isinstance(result, ox.QuerySolutions):
        name = _accepted(rows, "a table of rows")
        out = Bounded(args["size"], args["rows"], ROW_MARKS[name])
        result.serialize(out, format=RESULTS[name])  # type: ignore[arg-type]  # all it needs
        return ("select", name), out.written()
    if isinstance(result, ox.QueryBoolean):
        name = _accepted(truth, "true or false")
        return ("ask", name), result.serialize(format=RESULTS[name]) or b""
    name = _accepted(graph, "a graph")
    triples = list(islice(result, args["rows"] + 1))
    return ("graph", name), _written(triples, name, args)


def _accepted(name: str | None, what: str) -> str:
    if name is None:
        raise QueryError(
            "WW-QUERY-ACCEPT",
            f"The answer is {what}, and none of its formats was asked for.",
            hint="SELECT: JSON, XML, CSV, TSV. ASK: JSON, XML. CONSTRUCT, DESCRIBE: an RDF format.",
        )
    return name


def _written(triples: list[ox.Triple], name: str, args: dict[str, Any]) -> bytes:
    """Return a graph in a format: in order, where it is small enough for somebody to read."""
    if len(triples) > args["rows"]:
        raise too_many(args["rows"])
    if len(triples) <= _READABLE:
        facts = (Fact(t.subject, t.predicate, t.object) for t in triples)
        out = write_rdf((Quad(DEFAULT, fact) for fact in facts), name)
        if len(out) > args["size"]:
            raise too_large(args["size"])
        return out
    bounded = Bounded(args["size"], args["rows"])
    try:
        ox.serialize(dict.fromkeys(triples), bounded, format_of(name))  # type: ignore[arg-type]
    except (ValueError, OSError) as error:
        raise unwritable(format_of(name), error) from error
    return bounded.written()


def graph(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Write a named graph.

    Args:
        args: `view`; `graph`, its IRI; `format`; `rows` and `size` at most.
        body: nothing.

    Raises:
        UnknownName: WW-GRAPH-NONE.
        QueryError: WW-QUERY-BUDGET.
        FormatError: WW-RDF-UNWRITABLE.
    """
    del body
    store = HELD.views[args["view"]].store
    held = store.quads_for_pattern(None, None, None, NamedNode(args["graph"]))
    triples = [quad.triple for quad in islice(held, args["rows"] + 1)]
    if not triples:
        raise no_graph(args["graph"])
    return ("graph", args["format"]), _written(triples, args["format"], args)


def nothing(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Write a graph that holds nothing; `format` names how."""
    del body
    return ("graph", args["format"]), write_rdf((), args["format"])


def prepare() -> None:
    """Load what Python loads at its first use: later no file can be opened."""
    quads = list(read_rdf(b"<a:a> <a:b> 1, 'a'@en, [], <<( <a:a> <a:b> 1 )>> .", "turtle"))
    plain = list(read_rdf(b"<a:a> <a:b> 1 .", "turtle"))
    for name in GRAPHS:
        with suppress(WearwhyError):
            list(read_rdf(write_rdf(quads, name), name))
        for document in (write_rdf(plain, name), b"<a", b"\xff", b"{", b"<!DOCTYPE a>"):
            with suppress(WearwhyError):
                list(read_rdf(document, name))
    skolemise(quads)
    for text in ("SELECT *", "ASK { SERVICE", "ASK FROM <a> {}", "SELECT ?a { '\\u0041' }"):
        with suppress(WearwhyError):
            guard(text, ("a",), "http://a/")
    with suppress(SyntaxError):
        ox.Store().query("SELECT * {", prefixes=prefixes_for("ww:"))


JOBS: Final[dict[str, Job]] = {
    "query": query,
    "graph": graph,
    "nothing": nothing,
    "update": update,
    "load": load,
    "clear": clear,
}
