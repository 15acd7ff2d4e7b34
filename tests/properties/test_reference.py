"""The resident engine and the SPARQL reference draw the same conclusions."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode
from tests.properties.programs import facts, programs

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, Namespace
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import Aggregate, Measure, Step
from wearwhy.rules.model import Atom, Negation, Rule, Var
from wearwhy.rules.reference import infer

EX = Namespace("https://example.org/")
X, Y, Z = Var("x"), Var("y"), Var("z")


def concluded(layer: Layer) -> set[Fact]:
    return {f for f in layer.facts() if layer.kind(f) in (Kind.DERIVED, Kind.COMPUTED)}


@given(programs(), st.lists(facts(), max_size=14), st.randoms())
@settings(max_examples=120, deadline=None)
def test_the_resident_engine_concludes_what_the_reference_concludes(
    rules: tuple[Rule, ...], given_facts: list[Fact], order: Random
) -> None:
    expected = infer(rules, given_facts)
    shuffled = list(rules)
    order.shuffle(shuffled)
    order.shuffle(given_facts)
    assert concluded(Layer.root(shuffled, (), given_facts)) == expected


@st.composite
def wardrobes(draw: st.DrawFn) -> list[Fact]:
    """Looks with items, items with numbers; some items have none or two."""
    items = [EX[f"i{n}"] for n in range(draw(st.integers(0, 5)))]
    values = st.lists(st.decimals(-400, 400, places=1), max_size=2, unique=True)
    found: list[Fact] = []
    for look in (EX.l1, EX.l2):
        found.append(Fact(look, RDF_TYPE, LOOK))
        chosen = draw(st.lists(st.sampled_from(items), unique=True)) if items else []
        found += [Fact(look, EX.has, item) for item in chosen]
    for item in items:
        found += [
            Fact(item, EX[name], Literal(str(value), datatype=DECIMAL))
            for name in ("hue", "turn")
            for value in draw(values)
        ]
    return found


RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
DECIMAL = NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
LOOK = NamedNode("https://w3id.org/wearwhy/ns#Look")


@given(wardrobes(), st.sampled_from([a for a in Aggregate if a is not Aggregate.DAYS_SINCE]))
@settings(max_examples=150, deadline=None)
def test_measures_have_the_values_the_reference_gives_them(
    given_facts: list[Fact], aggregate: Aggregate
) -> None:
    two = aggregate in (Aggregate.DIFFERENCE, Aggregate.ANGULAR_DISTANCE)
    path = (Step(EX.has), Step(EX.hue))
    to = (Step(EX.has), Step(EX.turn)) if two else ()
    measure = Measure(EX.measured, LOOK, aggregate, path, to)
    layer = Layer.root((), (measure,), given_facts)
    assert concluded(layer) == infer((), given_facts, (measure,))


def test_a_literal_may_be_a_subject_in_the_middle_of_a_derivation() -> None:
    rules = (
        Rule(EX.turned, (Atom(Y, EX.of, X),), (Atom(X, EX.p, Y),)),
        Rule(EX.back, (Atom(X, EX.q, Y),), (Atom(Y, EX.of, X),)),
    )
    known = [Fact(EX.a, EX.p, Literal("b"))]
    expected = {Fact(Literal("b"), EX.of, EX.a), Fact(EX.a, EX.q, Literal("b"))}
    assert infer(rules, known) == expected
    assert concluded(Layer.root(rules, (), known)) == expected


def test_a_fresh_node_is_made_for_each_solution() -> None:
    head = (Atom(BlankNode("e"), EX.of, X), Atom(BlankNode("e"), EX.to, Y))
    rules = (Rule(EX.event, head, (Atom(X, EX.p, Y),)),)
    known = [Fact(EX.a, EX.p, EX.b), Fact(EX.a, EX.p, EX.c)]
    for found in (infer(rules, known), concluded(Layer.root(rules, (), known))):
        made = {fact.subject for fact in found}
        assert len(found) == 4
        assert len(made) == 2
        assert all(isinstance(node, BlankNode) for node in made)


def test_a_rule_over_given_facts_reads_only_those_in_its_not_too() -> None:
    derive = Rule(EX.derive, (Atom(X, EX.q, Y),), (Atom(X, EX.p, Y),))
    absent = Negation((Atom(X, EX.q, Z),))
    given_only = Rule(EX.given, (Atom(X, EX.r, Y),), (Atom(X, EX.p, Y), absent), data=True)
    known = [Fact(EX.a, EX.p, EX.b)]
    for rules in ((derive, given_only), (given_only, derive)):
        expected = {Fact(EX.a, EX.q, EX.b), Fact(EX.a, EX.r, EX.b)}
        assert infer(rules, known) == expected
        base = Layer.root(rules, (), known)
        assert concluded(base) == expected
        more = Fact(EX.a, EX.p, EX.c)
        grown = base.child(Change(add=(more,)))
        assert concluded(grown) == infer(rules, [*known, more])


def test_a_body_without_patterns_has_one_solution() -> None:
    rules = (Rule(EX.always, (Atom(EX.a, EX.p, EX.b),), ()),)
    expected = {Fact(EX.a, EX.p, EX.b)}
    assert infer(rules, ()) == expected
    assert concluded(Layer.root(rules, (), ())) == expected
