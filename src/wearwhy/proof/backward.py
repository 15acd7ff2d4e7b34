"""One step backwards: every firing that concludes a fact, found by running rules in reverse.

The ledger keeps one derivation a fact. The others are found on demand: each rule with a head that
may have made the fact is entered with its head bound, by the function that the engine's own
maintenance derives facts again with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from wearwhy.errors import NoAnswer
from wearwhy.rdf import Fact, NamedNode, curie
from wearwhy.rules.budget import Budget, Meter
from wearwhy.rules.compile import Compiled
from wearwhy.rules.firing import firing
from wearwhy.rules.keeper import Keeper
from wearwhy.rules.layer import Layer
from wearwhy.rules.ledger import Asserted, Because, Computed, Guess
from wearwhy.rules.model import Firing, Rule
from wearwhy.rules.terms import Row

Leaf: TypeAlias = Asserted | Guess


class Step(NamedTuple):
    """One firing as the engine has it: the rule or measure, and the rows it rests on, in order.

    Attributes:
        by: the name of the rule or measure.
        rule: the rule; None for a measure.
        premises: the rows its atoms matched, in written order.
    """

    by: NamedNode
    rule: Rule | None
    premises: tuple[Row, ...]


class Backward:
    """The derivations of the facts of one layer; what was found once is kept with the layer."""

    __slots__ = ("_heads", "_keeper", "_known", "_nodes", "_sorted", "layer")

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self._keeper = Keeper(layer, Meter(Budget()))
        self._known: dict[Row, tuple[Step, ...]] = {}
        self._sorted: set[Row] = set()
        self._nodes = layer.interner.nodes
        self._heads = [stratum.heads for stratum in layer.program.strata]

    def leaf(self, row: Row) -> Leaf | None:
        """Return what makes a row a leaf: that somebody asserted it, or that it is but guessed."""
        entry = self.layer.entry(row)
        return entry if isinstance(entry, Asserted | Guess) else None

    def steps(self, row: Row) -> tuple[Step, ...]:
        """Return every firing that concludes a row, whether or not it is a leaf besides.

        In no particular order; a row that does not hold has none.
        """
        found = self._known.get(row)
        if found is None:
            found = self._known[row] = tuple(dict.fromkeys(self._found(row)))
        return found

    def ordered(self, row: Row) -> tuple[Step, ...]:
        """Return the firings by the text of rule and premises, whatever the order of loading."""
        found = self.steps(row)
        if len(found) > 1 and row not in self._sorted:
            found = self._known[row] = tuple(sorted(found, key=self.text))
        self._sorted.add(row)
        return found

    def text(self, step: Step) -> tuple[str, ...]:
        """Return what firings are ordered by where nothing else decides."""
        nodes = self._nodes
        return (step.by.value, *(str(nodes[i]) for row in step.premises for i in row))

    def _found(self, row: Row) -> Iterator[Step]:
        layer = self.layer
        entry = layer.entry(row)
        if entry is None:
            return
        if isinstance(entry, Because):
            # The one that is kept; a head that makes nodes is found by it alone.
            yield _step(entry.rule, entry.premises)
        elif isinstance(entry, Computed):
            yield Step(entry.measure.iri, None, entry.premises)
        sink: list[tuple[Compiled, Row, tuple[Row, ...]]] = []

        def emit(compiled: Compiled, head: Row, premises: tuple[Row, ...]) -> None:
            sink.append((compiled, head, premises))

        for heads in self._heads:
            for compiled, number in heads.of(row):
                compiled.backward(number)(layer.relations, self._keeper, row, emit)
        for compiled, head, premises in sink:
            if head == row:
                yield _step(compiled, premises)


def _step(compiled: Compiled, premises: tuple[Row, ...]) -> Step:
    return Step(compiled.rule.iri, compiled.rule, premises)


def backward(layer: Layer) -> Backward:
    """Return the layer's derivations, kept with it."""
    found = layer.cache.get("backward")
    if not isinstance(found, Backward):
        found = layer.cache["backward"] = Backward(layer)
    return found


def fired(layer: Layer, step: Step) -> Firing:
    """Return a step told in full: with its bindings, and with the absences it rested on."""
    premises = tuple(layer.interner.fact(row) for row in step.premises)
    return Firing(step.by, premises) if step.rule is None else firing(step.rule, premises)


def row_of(layer: Layer, fact: Fact) -> Row:
    """Return a visible fact's row.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold in the layer.
    """
    find = layer.interner.find
    stored = fact if layer.merged is None else layer.merged.names.image(fact)
    s, p, o = find(stored.subject), find(stored.predicate), find(stored.object)
    if s is None or p is None or o is None or layer.entry((s, p, o)) is None:
        raise NoAnswer("WW-WHY-ABSENT", f"{' '.join(map(curie, fact))} does not hold here.")
    return s, p, o


def derivations(layer: Layer, fact: Fact) -> Iterator[Firing]:
    """Yield every firing that concludes a fact, one step back, ordered by text.

    A fact that somebody asserted may have derivations all the same; one that nobody asserted and
    nothing derives is a guess.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold in the layer.
    """
    row = row_of(layer, fact)
    return (fired(layer, step) for step in backward(layer).ordered(row))
