"""How often somebody may ask, and how slowly who guesses."""

from __future__ import annotations

import pytest

from wearwhy.errors import TooMany
from wearwhy.service.accounts.limits import Guard, Limiter, address_key


class Clock:
    """Seconds that tests let pass."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def seconds(self) -> float:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_bucket_empties_and_fills(clock: Clock) -> None:
    limiter = Limiter(rate=2, burst=3, clock=clock.seconds)
    for _ in range(3):
        limiter.take("ada")
    with pytest.raises(TooMany) as told:
        limiter.take("ada")
    assert told.value.retry_after == pytest.approx(0.5)
    limiter.take("bob")
    clock.on(seconds=0.5)
    limiter.take("ada")
    with pytest.raises(TooMany):
        limiter.take("ada")


def test_buckets_are_bounded_in_number(clock: Clock) -> None:
    limiter = Limiter(rate=1, burst=1, most=10, clock=clock.seconds)
    for number in range(1000):
        limiter.take(f"who {number}")
    assert len(limiter) == 10


def test_who_guesses_is_slowed_down_but_not_the_name_itself(clock: Clock) -> None:
    guard = Guard(clock=clock.seconds)
    for _ in range(5):
        guard.begin("203.0.113.7", "ada")
    with pytest.raises(TooMany):
        guard.begin("203.0.113.7", "ADA")
    guard.begin("198.51.100.1", "ada")
    guard.passed("198.51.100.1", "ada")
    clock.on(seconds=61)
    guard.begin("203.0.113.7", "ada")


def test_guessing_many_names_from_one_address_is_slowed_down(clock: Clock) -> None:
    guard = Guard(clock=clock.seconds)
    for number in range(30):
        guard.begin("203.0.113.7", f"name{number}")
    with pytest.raises(TooMany):
        guard.begin("203.0.113.7", "another")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("nonsense", "", True),
    ],
)
def test_addresses_count_by_customer(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same
