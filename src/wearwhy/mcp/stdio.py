"""The tools over stdin and stdout, for an agent of who works on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from wearwhy.mcp.server import make_server
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service

_ALL: Final = frozenset((Scope.READ, Scope.WRITE, Scope.RULES))


async def serve_stdio(
    folder: Path, *, wardrobe: str | None = None, key: str | None = None, read_only: bool = False
) -> None:
    """Answer an agent until its client closes stdin.

    The workspace is not held: other processes may change it meanwhile, a server among them.

    Args:
        folder: of the workspace.
        wardrobe: the only one that is seen; None: all of them.
        key: of an account, whose wardrobes and scopes are all that is seen; None: whoever can run
            this program can read and write the workspace's files, and so may do everything here.
        read_only: whether nothing may be changed.

    Raises:
        StoreError: WW-STORE-NONE.
        NotSignedIn: WW-ACCESS-KEY-UNKNOWN.
    """
    service = Service.open(folder, hold=False)

    async def callers(request: object | None) -> Caller:
        del request
        await service.engine.run(lambda workspace: workspace.refresh())
        return _limited(_caller(service, key), wardrobe, read_only=read_only)

    try:
        _caller(service, key)
        await make_server(service, callers).run_stdio_async()
    finally:
        await service.close()


def _caller(service: Service, key: str | None) -> Caller:
    if key is not None:
        return service.accounts.caller_of_key(key)
    return Caller("", "here", _ALL, dict.fromkeys(service.workspace.wardrobes(), Role.OWNER))


def _limited(caller: Caller, wardrobe: str | None, *, read_only: bool) -> Caller:
    """Return a caller who may do less: only in one wardrobe, or only read."""
    seen = {name: role for name, role in caller.wardrobes.items() if wardrobe in (None, name)}
    scopes = caller.scopes & {Scope.READ} if read_only else caller.scopes
    return Caller(caller.account, caller.name, scopes, seen, caller.most)
