"""Where the protocols stand: raw routes, without the checks that REST's models need."""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute, Route

from wearwhy.http.sparql.description import void
from wearwhy.http.sparql.graphs import graph
from wearwhy.http.sparql.origin import (
    GRAPHS_PATH,
    QUERY_PATH,
    UPDATE_PATH,
    VOID_PATH,
    WARDROBES_PATH,
)
from wearwhy.http.sparql.query import query
from wearwhy.http.sparql.update import update

_GRAPH_METHODS: Final = ("GET", "HEAD", "PUT", "POST", "DELETE")


def _standing(at: str) -> tuple[BaseRoute, ...]:
    return (
        Route(at + QUERY_PATH, query, methods=["GET", "HEAD", "POST", "QUERY"]),
        Route(at + UPDATE_PATH, update, methods=["POST"]),
        Route(at + GRAPHS_PATH, graph, methods=_GRAPH_METHODS),
        Route(at + GRAPHS_PATH + "/{path:path}", graph, methods=_GRAPH_METHODS),
    )


routes: Final[tuple[BaseRoute, ...]] = (
    *_standing(""),
    # For clients that know one URL only, and no parameter beside their own.
    *_standing(WARDROBES_PATH + "/{wardrobe}"),
    Route(VOID_PATH, void, methods=["GET", "HEAD"]),
)
