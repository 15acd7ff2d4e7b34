"""API keys: made once, shown once, and looked up by their digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from wearwhy.errors import InputError, NotSignedIn, UnknownName, ValueRefused
from wearwhy.service.accounts.book import Book, write
from wearwhy.service.accounts.database import Database, Row
from wearwhy.service.accounts.records import Key, label_of, listed, maybe, moment, now, scopes_of
from wearwhy.service.accounts.tokens import KEY, digest, new_id, new_token
from wearwhy.service.caller import Caller, Scope

DAYS: Final = 365
"""How long a key works for which nothing else is said."""
_MOST: Final = 100
_SEEN: Final = timedelta(hours=1)
_KNOWN: Final = 5_000


class Keys(Book):
    """Making, listing and ending keys, and who stands behind one."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        super().__init__(database, clock)
        # Who stands behind a digest, as of a version of the database: any change empties it.
        self._known: dict[bytes, tuple[Caller, datetime]] = {}
        self._known_at = (-1, -1)

    def new_key(
        self,
        account: str,
        *,
        label: str = "",
        scopes: frozenset[Scope] | None = None,
        days: int | None = DAYS,
    ) -> Key:
        """Return a new key of an account, with its secret.

        Args:
            account: its id.
            label: what it is for.
            scopes: at most the account's; all of those, if None.
            days: that it works; for ever, if None.

        Raises:
            UnknownName: WW-ACCOUNT-UNKNOWN.
            ValueRefused: WW-KEY-SCOPE, a scope that the account has not; WW-KEY-DAYS.
            InputError: WW-KEY-MANY.
        """
        owner = self.get(account)
        if owner is None:
            raise UnknownName("WW-ACCOUNT-UNKNOWN", "There is no such account.")
        granted = owner.scopes if scopes is None else scopes
        if not granted or not granted <= owner.scopes:
            raise ValueRefused(
                "WW-KEY-SCOPE",
                "A key has one of its account's scopes at least, and none that it has not.",
                hint="The account has: " + ", ".join(listed(owner.scopes)) + ".",
            )
        if days is not None and not 1 <= days <= 10 * DAYS:
            raise ValueRefused("WW-KEY-DAYS", "A key works for 1 to 3650 days.")
        at = self._now()
        expires = None if days is None else at + timedelta(days=days)
        key = Key(
            new_id("key"), account, label_of(label), granted, at, expires, None, new_token(KEY)
        )
        with self._db.changing() as db:
            held = db.execute("SELECT count(*) FROM key WHERE account = ?", (account,)).fetchone()
            if held[0] >= _MOST:
                raise InputError(
                    "WW-KEY-MANY", f"An account has {_MOST} keys at most.", hint="Revoke one."
                )
            db.execute(
                "INSERT INTO key VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    key.id,
                    account,
                    digest(key.secret),
                    key.label,
                    " ".join(listed(granted)),
                    at.isoformat(),
                    expires.isoformat() if expires else None,
                ),
            )
            write(db, at, account, "make key", key.id)
        return key

    def keys(self, account: str) -> list[Key]:
        """Return the keys of an account, without their secrets."""
        rows = self._db.rows("SELECT * FROM key WHERE account = ? ORDER BY created, id", (account,))
        return [_key(row) for row in rows]

    def revoke(self, account: str, key: str) -> None:
        """End a key of an account; at once.

        Raises:
            UnknownName: WW-KEY-UNKNOWN.
        """
        with self._db.changing() as db:
            gone = db.execute("DELETE FROM key WHERE id = ? AND account = ?", (key, account))
            if not gone.rowcount:
                raise UnknownName("WW-KEY-UNKNOWN", "You have no such key.")
            write(db, self._now(), account, "revoke key", key)

    def caller_of_key(self, secret: str) -> Caller:
        """Return who shows a key.

        Raises:
            NotSignedIn: WW-ACCESS-KEY-UNKNOWN, for one that is not known, or no longer.
        """
        at, version, of = self._now(), self._db.version(), digest(secret)
        if version != self._known_at or len(self._known) >= _KNOWN:
            self._known, self._known_at = {}, version
        caller, until = self._known.get(of, (None, at))
        if caller is None or until <= at:
            caller, until = self._looked_up(of, at)
            if self._db.version() == version:
                self._known[of] = caller, until
        return caller

    def _looked_up(self, of: bytes, at: datetime) -> tuple[Caller, datetime]:
        """Return who stands behind a digest, and until when that can be relied on."""
        row = self._db.row(
            "SELECT key.*, account.name, account.scopes AS most FROM key JOIN account"
            " ON account.id = key.account WHERE digest = ? AND NOT disabled",
            (of,),
        )
        expires = None if row is None else maybe(row["expires"])
        if row is None or (expires is not None and expires <= at):
            raise NotSignedIn(
                "WW-ACCESS-KEY-UNKNOWN",
                "This key is not known here, or no longer.",
                hint="Make a new one.",
            )
        used = maybe(row["used"])
        if used is None or at - used >= _SEEN:  # to the hour: a write for each request is too much
            with self._db.changing() as db:
                db.execute("UPDATE key SET used = ? WHERE id = ?", (at.isoformat(), row["id"]))
        most = scopes_of(row["most"].split())
        scopes = scopes_of(row["scopes"].split()) & most
        caller = Caller(row["account"], row["name"], scopes, self.roles(row["account"]), most)
        return caller, min(at + _SEEN, expires or at + _SEEN)


def _key(row: Row) -> Key:
    return Key(
        row["id"],
        row["account"],
        row["label"],
        scopes_of(row["scopes"].split()),
        moment(row["created"]),
        maybe(row["expires"]),
        maybe(row["used"]),
    )
