"""`/graphs`: the Graph Store Protocol, graphs named by `?graph=` or by the URL itself."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote
from uuid import uuid4

from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from wearwhy.errors import InputError
from wearwhy.http.sparql.answering import (
    acceptable_graph,
    asking,
    changed_headers,
    etag,
    expected_revision,
    is_held,
    sent,
    wants_new,
)
from wearwhy.http.sparql.asked import Parameters, parameters
from wearwhy.http.sparql.bodies import documents
from wearwhy.http.sparql.description import described
from wearwhy.http.sparql.media import GRAPHS
from wearwhy.http.sparql.origin import GRAPHS_PATH, meant, origin, standing
from wearwhy.http.sparql.waiting import while_connected
from wearwhy.service import sparql
from wearwhy.service.caller import Scope
from wearwhy.service.service import Service

MAX_IRI: Final = 2_000


async def graph(request: Request) -> Response:
    """Answer a request to `/graphs` or below it.

    Raises:
        UnknownName: WW-GRAPH-NONE, alike for a graph that is absent and one that is hidden.
        InputError: WW-HTTP-PARAMETER, WW-HTTP-MEDIA, WW-HTTP-ACCEPT, WW-HTTP-CONDITION.
        WearwhyError: as `service.sparql` says.
    """
    given = parameters(request.scope["query_string"])
    wardrobe = meant(request, _only(given, "wardrobe"))
    if request.path_params.get("path"):
        name: str | None = _direct(request, given)
    elif "graph" in given or "default" in given:
        name = _indirect(given)
    elif request.method in ("GET", "HEAD"):
        return await described(request, wardrobe)
    elif request.method == "POST":
        name = f"{standing(request)}{GRAPHS_PATH}/{uuid4()}"
    else:
        raise InputError(
            "WW-HTTP-PARAMETER",
            "The request names no graph.",
            hint="Add ?default, or ?graph= and the graph's IRI, percent-encoded.",
        )
    if request.method in ("GET", "HEAD"):
        return await _read(request, name, wardrobe)
    return await _change(request, name, wardrobe)


async def _read(request: Request, name: str | None, wardrobe: str | None) -> Response:
    media = acceptable_graph(request, GRAPHS)
    service: Service = request.app.state.service
    reply = await while_connected(
        request,
        sparql.graph_read(
            service,
            await asking(request),
            name,
            wardrobe=wardrobe,
            format=GRAPHS[media],
        ),
    )
    tag = etag(reply.revision, reply.format)
    if is_held(request, tag):
        return Response(None, 304, headers={"etag": tag})
    return sent(request, reply.body, media, {"etag": tag})


async def _change(request: Request, name: str | None, wardrobe: str | None) -> Response:
    service: Service = request.app.state.service
    caller = await asking(request)
    caller.require(Scope.WRITE)
    expected = expected_revision(request)
    if request.method == "DELETE":
        done = await while_connected(
            request,
            sparql.graph_delete(service, caller, name, wardrobe=wardrobe, expected=expected),
        )
        return Response(None, 204, headers=changed_headers(done))
    first, *more = await documents(request)
    done = await while_connected(
        request,
        sparql.graph_write(
            service,
            caller,
            name,
            first[0],
            first[1],
            more=more,
            wardrobe=wardrobe,
            replace=request.method == "PUT",
            base=name or standing(request) + GRAPHS_PATH,
            expected=expected,
            new=wants_new(request),
        ),
    )
    headers = changed_headers(done)
    if done.created and name is not None:
        here = standing(request) + GRAPHS_PATH
        own = name.startswith(f"{here}/")
        headers["location"] = name if own else f"{here}?graph={quote(name, safe='')}"
    return Response(None, 201 if done.created else 204, headers=headers)


def _direct(request: Request, given: Parameters) -> str:
    """Return the graph that the URL itself names: as it was sent, without its query."""
    if "graph" in given or "default" in given:
        raise InputError("WW-HTTP-PARAMETER", "The URL names a graph, and its query another.")
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.decode("ascii", "replace").partition("?")[0]
    root = request.scope.get("root_path", "")
    return _iri(origin(request) + path.removeprefix(root))


def _indirect(given: Parameters) -> str | None:
    name = _only(given, "graph")
    if name is None:
        return None
    if "default" in given:
        raise InputError("WW-HTTP-PARAMETER", "The request names the default graph and another.")
    return _iri(name)


def _iri(text: str) -> str:
    try:
        NamedNode(text)
    except ValueError:
        text = ""
    if not text or len(text) > MAX_IRI:
        raise InputError(
            "WW-HTTP-PARAMETER",
            "The graph's name is no absolute IRI.",
            hint="Percent-encode it: ?graph=http%3A%2F%2Fexample.org%2Fg.",
        )
    return text


def _only(given: Parameters, name: str) -> str | None:
    values = given.get(name, ())
    if len(values) > 1:
        raise InputError("WW-HTTP-PARAMETER", f"There are {len(values)} parameters '{name}'.")
    return values[0] if values else None
