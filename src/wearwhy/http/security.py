"""What every answer tells a browser to forbid, and which hosts this server answers to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wearwhy.errors import Refused
from wearwhy.http.problems import problem
from wearwhy.service.configuration import Configuration, is_loopback

_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
"""Nothing comes from elsewhere, and no script or style stands in a page."""

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": "; ".join(_POLICY),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # What is answered is somebody's wardrobe: a route that may be kept says so itself.
    "cache-control": "no-store",
}
_YEARS: Final = "max-age=63072000; includeSubDomains"


class Secured:
    """An application that answers to its own names only, and forbids what its pages do not need."""

    def __init__(self, app: ASGIApp, configuration: Configuration) -> None:
        self._app = app
        self._names = configuration.names
        self._headers = dict(HEADERS)
        if configuration.secure:
            self._headers["strict-transport-security"] = _YEARS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if host_of(scope) not in self._names:
            await problem(scope, _MISDIRECTED)(scope, receive, sending)
            return
        await self._app(scope, receive, sending)


_MISDIRECTED: Final = Refused(
    "WW-HTTP-HOST",
    "This server does not answer to that name.",
    421,
    note="The Host header names neither this machine's loopback nor a name that it was told.",
    hint="Set public_url, or hosts, as docs/serve.md says.",
)


def host_of(scope: Scope) -> str:
    """Return the name in the Host header, without its port; empty for none, several or no name."""
    found = [value for name, value in scope["headers"] if name == b"host"]
    said = _HOST.fullmatch(found[0].decode("latin1").lower()) if len(found) == 1 else None
    return (said[1] or said[2]) if said else ""


_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/\s]*))(?::[0-9]*)?")
_PASSED_ON: Final = frozenset((b"forwarded", b"x-real-ip", b"via"))
_PASSED_ON_AS: Final = b"x-forwarded-"


def is_near(scope: Scope) -> bool:
    """Return whether a request was made on this machine itself, and not passed on by a proxy."""
    client = scope.get("client")
    if client is None or not is_loopback(client[0]) or not is_loopback(host_of(scope)):
        return False
    return not any(
        name in _PASSED_ON or name.startswith(_PASSED_ON_AS) for name, _ in scope["headers"]
    )
