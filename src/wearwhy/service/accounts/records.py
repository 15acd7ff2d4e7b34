"""What is known of accounts: records without secrets, and secrets that are shown once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from wearwhy.errors import UnknownName, ValueRefused, nearest
from wearwhy.service.caller import Role, Scope

Json = dict[str, Any]
_NAME: Final = re.compile(r"[\w.@+-]{1,64}", re.UNICODE)
_ALIKE: Final = frozenset(("LATIN", "GREEK", "CYRILLIC", "CHEROKEE"))
_LABEL: Final = 100


@dataclass(frozen=True, slots=True)
class Account:
    """A person, or a program of theirs; `scopes` is the most that its keys can have."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created: datetime
    disabled: bool = False
    has_password: bool = False

    def as_dict(self) -> Json:
        """Return the account as it is listed."""
        return {
            "id": self.id,
            "name": self.name,
            "scopes": listed(self.scopes),
            "created": self.created.isoformat(),
            "disabled": self.disabled,
            "password": self.has_password,
        }


@dataclass(frozen=True, slots=True)
class Key:
    """An API key; `secret` is known only when it has just been made."""

    id: str
    account: str
    label: str
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime | None
    used: datetime | None = None
    secret: str = ""

    def as_dict(self) -> Json:
        """Return the key as it is listed; with the secret where it has just been made."""
        said = {
            "id": self.id,
            "label": self.label,
            "scopes": listed(self.scopes),
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat() if self.expires else None,
            "used": self.used.isoformat() if self.used else None,
        }
        return {**said, "key": self.secret} if self.secret else said


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in; `token` and `csrf` are known only when it has just begun."""

    id: str
    account: str
    created: datetime
    seen: datetime
    expires: datetime
    token: str = ""
    csrf: str = ""

    def as_dict(self) -> Json:
        """Return the session as it is listed."""
        return {
            "id": self.id,
            "created": self.created.isoformat(),
            "seen": self.seen.isoformat(),
            "expires": self.expires.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Invitation:
    """An offer: of a role in a wardrobe, or of an account; `token` only when just made."""

    id: str
    wardrobe: str | None
    role: Role | None
    scopes: frozenset[Scope]
    by: str
    created: datetime
    expires: datetime
    accepted_by: str | None = None
    token: str = ""

    def as_dict(self) -> Json:
        """Return the invitation as it is listed; with the token where it has just been made."""
        said: Json = {
            "id": self.id,
            "wardrobe": self.wardrobe,
            "role": self.role.name.lower() if self.role else None,
            "scopes": listed(self.scopes),
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat(),
            "accepted_by": self.accepted_by,
        }
        return {**said, "token": self.token} if self.token else said


@dataclass(frozen=True, slots=True)
class Member:
    """Who may do what in a wardrobe; `invitation` is the one it came by, if it did."""

    wardrobe: str
    account: str
    role: Role
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody did, for those who run the service; `account` is an id, or empty."""

    at: datetime
    account: str
    what: str
    about: str
    outcome: str

    def as_dict(self) -> Json:
        """Return the entry as it is listed."""
        return {
            "at": self.at.isoformat(),
            "account": self.account,
            "what": self.what,
            "about": self.about,
            "outcome": self.outcome,
        }


def listed(scopes: Iterable[Scope]) -> list[str]:
    """Return scopes by name, the least first."""
    return [scope.value for scope in Scope if scope in set(scopes)]


def scopes_of(words: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes that words name.

    Raises:
        UnknownName: WW-ACCESS-SCOPE-UNKNOWN, with the nearest.
    """
    known = [scope.value for scope in Scope]
    found = set()
    for word in words:
        if word not in known:
            near = nearest(word, known)
            raise UnknownName(
                "WW-ACCESS-SCOPE-UNKNOWN",
                f"'{word}' is no scope.",
                hint=f"Did you mean '{near}'?" if near else "Scopes: " + ", ".join(known) + ".",
            )
        found.add(Scope(word))
    return frozenset(found)


def name_of(text: str) -> str:
    """Return a name as it is kept.

    Raises:
        ValueRefused: WW-ACCOUNT-NAME.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    if not _NAME.fullmatch(name) or len(_ALIKE & _alphabets(name)) > 1:
        raise ValueRefused(
            "WW-ACCOUNT-NAME",
            "This is no name for an account.",
            note="A name has 1 to 64 letters, digits and . @ + - _; Latin, Greek, Cyrillic and Cherokee "
            "letters, of which some look alike, do not stand in one name.",
        )
    return name


def _alphabets(text: str) -> set[str]:
    """Return the alphabets of a text's letters, by the first words of their names."""
    return {unicodedata.name(c, "").partition(" ")[0] for c in text if c.isalpha()}


def folded(name: str) -> str:
    """Return what two names may not both be."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def label_of(text: str) -> str:
    """Return a label in one line, at most 100 characters of it."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:_LABEL]


def moment(text: str) -> datetime:
    """Return a time as the database keeps it."""
    return datetime.fromisoformat(text)


def maybe(text: str | None) -> datetime | None:
    """Return a time, where there is one."""
    return None if text is None else moment(text)


def now() -> datetime:
    """Return the time, in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
