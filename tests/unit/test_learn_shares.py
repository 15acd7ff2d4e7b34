"""Shares of values, fitted to counts: sums over named facts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.errors import FormatError
from wearwhy.learn.additive import Floats
from wearwhy.learn.features import Features, Token
from wearwhy.learn.plan import read_plan
from wearwhy.learn.shares import files as shares_files
from wearwhy.learn.shares.evidence import Count, Evidence, counted_columns, evidence
from wearwhy.learn.shares.fit import concentration, fit, learned
from wearwhy.learn.shares.model import Shares, cross_entropy, even
from wearwhy.learn.shares.reading import PRIOR, reading
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, RDFS, TYPE, WW, Fact, Literal, NamedNode, literal

PLAN = read_plan(Path(__file__).parents[2] / "kg" / "learn.toml")
COLUMN = "ww:column/rentals/rented_for"
BODY = "ww:column/rentals/body_type"
VALUES = ("party", "wedding", "work")


def node(name: str) -> NamedNode:
    return WW[name.removeprefix("ww:")]


def item(
    number: int,
    kind: str,
    body: dict[str, int],
    target: dict[str, int] | None = None,
    rows: int = 0,
) -> Evidence:
    me = ID[f"rentals/{number}"]
    said = Fact(me, TYPE, WW[kind])

    def counted(column: str, counts: dict[str, int]) -> dict[str, Count]:
        return {
            value: Count(n, Fact(me, node(f"{column}/{value}"), literal(n)))
            for value, n in counts.items()
            if n
        }

    counts = {BODY: counted(BODY, body), COLUMN: counted(COLUMN, target or {})}
    total = rows or sum(body.values())
    return Evidence(
        me,
        {Token("rdf:type", f"ww:{kind}"): (said,)},
        {name: told for name, told in counts.items() if told},
        Count(total, Fact(me, WW.timesCounted, literal(total))) if total else None,
    )


def shop(size: int = 300, seed: int = 3) -> tuple[list[Evidence], Floats]:
    """Return items of which gowns go to weddings, and to parties the more pears rent them."""
    rng = np.random.default_rng(seed)
    known, counts = [], []
    for n in range(size):
        gown, pear = rng.random() < 0.5, rng.random()
        rows = int(rng.integers(5, 60))
        logits = np.array([2.0 * pear, 1.5 * gown, -1.0 * gown])
        told = rng.multinomial(rows, np.exp(logits) / np.exp(logits).sum())
        pears = int(rng.binomial(rows - 2, pear))
        known.append(
            item(
                n,
                "Gown" if gown else "Dress",
                {"pear": pears, "apple": rows - 2 - pears},
                dict(zip(VALUES, told.tolist(), strict=True)),
                rows,
            )
        )
        counts.append(told)
    return known, np.array(counts, dtype=np.float64)


@cache
def taught() -> Shares:
    known, counts = shop()
    return fit(node(COLUMN), "rented_for", VALUES, known, counts, hidden=frozenset({COLUMN}))


counts_of = st.integers(0, 40)
items = st.builds(
    lambda kind, pear, apple, other, rows: item(
        999, kind, {"pear": pear, "apple": apple}, {"work": other}, rows
    ),
    st.sampled_from(["Gown", "Dress", "Cape"]),
    counts_of,
    counts_of,
    counts_of,
    st.integers(0, 2000),
)


@given(items)
@settings(max_examples=100, deadline=None)
def test_shares_are_positive_and_sum_to_one(one: Evidence) -> None:
    found = taught().predicted([one])
    assert (found > 0).all()
    assert found.sum() == pytest.approx(1, abs=1e-12)


@given(items)
@settings(max_examples=100, deadline=None)
def test_addends_sum_to_the_logits(one: Evidence) -> None:
    total = np.sum([a.logits for a in taught().addends(one)], axis=0)
    assert np.allclose(total, taught().logits([one])[0], atol=1e-9, rtol=0)


@given(items)
@settings(max_examples=100, deadline=None)
def test_deleting_an_addends_facts_moves_the_margin_as_said(one: Evidence) -> None:
    shares = taught()
    account = shares.account(one)
    for addend, told in zip(account.addends, shares.without(one, account), strict=True):
        again = shares.logits([one.without(addend.facts)])[0]
        top, low = shares.values.index(account.ahead), shares.values.index(account.second)
        assert again[top] - again[low] == pytest.approx(told, abs=1e-9)
        gone = [
            value
            for other, value in zip(account.addends, account.over, strict=True)
            if set(other.facts) & set(addend.facts)
        ]
        assert account.margin - sum(gone) == pytest.approx(told, abs=1e-9)


@given(items)
@settings(max_examples=50, deadline=None)
def test_an_items_own_counts_of_the_column_are_never_looked_at(one: Evidence) -> None:
    own = [c.fact for c in one.counts.get(COLUMN, {}).values()]
    assert (taught().logits([one]) == taught().logits([one.without(own)])).all()


def test_every_fact_that_is_cited_is_the_items_own() -> None:
    one = item(5, "Gown", {"pear": 7, "apple": 3}, rows=12)
    cited = {fact for addend in taught().addends(one) for fact in addend.facts}
    assert cited <= one.facts()
    assert {a.kind for a in taught().addends(one)} == {"facts", "bias"}


def test_an_item_of_which_nothing_is_known_has_the_bias_alone() -> None:
    empty = Evidence(ID["rentals/0"], {}, {}, None)
    assert np.allclose(taught().logits([empty])[0], taught().bias)
    assert taught().account(empty).explained == 0


def test_what_was_planted_is_found() -> None:
    shares = taught()
    gown, dress = (item(1, k, {"pear": 10, "apple": 10}, rows=22) for k in ("Gown", "Dress"))
    wedding, party = VALUES.index("wedding"), VALUES.index("party")
    found = shares.predicted([gown, dress])
    assert found[0, wedding] > found[1, wedding] + 0.2
    pear, apple = (item(1, "Dress", b, rows=40) for b in ({"pear": 40}, {"apple": 40}))
    found = shares.predicted([pear, apple])
    assert found[0, party] > found[1, party] + 0.2


def test_it_tells_items_it_never_saw_better_than_all_rows_do() -> None:
    known, counts = shop(seed=4)
    whole = np.tile(counts.sum(axis=0) / counts.sum(), (len(known), 1))
    ours = cross_entropy(taught().predicted(known), counts)
    assert ours < cross_entropy(whole, counts) - 0.05
    assert taught().card["held_out"]["cross_entropy"] == pytest.approx(ours, abs=0.05)


@given(st.integers(1, 20), st.integers(2, 50))
@settings(max_examples=50, deadline=None)
def test_the_same_share_of_more_rows_is_drawn_less_towards_the_usual(few: int, times: int) -> None:
    known, _ = shop()
    measure = reading(known).columns[0]

    def off(n: int) -> float:
        size = len(measure.values)
        return float(np.abs(measure.read({"pear": n})[:size]).sum())

    assert off(few) < off(few * times)


def test_as_many_rows_as_the_prior_has_go_half_the_way() -> None:
    known, _ = shop()
    measure = next(m for m in reading(known).columns if m.name == BODY)
    at = measure.values.index("pear")
    root = measure.read({"pear": int(PRIOR)})[at] * measure.spread + np.sqrt(measure.usual[at])
    assert root**2 == pytest.approx((1 + measure.usual[at]) / 2)


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.integers(2, 20))
@settings(max_examples=50, deadline=None)
def test_rows_that_are_known_sharpen_towards_their_own_shares(seen: list[int], times: int) -> None:
    shares = taught()
    start = shares.predicted([item(1, "Gown", {"pear": 5}, rows=6)])
    rows = np.array([seen], dtype=np.float64)
    assert np.allclose(shares.sharpened(start, np.zeros((1, 3))), start, atol=1e-12, rtol=0)
    if rows.sum():
        own = rows / rows.sum()
        near = np.abs(shares.sharpened(start, rows) - own).sum()
        assert near <= np.abs(start - own).sum() + 1e-12
        assert np.abs(shares.sharpened(start, rows * times) - own).sum() <= near + 1e-12


def test_the_concentration_of_drawn_counts_is_found_again() -> None:
    rng = np.random.default_rng(0)
    shares = np.tile([0.5, 0.3, 0.2], (3000, 1))
    drawn = np.array([rng.multinomial(25, rng.dirichlet(8 * p)) for p in shares], dtype=np.float64)
    assert concentration(shares, drawn) == pytest.approx(8, rel=0.1)


def test_cross_entropy_is_that_of_scipy() -> None:
    from scipy.special import rel_entr
    from scipy.stats import entropy

    rng = np.random.default_rng(1)
    shares, counts = rng.dirichlet(np.ones(4), 20), rng.integers(0, 9, (20, 4)).astype(float)
    rows = counts.sum(axis=1)
    own = counts / rows[:, None]
    by_item = entropy(own, axis=1) + rel_entr(own, shares).sum(axis=1)
    assert cross_entropy(shares, counts) == pytest.approx(float(rows @ by_item / rows.sum()))


def test_cross_entropy_is_that_of_sklearn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(1)
    shares, counts = rng.dirichlet(np.ones(4), 20), rng.integers(0, 9, (20, 4)).astype(float)
    truth, told = np.tile(np.arange(4), 20), np.repeat(shares, 4, axis=0)
    loss = metrics.log_loss(truth, told, sample_weight=counts.ravel(), labels=range(4))
    assert cross_entropy(shares, counts) == pytest.approx(loss)


def test_a_garment_good_in_three_seasons_has_a_third_of_each() -> None:
    seasons = ("autumn", "spring", "summer", "winter")
    some, one = frozenset({"autumn", "spring", "winter"}), frozenset({"summer"})
    counts = even([some, one], seasons)
    assert counts.tolist() == [[1, 1, 0, 1], [0, 0, 1, 0]]
    known = [item(n, "Coat" if n % 2 else "Sandal", {}) for n in range(60)]
    table = even([some if n % 2 else one for n in range(60)], seasons)
    shares = fit(WW.suitsSeason, "season", seasons, known, table)
    found = shares.predicted([item(99, "Coat", {})])[0]
    assert found[[0, 1, 3]] == pytest.approx([found[0]] * 3, abs=1e-3)
    assert found[0] > 0.28


def test_shares_come_back_from_their_files_as_they_were(tmp_path: Path) -> None:
    shares_files.save({COLUMN: taught()}, tmp_path)
    back = shares_files.load(tmp_path)[COLUMN]
    one = item(5, "Gown", {"pear": 7, "apple": 3}, rows=12)
    assert (back.logits([one]) == taught().logits([one])).all()
    assert (back.values, back.hides, back.iri) == (VALUES, frozenset({COLUMN}), node(COLUMN))
    assert back.concentration == taught().concentration
    shares_files.save({}, tmp_path)
    assert shares_files.load(tmp_path) == {}


@pytest.mark.parametrize("damage", ["{", '{"format": 99}', '{"format": 1, "shares": {"x": {}}}'])
def test_damaged_files_are_refused(tmp_path: Path, damage: str) -> None:
    shares_files.save({COLUMN: taught()}, tmp_path)
    (tmp_path / shares_files.CARD).write_text(damage, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        shares_files.load(tmp_path)
    assert caught.value.code == "WW-MODEL-FORMAT"


def graph() -> list[Fact]:
    """Return a graph that counts, of sixty items, five of them kept for judging."""
    facts = []
    for column, fills in ((COLUMN, WW.suitsOccasion), (BODY, None)):
        facts += [
            Fact(node(column), TYPE, WW.CountedColumn),
            Fact(node(column), RDFS.label, Literal(column.rpartition("/")[2])),
        ]
        if fills is not None:
            facts.append(Fact(node(column), WW.fillsProperty, fills))
        for value in VALUES if column == COLUMN else ("pear", "apple"):
            counting = node(f"{column}/{value}")
            facts += [
                Fact(counting, TYPE, WW.ValueCount),
                Fact(counting, WW.countsIn, node(column)),
                Fact(counting, WW.countedValue, Literal(value)),
            ]
    for n, one in enumerate(shop(60)[0]):
        facts += [*one.facts(), Fact(one.item, WW.inCatalogue, ID["catalogue/rentals"])]
        if n < 5:
            facts.append(Fact(one.item, WW["split"], Literal("test")))
    return facts


def test_a_graphs_counts_are_read_and_judged_items_are_not_learned_from() -> None:
    features = Features(Table(graph()), PLAN)
    columns = counted_columns(features.graph)
    assert [c.name for c in columns] == [BODY, COLUMN]
    first = shop(60)[0][0]
    assert evidence(features, [first.item], columns)[0].counts == first.counts
    found = learned(features)
    assert list(found) == [COLUMN]
    assert found[COLUMN].card["items"] == 55
    assert found[COLUMN].hides == {COLUMN, "ww:suitsOccasion"}


def test_a_graph_without_counts_teaches_no_shares() -> None:
    assert learned(Features(Table([]), PLAN)) == {}


def test_the_same_seed_learns_the_same() -> None:
    features = Features(Table(graph()), PLAN)
    one, two = learned(features)[COLUMN], learned(features)[COLUMN]
    assert (one.weights == two.weights).all()
    assert one.concentration == two.concentration
