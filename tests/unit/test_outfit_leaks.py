"""The stylists' questions give nothing away: what only counts is where chance or the data put it.

Wrong options share family, collection and frequency class with the right one. So novelty says
nothing, popularity little, and of items never seen no count of items says anything.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.feeds_given import CATALOGUE, MAPPINGS, shared, whole

from wearwhy.evaluate.asked import blanks, labelled
from wearwhy.evaluate.compatibility import told
from wearwhy.evaluate.composed import composed
from wearwhy.evaluate.controls.outfits import Sets, controls
from wearwhy.evaluate.fitb import filled
from wearwhy.evaluate.judging import Thought
from wearwhy.evidence import Kind
from wearwhy.feeds.load import read
from wearwhy.learn.table import Table
from wearwhy.rdf import WW, Fact

pytestmark = pytest.mark.slow


class Said(Table):
    """Facts as a walk reads them: all of them hold, and somebody said each."""

    def holds(self, fact: Fact) -> bool:
        return fact in self

    def kind(self, fact: Fact) -> Kind:
        return Kind.ASSERTED


def nothing(sets: Sets) -> Thought:
    """Think the same of everything."""
    none = np.zeros(len(sets))
    return Thought(none, none, none)


@cache
def found() -> dict[str, dict[str, Any]]:
    """Return the controls' figures on the validation questions, counted on training outfits."""
    goods = read(
        shared("mango/products.csv"), "mango", names=whole(), into=CATALOGUE, mappings=MAPPINGS
    )
    outfits = read(
        shared("mango/outfits.csv"),
        "mango-outfits",
        names=whole(),
        into=CATALOGUE,
        known=goods.facts,
        mappings=MAPPINGS,
    )
    table = Said((*goods.facts, *outfits.facts))
    items = [f.subject for f in goods.facts if f.predicate == WW.inCatalogue]
    past = composed(table, items, [WW.colour, WW.material, WW.pattern, WW.department])  # type: ignore[arg-type]
    assert past.outfits == 5469
    beside = controls(past)
    result: dict[str, dict[str, Any]] = {}
    for name in ("seen", "unseen"):
        asked = blanks(shared(f"mango/fitb-valid-{name}.jsonl"), past.items)
        result[name] = filled(asked, nothing, beside, rounds=100).as_dict()
    cases = labelled(shared("mango/compatibility-valid.jsonl"), past.items)
    result["auc"] = told(cases, nothing, beside, rounds=100).as_dict()
    return result


def of(part: str, control: str) -> float:
    one = found()[part]["controls"][control]
    return float(one["auc" if part == "auc" else "accuracy"])


def test_whoever_thinks_the_same_of_everything_is_at_chance() -> None:
    assert found()["seen"]["accuracy"] == found()["unseen"]["accuracy"] == 0.25
    assert found()["auc"]["auc"] == 0.5


def test_novelty_gives_nothing_away() -> None:
    assert of("seen", "unseen") == of("unseen", "unseen") == 0.25
    assert of("auc", "unseen") == pytest.approx(0.5, abs=0.01)


def test_of_items_never_seen_no_count_of_items_says_anything() -> None:
    for control in ("popularity", "least_popular", "cooccurrence", "cooccurrence_pmi"):
        assert of("unseen", control) == 0.25, control


@pytest.mark.parametrize(
    ("part", "control", "published"),
    [
        ("seen", "popularity", 0.410),
        ("seen", "cooccurrence", 0.645),
        ("seen", "cooccurrence_pmi", 0.604),
        ("seen", "attribute_pair_pmi", 0.605),
        ("unseen", "attribute_pair_pmi", 0.407),
        ("auc", "popularity", 0.643),
        ("auc", "cooccurrence", 0.861),
    ],
)
def test_controls_come_to_what_was_measured_elsewhere(
    part: str, control: str, published: float
) -> None:
    assert of(part, control) == pytest.approx(published, abs=0.03)
