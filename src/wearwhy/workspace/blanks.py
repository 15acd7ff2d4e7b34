"""Names for the blank nodes of an edited file: those that they have in the file it was made from.

A restriction that stands in both texts keeps its name wherever it has moved to, so that an edit
of one line is a difference of a few facts. What is new is named by its content.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

from wearwhy.rdf import BlankNode, Fact, NamedNode, Node, Triple
from wearwhy.workspace.bundle import GENID

Signature: TypeAlias = tuple[Hashable, ...]


def named_like(facts: Sequence[Fact], known: Sequence[Fact], stem: str) -> tuple[Fact, ...]:
    """Return facts with a name for each blank node.

    Args:
        facts: of the edited text.
        known: of the text it was made from, its blank nodes named under `GENID`.
        stem: of the file; begins the names of nodes that the known facts do not have.
    """
    new, old = _Shapes(facts, _is_blank), _Shapes(known, _is_named_blank)
    if not new.nodes:
        return tuple(facts)
    names = _matched(new, old)
    taken: defaultdict[str, int] = defaultdict(int)
    for node in new.nodes:
        if node not in names:
            key = sha256(repr(new.whole(node)).encode()).hexdigest()[:12]
            taken[key] += 1
            twin = f"-{taken[key]}" if taken[key] > 1 else ""
            names[node] = NamedNode(f"{GENID}{stem}-{key}{twin}")
    return tuple(Fact(_named(s, names), p, _named(o, names)) for s, p, o in facts)


def _is_blank(node: Node) -> bool:
    return isinstance(node, BlankNode)


def _is_named_blank(node: Node) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(GENID)


def _matched(new: _Shapes, old: _Shapes) -> dict[Node, NamedNode]:
    """Return the old names of new nodes: of the same place and content, the same content or place."""
    names: dict[Node, NamedNode] = {}
    left = dict.fromkeys(old.nodes)
    views: tuple[Callable[[_Shapes, Node], Signature | None], ...] = (
        _Shapes.whole,
        _Shapes.content,
        _Shapes.place,
    )
    for view in views:
        there: defaultdict[Signature, list[Node]] = defaultdict(list)
        for node in left:
            seen = view(old, node)
            if seen is not None:
                there[seen].append(node)
        for node in new.nodes:
            seen = None if node in names else view(new, node)
            if seen is not None and there.get(seen):
                found = there[seen].pop(0)
                assert isinstance(found, NamedNode)
                names[node] = found
                del left[found]
    return names


class _Shapes:
    """What can be told of the blank nodes of a text, whatever they are called.

    Args:
        facts: of the text.
        blank: whether a node counts as one.
    """

    def __init__(self, facts: Iterable[Fact], blank: Callable[[Node], bool]) -> None:
        self._blank = blank
        self._out: defaultdict[Node, list[Fact]] = defaultdict(list)
        self._into: dict[Node, Fact] = {}
        self._content: dict[Node, Signature] = {}
        self._place: dict[Node, Signature | None] = {}
        self.nodes: dict[Node, None] = {}
        for fact in facts:
            for node in (fact.subject, fact.object):
                if blank(node):
                    self.nodes.setdefault(node)
            self._out[fact.subject].append(fact)
            if blank(fact.object):
                self._into.setdefault(fact.object, fact)

    def content(self, node: Node) -> Signature:
        """Return what is said of a node and of the blank nodes it leads to."""
        todo, opened = [node], set[Node]()
        while todo:
            top = todo[-1]
            below = [f.object for f in self._out[top] if self._blank(f.object)]
            waiting = [n for n in below if n not in self._content and n not in opened]
            if top not in opened and waiting:
                opened.add(top)
                todo += waiting
                continue
            todo.pop()
            if top not in self._content:
                said = sorted((str(f.predicate), *self._end(f.object)) for f in self._out[top])
                self._content[top] = (sha256(repr(said).encode()).hexdigest(),)
        return self._content[node]

    def _end(self, node: Node) -> Signature:
        return self._content.get(node, ("cycle",)) if self._blank(node) else (str(node),)

    def place(self, node: Node) -> Signature | None:
        """Return by which path a named node leads to a node; None where none does."""
        above: list[Fact] = []
        seen: set[Node] = set()
        while node in self._into and node not in self._place and node not in seen:
            seen.add(node)
            above.append(self._into[node])
            node = self._into[node].subject
        found = self._place.get(node, None if self._blank(node) else (str(node),))
        for fact in reversed(above):
            if found is not None:
                found = (sha256(repr((found, str(fact.predicate))).encode()).hexdigest(),)
            self._place[fact.object] = found
        return found if above or node in self._place else None

    def whole(self, node: Node) -> Signature:
        """Return a node's place and content."""
        return (self.place(node), self.content(node))


def _named(node: Node, names: dict[Node, NamedNode]) -> Node:
    if isinstance(node, Triple):
        subject = _named(node.subject, names)
        assert isinstance(subject, NamedNode)
        return Triple(subject, node.predicate, _named(node.object, names))
    return names.get(node, node)
