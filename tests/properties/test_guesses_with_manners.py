"""Guesses keep their manners: written where they pass, denied for good, retracted without a trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode
from tests.guessing_given import PLAN, model_of, shop, small, taught

from wearwhy.evidence import Kind
from wearwhy.learn.features import Features
from wearwhy.learn.guess import answers, passing
from wearwhy.learn.metrics import Curve, curve, wilson
from wearwhy.learn.supposing import passes, spread
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, Fact
from wearwhy.rules.layer import Layer
from wearwhy.workspace import Workspace, edits, guesses
from wearwhy.workspace.consequences import consequences
from wearwhy.workspace.guessed import kept
from wearwhy.workspace.questions import answer, ask

FACTS = shop(90)
ITEMS = Features(Table(FACTS), PLAN).items()[:30]


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    """The precision curve of some held-out cases, sure ones oftener right."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(0, 300))
    sure = rng.uniform(0.2, 1.0, n)
    power = draw(st.sampled_from((0.05, 0.2, 1.0)))
    return curve(sure, rng.random(n) < sure**power)


@settings(max_examples=25, deadline=None)
@given(st.lists(curves(), min_size=1, max_size=3), st.floats(0.5, 0.99))
def test_a_guess_is_written_only_where_held_out_precision_passes(
    some: list[Curve], threshold: float
) -> None:
    model = model_of(FACTS, curves=some)
    for one in answers(FACTS, model, ITEMS, PLAN, threshold=threshold):
        for guess in one.guesses:
            learned = model.learned[one.attribute.name]
            column = learned.values.index(f"ww:{guess.fact.object.value.rpartition('#')[2]}")  # type: ignore[union-attr]
            own = learned.curves[column if learned.many else 0]
            bounds = [
                wilson(good, n)
                for p, n, good in zip(own.cutoffs, own.cases, own.right, strict=True)
                if p <= guess.probability
            ]
            assert max(bounds) >= threshold
            assert guess.probability >= PLAN.floor


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_many_rows_pass_where_each_alone_does(data: st.DataObject) -> None:
    many = data.draw(st.booleans())
    learned = next(one for one in small().learned.values() if one.many is many)
    width = len(learned.values)
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    logits = rng.normal(size=(6, width)) * 2
    allowed = rng.random((6, width)) < 0.8
    allowed[~allowed.any(axis=1), 0] = True
    least = st.one_of(st.none(), st.floats(0, 1))
    cuts = data.draw(st.lists(least, min_size=width, max_size=width))
    p = spread(logits, allowed, many=many)
    found = passes(p, allowed, cuts, many=many)
    for n in range(6):
        gone = {v for k, v in enumerate(learned.values) if not allowed[n, k]}
        alone = passing(learned, logits[n], gone, cuts)
        assert set(np.flatnonzero(found[n])) == {column for column, _, _ in alone}
        assert [p[n, column] for column, _, _ in alone] == pytest.approx([q for *_, q in alone])


@dataclass(frozen=True)
class Seen:
    """All that a workspace shows, and how what it says of its own things stands."""

    graphs: dict[NamedNode, frozenset[Fact]]
    facts: dict[Fact, tuple[Kind | None, float] | None]


def seen(workspace: Workspace) -> Seen:
    layer: Layer = workspace.layer()
    return Seen(
        {graph: frozenset(facts) for graph, facts in workspace.state.graphs.items()},
        {
            fact: (layer.kind(fact), round(layer.confidence(fact), 6))
            if str(ID) in str(fact.subject)
            else None
            for fact in layer.facts()
        },
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return taught(tmp_path_factory.mktemp("manners") / "w")


MANNERS = settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.slow
@MANNERS
@given(data=st.data())
def test_what_is_rejected_leaves_nothing_and_comes_back_exactly(
    workspace: Workspace, data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(kept(workspace)))
    before = seen(workspace)
    found = consequences(workspace, edits.reject(workspace.state, "mine", one.fact))
    assert seen(workspace) == before
    workspace.apply(found.difference)
    after = seen(workspace)
    # A workspace that never had the guess concludes the same.
    assert seen(Workspace.open(workspace.folder)) == after
    assert {fact for fact, _ in found.lost} == set(before.facts) - set(after.facts)
    assert {fact for fact, _ in found.gained} == set(after.facts) - set(before.facts)
    changed = {f for f in before.facts.keys() & after.facts if before.facts[f] != after.facts[f]}
    assert changed == {shift.fact for shift in found.shifts}
    assert one.fact not in {other.fact for other in kept(workspace)}
    for bar in (0.0, 0.5, 0.95):
        again = guesses.reason(workspace, threshold=bar).edit.patch
        assert one.fact not in {
            Fact(q.fact.object.subject, q.fact.object.predicate, q.fact.object.object)  # type: ignore[union-attr]
            for q in again.add
            if q.fact.predicate.value.endswith("reifies")
        }
    workspace.undo()
    assert seen(workspace) == before


@MANNERS
@given(data=st.data())
def test_what_is_confirmed_is_asserted_and_is_guessed_no_more(
    workspace: Workspace, data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(kept(workspace)))
    before = seen(workspace)
    found = consequences(workspace, edits.confirm(workspace.state, "mine", one.fact))
    workspace.apply(found.difference)
    assert workspace.layer().kind(one.fact) is Kind.ASSERTED
    assert one.fact not in {other.fact for other in kept(workspace)}
    assert one.fact in {shift.fact for shift in found.shifts}
    workspace.apply(guesses.reason(workspace).edit)
    assert one.fact not in {other.fact for other in kept(workspace)}
    assert workspace.layer().kind(one.fact) is Kind.ASSERTED
    while seen(workspace).graphs != before.graphs:
        workspace.undo()
    assert seen(workspace) == before


@MANNERS
@given(data=st.data())
def test_an_answer_is_one_revision_that_says_what_reasoning_anew_would(
    workspace: Workspace, data: st.DataObject
) -> None:
    yes = data.draw(st.booleans())
    one = data.draw(st.sampled_from(ask(workspace, threshold=0.999).questions))
    value = one.value or data.draw(st.sampled_from([value for value, _ in one.options]))
    before = seen(workspace)
    revision = workspace.revision
    found = answer(workspace, one.item, one.attribute, value, yes=yes)
    workspace.apply(found.edit)
    assert workspace.revision == revision + 1
    layer = workspace.layer()
    assert (layer.kind(found.fact) is Kind.ASSERTED) is yes
    now = {other.fact for other in kept(workspace)}
    assert found.fact not in now
    assert {fact for fact, _ in found.passed} <= now
    assert not {fact for fact, _ in found.fallen} & now
    assert not guesses.reason(workspace).edit.patch
    workspace.undo()
    assert seen(workspace) == before
