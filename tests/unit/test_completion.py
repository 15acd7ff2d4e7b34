"""Hiding a column and predicting it: what is asked, what is left out, what stands beside."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.completion_given import (
    TEXTS,
    by_title,
    declared,
    row,
    rows,
    shop,
)

from wearwhy.errors import InputError
from wearwhy.evaluate.completion import Completed, Line, completed
from wearwhy.evaluate.controls import boosting
from wearwhy.evaluate.controls.columns import Sheet, parted, table, vocabulary
from wearwhy.evaluate.controls.trained import Control, trained
from wearwhy.evaluate.source import Rows, masked, refuse_leak, refuse_leaks, rows_of
from wearwhy.feeds.load import named
from wearwhy.feeds.mapping import Column as MappedColumn
from wearwhy.rdf import SCHEMA, WW, Fact, NamedNode
from wearwhy.settings import assets

MYNTRA = named("myntra", assets() / "kg" / "mappings")
TRAIN = rows(shop(400))


def done(test: Rows, train: Rows = TRAIN, **more: object) -> Completed:
    settings = {"texts": TEXTS, "which": "fast", "rounds": 40, **more}
    return completed(train, test, train.column("season"), by_title, **settings)  # type: ignore[arg-type]


def line(found: Completed, name: str) -> Line:
    control = found.whole.controls[name]
    assert isinstance(control, Line)
    return control


def test_rows_are_read_back_as_their_source_gave_them() -> None:
    found = rows(row(7, "Acme Winter Boots", "valid", season="Winter", baseColour="Navy Blue"))
    assert found.sheet.cells.loc[found.items[0].value].to_dict() == {
        "articleType": "",
        "baseColour": "Navy Blue",
        "season": "Winter",
        "usage": "",
    }
    assert (found.titles, found.split) == (("Acme Winter Boots",), ("valid",))


def test_rows_of_known_items_are_left_out_and_counted() -> None:
    found = done(rows(shop(50), shop(60, seed=1, first=1000)))
    assert (found.seen, found.whole.n) == (50, 60)


def test_only_the_training_split_counts_as_seen_and_the_rest_is_owned_up_to() -> None:
    held = shop(40, seed=3, first=2000, split="valid")
    all_rows = rows(shop(300, split="train"), held)
    found = done(rows(held), all_rows.training(), known=all_rows)
    assert (found.trained, found.seen, found.calibrated, found.whole.n) == (300, 0, 40, 40)


def test_an_item_is_known_in_whichever_catalogue_it_stands() -> None:
    elsewhere = [
        fact._replace(subject=NamedNode(fact.subject.value.replace("/shop/", "/other/")))
        for fact in shop(10)
        if isinstance(fact.subject, NamedNode)
    ]
    with pytest.raises(InputError) as caught:
        done(rows(elsewhere))
    assert caught.value.code == "WW-EVALUATE-NOTHING"


def test_rows_without_a_value_are_not_judged() -> None:
    found = done(rows(shop(30, first=1000), row("x", "Acme Thing", usage="Casual")))
    assert found.whole.n == 30


def test_titles_that_training_items_have_are_counted_and_set_apart() -> None:
    same = [row(1000 + n, title, season="Summer") for n, title in enumerate(TRAIN.titles[:8])]
    found = done(rows(shop(30, seed=1, first=2000), *same))
    assert found.repeated == 8
    assert found.fresh is not None
    assert (found.whole.n, found.fresh.n) == (38, 30)
    assert done(rows(*same)).fresh is None


def test_a_model_that_reads_the_label_off_the_title_is_found_out_by_masking() -> None:
    found = done(rows(shop(300, seed=2, first=1000)))
    assert 100 < found.changed < 200
    plain, masked_ = found.whole.ours.figures["accuracy"], found.masked.ours.figures["accuracy"]
    assert plain.value > masked_.value + 0.1
    assert found.masked.n == found.whole.n


def test_words_of_a_label_are_taken_out_whole_and_whatever_their_case() -> None:
    assert masked("Acme NAVY blue Tee, Bluebell", "Navy Blue") == "Acme Tee, Bluebell"
    assert masked("Sportswear for sports", "Sports") == "Sportswear for"
    assert masked("夏季连衣裙", "夏季") == "连衣裙"


def test_what_fills_the_same_property_is_no_evidence_for_controls() -> None:
    facts = [*declared(), Fact(declared("usage")[0].subject, WW.fillsProperty, WW.launchSeason)]
    found = rows_of([*facts, *shop(10)], TEXTS)
    assert found.beside(found.column("season")) == ["articleType", "baseColour"]
    assert TRAIN.beside(TRAIN.column("season")) == ["articleType", "baseColour", "usage"]


def test_the_document_has_the_figures_under_the_promised_names() -> None:
    document = done(rows(shop(80, seed=1, first=1000))).as_dict()
    names = ("n", "accuracy", "interval", "macro_f1", "log_loss", "ece", "coverage_at_95")
    assert {*names, "explained", "controls", "masked", "repeated_titles"} <= set(document)
    low, high = document["interval"]
    assert low <= document["accuracy"] <= high
    assert document["explained"] == 0.8
    assert set(document["intervals"]) == {*names[1:2], *names[3:], "explained"}
    assert list(document["controls"]) == ["majority", "mode by type", "naive Bayes"]
    assert set(names[1:]) <= set(document["controls"]["majority"])


def test_the_cutoff_of_the_model_itself_is_measured_too() -> None:
    found = done(rows(shop(200, seed=1, first=1000)), cutoff=0.9).whole.ours.more["held_out_cutoff"]
    assert 0.4 < found["coverage"] < 0.6
    assert found["precision"] == 1.0


def test_a_value_that_nobody_was_taught_is_wrong_whoever_is_asked() -> None:
    found = done(rows([f for n in range(4) for f in row(f"x{n}", "Acme Thing", season="Monsoon")]))
    for one in (found.whole.ours, *(line(found, name) for name in found.whole.controls)):
        assert one.figures["accuracy"].value == one.figures["macro_f1"].value == 0.0
        assert one.figures["log_loss"].value == pytest.approx(-np.log(1e-12))


def test_controls_are_as_good_as_what_they_read() -> None:
    found = done(rows(shop(400, seed=5, first=1000)), which="all")
    majority, by_type, bayes, regression = (
        line(found, name).figures["accuracy"].value
        for name in ("majority", "mode by type", "naive Bayes", "logistic regression")
    )
    assert majority < by_type
    assert bayes > by_type
    assert regression > 0.9


def test_logistic_regression_is_scikit_learns() -> None:
    linear = pytest.importorskip("sklearn.linear_model", reason="of the extra `peers`")
    from wearwhy.evaluate.controls.regression import regression

    sheet = Sheet(TRAIN.sheet.cells[["articleType", "baseColour"]], TRAIN.sheet.text)
    matrix = table(sheet, vocabulary(sheet))
    truth = np.array([cell == "Winter" for cell in TRAIN.sheet.cells["season"]], dtype=np.int64)
    theirs = linear.LogisticRegression(C=2.0, max_iter=1000).fit(matrix, truth)
    ours = regression(matrix, truth, 2, 1.0)(matrix)
    # Two columns share what scikit-learn puts on one: half the weight each, half the price.
    assert np.abs(ours - theirs.predict_proba(matrix)).max() < 0.02


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "installed", lambda: False)
    found = done(rows(shop(20, seed=1, first=1000)), which="all")
    assert found.as_dict()["controls"]["LightGBM"] == {"missing": boosting.HOW}


@pytest.mark.skipif(importlib.util.find_spec("lightgbm") is None, reason="of the extra `peers`")
def test_boosted_trees_learn_what_two_columns_say_together() -> None:
    sheet = Sheet(TRAIN.sheet.cells[["articleType", "baseColour"]], TRAIN.sheet.text)
    labels = tuple(TRAIN.sheet.cells["season"])
    made = dict(trained("all", sheet, labels, "articleType"))["LightGBM"]
    assert isinstance(made, Control)
    again = dict(trained("all", sheet, labels, "articleType"))["LightGBM"]
    assert isinstance(again, Control)
    stated = made.probabilities(sheet)
    assert (np.array(made.values)[stated.argmax(axis=1)] == np.array(labels)).mean() > 0.9
    assert np.array_equal(stated, again.probabilities(sheet))


def test_words_and_neighbouring_words_of_three_rows_are_features() -> None:
    sheet = Sheet(TRAIN.sheet.cells[["usage"]].iloc[:3], ("navy blue tee",) * 2 + ("blue tee",))
    found = {name for name, _ in vocabulary(sheet, 3)} | {word for _, word in vocabulary(sheet, 3)}
    assert {"blue", "tee", "blue tee"} <= found
    assert not {"navy", "navy blue"} & found


def test_equal_texts_are_never_parted() -> None:
    sheet = TRAIN.sheet.saying([f"title {n // 4}" for n in range(400)])
    fit, held = parted(sheet)
    assert not {sheet.text[n] for n in fit} & {sheet.text[n] for n in held}
    assert len(fit) + len(held) == 400
    assert all(a < b for a, b in pairwise(held.tolist()))


@pytest.mark.parametrize("name", ["id", "year", "identifier", "launchYear", "product_id", "SKU"])
def test_columns_that_identify_rows_are_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_leak(name)
    assert caught.value.code == "WW-LEARN-LEAK"
    with pytest.raises(InputError) as caught:
        rows_of([*declared(name), *shop(3)], TEXTS)
    assert caught.value.code == "WW-LEARN-LEAK"


def test_an_unknown_attribute_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        TRAIN.column("seasn")
    assert (caught.value.code, caught.value.hint) == (
        "WW-LEARN-ATTRIBUTE",
        "Did you mean 'season'?",
    )
    with pytest.raises(InputError):
        TRAIN.column("articleType")


def test_a_format_may_not_make_a_year_a_fact() -> None:
    refuse_leaks(MYNTRA, TEXTS)
    for leak in (
        MappedColumn("year", to=(WW.launchYear,)),
        MappedColumn("brought out", to=(WW.year,)),
        MappedColumn("year", keep=True),
        MappedColumn("id", to=(SCHEMA.name,)),
    ):
        with pytest.raises(InputError) as caught:
            refuse_leaks(replace(MYNTRA, columns=(*MYNTRA.columns, leak)), TEXTS)
        assert caught.value.code == "WW-LEARN-LEAK"
