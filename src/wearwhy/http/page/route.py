"""How the page tells errors: as a page in the visitor's language, or the way to sign in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from wearwhy.errors import InputError, NotSignedIn, TooMany, UnknownName, WearwhyError
from wearwhy.http.callers import caller_of
from wearwhy.http.page.frame import frame_of
from wearwhy.http.problems import FAULT, status_of
from wearwhy.service.caller import Caller

SIGN_IN: Final = "/page/sign-in"
_LOG: Final = logging.getLogger("wearwhy.http")


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which tells errors as pages."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except WearwhyError as error:
                return await told_as_page(request, error)
            except RequestValidationError as error:
                wrong = InputError(
                    "WW-PAGE-FORM",
                    "The form is not filled in as it asks.",
                    note="; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()[:5]),
                )
                return await told_as_page(request, wrong)
            except HTTPException as error:  # what reading a form met, wrapped on its way
                cause = error.__cause__
                if not isinstance(cause, WearwhyError):
                    cause = InputError(
                        "WW-PAGE-FORM", "The form cannot be read.", note=error.detail
                    )
                # Who sent it is not asked: that would read the form again.
                return await told_as_page(request, cause, Caller.nobody())
            finally:
                await request.close()  # a file that was sent is held until then

        return told


async def told_as_page(
    request: Request, error: WearwhyError, caller: Caller | None = None
) -> Response:
    """Return an error as a page; of who is not signed in, the way there and back.

    A fault of ours is logged whole, and told without a word of what it was.

    Args:
        request: that it befell.
        error: what went wrong.
        caller: for whom the page is; None: who sent the request.
    """
    if status_of(error) == 500 and error is not FAULT:
        _LOG.error("fault", exc_info=error, extra={"code": FAULT.code})
        error = FAULT
    request.state.problem = error.code
    try:
        caller = caller or await caller_of(request)
    except WearwhyError:
        caller = Caller.nobody()
    # Who is signed in and gave a wrong password is told that, where they gave it.
    if isinstance(error, NotSignedIn) and not caller.account and request.url.path != SIGN_IN:
        if request.method == "GET" and "X-Part" not in request.headers:
            back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"{SIGN_IN}?{urlencode({'next': back})}", 303)
        return RedirectResponse(SIGN_IN, 303)
    frame = await frame_of(request, caller)
    missing = isinstance(error, UnknownName) and request.method == "GET"
    number = getattr(request.state, "request_id", "") if error is FAULT else ""
    answer = frame.show(
        "error.html",
        404 if missing else status_of(error),
        error=error,
        request_id=number,
        part="X-Part" in request.headers,
    )
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return answer


def pages() -> APIRouter:
    """Return a router whose routes are pages: errors are told as pages, OpenAPI leaves them out."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)
