"""A process that looks at the workspace beside the server: it reads, and changes nothing.

Usage: `python -m wearwhy.service.aside PARENT FOLDER`. Standard input is one end of a pair of
sockets. It is told an operation by name and what that is given, and follows the revisions that the
server has made since, before it answers. It may be killed at any moment.
"""

from __future__ import annotations

import gc
import logging
import resource
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from wearwhy.errors import WearwhyError
from wearwhy.service.configuration import Configuration
from wearwhy.service.packing import named, packed, unpacked
from wearwhy.service.workers.confine import die_with
from wearwhy.service.workers.frames import frame, read_frame
from wearwhy.store.remote import error_json
from wearwhy.workspace import Workspace

MEMORY: Final = 3 << 30
"""Bytes of address space beyond those of the start that the process may take."""


@dataclass(slots=True)
class Aside:
    """What an operation finds here in the place of the service.

    Attributes:
        folder: of the workspace.
        workspace: as of the last revision that was asked for.
        configuration: what is usual.
    """

    folder: Path
    workspace: Workspace
    configuration: Configuration = field(default_factory=Configuration)


def main() -> None:
    """Answer until the other end is closed."""
    parent, folder = sys.argv[1:]
    die_with(int(parent))
    logging.disable()
    gc.disable()  # what is read and closed stays: to look through it for garbage is in vain
    workspace = Workspace.open(Path(folder))
    _ = workspace.base, workspace.resources
    service = Aside(Path(folder), workspace)
    _limit()
    channel = socket.socket(fileno=0)
    source = channel.makefile("rb", 1 << 16)
    gc.collect()
    gc.freeze()
    gc.enable()
    channel.sendall(frame({"ready": workspace.revision}))
    while True:
        message = read_frame(source)
        if message is None:
            return
        channel.sendall(frame(_answered(service, message[0])))
        workspace.tidy()


def _limit() -> None:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answered(service: Aside, asked: dict[str, Any]) -> dict[str, Any]:
    workspace = service.workspace
    try:
        if workspace.revision < asked["at"]:
            workspace.refresh()
        operation = cast("Callable[..., Any]", named(asked["operation"]))
        caller, args, given = (unpacked(asked[part]) for part in ("caller", "args", "given"))
        found = operation(service, caller, *args, **given)
    except WearwhyError as error:
        return {"error": error_json(error)}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # noqa: BLE001  # told by its kind alone; the server tries itself
        return {"unfit": type(error).__name__}
    try:
        return {"value": packed(found)}
    except TypeError as error:
        return {"unfit": str(error)}


if __name__ == "__main__":
    main()
