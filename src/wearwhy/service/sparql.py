"""SPARQL over what a wardrobe sees: queries and updates, as the protocol asks for them.

A query is asked of the union of the wardrobe's graphs by kind, or of the graphs it chooses; a
graph that the caller may not see is as one that does not exist. An update changes what the
wardrobe asserts; its default graph is the wardrobe's edits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from wearwhy.errors import QueryError
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.committing import Changed, carried_out
from wearwhy.service.graphstore import (
    GraphInfo,
    Reply,
    graph_delete,
    graph_read,
    graph_write,
    graphs,
)
from wearwhy.service.keeping import Question
from wearwhy.service.service import Service
from wearwhy.service.views import edits_graph, own_prefix
from wearwhy.service.workers.formats import GRAPHS, MEDIA, RESULTS
from wearwhy.store.guard import dataset_of
from wearwhy.store.quads import GRAPHS as OURS
from wearwhy.store.sparql import Limits

__all__ = [
    "GRAPHS",
    "MEDIA",
    "RESULTS",
    "Changed",
    "Chosen",
    "GraphInfo",
    "Reply",
    "edits_graph",
    "graph_delete",
    "graph_read",
    "graph_write",
    "graphs",
    "query",
    "update",
]
_DEFAULT: Final = "urn:x-arq:DefaultGraph"
_SHORT: Final = 60
_LOOKED_AT: Final = 8000


@dataclass(frozen=True, slots=True)
class Chosen:
    """The dataset that a request chose beside its text; both empty: it chose none.

    Attributes:
        default: IRIs of the graphs whose union is the default graph.
        named: IRIs of the graphs that GRAPH may name.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.default or self.named)


_NONE: Final = Chosen()


async def query(
    service: Service,
    caller: Caller,
    text: str,
    *,
    wardrobe: str | None = None,
    chosen: Chosen = _NONE,
    results: str | None = "json",
    ask: str | None = "json",
    graph: str | None = "turtle",
    base: str | None = None,
    limits: Limits | None = None,
) -> Reply:
    """Return the answer to a query, ready to be sent.

    Args:
        service: whose workspace it is.
        caller: who asks.
        text: SPARQL 1.1; the project's prefixes need not be declared.
        wardrobe: whose graphs; the caller's only one, if None.
        chosen: wins over what the text says.
        results: the format of rows, a name of `RESULTS`; None, where the client takes none.
        ask: the format of true or false, likewise.
        graph: the format of a graph, a name of `GRAPHS`, likewise.
        base: what relative IRIs are resolved against.
        limits: narrower ones than the service's.

    Raises:
        QueryError: WW-QUERY-SYNTAX, -REMOTE, -ESCAPE, -DEPTH, -LENGTH, -UPDATE, -BUDGET,
            -CRASH, -FAILED, -ACCEPT.
        Unavailable: WW-BUSY, WW-WORKER-START, WW-SERVICE-STOPPING.
        NotSignedIn, NotAllowed, UnknownName, InputError: as `Caller` says.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    asking = service.asking
    if _is_at_rest(name, text, chosen, base):
        current = await asking.at_rest(service.engine, name)
    else:
        current = await asking.closed(service.engine, name)
    formats = (results, ask, graph)
    key = Question(current.view.key, text, chosen, formats, base)
    kept = asking.kept.find(key) if limits is None else None
    if kept is not None:
        return Reply(*kept, current.revision)
    args: dict[str, Any] = {"formats": formats}
    if base is not None:
        args["base"] = base
    if chosen:
        args.update(_dataset(name, chosen))
    done = await asking.run(
        "query", args, _bytes(text), current.view, who=caller.account, limits=limits
    )
    form, written = done.value
    if limits is None:
        asking.kept.keep(key, (done.body, written, form))
    return Reply(done.body, written, form, current.revision)


async def update(
    service: Service,
    caller: Caller,
    text: str,
    *,
    wardrobe: str | None = None,
    chosen: Chosen = _NONE,
    base: str | None = None,
    preview: bool = False,
    expected: int | None = None,
) -> Changed:
    """Carry out an update as one revision, or look at what it would change.

    Args:
        service: whose workspace it is.
        caller: who asks.
        text: SPARQL 1.1 Update, without LOAD.
        wardrobe: whose facts; the caller's only one, if None.
        chosen: what every WHERE is asked of.
        base: what relative IRIs are resolved against.
        preview: whether only to look.
        expected: the wardrobe's revision that it is for, if that matters.

    Raises:
        QueryError: as `query`, and WW-QUERY-NOT-UPDATE, WW-QUERY-USING.
        ValueRefused: WW-GRAPH-READ-ONLY, for graphs that are not the wardrobe's to write.
        Moved: WW-STORE-MOVED.
        Unavailable, NotSignedIn, NotAllowed, UnknownName, InputError: as `query`.
    """
    caller.require(Scope.WRITE)
    name = caller.wardrobe(wardrobe, Role.EDITOR)
    args: dict[str, Any] = {"edits": edits_graph(name)}
    if base is not None:
        args["base"] = base
    if chosen:
        args.update(_dataset(name, chosen))
    return await carried_out(
        service,
        caller,
        name,
        ("update", args, _bytes(text)),
        message=f"SPARQL update: {_shortened(' '.join(text.split()))}",
        preview=preview,
        expected=expected,
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(
            "WW-QUERY-ESCAPE", "The text holds half of a character.", note=str(error.reason)
        ) from error


def _dataset(wardrobe: str, chosen: Chosen) -> dict[str, list[str]]:
    edits = edits_graph(wardrobe)
    return {
        part: [edits if iri == _DEFAULT else iri for iri in iris]
        for part, iris in (("default", chosen.default), ("named", chosen.named))
    }


def _is_at_rest(wardrobe: str, text: str, chosen: Chosen, base: str | None) -> bool:
    """Return whether only graphs at rest are asked, which need no reasoning."""
    if chosen:
        iris = [*chosen.default, *chosen.named]
    else:
        # A long text is looked at where it may take its time: over there.
        said = dataset_of(text, base) if len(text) < _LOOKED_AT else None
        if said is None:
            return False
        iris = [*said[0], *said[1]]
    own = own_prefix(wardrobe)
    return all(not iri.startswith(OURS) or iri.startswith(own) for iri in iris)
