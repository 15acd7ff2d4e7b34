"""What the removal of a fact can bring about: which facts keep a pattern from appearing.

A program without NOT and measures only ever loses conclusions when facts go. With them a fact can
appear because another has gone. What may be behind that is read from the rules alone, so that it
is never too little: patterns, of which some fact must go before the asked pattern can appear.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from wearwhy.rdf import BlankNode, Node, Triple
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Atom, Negation, Rule, Term, TriplePattern, Var

Pattern: TypeAlias = tuple[Node | None, Node | None, Node | None]
"""Subject, predicate, object; None stands for any."""

_APPEARS, _GOES = True, False


def pattern_of(atom: Atom) -> Pattern:
    """Return an atom as a pattern; what is no plain term in it stands for any."""
    return _fixed(atom.subject), _fixed(atom.predicate), _fixed(atom.object)


def _fixed(term: Term) -> Node | None:
    return None if isinstance(term, Var | TriplePattern | BlankNode | Triple) else term


def unlocking(layer: Layer, wanted: Iterable[Pattern]) -> Iterator[tuple[Pattern, bool]]:
    """Yield the patterns of facts that must go before something wanted can newly appear.

    Args:
        layer: whose rules and measures are followed backwards.
        wanted: patterns that nothing matches, or only guesses do.

    Yields:
        A pattern, and whether only guesses that match it are meant: one that is withdrawn may
        leave behind what a NOT sees.
    """
    heads = _heads(layer)
    reads = {measure.iri: measure.reads for measure in layer.program.measures}
    stack = [(pattern, _APPEARS) for pattern in wanted]
    seen = set(stack)
    while stack:
        pattern, change = stack.pop()
        yield pattern, change is _APPEARS
        following: list[tuple[Pattern, bool]] = []
        for rule, head in _concluding(heads, pattern):
            bound = _unified(head, pattern)
            if bound is None:
                continue
            for element in rule.body:
                if isinstance(element, Atom):
                    following.append((_instance(element, bound), change))
                elif isinstance(element, Negation):
                    inner = [a for a in element.body if isinstance(a, Atom)]
                    following += [(_instance(atom, bound), not change) for atom in inner]
        for iri, predicates in reads.items():
            # Another value of a measure appears and the old one goes with anything it reads.
            if pattern[1] is None or pattern[1] == iri:
                following += [
                    ((None, predicate, None), way)
                    for predicate in predicates
                    for way in (_APPEARS, _GOES)
                ]
        fresh = [one for one in dict.fromkeys(following) if one not in seen]
        seen.update(fresh)
        stack += fresh


_Heads: TypeAlias = dict[Node | None, list[tuple[Rule, Atom]]]


def _heads(layer: Layer) -> _Heads:
    known = layer.program.cache.get("heads by predicate")
    if isinstance(known, dict):
        return known
    found: _Heads = {}
    for rule in layer.program.rules:
        for atom in rule.head:
            found.setdefault(_fixed(atom.predicate), []).append((rule, atom))
    layer.program.cache["heads by predicate"] = found
    return found


def _concluding(heads: _Heads, pattern: Pattern) -> Iterator[tuple[Rule, Atom]]:
    if pattern[1] is None:
        for found in heads.values():
            yield from found
        return
    yield from heads.get(pattern[1], ())
    yield from heads.get(None, ())


def _unified(head: Atom, pattern: Pattern) -> dict[Var, Node] | None:
    """Return what a pattern says of a head's variables; None where the two cannot meet."""
    bound: dict[Var, Node] = {}
    for term, wanted in zip((head.subject, head.predicate, head.object), pattern, strict=True):
        if wanted is None or isinstance(term, TriplePattern | BlankNode | Triple):
            continue
        if isinstance(term, Var):
            if bound.setdefault(term, wanted) != wanted:
                return None
        elif term != wanted:
            return None
    return bound


def _instance(atom: Atom, bound: dict[Var, Node]) -> Pattern:
    subject, predicate, obj = (
        bound.get(term) if isinstance(term, Var) else _fixed(term)
        for term in (atom.subject, atom.predicate, atom.object)
    )
    return subject, predicate, obj
