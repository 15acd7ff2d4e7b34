"""`/update`: SPARQL updates by POST, for whom it was granted."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from wearwhy.http.sparql.answering import asking, changed_headers, expected_revision
from wearwhy.http.sparql.asked import UPDATE, posted, require_text
from wearwhy.http.sparql.origin import UPDATE_PATH, meant, standing
from wearwhy.http.sparql.waiting import while_connected
from wearwhy.service import sparql
from wearwhy.service.caller import Scope
from wearwhy.service.service import Service
from wearwhy.service.sparql import Chosen


async def update(request: Request) -> Response:
    """Carry out what is posted to `/update`, as one revision.

    Raises:
        NotSignedIn, NotAllowed: before anything of the body is read.
        InputError: WW-HTTP-MEDIA, WW-HTTP-PARAMETER, WW-HTTP-UTF8, WW-HTTP-CONDITION.
        QueryError: as `service.sparql.update` says.
    """
    service: Service = request.app.state.service
    caller = await asking(request)
    caller.require(Scope.WRITE)
    asked = await posted(request, UPDATE)
    done = await while_connected(
        request,
        sparql.update(
            service,
            caller,
            require_text(asked, UPDATE),
            wardrobe=meant(request, asked.wardrobe),
            chosen=Chosen(asked.default, asked.named),
            base=standing(request) + UPDATE_PATH,
            expected=expected_revision(request),
        ),
    )
    return Response(None, 204, headers=changed_headers(done))
