"""Judged items: how shares get their intervals, and rules, guesses and both beside each other."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from wearwhy.evidence import Kind
from wearwhy.learn import compared as comparing
from wearwhy.learn.compared import WithoutRules, compared
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Plan, read_plan
from wearwhy.learn.table import Graph, Table
from wearwhy.learn.truth import (
    COLUMNS,
    Standing,
    Tally,
    Truth,
    rate,
    read_truth,
    shop_item,
    standing,
    text,
)
from wearwhy.rdf import ID, WW, Fact, NamedNode, expand
from wearwhy.workspace import Workspace

ROOT = Path(__file__).parents[2]
REAL = ROOT / "data" / "truth-real.csv"
CLOSET = ROOT.parent / "shared" / "data" / "wardrobes" / "sheworewhat" / "ClosetData.csv"
PLAN = read_plan(ROOT / "kg" / "learn.toml")
SEASON = PLAN.attribute("suitsSeason")

needs_closet = pytest.mark.skipif(
    not CLOSET.is_file(), reason="the shared wardrobe is not beside the checkout"
)


def judged(name: str, *seasons: str) -> Truth:
    values = {column: frozenset[str]() for column in COLUMNS.values()}
    values["suitsSeason"] = frozenset(f"ww:season-{season}" for season in seasons)
    return Truth(name, wardrobe=True, values=values, hard=False, note="")


def item(truth: Truth) -> NamedNode:
    return ID[f"real/{truth.id}"]


def season(name: str, value: str) -> Fact:
    return Fact(ID[f"real/{name}"], WW.suitsSeason, WW[f"season-{value}"])


def stands(facts: Sequence[Fact], truths: Sequence[Truth]) -> Standing:
    return standing("rules", SEASON, facts, truths, plan=PLAN, item=item)


# -- shares and their intervals


def test_a_share_of_independent_cases_has_wilson_s_interval() -> None:
    found = rate([1] * 8 + [0] * 2, [1] * 10)
    assert found.value == pytest.approx(0.8)
    assert (found.low, found.high) == pytest.approx((0.478, 0.948), abs=0.02)


def test_values_of_one_item_that_stand_or_fall_together_make_the_interval_wider() -> None:
    together = rate([4, 0] * 10, [4, 4] * 10)
    apart = rate([2, 2] * 10, [4, 4] * 10)
    assert together.value == apart.value == 0.5
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_a_perfect_record_is_not_taken_for_certainty() -> None:
    assert rate([2, 2, 2], [2, 2, 2]).low < 0.5
    assert rate([1] * 100, [1] * 100).low > 0.95
    assert rate([3], [3]).high == pytest.approx(1.0)


def test_of_nothing_nothing_is_known() -> None:
    assert rate([], []) == rate([0], [0]) == (0.0, 0.0, 1.0)


# -- standings


def test_recall_counts_what_was_left_unsaid_and_f1_both_kinds_of_error() -> None:
    truths = [judged("0", "autumn", "winter"), judged("1", "summer"), judged("2", "spring")]
    found = stands([season("0", "winter"), season("1", "summer"), season("1", "spring")], truths)
    assert found.tallies == (Tally(1, 1, 2), Tally(2, 1, 1), Tally(0, 0, 1))
    assert found.precision.value == pytest.approx(2 / 3)
    assert found.recall.value == pytest.approx(2 / 4)
    assert found.f1.value == pytest.approx(4 / 7)
    assert found.abstention.value == pytest.approx(1 / 3)
    assert found.wrong == (("1", "season-spring"),)


def test_what_is_said_where_no_answer_exists_is_wrong_and_is_missed_by_nobody() -> None:
    found = stands([season("0", "winter")], [judged("0"), judged("1")])
    assert (found.precision.value, found.recall) == (0.0, (0.0, 0.0, 1.0))


def test_who_says_nothing_still_stands_in_the_table() -> None:
    found = stands([], [judged("0", "winter")])
    assert (found.said, found.recall.value, found.abstention.value) == (0, 0.0, 1.0)
    assert "-" in text([found]).splitlines()[1]


def test_what_is_said_of_items_nobody_judged_is_left_out() -> None:
    assert stands([season("7", "winter")], [judged("0", "winter")]).said == 0


# -- rules, guesses and both


class Layer(Table):
    """Facts that rules concluded, some of them without being sure."""

    def __init__(self, facts: Sequence[Fact], unsure: Sequence[Fact] = ()) -> None:
        super().__init__([*facts, *unsure])
        self.unsure = set(unsure)

    def kind(self, fact: Fact) -> Kind:
        """Return that it was derived."""
        return Kind.DERIVED

    def confidence(self, fact: Fact) -> float:
        """Return how far it is believed."""
        return 0.9 if fact in self.unsure else 1.0


def always_summer(
    source: Graph, model: Model, items: Sequence[NamedNode], plan: Plan, *, threshold: float
) -> list[Any]:
    """Stand in for a model that says summer of whatever nobody is sure of."""

    def certain(one: NamedNode) -> bool:
        confidence = getattr(source, "confidence", None)
        facts = source.match(one, WW.suitsSeason, None)
        return any(confidence is None or confidence(fact) >= 1 for fact in facts)

    return [
        SimpleNamespace(fact=Fact(one, WW.suitsSeason, WW["season-summer"]))
        for one in items
        if not certain(one) and any(a.name == "suitsSeason" for a in plan.attributes)
    ]


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> dict[str, Standing]:
    monkeypatch.setattr(comparing, "guess", always_summer)
    truths = [judged("0", "winter"), judged("1", "summer"), judged("2", "summer")]
    layer = Layer([season("0", "winter")], unsure=[season("1", "spring")])
    found = compared(lambda _: layer, cast("Model", None), truths, PLAN, item, threshold=0.8)
    return {one.author: one for one in found if one.attribute == "suitsSeason"}


def test_rules_alone_are_what_they_are_sure_of(beside: dict[str, Standing]) -> None:
    assert [t.said for t in beside["rules"].tallies] == [1, 0, 0]
    assert [t.said for t in beside["rules, unsure too"].tallies] == [1, 1, 0]


def test_a_model_alone_is_asked_as_if_no_rule_had_spoken(beside: dict[str, Standing]) -> None:
    assert [t.said for t in beside["guesses"].tallies] == [1, 1, 1]
    assert beside["guesses"].wrong == (("0", "season-summer"),)


def test_together_a_model_fills_what_rules_are_not_sure_of(beside: dict[str, Standing]) -> None:
    assert beside["both"].tallies == (Tally(1, 1, 1),) * 3


def test_only_rules_are_silenced_and_only_about_what_is_guessed() -> None:
    stated = Table([season("0", "winter")])
    ruled = Layer([season("0", "winter"), Fact(ID["real/0"], WW.madeOf, WW["material-wool"])])
    assert len(list(WithoutRules(stated, [WW.suitsSeason]).match(None, None, None))) == 1
    assert [f.predicate for f in WithoutRules(ruled, [WW.suitsSeason]).match(None, None, None)] == [
        WW.madeOf
    ]


# -- the real wardrobe


def judged_rows() -> Iterator[dict[str, str]]:
    with REAL.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_the_real_wardrobe_is_judged_whole_and_its_hard_items_say_why() -> None:
    truths = read_truth(REAL)
    assert [truth.id for truth in truths] == [str(n) for n in range(109)]
    assert all(truth.wardrobe for truth in truths)
    assert all(truth.note for truth in truths if truth.hard)
    assert 0.15 <= sum(truth.hard for truth in truths) / len(truths) <= 0.5


def test_the_real_wardrobe_is_judged_in_the_ontology_s_words() -> None:
    known = "".join(p.read_text("utf-8") for p in sorted((ROOT / "ontology/schemes").glob("*.ttl")))
    for truth in read_truth(REAL):
        occasions = truth.values["suitsOccasion"]
        assert {v.removeprefix("ww:occasion-") for v in occasions} <= PLAN.judged_occasions
        for value in frozenset[str]().union(*truth.values.values()):
            assert f"\n{value} " in known or f"\n{value}\n" in known, value
            expand(value)


def test_nothing_of_what_the_owner_wrote_is_kept_with_the_judgements() -> None:
    for row in judged_rows():
        assert set(row) == {"id", "from", *COLUMNS, "hard", "note"}


@lru_cache
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("truth_tool", ROOT / "tools" / "truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_sources_state_is_hidden_from_rules_and_guesses_alike(tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "W")
    workspace.load(ROOT / "data" / "wardrobe.csv", "wardrobe", "wardrobe:demo")
    layer, linen = workspace.layer("demo"), ID["demo/w02"]
    assert list(tool().stated(layer, [linen], SEASON))
    hidden = tool().unstated(layer, [linen])(SEASON)
    assert not list(tool().stated(hidden, [linen], SEASON))
    # Rules, which were silent for what was stated, now speak.
    assert list(hidden.match(linen, WW.suitsSeason, None))
    assert list(tool().stated(layer, [linen], SEASON))


@needs_closet
def test_every_item_of_the_real_wardrobe_is_found_and_is_judged_by_every_witness(
    tmp_path: Path,
) -> None:
    truths = read_truth(REAL)
    workspace = Workspace.init(tmp_path / "W")
    workspace.load(CLOSET, "sheworewhat", "wardrobe:real")
    layer, name = workspace.layer("real"), shop_item(str(ID), "real", "real")
    there = {fact.subject for fact in layer.match(None, WW.inWardrobe, None)}
    assert there == {name(truth) for truth in truths}
    items = [name(truth) for truth in truths]
    assert not any(list(tool().stated(layer, items, a)) for a in PLAN.attributes)
    assert {one.attribute for one in tool().ruled(layer, truths, PLAN, name)} >= {"suitsSeason"}
