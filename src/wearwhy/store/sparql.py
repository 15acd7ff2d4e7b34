"""Asking the graph: SPARQL over a dataset in memory, within limits."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import Place, QueryError
from wearwhy.rdf import PREFIXES, Fact, Node
from wearwhy.store.answer import Answer, Cell
from wearwhy.store.guard import dataset_of, guard, with_bindings
from wearwhy.store.quads import Quad, to_oxigraph

SHORT, LONG = 60, 200
_AT = re.compile(r"(?:at|from) (\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use: `seconds`, `rows`, `size` in bytes of answer, `memory` in bytes.

    In this process, time is looked at between rows only, as Oxigraph cannot be interrupted, and
    `memory` not at all; `ask_isolated` holds to all four.
    """

    seconds: float = 30.0
    rows: int = 100_000
    size: int = 64 << 20
    memory: int = 2 << 30


def dataset(graphs: Mapping[NamedNode, Iterable[Fact]]) -> ox.Store:
    """Return an in-memory dataset of named graphs; facts that RDF does not allow are left out.

    A derived fact may have a literal as its subject; SPARQL could not match it.
    """
    store = ox.Store()
    store.bulk_extend(
        to_oxigraph(Quad(graph, fact))
        for graph, facts in graphs.items()
        for fact in facts
        if not isinstance(fact.subject, Literal | ox.Triple)
    )
    return store


def ask(
    graph: ox.Store,
    text: str,
    *,
    limits: Limits | None = None,
    bindings: Mapping[str, Node] | None = None,
) -> Answer:
    """Answer a query in this process, over the union of all named graphs.

    For text that one trusts to end: nothing can stop a query between two rows. The known
    prefixes need no declaration.

    Args:
        graph: the dataset, as `dataset` makes it.
        text: SELECT, ASK, CONSTRUCT or DESCRIBE.
        limits: rows beyond them are cut off and the answer says so; time and size are errors.
        bindings: terms to stand where the text has these variables; see `with_bindings`.

    Raises:
        QueryError: WW-QUERY-SYNTAX, WW-QUERY-BUDGET, WW-QUERY-FAILED and those of `guard`.
    """
    known = {name.value for name in graph.named_graphs() if isinstance(name, NamedNode)}
    text = guard(with_bindings(text, bindings or {}), known)
    return answer(graph, text, limits or Limits())


def require_query(text: str, bindings: Mapping[str, Node] | None = None) -> None:
    """Refuse a text that is no query, before there is a graph to ask.

    Raises:
        QueryError: WW-QUERY-SYNTAX and those of `guard`.
    """
    answer(ox.Store(), guard(with_bindings(text, bindings or {})), Limits())


def answer(graph: ox.Store, text: str, limits: Limits) -> Answer:
    """Answer a query whose text `guard` returned, over the union of all named graphs.

    What the text says with FROM is asked instead of the union.
    """
    started = time.monotonic()
    try:
        result = graph.query(
            text,
            prefixes=prefixes_for(text),
            # It would be asked even where the text chooses its graphs.
            use_default_graph_as_union=dataset_of(text) is None,
        )
        if isinstance(result, ox.QueryBoolean):
            return Answer("ask", ("answer",), ((Literal(bool(result)),),))
        if isinstance(result, ox.QueryTriples):
            triples = ((t.subject, t.predicate, t.object) for t in result)
            rows, cut = _taken(triples, limits, started)
            return Answer("graph", ("subject", "predicate", "object"), rows, cut)
        columns = tuple(variable.value for variable in result.variables)
        found = (tuple(solution[name] for name in columns) for solution in result)
        rows, cut = _taken(found, limits, started)
    except SyntaxError as error:
        raise syntax(error) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise QueryError(
            "WW-QUERY-FAILED", "The query could not be answered.", note=str(error)
        ) from error
    return Answer("select", columns, rows, cut)


def _taken(
    rows: Iterator[tuple[Any, ...]], limits: Limits, started: float
) -> tuple[tuple[tuple[Cell, ...], ...], bool]:
    taken: list[tuple[Cell, ...]] = []
    size = 0
    for row in rows:
        if len(taken) == limits.rows:
            return tuple(taken), True
        taken.append(row)
        size += sum(len(str(cell)) for cell in row)
        if size > limits.size:
            raise over_budget(f"its answer is larger than {limits.size:,} bytes")
        if time.monotonic() - started > limits.seconds:
            raise over_budget(f"it took longer than {limits.seconds:g} s")
    return tuple(taken), False


def over_budget(why: str) -> QueryError:
    """Return the error for a query that was stopped."""
    return QueryError(
        "WW-QUERY-BUDGET",
        f"The query was stopped: {why}.",
        hint="Ask for less: name the things, add a LIMIT, join on a shared variable.",
    )


def prefixes_for(text: str) -> dict[str, str]:
    """Return those of the known prefixes that a query may use: each costs a little to read."""
    return {prefix: iri for prefix, iri in PREFIXES.items() if prefix + ":" in text}


def syntax(error: SyntaxError, what: str = "query") -> QueryError:
    """Return the error for a text that the parser refused; `what` is `query` or `update`."""
    words = str(error)
    # The reader lists everything that might have stood there instead: pages of it.
    said, _, expected = words.splitlines()[0].partition(": expected ")
    if expected and len(expected) <= SHORT:
        said = f"{said}: expected {expected}"
    at = _AT.search(words)
    line, column = (int(at[1]), int(at[2])) if at else (error.lineno or 0, error.offset or 0)
    return QueryError(
        "WW-QUERY-SYNTAX",
        f"This is not a SPARQL {what}: {said[:LONG]}.",
        note=f"The language is SPARQL 1.1 {what.title()} with RDF 1.2 triple terms.",
        hint="Known prefixes need no declaration: " + ", ".join(PREFIXES) + ".",
        place=Place(what, line, column) if line else None,
    )
