"""What was read by some of its words is told where a table is loaded, and where it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.api.cli_given import run

from wearwhy.rdf import ID
from wearwhy.service.uploads import jobs

KINDS = ("old silk sweater", "my sweater", "warm coat", "rain hat", "blue shirt")
TABLE = "id,name,type\n" + "".join(f"n{n},Thing {n},{kind}\n" for n, kind in enumerate(KINDS))


def first(told: Any) -> tuple[object, ...]:
    return tuple(told[0][key] for key in ("column", "value", "row", "read_as", "times"))


@pytest.mark.slow
def test_the_command_line_tells_the_first_few_and_how_many_more(place: Path) -> None:
    (place / "new.csv").write_text(TABLE, encoding="utf-8")
    words = ("load", "new.csv", "--as", "wardrobe", "--into", "wardrobe:mine")
    found = run(place, *words, "--preview", "--json").document
    assert first(found["nearer"]) == ("type", "old silk sweater", 2, "sweater", 1)
    assert len(found["nearer"]) == len(KINDS)
    ran = run(place, *words)
    assert ran.code == 0, ran.err
    assert "row 2, type: 'old silk sweater' was read as 'sweater' (1×)" in ran.out
    assert ran.out.count("was read as") == 3
    assert "and 2 more" in ran.out
    again = run(place, "--lang", "zh", *words).out
    assert "“old silk sweater”读作" in again


def test_the_document_of_what_was_sent_tells_them() -> None:
    args = {
        "ending": ".csv",
        "mapping": "wardrobe",
        "into": ["wardrobe", "mine", str(ID)],
        "known": "",
        "ontology": {},
    }
    told, _ = jobs.table(args, TABLE.encode())
    assert first(told["nearer"]) == ("type", "old silk sweater", 2, "sweater", 1)
    assert told["found"]["nearer"] == len(KINDS)
    assert not told["unknown"]
