"""Closures under OWL 2 RL as sets: ours, those of `reasonable`, and those of nemo.

Compared after merged names are told in full, and without what `standard.trivial` names. nemo runs
our rules, each property a predicate of its own, and those of equality as they are written; what is
given to it is written here from numbers and never a user's text.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import rdflib
from benchmarks.fashion import generated
from pyoxigraph import BlankNode, Literal
from tests.universities import U, university

from wearwhy.rdf import OWL, RDFS, RULE, TYPE, WW, Fact, NamedNode, Node
from wearwhy.rules.equality import SAMENESS
from wearwhy.rules.model import Atom, Call, Filter, Rule, Var
from wearwhy.rules.specialise import schema_predicates, specialised
from wearwhy.rules.standard import alive, closed, owl2_rl, plain, trivial, without_blanks

RULES = tuple(rule for rule in owl2_rl() if not rule.iri.value.partition("#")[2].startswith("dt-"))
CASES = [
    *((f"university-{size}-{seed}", without_blanks(university(size, seed))) for size, seed in (
        (120, 1), (200, 2), (400, 3),
    )),
    ("wardrobe-600", without_blanks(generated(600).facts)),
    ("wardrobe-3000", without_blanks(generated(3_000).facts)),
]  # fmt: skip

NOT_IN_REASONABLE = frozenset((f"{RULE}prp-spo2", f"{RULE}cls-oo"))
"""Rules that `reasonable` 0.4.4 does not have: chains and oneOf. Of table 9, the rules that conclude
axioms, it has a part; so axioms must be among ours, and all else must be equal."""


def told(facts: Iterable[Fact]) -> set[Fact]:
    return {fact for fact in plain(facts) if not trivial(fact) and fact.predicate != WW.clash}


@pytest.mark.parametrize(("name", "facts"), CASES, ids=[name for name, _ in CASES])
def test_nemo_concludes_the_same(name: str, facts: tuple[Fact, ...]) -> None:
    nmo = pytest.importorskip("nmo_python", reason="nemo-python comes with the test extra")
    del name
    layer = closed(RULES, facts)
    text, predicates, terms = program(RULES, facts)
    engine = nmo.NemoEngine(nmo.load_string(text))
    engine.reason()
    nodes = {f'"{short}"': node for node, short in terms.items()}
    found = {
        Fact(nodes[subject], predicate, nodes[obj])
        for predicate, short in predicates.items()
        for subject, obj in engine.result(short)
    }
    assert told(layer.facts()) == told(found)


def program(
    rules: tuple[Rule, ...], facts: tuple[Fact, ...]
) -> tuple[str, dict[NamedNode, str], dict[Node, str]]:
    """Return rules and facts as a program of nemo, with its names for properties and terms."""
    predicates: dict[NamedNode, str] = {}
    terms: dict[Node, str] = {}

    def name(predicate: NamedNode) -> str:
        return predicates.setdefault(predicate, f"p{len(predicates)}")

    def term(node: object) -> str:
        if isinstance(node, Var):
            return f"?{node.name.replace('.', '_')}"
        assert isinstance(node, NamedNode | BlankNode | Literal)
        return f'"{terms.setdefault(node, f"t{len(terms)}")}"'

    def atom(one: Atom | Fact) -> str:
        assert isinstance(one.predicate, NamedNode)
        return f"{name(one.predicate)}({term(one.subject)}, {term(one.object)})"

    def test(one: Filter) -> str:
        call = one.expression
        assert isinstance(call, Call)
        (same,) = call.args
        assert isinstance(same, Call)
        assert (call.name, same.name) == ("!", "SAMETERM")
        return f"{term(same.args[0])} != {term(same.args[1])}"

    lines = [f"{atom(fact)} ." for fact in facts]
    schema = [f for f in facts if f.predicate in schema_predicates()]
    live = alive(rules, facts)
    for rule in specialised([r for r in live if r.iri.value not in SAMENESS], schema):
        body = [atom(e) if isinstance(e, Atom) else test(e) for e in rule.body]  # type: ignore[arg-type]
        given = f" :- {', '.join(body)}" if body else ""
        lines += [f"{atom(head)}{given} ." for head in rule.head]
    same = name(OWL.sameAs)
    lines += [f"{same}(?y, ?x) :- {same}(?x, ?y) ."]
    lines += [f"{same}(?x, ?z) :- {same}(?x, ?y), {same}(?y, ?z) ."]
    for short in list(predicates.values()):
        lines.append(f"{short}(?z, ?y) :- {same}(?x, ?z), {short}(?x, ?y) .")
        lines.append(f"{short}(?x, ?z) :- {same}(?y, ?z), {short}(?x, ?y) .")
    exports = [f"@export {short} :- csv {{}} ." for short in predicates.values()]
    return "\n".join((*exports, *lines)) + "\n", predicates, terms


def about_things(facts: set[Fact]) -> set[Fact]:
    """Return what is said of things, and not of classes and properties in words of OWL."""
    names = (str(OWL), str(RDFS))
    return {
        f for f in facts if f.predicate == OWL.sameAs or not f.predicate.value.startswith(names)
    }


def by_reasonable(facts: Iterable[Fact]) -> set[Fact]:
    reasonable = pytest.importorskip("reasonable", reason="reasonable comes with the test extra")
    graph = rdflib.Graph()
    text = "\n".join(f"{f.subject} {f.predicate} {f.object} ." for f in facts)
    graph.parse(data=text, format="nt")
    reasoner = reasonable.PyReasoner()
    reasoner.from_graph(graph)
    return {Fact(node(s), node(p), node(o)) for s, p, o in reasoner.reason()}  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "facts"), CASES, ids=[name for name, _ in CASES])
def test_reasonable_concludes_the_same_with_the_rules_that_it_has(
    name: str, facts: tuple[Fact, ...]
) -> None:
    del name
    # It takes any two values of an inverse functional property for one: see below.
    given = tuple(f for f in facts if f.object != OWL.InverseFunctionalProperty)
    rules = [rule for rule in RULES if rule.iri.value not in NOT_IN_REASONABLE]
    found = told(by_reasonable(given))
    assert about_things(told(closed(rules, given).facts())) == about_things(found)
    assert found <= told(closed(RULES, given).facts())


def test_reasonable_merges_things_whose_inverse_functional_values_differ() -> None:
    given = (
        Fact(U.badge, TYPE, OWL.InverseFunctionalProperty),
        Fact(U.p31, U.badge, U.b65),
        Fact(U.p13, U.badge, U.b88),
    )
    same = Fact(U.p13, OWL.sameAs, U.p31)
    assert same in by_reasonable(given), "it was mended: compare these properties too"
    assert not closed(RULES, given).holds(same)


def node(term: object) -> Node:
    language, datatype = getattr(term, "language", None), getattr(term, "datatype", None)
    if type(term).__name__ == "Literal":
        if language:
            return Literal(str(term), language=language)
        if datatype:
            return Literal(str(term), datatype=NamedNode(str(datatype)))
        return Literal(str(term))
    return NamedNode(str(term))


def test_a_university_uses_every_part_that_is_compared() -> None:
    layer = closed(RULES, without_blanks(university(400, 3)))
    fired = {layer.firing(f).rule.value for f in layer.facts() if layer.firing(f) is not None}  # type: ignore[union-attr]
    names = {iri.partition("#")[2].partition("%5B")[0] for iri in fired}
    assert {
        *("prp-dom", "prp-rng", "prp-spo1", "prp-spo2", "prp-trp", "prp-symp", "prp-inv1"),
        *("prp-eqp1", "cls-int1", "cls-uni", "cls-oo", "cls-svf1", "cls-svf2", "cls-avf"),
        *("cls-hv2", "cax-sco", "scm-sco", "sameAs"),
    } <= names
    assert any(fact.predicate == TYPE and fact.object == U.Chair for fact in layer.facts())
