"""What no graph can supply: conditions that nothing asserts, computes or derives.

A property can be supplied if the ontology declares it or states something with it, if a measure
computes it, or if a rule that can itself be reached concludes it. A class or concept that is asked
for by name must be known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wearwhy.errors import RuleWarning, nearest
from wearwhy.rdf import OWL, RDF, RDFS, SKOS, TYPE, XSD, Fact, NamedNode, curie
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Atom, Negation, Rule, TriplePattern

_PROPERTIES: Final = frozenset(
    OWL[name] for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
) | {RDF.Property}
# Vocabularies that any graph may use, declared or not.
_FREE: Final = (str(RDF), str(RDFS), str(OWL), str(SKOS), str(XSD))


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """What there is to be asked for.

    Attributes:
        properties: that something may be said with.
        things: classes, concepts and individuals that something is said of.
        own: the namespaces in which everything is declared; names of others are left alone.
    """

    properties: frozenset[NamedNode]
    things: frozenset[NamedNode]
    own: tuple[str, ...]


def supply(facts: Iterable[Fact], measures: Iterable[Measure], own: tuple[str, ...]) -> Supply:
    """Return what an ontology and its measures supply."""
    known = tuple(facts)
    properties = {f.predicate for f in known} | {m.iri for m in measures}
    properties |= {
        f.subject
        for f in known
        if f.predicate == TYPE and f.object in _PROPERTIES and isinstance(f.subject, NamedNode)
    }
    things = {node for f in known for node in (f.subject, f.object) if isinstance(node, NamedNode)}
    return Supply(frozenset(properties), frozenset(things), own)


def unreachable(rules: Iterable[Rule], there: Supply) -> Iterator[RuleWarning]:
    """Yield the conditions that nothing can meet.

    Codes: WW-LINT-UNREACHABLE, of a condition that a rule needs, and so of all of the rule;
    WW-LINT-IDLE-NOT, of a NOT that nothing can break.
    """
    todo = list(rules)
    properties = set(there.properties)
    things = set(there.things)
    reached: set[NamedNode] = set()
    while True:
        new = [
            rule
            for rule in todo
            if rule.iri not in reached
            and all(_there(atom, properties, things, there) for atom in _positive(rule))
        ]
        if not new:
            break
        for rule in new:
            reached.add(rule.iri)
            for atom in rule.head:
                properties |= {t for t in (atom.predicate,) if isinstance(t, NamedNode)}
                things |= {t for t in (atom.subject, atom.object) if isinstance(t, NamedNode)}
    for rule in todo:
        for atom in _positive(rule):
            if not _there(atom, properties, things, there):
                yield RuleWarning(
                    "WW-LINT-UNREACHABLE",
                    f"{curie(rule.iri)} can never fire: nothing supplies {_missing(atom, properties, things, there)}.",
                    note="A property is supplied by what the ontology declares, by a measure, or by a rule that can fire.",
                    hint=_near(atom, properties, things, there),
                    place=rule.place,
                )
        for element in rule.body:
            if isinstance(element, Negation):
                for inner in element.body:
                    if isinstance(inner, Atom) and not _there(inner, properties, things, there):
                        yield RuleWarning(
                            "WW-LINT-IDLE-NOT",
                            f"A NOT in {curie(rule.iri)} never blocks: nothing supplies {_missing(inner, properties, things, there)}.",
                            note="A NOT whose pattern nothing can match is always met.",
                            hint=_near(inner, properties, things, there),
                            place=rule.place,
                        )


def _positive(rule: Rule) -> list[Atom]:
    return [element for element in rule.body if isinstance(element, Atom)]


def _is_own(name: NamedNode, there: Supply) -> bool:
    return name.value.startswith(there.own) and not name.value.startswith(_FREE)


def _lacks(
    atom: Atom, properties: set[NamedNode], things: set[NamedNode], there: Supply
) -> NamedNode | None:
    """Return the name in an atom that nothing supplies."""
    name = atom.predicate
    if isinstance(name, NamedNode) and _is_own(name, there) and name not in properties:
        return name
    for term in (atom.subject, atom.object):
        if isinstance(term, TriplePattern):
            continue
        if isinstance(term, NamedNode) and _is_own(term, there) and term not in things:
            return term
    return None


def _there(atom: Atom, properties: set[NamedNode], things: set[NamedNode], there: Supply) -> bool:
    return _lacks(atom, properties, things, there) is None


def _missing(atom: Atom, properties: set[NamedNode], things: set[NamedNode], there: Supply) -> str:
    found = _lacks(atom, properties, things, there)
    assert found is not None
    return curie(found)


def _near(atom: Atom, properties: set[NamedNode], things: set[NamedNode], there: Supply) -> str:
    found = _lacks(atom, properties, things, there)
    assert found is not None
    among = properties if found == atom.predicate else things
    near = nearest(curie(found), [curie(name) for name in among if name != found])
    return f"Did you mean {near}?" if near else ""
