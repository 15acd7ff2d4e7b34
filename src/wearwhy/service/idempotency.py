"""Answers to changes, kept by the keys that clients gave them, so that none is made twice."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from wearwhy.errors import Refused

FILE: Final = "idempotency.sqlite"
SECONDS: Final = 24 * 3600.0
MOST: Final = 20_000
"""Keys that are kept; the oldest go first."""
EACH: Final = 2_000
"""Keys of one account that are kept; the account's oldest go first."""
LARGEST: Final = 1 << 20
"""Bytes of an answer that is kept; of a larger one only that it was given."""
ROOM: Final = 16 << 20
"""Bytes of all answers of one account that are kept; of its oldest only that they were given."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given."""

    status: int
    headers: dict[str, str]
    body: bytes


class Idempotency:
    """What was answered to which key of which account; safe to use from several threads.

    Kept in a file of its own: keys hold after a restart, and a request that a crash cut off is
    neither made again nor taken for done.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._running: set[tuple[str, str]] = set()
        self._base = sqlite3.connect(folder / FILE, check_same_thread=False, isolation_level=None)
        (folder / FILE).chmod(0o600)
        self._base.execute("PRAGMA secure_delete=ON")
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute(
            "CREATE TABLE IF NOT EXISTS answers (account TEXT, key TEXT, print TEXT, at REAL,"
            " status INTEGER, headers TEXT, body BLOB, PRIMARY KEY (account, key))"
        )
        self._base.execute("CREATE INDEX IF NOT EXISTS answers_at ON answers (at)")
        self._base.execute(
            "CREATE INDEX IF NOT EXISTS answers_of ON answers (account, at, length(body))"
        )

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._base.close()

    def begin(self, account: str, key: str, fingerprint: str) -> Answered | None:
        """Return what was answered to a key; None: go on and answer.

        Args:
            account: who asks.
            key: that the request carries.
            fingerprint: of method, path and body.

        Raises:
            Refused: WW-IDEMPOTENCY-OTHER, WW-IDEMPOTENCY-RUNNING, WW-IDEMPOTENCY-UNSURE.
        """
        with self._lock:
            self._forget_old()
            row = self._base.execute(
                "SELECT print, status, headers, body FROM answers WHERE account=? AND key=?",
                (account, key),
            ).fetchone()
            if row is None:
                self._make_room(account)
                self._base.execute(
                    "INSERT INTO answers (account, key, print, at) VALUES (?, ?, ?, ?)",
                    (account, key, fingerprint, self._clock()),
                )
                self._running.add((account, key))
                return None
            known, status, headers, body = row
            if known != fingerprint:
                raise Refused(
                    "WW-IDEMPOTENCY-OTHER",
                    "This key was given to another request.",
                    HTTPStatus.CONFLICT,
                    note="The same key means the same method, path and body.",
                    hint="Give each change a key of its own, such as a UUID.",
                )
            if status is None and (account, key) in self._running:
                raise Refused(
                    "WW-IDEMPOTENCY-RUNNING",
                    "The same request is still being answered.",
                    HTTPStatus.CONFLICT,
                    note="A key is for one request at a time.",
                    hint="Wait a moment, then send it again.",
                )
            if status is None:
                raise Refused(
                    "WW-IDEMPOTENCY-UNSURE",
                    "The service stopped while this request was being answered.",
                    HTTPStatus.CONFLICT,
                    note="Whether it was done is in the history of the wardrobe.",
                    hint="Look there; then send it with a new key if it is missing.",
                )
            return Answered(status, json.loads(headers), body)

    def keep(self, account: str, key: str, said: Answered) -> None:
        """Keep what was answered to a key."""
        body = said.body if len(said.body) <= LARGEST else b""
        with self._lock:
            self._running.discard((account, key))
            self._base.execute(
                "UPDATE answers SET status=?, headers=?, body=? WHERE account=? AND key=?",
                (said.status, json.dumps(said.headers), body, account, key),
            )
            self._empty_oldest(account)

    def drop(self, account: str, key: str) -> None:
        """Let a key be used again: what it was given to was refused, and changed nothing."""
        with self._lock:
            self._running.discard((account, key))
            self._base.execute("DELETE FROM answers WHERE account=? AND key=?", (account, key))

    def leave(self, account: str, key: str) -> None:
        """Let nobody use a key again: what it was given to may have been done, or not."""
        with self._lock:
            self._running.discard((account, key))

    def forget(self, account: str) -> None:
        """Forget every key of an account; nothing of what was answered is left in the file.

        Others may have been answered about the same wardrobe. That they were is kept, so that no
        change is made twice; what they were answered is not.
        """
        with self._lock:
            self._base.execute("DELETE FROM answers WHERE account=?", (account,))
            self._base.execute("UPDATE answers SET body=x'' WHERE status IS NOT NULL")
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _forget_old(self) -> None:
        self._base.execute("DELETE FROM answers WHERE at < ?", (self._clock() - SECONDS,))
        self._base.execute(
            "DELETE FROM answers WHERE rowid IN"
            " (SELECT rowid FROM answers ORDER BY at DESC LIMIT -1 OFFSET ?)",
            (MOST,),
        )

    def _make_room(self, account: str) -> None:
        """Forget the oldest keys of an account, so that another one may be kept.

        Nobody's keys go for what another account does, as long as `MOST` are not reached.
        """
        self._base.execute(
            "DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE account=?"
            " ORDER BY at DESC LIMIT -1 OFFSET ?)",
            (account, EACH - 1),
        )

    def _empty_oldest(self, account: str) -> None:
        """Forget the oldest answers of an account that have no room; not that they were given."""
        (held,) = self._base.execute(
            "SELECT sum(length(body)) FROM answers WHERE account=?", (account,)
        ).fetchone()
        if (held or 0) <= ROOM:
            return
        # Some more than need be: so it is seldom done.
        self._base.execute(
            "UPDATE answers SET body=x'' WHERE rowid IN (SELECT rowid FROM (SELECT rowid,"
            " sum(length(body)) OVER (ORDER BY at DESC, rowid DESC) AS held FROM answers"
            " WHERE account=? AND length(body) > 0) WHERE held > ?)",
            (account, ROOM * 3 // 4),
        )
