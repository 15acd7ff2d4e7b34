"""What is known of tasks after the service has ended: each with how it ended, if it did."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from wearwhy.service.tasks.task import State, Task, interrupted

FILE: Final = "tasks.sqlite"
SECONDS: Final = 24 * 3600.0
MOST: Final = 2000
"""Tasks that are kept; the oldest go first."""
LARGEST: Final = 1 << 20
"""Characters of a result that is kept; of a larger one only that there was one."""


class Records:
    """The tasks of a service in a file of their own; safe to use from several threads.

    Args:
        folder: of the workspace; None: nothing is kept.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        file = ":memory:" if folder is None else folder / FILE
        self._base = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        if folder is not None:
            (folder / FILE).chmod(0o600)
        self._base.execute("PRAGMA secure_delete=ON")
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, account TEXT, wardrobe TEXT,"
            " at REAL, document TEXT)"
        )

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._base.close()

    def keep(self, task: Task) -> None:
        """Write down how far a task is."""
        said = json.dumps(task.as_dict(), ensure_ascii=False)
        if len(said) > LARGEST:
            said = json.dumps(task.as_dict(whole=False), ensure_ascii=False)
        with self._lock:
            self._base.execute(
                "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?, ?)",
                (task.id, task.account, task.wardrobe, self._clock(), said),
            )

    def read(self) -> list[Task]:
        """Return the tasks of the last day, the oldest first; what did not end was interrupted."""
        with self._lock:
            self._base.execute("DELETE FROM tasks WHERE at < ?", (self._clock() - SECONDS,))
            self._base.execute(
                "DELETE FROM tasks WHERE id IN (SELECT id FROM tasks"
                " ORDER BY at DESC LIMIT -1 OFFSET ?)",
                (MOST,),
            )
            rows = self._base.execute(
                "SELECT account, document FROM tasks ORDER BY at, rowid"
            ).fetchall()
        found = [Task.from_dict(account, json.loads(text)) for account, text in rows]
        for task in found:
            if not task.over:
                task.ended(State.INTERRUPTED, error=interrupted(task.kind))
                self.keep(task)
        return found

    def drop(self, task: str) -> None:
        """Forget a task."""
        with self._lock:
            self._base.execute("DELETE FROM tasks WHERE id=?", (task,))

    def forget(self, account: str) -> None:
        """Forget every task of an account; nothing of them is left in the file."""
        self._forget("account", account)

    def forget_wardrobe(self, wardrobe: str) -> None:
        """Forget every task about a wardrobe, whoever asked for it."""
        self._forget("wardrobe", wardrobe)

    def _forget(self, column: str, value: str) -> None:
        with self._lock:
            self._base.execute(f"DELETE FROM tasks WHERE {column}=?", (value,))  # noqa: S608  # ours
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
