"""The facts of a graph that are read from the store when they are first asked for.

A workspace of a thousand wardrobes is opened by the names of its graphs. What is read stands for
the revision at which it would have been read at the start: a graph that changes is read before
its new facts are shown, and what others wrote meanwhile is taken back from what the store says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeAlias, overload

from wearwhy.rdf import Fact, NamedNode, Node
from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad
from wearwhy.store.reading import Pattern

Facts: TypeAlias = Sequence[Fact]


class Held(Sequence[Fact]):
    """The facts of one graph of a store; equal to none but itself.

    Attributes:
        graph: its name.
        owner: whose it is; the graphs of one owner are read together.
    """

    __slots__ = ("_facts", "_kept", "_rest", "_size", "graph", "owner")

    def __init__(self, rest: AtRest, owner: str, graph: NamedNode) -> None:
        self.graph = graph
        self.owner = owner
        self._rest = rest
        self._facts: tuple[Fact, ...] | None = None
        self._kept = False
        self._size: int | None = None

    @property
    def read(self) -> bool:
        """Whether the facts are in memory."""
        return self._facts is not None

    def keep(self) -> tuple[Fact, ...]:
        """Return the facts, which are in memory from now on: the store may come to say others."""
        found = self._all()
        if not self._kept:
            self._kept = True
            self._rest.leave(self)
        return found

    def drop(self) -> None:
        """Give up what can be read again."""
        if not self._kept:
            self._facts = None

    def said(self, facts: tuple[Fact, ...]) -> None:
        """Take what the store says."""
        self._facts = facts

    def _all(self) -> tuple[Fact, ...]:
        if self._facts is None:
            self._rest.read(self.owner)
        assert self._facts is not None
        return self._facts

    @overload
    def __getitem__(self, place: int) -> Fact: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Fact, ...]: ...
    def __getitem__(self, place: int | slice) -> Fact | tuple[Fact, ...]:
        """Return one of the facts, or some."""
        return self._all()[place]

    def __iter__(self) -> Iterator[Fact]:
        """Yield the facts."""
        return iter(self._all())

    def __contains__(self, fact: object) -> bool:
        """Return whether a fact is among them."""
        return fact in self._all()

    def __len__(self) -> int:
        """Return how many facts there are, which takes no reading."""
        if self._size is None:
            self._size = self._rest.size(self) if self._facts is None else len(self._facts)
        return self._size


def fits(fact: Fact, of: Pattern) -> bool:
    """Return whether a fact has some terms."""
    return all(term is None or term == own for term, own in zip(of, fact, strict=True))


class AtRest:
    """What a store holds, read as it is asked for; a term that stands in many facts is one object.

    Attributes:
        revision: that graphs which nobody read yet stand for.
    """

    def __init__(self, store: Store) -> None:
        self.revision = store.revision
        self._store = store
        self._known: dict[Node, Node] = {}
        self._owned: dict[str, list[Held]] = {}

    def facts(self, graph: NamedNode) -> tuple[Fact, ...]:
        """Return the facts of a graph, read at once."""
        return tuple(self._shared(self._store.facts(graph)))

    def held(self, graph: NamedNode, owner: str) -> Held:
        """Return the facts of a graph, to be read when they are asked for."""
        found = Held(self, owner, graph)
        self._owned.setdefault(owner, []).append(found)
        return found

    def leave(self, one: Held) -> None:
        """Read a graph no more."""
        self._owned[one.owner].remove(one)

    def read(self, owner: str) -> None:
        """Read the graphs of an owner, as they were at the revision."""
        with self._open() as store:
            newer = self._newer(store)
            for one in self._owned[owner]:
                if not one.read:
                    facts = dict.fromkeys(self._shared(store.facts(one.graph)))
                    for patch in newer:
                        for quad in patch.add:
                            if quad.graph == one.graph:
                                facts.pop(quad.fact, None)
                        facts.update((q.fact, None) for q in patch.remove if q.graph == one.graph)
                    one.said(tuple(facts))

    def size(self, one: Held) -> int:
        """Return how many facts a graph had at the revision."""
        with self._open() as store:
            if not self._newer(store):
                return store.size(one.graph)
        return len(tuple(one))

    def matching(self, of: Pattern, among: Mapping[NamedNode, Held]) -> list[Quad]:
        """Return the facts with some terms in graphs that may not have been read."""
        with self._open() as store:
            if not self._newer(store):
                return [quad for quad in store.quads(of) if quad.graph in among]
        return [Quad(graph, f) for graph, facts in among.items() for f in facts if fits(f, of)]

    def _newer(self, store: Store) -> list[Patch]:
        """Return what changed since the revision, the newest first."""
        behind = store.revision - self.revision
        return [one.patch for one in store.history(behind)] if behind > 0 else []

    @contextmanager
    def _open(self) -> Iterator[Store]:
        if self._store.closed:
            with Store.open(self._store.folder, write=False) as store:
                yield store
        else:
            yield self._store

    def _shared(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        once = self._known.setdefault
        for subject, predicate, obj in facts:
            yield Fact(
                once(subject, subject),
                once(predicate, predicate),  # type: ignore[arg-type]  # itself, or an equal one
                once(obj, obj),
            )
