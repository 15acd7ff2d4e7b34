"""The jobs that change: what an update or a file would add and remove, worked out on a copy.

A patch is N-Quads in the names of the view: lines to remove, then lines to add. A blank node that
the store knows is labelled `sk` and the rest of its Skolem name; any other label is a new node.
"""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, QueryError, UnknownName
from wearwhy.service.workers.bounded import too_many
from wearwhy.service.workers.held import HELD
from wearwhy.service.workers.naming import shown
from wearwhy.service.workers.using import with_using
from wearwhy.store.exchange import format_of, read_rdf
from wearwhy.store.guard import guard_update
from wearwhy.store.quads import Quad, to_oxigraph
from wearwhy.store.skolem import skolemise
from wearwhy.store.sparql import prefixes_for, syntax

_TRIPLES = (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.RDF_XML)


def update(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Return what an update would change.

    Args:
        args: `view`, of what is at rest; `edits`, the graph that is the default graph; `rows`
            that may be changed; where they are chosen, the `default` and `named` graphs of
            USING; the `base` IRI.
        body: the update, in UTF-8.

    Returns:
        Where the patch is `cut`, and whether something is `created` in a graph that held
        nothing; the patch.

    Raises:
        QueryError: WW-QUERY-SYNTAX, WW-QUERY-USING, WW-QUERY-BUDGET, WW-QUERY-FAILED and those of
            `guard_update`.
    """
    text, words = guard_update(body.decode())
    if "default" in args:
        text = with_using(text, words, args["default"], args["named"])
    edits = NamedNode(args["edits"])
    scratch = _scratch(HELD.views[args["view"]].store, edits, aliased=edits.value in text)
    before = _lines(scratch, edits)
    try:
        scratch.update(text, base_iri=args.get("base"), prefixes=prefixes_for(text))
    except SyntaxError as error:
        raise syntax(error, "update") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise QueryError(
            "WW-QUERY-FAILED", "The update could not be carried out.", note=str(error)
        ) from error
    after = _lines(scratch, edits)
    # Where the edits stand twice, what goes from either place goes.
    removed = {line for line, times in before.items() if after.get(line, 0) < times}
    added = {line for line in after if line not in before}
    return _patch(removed, added, args["rows"], created=_graphs(after) > _graphs(before))


def load(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Return what writing documents into a graph would change; as `update`.

    Args:
        args: `view`, of what is at rest; `graph`, its IRI; `parts`, for each document its bytes
            and its format or media type; whether they are to `replace` what the graph holds;
            `rows`; `base`.
        body: the documents, one behind the other.

    Raises:
        FormatError: WW-RDF-GRAPHS, where one has graphs of its own; those of `read_rdf`.
        UnknownName: WW-RDF-FORMAT.
        QueryError: WW-QUERY-BUDGET.
    """
    into = NamedNode(args["graph"])
    before = _held(args["view"], into)
    quads: list[Quad] = []
    start = 0
    for size, media in args["parts"]:
        quads += _read(body[start : start + size], media, into, args.get("base"))
        start += size
    new = ox.Store()
    new.extend(to_oxigraph(shown(quad)) for quad in skolemise(quads))
    after = {f"{quad} .".encode() for quad in new}
    removed = before - after if args["replace"] else set[bytes]()
    created = bool(after) and not before
    return _patch(removed, after - before, args["rows"], created=created)


def clear(args: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
    """Return what removing a graph would change; as `update`.

    Args:
        args: `view`, of what is at rest; `graph`, its IRI; `edits`, the one that is always there;
            `rows`.
        body: nothing.

    Raises:
        UnknownName: WW-GRAPH-NONE.
        QueryError: WW-QUERY-BUDGET.
    """
    del body
    held = _held(args["view"], NamedNode(args["graph"]))
    if not held and args["graph"] != args["edits"]:
        raise no_graph(args["graph"])
    return _patch(held, set(), args["rows"], created=False)


def no_graph(iri: str) -> UnknownName:
    """Return the error for a graph that is not there, or not for this caller."""
    return UnknownName(
        "WW-GRAPH-NONE",
        f"There is no graph <{iri}> that you may see.",
        note="A graph that holds nothing is not kept.",
    )


def _held(view: str, graph: NamedNode) -> set[bytes]:
    held = HELD.views[view].store.quads_for_pattern(None, None, None, graph)
    return {f"{quad} .".encode() for quad in held}


def _read(document: bytes, media: str, into: NamedNode, base: str | None) -> list[Quad]:
    if not document.strip() and format_of(media) in _TRIPLES:
        return []
    quads = list(read_rdf(document, media, into=into, base=base))
    for quad in quads:
        if quad.graph != into:
            raise FormatError(
                "WW-RDF-GRAPHS",
                f"The document names the graph {quad.graph}, and one graph is written here.",
                hint="Send Turtle or N-Triples.",
            )
    return quads


def _scratch(held: ox.Store, edits: NamedNode, *, aliased: bool) -> ox.Store:
    """Return a copy in which the edits are the default graph, and a named one where asked for."""
    scratch = ox.Store()
    quads = list(held)
    plain = [q for q in quads if q.graph_name == edits]
    kept = quads if aliased else [q for q in quads if q.graph_name != edits]
    scratch.extend([*kept, *(ox.Quad(q.subject, q.predicate, q.object) for q in plain)])
    return scratch


def _lines(store: ox.Store, edits: NamedNode) -> dict[bytes, int]:
    """Return the statements as lines, each with how many graphs say it of the edits' two."""
    found: dict[bytes, int] = {}
    for quad in store:
        if isinstance(quad.graph_name, ox.DefaultGraph):
            quad = ox.Quad(quad.subject, quad.predicate, quad.object, edits)  # noqa: PLW2901
        line = f"{quad} .".encode()
        found[line] = found.get(line, 0) + 1
    return found


def _graphs(lines: dict[bytes, int]) -> set[bytes]:
    return {line.rpartition(b" <")[2] for line in lines}


def _patch(
    removed: set[bytes], added: set[bytes], most: int, *, created: bool
) -> tuple[Any, bytes]:
    if len(removed) + len(added) > most:
        raise too_many(most)
    gone = b"".join(line + b"\n" for line in sorted(removed))
    new = b"".join(line + b"\n" for line in sorted(added))
    return {"cut": len(gone), "created": created}, gone + new
