"""Which known name an unknown one is taken to mean."""

from __future__ import annotations

import pytest

from wearwhy.errors import nearest

OCCASIONS = ("school", "uni", "running", "dinner", "gala", "office", "work", "at home")


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("run", OCCASIONS, "running"),  # 'uni' is spelt more like it
        ("gala dinner", OCCASIONS, "gala"),  # as is 'dinner'
        ("ofice", OCCASIONS, "office"),
        ("wor", OCCASIONS, "work"),
        ("occasion", ("occasions", "date"), "occasions"),
        ("shirt dress", ("shirt", "shirtdress"), "shirtdress"),  # almost the same wins
        ("jacket potato", ("jacket", "jack"), "jacket"),
        ("lo", ("longest", "location"), None),  # two letters begin too much
        ("zebra", OCCASIONS, None),
        ("", OCCASIONS, None),
    ],
)
def test_a_name_means_the_one_that_is_nearest(
    name: str, known: tuple[str, ...], expected: str | None
) -> None:
    assert nearest(name, known) == expected
