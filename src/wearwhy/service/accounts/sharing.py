"""Whose a wardrobe is, who else may see or change it, and how they are invited."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from wearwhy.errors import InputError, NotAllowed, UnknownName, ValueRefused
from wearwhy.service.accounts.book import Book, write
from wearwhy.service.accounts.database import Row
from wearwhy.service.accounts.records import Invitation, Member, listed, moment, scopes_of
from wearwhy.service.accounts.tokens import digest, new_id, new_token
from wearwhy.service.caller import Caller, Role, Scope

HOURS: Final = 72
"""How long an invitation can be accepted for which nothing else is said."""
_MOST: Final = 100
_FORMER: Final = 0
"""The role of who gave a wardrobe up."""


class Sharing(Book):
    """Owners, members and invitations."""

    def own(self, caller: Caller | str, wardrobe: str) -> None:
        """Make somebody the owner of a new wardrobe; nobody's it is, where nobody asks.

        Args:
            caller: who asks, or the id of an account.
            wardrobe: its name.

        Raises:
            InputError: WW-WARDROBE-EXISTS, where it is or was somebody's.
        """
        account = caller.account if isinstance(caller, Caller) else caller
        if not account:
            return
        with self._db.changing() as db:
            if self.owned(wardrobe):
                raise InputError(
                    "WW-WARDROBE-EXISTS", "That name is taken.", hint="Choose another name."
                )
            _join(db, wardrobe, account, Role.OWNER, None)
            write(db, self._now(), account, "make wardrobe", wardrobe)

    def owned(self, wardrobe: str) -> bool:
        """Return whether a wardrobe is or was somebody's: its name is then taken.

        The history of one that was given up still holds what was in it. Under the same name,
        somebody else could take the changes back and see it.
        """
        return self._db.row("SELECT 1 FROM member WHERE wardrobe = ?", (wardrobe,)) is not None

    def owned_by(self, account: str) -> list[str]:
        """Return the wardrobes that are an account's own, or were until it gave them up."""
        rows = self._db.rows(
            "SELECT wardrobe FROM member WHERE account = ? AND role IN (?, ?) ORDER BY wardrobe",
            (account, Role.OWNER, _FORMER),
        )
        return [row["wardrobe"] for row in rows]

    def disown(self, wardrobe: str) -> None:
        """End every part in a wardrobe that was given up, and its invitations."""
        with self._db.changing() as db:
            db.execute("DELETE FROM member WHERE wardrobe = ? AND role < ?", (wardrobe, Role.OWNER))
            db.execute(
                "UPDATE member SET role = ? WHERE wardrobe = ? AND role = ?",
                (_FORMER, wardrobe, Role.OWNER),
            )
            db.execute("DELETE FROM invitation WHERE wardrobe = ?", (wardrobe,))

    def unmake(self, wardrobe: str) -> None:
        """Forget that a wardrobe is or was anybody's: nothing of it is left, or ever was."""
        with self._db.changing() as db:
            db.execute("DELETE FROM member WHERE wardrobe = ?", (wardrobe,))
            db.execute("DELETE FROM invitation WHERE wardrobe = ?", (wardrobe,))

    def owner(self, wardrobe: str) -> str | None:
        """Return the id of the account whose a wardrobe is, if it is anybody's."""
        row = self._db.row(
            "SELECT account FROM member WHERE wardrobe = ? AND role = ?", (wardrobe, Role.OWNER)
        )
        return None if row is None else row["account"]

    def members(self, wardrobe: str) -> list[Member]:
        """Return who may see a wardrobe, the owner first."""
        rows = self._db.rows(
            "SELECT * FROM member WHERE wardrobe = ? AND role > 0 ORDER BY role DESC, account",
            (wardrobe,),
        )
        return [Member(wardrobe, r["account"], Role(r["role"]), r["invitation"]) for r in rows]

    def grant(self, wardrobe: str, account: str, role: Role, *, by: str = "") -> None:
        """Give an account a role in a wardrobe; an owner takes the place of the one before.

        Raises:
            UnknownName: WW-ACCOUNT-UNKNOWN.
            InputError: WW-WARDROBE-OWNER, where the owner would become less than that.
        """
        with self._db.changing() as db:
            if not db.execute("SELECT 1 FROM account WHERE id = ?", (account,)).fetchone():
                raise UnknownName("WW-ACCOUNT-UNKNOWN", "There is no such account.")
            _join(db, wardrobe, account, role, None)
            write(db, self._now(), by, f"grant {role.name.lower()}", wardrobe)

    def part(self, wardrobe: str, account: str, *, by: str = "") -> None:
        """End an account's part in a wardrobe; its owner cannot leave it.

        Raises:
            UnknownName: WW-MEMBER-UNKNOWN.
        """
        with self._db.changing() as db:
            gone = db.execute(
                "DELETE FROM member WHERE wardrobe = ? AND account = ? AND role IN (?, ?)",
                (wardrobe, account, Role.VIEWER, Role.EDITOR),
            )
            if not gone.rowcount:
                raise UnknownName("WW-MEMBER-UNKNOWN", "They have no part in it to end.")
            write(db, self._now(), by, "end membership", wardrobe)

    def adopt(self, account: str, wardrobes: Collection[str]) -> None:
        """Make an account the owner of those wardrobes that are nobody's."""
        for wardrobe in wardrobes:
            with self._db.changing() as db:
                if not self.owned(wardrobe):
                    _join(db, wardrobe, account, Role.OWNER, None)

    def invite(
        self,
        by: str,
        *,
        wardrobe: str | None = None,
        role: Role | None = None,
        scopes: frozenset[Scope] = frozenset(),
        hours: int = HOURS,
        first: bool = False,
    ) -> Invitation:
        """Return a new invitation, with its token: to a wardrobe, or to have an account.

        Args:
            by: the id of the account that invites; empty for somebody at the machine itself.
            wardrobe: that is shared, with a role below the owner's.
            role: in the wardrobe.
            scopes: of the account that is offered, where no wardrobe is.
            hours: that it can be accepted.
            first: whether the account will be the first one.

        Raises:
            ValueRefused: WW-INVITATION.
        """
        shared = wardrobe is not None and role in (Role.VIEWER, Role.EDITOR) and not scopes
        offered = wardrobe is None and role is None and bool(scopes)
        if not (shared or offered) or not 1 <= hours <= 24 * 30:
            raise ValueRefused(
                "WW-INVITATION",
                "This is no invitation.",
                note="One is to a wardrobe, as viewer or editor, or to an account with scopes; "
                "it can be accepted for 1 to 720 hours.",
            )
        at = self._now()
        made = Invitation(
            new_id("invitation"),
            wardrobe,
            role,
            scopes,
            by,
            at,
            at + timedelta(hours=hours),
            token=new_token("invite_"),
        )
        with self._db.changing() as db:
            if first:
                db.execute("DELETE FROM invitation WHERE first")
            _require_room(db, by)
            db.execute(
                "INSERT INTO invitation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    made.id,
                    digest(made.token),
                    wardrobe,
                    role,
                    " ".join(listed(scopes)),
                    first,
                    by or None,
                    at.isoformat(),
                    made.expires.isoformat(),
                ),
            )
            if not first:
                write(db, at, by, "invite", wardrobe or "account")
        return made

    def invitations(self, by: str) -> list[Invitation]:
        """Return the invitations that an account made, without their tokens."""
        rows = self._db.rows("SELECT * FROM invitation WHERE maker = ? ORDER BY created, id", (by,))
        return [invitation(row) for row in rows]

    def withdraw(self, by: str, invited: str) -> None:
        """Take back an invitation; one that was accepted ends what it gave.

        Raises:
            UnknownName: WW-INVITATION-UNKNOWN.
        """
        with self._db.changing() as db:
            row = db.execute(
                "SELECT * FROM invitation WHERE id = ? AND maker = ?", (invited, by)
            ).fetchone()
            if row is None:
                raise UnknownName("WW-INVITATION-UNKNOWN", "You made no such invitation.")
            db.execute(
                "DELETE FROM member WHERE invitation = ? AND role < ?", (invited, Role.OWNER)
            )
            db.execute("DELETE FROM invitation WHERE id = ?", (invited,))
            write(db, self._now(), by, "withdraw invitation", row["wardrobe"] or "account")

    def accept(self, account: str, token: str) -> Member:
        """Take up an invitation to a wardrobe.

        Raises:
            NotAllowed: WW-INVITATION-OVER, where it is unknown, used, withdrawn or too old.
        """
        with self._db.changing() as db:
            found = self.offered(db, token)
            if found.wardrobe is None or found.role is None:
                raise over()
            held = self.roles(account).get(found.wardrobe)
            if held is None or held < found.role:
                _join(db, found.wardrobe, account, found.role, found.id)
            db.execute("UPDATE invitation SET accepted = ? WHERE id = ?", (account, found.id))
            write(db, self._now(), account, "accept invitation", found.wardrobe)
        return Member(found.wardrobe, account, max(held or found.role, found.role), found.id)

    def offered(self, db: sqlite3.Connection, token: str) -> Invitation:
        """Return the invitation of a token, inside a change, if it still stands.

        Raises:
            NotAllowed: WW-INVITATION-OVER.
        """
        row = db.execute("SELECT * FROM invitation WHERE digest = ?", (digest(token),)).fetchone()
        if row is None or row["accepted"] or moment(row["expires"]) <= self._now():
            raise over()
        return invitation(row)


def over() -> NotAllowed:
    """Return the error of an invitation that does not stand."""
    return NotAllowed(
        "WW-INVITATION-OVER",
        "This invitation is not known, was used or withdrawn, or is too old.",
        hint="Ask for a new one.",
    )


def invitation(row: Row) -> Invitation:
    """Return an invitation from its row."""
    return Invitation(
        row["id"],
        row["wardrobe"],
        None if row["role"] is None else Role(row["role"]),
        scopes_of(row["scopes"].split()),
        row["maker"] or "",
        moment(row["created"]),
        moment(row["expires"]),
        row["accepted"],
    )


def _require_room(db: sqlite3.Connection, by: str) -> None:
    held = db.execute(
        "SELECT count(*) FROM invitation WHERE maker = ? AND accepted IS NULL", (by,)
    ).fetchone()
    if held[0] >= _MOST:
        raise InputError(
            "WW-INVITATION-MANY", f"{_MOST} invitations wait already.", hint="Withdraw one."
        )


def _join(
    db: sqlite3.Connection, wardrobe: str, account: str, role: Role, invited: str | None
) -> None:
    """Give an account a role inside a change; of owners there is one."""
    held = db.execute(
        "SELECT account FROM member WHERE wardrobe = ? AND role = ?", (wardrobe, Role.OWNER)
    ).fetchone()
    if held is not None and held["account"] == account and role is not Role.OWNER:
        raise InputError(
            "WW-WARDROBE-OWNER",
            "The wardrobe is theirs already.",
            hint="Make somebody else its owner first.",
        )
    if held is not None and role is Role.OWNER and held["account"] != account:
        db.execute(
            "UPDATE member SET role = ? WHERE wardrobe = ? AND account = ?",
            (Role.EDITOR, wardrobe, held["account"]),
        )
        db.execute("DELETE FROM invitation WHERE wardrobe = ? AND accepted IS NULL", (wardrobe,))
    db.execute(
        "INSERT INTO member VALUES (?1, ?2, ?3, ?4) ON CONFLICT (wardrobe, account)"
        " DO UPDATE SET role = ?3, invitation = ?4",
        (wardrobe, account, role, invited),
    )
