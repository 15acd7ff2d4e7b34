"""Answers kept by keys: given again, never to another, and not taken for done after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy.errors import Refused
from wearwhy.service.idempotency import MOST, SECONDS, Answered, Idempotency

SAID = Answered(200, {"etag": '"r4"'}, b'{"revision":4}')


def test_an_answer_is_given_again_to_the_same_request(tmp_path: Path) -> None:
    kept = Idempotency(tmp_path)
    assert kept.begin("ada", "k", "one") is None
    kept.keep("ada", "k", SAID)
    assert kept.begin("ada", "k", "one") == SAID
    kept.close()
    again = Idempotency(tmp_path)
    assert again.begin("ada", "k", "one") == SAID
    again.close()


def test_a_key_is_one_accounts_own_and_for_one_request(tmp_path: Path) -> None:
    kept = Idempotency(tmp_path)
    kept.begin("ada", "k", "one")
    kept.keep("ada", "k", SAID)
    with pytest.raises(Refused) as clash:
        kept.begin("ada", "k", "other")
    assert clash.value.code == "WW-IDEMPOTENCY-OTHER"
    assert kept.begin("bob", "k", "one") is None
    kept.close()


def test_what_still_runs_is_not_begun_again_and_what_was_refused_can_be(tmp_path: Path) -> None:
    kept = Idempotency(tmp_path)
    kept.begin("ada", "k", "one")
    with pytest.raises(Refused) as clash:
        kept.begin("ada", "k", "one")
    assert clash.value.code == "WW-IDEMPOTENCY-RUNNING"
    kept.drop("ada", "k")
    assert kept.begin("ada", "k", "one") is None
    kept.close()


def test_what_a_crash_cut_off_is_neither_done_again_nor_taken_for_done(tmp_path: Path) -> None:
    cut = Idempotency(tmp_path)
    cut.begin("ada", "k", "one")
    cut.close()
    again = Idempotency(tmp_path)
    with pytest.raises(Refused) as clash:
        again.begin("ada", "k", "one")
    assert clash.value.code == "WW-IDEMPOTENCY-UNSURE"
    again.close()


@pytest.mark.parametrize("way", ["leave", "forget"])
def test_what_may_have_been_done_stays_closed_until_the_account_is_forgotten(
    tmp_path: Path, way: str
) -> None:
    kept = Idempotency(tmp_path)
    kept.begin("ada", "k", "one")
    kept.leave("ada", "k")
    if way == "forget":
        kept.forget("ada")
        assert kept.begin("ada", "k", "one") is None
    else:
        with pytest.raises(Refused) as clash:
            kept.begin("ada", "k", "one")
        assert clash.value.code == "WW-IDEMPOTENCY-UNSURE"
    kept.close()


def test_what_others_were_answered_is_forgotten_too_but_not_that_they_were(tmp_path: Path) -> None:
    kept = Idempotency(tmp_path)
    kept.begin("bob", "k", "one")
    kept.keep("bob", "k", Answered(201, {}, b"Zauberfloetenmantel"))
    kept.forget("ada")
    assert kept.begin("bob", "k", "one") == Answered(201, {}, b"")
    kept.close()
    assert not any(b"Zauberfloetenmantel" in one.read_bytes() for one in tmp_path.iterdir())


def test_keys_are_kept_for_a_day_and_not_without_end(tmp_path: Path) -> None:
    now = [0.0]
    kept = Idempotency(tmp_path, clock=lambda: now[0])
    kept.begin("ada", "old", "one")
    kept.keep("ada", "old", SAID)
    now[0] = SECONDS + 1
    assert kept.begin("ada", "old", "another") is None
    assert MOST >= 1000
    kept.close()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    Idempotency(tmp_path).close()
    (file,) = tmp_path.glob("idempotency.sqlite")
    assert file.stat().st_mode & 0o077 == 0
