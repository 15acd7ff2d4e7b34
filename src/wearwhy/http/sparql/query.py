"""`/sparql`: queries by GET, POST and QUERY; without one, the service's description."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from wearwhy.http.sparql.answering import asking, not_acceptable, sent
from wearwhy.http.sparql.asked import (
    QUERY,
    Asked,
    from_parameters,
    parameters,
    posted,
    require_text,
)
from wearwhy.http.sparql.description import described
from wearwhy.http.sparql.media import GRAPHS, RESULTS, TRUTHS, Choice, choice
from wearwhy.http.sparql.origin import QUERY_PATH, meant, standing
from wearwhy.http.sparql.waiting import while_connected
from wearwhy.service import sparql
from wearwhy.service.caller import Caller
from wearwhy.service.service import Service
from wearwhy.service.sparql import Chosen, Reply

_HEADERS: Final = QUERY.headers
_OFFERED: Final = {"select": RESULTS, "ask": TRUTHS, "graph": GRAPHS}


async def query(request: Request) -> Response:
    """Answer a request to `/sparql`.

    Raises:
        NotSignedIn, NotAllowed: before anything of a body is read.
        Refused: WW-HTTP-MEDIA, WW-HTTP-ACCEPT.
        InputError: WW-HTTP-PARAMETER, WW-HTTP-UTF8.
        QueryError: as `service.sparql.query` says.
    """
    if request.method in ("GET", "HEAD"):
        asked = from_parameters(QUERY, parameters(request.scope["query_string"]))
        if asked.text is None and not (asked.default or asked.named):
            return await described(request, meant(request, asked.wardrobe))
        caller = await asking(request)
    else:
        caller = await asking(request)
        asked = await posted(request, QUERY)
    wanted = choice(request.headers.get("accept", ""))
    reply = await while_connected(request, _reply(request, caller, asked, wanted))
    media = {"select": wanted.select, "ask": wanted.ask, "graph": wanted.graph}[reply.form]
    if media is None:
        raise not_acceptable(_OFFERED[reply.form])
    return sent(request, reply.body, media, _HEADERS)


async def _reply(request: Request, caller: Caller, asked: Asked, wanted: Choice) -> Reply:
    service: Service = request.app.state.service
    return await sparql.query(
        service,
        caller,
        require_text(asked, QUERY),
        wardrobe=meant(request, asked.wardrobe),
        chosen=Chosen(asked.default, asked.named),
        results=wanted.select and RESULTS[wanted.select],
        ask=wanted.ask and TRUTHS[wanted.ask],
        graph=wanted.graph and GRAPHS[wanted.graph],
        base=standing(request) + QUERY_PATH,
    )
