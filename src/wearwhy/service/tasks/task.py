"""One piece of long work, as its account sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

from wearwhy.errors import Unavailable, WearwhyError
from wearwhy.service.documents import Json


class State(StrEnum):
    """How far a task has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


OVER: Final = (State.DONE, State.FAILED, State.STOPPED, State.INTERRUPTED)
_CHANGING: Final = ("guess", "answer", "load", "learn", "outfits", "images")


def interrupted(kind: str) -> Unavailable:
    """Return what is told of a task that the end of the service cut off."""
    changes = kind in _CHANGING
    return Unavailable(
        "WW-TASK-INTERRUPTED",
        "The service stopped while this was being done.",
        note="Whether its change was made is in the history: it is there whole, or not at all."
        if changes
        else "Nothing of it is left.",
        hint="Look at GET /revisions; begin it again if it is missing."
        if changes
        else "Begin it again.",
    )


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, eq=False)
class Task:
    """One piece of long work; only the event loop touches it.

    Attributes:
        id: that nobody can guess.
        account: whose it is.
        kind: what is done.
        wardrobe: that it is about.
        state: how far it has come.
        progress: of what is done now: label, done, total.
        result: the document, once it is done.
        problem: what went wrong, if it failed.
        created, finished: when.
        version: counts the changes of all this.
    """

    id: str
    account: str
    kind: str
    wardrobe: str
    state: State = State.QUEUED
    progress: Json | None = None
    result: Any = None
    problem: Json | None = None
    created: datetime = field(default_factory=_now)
    finished: datetime | None = None
    version: int = 1
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def over(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state in OVER

    def as_dict(self, *, whole: bool = True) -> Json:
        """Return the task as a document; `whole` with its result."""
        found: Json = {
            "id": self.id,
            "kind": self.kind,
            "wardrobe": self.wardrobe,
            "state": self.state.value,
            "progress": self.progress,
            "created": self.created.isoformat(),
        }
        if self.finished is not None:
            found["finished"] = self.finished.isoformat()
        if self.problem is not None:
            found["problem"] = self.problem
        if whole and self.result is not None:
            found["result"] = self.result
        return found

    @classmethod
    def from_dict(cls, account: str, told: Json) -> Self:
        """Return the task of an account that `as_dict` told of."""
        finished = told.get("finished")
        return cls(
            told["id"], account, told["kind"], told["wardrobe"],
            state=State(told["state"]),
            progress=told["progress"],
            result=told.get("result"),
            problem=told.get("problem"),
            created=datetime.fromisoformat(told["created"]),
            finished=datetime.fromisoformat(finished) if finished else None,
        )  # fmt: skip

    def began(self) -> None:
        """Say that it runs."""
        self.state = State.RUNNING
        self._tell()

    def went_on(self, label: str, done: int, total: int) -> None:
        """Say how far it is."""
        self.progress = {"label": label, "done": done, "total": total}
        self._tell()

    def ended(self, state: State, *, result: Any = None, error: WearwhyError | None = None) -> None:
        """Say how it ended; what has ended stays as it is."""
        if self.over:
            return
        self.state, self.result, self.finished = state, result, _now()
        if error is not None:
            told = error.as_dict()
            self.problem = {key: told[key] for key in ("code", "message", "note", "hint")}
        self._tell()

    def _tell(self) -> None:
        """Wake who waits for a change."""
        self.version += 1
        self._moved.set()
        self._moved = asyncio.Event()

    async def next(self, after: int) -> int:
        """Wait until something changed since a version, and return the version now."""
        while self.version <= after:
            await self._moved.wait()
        return self.version
