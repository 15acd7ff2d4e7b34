"""What a closing may cost: it stops, says which rule it was, and leaves everything as it was."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import pytest

from wearwhy.errors import BudgetExceeded, NotStratified, RuleError
from wearwhy.rdf import WW, Fact, Literal, Namespace
from wearwhy.rules.budget import Budget, Meter, resident
from wearwhy.rules.descriptions import described
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.rules.syntax import parse
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.layers import Layers
from wearwhy.workspace.state import State, patched

EX = Namespace("https://example.org/")
PREFIXES = """PREFIX ex: <https://example.org/>
PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
CROSS = """DATA { ex:cross rdfs:label "each beside each"@en }
RULE ex:cross { ?x ex:near ?y } WHERE { ?x ex:is ?a . ?y ex:is ?b }"""
REACH = """DATA { ex:reach rdfs:label "what is behind"@en }
RULE ex:reach { ?x ex:reach ?z } WHERE { ?x ex:reach ?y . ?y ex:next ?z }"""


def rules(text: str) -> tuple[Rule, ...]:
    return described(parse(PREFIXES + text, "own.srl"))


def many(number: int) -> list[Fact]:
    return [Fact(EX[f"n{n}"], EX["is"], EX.thing) for n in range(number)]


def chain(number: int) -> list[Fact]:
    # From its end, so that no step is taken before the one before it is known.
    steps = [Fact(EX[f"n{n}"], EX["next"], EX[f"n{n + 1}"]) for n in reversed(range(number))]
    return [Fact(EX.n0, EX.reach, EX.n0), *steps]


def refused(base: Layer, change: Change, budget: Budget) -> BudgetExceeded:
    before = set(base.facts())
    with pytest.raises(BudgetExceeded) as caught:
        base.child(change, budget=budget)
    assert set(base.facts()) == before
    assert gc.isenabled()
    # What was begun is in nobody's way.
    new = Fact(EX.more, EX["is"], EX.well)
    assert set(base.child(Change(add=(new,))).facts()) == {*before, new}
    return caught.value


def test_a_product_of_all_with_all_stops_and_its_rule_is_named_with_label_and_place() -> None:
    error = refused(
        Layer.root((), (), many(100)), Change(rules_add=rules(CROSS)), Budget(conclusions=5000)
    )
    assert error.code == "WW-BUDGET-FACTS"
    assert "<https://example.org/cross> (each beside each)" in error.sentence
    assert "5,000" in error.sentence
    assert error.place is not None
    assert (error.place.file, error.place.line) == ("own.srl", 5)


def test_a_chain_longer_than_the_rounds_allowed_stops() -> None:
    base = Layer.root(rules(REACH), (), ())
    error = refused(base, Change(add=tuple(chain(40))), Budget(rounds=20))
    assert error.code == "WW-BUDGET-ROUNDS"
    assert "what is behind" in error.sentence
    enough = base.child(Change(add=tuple(chain(40))), budget=Budget(rounds=60))
    assert enough.holds(Fact(EX.n0, EX.reach, EX.n40))


def test_a_product_that_would_fill_the_memory_stops() -> None:
    if not resident():
        pytest.skip("the system does not tell how much memory a process has")
    error = refused(
        Layer.root((), (), many(3000)), Change(rules_add=rules(CROSS)), Budget(memory=20)
    )
    assert error.code == "WW-BUDGET-MEMORY"
    assert "20 MiB" in error.sentence
    assert "ex" in error.sentence


def test_a_search_that_finds_nothing_stops_on_time() -> None:
    text = """RULE ex:search { ?w ex:near ?z }
    WHERE { ?w ex:is ex:thing . ?x ex:is ex:thing . ?y ex:is ex:thing . ?z ex:is ex:thing
    FILTER(?w = ex:nobody && ?z = ex:none) }"""
    error = refused(
        Layer.root((), (), many(150)), Change(rules_add=rules(text)), Budget(seconds=0.2)
    )
    assert error.code == "WW-BUDGET-TIME"
    assert "search" in error.sentence


def test_closing_whole_properties_at_once_keeps_the_same_budgets() -> None:
    def close(text: str, facts: list[Fact], budget: Budget) -> str:
        with pytest.raises(BudgetExceeded) as caught:
            Layer.root(rules(text), (), facts, budget=budget, arrays_from=0)
        assert caught.value.place is not None
        return caught.value.code

    assert close(CROSS, many(100), Budget(conclusions=5000)) == "WW-BUDGET-FACTS"
    assert close(REACH, chain(40), Budget(rounds=20)) == "WW-BUDGET-ROUNDS"
    assert close(CROSS, many(3000), Budget(seconds=0.05)) == "WW-BUDGET-TIME"


def test_a_rule_that_counts_up_for_ever_is_refused_before_it_begins() -> None:
    base = Layer.root((), (), [Fact(EX.a, EX.n, Literal(1))])
    endless = rules("RULE ex:count { ?x ex:n ?m } WHERE { ?x ex:n ?k SET(?m := ?k + 1) }")
    with pytest.raises(NotStratified, match="count") as caught:
        base.child(Change(rules_add=endless))
    assert caught.value.place is not None


def test_a_budget_holds_for_every_layer_above() -> None:
    base = Layer.root((), (), many(100), budget=Budget(conclusions=5000))
    request = base.child(Change(add=(Fact(EX.r, EX["is"], EX.request),)))
    with pytest.raises(BudgetExceeded, match="5,000"):
        request.child(Change(rules_add=rules(CROSS)))
    with pytest.raises(BudgetExceeded, match="5,000"):
        request.flattened(base).child(Change(rules_add=rules(CROSS)))


def test_a_rule_is_told_where_it_stands_now() -> None:
    (old,) = rules(CROSS)
    assert old.place is not None
    meter = Meter(Budget(rounds=0), {old.iri: replace(old, place=replace(old.place, line=99))})
    meter.rule = old
    with pytest.raises(BudgetExceeded) as caught:
        meter.turn()
    assert caught.value.place is not None
    assert caught.value.place.line == 99


# -- a workspace ---------------------------------------------------------------------------------


def edit_of(name: str, text: str) -> Edit:
    graph = graph_name("base", "rules", name)
    quad = Quad(graph, Fact(graph, WW.text, Literal(PREFIXES + text)))
    return Edit(Patch(add=(quad,)), f"apply {name}", "base")


def test_a_workspace_stays_as_it_was_where_a_rule_exceeds_its_settings(tmp_path: Path) -> None:
    space = Workspace.init(tmp_path / "W")
    (tmp_path / "W" / "wearwhy.toml").write_text("budget_conclusions = 30_000\n", "utf-8")
    space = Workspace.open(tmp_path / "W")
    before = space.base
    runaway = edit_of("own", "RULE ex:all { ?x ex:near ?y } WHERE { ?x a ?a . ?y a ?b }")
    for _ in range(2):
        with pytest.raises(RuleError, match=r"all.* takes more than 30,000 conclusions"):
            space.preview(runaway)
    assert space.revision == 0
    assert space.base is before
    space.apply(runaway)
    with pytest.raises(BudgetExceeded):
        _ = space.base
    space.undo()
    assert space.base is before


# -- an interrupt --------------------------------------------------------------------------------


@contextmanager
def interrupted(after: float) -> Iterator[None]:
    """Interrupt what is done here after some seconds, as Ctrl-C does."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    known = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, known)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
def test_an_interrupt_at_any_moment_leaves_the_layers_and_the_table_of_terms_whole() -> None:
    link = "RULE ex:link { ?x ex:near ?y } WHERE { ?x ex:is ?a . ?y ex:is ?a FILTER(?x != ?y) }"
    base = Layer.root(rules(link), (), many(4))
    before = set(base.facts())
    fresh = "RULE ex:fresh { ?x ex:has _:b } WHERE { ?x ex:near ?y }"
    change = Change(add=tuple(many(40)), rules_add=rules(fresh))
    whole = set(Layer.root(rules(link), (), many(4)).child(change).facts())
    stopped = 0
    for number in range(40):
        try:
            with interrupted(0.0005 * (number + 1)):
                base.child(change)
        except KeyboardInterrupt:
            stopped += 1
        assert gc.isenabled()
        assert set(base.facts()) == before
        nodes = base.interner.nodes
        assert all(nodes[base.interner.id(node)] == node for node in list(nodes))
    assert stopped
    assert set(base.child(change).facts()) == whole


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
def test_an_interrupt_leaves_a_workspaces_layers_as_they_were(tmp_path: Path) -> None:
    bundle = Workspace.init(tmp_path / "W").bundled
    layers = Layers(bundle, tmp_path)
    empty = State(0, {})
    base = layers.base(empty)
    slow = edit_of("own", "RULE ex:all { ?x ex:near ?y } WHERE { ?x a ?a . ?y a ?b }")
    later = patched(empty, slow.patch.add, ())
    with pytest.raises(KeyboardInterrupt), interrupted(0.4):
        layers.base(later)
    assert layers.base(empty) is base
    assert layers.wardrobe(empty, "mine") is base
