"""Questions about outfits: how they are read, what controls say, what a score is worth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError
from wearwhy.evaluate.asked import blanks, labelled
from wearwhy.evaluate.compatibility import told
from wearwhy.evaluate.composed import Composed, composed
from wearwhy.evaluate.controls.outfits import controls
from wearwhy.evaluate.fitb import filled
from wearwhy.evaluate.judging import Thought
from wearwhy.evaluate.ranking import auc, credit
from wearwhy.evaluate.worn import others, within
from wearwhy.evidence import Kind
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, Fact, Node

HAT, COAT, BOOT, SHOE, BAG, ODD = (
    ID[f"shop/{name}"] for name in ("hat", "coat", "boot", "shoe", "bag", "odd")
)
ITEMS = (HAT, COAT, BOOT, SHOE, BAG, ODD)


class Facts:
    """A graph that is a set of facts."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.facts = list(facts)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> list[Fact]:
        wanted = (subject, predicate, obj)
        return [
            f
            for f in self.facts
            if all(w is None or w == part for w, part in zip(wanted, f, strict=True))
        ]

    def holds(self, fact: Fact) -> bool:
        return fact in self.facts

    def objects(self, subject: Node, predicate: NamedNode, /) -> list[Node]:
        return [f.object for f in self.match(subject, predicate, None)]

    def subjects(self, predicate: NamedNode, obj: Node, /) -> list[Node]:
        return [f.subject for f in self.match(None, predicate, obj)]

    def value(self, subject: Node, predicate: NamedNode, /) -> Node | None:
        return next(iter(self.objects(subject, predicate)), None)

    def kind(self, fact: Fact, /) -> Kind | None:
        return Kind.ASSERTED if self.holds(fact) else None

    def confidence(self, fact: Fact, /) -> float:
        return 1.0


def outfit(name: str, *items: NamedNode, split: str = "") -> list[Fact]:
    node = ID[f"shop/{name}"]
    said = [Fact(node, TYPE, WW.Outfit), *(Fact(node, WW.hasItem, item) for item in items)]
    return [*said, *([Fact(node, WW["split"], Literal(split))] if split else [])]


def shop() -> Composed:
    """Hat, coat and boot were composed twice, coat and shoe once; a held-out outfit has the odd."""
    facts = [
        *outfit("o1", HAT, COAT, BOOT),
        *outfit("o2", HAT, COAT, BOOT, split="train"),
        *outfit("o3", COAT, SHOE, split="train"),
        *outfit("o4", COAT, ODD, split="valid"),
        *outfit("o5", COAT, ODD, split="test"),
        *(Fact(item, WW.colour, WW.black) for item in (HAT, COAT, BOOT, ODD)),
        *(Fact(item, WW.colour, WW.red) for item in (SHOE, BAG)),
        *(Fact(item, TYPE, WW.Boots) for item in (BOOT, SHOE)),
        *(Fact(item, SCHEMA.isVariantOf, ID[f"shop/model/{n}"]) for n, item in enumerate(ITEMS)),
    ]
    return composed(Facts(facts), ITEMS, [WW.colour])


def test_outfits_held_out_are_counted_by_no_control() -> None:
    past = shop()
    assert past.outfits == 3
    assert dict(zip(ITEMS, past.times.tolist(), strict=True)) == {
        HAT: 2, COAT: 3, BOOT: 2, SHOE: 1, BAG: 0, ODD: 0,
    }  # fmt: skip
    assert past.together[[0, 1, 1], [1, 3, 5]].tolist() == [2.0, 1.0, 0.0]


def test_controls_prefer_what_was_met_often_and_together() -> None:
    said = controls(shop())
    sets = [(COAT, HAT), (COAT, SHOE), (COAT, ODD)]

    def best(name: str) -> int:
        return int(said[name](sets).argmax())

    assert [best(name) for name in ("popularity", "least_popular", "unseen")] == [0, 2, 2]
    assert best("cooccurrence") == 0
    assert np.allclose(said["cooccurrence"](sets), np.log([3, 2, 1]))
    # Two outfits in common of 2 · 3 / 3 expected, one of 1 · 3 / 3, none of none.
    assert np.allclose(said["cooccurrence_pmi"](sets), np.log([3 / 3, 2 / 2, 1 / 1]))
    # Black goes with black: what was never met is told by its values.
    assert said["attribute_pair_pmi"]([(HAT, ODD), (HAT, BAG)]).argmax() == 0


def test_a_set_of_one_item_and_a_shop_without_outfits_are_no_error() -> None:
    past = composed(Facts([]), ITEMS, [WW.colour])
    for name, control in controls(past).items():
        assert np.isfinite(control([(HAT,), (HAT, COAT)])).all(), name


def judge(sets: Sequence[Sequence[NamedNode]]) -> Thought:
    """Like hats; opaquely, like bags more."""
    named = np.array([float(HAT in one) for one in sets])
    opaque = np.array([2.0 * (BAG in one) for one in sets])
    return Thought(named + opaque, named, np.where(opaque > 0, 0.25, 1.0))


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "\n", encoding="utf-8")
    return path


def blank(answer: str, *options: str) -> dict[str, object]:
    return {"given": ["coat"], "options": list(options), "answer": answer}


def test_accuracy_opaque_parts_and_shares_are_told_apart(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "q.jsonl",
        blank("hat", "hat", "shoe"),
        blank("hat", "hat", "bag"),
        blank("boot", "boot", "shoe"),
    )
    found = filled(blanks(path, ITEMS), judge, controls(shop()), rounds=50).as_dict()
    assert found["n"] == 3
    assert found["accuracy"] == pytest.approx((1 + 0 + 0.5) / 3, abs=1e-4)
    assert found["without_opaque"] == pytest.approx((1 + 1 + 0.5) / 3, abs=1e-4)
    assert found["explained"] == pytest.approx((1 + 0.25 + 1) / 3, abs=1e-4)
    assert found["interval"][0] <= found["accuracy"] <= found["interval"][1]
    assert set(found["controls"]) == {
        "popularity", "least_popular", "unseen", "category", "cooccurrence", "cooccurrence_pmi",
        "attribute_pair_pmi",
    }  # fmt: skip
    assert all(set(one) == {"accuracy", "interval"} for one in found["controls"].values())


def test_outfits_are_told_from_other_sets(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "l.jsonl",
        {"items": ["hat", "coat"], "label": 1},
        {"items": ["boot", "coat"], "label": 1},
        {"items": ["shoe", "coat"], "label": 0},
        {"items": ["bag", "coat"], "label": 0},
    )
    found = told(labelled(path, ITEMS), judge, controls(shop()), rounds=50).as_dict()
    assert found["auc"] == pytest.approx(1.5 / 4)
    assert found["without_opaque"] == pytest.approx(3 / 4)
    assert found["controls"]["popularity"]["auc"] == 1.0


def test_ids_may_be_iris_and_last_steps(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "q.jsonl",
        {
            "given": [COAT.value, "id:shop/hat", "coat"],
            "options": ["bag", "boot"],
            "answer": "boot",
        },
    )
    (one,) = blanks(path, ITEMS)
    assert (one.given, one.options, one.answer) == ((COAT, HAT, COAT), (BAG, BOOT), 1)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "WW-EVALUATE-LINE"),
        ("[1]", "WW-EVALUATE-LINE"),
        ("[" * 100_000, "WW-EVALUATE-LINE"),
        ('{"given": ["coat"], "options": ["hat", "bag"], "answer": "boot"}', "WW-EVALUATE-LINE"),
        ('{"given": ["coat"], "options": ["hat"], "answer": "hat"}', "WW-EVALUATE-LINE"),
        ('{"given": "coat", "options": ["hat", "bag"], "answer": "hat"}', "WW-EVALUATE-LINE"),
        ('{"options": ["hat", "bag"], "answer": "hat"}', "WW-EVALUATE-LINE"),
        ('{"given": ["cot"], "options": ["hat", "bag"], "answer": "hat"}', "WW-EVALUATE-ITEM"),
        ("", "WW-FILE-EMPTY"),
    ],
)
def test_a_line_that_asks_nothing_is_refused_with_its_place(
    tmp_path: Path, line: str, code: str
) -> None:
    path = tmp_path / "q.jsonl"
    good = json.dumps(blank("hat", "hat", "bag"))
    path.write_text(f"{good}\n\n{line}\n" if line else "\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        blanks(path, ITEMS)
    assert refused.value.code == code
    if line:
        assert refused.value.place is not None
        assert refused.value.place.line == 3
    if code == "WW-EVALUATE-ITEM":
        assert refused.value.hint == "The nearest to 'cot' is 'coat'."


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"items": ["hat", "coat"], "label": 2}], "WW-EVALUATE-LINE"),
        ([{"items": ["hat", "coat"], "label": True}], "WW-EVALUATE-LINE"),
        ([{"items": ["hat"], "label": 1}], "WW-EVALUATE-LINE"),
        ([{"items": ["hat", "coat"], "label": 1}] * 2, "WW-EVALUATE-LABELS"),
    ],
)
def test_labels_are_nought_or_one_and_of_both_kinds(
    tmp_path: Path, rows: list[object], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        labelled(lines(tmp_path / "l.jsonl", *rows), ITEMS)
    assert refused.value.code == code


def test_an_id_that_two_items_have_is_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "q.jsonl", blank("hat", "hat", "bag"))
    with pytest.raises(InputError) as refused:
        blanks(path, [*ITEMS, ID["other/hat"]])
    assert refused.value.code == "WW-EVALUATE-AMBIGUOUS"


SCORES = st.lists(st.integers(0, 3), min_size=2, max_size=6)


@given(SCORES)
def test_credits_of_all_options_add_up_to_one(scores: list[int]) -> None:
    values = np.array(scores, dtype=np.float64)
    assert sum(credit(values, k) for k in range(len(scores))) == pytest.approx(1.0)


@given(SCORES, SCORES)
def test_the_area_is_how_often_a_positive_case_scores_higher(a: list[int], b: list[int]) -> None:
    scores = np.array([*a, *b], dtype=np.float64)
    positive = np.array([True] * len(a) + [False] * len(b))
    wins = np.mean([1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b])
    assert auc(scores, positive) == pytest.approx(float(wins))


@given(SCORES)
def test_rows_that_tie_share_the_first_places(scores: list[int]) -> None:
    for first in range(1, len(scores) + 1):
        rows = [np.roll(np.array(scores, dtype=np.float64), -k) for k in range(len(scores))]
        assert sum(within(row, first) for row in rows) == pytest.approx(first)


def test_others_are_composed_alike_and_never_the_set_itself() -> None:
    tops, shoes = [HAT, COAT, BAG], [BOOT, SHOE]
    alike = {HAT: tops, COAT: tops, BOOT: shoes}
    found = others((HAT, COAT, BOOT), alike, 99, seed=1)
    # Three pairs of tops with two shoes, less the set itself.
    assert len(found) == 5
    for one in found:
        assert {frozenset(one)} != {frozenset((HAT, COAT, BOOT))}
        assert len(set(one)) == 3
        assert one[2] in shoes
    assert others((HAT, COAT, BOOT), alike, 99, seed=1) == found
