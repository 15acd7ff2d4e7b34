"""The file `accounts.sqlite`: one connection a process, any number of processes.

SQLite's write-ahead log lets the command line make a key while the server runs; a change is seen
by the next request. Deleted rows are overwritten (`secure_delete`), so what was forgotten is gone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any, Final

from wearwhy.errors import StoreError

FILE: Final = "accounts.sqlite"
FORMAT: Final = 1
_WAIT: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE account (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, password TEXT,
    scopes TEXT NOT NULL, created TEXT NOT NULL, disabled INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE key (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    digest BLOB NOT NULL UNIQUE, label TEXT NOT NULL, scopes TEXT NOT NULL,
    created TEXT NOT NULL, expires TEXT, used TEXT) STRICT;
CREATE TABLE session (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    digest BLOB NOT NULL UNIQUE, created TEXT NOT NULL, seen TEXT NOT NULL,
    expires TEXT NOT NULL) STRICT;
CREATE TABLE invitation (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, wardrobe TEXT, role INTEGER,
    scopes TEXT NOT NULL, first INTEGER NOT NULL DEFAULT 0,
    maker TEXT REFERENCES account ON DELETE CASCADE, created TEXT NOT NULL,
    expires TEXT NOT NULL, accepted TEXT REFERENCES account ON DELETE SET NULL) STRICT;
CREATE TABLE member (
    wardrobe TEXT NOT NULL, account TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    role INTEGER NOT NULL, invitation TEXT REFERENCES invitation ON DELETE SET NULL,
    PRIMARY KEY (wardrobe, account)) STRICT;
CREATE UNIQUE INDEX one_owner ON member (wardrobe) WHERE role = 3;
CREATE INDEX by_account ON member (account);
CREATE TABLE audit (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, account TEXT NOT NULL, what TEXT NOT NULL,
    about TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
"""

Row = sqlite3.Row


class Database:
    """The open file; made by the first change, until then there is nothing in it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._lock = RLock()
        self._open: sqlite3.Connection | None = None
        self._changes = 0

    def version(self) -> tuple[int, int]:
        """Return what differs after every change, of this process or another."""
        with self._lock:
            found = self._connection(make=False)
            others = 0 if found is None else found.execute("PRAGMA data_version").fetchone()[0]
            return self._changes, others

    def rows(self, text: str, values: Sequence[Any] = ()) -> list[Row]:
        """Return what a query finds; nothing, where no file was made yet."""
        with self._lock:
            found = self._connection(make=False)
            return [] if found is None else found.execute(text, values).fetchall()

    def row(self, text: str, values: Sequence[Any] = ()) -> Row | None:
        """Return the first that a query finds."""
        with self._lock:
            found = self._connection(make=False)
            if found is None:
                return None
            row: Row | None = found.execute(text, values).fetchone()
            return row

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Hold the database for a change, which is made whole at the end of the block or not."""
        with self._lock:
            connection = self._connection(make=True)
            assert connection is not None
            if connection.in_transaction:  # part of a greater change
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            self._changes += 1
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def compact(self) -> None:
        """Write the file anew without what was deleted, and empty its log."""
        with self._lock:
            connection = self._connection(make=False)
            if connection is not None:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def backup(self, target: Path) -> bool:
        """Write a copy of the file as it is now, and return whether there was one."""
        with self._lock:
            connection = self._connection(make=False)
            if connection is None:
                return False
            _touch(target)
            copy = sqlite3.connect(target)
            try:
                connection.backup(copy)
            finally:
                copy.close()
            return True

    def close(self) -> None:
        """Close the file; it opens again when it is used again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _connection(self, *, make: bool) -> sqlite3.Connection | None:
        if self._open is None and (make or self.path.exists()):
            self._open = _connect(self.path)
        return self._open


def _touch(path: Path) -> None:
    """Make a file that only its owner may read; SQLite gives its log the same rights."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _connect(path: Path) -> sqlite3.Connection:
    _touch(path)
    connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "trusted_schema = OFF",
        ):
            connection.execute("PRAGMA " + pragma)
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError("WW-ACCOUNTS-FILE", f"{FILE} cannot be used.", note=str(error)) from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    if found not in (0, FORMAT):
        raise StoreError(
            "WW-ACCOUNTS-FORMAT",
            f"{FILE} has format {found}; this version reads format {FORMAT}.",
            hint="Install the version of wearwhy that wrote it, or a newer one.",
        )
