"""What forbids an item by itself, and which changes could lift it.

A rule's verdict stands on a proof. A set of changes lifts it only if one of them meets the proof:
takes away a leaf, switches off a rule, or touches a property that an absence or a measure in the
proof depends on. So the sets that lift every verdict are found by meeting one proof after the
other, and no others need be looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from wearwhy.outfit.filters import refused
from wearwhy.outfit.request import Request
from wearwhy.proof.backward import row_of
from wearwhy.rdf import WW, Fact, NamedNode, Node
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.ledger import Because, Computed
from wearwhy.rules.model import Atom, Element, Negation
from wearwhy.workspace.changes import Case, Step, drawn_on, forbidding
from wearwhy.workspace.relaxing import SOURCE

_ANY: Final = WW.anyProperty
"""Stands for a variable in the place of a property."""
_OF_OTHERS: Final = frozenset({WW["change-add-layer"], WW["change-drop-item"], WW["change-lock"]})


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that keeps the item out, and what could lift it.

    Attributes:
        leaves: facts that its proof ends in; of the request's own, property and value.
        asked: what the request states that its proof ends in, as property and value.
        rules: that fire in its proof.
        reads: properties that its absences and measures depend on.
    """

    leaves: frozenset[Fact] = frozenset()
    asked: frozenset[tuple[NamedNode, Node]] = frozenset()
    rules: frozenset[NamedNode] = frozenset()
    reads: frozenset[Node] = frozenset()


@dataclass(slots=True, eq=False)
class Trials:
    """Layers in which changes are made, each once, and what forbids the item there."""

    case: Case
    checks: int = 0
    _layers: dict[frozenset[str], Layer] = field(default_factory=dict)
    _found: dict[tuple[int, NamedNode, str], Blocker | None] = field(default_factory=dict)
    _reads: dict[Node, frozenset[Node]] = field(default_factory=dict)

    def layer(self, chosen: Sequence[Step]) -> Layer:
        """Return the wardrobe under some changes: a child of the layer with one change less."""
        changed = [step for step in chosen if step.change != Change()]
        if not changed:
            return self.case.layer
        key = frozenset(step.text for step in changed)
        found = self._layers.get(key)
        if found is None:
            below = self.layer(changed[:-1])
            found = self._layers[key] = below.child(changed[-1].change)
        return found

    def request(self, chosen: Iterable[Step]) -> Request | None:
        """Return the request under some changes; None where they contradict each other."""
        asked = self.case.request
        asked = replace(
            asked, excluded=tuple(item for item in asked.excluded if item != self.case.item)
        )
        for step in chosen:
            if step.asking is not None:
                asked = step.asking(asked)
        return None if set(asked.locked) & set(asked.excluded) else asked

    def blocker(self, chosen: Sequence[Step]) -> Blocker | None:
        """Return something that keeps the item out by itself under some changes, if anything."""
        request = self.request(chosen)
        if request is None:
            return Blocker()
        layer = self.layer(chosen)
        key = (layer.number, replace(request, excluded=()).iri, request.source)
        if key not in self._found:
            self.checks += 1
            self._found[key] = self._blocker(layer, request)
        return self._found[key]

    def _blocker(self, layer: Layer, request: Request) -> Blocker | None:
        case = self.case
        if not drawn_on(layer, request, case.item):
            return Blocker(reads=frozenset({WW.inWardrobe, SOURCE}))
        filtered = refused(layer, request.filters, case.item)
        if filtered:
            return Blocker(asked=frozenset(filtered[0].wanted), reads=frozenset({WW.inWardrobe}))
        if not layer.objects(case.item, WW.slot):
            return Blocker(reads=self.behind(WW.slot))
        certainty = case.resources.index(case.layer).scoring.certainty
        inside, facts = forbidding(layer, request, case.item, certainty)
        if not facts:
            return None
        return min(
            (self._proof(inside, request, fact) for fact in facts),
            key=lambda one: (len(one.reads), len(one.leaves), str(sorted(map(str, one.rules)))),
        )

    def _proof(self, layer: Layer, request: Request, verdict: Fact) -> Blocker:
        leaves: set[Fact] = set()
        asked: set[tuple[NamedNode, Node]] = set()
        rules: set[NamedNode] = set()
        reads: set[Node] = set()
        stack, seen = [row_of(layer, verdict)], set()
        while stack:
            row = stack.pop()
            if row in seen:
                continue
            seen.add(row)
            entry = layer.entry(row)
            if isinstance(entry, Because):
                rules.add(entry.rule.rule.iri)
                for predicate in _negated(entry.rule.rule.body):
                    reads |= self.behind(predicate)
                stack += entry.premises
            elif isinstance(entry, Computed):
                for predicate in entry.measure.reads:
                    reads |= self.behind(predicate)
                stack += entry.premises
            else:
                fact = layer.interner.fact(row)
                leaves.add(fact)
                if fact.subject == request.iri:
                    asked.add((fact.predicate, fact.object))
        return Blocker(frozenset(leaves), frozenset(asked), frozenset(rules), frozenset(reads))

    def behind(self, predicate: Node) -> frozenset[Node]:
        """Return the properties that what is said with a property depends on, itself included."""
        if predicate not in self._reads:
            made = self._edges()
            found, stack = {predicate}, [predicate]
            while stack:
                here = stack.pop()
                for other in (*made.get(here, ()), *made.get(_ANY, ())):
                    if other not in found:
                        found.add(other)
                        stack.append(other)
            self._reads[predicate] = frozenset(found)
        return self._reads[predicate]

    def _edges(self) -> dict[Node, set[Node]]:
        program = self.case.layer.program
        known = program.cache.get("properties read")
        if isinstance(known, dict):
            return known
        made: dict[Node, set[Node]] = defaultdict(set)
        for rule in program.rules:
            atoms = [e for e in rule.body if isinstance(e, Atom)]
            read = {_property(atom) for atom in atoms} | set(_negated(rule.body))
            for head in rule.head:
                made[_property(head)] |= read
        for measure in program.measures:
            made[measure.iri] |= set(measure.reads)
        program.cache["properties read"] = made
        return made

    def meets(self, step: Step, blocker: Blocker, chosen: Sequence[Step]) -> bool:
        """Return whether one change more could lift a blocker that stands under some changes."""
        change = step.change
        if step.kind in _OF_OTHERS and step.change == Change():
            # What is asked of other things, or that this one is asked for, says nothing of how it is.
            return step.statement is not None and step.statement.predicate in blocker.reads
        if blocker.rules & set(change.rules_remove):
            return True
        gone = (*change.remove, *change.unpredict)
        if blocker.leaves & set(gone):
            return True
        touched: set[Node] = {fact.predicate for fact in (*change.add, *gone)}
        if step.asking is not None:
            if step.statement is not None:
                touched.add(step.statement.predicate)
            before, after = self.request(chosen), self.request((*chosen, step))
            if before is None or after is None:
                return False
            was = {(fact.predicate, fact.object) for fact in before.facts()}
            now = {(fact.predicate, fact.object) for fact in after.facts()}
            if blocker.asked & (was - now):
                return True
            touched |= {predicate for predicate, _ in was ^ now}
        return bool(blocker.reads and (touched & blocker.reads or _ANY in blocker.reads))


def _property(atom: Atom) -> Node:
    return atom.predicate if isinstance(atom.predicate, NamedNode) else _ANY


def _negated(body: Iterable[Element]) -> list[Node]:
    """Return the properties that the NOTs of a body look for."""
    return [
        _property(part)
        for element in body
        if isinstance(element, Negation)
        for part in element.body
        if isinstance(part, Atom)
    ]
