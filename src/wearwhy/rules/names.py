"""Names of one thing: a partition of terms by union-find, with the steps that join them.

A class has a representative, the least of its names: an IRI before a blank node before a literal,
one that a rule mentions before others, then by text. Inside a triple term names are left alone.
"""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from wearwhy.rdf import OWL, BlankNode, Fact, Literal, NamedNode, Node

_RANK: Final[dict[type, int]] = {NamedNode: 0, BlankNode: 1, Literal: 2}


@dataclass(frozen=True, slots=True)
class Names:
    """Which names are of one thing.

    Attributes:
        first: the representative of each name that has another.
        members: the names of each representative that has more than one.
        steps: the statements that join two names, a spanning forest.
    """

    first: Mapping[Node, Node] = field(default_factory=dict)
    members: Mapping[Node, tuple[Node, ...]] = field(default_factory=dict)
    steps: tuple[Fact, ...] = ()

    def image(self, fact: Fact) -> Fact:
        """Return a fact said of representatives."""
        first = self.first
        predicate = first.get(fact.predicate, fact.predicate)
        assert isinstance(predicate, NamedNode), "an IRI stands before other names"
        subject, found = fact.subject, fact.object
        return Fact(first.get(subject, subject), predicate, first.get(found, found))

    def every(self, node: Node) -> tuple[Node, ...]:
        """Return all names of a representative."""
        return self.members.get(node, (node,))

    def expanded(self, fact: Fact) -> Iterator[Fact]:
        """Yield all that a fact of representatives says, a name in each place at a time."""
        for subject, predicate, found in itertools.product(
            self.every(fact.subject), self.every(fact.predicate), self.every(fact.object)
        ):
            if isinstance(predicate, NamedNode):
                yield Fact(subject, predicate, found)

    def same(self, one: Node, other: Node) -> bool:
        """Return whether two names are of one thing, which has more than one."""
        return one in self.first and self.first[one] == self.first.get(other)

    def mentions(self, fact: Fact) -> bool:
        """Return whether a fact has a name that is not the only one."""
        first = self.first
        return fact.subject in first or fact.object in first or fact.predicate in first

    def path(self, one: Node, other: Node) -> list[Fact]:
        """Return the steps from one name to another; one step of it, for a name and itself."""
        beside: dict[Node, list[tuple[Node, Fact]]] = defaultdict(list)
        for step in self.steps:
            beside[step.subject].append((step.object, step))
            beside[step.object].append((step.subject, step))
        if one == other:
            return [beside[one][0][1]]
        before: dict[Node, tuple[Node, Fact] | None] = {one: None}
        queue = deque((one,))
        while other not in before:
            here = queue.popleft()
            for there, step in beside[here]:
                if there not in before:
                    before[there] = (here, step)
                    queue.append(there)
        found: list[Fact] = []
        back = before[other]
        while back is not None:
            found.append(back[1])
            back = before[back[0]]
        return found[::-1]


def _rank(node: Node) -> int:
    # Whatever is the same as owl:sameAs says what it says.
    return -1 if node == OWL.sameAs else _RANK.get(type(node), 3)


def _text(node: Node) -> tuple[str, str]:
    return getattr(node, "value", ""), str(node)


def joined(names: Names, steps: Iterable[Fact], mentioned: Callable[[Node], bool]) -> Names:
    """Return a partition in which the ends of some statements are names of one thing too.

    Args:
        names: the partition so far.
        steps: statements of sameness; those that say nothing new are left out.
        mentioned: whether a rule mentions a name.
    """
    parent: dict[Node, Node] = {}

    def root(node: Node) -> Node:
        path = []
        while (above := parent.get(node, node)) != node:
            path.append(node)
            node = above
        parent.update(dict.fromkeys(path, node))
        return node

    kept: list[Fact] = []
    for step in (*names.steps, *steps):
        one, other = root(step.subject), root(step.object)
        if one != other:
            parent[other] = one
            parent.setdefault(one, one)
            kept.append(step)
    classes: dict[Node, list[Node]] = defaultdict(list)
    for node in list(parent):
        classes[root(node)].append(node)
    first: dict[Node, Node] = {}
    members: dict[Node, tuple[Node, ...]] = {}
    for found in classes.values():
        ordered = sorted(found, key=lambda node: (_rank(node), not mentioned(node), *_text(node)))
        members[ordered[0]] = tuple(ordered)
        first.update(dict.fromkeys(ordered, ordered[0]))
    return Names(first, members, tuple(kept))
