"""Pages: each entry once, whatever the limit; and words that are no cursor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.errors import ValueRefused
from wearwhy.service.cursors import after, cursor, page


@given(st.lists(st.text(), unique=True, max_size=40), st.integers(1, 10))
def test_pages_hold_each_entry_once_and_in_order(entries: list[str], limit: int) -> None:
    keys = sorted(entries)
    seen: list[str] = []
    word: str | None = None
    while True:
        part, word = page("things", keys, word, limit)
        seen += keys[part]
        if word is None:
            break
    assert seen == keys


@given(st.lists(st.text(), unique=True, min_size=2, max_size=20), st.data())
def test_an_entry_that_goes_meanwhile_loses_no_other(
    entries: list[str], data: st.DataObject
) -> None:
    keys = sorted(entries)
    part, word = page("things", keys, None, 1)
    gone = data.draw(st.sampled_from(keys))
    left = [key for key in keys if key != gone]
    rest, _ = page("things", left, word, 500)
    assert {*keys[part], *left[rest]} >= set(left)


@given(st.text())
def test_a_cursor_reads_back(key: str) -> None:
    assert after("things", cursor("things", key)) == key


@given(st.text(max_size=40))
def test_any_other_word_is_refused(word: str) -> None:
    for wrong in (f"{word}!", cursor("things", word) + "!", cursor("things", word)[1:]):
        with pytest.raises(ValueRefused, match="cursor"):
            after("things", wrong)


@pytest.mark.parametrize(
    "word", [cursor("others", "x"), "", "x" * 2000, cursor("things", "x")[:-2]]
)
def test_a_cursor_of_another_list_or_a_broken_one_is_refused(word: str) -> None:
    with pytest.raises(ValueRefused):
        after("things", word)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_a_sensible_size(limit: int) -> None:
    with pytest.raises(ValueRefused):
        page("things", [], None, limit)
