"""The doorway by which the command line's changes reach the server that holds the workspace.

A Unix socket in the workspace's folder, that only the folder's owner can open. What comes through
it is applied as the server's own changes are: one revision, with the same checks.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import InputError, WearwhyError
from wearwhy.service.engine import Engine
from wearwhy.store import remote
from wearwhy.store.quads import Patch, Revision, from_text
from wearwhy.workspace import Workspace

_log = logging.getLogger(__name__)
Json = dict[str, Any]
Errand = Callable[[Json], Awaitable[Json]]
"""What else is asked of a server: what was said to what is answered."""
_MODE: Final = 0o600
_COMMIT: Final = frozenset(("message", "scope", "expected", "seen", "of", "by"))
_UNDO: Final = frozenset(("scope", "expected", "of", "by"))
May = Callable[[str, str | None], None]
"""Refuses a change for an account, by its id, of a scope."""


class Doorway:
    """The socket of a server.

    Args:
        engine: that makes the changes.
        folder: of the workspace.
        errands: what may be asked besides changes, by verbs.
        may: looks at changes that are made for an account.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        errands: Mapping[str, Errand] | None = None,
        may: May | None = None,
    ) -> None:
        self._engine = engine
        self._may = may
        self._errands = errands or {}
        self._path = remote.path_of(folder)
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to listen; a socket that another server left behind is replaced."""
        with suppress(FileNotFoundError):
            if stat.S_ISSOCK(self._path.lstat().st_mode):
                self._path.unlink()
        before = os.umask(0o777 - _MODE)  # nobody else may connect, not even for a moment
        try:
            self._server = await asyncio.start_unix_server(
                self._serve, remote.short(self._path), limit=remote.LONGEST
            )
        finally:
            os.umask(before)

    async def close(self) -> None:
        """Listen no longer, and take the socket away."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                answer = await self._answer(line)
                writer.write(json.dumps(answer).encode("ascii") + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # it went away, or said more than a line may hold
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Json:
        try:
            asked = _read(line)
            errand = self._errands.get(asked["verb"])
            if errand is not None:
                return {"done": await errand(asked)}
            change = _change(asked)
            if change["by"] and self._may is not None:
                self._may(change["by"], change.get("scope"))
            revision = await self._engine.run(_done, change)
        except WearwhyError as error:
            return {"error": remote.error_json(error)}
        except Exception:  # noqa: BLE001  # the command line is told, whatever it is; the log says what
            _log.exception("a change through the doorway failed")
            return {
                "error": remote.error_json(
                    WearwhyError("WW-SERVICE-INTERNAL", "The server failed to make the change.")
                )
            }
        return {"revision": remote.revision_json(revision)}


def _read(line: bytes) -> Json:
    """Return what a line asks for: an object with a verb.

    Raises:
        InputError: WW-STORE-VERB.
    """
    try:
        asked = json.loads(line)
    except ValueError as error:
        raise _unknown() from error
    if not (isinstance(asked, dict) and isinstance(asked.get("verb"), str)):
        raise _unknown()
    return asked


def _change(asked: Json) -> Json:
    """Return the change that is asked for.

    Raises:
        InputError: WW-STORE-VERB, where it asks for nothing that is known.
    """
    said = {"commit": _COMMIT, "undo": _UNDO}.get(asked["verb"])
    if said is None:
        raise _unknown()
    found: Json = {"by": ""} | {name: asked[name] for name in ("verb", *said) if name in asked}
    if found["verb"] == "commit":
        found["patch"] = Patch(from_text(asked["add"]), from_text(asked["remove"]))
    return found


def _unknown() -> InputError:
    return InputError(
        "WW-STORE-VERB",
        "The server does not know this way of changing the workspace.",
        hint="The command line and the server are of different versions: update the older one.",
    )


def _done(workspace: Workspace, asked: Json) -> Revision:
    verb = asked.pop("verb")
    with workspace.acting(asked.pop("by")):
        return workspace.commit(**asked) if verb == "commit" else workspace.undo(**asked)
