"""Passwords: which are refused, and argon2id hashes of the others.

The parameters are the first that OWASP's Password Storage Cheat Sheet names (m=46 MiB, t=1, p=1).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from wearwhy.errors import NotInstalled, ValueRefused
from wearwhy.service.accounts.guessable import breached, guesses

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST: Final = 12
MOST: Final = 256
LEAST_GUESSES: Final = 1e8
"""So many guesses a password must take: zxcvbn's third step of four."""
_WORD: Final = 4
# A hash takes 46 MiB: two at a time bound what strangers can make the process use.
_AT_ONCE: Final = BoundedSemaphore(2)


def require_good(password: str, name: str, folder: Path) -> None:
    """Refuse a password that would be tried early.

    Args:
        password: as it was typed.
        name: of the account.
        folder: of the workspace, which may hold a list of breached passwords.

    Raises:
        ValueRefused: WW-PASSWORD.
        NotInstalled: WW-EXTRA-SERVE.
    """
    plain = _normal(password)
    folded = plain.casefold()
    if not LEAST <= len(plain) <= MOST:
        wrong = f"it must have {LEAST} to {MOST} characters"
    elif any(word in folded for word in (name.casefold(), "wearwhy") if len(word) >= _WORD):
        wrong = "it contains the account's name, or the program's"
    elif guesses(plain, (name, "wearwhy")) < LEAST_GUESSES:
        wrong = "it is common, or made of what is guessed soon: words, names, dates, neighbours"
    elif breached(plain, folder):
        wrong = "it is in the list of passwords that others know"
    else:
        return
    raise ValueRefused(
        "WW-PASSWORD", f"This password is refused: {wrong}.", hint="Four random words are good."
    )


def hashed(password: str) -> str:
    """Return what is kept of a password: argon2id with its parameters and a random salt."""
    with _AT_ONCE:
        return _hasher().hash(_normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Return whether a password is the one kept; as slow where none is kept as where one is."""
    hasher, nobodys = _hasher(), _nobodys()
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    if len(password) > MOST:
        return False
    try:
        with _AT_ONCE:
            fits = hasher.verify(kept or nobodys, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return fits and kept is not None


def outdated(kept: str) -> bool:
    """Return whether a hash was made with weaker parameters than are used now."""
    return _hasher().check_needs_rehash(kept)


def _normal(password: str) -> str:
    # The same password typed on another keyboard may come composed otherwise.
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415  # of the extra `serve`
    except ImportError as error:
        raise NotInstalled(
            "WW-EXTRA-SERVE",
            "Passwords need argon2-cffi, which is not installed.",
            hint="Install wearwhy[serve].",
        ) from error
    return PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _hasher().hash("the password of nobody")
