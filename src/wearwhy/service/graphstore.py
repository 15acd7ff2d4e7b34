"""The graphs of a wardrobe, read and written whole, as the Graph Store Protocol has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wearwhy.errors import UnknownName, ValueRefused
from wearwhy.rdf import NamedNode
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.committing import Changed, carried_out, writable_graph
from wearwhy.service.service import Service
from wearwhy.service.views import KIND_GRAPHS, Views, edits_graph, shown_name
from wearwhy.store.exchange import format_of
from wearwhy.store.quads import GRAPHS
from wearwhy.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, ready to be sent.

    Attributes:
        body: in `format`.
        format: a name of `RESULTS` or `GRAPHS`.
        form: `select`, `ask` or `graph`.
        revision: of the wardrobe that was asked.
    """

    body: bytes
    format: str
    form: str
    revision: int


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """A graph that a caller may see.

    Attributes:
        name: its IRI.
        triples: how many it holds; None where that would have to be reasoned.
        writable: whether the caller may write it.
        kind: `kind`, `default` (what updates have as their default graph), `rest` or `user`.
    """

    name: str
    triples: int | None
    writable: bool
    kind: str


async def graphs(
    service: Service, caller: Caller, *, wardrobe: str | None = None
) -> tuple[GraphInfo, ...]:
    """Return the graphs that a caller may see in a wardrobe.

    Raises:
        NotSignedIn, NotAllowed, UnknownName, InputError: as `Caller` says.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    writes = Scope.WRITE in caller.scopes and caller.wardrobes[name] >= Role.EDITOR
    sizes = await service.engine.run(_sizes, service.asking.views, name)
    edits = edits_graph(name)
    kinds = [GraphInfo(iri, None, writable=False, kind="kind") for iri in KIND_GRAPHS]
    default = GraphInfo(edits, sizes.pop(edits, 0), writes, "default")
    others = [
        GraphInfo(iri, size, writes, "rest" if iri.startswith(GRAPHS) else "user")
        for iri, size in sizes.items()
    ]
    return (*kinds, default, *others)


def _sizes(workspace: Workspace, views: Views, wardrobe: str) -> dict[str, int]:
    found = views.sources(workspace, wardrobe)
    return {shown_name(wardrobe, source): len(facts) for source, facts in found.items()}


async def graph_read(
    service: Service,
    caller: Caller,
    graph: str | None,
    *,
    wardrobe: str | None = None,
    format: str = "turtle",  # noqa: A002  # the word of `read_rdf` and `write_rdf`
) -> Reply:
    """Return a graph, ready to be sent.

    Args:
        service: whose workspace it is.
        caller: who asks.
        graph: its IRI; None for the wardrobe's edits.
        wardrobe: whose; the caller's only one, if None.
        format: a name of `GRAPHS`.

    Raises:
        UnknownName: WW-GRAPH-NONE, for one that holds nothing, or that the caller may not see.
        ValueRefused: WW-GRAPH-NAME.
        QueryError: WW-QUERY-BUDGET.
        FormatError: WW-RDF-UNWRITABLE.
        Unavailable, NotSignedIn, NotAllowed, UnknownName, InputError: as `sparql.query`.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    iri = _absolute(edits_graph(name) if graph is None else graph)
    asking = service.asking
    if iri in KIND_GRAPHS:
        current = await asking.closed(service.engine, name)
    else:
        current = await asking.at_rest(service.engine, name)
    args: dict[str, Any] = {"graph": iri, "format": format}
    try:
        done = await asking.run("graph", args, b"", current.view, who=caller.account)
    except UnknownName:
        if graph is not None:
            raise
        # The default graph is always there, with something in it or not.
        done = await asking.run("nothing", args, b"", current.view, who=caller.account)
    return Reply(done.body, format, "graph", current.revision)


async def graph_write(
    service: Service,
    caller: Caller,
    graph: str | None,
    body: bytes,
    media: str,
    *,
    more: Sequence[tuple[bytes, str]] = (),
    wardrobe: str | None = None,
    replace: bool,
    base: str | None = None,
    preview: bool = False,
    expected: int | None = None,
    new: bool = False,
) -> Changed:
    """Write a graph, as one revision.

    Args:
        service: whose workspace it is.
        caller: who asks.
        graph: its IRI; None for the wardrobe's edits.
        body: RDF.
        media: its media type, or the name of its format.
        more: further documents with their media types, each read for itself.
        wardrobe: whose; the caller's only one, if None.
        replace: whether what the graph held goes; it is added to otherwise.
        base: what relative IRIs are resolved against.
        preview: whether only to look.
        expected: the wardrobe's revision that it is for, if that matters.
        new: only if the graph holds nothing yet.

    Raises:
        Refused: WW-GRAPH-EXISTS.
        UnknownName: WW-RDF-FORMAT.
        FormatError: WW-RDF-…, where the body is refused.
        ValueRefused: WW-GRAPH-READ-ONLY.
        Moved: WW-STORE-MOVED.
        Unavailable, NotSignedIn, NotAllowed, UnknownName, InputError: as `sparql.query`.
    """
    caller.require(Scope.WRITE)
    name = caller.wardrobe(wardrobe, Role.EDITOR)
    iri = _to_write(name, graph)
    parts = ((body, media), *more)
    for _, kind in parts:
        format_of(kind.partition(";")[0])
    args = {
        "graph": iri,
        "parts": [(len(part), kind.partition(";")[0]) for part, kind in parts],
        "replace": replace,
        "base": base,
    }
    return await carried_out(
        service,
        caller,
        name,
        ("load", args, b"".join(part for part, _ in parts)),
        message=f"{'write' if replace else 'add to'} the graph <{iri}>",
        preview=preview,
        expected=expected,
        new=iri if new else None,
    )


async def graph_delete(
    service: Service,
    caller: Caller,
    graph: str | None,
    *,
    wardrobe: str | None = None,
    preview: bool = False,
    expected: int | None = None,
) -> Changed:
    """Remove all that a graph holds, as one revision; arguments as `graph_write`.

    Raises:
        UnknownName: WW-GRAPH-NONE.
        Others, as `graph_write`.
    """
    caller.require(Scope.WRITE)
    name = caller.wardrobe(wardrobe, Role.EDITOR)
    iri = _to_write(name, graph)
    return await carried_out(
        service,
        caller,
        name,
        ("clear", {"graph": iri, "edits": edits_graph(name)}, b""),
        message=f"remove the graph <{iri}>",
        preview=preview,
        expected=expected,
    )


def _to_write(wardrobe: str, graph: str | None) -> str:
    """Return the IRI of a graph that may be written.

    Raises:
        ValueRefused: WW-GRAPH-READ-ONLY, WW-GRAPH-NAME.
    """
    iri = _absolute(edits_graph(wardrobe) if graph is None else graph)
    writable_graph(wardrobe, iri)
    return iri


def _absolute(iri: str) -> str:
    """Return the IRI, if it is one.

    Raises:
        ValueRefused: WW-GRAPH-NAME.
    """
    try:
        return NamedNode(iri).value
    except ValueError as error:
        raise ValueRefused(
            "WW-GRAPH-NAME", "The name of the graph is no absolute IRI.", note=str(error)
        ) from error
