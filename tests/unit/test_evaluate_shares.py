"""Controls of shares, and the figures beside ours."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from wearwhy.evaluate.shares import Judged, Line
from wearwhy.evaluate.shares_controls import SMOOTH, Known, by_category, category, grown, shop_wide
from wearwhy.learn.features import Token
from wearwhy.learn.metrics import Figure
from wearwhy.learn.shares.evidence import Count, Evidence
from wearwhy.learn.shares.model import cross_entropy
from wearwhy.rdf import ID, TYPE, WW, Fact, literal


def item(number: int, kind: str, pears: int, rows: int) -> Evidence:
    me = ID[f"rentals/{number}"]
    body = {
        value: Count(n, Fact(me, WW[f"column/rentals/body_type/{value}"], literal(n)))
        for value, n in (("pear", pears), ("apple", rows - pears))
        if n
    }
    return Evidence(
        me,
        {Token("rdf:type", f"ww:{kind}"): (Fact(me, TYPE, WW[kind]),)},
        {"ww:column/rentals/body_type": body} if body else {},
        Count(rows, Fact(me, WW.timesCounted, literal(rows))),
    )


def known(size: int, seed: int) -> Known:
    rng = np.random.default_rng(seed)
    items, counts = [], []
    for n in range(size):
        gown, rows = bool(rng.random() < 0.5), int(rng.integers(10, 60))
        pears = int(rng.integers(0, rows + 1))
        logits = np.array([3 * pears / rows, 2.0 * gown])
        counts.append(rng.multinomial(rows, np.exp(logits) / np.exp(logits).sum()))
        items.append(item(n, "Gown" if gown else "Dress", pears, rows))
    return Known(tuple(items), np.array(counts, dtype=np.float64))


def test_shop_wide_shares_are_those_of_all_rows() -> None:
    train = Known((item(1, "Gown", 1, 2), item(2, "Dress", 1, 2)), np.array([[5.0, 0], [3, 0]]))
    found = shop_wide(train, Known(train.evidence, np.zeros((2, 3))))
    assert found == pytest.approx(np.array([[0.9, 0.1, 0.0]] * 2))


def test_a_category_that_training_never_saw_has_the_shares_of_all_rows() -> None:
    train = Known((item(1, "Gown", 1, 2), item(2, "Dress", 1, 2)), np.array([[90.0, 0], [0, 90]]))
    test = Known((item(3, "Gown", 1, 2), item(4, "Cape", 1, 2)), np.zeros((2, 2)))
    found = by_category(train, test)
    assert found[1] == pytest.approx([0.5, 0.5])
    assert found[0, 0] == pytest.approx((90 + SMOOTH / 2) / (90 + SMOOTH))
    assert category(test.evidence[0]) == {Token("rdf:type", "ww:Gown")}


@pytest.mark.skipif(find_spec("lightgbm") is None, reason="needs the extra `peers`")
@pytest.mark.parametrize("columns", [("body_type",), None])
def test_trees_learn_what_categories_cannot_tell(columns: tuple[str, ...] | None) -> None:
    train, test = known(400, 0), known(200, 1)
    trees = cross_entropy(grown(train, test, columns), test.counts)
    assert trees < cross_entropy(by_category(train, test), test.counts) - 0.02
    assert cross_entropy(by_category(train, test), test.counts) < cross_entropy(
        shop_wide(train, test), test.counts
    )


def test_the_document_has_the_figures_under_their_names() -> None:
    line = Line(Figure(1.23456, 1.2, 1.3))
    less = Line(Figure(1.5, 1.4, 1.6), Figure(0.26544, 0.2, 0.3))
    found: dict[str, Any] = Judged(
        "rented_for", 10, 3, 1, 20, line, 0.75, 0.9, {"shop-wide": less, "LightGBM": "install it"}
    ).as_dict()
    assert list(found) == [
        "n", "items", "seen", "trained_on", "cross_entropy", "interval", "explained",
        "own_entropy", "controls",
    ]  # fmt: skip
    assert (found["n"], found["items"], found["cross_entropy"]) == (10, 3, 1.2346)
    assert found["controls"]["shop-wide"]["above_ours"] == 0.2654
    assert found["controls"]["LightGBM"] == {"missing": "install it"}
