"""One process of the pool, from the pool's side."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

from wearwhy.service.workers.frames import Frames, opening
from wearwhy.service.workers.going import Going
from wearwhy.service.workers.shipped import Shipped
from wearwhy.store.died import Died

_SOURCES: Final = str(Path(__file__).parents[3])
_WORDS: Final = 4096
_JOIN_BELOW: Final = 1 << 16


class Member(asyncio.Protocol):
    """A process and what it holds; it does one job at a time.

    Args:
        room: bytes of memory that the graphs it holds may take.
        largest: bytes that an answer may have.
        lost: called when it has ended.

    Attributes:
        held: the graphs that it was sent.
        free: whether it has no job.
        alive: whether it can still be asked.
        weight: bytes of memory that it had when it was ready.
        going: called with how far the job is, where it says so.
    """

    def __init__(self, room: int, largest: int, lost: Callable[[Member], None]) -> None:
        self._lost = lost
        self.held = Shipped(room)
        self.free = True
        self.alive = True
        self.weight = 0
        self.going: Going | None = None
        self._frames = Frames(largest)
        self._answer: asyncio.Future[tuple[Any, bytes]] | None = None
        self._transport: asyncio.Transport | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ours: socket.socket | None = None

    def launch(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process, which ends with the thread that started it; no loop need run yet.

        Raises:
            OSError: it could not be started.
        """
        ours, theirs = socket.socketpair()
        command = (
            sys.executable,
            "-m",
            "wearwhy.service.workers.process",
            str(os.getpid()),
            str(self.held.room),
        )
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  # our own module
                    (*command, *modules),
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env={**_environment(), **environment},
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        ours.setblocking(False)
        self._ours = ours

    async def start(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process, if it is not launched, and wait until it is ready.

        Raises:
            Died: it did not get so far.
            OSError: it could not be started.
        """
        if self._ours is None:
            self.launch(modules, environment)
        loop = asyncio.get_running_loop()
        self._answer = ready = loop.create_future()
        ours, self._ours = self._ours, None
        await loop.create_connection(lambda: self, sock=ours)
        head, _ = await ready
        self.weight = head["ready"]

    def ask(
        self, head: Any, body: bytes, before: Iterable[tuple[Any, bytes]]
    ) -> asyncio.Future[tuple[Any, bytes]]:
        """Send a job, and what must be sent before it; the answer comes in the future.

        The future fails with `Died`, where the process ends first.
        """
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        for first, text in before:
            self._send(first, text)
        self._send(head, body)
        return self._answer

    def _send(self, head: Any, body: bytes) -> None:
        assert self._transport is not None
        start = opening(head, len(body))
        if len(body) < _JOIN_BELOW:
            self._transport.write(start + body)
        else:
            self._transport.write(start)
            self._transport.write(body)

    @property
    def pid(self) -> int:
        """The id of the process; 0 before it was started."""
        return self._process.pid if self._process is not None else 0

    @property
    def idle(self) -> bool:
        """Whether it can take a job: one that was killed a moment ago may not have told yet."""
        return (
            self.free and self.alive and self._process is not None and self._process.poll() is None
        )

    def kill(self) -> None:
        """End the process at once."""
        self.alive = False
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        if self._transport is not None:
            self._transport.abort()
        elif self._ours is not None:
            self._ours.close()
            self._last()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the process."""
        # Not asserted: uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        try:
            for found in self._frames.add(data):
                if "going" in found[0]:
                    if self.going is not None:
                        self.going(*found[0]["going"])
                elif self._answer is not None and not self._answer.done():
                    self._answer.set_result(found)
        except ValueError:  # it does not speak as we do any more
            self.kill()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits that there will be no answer."""
        del exc
        self.alive = False
        words, code = self._last()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Died(words, code))
        self._lost(self)

    def _last(self) -> tuple[str, int | None]:
        process = self._process
        if process is None or process.stderr is None:
            return "", None
        # Its end of the sockets is closed, or it was killed: it ends now, if it has not yet.
        with suppress(ProcessLookupError):
            process.kill()
        try:
            code: int | None = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = None
        said = b""
        with suppress(OSError):
            said = process.stderr.read(_WORDS) or b""
        process.stderr.close()
        return said.decode("utf-8", "replace").strip(), code


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": _SOURCES,
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # an arena a thread would count against the memory limit
    }
