"""Guessing on numpy alone: tokens, folding, the verdict taken apart, files, similarity."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import FormatError, InputError
from wearwhy.evidence import Kind
from wearwhy.learn import additive
from wearwhy.learn.corpus import corpus, numbered, target
from wearwhy.learn.features import Features, Table, Token, split, visible
from wearwhy.learn.folding import Folder, Folding
from wearwhy.learn.guess import answers, guess, verdicts, without
from wearwhy.learn.metrics import Curve
from wearwhy.learn.model_files import Learned, Model, load, save
from wearwhy.learn.plan import Plan, plan_of, read_plan
from wearwhy.learn.similarity import Vectors
from wearwhy.learn.told import told
from wearwhy.learn.verdict import Combination, combine
from wearwhy.rdf import ID, OWL, RDFS, SCHEMA, TYPE, WW, Fact

ROOT = Path(__file__).parents[2]
PLAN = read_plan(ROOT / "kg" / "learn.toml")
CLOTHS = ("wool", "linen", "cotton", "silk", "fleece")
CLASSES = ("Coat", "Shirt", "Trousers", "Skirt")


def shop(n: int = 160, seed: int = 3) -> list[Fact]:
    """A small shop: seasons follow the cloth, formality the class, both with exceptions."""
    rng = np.random.default_rng(seed)
    facts = [
        Fact(WW.Coat, RDFS.subClassOf, WW.Outerwear),
        Fact(WW.Outerwear, RDFS.subClassOf, WW.Item),
        *(Fact(WW[c], RDFS.subClassOf, WW.Item) for c in CLASSES[1:]),
    ]
    for k in range(n):
        item, cloth, kind = ID[f"shop/{k}"], int(rng.integers(5)), int(rng.integers(4))
        facts += [
            Fact(item, WW.inCatalogue, ID["catalogue/shop"]),
            Fact(item, TYPE, WW[CLASSES[kind]]),
            Fact(item, WW.material, WW[f"material-{CLOTHS[cloth]}"]),
            Fact(item, WW.colour, WW[f"colour-{('navy', 'red')[k % 2]}"]),
            Fact(
                item, SCHEMA.name, Literal(f"{('soft', 'crisp', 'bright')[k % 3]} {CLASSES[kind]}")
            ),
            Fact(item, SCHEMA.brand, Literal(("Tarn", "Lumi")[int(rng.integers(2))])),
        ]
        if k % 3:
            warm = (cloth in (0, 4)) ^ (rng.random() < 0.1)
            facts.append(
                Fact(item, WW.suitsSeason, WW["season-winter" if warm else "season-summer"])
            )
            level = ("business", "casual", "casual", "cocktail")[kind]
            facts.append(Fact(item, WW.formality, WW[f"dress-code-{level}"]))
    return facts


def model_of(facts: list[Fact], plan: Plan = PLAN, seed: int = 0) -> Model:
    """A model with a fitted additive part and a random embedding: arithmetic, not quality."""
    rng = np.random.default_rng(seed)
    data = corpus(Features(Table(facts), plan))
    size = 6
    folding = Folding(
        rng.normal(size=(len(data.tokens), size)),
        data.groups(),
        rng.normal(size=size),
        np.tril(rng.normal(size=(size, size)) * 0.2) + np.eye(size) * 0.3,
    )
    folder = Folder.of(folding)
    learned = {}
    for attribute in plan.attributes:
        aim = target(data, attribute)
        if aim is None:
            continue
        weights = additive.fit(
            data.rows(attribute, aim.items), len(data.tokens), aim.table, many=attribute.many, l2=1
        )
        width = len(aim.values)
        sure = Curve((0.9, 0.2), (50, 100), (50, 99))
        learned[attribute.name] = Learned(
            attribute.name,
            attribute.iri,
            attribute.many,
            aim.values,
            weights,
            Combination(0.9, 0.3, rng.normal(size=width) * 0.1),
            (sure,) * (width if attribute.many else 1),
        )
    everything = range(len(data.items))
    return Model(
        data.tokens,
        data.number,
        folding,
        folder,
        learned,
        data.items,
        folder.fold(data.rows(None, everything)),
        {
            name: {n: tuple(sorted(v)) for n, v in enumerate(data.labels[name]) if v}
            for name in learned
        },
        {"seed": seed, "metrics": {}},
    )


FACTS = shop()
MODEL = model_of(FACTS)
ITEMS = Features(Table(FACTS), PLAN).items()
GUESSES = guess(FACTS, MODEL, ITEMS, PLAN)


def test_an_item_without_a_value_gets_one_and_an_item_with_a_value_none() -> None:
    table = Table(FACTS)
    assert GUESSES
    for found in GUESSES:
        assert found.fact not in FACTS
        assert not table.objects(found.fact.subject, found.fact.predicate)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(GUESSES))
def test_contributions_add_up_to_the_margin(found: object) -> None:
    from wearwhy.learn.guess import Guess

    assert isinstance(found, Guess)
    assert sum(part.value for part in found.contributions) == pytest.approx(found.margin, abs=1e-9)
    assert [part.kind for part in found.contributions].count("embedding") == 1
    assert 0 <= found.explained <= 1


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(GUESSES), st.data())
def test_deleting_the_facts_of_a_contribution_moves_the_margin_as_it_said(
    found: object, data: st.DataObject
) -> None:
    from wearwhy.learn.guess import Guess

    assert isinstance(found, Guess)
    item = found.fact.subject
    assert isinstance(item, NamedNode)
    attribute = PLAN.attribute(found.fact.predicate.value.removeprefix(WW))
    learned = MODEL.learned[attribute.name]
    spoken = visible(Features(Table(FACTS), PLAN).tokens(item), attribute)
    said = without(MODEL, learned, spoken, found)
    at = data.draw(st.integers(0, len(said) - 1))
    lost = set(found.contributions[at].facts)
    less = Features(Table([f for f in FACTS if f not in lost]), PLAN)
    rows = [numbered(visible(less.tokens(item), attribute), MODEL.number)]
    _, _, logits = verdicts(MODEL, learned, rows)
    margin = logits[0][learned.values.index(f"ww:{str(found.fact.object.value).split('#')[1]}")]  # type: ignore[union-attr]
    if found.runner_up is not None:
        second = f"ww:{found.runner_up.value.split('#')[1]}"
        margin -= logits[0][learned.values.index(second)]
    assert said[at] == pytest.approx(margin, abs=1e-6)


def test_without_an_embedding_a_lone_fact_moves_the_margin_by_its_own_addend() -> None:
    plain = replace(
        MODEL,
        learned={
            name: replace(one, combination=replace(one.combination, embedding=0.0))
            for name, one in MODEL.learned.items()
        },
    )
    found = guess(FACTS, plain, ITEMS[:6], PLAN)[0]
    attribute = PLAN.attribute(found.fact.predicate.value.removeprefix(WW))
    item = found.fact.subject
    assert isinstance(item, NamedNode)
    spoken = visible(Features(Table(FACTS), PLAN).tokens(item), attribute)
    said = without(plain, plain.learned[attribute.name], spoken, found)
    for part, margin in zip(found.contributions, said, strict=True):
        if part.facts:
            fall = sum(
                c.value for c in found.contributions if c.facts and set(c.facts) <= set(part.facts)
            )
            assert found.margin - fall == pytest.approx(margin, abs=1e-9)


def test_the_evidence_of_a_guess_adds_up_and_rests_on_stated_facts() -> None:
    table = Table(FACTS)
    for found in GUESSES[:25]:
        evidence = told(found)
        root = evidence.nodes[evidence.root]
        assert root.kind is Kind.PREDICTED
        assert root.probability == found.probability
        values = [evidence.nodes[one].value or 0.0 for one in root.premises]
        assert sum(values) == pytest.approx(found.margin, abs=1e-6)
        for node in evidence.nodes.values():
            if node.kind is Kind.ASSERTED:
                assert node.statement is not None
                assert list(table.match(*node.statement))
            assert set(node.premises) <= set(evidence.nodes)


def test_a_rejected_value_is_never_proposed_again() -> None:
    found = GUESSES[0]
    no = ID["rejection/1"]
    denied = [
        *FACTS,
        Fact(no, TYPE, OWL.NegativePropertyAssertion),
        Fact(no, OWL.sourceIndividual, found.fact.subject),
        Fact(no, OWL.assertionProperty, found.fact.predicate),
        Fact(no, OWL.targetIndividual, found.fact.object),
    ]
    again = guess(denied, MODEL, ITEMS, PLAN)
    assert found.fact not in {g.fact for g in again}
    assert {g.fact for g in again if g.fact.subject != found.fact.subject} == {
        g.fact for g in GUESSES if g.fact.subject != found.fact.subject
    }


def test_what_held_out_precision_does_not_support_is_unknown() -> None:
    assert guess(FACTS, MODEL, ITEMS, PLAN, threshold=0.999) == []
    found = answers(FACTS, MODEL, ITEMS, PLAN, threshold=0.999)
    assert found
    assert all(answer.guesses == () for answer in found)


def test_what_the_model_itself_doubts_is_not_written() -> None:
    assert min(g.probability for g in GUESSES) >= PLAN.floor
    timid = guess(FACTS, MODEL, ITEMS, replace(PLAN, floor=0.97))
    assert len(timid) < len(GUESSES)
    assert all(g.probability >= 0.97 for g in timid)


class Layered(Table):
    """A table some of whose facts were derived or predicted."""

    def __init__(self, facts: list[Fact], kinds: dict[Fact, Kind]) -> None:
        super().__init__([*facts, *kinds])
        self._kinds = kinds

    def kind(self, fact: Fact) -> Kind:
        """Return the fact's kind."""
        return self._kinds.get(fact, Kind.ASSERTED)


def test_a_firm_rule_answers_first_and_a_prediction_does_not_count_as_an_answer() -> None:
    found = GUESSES[0].fact
    assert isinstance(found.subject, NamedNode)
    ruled = Layered(FACTS, {found: Kind.DERIVED})
    assert not [
        g for g in guess(ruled, MODEL, [found.subject], PLAN) if g.fact.predicate == found.predicate
    ]
    predicted = Layered(FACTS, {found: Kind.PREDICTED})
    assert found in {g.fact for g in guess(predicted, MODEL, [found.subject], PLAN)}


def test_derived_and_predicted_facts_are_no_evidence() -> None:
    item = ITEMS[0]
    extra = Fact(item, WW.material, WW["material-wool"])
    plain = Features(Table([f for f in FACTS if f != extra]), PLAN).tokens(item)
    for kind in (Kind.DERIVED, Kind.PREDICTED):
        graph = Layered([f for f in FACTS if f != extra], {extra: kind})
        assert Features(graph, PLAN).tokens(item) == plain


def test_an_attribute_never_sees_itself_nor_what_is_no_evidence_for_it() -> None:
    tokens = {
        Token("ww:suitsSeason", "ww:season-winter"): (),
        Token("ww:colour", "ww:colour-red"): (),
    }
    assert set(visible(tokens, PLAN.attribute("suitsSeason"))) == {
        Token("ww:colour", "ww:colour-red")
    }
    assert WW.launchSeason in PLAN.attribute("ww:suitsSeason").hidden


@pytest.mark.parametrize("leak", ["schema:sku", "ww:year", "schema:identifier", "ww:boughtOn"])
def test_a_plan_that_learns_from_ids_or_years_is_refused(leak: str) -> None:
    import tomllib

    tree = tomllib.loads((ROOT / "kg" / "learn.toml").read_text("utf-8"))
    tree["features"]["concepts"].append(leak)
    with pytest.raises(InputError) as caught:
        plan_of(tree)
    assert caught.value.code == "WW-LEARN-LEAK"


def test_numbers_are_no_words_and_chinese_goes_by_pairs() -> None:
    assert split("Tarn 2024 60-denier Tights, No. 12", frozenset({"no"})) == [
        "tarn",
        "denier",
        "tights",
    ]
    assert split("羊毛大衣", frozenset()) == ["羊毛", "毛大", "大衣"]


def test_a_class_speaks_for_the_classes_above_it() -> None:
    coat = next(i for i in ITEMS if Fact(i, TYPE, WW.Coat) in FACTS)
    tokens = Features(Table(FACTS), PLAN).tokens(coat)
    assert tokens[Token("rdf:type/rdfs:subClassOf", "ww:Outerwear")] == (Fact(coat, TYPE, WW.Coat),)


def test_a_model_saved_and_loaded_guesses_the_same(tmp_path: Path) -> None:
    save(MODEL, tmp_path)
    again = load(tmp_path)
    mine = guess(FACTS, again, ITEMS, PLAN)
    assert [g.fact for g in mine] == [g.fact for g in GUESSES]
    assert [g.margin for g in mine] == pytest.approx([g.margin for g in GUESSES], abs=1e-3)
    first = (tmp_path / "card.json").read_bytes(), (tmp_path / "model.safetensors").read_bytes()
    save(again, tmp_path)
    assert (
        (tmp_path / "card.json").read_bytes(),
        (tmp_path / "model.safetensors").read_bytes(),
    ) == first
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "model.safetensors"]


@pytest.mark.parametrize(
    ("file", "text", "code"),
    [
        ("card.json", "{", "WW-MODEL-FORMAT"),
        ("card.json", '{"format": 99}', "WW-MODEL-FORMAT"),
        ("card.json", '{"format": 1}', "WW-MODEL-FORMAT"),
        ("model.safetensors", "nothing", "WW-MODEL-FORMAT"),
        ("model.safetensors", None, "WW-MODEL-MISSING"),
    ],
)
def test_a_damaged_model_says_so(tmp_path: Path, file: str, text: str | None, code: str) -> None:
    save(MODEL, tmp_path)
    if text is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(text)
    with pytest.raises(FormatError) as caught:
        load(tmp_path)
    assert caught.value.code == code


def test_folding_stops_where_nothing_pulls_any_more() -> None:
    rows = [numbered(Features(Table(FACTS), PLAN).tokens(i), MODEL.number) for i in ITEMS[:20]]
    folder, found = MODEL.folder, MODEL.folder.fold(rows)
    for row, vector in zip(rows, found, strict=True):
        slope = folder.rows[row].sum(axis=0) - vector
        logits = folder.rows @ vector + folder.base
        for g in range(len(folder.starts)):
            count = int((folder.group_of[row] == g).sum())
            members = folder.group_of == g
            slope -= count * additive.softmax(logits[members]) @ folder.rows[members]
        assert np.abs(slope).max() < 0.02 * max(1.0, float(np.linalg.norm(vector)))


def test_an_item_folded_alone_is_where_it_is_among_others() -> None:
    rows = [numbered(Features(Table(FACTS), PLAN).tokens(i), MODEL.number) for i in ITEMS[:9]]
    together = MODEL.folder.fold(rows)
    alone = np.vstack([MODEL.folder.fold([row]) for row in rows])
    assert np.abs(together - alone).max() < 1e-9


def test_additive_weights_are_where_the_gradient_vanishes() -> None:
    rng = np.random.default_rng(5)
    rows = [np.flatnonzero(rng.random(12) < 0.3) for _ in range(80)]
    table = np.eye(3)[rng.integers(3, size=80)]
    fitted = additive.fit(rows, 12, table, many=False, l2=1.0)
    residual = additive.softmax(fitted.logits(rows)) - table
    slope = np.zeros_like(fitted.weights)
    for row, part in zip(rows, residual, strict=True):
        slope[row] += part
    assert np.abs(slope + fitted.weights).max() < 1e-2
    assert np.abs(residual.sum(axis=0)).max() < 1e-2


def test_a_useless_witness_gets_no_weight_and_a_useful_one_does() -> None:
    rng = np.random.default_rng(1)
    table = np.eye(3)[rng.integers(3, size=400)]
    useful = 2 * table + rng.normal(size=table.shape)
    mix = combine(useful, rng.normal(size=table.shape), table, many=False)
    assert mix.additive > 0.8
    assert abs(mix.embedding) < 0.25
    assert combine(useful, useful, table, many=False, use=(True, False)).embedding == 0.0


def test_vectors_are_of_length_one_and_an_item_is_its_own_nearest() -> None:
    space = Vectors.of(FACTS, MODEL, ITEMS, PLAN)
    assert np.allclose(np.linalg.norm(space.matrix(ITEMS), axis=1), 1.0)
    assert space.cosine(ITEMS[0], ITEMS[0]) == pytest.approx(1.0)
    near = space.neighbours(ITEMS[0], 5)
    assert len(near) == 5
    assert ITEMS[0] not in [item for item, _ in near]
    assert [c for _, c in near] == sorted((c for _, c in near), reverse=True)
    stranger = ID["shop/nobody"]
    assert space.cosine(ITEMS[0], stranger) == 0.0
    assert not space.matrix([stranger]).any()
    assert space.neighbours(stranger, 3) == []


def test_guessing_imports_neither_torch_nor_pykeen() -> None:
    program = (
        "import sys; import wearwhy.learn.guess, wearwhy.learn.similarity, wearwhy.learn.report, "
        "wearwhy.learn.truth, wearwhy.learn.train; "
        "sys.exit(bool({'torch', 'pykeen', 'sklearn', 'scipy.optimize'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.returncode == 0
