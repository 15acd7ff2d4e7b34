"""Looks that were shown are known afterwards: completions too, and those of an answer given again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.cli_given import run
from tests.api.rest_given import OFFICE, Rest, served

from wearwhy.errors import UnknownName
from wearwhy.workspace import Workspace, asking, remembered, wearers

DINNER = {"occasions": ["dinner"], "date": "2026-11-25", "weather": "5C"}
COMPLETED = {**OFFICE, "given": ["w16", "w26"], "n": 2}
ABSENT = {**OFFICE, "source": "catalogue:nowhere"}


@pytest.fixture(scope="module")
def rest(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    folder = tmp_path_factory.mktemp("shown") / "w"
    with served(Path(shutil.copytree(prepared, folder))) as found:
        yield found


def ids(found: Any) -> list[str]:
    return [look["id"] for look in found["looks"]]


@pytest.mark.slow
def test_every_look_of_a_completion_can_be_explained(rest: Rest) -> None:
    whole = rest.document("POST", "/completions", json={**COMPLETED, "n": 1})
    slots = {look["adds"]["slot"] for look in whole["looks"]}
    assert len(slots) == len(whole["looks"]) > 1
    for look in ids(whole):
        assert rest("GET", f"/explanations/{look}?format=mermaid").status_code == 200


@pytest.mark.slow
def test_looks_of_a_completion_are_explained_replayed_and_compared(rest: Rest) -> None:
    found = rest.document("POST", "/completions", json={**COMPLETED, "slot": "feet"})
    for look in found["looks"]:
        told = rest.document("GET", f"/explanations/{look['id']}")
        assert told["look"]["score"] == pytest.approx(look["score"], abs=1e-9)
        assert rest.document("GET", "/replay", params={"look": look["id"]})["same"] is True
    first, second = ids(found)[:2]
    rest.document("GET", "/compare", params={"first": first, "second": second})


@pytest.mark.slow
def test_a_completion_can_be_said_to_be_worn(rest: Rest) -> None:
    look = ids(rest.document("POST", "/completions", json={**COMPLETED, "slot": "feet"}))[0]
    body = {"verb": "wore", "look": look, "date": "2026-11-24"}
    answer = rest("POST", "/feedback?preview=true", json=body)
    assert answer.is_success, answer.text


def test_the_command_line_knows_why_of_what_it_completed(place: Path) -> None:
    words = ("complete", "--given", "w16", "--given", "w26", "--slot", "feet", "-n", "1")
    (look,) = ids(run(place, *words, "--json").document)
    assert run(place, "why", look, "--json").document["root"] == look


@pytest.mark.slow
def test_completions_of_many_slots_do_not_fill_the_disk(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pruned: list[Path] = []
    monkeypatch.setattr(remembered, "prune", pruned.append)
    monkeypatch.setattr(remembered, "MANY", 20)
    words = ("complete", "--given", "w16", "--json", "-n")
    for count, many in (("1", 0), ("50", 1)):
        assert run(place, *words, count).code == 0
        assert len(pruned) == many


def test_every_completion_has_what_is_given_and_what_is_locked(rest: Rest) -> None:
    body = {**OFFICE, "given": ["w16"], "locked": ["w43"], "n": 2}
    found = rest.document("POST", "/completions", json=body)
    assert found["looks"]
    for look in found["looks"]:
        items = {item["id"].rpartition("/")[2] for item in look["items"]}
        assert items >= {"w16", "w43"}
        assert not look["adds"]["slot"].endswith("slot-feet")
    answer = rest("POST", "/completions", json={**body, "slot": "feet"})
    assert answer.json()["code"] == "WW-COMPLETE-TAKEN"


@pytest.mark.parametrize("path", ["/completions", "/why-not"])
@pytest.mark.parametrize("word", [{"decode": "greedy"}, {"temperature": 0.2}, {"seed": 1}])
def test_how_looks_are_found_is_said_where_it_counts(
    rest: Rest, path: str, word: dict[str, Any]
) -> None:
    body = {**OFFICE, ("given" if path == "/completions" else "item"): "w16", **word}
    answer = rest("POST", path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "WW-HTTP-INPUT")
    assert next(iter(word)) in answer.text


@pytest.mark.slow
def test_the_looks_of_an_answer_that_is_given_again_are_those_shown_last(rest: Rest) -> None:
    first = ids(rest.document("POST", "/recommendations", json=OFFICE))
    other = ids(rest.document("POST", "/recommendations", json=DINNER))
    assert first[0] != other[0]
    workspace = rest.service.workspace
    assert workspace.look("1", "mine")["id"] == other[0]
    again = rest.document("POST", "/recommendations", json=OFFICE)
    assert ids(again) == first
    assert [workspace.look(str(n), "mine")["id"] for n in (1, 2)] == first[:2]
    assert rest.document("GET", "/replay", params={"look": "1"})["look"]["id"] == first[0]


def test_a_look_that_was_pruned_is_known_again_when_it_is_shown_again(rest: Rest) -> None:
    look = ids(rest.document("POST", "/recommendations", json=OFFICE))[0]
    (rest.service.workspace.looks("mine") / f"{look}.json").unlink()
    assert rest("GET", f"/explanations/{look}?format=mermaid").status_code == 404
    assert ids(rest.document("POST", "/recommendations", json=OFFICE))[0] == look
    assert rest("GET", f"/explanations/{look}?format=mermaid").status_code == 200


def test_an_id_of_a_look_is_not_taken_for_one_spelt_alike(rest: Rest) -> None:
    look = ids(rest.document("POST", "/recommendations", json=OFFICE))[0]
    other = f"{look[:-1]}{'0' if look[-1] != '0' else '1'}"
    answer = rest("GET", f"/explanations/{other}")
    assert (answer.status_code, answer.json()["code"]) == (404, "WW-LOOK-UNKNOWN")
    assert "Did you mean" not in answer.text
    assert "ask for looks again" in answer.json()["hint"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/recommendations", {**OFFICE, "locked": ["w33", "w26"]}, "WW-LOOK-NONE"),
        ("/recommendations", ABSENT, "WW-REQUEST-CATALOGUE"),
        ("/completions", {**COMPLETED, "slot": "mid layer"}, "WW-COMPLETE-TAKEN"),
        ("/completions", {**ABSENT, "given": ["w16"]}, "WW-REQUEST-CATALOGUE"),
        ("/recommendations", {"occasions": ["qqqqqq"]}, "WW-CONCEPT-UNKNOWN"),
    ],
)
def test_a_hint_over_http_names_nothing_of_the_command_line(
    rest: Rest, path: str, body: dict[str, Any], code: str
) -> None:
    answer = rest("POST", path, json=body)
    assert answer.json()["code"] == code, answer.text
    assert not re.search(r"--[a-z]|wearwhy ", answer.text)


def test_the_command_line_is_told_its_own_words(place: Path) -> None:
    for words, option in (
        (("recommend", "--occasion", "office", "--lock", "w33", "--lock", "w26"), "--from"),
        (("recommend", "--occasion", "office", "--from", "catalogue:x"), "catalogue:"),
    ):
        ran = run(place, *words)
        assert option in ran.err, ran.out + ran.err


def test_a_hint_that_names_all_of_them_does_not_go_on(space: Workspace) -> None:
    with pytest.raises(UnknownName) as few:
        wearers.profile(space.layer("mine"), space.names, wearers.Said(hemisphere="qqqq"))
    assert few.value.hint == "Known: northern hemisphere, southern hemisphere."
    with pytest.raises(UnknownName) as many:
        asking.concept(space.names, "qqqq", asking.OCCASIONS, "an occasion")
    assert many.value.hint.endswith(" …")


@pytest.mark.parametrize("word", ["name", "a", "type"])
def test_an_item_has_the_name_and_the_kind_that_it_was_added_with(rest: Rest, word: str) -> None:
    value = "other" if word == "name" else "coat"
    body = {"type": "scarf", "name": "Twice named", "values": {word: value}}
    answer = rest("POST", "/items", json=body)
    if answer.json()["code"] != "WW-PROPERTY-UNKNOWN":
        assert (answer.status_code, answer.json()["code"]) == (400, "WW-ITEM-TWICE")
    assert rest("GET", "/items?text=twice").json()["total"] == 0
