"""How often one address may ask."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from wearwhy.errors import TooMany
from wearwhy.http.problems import problem
from wearwhy.http.security import is_near
from wearwhy.service.accounts.limits import Limiter, address_key
from wearwhy.service.configuration import Configuration

_BURST: Final = 20  # seconds' worth that may come at once: a page with a picture for each item


class Rated:
    """An application that an address may ask so many times a minute.

    What is asked on this machine itself is not counted. Behind a proxy whose word is not taken,
    everybody has the proxy's address, and one count.
    """

    def __init__(self, app: ASGIApp, configuration: Configuration) -> None:
        self._app = app
        rate = configuration.requests_per_minute / 60
        self._limiter = Limiter(rate, max(rate * _BURST, 1)) if rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if self._limiter is not None and scope["type"] == "http" and not is_near(scope):
            client = scope.get("client")
            try:
                self._limiter.take(address_key(client[0] if client else ""))
            except TooMany as error:
                await problem(scope, error)(scope, receive, send)
                return
        await self._app(scope, receive, send)
