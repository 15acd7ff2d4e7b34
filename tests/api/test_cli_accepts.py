"""What a tester found wrong once: names, scopes, refusals and answers as a person meets them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.api.cli_given import run

from wearwhy.errors import QueryError, StoreError
from wearwhy.store.faults import disk
from wearwhy.workspace import Workspace

SHOELESS = "id,name,type,colour\n1,A,shirt,blue\n2,B,trousers,black\n"


def load(place: Path, text: str, into: str) -> None:
    (place / "table.csv").write_text(text, "utf-8")
    ran = run(place, "load", "table.csv", "--as", "wardrobe", "--into", into)
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (
            ("recommend", "--occasion", "office", "--from", "catalogue:x"),
            "WW-REQUEST-CATALOGUE",
            "",
        ),
        (("add", "shirt", " "), "WW-ITEM-NAME", "Red scarf"),
        (("add", "frobnicator", "X"), "WW-CLASS-UNKNOWN", "shirt"),
        (("why", "zzzz", "material", "wool"), "WW-TERM-UNKNOWN", "wearwhy query items"),
        (("set", "w03", "zzzz", "wool"), "WW-PROPERTY-UNKNOWN", "wearwhy query properties"),
    ],
)
def test_what_is_not_known_is_bad_input_with_a_way_on(
    place: Path, words: tuple[str, ...], code: str, hint: str
) -> None:
    ran = run(place, *words)
    assert ran.code == 2
    assert f"error[{code}]" in ran.err
    assert hint in ran.err


def test_the_queries_that_hints_name_can_be_asked(place: Path) -> None:
    assert "id:mine/w03" in run(place, "query", "items").out
    assert "ww:material" in run(place, "query", "properties").out


def test_the_rules_that_decide_are_told_by_label(place: Path) -> None:
    rows = run(place, "query", "deciding-rules", "--json").document["results"]["bindings"]
    assert rows
    assert all("label" in row for row in rows)


def test_a_wardrobe_without_shoes_is_told_of_shoes_only(place: Path) -> None:
    load(place, SHOELESS, "wardrobe:bare")
    ran = run(place, "--wardrobe", "bare", "recommend", "--occasion", "everyday")
    assert ran.code == 1
    assert "'feet'" in ran.err
    assert "'full body'" not in ran.err


def test_who_names_a_wardrobe_undoes_its_newest_change_not_anothers(place: Path) -> None:
    load(place, SHOELESS, "wardrobe:bare")
    assert run(place, "--wardrobe", "mine", "set", "w03", "material", "linen").code == 0
    undone = run(place, "--wardrobe", "bare", "undo", "--json")
    assert undone.document["scope"] == "wardrobe/bare"
    assert run(place, "undo", "--json").document["scope"] == "wardrobe/mine"


def test_who_names_a_wardrobe_edits_its_rules_alone(place: Path) -> None:
    load(place, SHOELESS, "wardrobe:bare")
    path = run(place, "--wardrobe", "bare", "rules", "edit", "weather").out.strip()
    assert Path(path).parts[-3:] == ("wardrobe", "bare", "weather.srl")
    file = place / path
    text = file.read_text("utf-8").replace("no suede shoes in the wet", "bare's own")
    file.write_text(text, "utf-8")
    assert run(place, "--wardrobe", "bare", "rules", "apply").code == 0
    shown = ("rules", "show", "no-suede-in-rain")
    assert "bare's own" in run(place, "--wardrobe", "bare", *shown).out
    assert "bare's own" not in run(place, "--wardrobe", "mine", *shown).out


def test_drafts_of_every_wardrobe_are_told(place: Path) -> None:
    load(place, SHOELESS, "wardrobe:bare")
    path = run(place, "--wardrobe", "mine", "rules", "edit", "weather").out.strip()
    (place / path).write_text("# mine\n", "utf-8")
    assert "weather" in run(place, "history").err


def test_a_column_that_nothing_names_is_told_as_a_column(place: Path) -> None:
    (place / "t.csv").write_text("id,name,type,colur\n1,A,shirt,blue\n", "utf-8")
    ran = run(place, "load", "t.csv", "--as", "wardrobe", "--into", "wardrobe:t", "--preview")
    assert "the column 'colur' is not known; the nearest is 'colour'" in ran.out


def test_a_slip_in_a_query_is_told_before_anything_is_reasoned(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.open(prepared)
    monkeypatch.setattr(Workspace, "layer", lambda *_: pytest.fail("it reasoned"))
    for text in ("SELECT * WHERE { ?s ?p", "SELECT * WHERE " + "{" * 5000):
        with pytest.raises(QueryError) as found:
            workspace.query(text)
        assert len(found.value.sentence) < 300


def test_the_part_of_the_day_without_a_look_is_named(place: Path) -> None:
    load(place, SHOELESS + "3,C,sneakers,white\n", "wardrobe:bare")
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{at}\r\nDTSTART:20261124T{at}0000\r\nDTEND:20261124T{at}3000\r\n"
        f"SUMMARY:{what}\r\nEND:VEVENT\r\n"
        for at, what in (("10", "Coffee"), ("20", "Black-tie gala"))
    )
    calendar = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"
    (place / "day.ics").write_text(calendar, "utf-8")
    words = ("recommend", "--date", "2026-11-24", "--calendar", "day.ics")
    ran = run(place, "--wardrobe", "bare", *words)
    assert ran.code == 1
    assert "Black-tie gala" in ran.err


def test_no_words_at_all_show_the_help(place: Path) -> None:
    ran = run(place)
    assert ran.code == 2
    assert "Commands:" in ran.err
    assert "WW-USAGE" not in ran.err


def test_damaged_files_are_told_as_such() -> None:
    with pytest.raises(StoreError, match="damaged"), disk("opening it"):
        raise RuntimeError("Corruption: CURRENT file does not end with newline")
    with pytest.raises(RuntimeError, match="other"), disk("opening it"):
        raise RuntimeError("other")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [("history",), ("history", "--json")])
def test_an_output_that_is_full_is_told_in_a_sentence(place: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "wearwhy", "--workspace", str(place), *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert ran.returncode == 2
    assert "error[WW-FILE]: No space left on device" in ran.stderr
    assert "Traceback" not in ran.stderr
