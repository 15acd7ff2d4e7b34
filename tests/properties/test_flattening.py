"""A chain of layers made one says what the chain said, and is edited as it would be."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.programs import facts, programs, rules
from tests.properties.test_maintenance import proofs_stand, state

from wearwhy.rdf import Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule

RELAXED = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    kind = draw(st.integers(0, 4))
    fact = draw(facts())
    if kind == 0:
        return Change(remove=(fact,))
    if kind == 1:
        return Change(predict=((fact, draw(st.sampled_from([0.6, 0.9]))),))
    if kind == 2:
        return Change(unpredict=(fact,))
    if kind == 3:
        return Change(rules_add=(draw(rules(number=draw(st.integers(0, 5)))),))
    return Change(add=(fact,))


@RELAXED
@given(
    program=programs(),
    start=st.lists(facts(), min_size=4, max_size=10, unique=True),
    edits=st.lists(changes(), min_size=1, max_size=8),
    more=st.lists(changes(), max_size=4),
    place=st.integers(0, 8),
)
def test_a_flattened_chain_is_equal_and_stays_so_under_edits(
    program: tuple[Rule, ...],
    start: list[Fact],
    edits: list[Change],
    more: list[Change],
    place: int,
) -> None:
    layers = [Layer.root(program, (), start)]
    for edit in edits:
        layers.append(layers[-1].child(edit))
    below = None if place > len(edits) else layers[min(place, len(edits) - 1)]
    layer, flat = layers[-1], layers[-1].flattened(below)
    assert flat.below is below
    assert state(flat) == state(layer)
    assert {f: layer.probability(f) for f in layer.facts()} == {
        f: flat.probability(f) for f in flat.facts()
    }
    proofs_stand(flat)
    if below is not None:
        gained, lost = flat.changes()
        before, after = set(below.facts()), set(layer.facts())
        assert (set(gained), set(lost)) == (after - before, before - after)
    for edit in more:
        layer, flat = layer.child(edit), flat.child(edit)
        assert state(flat) == state(layer)
