"""Figures: intervals, calibration, thresholds; rules and guesses against the truth; the data."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.errors import FormatError, InputError
from wearwhy.evidence import Kind
from wearwhy.learn.metrics import Curve, calibration_error, curve, scores, wilson
from wearwhy.learn.plan import plan_of, read_plan
from wearwhy.learn.table import Table
from wearwhy.learn.truth import Truth, by_rules, read_truth, shop_item, standings, text
from wearwhy.rdf import ID, RULE, WW, Fact, expand

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
PLAN = read_plan(ROOT / "kg" / "learn.toml")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@given(st.integers(1, 500), st.data())
def test_the_lower_bound_lies_below_the_share_and_rises_with_evidence(
    n: int, data: st.DataObject
) -> None:
    right = data.draw(st.integers(0, n))
    assert 0 <= wilson(right, n) <= right / n + 1e-12
    assert wilson(right * 10, n * 10) >= wilson(right, n) - 1e-12


def test_nothing_seen_supports_nothing() -> None:
    assert wilson(0, 0) == 0.0
    assert Curve((), (), ()).cutoff(0.5) is None


def test_nine_right_of_nine_pass_eighty_percent_and_six_do_not() -> None:
    assert wilson(9, 9) >= 0.80
    assert wilson(6, 6) < 0.80


def test_a_perfectly_stated_probability_has_no_calibration_error() -> None:
    sure = np.repeat([0.25, 0.75], 400)
    right = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0])
    assert calibration_error(sure, right) == pytest.approx(0.0, abs=1e-9)
    assert calibration_error(np.ones(10), np.zeros(10, dtype=bool)) == 1.0


def test_the_cutoff_is_the_least_that_passes() -> None:
    sure = np.linspace(0.99, 0.01, 200)
    right = sure > 0.5
    found = curve(sure, right)
    cutoff = found.cutoff(0.9)
    assert cutoff is not None
    assert 0.4 < cutoff < 0.5
    assert found.cutoff(0.999) is None


def test_intervals_hold_the_figure_and_a_perfect_model_scores_one() -> None:
    table = np.eye(3)[np.arange(60) % 3]
    found = scores(0.9 * table + 0.05 * (1 - table), table, many=False)
    assert found.accuracy.value == 1.0
    noisy = scores(np.tile([0.5, 0.3, 0.2], (60, 1)), table, many=False)
    assert noisy.accuracy.low <= noisy.accuracy.value <= noisy.accuracy.high


def test_a_plan_without_a_table_says_which() -> None:
    with pytest.raises(FormatError) as caught:
        plan_of({"attribute": []})
    assert caught.value.code == "WW-LEARN-PLAN"


def test_an_attribute_nobody_guesses_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        PLAN.attribute("formalty")
    assert "formality" in caught.value.hint


class Ruled(Table):
    """Facts all of which one rule derived."""

    def kind(self, fact: Fact) -> Kind:
        """Return that it was derived."""
        return Kind.DERIVED

    def firing(self, fact: Fact) -> object:
        """Return what fired."""
        return type("Firing", (), {"rule": RULE["wool-is-for-winter"]})()


def test_a_rule_is_judged_by_what_it_says_and_by_what_it_leaves_unsaid() -> None:
    truths = [
        Truth(
            "1",
            wardrobe=True,
            values={"suitsSeason": frozenset({"ww:season-winter"})},
            hard=False,
            note="",
        ),
        Truth("2", wardrobe=True, values={"suitsSeason": frozenset()}, hard=True, note="a ring"),
        Truth("3", wardrobe=True, values={"suitsSeason": frozenset()}, hard=True, note="a ring"),
    ]
    item = shop_item(str(ID), "demo", "shop")
    said = [Fact(item(t), WW.suitsSeason, WW["season-winter"]) for t in truths[:2]]
    found = standings(by_rules(Ruled(said), [item(t) for t in truths], PLAN), truths, PLAN, item)
    one = next(s for s in found if s.author == "rule:wool-is-for-winter")
    assert (one.said, one.right, one.precision.value) == (2, 1, 0.5)
    assert one.abstention.value == pytest.approx(1 / 3)
    assert one.wrong == (("2", "season-winter"),)
    assert "rule:wool-is-for-winter" in text(found)


def test_an_occasion_the_stylist_did_not_judge_is_not_counted() -> None:
    truth = Truth(
        "1",
        wardrobe=True,
        values={"suitsOccasion": frozenset({"ww:occasion-office"})},
        hard=False,
        note="",
    )
    item = shop_item(str(ID), "demo", "shop")
    said = [
        ("r", Fact(item(truth), WW.suitsOccasion, WW[f"occasion-{o}"]))
        for o in ("office", "school")
    ]
    assert standings(said, [truth], PLAN, item)[0].said == 1


def test_a_truth_table_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("id,from,season\n1,wardrobe,winter\n")
    with pytest.raises(FormatError) as caught:
        read_truth(path)
    assert caught.value.code == "WW-TRUTH-COLUMN"


def test_the_truth_judges_every_item_of_the_wardrobe_and_some_of_the_shop() -> None:
    truths = read_truth(DATA / "truth.csv")
    mine = {t.id for t in truths if t.wardrobe}
    assert mine == {row["id"] for row in rows("wardrobe.csv")}
    assert len(truths) - len(mine) >= 80
    assert sum(t.hard for t in truths) / len(truths) >= 0.15
    assert all(t.note for t in truths if t.hard)
    names = {
        row["id"]: row.get("name") or row["title"]
        for row in rows("wardrobe.csv") + rows("catalogue.csv")
    }
    assert all(row["name"] == names[row["id"]] for row in rows("truth.csv"))


def test_the_truth_speaks_the_ontology_s_language() -> None:
    known = "".join(p.read_text("utf-8") for p in sorted((ROOT / "ontology/schemes").glob("*.ttl")))
    for truth in read_truth(DATA / "truth.csv"):
        for values in truth.values.values():
            for value in values:
                assert f"\n{value} " in known or f"\n{value}\n" in known, value
                expand(value)


def test_the_catalogue_leaves_out_what_real_feeds_leave_out() -> None:
    shop = rows("catalogue.csv")
    assert len(shop) >= 640
    for column in ("season", "occasion", "formality", "warmth"):
        assert 0.35 <= sum(not row[column] for row in shop) / len(shop) <= 0.60
    assert len({row["id"] for row in shop}) == len(shop)


def test_the_catalogue_is_what_its_script_writes() -> None:
    program = (
        "import sys, csv, io; sys.path.insert(0, 'tools'); import catalogue; out = io.StringIO(); "
        "w = csv.DictWriter(out, catalogue.HEADER, lineterminator='\\n'); w.writeheader(); "
        "w.writerows(catalogue.catalogue()); sys.stdout.buffer.write(out.getvalue().encode())"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], check=True, capture_output=True, cwd=ROOT
    )
    assert done.stdout == (DATA / "catalogue.csv").read_bytes()


def test_every_outfit_and_opinion_names_items_that_exist_and_wears_none_before_it_was_bought() -> (
    None
):
    bought = {row["id"]: row["bought on"] for row in rows("wardrobe.csv")}
    for outfit in rows("outfits.csv"):
        worn = outfit["items"].split(";")
        assert len(worn) == len(set(worn))
        assert all(bought[item] <= outfit["date"] <= "2026-11-22" for item in worn)
    assert Counter(row["occasion"] for row in rows("outfits.csv"))["office"] >= 5
    for row in rows("opinions.csv"):
        assert row["opinion"] in ("like", "dislike")
        assert 0 < float(row["strength"]) <= 1


def test_the_demo_s_tuesday_is_wet_and_cold() -> None:
    tuesday = next(row for row in rows("weather.csv") if row["date"] == "2026-11-24")
    assert tuesday["weather"] == "rain"
    assert (float(tuesday["temp_min"]), float(tuesday["temp_max"])) == (8.0, 10.0)
    assert float(tuesday["precipitation"]) == 9.0
    assert float(tuesday["wind"]) * 3.6 == pytest.approx(22, abs=0.1)
