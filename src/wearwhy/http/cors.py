"""Pages of other origins: which of them may ask, and what they may see of an answer."""

from __future__ import annotations

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from wearwhy.service.configuration import Configuration

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS")
_TAKEN: Final = (
    "Accept",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Requested-With",
)
_SHOWN: Final = (
    "Accept-Query",
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "X-Request-Id",
)
_SECONDS: Final = 600


def shared(app: ASGIApp, configuration: Configuration) -> ASGIApp:
    """Return an application that pages of the configured origins may ask.

    They show a key of their own: a browser sends them no cookie of ours. Where no origin is
    configured, the application itself: a page elsewhere could otherwise read, through the browser
    of whoever works on this machine, what a server on loopback tells without a key.
    """
    if not configuration.origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=configuration.origins,
        allow_methods=_METHODS,
        allow_headers=_TAKEN,
        expose_headers=_SHOWN,
        allow_credentials=False,
        max_age=_SECONDS,
    )
