"""Looks without their evidence say what looks with it say, and are kept as long as that stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from wearwhy.errors import BudgetExceeded, NoAnswer, RuleError
from wearwhy.explain.sentences import read
from wearwhy.rdf import ID, WW, Fact, NamedNode
from wearwhy.rules.budget import Interrupted
from wearwhy.settings import assets
from wearwhy.workspace import Workspace, edits, layers, outfits
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.layers import Layers, budget_of
from wearwhy.workspace.lean import lean
from wearwhy.workspace.state import patched

ROOT = Path(__file__).parents[2]
OFFICE = Wishes(occasions=("office",), on=date(2026, 11, 24), weather="8C rain wind 20km/h")
ASKED = [
    OFFICE,
    Wishes(occasions=("gym",), on=date(2026, 7, 4), weather="27C sun", n=5),
    Wishes(occasions=("dinner",), lock=("w03",)),
    Wishes(on=date(2026, 11, 24), calendar=ROOT / "data" / "calendar.ics", weather="3C"),
]


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The bundled wardrobe twice, with its log of outfits."""
    found = Workspace.init(tmp_path_factory.mktemp("lean") / "W")
    for name in ("mine", "yours"):
        found.load(ROOT / "data" / "wardrobe.csv", "wardrobe", f"wardrobe:{name}")
        found.load(ROOT / "data" / "outfits.csv", "outfits", f"wardrobe:{name}")
    return found


def bare(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of `recommend --json` as far as one without evidence says it."""
    kept = {key: value for key, value in document.items() if key != "proof"}
    kept["looks"] = [rounded(look) for look in document["looks"]]
    return kept


def rounded(look: dict[str, Any]) -> dict[str, Any]:
    """Return a look without evidence; the last digits of a sum depend on its order."""
    told = ("kind", "label", "value")
    terms = [{key: term[key] for key in told} for term in look["terms"]]
    return {
        **{key: value for key, value in look.items() if key != "labels"},
        "score": pytest.approx(look["score"], abs=1e-9),
        "terms": [{**term, "value": pytest.approx(term["value"], abs=1e-9)} for term in terms],
    }


@pytest.mark.slow
@pytest.mark.parametrize("wishes", ASKED, ids=lambda w: " ".join(w.occasions) or "a whole day")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_says_what_the_whole_answer_says(
    space: Workspace, wishes: Wishes, language: str
) -> None:
    templates = read(assets() / "kg" / "sentences.toml")
    whole = outfits.as_json(outfits.outcome(space, wishes, "mine", tried=0), templates, language)
    assert lean(space, wishes, "mine", language) == bare(whole)


def test_its_looks_are_remembered_and_their_scores_add_up(space: Workspace) -> None:
    found = lean(space, OFFICE, "mine")
    assert len(found["looks"]) == 3
    for number, look in enumerate(found["looks"], 1):
        assert space.look(str(number), "mine")["id"] == look["id"]
        assert look["score"] == pytest.approx(sum(t["value"] for t in look["terms"]), abs=1e-9)
        assert look["reasons"]["en"]
        assert look["reasons"]["zh"]


def test_it_is_kept_until_something_it_says_changes(space: Workspace) -> None:
    found = lean(space, OFFICE, "mine")
    made = space.answers.made
    assert lean(space, OFFICE, "mine") == found
    assert space.answers.made == made
    item = found["looks"][0]["items"][0]
    other = ID["yours/w03"]
    space.apply(edits.set_value(space.state, "yours", other, WW.material, WW["material-linen"]))
    again = lean(space, OFFICE, "mine")
    assert space.answers.made == made
    assert again["looks"] == found["looks"]
    assert again["revision"] == space.revision
    space.apply(edits.remove_item(space.state, "mine", NamedNode(item["id"])))
    changed = lean(space, OFFICE, "mine")
    assert space.answers.made == made + 1
    assert item["id"] not in str(changed["looks"])
    space.undo()


def test_what_earlier_requests_left_changes_no_answer(space: Workspace) -> None:
    asked = [replace(OFFICE, weather=said) for said in ("8C rain wind 20km/h", "7C rain", "2C")]
    for wishes in (*asked, *asked[:1]):
        found = lean(space, wishes, "mine")["looks"]
    jacket = NamedNode(found[0]["items"][0]["id"])
    first = lean(Workspace.open(space.folder), asked[2], "mine")["looks"]
    assert lean(space, asked[2], "mine")["looks"] == [rounded(look) for look in first]
    linen = edits.set_value(space.state, "mine", jacket, WW.material, WW["material-linen"])
    space.apply(linen)
    first = lean(Workspace.open(space.folder), asked[0], "mine")["looks"]
    changed = lean(space, asked[0], "mine")["looks"]
    assert changed == [rounded(look) for look in first]
    assert changed != found
    space.undo()


def test_what_cannot_be_closed_is_refused_at_once_the_second_time(space: Workspace) -> None:
    tight = Layers(space.bundled, space.folder, replace(budget_of(space.settings), conclusions=10))
    with pytest.raises(RuleError) as first:
        tight.wardrobe(space.state, "mine")
    with pytest.raises(RuleError) as second:
        tight.wardrobe(space.state, "mine")
    assert second.value is first.value


def test_what_was_interrupted_is_not_begun_again(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Layers(space.bundled, space.folder, budget_of(space.settings))
    found.base(space.state)

    def interrupted(*_: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(Layers, "_followed", interrupted)
        with pytest.raises(Interrupted):
            found.wardrobe(space.state, "mine")
        with pytest.raises(BudgetExceeded, match="mine"):
            found.wardrobe(space.state, "mine")
    # It stands only for what the wardrobe says now.
    edit = edits.set_value(space.state, "mine", ID["mine/w03"], WW.material, WW["material-linen"])
    other = patched(space.state, edit.patch.add, edit.patch.remove)
    assert found.wardrobe(other, "mine").holds(
        Fact(ID["mine/w03"], WW.material, WW["material-linen"])
    )


def test_few_wardrobes_are_kept_closed_and_each_says_what_it_said(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "HOT", 1)
    few = Layers(space.bundled, space.folder, budget_of(space.settings), room=1)
    mine = few.wardrobe(space.state, "mine")
    facts = set(mine.facts())
    yours = few.wardrobe(space.state, "yours")
    again = few.wardrobe(space.state, "mine")
    assert again is not mine
    assert set(again.facts()) == facts
    assert set(yours.facts()) != facts


def test_no_look_is_said_to_be_none(space: Workspace) -> None:
    everything = tuple(item.value for item in space.resources.index(space.layer("mine")).items)
    with pytest.raises(NoAnswer):
        lean(space, replace(OFFICE, exclude=everything), "mine")


def test_terms_of_past_requests_are_given_back(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lean(space, OFFICE, "mine")
    before = space.layer("mine")
    space.tidy()
    assert space.layer("mine") is before
    monkeypatch.setattr("wearwhy.workspace.workspace.LEFT_BEHIND", 0)
    monkeypatch.setattr(space, "_terms", -(10**9))
    space.tidy()
    assert space.layer("mine").interner is not before.interner
    made = space.answers.made
    assert lean(space, OFFICE, "mine") == found
    assert space.answers.made == made + 1
