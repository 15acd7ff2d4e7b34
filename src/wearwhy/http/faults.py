"""What nobody foresaw, as it is told: to people a page, to programs a problem; to neither its text."""

from __future__ import annotations

import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from wearwhy.errors import WearwhyError
from wearwhy.http.page.route import told_as_page
from wearwhy.http.problems import FAULT, told_fault

_LOG: Final = logging.getLogger("wearwhy.http")
_HTML: Final = "text/html"
_BARE: Final = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>500</title></head>
<body><main><h1>{sentence}</h1><p>{note}</p><p>{number}</p></main></body></html>
"""


async def told_to_people(request: Request, error: Exception) -> Response:
    """Return what nobody foresaw as the caller reads it; whoever catches it logs it."""
    if isinstance(error, WearwhyError) or not _is_read_by_people(request):
        return await told_fault(request, error)
    number = request.scope.get("state", {}).get("request_id", "")
    request.scope.setdefault("state", {})["problem"] = FAULT.code
    try:
        return await told_as_page(request, FAULT)
    except Exception:  # noqa: BLE001  # what failed may be what draws pages: then one that needs nothing
        _LOG.exception("failed again")
        bare = _BARE.format(sentence=FAULT.sentence, note=FAULT.note, number=number)
        return HTMLResponse(bare, 500)


def _is_read_by_people(request: Request) -> bool:
    return _HTML in request.headers.get("accept", "").lower()
