"""Training: what it needs, what it may not see, and that the bundled model is what it makes."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests.unit.learn_given import FACTS, PLAN, ROOT, column, sourced

from wearwhy.errors import InputError, NotInstalled
from wearwhy.evidence import Kind
from wearwhy.learn import heldout
from wearwhy.learn.corpus import corpus
from wearwhy.learn.embeddings import neural_parts
from wearwhy.learn.features import Features
from wearwhy.learn.guess import guess
from wearwhy.learn.model_files import Model, load, save
from wearwhy.learn.plan import Attribute
from wearwhy.learn.predict import predicted
from wearwhy.learn.table import Graph, Table
from wearwhy.learn.train import train
from wearwhy.rdf import ID, SCHEMA, WW, Fact, Literal, NamedNode

USAGE = "column/shop/usage"
LEARNERS = ("mined", "additive", "embeddings")

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("pykeen") is None,
    reason="the extra `neural` (torch, pykeen) is not installed",
)


@lru_cache
def trained(*without: str) -> Model:
    return train(Features(Table(sourced(valid=0.3)), PLAN), without=["embeddings", *without])


def accuracy(model: Model, facts: list[Fact], name: str = USAGE) -> float:
    features = Features(Table(facts), PLAN)
    items = [item for item in features.items() if "source" in item.value]
    told = predicted(model, name, [features.tokens(item) for item in items])
    truth = [
        next(f.object.value for f in facts if f.subject == i and f.predicate == column("usage"))  # type: ignore[union-attr]
        for i in items
    ]
    said = [told.values[n] for n in told.probabilities.argmax(axis=1)]
    return float(np.mean([a == b for a, b in zip(said, truth, strict=True)]))


def test_training_without_the_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "pykeen", None)
    with pytest.raises(NotInstalled) as caught:
        neural_parts()
    assert caught.value.code == "WW-EXTRA-NEURAL"
    assert "wearwhy[neural]" in caught.value.hint


def test_a_witness_nobody_knows_and_leaving_out_all_that_learn_are_refused() -> None:
    for without in (["rumour"], LEARNERS):
        with pytest.raises(InputError) as caught:
            train(Features(Table([]), PLAN), without=without)
        assert caught.value.code == "WW-LEARN-WITNESS"
        assert "mined" in caught.value.hint


def test_a_graph_without_labels_teaches_nothing() -> None:
    with pytest.raises(InputError) as caught:
        train(Features(Table([]), PLAN))
    assert caught.value.code == "WW-LEARN-NOTHING"


def test_a_witness_that_is_left_out_has_no_weight_and_no_figures() -> None:
    for left in ("mined", "additive"):
        model = trained(left)
        learned, figures = model.learned[USAGE], model.card["metrics"][USAGE]
        assert left not in model.card["witnesses"]
        assert left not in learned.combination.weights
        assert left not in figures["shares"]
        assert f"{left} alone" not in figures
        assert "embeddings alone" not in figures
    assert not len(trained("mined").learned[USAGE].mined.bodies)
    assert not trained("additive").learned[USAGE].additive.weights.any()


def test_without_embeddings_nothing_of_torch_is_needed_and_no_vector_is_kept() -> None:
    model = trained()
    assert model.vectors.shape == (len(model.known), 0)
    assert model.card["versions"].keys() == {"numpy"}
    assert model.card["loss"] is None


def test_each_witness_shows_what_it_adds() -> None:
    figures = trained().card["metrics"][USAGE]
    for kind in ("verdict", "without mined", "without additive", "mined alone", "additive alone"):
        assert figures[kind]["n"] == figures["held_out"]
    assert sum(figures["shares"].values()) == pytest.approx(1.0, abs=1e-3)


def test_rules_tell_what_no_single_fact_tells() -> None:
    """Formal is a checked shirt and striped trousers: neither the cut nor the kind alone."""
    fresh = sourced(200, seed=11)
    assert accuracy(trained(), fresh) > 0.85
    assert accuracy(trained("additive"), fresh) > 0.85
    assert accuracy(trained("mined"), fresh) < 0.65
    firm = trained().learned[USAGE].mined
    top = np.argsort(-np.abs(firm.weights).max(axis=1))[:4]
    told = {tuple(trained().tokens[t].value for t in firm.bodies[n] if t >= 0) for n in top}
    assert all(set(body) & {"checked", "striped"} for body in told)
    assert all(set(body) & {"Shirts", "Trousers"} for body in told)


def test_the_stylist_s_rules_are_heard_only_where_they_are_asked() -> None:
    right = dict.fromkeys(
        Fact(f.subject, WW.formality, f.object) for f in FACTS if f.predicate == WW.formality
    )

    class Ruled(Table):
        def kind(self, fact: Fact) -> Kind:
            return Kind.DERIVED if fact.predicate == WW.formality else Kind.ASSERTED

    def ruled(attribute: Attribute) -> Graph | None:
        return Ruled(right) if attribute.name == "formality" else None

    plan = replace(PLAN, attributes=(PLAN.attribute("formality"),))
    features = Features(Table(FACTS), plan)
    heard = train(features, without=["embeddings"], ruled=ruled)
    assert heard.learned["formality"].combination.weights["rules"] > 0.5
    assert "rules alone" in heard.card["metrics"]["formality"]
    for deaf in (
        train(features, without=["embeddings"]),
        train(features, without=["embeddings", "rules"], ruled=ruled),
    ):
        assert "rules" not in deaf.learned["formality"].combination.weights


def test_rows_that_the_source_sets_aside_are_never_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heldout, "STRENGTHS", ((1.0, 10.0),))
    facts = sourced(valid=0.3)
    aside = {f.subject for f in facts if f.predicate == WW["split"] and "valid" in str(f.object)}
    assert 20 < len(aside) < 60

    def turned(fact: Fact) -> Fact:
        if fact.subject in aside and fact.predicate == column("usage"):
            was = isinstance(fact.object, Literal) and fact.object.value == "Casual"
            return Fact(fact.subject, fact.predicate, Literal("Smart Formal" if was else "Casual"))
        return fact

    strange = [
        Fact(item, column("kind"), Literal("Gown"))
        for item in sorted(aside, key=str)
        if isinstance(item, NamedNode)
    ]
    before, after = (
        train(Features(Table(given), PLAN), without=["embeddings"])
        for given in (facts, [*map(turned, facts), *strange])
    )
    one, other = before.learned[USAGE], after.learned[USAGE]
    assert before.tokens == after.tokens  # a word that only they say is no token
    assert one.values == other.values
    assert np.array_equal(one.additive.weights, other.additive.weights)
    for kind in ("bodies", "weights", "counts"):
        assert np.array_equal(getattr(one.mined, kind), getattr(other.mined, kind))
    assert np.array_equal(before.labels[USAGE], after.labels[USAGE])
    known = {before.known[n] for n in before.labels[USAGE][:, 0]}
    assert not known & aside
    assert before.card["made_from"]["fitted"] == len(before.known) - len(aside)
    held = before.card["metrics"][USAGE]
    assert held["held_out"] == len(aside)
    assert held["verdict"]["accuracy"] != after.card["metrics"][USAGE]["verdict"]["accuracy"]


def test_titles_that_are_alike_are_never_on_both_sides() -> None:
    titles = ("soft shirt", "crisp shirt", "soft coat", "crisp coat")
    facts = [
        fact
        for k in range(60)
        for fact in (
            Fact(ID[f"twin/{k}"], WW.inCatalogue, ID["catalogue/twins"]),
            Fact(ID[f"twin/{k}"], SCHEMA.name, Literal(titles[k % 4])),
        )
    ]
    data = corpus(Features(Table(facts), PLAN))
    for title in np.unique(data.titles):
        assert len(set(data.folds[data.titles == title].tolist())) == 1
    assert len(np.unique(data.titles)) == 4


def test_checkpoints_of_another_graph_are_not_gone_on_from(tmp_path: Path) -> None:
    features = Features(Table(sourced(40)), PLAN)
    mark = tmp_path / "made-from"
    mark.write_text(corpus(Features(Table(sourced(41)), PLAN)).digest, encoding="ascii")
    with pytest.raises(InputError) as caught:
        train(features, without=["embeddings"], checkpoints=tmp_path, resume=True)
    assert caught.value.code == "WW-LEARN-RESUME"
    # What is begun anew leaves its own mark.
    train(features, without=["embeddings", "mined"], checkpoints=tmp_path)
    assert mark.read_text(encoding="ascii") == corpus(features).digest


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(
            train(Features(Table(sourced(valid=0.3)), PLAN), without=["embeddings"], seed=4),
            tmp_path / name,
        )
    for file in ("card.json", "model.safetensors"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def tool() -> ModuleType:
    """Return the script that makes the bundled model, as a module."""
    spec = importlib.util.spec_from_file_location("model_tool", ROOT / "tools" / "model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@needs_torch
@pytest.mark.slow
def test_embeddings_alone_learn_what_two_facts_mean_together() -> None:
    features = Features(Table(sourced(400, valid=0.3)), PLAN)
    model = train(features, without=["mined", "additive", "rules"])
    assert model.learned[USAGE].combination.weights.keys() == {"embeddings"}
    assert accuracy(model, sourced(200, seed=11)) > 0.75
    told = guess(FACTS, model, features.items(), PLAN)
    assert not told


@needs_torch
@pytest.mark.slow
def test_the_bundled_model_retrained_is_worth_what_its_card_says() -> None:
    card = load(ROOT / "data" / "model").card
    maker = tool()
    fresh = maker.trained().card
    assert fresh["made_from"]["items"] == card["made_from"]["items"]
    assert fresh["metrics"].keys() == card["metrics"].keys()
    for name, found in card["metrics"].items():
        for kind in ("verdict", "additive alone", "mined alone", "logistic regression"):
            before, after = found[kind], fresh["metrics"][name][kind]
            assert after["accuracy"]["value"] == pytest.approx(
                before["accuracy"]["value"], abs=0.025
            )
            assert after["log_loss"]["value"] == pytest.approx(
                before["log_loss"]["value"], abs=0.05
            )
