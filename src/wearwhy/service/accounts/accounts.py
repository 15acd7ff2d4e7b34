"""Accounts as the service and the command line use them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from wearwhy.errors import InputError, NotAllowed, NotSignedIn
from wearwhy.service.accounts import passwords
from wearwhy.service.accounts.book import write
from wearwhy.service.accounts.database import Database
from wearwhy.service.accounts.keys import Keys
from wearwhy.service.accounts.limits import Guard
from wearwhy.service.accounts.records import Account, folded, listed, name_of, now
from wearwhy.service.accounts.sessions import Sessions
from wearwhy.service.accounts.sharing import Sharing, over
from wearwhy.service.accounts.tokens import new_id
from wearwhy.service.caller import Scope

USUAL: Final = frozenset((Scope.READ, Scope.WRITE, Scope.RULES))
"""What an account may do for which nothing else is said: everything with what is its own."""
_FORGOTTEN: Final = "forgotten"


class Accounts(Keys, Sessions, Sharing):
    """Every account of a workspace; safe to share between threads and processes.

    Attributes:
        guard: slows down who guesses.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        super().__init__(database, clock)
        self.guard = Guard()

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], datetime] = now) -> Self:
        """Open the accounts of a workspace; the file is made by the first change."""
        return cls(Database(folder), clock)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def backup(self, target: Path) -> bool:
        """Write a copy of the accounts as they are now; return whether there were any."""
        return self._db.backup(target)

    # -- making ------------------------------------------------------------------------------

    def add(
        self,
        name: str,
        *,
        password: str | None = None,
        scopes: frozenset[Scope] = USUAL,
        by: str = "",
    ) -> Account:
        """Return a new account; without a password, it is used by keys only.

        Raises:
            ValueRefused: WW-ACCOUNT-NAME, WW-PASSWORD.
            InputError: WW-ACCOUNT-EXISTS.
        """
        said = name_of(name)
        kept = self._kept(password, said)
        made = Account(new_id("account"), said, scopes, self._now(), has_password=kept is not None)
        with self._db.changing() as db:
            if db.execute("SELECT 1 FROM account WHERE folded = ?", (folded(said),)).fetchone():
                raise InputError(
                    "WW-ACCOUNT-EXISTS", "That name is taken.", hint="Choose another name."
                )
            db.execute(
                "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, 0)",
                (
                    made.id,
                    said,
                    folded(said),
                    kept,
                    " ".join(listed(scopes)),
                    made.created.isoformat(),
                ),
            )
            write(db, made.created, by, "make account", made.id)
        return made

    def first_token(self) -> str | None:
        """Return a token that makes the first account, for a day; None where there is one.

        A new one takes the place of the one before.
        """
        if self.exist():
            return None
        return self.invite("", scopes=frozenset(Scope), hours=24, first=True).token

    def join(
        self, token: str, name: str, password: str | None, wardrobes: Collection[str] = ()
    ) -> Account:
        """Return the new account of somebody who was invited to have one.

        Args:
            token: of the invitation, or the one that makes the first account.
            name: of the account.
            password: of the account.
            wardrobes: that there are: those that are nobody's become the first account's.

        Raises:
            NotAllowed: WW-INVITATION-OVER, where the token is unknown, used or too old.
            ValueRefused, InputError: as `add` says.
        """
        with self._db.changing() as db:
            offer = self.offered(db, token)
        kept = self._kept(password, name_of(name))  # slow: not while others wait to write
        with self._db.changing() as db:
            offer = self.offered(db, token)
            row = db.execute("SELECT first FROM invitation WHERE id = ?", (offer.id,)).fetchone()
            first = bool(row["first"])
            if not offer.scopes or (first and self.exist()):
                raise over()
            made = self.add(name, scopes=offer.scopes, by=offer.by)
            db.execute("UPDATE account SET password = ? WHERE id = ?", (kept, made.id))
            db.execute("UPDATE invitation SET accepted = ? WHERE id = ?", (made.id, offer.id))
            if first:
                self.adopt(made.id, wardrobes)
        return self.get(made.id) or made

    # -- signing in --------------------------------------------------------------------------

    def check(self, name: str, password: str, address: str) -> Account:
        """Return the account that a name and a password are of.

        Raises:
            NotSignedIn: WW-ACCESS-PASSWORD; in the same words and the same time whichever of the
                two is wrong.
            TooMany: WW-LIMIT-RATE, after too many that were wrong.
        """
        self.guard.begin(address, name)
        row = self._db.row("SELECT * FROM account WHERE folded = ?", (folded(name),))
        kept = None if row is None or row["disabled"] else row["password"]
        if not passwords.matches(kept, password):
            # Written down in both cases: that nobody has the name shows in no time that it takes.
            self.note("", "sign in", row["id"] if row is not None else "", outcome="refused")
            raise NotSignedIn("WW-ACCESS-PASSWORD", "The name or the password is wrong.")
        assert row is not None
        assert kept is not None
        self.guard.passed(address, name)
        if passwords.outdated(kept):
            self._keep_password(row["id"], passwords.hashed(password))
        found = self.get(row["id"])
        assert found is not None
        return found

    def set_password(self, account: str, password: str) -> None:
        """Give an account a new password; its sessions end.

        Raises:
            ValueRefused: WW-PASSWORD.
            NotAllowed: WW-ACCOUNT-UNKNOWN.
        """
        found = self.get(account)
        if found is None:
            raise NotAllowed("WW-ACCOUNT-UNKNOWN", "There is no such account.")
        kept = self._kept(password, found.name)
        with self._db.changing() as db:
            self._keep_password(account, kept)
            self.end_sessions(account)
            write(db, self._now(), account, "set password", account)

    def _kept(self, password: str | None, name: str) -> str | None:
        if password is None:
            return None
        passwords.require_good(password, name, self._db.path.parent)
        return passwords.hashed(password)

    def _keep_password(self, account: str, kept: str | None) -> None:
        with self._db.changing() as db:
            db.execute("UPDATE account SET password = ? WHERE id = ?", (kept, account))

    # -- changing ----------------------------------------------------------------------------

    def change(
        self,
        account: str,
        *,
        scopes: frozenset[Scope] | None = None,
        disabled: bool | None = None,
        by: str = "",
    ) -> None:
        """Change what an account may do; a disabled one signs nobody in, and its sessions end.

        Raises:
            InputError: WW-ACCOUNT-LAST, where nobody could run the service afterwards.
        """
        with self._db.changing() as db:
            if scopes is not None:
                db.execute(
                    "UPDATE account SET scopes = ? WHERE id = ?",
                    (" ".join(listed(scopes)), account),
                )
            if disabled is not None:
                db.execute("UPDATE account SET disabled = ? WHERE id = ?", (int(disabled), account))
                if disabled:
                    self.end_sessions(account)
            self._require_admin()
            write(db, self._now(), by, "change account", account)

    def require_erasable(self, account: str) -> None:
        """Refuse to forget the last account that runs the service for others.

        Raises:
            InputError: WW-ACCOUNT-LAST.
        """
        self._require_admin(without=account)

    def _require_admin(self, without: str = "") -> None:
        left = [one for one in self.everyone() if one.id != without]
        able = [one for one in left if Scope.ADMIN in one.scopes and not one.disabled]
        if left and not able:
            raise InputError(
                "WW-ACCOUNT-LAST",
                "This is the last account that runs the service.",
                hint="Give another account the scope 'admin' first.",
            )

    def erase(self, account: str, wardrobes: Collection[str] = (), *, last: bool = False) -> None:
        """Forget an account: its name, password, keys, sessions, invitations and memberships.

        What the audit says of it, and of wardrobes that go with it, stays without a name. The
        last account that runs the service may only go as the last account of all.

        Args:
            account: its id.
            wardrobes: that go with it.
            last: it may go all the same.

        Raises:
            InputError: WW-ACCOUNT-LAST.
        """
        with self._db.changing() as db:
            for wardrobe in wardrobes:
                self.unmake(wardrobe)
                db.execute("UPDATE audit SET about = ? WHERE about = ?", (_FORGOTTEN, wardrobe))
            ids = [
                row["id"]
                for table in ("key", "session")
                for row in db.execute(f"SELECT id FROM {table} WHERE account = ?", (account,))  # noqa: S608
            ]
            for one in (account, *ids):
                db.execute("UPDATE audit SET about = ? WHERE about = ?", (_FORGOTTEN, one))
            db.execute("UPDATE audit SET account = ? WHERE account = ?", (_FORGOTTEN, account))
            db.execute("DELETE FROM invitation WHERE accepted = ?", (account,))
            db.execute("DELETE FROM account WHERE id = ?", (account,))
            if not last:
                self._require_admin()
        self._db.compact()
