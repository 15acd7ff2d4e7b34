"""The long work of a service: begun, followed, stopped; a few at a time, the rest in a line."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

from wearwhy.errors import TooMany, UnknownName, WearwhyError
from wearwhy.service.caller import Caller
from wearwhy.service.tasks.records import Records
from wearwhy.service.tasks.task import State, Task, interrupted
from wearwhy.service.tasks.turns import Turns

AT_ONCE: Final = 2
WAITING: Final = 4
"""Tasks of one account that are not over."""
KEPT: Final = 50
"""Tasks of one account that are over; the oldest are forgotten first, all of them after a day."""
FOLLOWING: Final = 8
"""Streams of events that one account may have open."""
Work: TypeAlias = Callable[[Task], Awaitable[Any]]
"""Does a task and returns its result; it tells the task how far it is."""


class Tasks:
    """What is done, or was done lately, for each account; used in the event loop alone.

    Args:
        folder: of the workspace, where it is written down; None: nowhere.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._records = Records(folder)
        self._tasks: dict[str, Task] = {task.id: task for task in self._records.read()}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._turns = Turns(AT_ONCE)
        self._following: Counter[str] = Counter()
        self._forgetting = threading.Lock()
        self._closing = False

    def of(self, caller: Caller) -> list[Task]:
        """Return the tasks of a caller, newest first."""
        return [task for task in reversed(self._all()) if _is_seen(task, caller)]

    def get(self, caller: Caller, name: str) -> Task:
        """Return a task of a caller.

        Raises:
            UnknownName: WW-TASK-NONE, of another's too, and of a wardrobe not seen any more.
        """
        found = self._tasks.get(name)
        if found is None or not _is_seen(found, caller):
            raise UnknownName(
                "WW-TASK-NONE",
                "There is no such task of yours.",
                note="What is over is kept for a day.",
            )
        return found

    def is_seen(self, caller: Caller, name: str) -> bool:
        """Return whether a caller may see a task."""
        found = self._tasks.get(name)
        return found is not None and _is_seen(found, caller)

    def begin(self, task: Task, work: Work, *, gated: bool = True) -> None:
        """Put a task into the line.

        Args:
            task: new.
            work: that does it.
            gated: whether it waits while `AT_ONCE` others run; what waits elsewhere need not.

        Raises:
            TooMany: WW-TASK-MANY.
        """
        unfinished = [t for t in self._all() if t.account == task.account and not t.over]
        if len(unfinished) >= WAITING:
            raise TooMany(
                "WW-TASK-MANY",
                f"{WAITING} tasks of yours are not over yet.",
                hint="Wait for one of them, or stop it.",
                retry_after=10.0,
            )
        # Of this account alone: nobody's results go for what another does.
        over = [t.id for t in self._all() if t.account == task.account and t.over]
        for old in over[: max(0, len(over) - KEPT + 1)]:
            self._tasks.pop(old, None)
            self._records.drop(old)
        self._tasks[task.id] = task
        self._records.keep(task)
        gate = self._turns.of(task.account) if gated else contextlib.nullcontext()
        doing = asyncio.create_task(self._work(task, work, gate))
        self._running[task.id] = doing
        doing.add_done_callback(lambda _: self._running.pop(task.id, None))

    async def _work(
        self, task: Task, work: Work, gate: contextlib.AbstractAsyncContextManager[Any]
    ) -> None:
        try:
            async with gate:
                task.began()
                found = await work(task)
            task.ended(State.DONE, result=found)
        except WearwhyError as error:
            task.ended(State.FAILED, error=error)
        except asyncio.CancelledError:
            self._cut_off(task)
            raise
        except BaseException:
            fault = WearwhyError("WW-INTERNAL", "Something went wrong that should not.")
            task.ended(State.FAILED, error=fault)
            raise
        finally:
            self._keep(task)

    def _cut_off(self, task: Task) -> None:
        if self._closing:
            task.ended(State.INTERRUPTED, error=interrupted(task.kind))
        else:
            task.ended(State.STOPPED)

    @contextlib.contextmanager
    def following(self, caller: Caller) -> Iterator[None]:
        """Count a stream of events for as long as the block lasts.

        Raises:
            TooMany: WW-TASK-FOLLOWED, where the account has as many as it may.
        """
        who = caller.account
        if self._following[who] >= FOLLOWING:
            raise TooMany(
                "WW-TASK-FOLLOWED",
                f"You follow {FOLLOWING} tasks already.",
                hint="Close another page that shows one, or ask GET /tasks.",
                retry_after=10.0,
            )
        self._following[who] += 1
        try:
            yield
        finally:
            self._following[who] -= 1
            self._following += Counter()  # drops who has none

    async def stop(self, task: Task) -> None:
        """Stop a task, and wait until nothing of it runs."""
        work = self._running.get(task.id)
        if work is not None:
            work.cancel()
            await asyncio.wait([work])
        if not task.over:  # it was cancelled before it ran
            self._cut_off(task)
            self._keep(task)

    def forget(self, account: str) -> None:
        """Stop and forget every task of an account; any thread may ask for it."""
        with self._forgetting:
            self._forget([t for t in self._all() if t.account == account])
            self._records.forget(account)

    def forget_wardrobe(self, name: str) -> None:
        """Stop and forget every task about a wardrobe; any thread may ask for it."""
        with self._forgetting:
            self._forget([t for t in self._all() if t.wardrobe == name])
            self._records.forget_wardrobe(name)

    def _keep(self, task: Task) -> None:
        with self._forgetting:
            if task.id in self._tasks:
                self._records.keep(task)

    def _all(self) -> list[Task]:
        # As they are now: the engine's thread may forget some meanwhile.
        return list(self._tasks.values())

    def _forget(self, those: list[Task]) -> None:
        for task in those:
            self._tasks.pop(task.id, None)
            work = self._running.get(task.id)
            if work is not None:
                work.get_loop().call_soon_threadsafe(work.cancel)

    async def close(self) -> None:
        """Interrupt what runs; nothing of it is left but what is written down."""
        self._closing = True
        for task in self._all():
            if not task.over:
                await self.stop(task)
        self._records.close()


def _is_seen(task: Task, caller: Caller) -> bool:
    """Return whether a task is the caller's, and about a wardrobe that they still see."""
    return task.account == caller.account and (
        not task.wardrobe or task.wardrobe in caller.wardrobes
    )
