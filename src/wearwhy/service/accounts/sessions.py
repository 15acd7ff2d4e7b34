"""Sessions: browsers that are signed in. Each ends a while after it was last used, or began."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from wearwhy.errors import NotSignedIn, UnknownName
from wearwhy.service.accounts.book import Book, write
from wearwhy.service.accounts.database import Row
from wearwhy.service.accounts.records import Session, moment, scopes_of
from wearwhy.service.accounts.tokens import csrf_of, digest, new_id, new_token
from wearwhy.service.caller import Caller

IDLE: Final = timedelta(hours=12)
LONGEST: Final = timedelta(days=14)
_SEEN: Final = timedelta(minutes=5)
_MOST: Final = 20


class Sessions(Book):
    """Beginning, listing and ending sessions, and who stands behind one."""

    def session(self, account: str) -> Session:
        """Return a new session of an account, with its token; the oldest of too many ends.

        Raises:
            UnknownName: WW-ACCOUNT-UNKNOWN.
        """
        owner = self.get(account)
        if owner is None or owner.disabled:
            raise UnknownName("WW-ACCOUNT-UNKNOWN", "There is no such account.")
        at = self._now()
        token = new_token()
        made = Session(new_id("session"), account, at, at, at + LONGEST, token, csrf_of(token))
        with self._db.changing() as db:
            db.execute("DELETE FROM session WHERE expires <= ?", (at.isoformat(),))
            db.execute(
                "DELETE FROM session WHERE account = ?1 AND id NOT IN (SELECT id FROM session"
                " WHERE account = ?1 ORDER BY seen DESC, id LIMIT ?2)",
                (account, _MOST - 1),
            )
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)",
                (
                    made.id,
                    account,
                    digest(token),
                    at.isoformat(),
                    at.isoformat(),
                    made.expires.isoformat(),
                ),
            )
            write(db, at, account, "sign in", made.id)
        return made

    def sessions(self, account: str) -> list[Session]:
        """Return the sessions of an account that have not ended, without their tokens."""
        at = self._now()
        rows = self._db.rows("SELECT * FROM session WHERE account = ? ORDER BY created", (account,))
        return [found for found in map(_session, rows) if _lasts(found, at)]

    def end_session(self, account: str, session: str) -> None:
        """End a session of an account.

        Raises:
            UnknownName: WW-SESSION-UNKNOWN.
        """
        with self._db.changing() as db:
            gone = db.execute(
                "DELETE FROM session WHERE id = ? AND account = ?", (session, account)
            )
            if not gone.rowcount:
                raise UnknownName("WW-SESSION-UNKNOWN", "You have no such session.")
            write(db, self._now(), account, "sign out", session)

    def end_sessions(self, account: str, *, but: str | None = None) -> int:
        """End every session of an account but one, and return how many there were."""
        with self._db.changing() as db:
            gone = db.execute(
                "DELETE FROM session WHERE account = ? AND id IS NOT ?", (account, but)
            )
            return gone.rowcount

    def session_of(self, token: str, idle: timedelta = IDLE, *, used: bool = True) -> Session:
        """Return the session of a token.

        Args:
            token: of the cookie.
            idle: how long a session may be left alone.
            used: whether somebody asked for something by it.

        Raises:
            NotSignedIn: WW-ACCESS-SESSION, where it has ended.
        """
        at = self._now()
        row = self._db.row("SELECT * FROM session WHERE digest = ?", (digest(token),))
        if row is None or not _lasts(found := _session(row), at, idle):
            raise NotSignedIn(
                "WW-ACCESS-SESSION", "You are no longer signed in.", hint="Sign in again."
            )
        if used and at - found.seen >= _SEEN:
            with self._db.changing() as db:
                db.execute("UPDATE session SET seen = ? WHERE id = ?", (at.isoformat(), found.id))
        return found

    def caller_of_session(self, token: str, idle: timedelta = IDLE, *, used: bool = True) -> Caller:
        """Return who is signed in; arguments as `session_of`.

        Raises:
            NotSignedIn: WW-ACCESS-SESSION, where the session has ended.
        """
        session = self.session_of(token, idle, used=used)
        return self.caller(session.account)

    def caller(self, account: str) -> Caller:
        """Return an account as a caller with all of its scopes.

        Raises:
            NotSignedIn: WW-ACCESS-SESSION, where there is none, or it is disabled.
        """
        row = self._db.row(
            "SELECT name, scopes FROM account WHERE id = ? AND NOT disabled", (account,)
        )
        if row is None:
            raise NotSignedIn("WW-ACCESS-SESSION", "This account does not work any more.")
        return Caller(account, row["name"], scopes_of(row["scopes"].split()), self.roles(account))


def _lasts(session: Session, at: datetime, idle: timedelta = IDLE) -> bool:
    return at < session.expires and at - session.seen < idle


def _session(row: Row) -> Session:
    return Session(
        row["id"],
        row["account"],
        moment(row["created"]),
        moment(row["seen"]),
        moment(row["expires"]),
    )
