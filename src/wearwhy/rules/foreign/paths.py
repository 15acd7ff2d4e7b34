"""SHACL property paths as patterns.

A path becomes one list of patterns for each way to walk it: an alternative branches, an optional
step may stand still. A step that repeats is derived by two rules of its own.

Source: Shapes Constraint Language (SHACL), section 2.3.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from wearwhy.rdf import RDF, SH, BlankNode, NamedNode, Node
from wearwhy.rules.foreign.graph import Graph, shown
from wearwhy.rules.foreign.queries import MOST, Lost
from wearwhy.rules.foreign.translation import Draft
from wearwhy.rules.model import Atom, Call, Element, Filter, Term, Var

DEEPEST: Final = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One property, forwards or backwards."""

    name: NamedNode
    back: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """One path after another."""

    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several paths; an empty sequence stands still."""

    parts: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A path walked once or more."""

    part: Path


Path: TypeAlias = Step | Sequence | Choice | Repeat
Way: TypeAlias = tuple[tuple[Element, ...], Term]
"""Patterns, and the term that stands for where they lead."""

_STAY: Final = Sequence(())


def read_path(graph: Graph, node: Node, depth: int = 0) -> Path:
    """Return the path that a node of a shapes graph describes.

    Raises:
        Lost: it is not well-formed.
    """
    if depth > DEEPEST:
        raise Lost(f"a path is nested more than {DEEPEST} deep")
    if isinstance(node, NamedNode):
        return Step(node)
    if not isinstance(node, BlankNode):
        raise Lost(f"{shown(node)} is no path")
    if graph.objects(node, RDF.first):
        return Sequence(tuple(read_path(graph, one, depth + 1) for one in graph.items(node)))
    if (inner := graph.one(node, SH.inversePath)) is not None:
        return inverse(read_path(graph, inner, depth + 1))
    if (inner := graph.one(node, SH.alternativePath)) is not None:
        return Choice(tuple(read_path(graph, one, depth + 1) for one in graph.items(inner)))
    if (inner := graph.one(node, SH.zeroOrOnePath)) is not None:
        return Choice((_STAY, read_path(graph, inner, depth + 1)))
    if (inner := graph.one(node, SH.oneOrMorePath)) is not None:
        return Repeat(read_path(graph, inner, depth + 1))
    if (inner := graph.one(node, SH.zeroOrMorePath)) is not None:
        return Choice((_STAY, Repeat(read_path(graph, inner, depth + 1))))
    raise Lost("a path has none of the forms that SHACL knows")


def inverse(path: Path) -> Path:
    """Return the path walked from its end to its start."""
    if isinstance(path, Step):
        return Step(path.name, not path.back)
    if isinstance(path, Repeat):
        return Repeat(inverse(path.part))
    turned = tuple(inverse(part) for part in path.parts)
    return Sequence(turned[::-1]) if isinstance(path, Sequence) else Choice(turned)


@dataclass(slots=True)
class Walker:
    """Turns paths into patterns; a repeated path is derived once and named."""

    draft: Draft
    _repeated: dict[Path, NamedNode] = field(default_factory=dict)

    def ways(self, path: Path, start: Term, end: Term | None = None) -> list[Way]:
        """Return the ways to walk a path from a term.

        Args:
            path: what to walk.
            start: where from.
            end: where to, if that is known; otherwise a new variable, or the start itself.

        Raises:
            Lost: there are too many.
        """
        if isinstance(path, Step):
            return [self._step(path.name, path.back, start, end)]
        if isinstance(path, Repeat):
            found = [self._step(self._closure(path), False, start, end)]
            if any(not body for body, _ in self.ways(path.part, Var("from"))):
                found += self._sequence((), start, end)
            return found
        if isinstance(path, Choice):
            found = [way for part in path.parts for way in self.ways(part, start, end)]
        else:
            found = self._sequence(path.parts, start, end)
        if len(found) > MOST:
            raise Lost(f"a path has more than {MOST} alternatives")
        return found

    def _step(self, name: NamedNode, back: bool, start: Term, end: Term | None) -> Way:
        to: Term = self.draft.fresh() if end is None else end
        return ((Atom(to, name, start) if back else Atom(start, name, to),), to)

    def _sequence(self, parts: tuple[Path, ...], start: Term, end: Term | None) -> list[Way]:
        if not parts:
            if end is None:
                return [((), start)]
            return [((Filter(Call("SAMETERM", (_value(start), _value(end)))),), end)]
        found: list[Way] = [((), start)]
        for number, part in enumerate(parts, 1):
            last = end if number == len(parts) else None
            found = [
                ((*before, *after), to)
                for before, here in found
                for after, to in self.ways(part, here, last)
            ]
            if len(found) > MOST:
                raise Lost(f"a path has more than {MOST} alternatives")
        return found

    def _closure(self, path: Repeat) -> NamedNode:
        known = self._repeated.get(path)
        if known is not None:
            return known
        name = self._repeated[path] = self.draft.named("path")
        start, middle = Var("from"), Var("over")
        for body, to in self.ways(path.part, start):
            if body:
                self.draft.help(Atom(start, name, to), body)
        for body, to in self.ways(path.part, middle):
            if body:
                self.draft.help(Atom(start, name, to), (Atom(start, name, middle), *body))
        self.draft.note(
            "WW-SHACL-PATH",
            f"A path that repeats is derived as facts of <{name.value}>.",
            note="A rule's body walks paths of fixed length; two rules derive the rest.",
        )
        return name


def _value(term: Term) -> Node | Var:
    if isinstance(term, Node | Var):
        return term
    raise Lost("a triple term stands where a node is expected")
