"""Over random programs: the shortest, the surest and all proofs are what a naive search finds."""

from __future__ import annotations

import math
from itertools import islice
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.programs import EX, NODES, PREDICATES, VARS, facts, programs

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.proof.backward import derivations
from wearwhy.proof.checker import Ground, check
from wearwhy.proof.choose import proofs, shortest, surest
from wearwhy.proof.prove import ground
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Description, Rule
from wearwhy.rules.solutions import solutions
from wearwhy.rules.substitute import in_atom

GRAPHS = st.lists(facts(), max_size=10, unique=True)
GUESSES = st.lists(st.tuples(facts(), st.sampled_from([0.5, 0.9])), max_size=3)
MANY = 40


def closed(
    rules: tuple[Rule, ...], said: list[Fact], guesses: list[tuple[Fact, float]]
) -> tuple[Layer, Ground]:
    unknown = {fact: guess for fact, guess in guesses if fact not in said}
    layer = Layer.root(rules, (), said).child(Change(predict=tuple(unknown.items())))
    return layer, ground(layer, rules)


def size(evidence: Evidence) -> int:
    """Count firings, one that is used twice counted twice."""

    def of(node: EvidenceNode) -> int:
        own = node.kind is Kind.DERIVED
        return own + sum(of(evidence.nodes[name]) for name in node.premises)

    return of(evidence.nodes[evidence.root])


def naive(layer: Layer) -> dict[Fact, dict[tuple[str, tuple[Fact, ...]], float]]:
    """Find every firing of every rule forwards, with the rule's confidence."""
    found: dict[Fact, dict[tuple[str, tuple[Fact, ...]], float]] = {f: {} for f in layer.facts()}
    for rule in layer.program.rules:
        for solution in solutions(rule, layer):
            atoms = [in_atom(a, solution) for a in (*rule.head, *rule.body) if isinstance(a, Atom)]
            head, *body = [Fact(a.subject, a.predicate, a.object) for a in atoms]  # type: ignore[arg-type]
            found[head][rule.iri.value, tuple(body)] = rule.description.confidence
    return found


@given(programs(), GRAPHS, GUESSES)
@settings(max_examples=60, deadline=None)
def test_derivations_are_the_firings_that_running_every_rule_forwards_finds(
    rules: tuple[Rule, ...], said: list[Fact], guesses: list[tuple[Fact, float]]
) -> None:
    layer, _ = closed(rules, said, guesses)
    for fact, expected in naive(layer).items():
        found = [(one.rule.value, one.premises) for one in derivations(layer, fact)]
        assert sorted(found, key=str) == sorted(expected, key=str)


@given(programs(), GRAPHS, GUESSES)
@settings(max_examples=60, deadline=None)
def test_no_proof_is_shorter_than_the_shortest_nor_surer_than_the_surest(
    rules: tuple[Rule, ...], said: list[Fact], guesses: list[tuple[Fact, float]]
) -> None:
    layer, truth = closed(rules, said, guesses)
    firings = naive(layer)
    leaves = {f for f in firings if layer.kind(f) in (Kind.ASSERTED, Kind.PREDICTED)}
    least = {f: 0.0 if f in leaves else math.inf for f in firings}
    best = {f: layer.confidence(f) if f in leaves else 0.0 for f in firings}
    for _ in firings:
        for fact, ways in firings.items():
            for (_, premises), sure in ways.items():
                least[fact] = min(least[fact], 1 + sum(least[p] for p in premises))
                product = sure * math.prod(best[p] for p in premises)
                best[fact] = max(best[fact], product)
    for fact in firings:
        short, sure_one = shortest(layer, fact), surest(layer, fact)
        assert check(short, truth) == []
        assert check(sure_one, truth) == []
        assert size(short) == least[fact]
        root = sure_one.nodes[sure_one.root]
        told = root.probability if root.kind is Kind.PREDICTED else root.confidence
        assert math.isclose(1.0 if told is None else told, best[fact], abs_tol=1e-8)


@given(programs(), GRAPHS, GUESSES, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_shortest_proof_does_not_depend_on_the_order_of_loading(
    rules: tuple[Rule, ...],
    said: list[Fact],
    guesses: list[tuple[Fact, float]],
    random: Random,
) -> None:
    layer, _ = closed(rules, said, guesses)
    mixed_rules, mixed_facts = list(rules), list(said)
    random.shuffle(mixed_rules)
    random.shuffle(mixed_facts)
    other, _ = closed(tuple(mixed_rules), mixed_facts, guesses)
    asked = list(layer.facts())
    random.shuffle(asked)
    for choose in (shortest, surest):
        ours = {fact: choose(layer, fact).root for fact in layer.facts()}
        theirs = {fact: choose(other, fact).root for fact in asked}
        assert ours == theirs


@given(programs(), GRAPHS, GUESSES)
@settings(max_examples=40, deadline=None)
def test_all_proofs_are_accepted_and_different_and_start_with_the_shortest(
    rules: tuple[Rule, ...], said: list[Fact], guesses: list[tuple[Fact, float]]
) -> None:
    layer, truth = closed(rules, said, guesses)
    firings = naive(layer)
    for fact in list(layer.facts()):
        found = list(islice(proofs(layer, fact), MANY))
        assert found[0] == shortest(layer, fact)
        assert len({frozenset(one.nodes) for one in found}) == len(found)
        assert all(check(one, truth) == [] for one in found)
        if len(found) < MANY:
            # Every derivation that is not circular stands at the root of some proof.
            last = {one.nodes[one.root].rule for one in found}
            sole = {
                rule
                for rule, premises in firings[fact]
                if all(layer.kind(p) is Kind.ASSERTED for p in premises) and fact not in premises
            }
            assert sole <= {getattr(rule, "value", None) for rule in last}


def test_a_proof_by_an_unsure_rule_says_so_where_a_sure_one_concludes_the_same() -> None:
    said = Fact(NODES[0], PREDICATES[0], NODES[0])
    head, body = Atom(VARS[0], PREDICATES[4], NODES[1]), Atom(VARS[0], PREDICATES[0], VARS[0])
    sure = Rule(NamedNode(EX + "r0"), (head,), (body, Atom(VARS[1], PREDICATES[0], VARS[2])))
    unsure = Rule(NamedNode(EX + "r1"), (head,), (body,), description=Description(confidence=0.5))
    layer, truth = closed((sure, unsure), [said], [])
    found = list(proofs(layer, Fact(NODES[0], PREDICATES[4], NODES[1])))
    assert [one.nodes[one.root].confidence for one in found] == [None, 0.5]
    assert [check(one, truth) for one in found] == [[], []]
