"""Which rules wait for which, as a graph that grows with the rules and not with their pairs.

Rules of one predicate all depend on each other: between n of them are n² dependencies. So rules
are joined through nodes of their own: a rule has *patterns*, a pattern asks for *shapes* (for
each of its three terms a constant, "some variable", or anything), a shape has *templates*, and a
template is in the heads of rules. Patterns and templates that differ only in the names of their
variables are one. Between two rules is a path through such nodes if, and only if, `may_match`
says that the one depends on the other.

Shapes say it all of patterns and templates without triple terms and repeated variables; the
others are compared one by one, with those whose shapes do not rule it out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Final, TypeAlias

from pyoxigraph import BlankNode, Triple

from wearwhy.rules.model import Atom, Term, TriplePattern, Var
from wearwhy.rules.unify import may_match

Shape: TypeAlias = tuple[Hashable, Hashable, Hashable]
Rank: TypeAlias = int | Decimal
_VARIABLE: Final = ("?",)
_ANY: Final = ("*",)
_FRESH: Final = ("fresh",)


@dataclass(slots=True)
class Waiting:
    """The graph; its first `count` nodes are those that were given, the rest join them.

    Attributes:
        count: how many rules, or what else has patterns and templates, there are.
        edges: for each node the nodes it leads to, and whether what it waits for must be finished.
            What joins others leads to the first nodes, and to such as have lower numbers.
        asked: the nodes of patterns.
    """

    count: int
    edges: list[dict[int, bool]] = field(default_factory=list)
    asked: dict[Hashable, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many edges there are: what work grows with."""
        return sum(map(len, self.edges))

    def of(self, pattern: Atom) -> int:
        """Return the node of a pattern that one of the first nodes has."""
        return self.asked[_canonical(pattern)]

    def foremost(self, ranks: Sequence[Rank | None]) -> list[int | None]:
        """Return for each of the first nodes the one of the highest rank that it depends on.

        Args:
            ranks: of the first nodes; one without a rank is never told. Of equals it is the first.

        Returns:
            None for a node that depends on none that has a rank.
        """
        places = [None if rank is None else (rank, -node) for node, rank in enumerate(ranks)]
        found: list[tuple[Rank, int] | None] = [*places, *(None for _ in self.edges[self.count :])]

        def highest(node: int) -> tuple[Rank, int] | None:
            reached = (found[target] for target in self.edges[node])
            return max((place for place in reached if place is not None), default=None)

        for node in range(self.count, len(self.edges)):
            found[node] = highest(node)
        tops = (highest(node) for node in range(self.count))
        return [None if top is None else -top[1] for top in tops]

    def waits(self, node: int) -> dict[int, bool]:
        """Return what one of the first nodes depends on, and whether closed."""
        found: dict[int, bool] = {}
        for closed in (True, False):
            work = [n for n, shut in self.edges[node].items() if shut is closed]
            seen = set(work)
            while work:
                for target in self.edges[work.pop()]:
                    if target < self.count:
                        found.setdefault(target, closed)
                    elif target not in seen:
                        seen.add(target)
                        work.append(target)
        return found


def waiting(
    patterns: Iterable[Iterable[tuple[Atom, bool]]], templates: Iterable[Iterable[Atom]]
) -> Waiting:
    """Return what waits for what.

    Args:
        patterns: of each node, and whether what may match them must be finished first.
        templates: of each node.
    """
    heads = [tuple(atoms) for atoms in templates]
    found = Waiting(len(heads), [{} for _ in heads])
    index = _Index(found, heads)
    asked = found.asked
    for node, atoms in enumerate(patterns):
        for atom, closed in atoms:
            key = _canonical(atom)
            if key not in asked:
                asked[key] = index.node(index.matching(atom))
            through = found.edges[node]
            through[asked[key]] = through.get(asked[key], False) or closed
    return found


class _Index:
    """The templates by their shapes."""

    def __init__(self, graph: Waiting, heads: list[tuple[Atom, ...]]) -> None:
        self._edges = graph.edges
        self._plain: dict[Shape, list[int]] = defaultdict(list)
        self._odd: dict[Shape, list[int]] = defaultdict(list)
        self._shapes: dict[Shape, int] = {}
        self._atoms: dict[int, Atom] = {}
        known: dict[Hashable, int] = {}
        for rule, atoms in enumerate(heads):
            for atom in atoms:
                key = _canonical(atom)
                if key not in known:
                    known[key] = self._added(atom)
                self._edges[known[key]][rule] = False

    def node(self, targets: Iterable[int]) -> int:
        """Return a new node that leads to some."""
        self._edges.append(dict.fromkeys(targets, False))
        return len(self._edges) - 1

    def matching(self, pattern: Atom) -> Iterator[int]:
        """Yield nodes that lead to the rules with a template that a pattern may match."""
        odd = _odd(pattern)
        for shape in _asked(pattern):
            near = self._odd.get(shape, ())
            if odd:
                near = (*near, *self._plain.get(shape, ()))
            elif shape in self._plain:
                if shape not in self._shapes:
                    self._shapes[shape] = self.node(self._plain[shape])
                yield self._shapes[shape]
            yield from (one for one in near if may_match(pattern, self._atoms[one]))

    def _added(self, atom: Atom) -> int:
        node = self.node(())
        self._atoms[node] = atom
        held = self._odd if _odd(atom) else self._plain
        for shape in _answered(atom):
            held[shape].append(node)
        return node


def _asked(pattern: Atom) -> Iterator[Shape]:
    """Yield the shapes of templates that a pattern may match; a template has at most one of them."""
    yield from product(*((_ANY,) if key is None else (key, _VARIABLE) for key in _keys(pattern)))


def _answered(template: Atom) -> Iterator[Shape]:
    """Yield the shapes that a template has."""
    yield from product(
        *((_VARIABLE if key is None else key, _ANY) for key in _keys(template, made=True))
    )


def _keys(atom: Atom, *, made: bool = False) -> Iterator[Hashable]:
    for term in (atom.subject, atom.predicate, atom.object):
        if isinstance(term, Var):
            yield None
        elif isinstance(term, TriplePattern | Triple):
            # What is within is compared afterwards; its predicate alone tells most of them apart.
            within = term.predicate
            yield None if isinstance(within, Var) else ("<<", within)
        else:
            # A node that a head makes is equal to none that a body names.
            yield _FRESH if made and isinstance(term, BlankNode) else term


def _odd(atom: Atom) -> bool:
    parts = (atom.subject, atom.predicate, atom.object)
    names = [part for part in parts if isinstance(part, Var)]
    return len(names) > len(set(names)) or any(
        isinstance(part, Triple | TriplePattern) for part in parts
    )


def _canonical(atom: Atom) -> Hashable:
    """Return what two atoms share that differ in the names of their variables alone."""
    numbers: dict[Var, int] = {}

    def told(term: Term) -> Hashable:
        if isinstance(term, Var):
            return ("?", numbers.setdefault(term, len(numbers)))
        if isinstance(term, TriplePattern):
            return ("<<", told(term.subject), told(term.predicate), told(term.object))
        return term

    return (told(atom.subject), told(atom.predicate), told(atom.object))
