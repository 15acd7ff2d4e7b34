from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.api.cli_given import run

from wearwhy.errors import InputError, NoAnswer, StoreError, UnknownName
from wearwhy.evidence import Kind
from wearwhy.explain.terms import explain
from wearwhy.learn.outfits import OutfitModel
from wearwhy.rdf import WW
from wearwhy.rules.layer import Change
from wearwhy.walk.graph import named
from wearwhy.workspace import Workspace
from wearwhy.workspace.asking import Wishes, parse_day
from wearwhy.workspace.leaving import left_out, meant
from wearwhy.workspace.outfits import outcome
from wearwhy.workspace.replay import look_from, replayed, state_at

DAY = "2026-11-24"
OFFICE = ("--occasion", "office", "--date", DAY, "--weather", "8C rain wind 20km/h")


@pytest.fixture(scope="module")
def look(space: Workspace) -> str:
    """The best look for a rainy day at the office."""
    wishes = Wishes(occasions=("office",), on=parse_day(DAY), weather="8C rain wind 20km/h")
    return space.recommend(space.ask(wishes).requests[0])[0].id


@pytest.mark.slow
def test_a_look_replayed_with_nothing_left_out_is_the_same_bytes(place: Path) -> None:
    shown = run(place, "recommend", *OFFICE, "--json").document
    for number, look in enumerate(shown["looks"], 1):
        again = run(place, "replay", str(number), "--json")
        assert again.code == 0, again.err
        assert again.out == run(place, "replay", look["id"], "--json").out
        assert json.dumps(again.document["look"]) == json.dumps(look)
        proof = again.document["proof"]["nodes"]
        assert {name: shown["proof"]["nodes"][name] for name in proof} == proof
        assert again.document["same"]
        assert again.document["changed"] == []


@pytest.mark.slow
def test_a_score_is_printed_as_the_sum_of_the_terms_printed(place: Path) -> None:
    for look in run(place, "recommend", *OFFICE, "--json").document["looks"]:
        assert look["score"] == math.fsum(term["value"] for term in look["terms"])


@pytest.mark.parametrize(("word", "kind"), [("walks", "walk"), ("pairs", "pair"), ("comfort",) * 2])
def test_a_kind_that_is_left_out_has_no_term_and_the_others_stay(
    space: Workspace, look: str, word: str, kind: str
) -> None:
    whole, less = replayed(space, look), replayed(space, look, without=(word,))
    assert any(term.term.kind == kind for term in whole.look.terms)
    assert {t.term.key: t.term.value for t in less.look.terms} == {
        t.term.key: t.term.value for t in whole.look.terms if t.term.kind != kind
    }
    assert less.moved is not None
    assert all(one.term.kind == kind and one.now is None for one in less.moved)
    change = math.fsum(one.difference for one in less.moved)
    assert change == pytest.approx(less.look.look.score - whole.look.look.score, abs=1e-9)


@pytest.mark.slow
def test_a_rule_that_is_left_out_takes_its_opinions_and_what_it_derived_along(
    space: Workspace, look: str
) -> None:
    rule = next(t.term.source for t in replayed(space, look).look.terms if t.term.kind == "rule")
    assert rule is not None
    less = replayed(space, look, without=(rule.value.rpartition("#")[2],))
    assert less.without == (rule,)
    assert less.look.layer.rule(rule) is None
    assert all(term.term.source != rule for term in less.look.terms)
    assert less.moved
    assert not less.same


def test_rules_left_out_count_for_no_points_and_still_forbid(space: Workspace, look: str) -> None:
    less = replayed(space, look, without=("rules",))
    assert all(term.term.kind != "rule" for term in less.look.terms)
    assert len(less.look.layer.sources) == len(space.layer().sources)


def test_without_guesses_nothing_predicted_is_left_in_the_graph(space: Workspace) -> None:
    guess = next(space.layer().match(None, WW.material, None))
    layer = space.layer().child(
        Change(predict=((guess._replace(object=WW["material-silk"]), 0.9),))
    )
    assert any(layer.probability(fact) is not None for fact in layer.facts())
    less, _ = left_out(layer, space.resources, meant(layer, ("guesses",)))
    assert all(less.probability(fact) is None for fact in less.facts())


def test_without_embeddings_a_learned_pair_is_what_its_named_values_say(
    space: Workspace, look: str
) -> None:
    layer = space.layer()
    rng = np.random.default_rng(3)
    values = named(f.object for f in layer.match(None, WW.colour, None))
    items = space.resources.index(layer).items
    model = OutfitModel(
        tuple((WW.colour, value) for value in values),
        rng.normal(size=(len(values), 4)).astype(np.float32),
        None,
        {item: rng.normal(size=4).astype(np.float32) for item in items},
        {"pair": 0.5},
        {},
        {},
    )
    resources = replace(space.resources, pairing_model=model)
    shown = look_from(space.look(look), len(items))
    kinds = {}
    for without in ((), ("embeddings",), ("pairs",)):
        inside, rest = left_out(layer, resources, meant(layer, without))
        told = explain(inside.child(Change(add=shown.request.facts())), shown, rest, trials=False)
        pairs = [term for term in told.terms if term.term.kind == "pair"]
        nodes = [node for term in pairs for node in term.evidence.nodes.values()]
        kinds[without] = (
            any(node.kind is Kind.OPAQUE for node in nodes),
            bool(pairs),
        )
    assert kinds == {(): (True, True), ("embeddings",): (False, True), ("pairs",): (False, False)}


def test_an_unknown_kind_or_rule_is_refused_with_the_nearest_name(space: Workspace) -> None:
    with pytest.raises(UnknownName) as caught:
        meant(space.layer(), ("embedings",))
    assert caught.value.code == "WW-WITHOUT-UNKNOWN"
    assert "embeddings" in caught.value.hint
    assert isinstance(caught.value, InputError)


@pytest.mark.slow
def test_a_look_is_replayed_on_the_graph_as_it_stood_at_a_revision(place: Path) -> None:
    shown = run(place, "recommend", *OFFICE, "--json").document["looks"][0]
    revision = run(place, "history", "-n", "1", "--json").document["revision"]
    for item in shown["items"]:
        assert run(place, "wore", item["id"], "--date", "2026-11-23").code == 0
    now = run(place, "replay", "1", "--json").document
    assert not now["same"]
    assert now["changed"]
    then = run(place, "replay", "1", "--as-of", str(revision), "--json").document
    assert then["same"]
    assert then["revision"] == revision
    assert json.dumps(then["look"]) == json.dumps(shown)


def test_the_state_at_the_newest_revision_is_what_is_held_now(space: Workspace) -> None:
    then = state_at(space, space.revision)
    assert {g: set(facts) for g, facts in then.graphs.items()} == {
        g: set(facts) for g, facts in space.state.graphs.items()
    }
    with pytest.raises(StoreError) as caught:
        state_at(space, space.revision + 1)
    assert caught.value.code == "WW-STORE-REVISION"


def test_a_look_whose_item_is_gone_says_as_of_when_it_can_be_replayed(
    space: Workspace, look: str
) -> None:
    with pytest.raises(NoAnswer) as caught:
        replayed(space, look, as_of=0)
    assert caught.value.code == "WW-REPLAY-GONE"
    assert f"at revision {space.revision}" in caught.value.hint
    assert f"--as-of {space.revision}" in caught.value.command


@pytest.mark.slow
def test_a_number_is_the_place_among_the_looks_shown_last(place: Path) -> None:
    looks = run(place, "recommend", *OFFICE, "-n", "2", "--json").document["looks"]
    assert run(place, "replay", "2", "--json").document["look"]["id"] == looks[1]["id"]
    ran = run(place, "replay", "3")
    assert ran.code == 2
    assert "WW-LOOK-UNKNOWN" in ran.err


def test_what_changed_is_told_in_both_languages(place: Path) -> None:
    for lang, word in (("en", "nothing"), ("zh", "无")):
        ran = run(place, "--lang", lang, "replay", "1", "--without", "walks")
        assert ran.code == 0, ran.err
        assert f"→ {word}" in ran.out


def test_a_look_from_before_terms_were_kept_is_replayed_without_a_comparison(
    space: Workspace, look: str
) -> None:
    path = space.looks() / f"{look}.json"
    kept = path.read_text("utf-8")
    said = json.loads(kept)
    for name in ("terms", "score", "before", "place"):
        said.pop(name)
    try:
        path.write_text(json.dumps(said), "utf-8")
        assert replayed(space, look).moved is None
    finally:
        path.write_text(kept, "utf-8")


def test_the_looks_of_a_request_keep_what_they_were_shown_with(space: Workspace) -> None:
    wishes = Wishes(occasions=("dinner",), on=parse_day(DAY))
    found = outcome(space, wishes, tried=0)
    for look in found.parts[0].looks:
        said = space.look(look.look.id)
        assert said["score"] == pytest.approx(look.look.score, abs=1e-9)
        assert len(said["terms"]) == len(look.terms)
