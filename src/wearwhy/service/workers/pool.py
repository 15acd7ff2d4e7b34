"""The pool: jobs in, answers out, and no job can hurt more than itself.

A job has a process to itself while it runs. A process that exceeds its time is killed, one that
dies is replaced, and who asked gets an error that says so. Where every process has been busy for
a while, spare ones are started, which one caller alone cannot take.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from wearwhy.errors import Unavailable, WearwhyError
from wearwhy.service.workers.faults import Faults, raised
from wearwhy.service.workers.going import Going
from wearwhy.service.workers.held import LOAD_SECONDS
from wearwhy.service.workers.member import Member
from wearwhy.service.workers.shipped import View
from wearwhy.service.workers.turns import Turns
from wearwhy.store.died import Died

_log = logging.getLogger(__name__)
PATIENCE: Final = 0.1
"""Seconds after which somebody who waits gets a spare process."""
START_SECONDS: Final = 30.0
_ROOM: Final = 384 << 20
_ENDS: Final = ("answered", "slow", "hungry", "died", "given_up")
_JOBS: Final = 20_000  # after which a process is replaced: whatever leaked goes with it


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may use: `seconds`, bytes of `memory` to grow by, bytes of answer (`size`)."""

    seconds: float = 20.0
    memory: int = 1 << 30
    size: int = 64 << 20


class Done(NamedTuple):
    """What a job returned: a JSON value, and bytes."""

    value: Any
    body: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A job that waits or runs."""

    job: str
    args: Any
    body: bytes
    who: str
    limits: Limits
    view: View | None
    given: asyncio.Future[Member]


class Pool:
    """Processes that stay warm.

    Args:
        size: processes that are kept.
        modules: that have the jobs.
        limits: of a job that is given none.
        spares: processes beyond `size`, for while the others are busy for long.
        waiting: jobs that may wait.
        room: bytes of memory that the graphs held by one process may take.
        faults: the errors that deaths and excesses are told as.
        environment: beside the little that a process gets anyway.
    """

    def __init__(
        self,
        size: int = 2,
        *,
        modules: Sequence[str],
        limits: Limits | None = None,
        spares: int | None = None,
        waiting: int = 256,
        room: int = _ROOM,
        faults: Faults | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.size = size
        self.modules = tuple(modules)
        self.limits = limits or Limits()
        self.most = size + (size if spares is None else spares)
        self.faults = faults or Faults()
        self._member = partial(Member, room, self.limits.size + (1 << 20), self._lost)
        self._environment = dict(environment or {})
        self._members: list[Member] = []
        self._done: Counter[Member] = Counter()
        self.launched: list[Member] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._turns: Turns[Task] = Turns(waiting, max(waiting // 4, 1))
        self._running: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._failed = 0
        self._ends: Counter[str] = Counter()
        self._open = True

    # -- living ------------------------------------------------------------------------------

    def launch(self) -> None:
        """Let the processes come up before the loop runs, in whose thread this is called."""
        with suppress(OSError):  # `start` tries again, and tells
            for _ in range(self.size):
                self.launched.append(self._member())
                self.launched[-1].launch(self.modules, self._environment)

    async def start(self) -> None:
        """Start the processes and wait until they are ready; a pool starts by itself, too.

        Raises:
            Unavailable: WW-WORKER-START, where none can be.
        """
        self._fill(self.size)
        await asyncio.gather(*self._starting)
        if not self._members:
            raise self._no_start()

    async def close(self) -> None:
        """End the processes; whoever waits is told that the service stops."""
        self._open = False
        if self._timer is not None:
            self._timer.cancel()
        for starting in self._starting:
            starting.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        self._refuse_all(_stopping())
        for member in (*self.launched, *self._members):
            member.kill()
        self._members.clear()
        await asyncio.sleep(0)  # so that the transports see that they are closed

    def renew(self) -> None:
        """Put fresh processes in the place of all; one that works, as soon as it is done."""
        for member in list(self._members):
            if member.free:
                self._drop(member)
            else:
                self._done[member] = _JOBS

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that are ready."""
        return [member.pid for member in self._members]

    @property
    def waiting(self) -> int:
        """How many jobs wait."""
        return len(self._turns)

    @property
    def busy(self) -> int:
        """How many jobs run."""
        return sum(not member.free for member in self._members)

    def figures(self) -> dict[str, float]:
        """Return what the pool has and did: processes, jobs, and how jobs ended that did not."""
        ends = {f"workers_{end}_total": float(self._ends[end]) for end in _ENDS}
        held = sum(len(member.held.views) for member in self._members)
        return {
            "workers": float(len(self._members)),
            "workers_busy": float(self.busy),
            "workers_waited_for": float(self.waiting),
            "workers_views": float(held),
            **ends,
        }

    # -- running -----------------------------------------------------------------------------

    async def run(
        self,
        job: str,
        args: Any,
        body: bytes = b"",
        *,
        who: str = "",
        limits: Limits | None = None,
        view: View | None = None,
        going: Going | None = None,
    ) -> Done:
        """Return what a job returns; cancelling this ends the process that runs it.

        Args:
            job: `module:name`, of one of the pool's modules.
            args: JSON.
            body: what it works on.
            who: whose turn it takes.
            limits: of this job.
            view: a graph that the process must hold.
            going: called with how far the job is, where it says so.

        Raises:
            WearwhyError: the one that the job raised.
            Unavailable: WW-BUSY, WW-WORKER-START, WW-SERVICE-STOPPING.
            Exceptions of `faults`: time, memory, size, death, an exception of the job's own.
        """
        if not self._open:
            raise _stopping()
        limits = limits or self.limits
        member = self._idle(view) if not self._turns else None
        if member is None or self._running.get(who, 0) >= self.size:
            given = asyncio.get_running_loop().create_future()
            member = await self._turn(Task(job, args, body, who, limits, view, given))
        else:
            self._take(member, who)
        try:
            allowed = (limits.seconds, limits.memory, limits.size)
            head = {"job": job, "args": args, "limits": allowed}
            member.going = going
            return await self._answer(member, head, body, limits, view)
        finally:
            member.going = None
            self._give_back(member, who)

    async def _answer(
        self, member: Member, head: Any, body: bytes, limits: Limits, view: View | None
    ) -> Done:
        before = list(member.held.needed(view)) if view is not None else []
        loop = asyncio.get_running_loop()
        until = loop.time() + limits.seconds + (LOAD_SECONDS if before else 0.0)
        answer = member.ask(head, body, before)
        timer = loop.call_at(until, member.kill)
        try:
            found, out = await answer
        except asyncio.CancelledError:
            self._ends["given_up"] += 1
            member.kill()
            raise
        except Died as death:
            if loop.time() >= until or death.of_computing:
                self._ends["slow"] += 1
                raise self.faults.slow(limits.seconds) from None
            if death.of_memory:
                self._ends["hungry"] += 1
                raise self.faults.hungry(limits.memory) from None
            self._ends["died"] += 1
            raise self.faults.died(death.code) from None
        finally:
            timer.cancel()
        self._ends["answered"] += 1
        if "value" in found:
            return Done(found["value"], out)
        if "error" in found:
            raise raised(*found["error"])
        if "memory" in found:
            raise self.faults.hungry(limits.memory)
        if "large" in found:
            raise self.faults.large(limits.size)
        raise self.faults.failed(found["failed"])

    # -- turns -------------------------------------------------------------------------------

    async def _turn(self, task: Task) -> Member:
        self._turns.add(task.who, task)
        self._fill(self.size)
        self._next()
        self._watch()
        try:
            return await task.given
        except asyncio.CancelledError:
            if not self._turns.remove(task.who, task) and not task.given.cancelled():
                with suppress(WearwhyError):
                    self._give_back(task.given.result(), task.who)
            raise

    def _idle(self, view: View | None) -> Member | None:
        """Return a free process, one that holds the graph if there is one."""
        found = None
        for member in self._members:
            if member.idle:
                if view is None or view.key in member.held.views:
                    return member
                found = found or member
        return found

    def _take(self, member: Member, who: str) -> None:
        member.free = False
        self._running[who] = self._running.get(who, 0) + 1

    def _give_back(self, member: Member, who: str) -> None:
        left = self._running[who] - 1
        if left:
            self._running[who] = left
        else:
            del self._running[who]
        self._done[member] += 1
        spare = len(self._members) > self.size and not self._turns
        if not member.alive or spare or self._done[member] >= _JOBS:
            self._drop(member)
        else:
            member.free = True
        if self._turns:
            self._next()

    def _drop(self, member: Member) -> None:
        member.kill()
        if member in self._members:
            self._members.remove(member)
        del self._done[member]
        if self._open:
            self._fill(self.size)

    def _next(self) -> None:
        """Give the free processes to whose turn it is."""
        while self._turns and any(m.idle for m in self._members):
            task = self._turns.next(self._running, self.size)
            if task is None:
                return
            member = self._idle(task.view)
            assert member is not None
            if not task.given.done():
                self._take(member, task.who)
                task.given.set_result(member)

    def _watch(self) -> None:
        """Look again in a moment whether somebody still waits, and start a spare process."""
        if self._timer is None and self._turns:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._late)

    def _late(self) -> None:
        self._timer = None
        if self._turns and self._open:
            here = len(self._members) + len(self._starting)
            if self._turns.others(self._running, self.size):
                self._fill(min(here + 1, self.most))
            self._watch()

    # -- starting ----------------------------------------------------------------------------

    def _fill(self, size: int) -> None:
        """Start processes until there are so many."""
        for _ in range(size - len(self._members) - len(self._starting)):
            starting = asyncio.get_running_loop().create_task(self._start_one())
            self._starting.add(starting)
            starting.add_done_callback(self._started)

    def _started(self, starting: asyncio.Task[None]) -> None:
        self._starting.discard(starting)
        if self._open:
            self._next()
            self._watch()

    async def _start_one(self) -> None:
        member = self.launched.pop() if self.launched else self._member()
        began = time.monotonic()
        try:
            async with asyncio.timeout(START_SECONDS):
                await member.start(self.modules, self._environment)
        except (Died, OSError, TimeoutError) as error:
            member.kill()
            _log.warning("A worker process did not start: %s", error)
            self._failed += 1
            if not self._members and self._failed >= self.size:
                self._refuse_all(self._no_start())
            # Not again at once: what keeps it from starting may pass.
            await asyncio.sleep(max(0.0, 0.5 - (time.monotonic() - began)))
            return
        except BaseException:
            member.kill()
            raise
        self._failed = 0
        self._members.append(member)

    def _lost(self, member: Member) -> None:
        """Replace a process that died while it had nothing to do."""
        if member.free and member in self._members:
            self._drop(member)

    def _refuse_all(self, why: Unavailable) -> None:
        while (task := self._turns.next({}, 1)) is not None:
            if not task.given.done():
                task.given.set_exception(why)

    @staticmethod
    def _no_start() -> Unavailable:
        return Unavailable(
            "WW-WORKER-START",
            "No process can be started that would do this.",
            hint="Ask again in a moment; the server's log says more.",
        )


def _stopping() -> Unavailable:
    return Unavailable(
        "WW-SERVICE-STOPPING", "The service is stopping.", hint="Try again in a moment."
    )
