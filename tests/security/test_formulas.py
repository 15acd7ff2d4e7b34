"""Tables that are written for people hold nothing that their spreadsheet would compute."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.feeds.formulas import guarded, unguarded
from wearwhy.feeds.tables import parse_csv
from wearwhy.feeds.template import as_csv

STARTS = "=+-@\t\r\n\0"


@given(st.text(alphabet=st.sampled_from([*STARTS, "'", "a", "1", ".", " "]), max_size=8))
def test_what_is_written_is_read_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


@given(st.text(alphabet=st.sampled_from([*STARTS, "'", "a", "1", "(", "!"]), max_size=8))
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    written = guarded(cell)
    assert (
        not written or written[0] not in STARTS or written.lstrip("+-").replace(".", "").isdigit()
    )


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://x")', "+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1",
     "'=1", "-1-1"],
)  # fmt: skip
def test_a_formula_is_a_text(cell: str) -> None:
    ((written,),) = csv.reader(io.StringIO(as_csv([[cell]]), newline=""))
    assert written == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "-5", "+1.5", "-1,234", "navy", "'tis", "a=b", "O'Neill"])
def test_what_is_no_formula_stays(cell: str) -> None:
    assert guarded(cell) == cell == unguarded(cell)


def test_an_exported_formula_loads_as_it_was() -> None:
    text = as_csv([["id", "name"], ["1", "=1+1"], ["2", "'=1"]])
    assert [row.cells[1] for row in parse_csv(text, "x.csv").rows] == ["=1+1", "'=1"]
