"""Changes handed to the server that holds a workspace, over its Unix socket.

One line of JSON asks, one line answers: `{"verb": "commit" | "undo", …}`, and `{"revision": …}` or
`{"error": …}`; other verbs are errands, answered by `{"done": …}`. Whoever may open the socket may write the folder: it is the owner's alone.
"""

from __future__ import annotations

import json
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from wearwhy import errors
from wearwhy.errors import StoreError, WearwhyError
from wearwhy.store.quads import Patch, Revision, from_text, to_text

SOCKET: Final = "serve.sock"
LONGEST: Final = 256 << 20
"""Bytes of a line, at most."""
SECONDS: Final = 120.0
ACCOUNT: Final = "WEARWHY_ACCOUNT"
"""In the environment of what a server began: the id of the account for which it is done."""

Json = dict[str, Any]


def path_of(folder: Path) -> Path:
    """Return where the socket of a workspace's server stands."""
    return folder / SOCKET


def server(folder: Path) -> Server | None:
    """Return the server that holds a workspace; None where none answers."""
    path = path_of(folder)
    if not path.is_socket():
        return None
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(SECONDS)
    try:
        line.connect(short(path))
    except OSError:
        line.close()
        return None  # its server has ended, and left the socket behind
    return Server(line)


def short(path: Path) -> str:
    """Return a name of the socket that is not too long for the system's 108 bytes."""
    whole = str(path.absolute())
    near = str(path)
    return min((whole, near), key=len)


class Server:
    """A server that holds a workspace; a context manager."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._line.close()

    def commit(self, patch: Patch, **said: Any) -> Revision:
        """Return the revision that the server made of a patch; arguments as `Owning.commit`.

        Raises:
            WearwhyError: what the server refused it with.
        """
        asked = {"verb": "commit", "add": to_text(patch.add), "remove": to_text(patch.remove)}
        return revision_from(self._ask({**asked, **said})["revision"])

    def undo(self, **said: Any) -> Revision:
        """Return the revision by which the server took back a change; see `Owning.undo`.

        Raises:
            WearwhyError: what the server refused it with.
        """
        return revision_from(self._ask({"verb": "undo", **said})["revision"])

    def forget(self, account: str) -> Json:
        """Return what the server forgot of an account, by its name; see `forgetting.forget`.

        Raises:
            WearwhyError: what the server refused it with.
        """
        done: Json = self._ask({"verb": "forget", "account": account})["done"]
        return done

    def _ask(self, said: Json) -> Json:
        try:
            self._line.sendall(json.dumps(said).encode("ascii") + b"\n")
            with self._line.makefile("rb") as answers:
                text = answers.readline(LONGEST)
        except OSError as error:
            raise _lost(str(error)) from error
        if not text.endswith(b"\n"):
            raise _lost("it closed the connection")
        found: Json = json.loads(text)
        if "error" in found:
            raise error_from(found["error"])
        return found


def _lost(why: str) -> StoreError:
    return StoreError(
        "WW-STORE-SERVER",
        "The server that holds this workspace did not answer.",
        note=f"It may have made the change all the same: {why}.",
        hint="See `wearwhy history`.",
    )


def revision_json(revision: Revision) -> Json:
    """Return a revision as a line says it."""
    return {
        "number": revision.number,
        "at": revision.at.isoformat(),
        "message": revision.message,
        "scope": revision.scope,
        "undoes": revision.undoes,
        "by": revision.by,
        "add": to_text(revision.patch.add),
        "remove": to_text(revision.patch.remove),
    }


def revision_from(said: Json) -> Revision:
    """Return the revision that a line says."""
    return Revision(
        said["number"],
        datetime.fromisoformat(said["at"]),
        said["message"],
        said["scope"],
        said["undoes"],
        Patch(from_text(said["add"]), from_text(said["remove"])),
        said["by"],
    )


def error_json(error: WearwhyError) -> Json:
    """Return an error as a line says it."""
    found: Json = {
        "kind": type(error).__name__,
        "code": error.code,
        "sentence": error.sentence,
        "note": error.note,
        "hint": error.hint,
        "command": error.command,
    }
    if error.place is not None:
        place = error.place
        found["place"] = [place.file, place.line, place.column, place.end]
    if isinstance(error, errors.TooMany):
        found["retry_after"] = error.retry_after
    return found


def error_from(said: Json) -> WearwhyError:
    """Return the error that a line says."""
    kind = getattr(errors, said["kind"], None)
    more: Json = {"note": said["note"], "hint": said["hint"]}
    if kind is errors.TooMany:
        return errors.TooMany(
            said["code"], said["sentence"], retry_after=said["retry_after"], **more
        )
    if not (isinstance(kind, type) and issubclass(kind, WearwhyError)):
        kind = WearwhyError
    if "place" in said:
        more["place"] = errors.Place(*said["place"])
    found: WearwhyError = kind(said["code"], said["sentence"], **more)
    found.command = said.get("command", "")
    return found
