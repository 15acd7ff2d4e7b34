"""Work that takes long and only looks, done in processes beside: nobody else waits for it.

An operation runs there at the revision that stands when it is its turn, or a newer one. One that
takes too long is given up by killing its process, and a fresh one takes its place.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import TooLarge, TooMany, Unavailable
from wearwhy.service.caller import Caller
from wearwhy.service.configuration import Configuration
from wearwhy.service.packing import packed, unpacked
from wearwhy.service.patience import bounded
from wearwhy.service.workers.frames import Frames, frame
from wearwhy.store.remote import error_from

_log = logging.getLogger(__name__)
_SOURCES: Final = str(Path(__file__).parents[2])
SECONDS: Final = Configuration().aside_seconds
PATIENCE: Final = 6.0
"""How many times as long on the clock as it may compute: a busy machine does others' work, too."""
START_SECONDS: Final = 60.0
WAITING: Final = 64
"""How many pieces of work may wait."""
LARGEST: Final = 256 << 20
LATER: Final = 1.5
"""Seconds after the server's own start: that one goes first."""
_AGAIN: Final = 1.0
"""Seconds between two tries to start a process."""


class Unfit(Exception):
    """The work cannot be done in another process: it is given, or returns, what stays in this."""


@dataclass(slots=True, eq=False)
class _Lane:
    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    frames: Frames

    async def read(self) -> dict[str, Any]:
        """Return the next answer.

        Raises:
            ConnectionError: the process has ended.
        """
        while True:
            data = await self.reader.read(1 << 18)
            if not data:
                raise ConnectionError
            for head, _ in self.frames.add(data):
                found: dict[str, Any] = head
                return found

    @property
    def alive(self) -> bool:
        """Whether the process runs; nobody need have been told yet that it was killed."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End the process."""
        self.writer.close()
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()


class Lanes:
    """Processes that look at a workspace beside the server.

    Args:
        folder: of the workspace.
        size: how many.
        seconds: that a piece of work may compute; by the clock it may take `PATIENCE` times as
            long.

    Attributes:
        figures: how many pieces of work were done, given up and killed, by name.
        started: whether it has been.
    """

    def __init__(self, folder: Path, size: int = 1, seconds: float = SECONDS) -> None:
        self.size = size
        self.seconds = seconds
        self.figures: Counter[str] = Counter()
        self._folder = folder
        self._free: list[_Lane] = []
        self._all: set[_Lane] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Condition()
        self._waiting = 0
        self._busy: Counter[str] = Counter()
        self._former: set[_Lane] = set()
        self._open = True
        self._later: asyncio.TimerHandle | None = None
        self.started = False

    def start(self) -> None:
        """Let work come; the processes start a moment later, or as soon as one is needed."""
        self.started = True
        self._later = asyncio.get_running_loop().call_later(LATER, self._fill)

    def _fill(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None
            for _ in range(self.size):
                self._begin()

    def renew(self) -> None:
        """Put fresh processes in the place of all, so that what was forgotten is in none of them.

        One that works is replaced as soon as it is done.
        """
        self._former |= self._all
        for lane in self._free:
            self._replace(lane)
        self._free.clear()

    async def close(self) -> None:
        """End the processes."""
        self._open = False
        if self._later is not None:
            self._later.cancel()
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for lane in list(self._all):
            lane.kill()
        self._all.clear()
        async with self._turn:
            self._turn.notify_all()

    @property
    def free(self) -> bool:
        """Whether one has nothing to do."""
        return bool(self._free)

    @property
    def ready(self) -> bool:
        """Whether any has started."""
        return len(self._all) > len(self._starting)

    @property
    def waiting(self) -> int:
        """How many pieces of work wait."""
        return self._waiting

    async def run(
        self,
        operation: Callable[..., Any],
        caller: Caller,
        args: tuple[Any, ...],
        given: dict[str, Any],
        *,
        at: int,
        seconds: float | None = None,
    ) -> Any:
        """Return what an operation returns.

        Args:
            operation: stands in a module of ours; it changes nothing.
            caller: who asks, and whose turn it takes: one account never has all processes.
            args: what it is given besides.
            given: by name.
            at: the revision that it must see, or a newer one.
            seconds: that it may compute; `self.seconds`, if None.

        Raises:
            Unfit: it cannot be done here.
            Unavailable: WW-SERVICE-TIME, WW-SERVICE-STOPPING.
            TooMany: WW-BUSY, where too many wait.
            WearwhyError: what the operation raised.
        """
        asked = {
            "operation": f"{operation.__module__}:{operation.__qualname__}",
            "at": at,
        }
        try:
            asked |= {
                "caller": packed(caller),
                "args": packed(list(args)),
                "given": packed(given),
            }
        except TypeError as error:
            raise Unfit(str(error)) from error
        lane = await self._take(caller.account)
        allowed = self.seconds if seconds is None else seconds
        whole = False
        try:
            lane.writer.write(frame(asked))
            async with bounded(lane.process.pid, allowed, allowed * PATIENCE):
                answer = await lane.read()
            whole = True
        except TimeoutError as over:
            self.figures["time_total"] += 1
            raise _too_long(str(over)) from None
        except ConnectionError:
            self.figures["died_total"] += 1
            raise TooLarge(
                "WW-SERVICE-DIED",
                "What was asked ended the process that worked on it.",
                hint="Ask for less at a time.",
            ) from None
        finally:
            await self._give_back(lane, caller.account, whole=whole)
        return self._value(answer)

    def _value(self, answer: dict[str, Any]) -> Any:
        if "error" in answer:
            raise error_from(answer["error"])
        if "memory" in answer:
            raise TooLarge(
                "WW-SERVICE-MEMORY",
                "What was asked needs more memory than it may take.",
                hint="Ask for less at a time.",
            )
        if "unfit" in answer:
            raise Unfit(answer["unfit"])
        self.figures["done_total"] += 1
        return unpacked(answer["value"])

    # -- turns -------------------------------------------------------------------------------

    async def _take(self, who: str) -> _Lane:
        if self._waiting >= WAITING:
            raise _busy()
        self._fill()
        most = max(1, self.size - 1)
        self._waiting += 1
        try:
            async with asyncio.timeout(START_SECONDS), self._turn:
                await self._turn.wait_for(
                    lambda: not self._open or (self._busy[who] < most and self._any())
                )
                if not self._open:
                    raise Unavailable("WW-SERVICE-STOPPING", "The service is stopping.")
                self._busy[who] += 1
                return self._free.pop()
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1

    def _any(self) -> bool:
        """Return whether a process is free; one that was killed meanwhile is replaced."""
        for lane in [one for one in self._free if not one.alive]:
            self._free.remove(lane)
            self._replace(lane)
        return bool(self._free)

    async def _give_back(self, lane: _Lane, who: str, *, whole: bool) -> None:
        async with self._turn:
            self._busy[who] -= 1
            if not self._busy[who]:
                del self._busy[who]
            if whole and self._open and lane not in self._former:
                self._free.append(lane)
            else:
                self._replace(lane)
            self._turn.notify_all()

    # -- processes ---------------------------------------------------------------------------

    def _replace(self, lane: _Lane) -> None:
        self._all.discard(lane)
        self._former.discard(lane)
        lane.kill()
        if self._open:
            self._begin()

    def _begin(self) -> None:
        task = asyncio.get_running_loop().create_task(self._started())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _started(self) -> None:
        while self._open:
            try:
                lane = await self._one()
            except (ConnectionError, TimeoutError, OSError) as error:
                _log.warning("a process beside could not be started: %s", type(error).__name__)
                await asyncio.sleep(_AGAIN)
                continue
            if lane in self._former:
                self._replace(lane)
                return
            async with self._turn:
                self._free.append(lane)
                self._turn.notify_all()
            return

    async def _one(self) -> _Lane:
        ours, theirs = socket.socketpair()
        with theirs:
            # In the loop's own thread: the process ends with the thread that started it.
            process = subprocess.Popen(  # noqa: S603, ASYNC220  # our own module; no waiting
                (
                    *(sys.executable, "-m", "wearwhy.service.aside"),
                    *(str(os.getpid()), str(self._folder.absolute())),
                ),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours)
        lane = _Lane(process, reader, writer, Frames(LARGEST))
        self._all.add(lane)
        try:
            async with asyncio.timeout(START_SECONDS):
                await lane.read()
        except BaseException:
            self._all.discard(lane)
            self._former.discard(lane)
            lane.kill()
            raise
        return lane


def _busy() -> TooMany:
    return TooMany(
        "WW-BUSY",
        "Too many wait for what takes long.",
        retry_after=5.0,
        hint="Try again in a moment.",
    )


def _environment() -> dict[str, str]:
    """Return the little that a process needs to know: no key, no address."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    # No change of the working directory, and no module from there, may stand before ours.
    return {**found, "PYTHONPATH": _SOURCES, "PYTHONSAFEPATH": "1", "OMP_NUM_THREADS": "1"}


def _too_long(after: str) -> Unavailable:
    return Unavailable(
        "WW-SERVICE-TIME",
        f"It was given up after {after}.",
        note="What takes longer is stopped, so that others need not wait.",
        hint="Ask for less at a time, or on the command line.",
    )
