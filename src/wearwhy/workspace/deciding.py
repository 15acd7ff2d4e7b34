"""Whether a condition decides: whether a rule without it says something new in a closed graph.

Solving a body over a whole ontology for each of many cases is what this avoids. A case adds facts
to the layer it is laid over, so that a solution either touches one of them, and is found from
there, or is one of the layer below, which is solved once for all cases. Where a case also takes
something away, or names are merged in it, it is solved whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from wearwhy.errors import RuleError
from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, NamedNode, Node
from wearwhy.rules.budget import Budget, Meter
from wearwhy.rules.firing import unify_atom
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Rule
from wearwhy.rules.mutate import Direction, Mutant
from wearwhy.rules.solutions import Closed, Solution, derives, solutions, touching
from wearwhy.rules.substitute import in_atom
from wearwhy.workspace.corpus import is_plain, run_once_with_nodes
from wearwhy.workspace.mutation import closed_with

# What one condition may cost over all cases: facts looked at, and seconds on the clock.
ALLOWED: Final = Budget(conclusions=1_000_000, seconds=30.0)


@dataclass(frozen=True)
class Scene:
    """A closed layer, and the closed layer it is told apart from.

    Attributes:
        layer: the closed graph.
        below: an ancestor of it; None if it has none that others share.
    """

    layer: Layer
    below: Layer | None

    @cached_property
    def added(self) -> Mapping[NamedNode, Sequence[Fact]] | None:
        """What is said here and not below, or of another kind there, by property.

        None where that is not all that tells the two apart.
        """
        below = self.below
        if below is None or below.merged is not None:
            return None
        found: dict[Fact, None] = {}
        current: Layer | None = self.layer
        while current is not below:
            if current is None or current.merged is not None:
                return None
            if any(below.holds(fact) and not self.layer.holds(fact) for fact in _lost(current)):
                return None
            found.update((fact, None) for fact in current.own() if self.layer.holds(fact))
            current = current.below
        grouped: dict[NamedNode, list[Fact]] = {}
        for fact in found:
            grouped.setdefault(fact.predicate, []).append(fact)
        return grouped

    def speaks(self, rule: Rule) -> bool:
        """Return whether a rule concludes something here that does not hold below."""
        below, added = self.below, self.added
        if added is None:
            new = said(rule, solutions(rule, self.layer))
            return any(self.layer.holds(f) and not (below and below.holds(f)) for f in new)
        return any(
            not (below and below.holds(fact)) and derives(rule, self.layer, fact)
            for atom in rule.head
            for fact in _at(added, atom.predicate)
            if unify_atom(atom, fact, {})
        )


def _lost(layer: Layer) -> Sequence[Fact]:
    return layer.changes()[1]


def _at(added: Mapping[NamedNode, Sequence[Fact]], predicate: object) -> Iterator[Fact]:
    if isinstance(predicate, NamedNode):
        yield from added.get(predicate, ())
    else:
        for facts in added.values():
            yield from facts


def scenes(layers: Sequence[Layer]) -> list[Scene]:
    """Return layers as scenes over the nearest layer that lies below them all."""
    shared: list[Layer] | None = None
    for layer in layers:
        chain = list(_ancestors(layer))
        shared = chain if shared is None else [a for a in shared if any(a is b for b in chain)]
    below = shared[0] if shared else None
    return [Scene(layer, below) for layer in layers]


def _ancestors(layer: Layer) -> Iterator[Layer]:
    current = layer.below
    while current is not None:
        yield current
        current = current.below


def decides(
    rule: Rule, looser: Rule, among: Sequence[Scene], allowed: Budget = ALLOWED
) -> bool | None:
    """Return whether a looser rule in a rule's place says something new in some scene.

    Args:
        rule: in force in the scenes.
        looser: the rule without one of its conditions.
        among: the scenes, the likeliest first; the first that shows it ends the search.
        allowed: what that may cost; None is returned where it is exceeded, or where the program
            with the looser rule is refused.
    """
    meter = Meter(allowed)
    try:
        if run_once_with_nodes(rule):
            for one in among:
                meter.look()
                if gains(rule, looser, one.layer, allowed):
                    return True
            return False
        return _found(rule, looser, among, meter)
    except RuleError:
        return None


def _found(rule: Rule, looser: Rule, among: Sequence[Scene], meter: Meter) -> bool:
    seeded: list[Scene] = []
    for one in among:
        graph = Metered(one.layer, meter)
        added = one.added
        if added is None:
            if _new(rule, looser, solutions(looser, graph), one.layer):
                return True
            continue
        seeded.append(one)
        if _new(rule, looser, touching(looser, graph, added), one.layer):
            return True
    grounds = {id(one.below): one.below for one in seeded}
    for ground in grounds.values():
        if ground is None or not _new(
            rule, looser, solutions(looser, Metered(ground, meter)), ground
        ):
            continue
        # Something is gained without any case; a case may hold it, or have a NOT forbid it.
        for one in seeded:
            found = solutions(looser, Metered(one.layer, meter))
            if one.below is ground and _new(rule, looser, found, one.layer):
                return True
    return False


def gains(rule: Rule, looser: Rule, layer: Layer, allowed: Budget | None = None) -> bool:
    """Return whether a looser rule in a rule's place concludes something that a layer has not.

    Raises:
        RuleError: where a rule makes terms, and the program with the looser one is refused.
    """
    if not run_once_with_nodes(rule):
        return _new(rule, looser, solutions(looser, layer), layer)
    closed = closed_with(Mutant(rule, looser, Direction.WEAKER, "drop"), layer, allowed)
    return bool(closed.changes()[0])


def _new(rule: Rule, looser: Rule, found: Iterable[Solution], layer: Layer) -> bool:
    # A rule on any property is in force on the axioms that are asserted, and may say more.
    plain = is_plain(rule)
    return any(
        not layer.holds(fact) and (plain or not derives(rule, layer, fact))
        for fact in said(looser, found)
    )


def said(rule: Rule, found: Iterable[Solution]) -> Iterator[Fact]:
    """Yield what solutions of a rule's body make its head say; not what it makes terms of."""
    for one in found:
        for atom in rule.head:
            fact = in_atom(atom, one)
            if isinstance(fact.predicate, NamedNode):
                yield Fact(fact.subject, fact.predicate, fact.object)  # type: ignore[arg-type]


class Metered:
    """A closed graph whose every fact looked at is counted.

    Raises (when it is read):
        BudgetExceeded: where that is more than allowed.
    """

    def __init__(self, graph: Closed, meter: Meter) -> None:
        self._graph = graph
        self._meter = meter

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the visible facts with the given terms; None matches any."""
        tick = self._meter.tick
        tick()
        for fact in self._graph.match(subject, predicate, obj):
            tick()
            yield fact

    def kind(self, fact: Fact, /) -> Kind | None:
        """Return what kind of fact it is."""
        return self._graph.kind(fact)
