"""Signing in: the same work whatever is wrong, and nobody is shut out by who guesses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wearwhy.errors import NotSignedIn, TooMany
from wearwhy.http.security import is_near
from wearwhy.service.accounts import passwords
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.accounts.limits import Guard
from wearwhy.service.caller import Scope

PASSWORD = "plinth gannet vortex umber"


class Counting:
    """A hasher that counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._hasher = passwords._hasher()  # noqa: SLF001  # there is no other way in

    def verify(self, kept: str, password: str) -> bool:
        self.asked.append(kept)
        return bool(self._hasher.verify(kept, password))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hasher, name)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """Ada with every scope, Bob who is switched off, and a program without a password."""
    made = Accounts.open(tmp_path)
    made.add("ada", password=PASSWORD, scopes=frozenset(Scope))
    made.change(made.add("bob", password=PASSWORD).id, disabled=True)
    made.add("program")
    return made


@pytest.mark.parametrize("name", ["ada", "nobody-has-it", "bob", "program", "", "a" * 64])
def test_whichever_is_wrong_one_hash_is_computed_and_one_line_is_written(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    nobodys = passwords._nobodys()  # noqa: SLF001
    counting = Counting()
    monkeypatch.setattr(passwords, "_hasher", lambda: counting)
    monkeypatch.setattr(passwords, "_nobodys", lambda: nobodys)
    before = len(accounts.audit())
    with pytest.raises(NotSignedIn, match="The name or the password is wrong"):
        accounts.check(name, "another password altogether", "203.0.113.7")
    (kept,) = counting.asked
    # As costly, too: the same kind of hash with the same parameters.
    assert kept.rsplit("$", 2)[0] == nobodys.rsplit("$", 2)[0]
    assert (kept == nobodys) is (name != "ada")
    assert len(accounts.audit()) == before + 1


def guesses(guard: Guard, *addresses: str) -> int:
    """Return how many guesses at Ada's password are looked at before one is refused."""
    for number, address in enumerate(addresses):
        try:
            guard.begin(address, "Ada")
        except TooMany:
            return number
    return len(addresses)


BOTNET = [f"203.0.{number // 250}.{number % 250}" for number in range(1000)]


def test_many_addresses_that_guess_shut_nobody_out_where_they_have_signed_in() -> None:
    guard = Guard(clock=lambda: 0.0)
    guard.begin("198.51.100.1", "ada")
    guard.passed("198.51.100.1", "ada")
    assert guesses(guard, *BOTNET) == 100
    # Where nobody signed in, all wait; where she did, there are as many guesses as ever.
    assert guesses(guard, "198.51.100.2") == 0
    assert guesses(guard, *["198.51.100.1"] * 10) == 5


def test_signing_in_where_one_did_before_gives_guessers_no_further_guess() -> None:
    guard = Guard(clock=lambda: 0.0)
    guard.begin("198.51.100.1", "ada")
    guard.passed("198.51.100.1", "ada")
    assert guesses(guard, *BOTNET) == 100
    for _ in range(50):
        guard.begin("198.51.100.1", "ada")
        guard.passed("198.51.100.1", "ada")
    assert guesses(guard, "198.51.100.2") == 0


@pytest.mark.parametrize(
    "field",
    ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"],
)
def test_what_any_proxy_passed_on_is_not_of_this_machine(field: str) -> None:
    scope: dict[str, Any] = {"client": ("127.0.0.1", 5), "headers": [(b"host", b"127.0.0.1:8000")]}
    assert is_near(scope)
    scope["headers"].append((field.lower().encode(), b"127.0.0.1"))
    assert not is_near(scope)
