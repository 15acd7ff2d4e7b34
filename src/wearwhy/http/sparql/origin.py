"""Where the service stands, as its clients see it: what its own IRIs are made of."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.types import Scope

from wearwhy.errors import InputError
from wearwhy.service.configuration import Configuration

QUERY_PATH: Final = "/sparql"
UPDATE_PATH: Final = "/update"
GRAPHS_PATH: Final = "/graphs"
WARDROBES_PATH: Final = "/wardrobes"
VOID_PATH: Final = "/.well-known/void"
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def origin(request: Request) -> str:
    """Return where the service stands, without a slash at the end.

    That is its public URL, if it was told one; else scheme, host and root path under which the
    request came. A Host header that is none gives way to the server's own address.
    """
    told: Configuration = request.app.state.configuration
    if told.public_url:
        return told.public_url.rstrip("/")
    scope = request.scope
    host = request.headers.get("host", "")
    if not _is_host(host):
        host = _server(scope)
    return f"{scope.get('scheme', 'http')}://{host}{scope.get('root_path', '')}"


def standing(request: Request) -> str:
    """Return where the protocols stand for a request, without a slash at the end.

    That is the service's own place, or a wardrobe's, where the path names one.
    """
    wardrobe = request.path_params.get("wardrobe")
    here = origin(request)
    return here if wardrobe is None else f"{here}{WARDROBES_PATH}/{quote(wardrobe, safe='')}"


def meant(request: Request, asked: str | None) -> str | None:
    """Return the wardrobe that the path names, or else the one that a parameter does.

    Raises:
        InputError: WW-HTTP-PARAMETER, where they name two.
    """
    named: str | None = request.path_params.get("wardrobe")
    if named is None or asked is None or named == asked:
        return named or asked
    raise InputError("WW-HTTP-PARAMETER", "The path names a wardrobe, and a parameter another.")


@lru_cache(maxsize=256)
def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


def _server(scope: Scope) -> str:
    name, port = scope.get("server") or ("localhost", None)
    return f"{name}:{port}" if port else str(name)
