"""A corpus of cases laid over the base: which rules speak in which case, and which case is about what."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from wearwhy.errors import WearwhyError
from wearwhy.rdf import RULE, Fact, NamedNode
from wearwhy.rules.firing import unify_atom
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Negation, Rule, Var
from wearwhy.rules.stratify import MeasureEdge, dependencies, run_once
from wearwhy.workspace.ruletests import Case, cases, facts_of

Progress = Callable[[int, int], None]

_INSTANCE = "%5B"


def source_of(iri: NamedNode) -> NamedNode:
    """Return the rule that an instance of it on an axiom is named after; others as they are."""
    name, instance, _ = iri.value.partition(_INSTANCE)
    return NamedNode(name) if instance else iri


class Laid:
    """A case laid over the base and closed.

    Attributes:
        case: its files.
        layer: the base with the case's data.
        expected, forbidden: what its files say.
    """

    def __init__(self, case: Case, over: Layer) -> None:
        self.case = case
        self.layer = over.child(Change(add=tuple(facts_of(case.data))))
        self.expected = tuple(facts_of(case.expected)) if case.expected else ()
        self.forbidden = tuple(facts_of(case.forbidden)) if case.forbidden else ()

    @classmethod
    def of(
        cls,
        case: Case,
        layer: Layer,
        expected: tuple[Fact, ...] = (),
        forbidden: tuple[Fact, ...] = (),
    ) -> Laid:
        """Return a case that is closed already, and what it expects and forbids."""
        found = cls.__new__(cls)
        found.case, found.layer = case, layer
        found.expected, found.forbidden = expected, forbidden
        return found

    def passes(self, layer: Layer) -> bool:
        """Return whether a layer says what is expected and nothing forbidden."""
        return all(layer.holds(fact) for fact in self.expected) and not any(
            layer.holds(fact) for fact in self.forbidden
        )

    @cached_property
    def fired(self) -> frozenset[NamedNode]:
        """The rules that conclude something in this case that the base does not have."""
        return fired(self.layer, down_to=self.layer.below)

    @cached_property
    def cited(self) -> frozenset[NamedNode]:
        """The rules in the kept proofs of what is expected."""
        found: set[NamedNode] = set()
        seen: set[Fact] = set()
        waiting = list(self.expected)
        while waiting:
            fact = waiting.pop()
            firing = None if fact in seen else self.layer.firing(fact)
            seen.add(fact)
            if firing is not None:
                found.add(source_of(firing.rule))
                waiting += firing.premises
        return frozenset(found)

    def mentions(self, rule: Rule) -> bool:
        """Return whether it expects or forbids something that a rule's head can say."""
        return any(
            unify_atom(atom, fact, {})
            for fact in (*self.expected, *self.forbidden)
            for atom in rule.head
        )


def fired(layer: Layer, *, down_to: Layer | None = None) -> frozenset[NamedNode]:
    """Return the rules whose firings the ledger keeps in a layer and those below it.

    Args:
        layer: the topmost.
        down_to: the layer below them all, which is not looked at; None for all.
    """
    found: set[NamedNode] = set()
    current: Layer | None = layer
    while current is not None and current is not down_to:
        for fact in current.own():
            firing = layer.firing(fact)
            if firing is not None:
                found.add(source_of(firing.rule))
        current = current.below
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands in its program.

    Attributes:
        plain: it is in force as it is written, not as instances on axioms, and makes no terms.
        read: another rule or a measure reads what it concludes.
        recursive: it may rest on what it concludes itself.
    """

    plain: bool
    read: bool
    recursive: bool


class Corpus:
    """The closed cases of a folder.

    Attributes:
        base: what they are laid over.
        laid: those that pass.
        failing: those that do not; what they say of a rule is not known.
    """

    def __init__(self, folder: Path, base: Layer, *, progress: Progress | None = None) -> None:
        self.base = base
        self.laid: list[Laid] = []
        self.failing: list[Case] = []
        todo = cases(folder)
        for done, case in enumerate(todo, 1):
            try:
                one = Laid(case, base)
            except WearwhyError:
                self.failing.append(case)
                continue
            if one.passes(one.layer):
                self.laid.append(one)
            else:
                self.failing.append(case)
            if progress:
                progress(done, len(todo))

    @classmethod
    def of(cls, base: Layer, laid: Iterable[Laid]) -> Corpus:
        """Return a corpus of cases that are laid over a base already, and pass."""
        found = cls.__new__(cls)
        found.base, found.laid, found.failing = base, list(laid), []
        return found

    def about(self, rule: Rule) -> list[Laid]:
        """Return the cases that may tell a rule from another: its own first.

        They are those of its folder, those whose expected facts rest on it, and those that expect
        or forbid what its head can say.
        """
        name = rule.iri.value.removeprefix(RULE)
        own = [one for one in self.laid if one.case.rule == name]
        rest = [
            one
            for one in self.laid
            if one.case.rule != name and (rule.iri in one.cited or one.mentions(rule))
        ]
        return own + rest

    @cached_property
    def standings(self) -> dict[NamedNode, Standing]:
        """How each rule of the base's program stands in it."""
        program = self.base.program
        rules = program.rules
        edges = dependencies(
            rules, [MeasureEdge(m.iri, frozenset(m.reads), m.iri) for m in program.measures]
        )
        readers: list[set[int]] = [set() for _ in edges]
        for number, found in enumerate(edges):
            for target in found:
                readers[target].add(number)
        standings = {}
        for number, rule in enumerate(rules):
            standings[rule.iri] = Standing(
                plain=is_plain(rule),
                read=bool(readers[number]),
                recursive=number in _reached(readers[number], edges_back=readers),
            )
        return standings


def is_plain(rule: Rule) -> bool:
    """Return whether a rule runs as it is written, not as instances on axioms, and makes no terms."""
    atoms = [e for e in rule.body if not isinstance(e, Negation)]
    return (
        not run_once_with_nodes(rule)
        and _INSTANCE not in rule.iri.value
        and not any(
            isinstance(getattr(atom, "predicate", None), Var) for atom in (*rule.head, *atoms)
        )
    )


def run_once_with_nodes(rule: Rule) -> bool:
    """Return whether a rule's head makes terms: a blank node or a triple term."""
    return run_once(replace(rule, body=()))


def _reached(start: Iterable[int], *, edges_back: list[set[int]]) -> set[int]:
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for number in edges_back[waiting.pop()] - seen:
            seen.add(number)
            waiting.append(number)
    return seen
