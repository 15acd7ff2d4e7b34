"""OWL 2 RL and RDFS whole, for any RDF: their rules, and the closure of a graph under them.

The bundled ontology uses a few of these rules (`ww:off` in `ontology/rules/owl2-rl` says which it
does not); here all are on. Blank nodes are given names first, so that axioms compile into rules
about single properties; `plain` takes the names back.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from wearwhy.rdf import (
    OWL,
    RDF,
    RDFS,
    RULE,
    TYPE,
    WW,
    XSD,
    BlankNode,
    Fact,
    Literal,
    NamedNode,
    Node,
    Triple,
)
from wearwhy.rules.budget import Budget
from wearwhy.rules.constants import constants
from wearwhy.rules.descriptions import load
from wearwhy.rules.equality import SAMENESS
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Atom, Call, Filter, Rule, TriplePattern, Var
from wearwhy.rules.naming import bracketed, local
from wearwhy.rules.numbers import value_of
from wearwhy.rules.specialise import schema_predicates
from wearwhy.settings import assets

NAMED: Final = "urn:wearwhy:blank:"
_EQUAL: Final = RULE["dt-eq"]
_RDFS: Final = frozenset(
    f"{RULE}{name}" for name in ("prp-dom", "prp-rng", "scm-spo", "prp-spo1", "cax-sco", "scm-sco")
)
_RDF: Final = frozenset((f"{RULE}rdfD2", f"{RULE}rdf-axioms"))
_STEPS: Final = frozenset((WW.listCell, WW.listMember))


@cache
def _files(folder: Path) -> tuple[tuple[str, Rule], ...]:
    found = []
    for path in sorted((folder / "ontology" / "rules" / "owl2-rl").glob("*.srl")):
        read = load([path])
        if read.errors:
            raise read.errors[0]
        for rule in read.rules:
            on = replace(rule, description=replace(rule.description, off=False))
            found.append((path.stem, on))
    return tuple(found)


def owl2_rl() -> tuple[Rule, ...]:
    """Return every rule of OWL 2 RL, each named as in the tables of the profile."""
    return tuple(rule for file, rule in _files(assets()) if file != "rdfs")


def rdfs(recognised: Iterable[NamedNode] = ()) -> tuple[Rule, ...]:
    """Return the rules of RDFS; those that OWL 2 RL has too bear its names.

    Args:
        recognised: datatypes whose values are compared and whose ill-written literals clash.
    """
    return tuple(
        rule for file, rule in _files(assets()) if file == "rdfs" or rule.iri.value in _RDFS
    ) + _of_datatypes(recognised)


def rdf(recognised: Iterable[NamedNode] = ()) -> tuple[Rule, ...]:
    """Return the rules of RDF, which knows properties and no classes; otherwise as `rdfs`."""
    return tuple(rule for _, rule in _files(assets()) if rule.iri.value in _RDF) + _of_datatypes(
        recognised
    )


def _of_datatypes(recognised: Iterable[NamedNode]) -> tuple[Rule, ...]:
    known = frozenset(recognised)
    names = {local(datatype) for datatype in known}
    if not names:
        return ()
    return tuple(
        rule
        for file, rule in _files(assets())
        if rule.iri == _EQUAL
        or rule.iri.value in SAMENESS
        or (file == "datatypes" and rule.iri.value.rpartition("-")[2] in names)
        or (rule.iri.value.startswith(f"{RULE}dt-ill-") and constants(rule) & known)
    )


def closed(
    rules: Iterable[Rule],
    facts: Iterable[Fact],
    *,
    asked: Iterable[Fact] = (),
    budget: Budget | None = None,
) -> Layer:
    """Return the closure of a graph; rules that nothing can fire are left out.

    An axiom that is derived, other than by the rules of the schema (what those add follows from
    what they read), is compiled in like one that was stated, until none is new.

    Raises:
        NotStratified, BudgetExceeded: as `Layer.root`.
    """
    given = tuple(facts)
    chosen = _with_equal_values(tuple(rules), (*given, *asked))
    known: frozenset[Fact] = frozenset()
    while True:
        live = alive(chosen, (*given, *known))
        layer = Layer.root(live, (), given, axioms=known, budget=budget)
        found = frozenset(
            fact
            for predicate in schema_predicates()
            for fact in layer.match(None, predicate, None)
            if _states(fact) and _derived(layer, fact)
        )
        if found <= known:
            return layer
        known |= found


def _states(fact: Fact) -> bool:
    if fact.predicate == TYPE:
        return fact.object in schema_predicates(types=True)
    return fact.predicate in schema_predicates()


def _derived(layer: Layer, fact: Fact) -> bool:
    why = layer.firing(fact)
    return (
        why is not None
        and not why.rule.value.startswith(f"{RULE}scm-")
        and not why.rule.value.startswith(
            (f"{RULE}cls-thing", f"{RULE}cls-nothing", f"{RULE}prp-ap")
        )
    )


def alive(rules: Sequence[Rule], facts: Iterable[Fact]) -> tuple[Rule, ...]:
    """Return the rules whose every pattern some fact, or some conclusion of these, may match."""
    said: set[tuple[NamedNode, Node | None]] = set()
    for fact in facts:
        said.add((fact.predicate, None))
        if fact.predicate == TYPE:
            said.add((TYPE, fact.object))
    left = list(rules)
    live: list[Rule] = []
    anything = False
    while True:
        new = [
            rule
            for rule in left
            if anything or all(_may_match(e, said) for e in rule.body if isinstance(e, Atom))
        ]
        if not new:
            return tuple(rule for rule in rules if rule in set(live))
        live += new
        left = [rule for rule in left if rule not in new]
        for atom in itertools.chain.from_iterable(rule.head for rule in new):
            if isinstance(atom.predicate, NamedNode):
                said.add((atom.predicate, None))
                if atom.predicate == TYPE and not isinstance(atom.object, Var | TriplePattern):
                    said.add((TYPE, atom.object))
                elif atom.predicate == TYPE:
                    said.add((TYPE, TYPE))


def _may_match(atom: Atom, said: set[tuple[NamedNode, Node | None]]) -> bool:
    if not isinstance(atom.predicate, NamedNode) or atom.predicate in (
        WW.eachMember,
        WW.chainMember,
    ):
        return True
    if atom.predicate == TYPE and not isinstance(atom.object, Var | TriplePattern):
        # A type that some rule concludes by a variable may be any.
        return (TYPE, atom.object) in said or (TYPE, TYPE) in said
    return (atom.predicate, None) in said


def _with_equal_values(rules: tuple[Rule, ...], facts: Iterable[Fact]) -> tuple[Rule, ...]:
    """Replace dt-eq by a rule for each two literals of the graph whose values are equal."""
    written = next((rule for rule in rules if rule.iri == _EQUAL), None)
    if written is None:
        return rules
    same: dict[tuple[object, ...], dict[Literal, None]] = defaultdict(dict)
    for fact in facts:
        if isinstance(fact.object, Literal):
            key = value_of(fact.object)
            if key is not None:
                same[key][fact.object] = None
    pairs = [
        replace(
            written,
            iri=bracketed(_EQUAL, f"{local(first)},{local(other)},{number}"),
            head=(Atom(first, OWL.sameAs, other),),
            body=(Filter(Call("=", (first, other))),),
        )
        for number, (first, *others) in enumerate(map(tuple, same.values()))
        for other in others
    ]
    return (*(rule for rule in rules if rule.iri != _EQUAL), *pairs)


def without_blanks(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts with IRIs in place of blank nodes."""
    return tuple(Fact(_named(fact.subject), fact.predicate, _named(fact.object)) for fact in facts)


def _named(node: Node) -> Node:
    return NamedNode(NAMED + node.value) if isinstance(node, BlankNode) else node


def plain(facts: Iterable[Fact]) -> set[Fact]:
    """Return facts with their blank nodes again, without the steps of list axioms."""

    def blank(node: Node) -> Node:
        if isinstance(node, NamedNode) and node.value.startswith(NAMED):
            return BlankNode(node.value.removeprefix(NAMED))
        return node

    return {
        Fact(blank(fact.subject), fact.predicate, blank(fact.object))
        for fact in facts
        if fact.predicate not in _STEPS
    }


def clashes(layer: Layer) -> list[Fact]:
    """Return the contradictions found, in the order of their text."""
    return sorted(layer.match(None, WW.clash, None), key=str)


def trivial(fact: Fact) -> bool:
    """Return whether a fact is reflexive, or says what RDF, RDFS, OWL and XSD say of themselves.

    Closures are compared without these: reasoners differ in how many of them they write out.
    """
    if isinstance(fact.subject, Literal | Triple):
        return True
    if fact.subject == fact.object and fact.predicate in _REFLEXIVE:
        return True
    if fact.predicate == TYPE and fact.object in (OWL.Thing, RDFS.Resource):
        return True
    if fact.predicate == RDFS.subClassOf and (
        fact.object == OWL.Thing or fact.subject == OWL.Nothing
    ):
        return True
    return isinstance(fact.subject, NamedNode) and fact.subject.value.startswith(
        (str(RDF), str(RDFS), str(OWL), str(XSD))
    )


_REFLEXIVE: Final = frozenset(
    (
        *(OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty),
        *(RDFS.subClassOf, RDFS.subPropertyOf),
    )
)
