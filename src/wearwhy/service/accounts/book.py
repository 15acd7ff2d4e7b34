"""What every part of the accounts rests on: the database, and the record of who did what."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Final

from wearwhy.errors import UnknownName, nearest
from wearwhy.service.accounts.database import Database, Row
from wearwhy.service.accounts.records import (
    Account,
    Entry,
    folded,
    label_of,
    moment,
    now,
    scopes_of,
)
from wearwhy.service.caller import Caller, Role

_ENTRIES: Final = 100_000


class Book:
    """The database, the clock, and finding accounts."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self._db = database
        self._now = clock

    def exist(self) -> bool:
        """Return whether there is any account."""
        return self._db.row("SELECT 1 FROM account LIMIT 1") is not None

    def everyone(self) -> list[Account]:
        """Return every account, by name."""
        return [_account(row) for row in self._db.rows("SELECT * FROM account ORDER BY folded")]

    def find(self, name: str) -> Account:
        """Return the account of a name.

        Raises:
            UnknownName: WW-ACCOUNT-UNKNOWN, with the nearest name.
        """
        row = self._db.row("SELECT * FROM account WHERE folded = ?", (folded(name),))
        if row is None:
            near = nearest(name, [one.name for one in self.everyone()])
            raise UnknownName(
                "WW-ACCOUNT-UNKNOWN",
                "There is no account of that name.",
                hint=f"Did you mean '{near}'?" if near else "",
            )
        return _account(row)

    def get(self, account: str) -> Account | None:
        """Return the account of an id, if there is one."""
        row = self._db.row("SELECT * FROM account WHERE id = ?", (account,))
        return None if row is None else _account(row)

    def roles(self, account: str) -> dict[str, Role]:
        """Return the wardrobes that an account may see, with its role in each."""
        rows = self._db.rows(
            "SELECT wardrobe, role FROM member WHERE account = ? AND role > 0 ORDER BY wardrobe",
            (account,),
        )
        return {row["wardrobe"]: Role(row["role"]) for row in rows}

    def note(self, by: Caller | str, what: str, about: str = "", *, outcome: str = "done") -> None:
        """Write down what somebody did; never a secret, never what an item or a person is like.

        Args:
            by: who, or the id of an account; empty for somebody at the machine itself.
            what: in a word or two, such as "make key".
            about: the id or name of what it was done to.
            outcome: "done", "refused".
        """
        account = by.account if isinstance(by, Caller) else by
        with self._db.changing() as db:
            write(db, self._now(), account, what, about, outcome=outcome)

    def audit(self, limit: int = 100) -> list[Entry]:
        """Return what was done last, the newest first."""
        rows = self._db.rows("SELECT * FROM audit ORDER BY id DESC LIMIT ?", (limit,))
        return [
            Entry(moment(r["at"]), r["account"], r["what"], r["about"], r["outcome"]) for r in rows
        ]


def write(
    db: sqlite3.Connection,
    at: datetime,
    account: str,
    what: str,
    about: str = "",
    *,
    outcome: str = "done",
) -> None:
    """Write an entry of the audit inside a change, and drop what is too old."""
    made = db.execute(
        "INSERT INTO audit (at, account, what, about, outcome) VALUES (?, ?, ?, ?, ?)",
        (at.isoformat(), account, label_of(what), label_of(about), label_of(outcome)),
    )
    db.execute("DELETE FROM audit WHERE id <= ?", ((made.lastrowid or 0) - _ENTRIES,))


def _account(row: Row) -> Account:
    return Account(
        row["id"],
        row["name"],
        scopes_of(row["scopes"].split()),
        moment(row["created"]),
        bool(row["disabled"]),
        row["password"] is not None,
    )
