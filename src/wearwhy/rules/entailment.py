"""Whether one graph follows from another under OWL 2 RL or RDFS.

Three ways, each with the same rules run once more and none added:

- *matching*: the conclusion maps into the closure, its blank nodes read as "something";
- *refutation*: no rule concludes that two things differ or that something is in no class, but
  seventeen conclude a contradiction: what would make the conclusion false is added, and refuted;
- *freezing*: an axiom that is an implication (transitive, symmetric, subclass, domain …) is tried on
  names that the graph does not mention.

What these do not reach is not shown to be false: the profile's rules are sound, and complete only
for the assertions that its theorem PR1 names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from pyoxigraph import Quad, Store

from wearwhy.rdf import OWL, RDF, RDFS, TYPE, BlankNode, Fact, Literal, NamedNode, Node
from wearwhy.rules.model import Rule
from wearwhy.rules.standard import clashes, closed, plain, without_blanks

_FRESH: Final = [NamedNode(f"urn:wearwhy:some:{name}") for name in "xyz"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement to be shown by running the rules once more.

    Attributes:
        given: what to add to the premises.
        wanted: what must follow; None asks for a contradiction.
    """

    given: tuple[Fact, ...]
    wanted: Fact | None = None


def entails(
    rules: Sequence[Rule],
    premises: Iterable[Fact],
    conclusion: Iterable[Fact],
    *,
    extensional: bool = True,
) -> bool:
    """Return whether a graph follows from another; from a contradiction everything does.

    Args:
        rules: those of OWL 2 RL, or of RDFS.
        premises: the graph.
        conclusion: what may follow from it.
        extensional: whether an axiom holds as soon as what it implies does, as in OWL and not in
            RDFS; then conclusions are refuted and frozen too.

    Raises:
        NotStratified, BudgetExceeded: as `standard.closed`.
    """
    given = without_blanks(premises)
    wanted = tuple(conclusion)
    layer = closed(rules, given, asked=wanted)
    if clashes(layer):
        return True
    facts = plain(layer.facts())
    rest, claims = _claims(wanted, facts) if extensional else (wanted, [])
    return _maps_into(rest, facts) and all(_holds(rules, given, claim) for claim in claims)


def _holds(rules: Sequence[Rule], given: tuple[Fact, ...], claim: Claim) -> bool:
    layer = closed(rules, (*given, *claim.given))
    if claim.wanted is None:
        return bool(clashes(layer))
    return layer.holds(claim.wanted) or bool(clashes(layer))


def _claims(conclusion: tuple[Fact, ...], known: set[Fact]) -> tuple[Sequence[Fact], list[Claim]]:
    """Return what is to be matched, and what is to be shown otherwise."""
    rest = dict.fromkeys(conclusion)
    claims: list[Claim] = []
    for fact in conclusion:
        if fact.predicate == TYPE and fact.object == OWL.AllDifferent:
            used, members = _members(fact.subject, rest)
            if members and not _maps_into(used, known):
                for gone in used:
                    rest.pop(gone, None)
                claims += [_different(one, other) for one, other in combinations(members, 2)]
        elif fact.predicate == OWL.complementOf and isinstance(fact.subject, BlankNode):
            inside = [f for f in rest if f.predicate == TYPE and f.object == fact.subject]
            about = [fact, *inside, *(f for f in rest if f.subject == fact.subject)]
            if inside and not _maps_into(about, known):
                for gone in about:
                    rest.pop(gone, None)
                claims += [Claim((Fact(one.subject, TYPE, fact.object),)) for one in inside]
    for fact in list(rest):
        claim = None if fact in known or _blank(fact) else _single(fact)
        if claim is not None:
            del rest[fact]
            claims.append(claim)
    return list(rest), claims


def _different(one: Node, other: Node) -> Claim:
    return Claim((Fact(one, OWL.sameAs, other),))


def _members(node: Node, facts: Iterable[Fact]) -> tuple[list[Fact], list[Node]]:
    used = [fact for fact in facts if fact.subject == node]
    cell = next(
        (f.object for f in used if f.predicate in (OWL.members, OWL.distinctMembers)), RDF.nil
    )
    members: list[Node] = []
    while cell != RDF.nil:
        here = [fact for fact in facts if fact.subject == cell and fact not in used]
        used += here
        members += [fact.object for fact in here if fact.predicate == RDF.first]
        cell = next((fact.object for fact in here if fact.predicate == RDF.rest), RDF.nil)
    return used, members


def _single(fact: Fact) -> Claim | None:
    """Return how to show a statement that the closure does not have, if there is a way."""
    x, y, z = _FRESH
    subject, predicate, found = fact
    if predicate == OWL.differentFrom:
        return _different(subject, found)
    if not isinstance(subject, NamedNode):
        return None
    if predicate == TYPE:
        return {
            OWL.TransitiveProperty: Claim(
                (Fact(x, subject, y), Fact(y, subject, z)), Fact(x, subject, z)
            ),
            OWL.SymmetricProperty: Claim((Fact(x, subject, y),), Fact(y, subject, x)),
            OWL.AsymmetricProperty: Claim((Fact(x, subject, y), Fact(y, subject, x))),
            OWL.IrreflexiveProperty: Claim((Fact(x, subject, x),)),
        }.get(found)  # type: ignore[arg-type]
    if predicate == RDFS.subClassOf:
        return Claim((Fact(x, TYPE, subject),), Fact(x, TYPE, found))
    if predicate == RDFS.subPropertyOf and isinstance(found, NamedNode):
        return Claim((Fact(x, subject, y),), Fact(x, found, y))
    if predicate == RDFS.domain:
        return Claim((Fact(x, subject, y),), Fact(x, TYPE, found))
    if predicate == RDFS.range:
        return Claim((Fact(x, subject, y),), Fact(y, TYPE, found))
    if predicate == OWL.disjointWith:
        return Claim((Fact(x, TYPE, subject), Fact(x, TYPE, found)))
    return None


def _blank(fact: Fact) -> bool:
    return isinstance(fact.subject, BlankNode) or isinstance(fact.object, BlankNode)


def _maps_into(pattern: Sequence[Fact], facts: Iterable[Fact]) -> bool:
    """Return whether a graph maps into another, its blank nodes read as "something"."""
    store = Store()
    store.bulk_extend(
        Quad(fact.subject, fact.predicate, fact.object)
        for fact in facts
        if isinstance(fact.subject, NamedNode | BlankNode)
    )

    def text(node: Node) -> str:
        # A label of the store's is no name in a query: there it stands for a variable.
        return f"?b{node.value}" if isinstance(node, BlankNode) else str(node)

    if any(isinstance(fact.subject, Literal) for fact in pattern):
        return False
    parts = " . ".join(f"{text(f.subject)} {f.predicate} {text(f.object)}" for f in pattern)
    return bool(store.query(f"ASK {{ {parts} }}"))
