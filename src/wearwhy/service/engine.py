"""The engine behind the service: one workspace, and the one thread that touches it."""

from __future__ import annotations

import asyncio
import ctypes
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, Final, ParamSpec, TypeVar

from wearwhy.errors import Unavailable
from wearwhy.rules.budget import Interrupted
from wearwhy.service.configuration import Configuration
from wearwhy.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")

SECONDS: Final = Configuration().engine_seconds
CLOSING_SECONDS: Final = 10.0
"""That closing one graph may take; more is allowed beside, where nobody waits."""
_BETWEEN: Final = 0.25


class Engine:
    """Runs work over a workspace, one piece at a time, off the event loop.

    Work that takes too long is interrupted, as Ctrl-C would: layers are closed whole or not at
    all, and a change that is being written is never interrupted.

    Args:
        workspace: that is owned from now on.
        seconds: that a piece of work may compute while all others wait.

    Attributes:
        workspace: only work that `run` or `call` was given may touch it.
        waiting: how many pieces of work wait or run.
    """

    def __init__(self, workspace: Workspace, seconds: float = SECONDS) -> None:
        self.workspace = workspace
        workspace.limit(CLOSING_SECONDS)
        self.seconds = seconds
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._open = True
        self._guard = threading.Lock()
        self._until: float | None = None
        self._who = 0
        self.waiting = 0
        self._done = self._stopped = 0
        self._ended = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="engine-watch", daemon=True)
        self._watching.start()

    async def run(
        self, work: Callable[Concatenate[Workspace, P], T], *args: P.args, **given: P.kwargs
    ) -> T:
        """Return what work over the workspace returns.

        Raises:
            Unavailable: WW-SERVICE-STOPPING; WW-SERVICE-TIME.
        """
        loop = asyncio.get_running_loop()
        task = partial(self._watched, partial(work, self.workspace, *args, **given))
        thread = self._running()
        self.waiting += 1
        try:
            return await loop.run_in_executor(thread, task)
        finally:
            self.waiting -= 1

    def call(
        self, work: Callable[Concatenate[Workspace, P], T], *args: P.args, **given: P.kwargs
    ) -> T:
        """Return what work over the workspace returns, waiting for it.

        Raises:
            Unavailable: as `run`.
        """
        task = partial(self._watched, partial(work, self.workspace, *args, **given))
        return self._running().submit(task).result()

    def figures(self) -> Mapping[str, float]:
        """Return what has been done so far; names ending in `_total` count."""
        answers = self.workspace.answers
        return {
            "engine_work_total": self._done,
            "engine_interrupted_total": self._stopped,
            "engine_waiting": self.waiting,
            "answers_kept": len(answers),
            "answers_found_total": answers.found,
            "answers_made_total": answers.made,
        }

    def close(self) -> None:
        """Finish what was begun and take nothing more."""
        self._open = False
        self._thread.shutdown(wait=True)
        self._ended.set()
        self._watching.join()

    def _running(self) -> ThreadPoolExecutor:
        if not self._open:
            raise Unavailable(
                "WW-SERVICE-STOPPING", "The service is stopping.", hint="Try again in a moment."
            )
        return self._thread

    def _watched(self, work: Callable[[], T]) -> T:
        try:
            with self._guard:
                self._who = threading.get_ident()
                self._until = _computed(self._who) + self.seconds
            try:
                return work()
            finally:
                self._rest()
                self.workspace.tidy()
        except Interrupted:
            self._rest()
            self._stopped += 1
            raise Unavailable(
                "WW-SERVICE-TIME",
                f"It was given up after {self.seconds:g} s of computing.",
                note="What takes longer is stopped, so that others need not wait.",
                hint="Do less at a time.",
            ) from None

    def _rest(self) -> None:
        """Nothing is watched any more, and what was raised too late is taken back."""
        with self._guard:
            self._until = None
            _raise_in(self._who, None)
        self._done += 1

    def _watch(self) -> None:
        while not self._ended.wait(_BETWEEN):
            with self._guard:
                late = self._until is not None and _computed(self._who) > self._until
                # What is being written is written to its end.
                if late and self.workspace.writing.acquire(blocking=False):
                    try:
                        self._until = None
                        _raise_in(self._who, Interrupted)
                    finally:
                        self.workspace.writing.release()


def _computed(thread: int) -> float:
    """Return how many seconds a thread has computed: a busy machine takes no time from anybody."""
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have a thread raise an error as soon as it runs Python; None takes it back."""
    raised = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)
