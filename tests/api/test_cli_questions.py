"""`learn ask`, `learn answer` and `guesses`: what is asked, taken, denied and retracted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.api.cli_given import run
from tests.guessing_given import taught


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taught") / "w"
    taught(folder)
    return folder


@pytest.fixture
def place(known: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(known, tmp_path / "w"))


def listed(place: Path) -> list[dict[str, Any]]:
    ran = run(place, "guesses", "list", "--json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = ran.document["guesses"]
    return found


def words(guess: dict[str, Any]) -> list[str]:
    return [guess[part]["value"] for part in ("subject", "predicate", "object")]


def test_a_guess_is_listed_with_all_that_is_kept_of_it(place: Path) -> None:
    found = listed(place)
    assert [one["probability"] for one in found] == sorted(one["probability"] for one in found)
    for one in found:
        assert one["attribute"] in ("suitsSeason", "suitsOccasion", "formality", "warmth")
        assert (one["runner_up"] is None) == (one["attribute"].startswith("suits"))
        assert one["margin"] is not None
        assert 0 <= one["explained"] <= 1
        assert one["model"].startswith("own ")
    text = run(place, "guesses", "list").out
    assert len(text.splitlines()) == len(found)
    assert "model own" in text


def test_questions_are_told_with_what_they_are_worth(place: Path) -> None:
    ran = run(place, "learn", "ask", "-n", "3", "--threshold", "0.999", "--json")
    assert ran.code == 0, ran.err
    found = ran.document
    assert len(found["questions"]) == 3
    assert found["open"] >= 3
    for one in found["questions"]:
        assert one["bits"] == pytest.approx(one["own"] + one["others"], abs=1e-5)
        assert one["counted"] <= one["bits"] + 1e-6
        assert one["options"]
    text = run(place, "learn", "ask", "-n", "3", "--threshold", "0.999").out
    assert text.count(" bits: ") == 3
    chinese = run(place, "--lang", "zh", "learn", "ask", "-n", "3", "--threshold", "0.999").out
    assert chinese.count("比特") == 3


def test_an_answer_is_taken_and_undone(place: Path) -> None:
    asked = run(place, "learn", "ask", "-n", "1", "--threshold", "0.999", "--json").document
    one = asked["questions"][0]
    value = one["value"] or one["options"][0]["value"]
    said = ("learn", "answer", one["item"]["id"], one["property"], value["value"])
    seen = run(place, *said, "--preview", "--json")
    assert seen.code == 0, seen.err
    assert seen.document["follows"]["gained"] or seen.document["follows"]["shifted"]
    ran = run(place, *said, "--json")
    assert ran.code == 0, ran.err
    assert ran.document["revision"] == asked["revision"] + 1
    assert ran.document["follows"] == seen.document["follows"]
    pair = (one["item"]["id"], one["property"])
    left = run(place, "learn", "ask", "-n", "999", "--threshold", "0.999", "--json").document
    assert pair not in [(q["item"]["id"], q["property"]) for q in left["questions"]]
    assert run(place, "undo").code == 0
    again = run(place, "learn", "ask", "-n", "1", "--threshold", "0.999", "--json").document
    assert again["questions"] == asked["questions"]


@pytest.mark.slow
def test_a_second_answer_stands_in_the_place_of_the_first_where_one_value_holds(
    place: Path,
) -> None:
    def stated(prop: str, value: str) -> bool:
        fact = f"<https://w3id.org/wearwhy/id/mine/w30> {prop} {value}"
        ran = run(place, "query", f"ASK {{ {fact} }}", "--over", "asserted")
        assert ran.code in (0, 1), ran.err
        return ran.code == 0

    for prop, first, second, several in (
        ("ww:formality", "ww:dress-code-casual", "ww:dress-code-business", False),
        ("ww:suitsSeason", "ww:season-summer", "ww:season-winter", True),
    ):
        for value in (first, second):
            ran = run(place, "learn", "answer", "id:mine/w30", prop, value)
            assert ran.code == 0, ran.err
        assert stated(prop, second)
        assert stated(prop, first) == several


def test_a_no_is_kept_and_the_value_is_not_asked_about_again(place: Path) -> None:
    asked = run(place, "learn", "ask", "-n", "1", "--threshold", "0.999", "--json").document
    one = asked["questions"][0]
    value = (one["value"] or one["options"][0]["value"])["value"]
    ran = run(place, "learn", "answer", one["item"]["id"], one["property"], value, "--not")
    assert ran.code == 0, ran.err
    left = run(place, "learn", "ask", "-n", "999", "--threshold", "0.999", "--json").document
    for other in left["questions"]:
        if (other["item"], other["property"]) == (one["item"], one["property"]):
            assert value not in [option["value"]["value"] for option in other["options"]]


def test_rejecting_lists_what_had_rested_on_the_guess_and_by_which_rule(place: Path) -> None:
    told = []
    for one in listed(place):
        seen = run(place, "guesses", "confirm", *words(one), "--json")
        assert seen.code == 0, seen.err
        assert words(one) in [words(s) for s in seen.document["follows"]["shifted"]]
        assert run(place, "undo").code == 0
        ran = run(place, "guesses", "reject", *words(one), "--json")
        assert ran.code == 0, ran.err
        lost = ran.document["follows"]["lost"]
        told += [f for f in lost if f["kind"] == "derived"]
        assert run(place, "undo").code == 0
        if told:
            break
    assert told
    assert all(fact["rule"] for fact in told)
    assert words(one) in [words(other) for other in listed(place)]
    text = run(place, "guesses", "reject", *words(one)).out
    assert text.startswith("Retracted with it")
    assert " by “" in text
    assert words(one) not in [words(other) for other in listed(place)]


def test_a_preview_tells_each_change_once(place: Path) -> None:
    one = listed(place)[0]
    told = run(place, "guesses", "confirm", *words(one), "--preview").out.splitlines()
    changes = [line for line in told if line.startswith("  ~ ")]
    assert changes
    assert len(changes) == len(set(changes))


def test_what_is_no_attribute_cannot_be_answered(place: Path) -> None:
    ran = run(place, "learn", "answer", "w15", "colour", "red")
    assert ran.code == 2
    assert "WW-LEARN-ATTRIBUTE" in ran.err
