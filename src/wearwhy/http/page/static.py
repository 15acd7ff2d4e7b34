"""The page's own files: styles, scripts, the icon. They are read once and named by their content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

FOLDER: Final = Path(__file__).parent / "static"
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
PREFIX: Final = "/page/static/"
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file: its bytes, media type, and the start of their SHA-256."""

    body: bytes
    kind: str
    tag: str


@cache
def assets() -> dict[str, Asset]:
    """Return the files by name."""
    found = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in KINDS:
            body = path.read_bytes()
            found[path.name] = Asset(body, KINDS[path.suffix], sha256(body).hexdigest()[:12])
    return found


def address(name: str) -> str:
    """Return the address of a file, which changes when the file does."""
    return f"{PREFIX}{name}?v={_version()}"


@cache
def _version() -> str:
    """Return one version for all: modules import each other by plain names."""
    return sha256("".join(one.tag for one in assets().values()).encode()).hexdigest()[:12]


@router.get(PREFIX + "{name}")
async def file(name: str, request: Request) -> Response:
    """Return one of the files; no other name is known, so no path leads outside."""
    found = assets().get(name)
    if found is None:
        return Response("", 404)
    headers = {"ETag": f'"{found.tag}"', "X-Content-Type-Options": "nosniff"}
    known = "v" in request.query_params
    headers["Cache-Control"] = "public, max-age=31536000, immutable" if known else "no-cache"
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(None, 304, headers=headers)
    return Response(found.body, media_type=found.kind, headers=headers)
