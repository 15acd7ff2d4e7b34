"""One call of the command line in a process of its own: how far it is, and its document."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import InputError, TooLarge, Unavailable, WearwhyError
from wearwhy.store import remote

Progress = Callable[[str, int, int], None]
LINE: Final = 1 << 16
LARGEST: Final = 64 << 20
"""Bytes of a document."""
_NICE: Final = 10


async def called(
    folder: Path,
    words: Sequence[str],
    *,
    seconds: float,
    memory: int | None,
    progress: Progress,
    account: str = "",
) -> Any:
    """Return the document that a command line prints.

    Args:
        folder: of the workspace, as a whole path.
        words: of the command line.
        seconds: that it may take.
        memory: MiB that it may take; None: no limit.
        progress: called with what is done, how much of it, and of how much.
        account: for which it is done: its changes are this account's.

    Raises:
        WearwhyError: with the code that the command line tells.
        Unavailable: WW-TASK-TIME, WW-TASK-DIED.
    """
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("WEARWHY_")},
        "WEARWHY_PROGRESS": "lines",
        remote.ACCOUNT: account,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    with tempfile.TemporaryDirectory(prefix="wearwhy-task-") as empty:
        # Run where there is nothing: no word can name a file by chance.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wearwhy", "--workspace", str(folder), "--json",
            *words,
            cwd=empty, env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            start_new_session=True, limit=LINE,
        )  # fmt: skip
        try:
            _bounded(process.pid, memory)
            async with asyncio.timeout(seconds):
                said = await _heard(process, progress)
                await process.wait()
        except TimeoutError as error:
            raise Unavailable(
                "WW-TASK-TIME",
                f"It took longer than {seconds:g} seconds, and was stopped.",
                hint="Ask for less of it.",
            ) from error
        finally:
            await _ended(process)
    return _document(said, process.returncode)


def _bounded(pid: int, memory: int | None) -> None:
    """Let a process take no more memory, and stand back for the others."""
    with contextlib.suppress(ProcessLookupError, PermissionError, OSError):
        os.setpriority(os.PRIO_PROCESS, pid, _NICE)
        if memory is not None and hasattr(resource, "prlimit"):
            size = memory << 20
            resource.prlimit(pid, resource.RLIMIT_AS, (size, size))


async def _heard(process: asyncio.subprocess.Process, progress: Progress) -> bytes:
    assert process.stdout is not None
    assert process.stderr is not None
    said, _ = await asyncio.gather(_read(process.stdout), _follow(process.stderr, progress))
    return said


async def _read(stream: asyncio.StreamReader) -> bytes:
    found = bytearray()
    while piece := await stream.read(LINE):
        found += piece
        if len(found) > LARGEST:
            raise TooLarge("WW-TASK-LARGE", f"Its document is larger than {LARGEST >> 20} MiB.")
    return bytes(found)


async def _follow(stream: asyncio.StreamReader, progress: Progress) -> None:
    """Tell how far it is, from the lines that say so; others are for people at a terminal."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # longer than any line of ours
            continue
        if not line:
            return
        try:
            told = json.loads(line)
            label, done, total = told["label"], int(told["done"]), int(told["total"])
        except (ValueError, TypeError, KeyError):
            continue
        progress(str(label)[:200], done, total)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Make sure that nothing of a process is left."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _document(said: bytes, code: int | None) -> Any:
    try:
        found = json.loads(said)
    except ValueError as error:
        raise Unavailable(
            "WW-TASK-DIED",
            "The process that did it ended without an answer.",
            note="It may have taken more memory than it was given.",
            hint="Ask for less of it, or again later.",
        ) from error
    if isinstance(found, dict) and set(found) == {"error"}:
        raise _error(found["error"], code)
    return found


def _error(told: Any, code: int | None) -> WearwhyError:
    if code == 3:
        return WearwhyError("WW-INTERNAL", "Something went wrong that should not.")
    return InputError(
        str(told.get("code", "")),
        str(told.get("message", "")),
        note=str(told.get("note", "")),
        hint=str(told.get("hint", "")),
    )
