"""Conditions: that a node conforms to a SHACL shape, as elements of a body.

A shape becomes one list of elements for each way to conform (`sh:or`, alternatives of paths). What
holds of all values is a NOT; where that NOT would hold another one, a helping rule derives the
inner part first.

Source: Shapes Constraint Language (SHACL), sections 2 and 4.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wearwhy.rdf import SH, TYPE, Literal, Node, curie
from wearwhy.rules.foreign.graph import Graph, shown
from wearwhy.rules.foreign.paths import Path, Walker, Way, read_path
from wearwhy.rules.foreign.queries import MOST, Lost
from wearwhy.rules.foreign.translation import Draft, flag
from wearwhy.rules.foreign.values import (
    HAS_VALUE,
    TESTS,
    constant,
    negated,
    never,
    same,
    value,
)
from wearwhy.rules.model import Assign, Atom, Call, Element, Filter, Negation, Term

Elements = tuple[Element, ...]
DEEPEST: Final = 12
MOST_COUNTED: Final = 4

_SILENT: Final = frozenset(
    SH[name]
    for name in (
        *("path", "flags", "name", "description", "message", "severity", "order", "group"),
        *("defaultValue", "rule", "target", "targetClass", "targetNode", "targetSubjectsOf"),
        *("targetObjectsOf", "deactivated", "condition", "prefixes", "declare", "nodes"),
        *("subject", "predicate", "object", "construct", "property", "hasValue", "minCount"),
        *("maxCount", "class", "node", "and", "or", "not", "disjoint", "equals", "lessThan"),
        *("lessThanOrEquals", "uniqueLang", "ignoredProperties"),
    )
)


@dataclass(slots=True)
class Conditions:
    """Turns shapes into elements."""

    graph: Graph
    draft: Draft
    walker: Walker

    def holds(self, shape: Node, term: Term, before: Elements, depth: int = 0) -> list[Elements]:
        """Return the ways for a term to conform to a shape.

        Args:
            shape: of the shapes graph.
            term: what is to conform.
            before: what binds the term, for rules that are made to help.
            depth: of shapes within shapes.

        Raises:
            Lost: no body can say it.
        """
        if depth > DEEPEST:
            raise Lost(f"shapes are nested more than {DEEPEST} deep, or name each other")
        if flag() in self.graph.objects(shape, SH.deactivated):
            return [()]
        self._refuse_unknown(shape)
        found: list[Elements] = [()]
        if (node := self.graph.one(shape, SH.path)) is None:
            parts = self._of_node(shape, term, before, depth)
        else:
            parts = self._of_path(shape, read_path(self.graph, node), term, before, depth)
        for options in parts:
            found = [(*one, *more) for one in found for more in options]
            if len(found) > MOST:
                raise Lost(f"a shape has more than {MOST} alternatives")
        return found

    def _refuse_unknown(self, shape: Node) -> None:
        for name in self.graph.predicates(shape):
            foreign = not name.value.startswith(SH)
            if foreign and self.graph.subjects(SH.path, name):
                components = [
                    c
                    for p in self.graph.subjects(SH.path, name)
                    for c in self.graph.subjects(SH.parameter, p)
                ]
                foreign = not components
            if not foreign and name not in _SILENT and name not in TESTS:
                raise Lost(f"{curie(name)} has no counterpart in a rule's body")

    # a node itself

    def _of_node(
        self, shape: Node, term: Term, before: Elements, depth: int
    ) -> list[list[Elements]]:
        parts = self._each(shape, term, before, depth)
        parts += [
            [(Filter(HAS_VALUE(self.graph, shape, one, value(term), self.draft).good),)]
            for one in self.graph.objects(shape, SH.hasValue)
        ]
        tests = [
            reader(self.graph, shape, one, value(term), self.draft)
            for name, reader in TESTS.items()
            for one in self.graph.objects(shape, name)
        ]
        return parts + [[(Filter(test.good),)] for test in tests]

    def _each(self, shape: Node, term: Term, before: Elements, depth: int) -> list[list[Elements]]:
        """Return the constraints on a value that are more than a test of it."""
        graph = self.graph
        parts: list[list[Elements]] = [
            [(Atom(term, TYPE, constant(kind)),)] for kind in graph.objects(shape, SH["class"])
        ]
        if parts:
            self._subclasses()
        inner = [
            *graph.objects(shape, SH.node),
            *graph.objects(shape, SH.property),
            *(one for head in graph.objects(shape, SH["and"]) for one in graph.items(head)),
        ]
        parts += [self.holds(one, term, before, depth + 1) for one in inner]
        for head in graph.objects(shape, SH["or"]):
            options = graph.items(head)
            parts.append(
                [way for one in options for way in self.holds(one, term, before, depth + 1)]
            )
        for one in graph.objects(shape, SH["not"]):
            ways = self.holds(one, term, before, depth + 1)
            parts.append([self._none(ways, term, before)])
        return parts

    def _subclasses(self) -> None:
        self.draft.note(
            "WW-SHACL-SUBCLASS",
            "Instances of subclasses count by the rule cax-sco, which derives their types.",
            note="SHACL walks rdfs:subClassOf itself; wearwhy's bundled OWL 2 RL rules do it for every rule.",
        )

    def _none(self, ways: Sequence[Elements], term: Term, before: Elements) -> Elements:
        """Return that none of some ways is possible."""
        if any(not way for way in ways):
            return (Filter(never()),)
        if all(_simple(way) for way in ways):
            return tuple(Negation(_plain(way)) for way in ways)
        return (Negation((self._derived(ways, term, before),)),)

    def _derived(self, ways: Sequence[Elements], term: Term, before: Elements) -> Atom:
        """Return the pattern of a helping fact that says one of some ways is possible."""
        mark = Atom(term, self.draft.named("holds"), flag())
        for way in ways:
            self.draft.help(mark, (*before, *way))
        return mark

    # the values of a path

    def _of_path(
        self, shape: Node, path: Path, term: Term, before: Elements, depth: int
    ) -> list[list[Elements]]:
        graph = self.graph
        parts = [
            [way for way, _ in self.walker.ways(path, term, constant(one))]
            for one in graph.objects(shape, SH.hasValue)
        ]
        parts += [
            self._several(path, term, least)
            for number in graph.objects(shape, SH.minCount)
            if (least := _count(number)) > 0
        ]
        for number in graph.objects(shape, SH.maxCount):
            more = self._several(path, term, _count(number) + 1)
            parts.append([tuple(Negation(_plain(way)) for way in more)])
        parts += self._pairs(shape, path, term, before)
        for name, reader in TESTS.items():
            for one in graph.objects(shape, name):
                elements: list[Element] = []
                for way, to in self.walker.ways(path, term):
                    test = reader(graph, shape, one, value(to), self.draft)
                    elements.append(
                        Negation((*_plain(way), Filter(test.bad))) if way else Filter(test.good)
                    )
                parts.append([tuple(elements)])
        parts += self._nested(shape, path, term, before, depth)
        return parts

    def _several(self, path: Path, term: Term, count: int) -> list[Elements]:
        """Return the ways for a path to lead to so many different values."""
        if count > MOST_COUNTED:
            raise Lost(f"a rule's body counts to {MOST_COUNTED}; {count} are asked for")
        found = []
        for choice in itertools.product(*(self.walker.ways(path, term) for _ in range(count))):
            ends = [value(to) for _, to in choice]
            different = (
                Filter(negated(same(one, two))) for one, two in itertools.combinations(ends, 2)
            )
            found.append((*(element for way, _ in choice for element in way), *different))
            if len(found) > MOST:
                raise Lost(f"a shape has more than {MOST} alternatives")
        return found

    def _nested(
        self, shape: Node, path: Path, term: Term, before: Elements, depth: int
    ) -> list[list[Elements]]:
        """Return that every value conforms: no value is without a helping fact that says so."""
        if not any(
            self.graph.objects(shape, SH[name])
            for name in ("class", "node", "property", "and", "or", "not")
        ):
            return []
        parts: list[list[Elements]] = []
        for way, to in self.walker.ways(path, term):
            reach = (*before, *way)
            for options in self._each(shape, to, reach, depth):
                if not way:
                    parts.append(options)
                    continue
                good = options
                if len(options) != 1 or not _simple(options[0]):
                    good = [(self._derived(options, to, reach),)]
                bad = self._derived([(*way, Negation(_plain(good[0])))], term, before)
                parts.append([(Negation((bad,)),)])
        return parts

    def _pairs(self, shape: Node, path: Path, term: Term, before: Elements) -> list[list[Elements]]:
        graph, parts = self.graph, list[list[Elements]]()
        ways = self.walker.ways(path, term)
        for other in graph.objects(shape, SH.disjoint):
            parts.append(
                [tuple(Negation((*_plain(w), Atom(term, constant(other), to))) for w, to in ways)]
            )
        for other in graph.objects(shape, SH.equals):
            more = [(*way, Negation((Atom(term, constant(other), to),))) for way, to in ways]
            end = self.draft.fresh()
            back = tuple(Negation(_plain(way)) for way, _ in self.walker.ways(path, term, end))
            more.append((Atom(term, constant(other), end), *back))
            parts.append([(Negation((self._derived(more, term, before),)),)])
        for name, operator in ((SH.lessThan, "<"), (SH.lessThanOrEquals, "<=")):
            for other in graph.objects(shape, name):
                parts.append([self._less(ways, term, constant(other), operator)])
        if flag() in graph.objects(shape, SH.uniqueLang):
            parts.append([self._unique(path, term)])
        return parts

    def _less(self, ways: Sequence[Way], term: Term, other: Node, operator: str) -> Elements:
        self.draft.note(
            "WW-SHACL-COMPARISON",
            f"Values whose order to those of {shown(other)} is not determined pass.",
            note="SHACL refuses what cannot be compared; in a rule it is an error.",
        )
        end = self.draft.fresh()
        return tuple(
            Negation(
                (
                    *_plain(way),
                    Atom(term, other, end),
                    Filter(negated(Call(operator, (value(to), end)))),
                )
            )
            for way, to in ways
        )

    def _unique(self, path: Path, term: Term) -> Elements:
        found = []
        for (one, left), (two, right) in itertools.product(
            self.walker.ways(path, term), self.walker.ways(path, term)
        ):
            tag = Call("LANG", (value(left),))
            tests = (
                Filter(negated(same(value(left), value(right)))),
                Filter(Call("=", (tag, Call("LANG", (value(right),))))),
                Filter(Call("!=", (tag, Literal("")))),
            )
            found.append(Negation((*_plain(one), *_plain(two), *tests)))
        return tuple(found)


def _simple(way: Elements) -> bool:
    return not any(isinstance(element, Negation | Assign) for element in way)


def _plain(way: Elements) -> tuple[Atom | Filter, ...]:
    if not _simple(way):
        raise Lost("a negation stands within a negation")
    return tuple(element for element in way if isinstance(element, Atom | Filter))


def _count(number: Node) -> int:
    if not isinstance(number, Literal) or not number.value.isdecimal():
        raise Lost(f"{shown(number)} is no count")
    return int(number.value)
