"""The smallest sets of facts without which a conclusion falls.

A set that breaks a conclusion meets every proof of it: it holds a leaf of the proof, or a fact
whose going breaks one of the absences that the proof rests on. So the search is for the smallest
sets that meet every proof found so far; each is tried in a layer of its own, and where the
conclusion still stands, its proof there is one more to be met. What is found has been tried, and
nothing smaller was left out: NOT and measures, by which facts can appear when others go, included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from wearwhy.evidence import Kind
from wearwhy.proof.backward import Step, backward, fired, row_of
from wearwhy.proof.prove import prove
from wearwhy.proof.unlocking import Pattern, pattern_of, unlocking
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.ledger import Because, Computed
from wearwhy.rules.model import Atom, Negation

Facts: TypeAlias = frozenset[Fact]

LARGEST: Final = 4
TRIALS: Final = 2000
SETS: Final = 50


@dataclass(frozen=True, slots=True)
class Breaking:
    """What breaks a conclusion.

    Attributes:
        sets: the smallest sets, each in the order of its text; none where none was found.
        exact: whether there is no smaller set and, of this size, no other; without sets, whether
            there is none at all.
        reached: sets of up to this size were searched through, the size of `sets` included.
        trials: how many sets were withdrawn in a layer of their own.
    """

    sets: tuple[tuple[Fact, ...], ...]
    exact: bool
    reached: int
    trials: int


@dataclass(frozen=True, slots=True)
class _Proof:
    """A proof to be met: it stands wherever all of `given` is gone and nothing of `met` is."""

    given: Facts
    met: Facts


def breaking_sets(
    layer: Layer,
    fact: Fact,
    *,
    largest: int = LARGEST,
    trials: int = TRIALS,
    spared: Callable[[Fact], bool] = lambda _: False,
) -> Breaking:
    """Return the smallest sets of asserted facts and guesses whose removal breaks a conclusion.

    Args:
        layer: where it holds.
        fact: the conclusion.
        largest: the size of set to search up to.
        trials: how many sets to try at most.
        spared: the facts that are not to be removed.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold in the layer.
    """
    row_of(layer, fact)
    return _Search(layer, fact, spared, trials).run(largest)


@dataclass(slots=True, eq=False)
class _Search:
    layer: Layer
    fact: Fact
    spared: Callable[[Fact], bool]
    most: int
    proofs: list[_Proof] = field(default_factory=list)
    tried: dict[Facts, bool] = field(default_factory=dict)
    _matching: dict[tuple[Pattern, bool], Facts] = field(default_factory=dict)

    def run(self, largest: int) -> Breaking:
        """Search through sets of one fact, then of two, and so on."""
        self._breaks(frozenset())
        for size in range(1, largest + 1):
            if not self.proofs[0].met:
                return Breaking((), exact=True, reached=size, trials=len(self.tried))
            found = []
            for one in self._sets(frozenset(), frozenset(), size):
                found.append(tuple(sorted(one, key=str)))
                if len(found) > SETS:
                    break
            out = len(self.tried) > self.most
            if found or out:
                exact = not out and len(found) <= SETS
                sets = tuple(sorted(found[:SETS], key=str))
                return Breaking(sets, exact, size - out, len(self.tried))
        return Breaking((), exact=False, reached=largest, trials=len(self.tried))

    def _sets(self, gone: Facts, kept: Facts, size: int) -> Iterator[Facts]:
        """Yield the breaking sets of a size that hold all of `gone` and nothing of `kept`."""
        unmet = next(
            (p.met for p in self.proofs if p.given <= gone and p.met.isdisjoint(gone)), None
        )
        if unmet is None:
            if len(self.tried) > self.most:
                return
            if self._breaks(gone):
                if len(gone) == size:
                    yield gone
                return
            unmet = self.proofs[-1].met
        if len(gone) == size:
            return
        # Each set is met once: with the first of the facts that it shares with the proof.
        for fact in sorted(unmet - kept, key=str):
            yield from self._sets(gone | {fact}, kept, size)
            kept |= {fact}

    def _breaks(self, gone: Facts) -> bool:
        """Return whether the conclusion falls without some facts; keep the proof if it stands."""
        known = self.tried.get(gone)
        if known is not None:
            return known
        trial = self.layer
        if gone:
            held = tuple(sorted(gone, key=str))
            guessed = tuple(f for f in held if trial.probability(f) is not None)
            trial = trial.child(Change(remove=held, unpredict=guessed))
        broken = self.tried[gone] = not trial.holds(self.fact)
        if not broken:
            self.proofs.append(self._proof(trial, gone))
        return broken

    def _proof(self, trial: Layer, gone: Facts) -> _Proof:
        """Return what meets the proof that a trial's ledger keeps."""
        if trial.merged is not None:
            nodes = prove(trial, self.fact).nodes.values()
            always = all(node.kind not in (Kind.ABSENT, Kind.COMPUTED) for node in nodes)
            leaves = {n.statement for n in nodes if n.statement and not n.premises}
            return _Proof(
                frozenset() if always else gone,
                frozenset(leaf for leaf in leaves - gone if not self.spared(leaf)),
            )
        fact_of = trial.interner.fact
        met: set[Fact] = set()
        absent: set[Pattern] = set()
        always = True
        stack, seen = [row_of(trial, self.fact)], set()
        while stack:
            row = stack.pop()
            if row in seen:
                continue
            seen.add(row)
            entry = trial.entry(row)
            if isinstance(entry, Because):
                step = Step(entry.rule.rule.iri, entry.rule.rule, entry.premises)
                patterns = _absences(trial, step)
                absent |= patterns
                settled = not patterns
            elif isinstance(entry, Computed):
                step, settled = Step(entry.measure.iri, None, entry.premises), False
                absent |= {(None, predicate, None) for predicate in entry.measure.reads}
            else:
                met.add(fact_of(row))
                continue
            stack += step.premises
            if not settled and gone and always:
                always = step in backward(self.layer).steps(row)
        for one in unlocking(self.layer, absent):
            met |= self._behind(one)
        return _Proof(
            frozenset() if always else gone,
            frozenset(f for f in met - gone if not self.spared(f)),
        )

    def _behind(self, asked: tuple[Pattern, bool]) -> Facts:
        """Return the leaves of the layer that match a pattern, or the guesses among them."""
        found = self._matching.get(asked)
        if found is None:
            (subject, predicate, obj), guesses = asked
            layer = self.layer
            assert predicate is None or isinstance(predicate, NamedNode)
            found = self._matching[asked] = frozenset(
                fact
                for fact in layer.match(subject, predicate, obj)
                if layer.probability(fact) is not None
                or (not guesses and layer.kind(fact) is Kind.ASSERTED)
            )
        return found


def _absences(layer: Layer, step: Step) -> set[Pattern]:
    """Return the patterns whose absence a step rested on, but for those of asserted facts only.

    Nobody asserts a fact because another has gone.
    """
    rule = step.rule
    if rule is None:
        return set()
    negations = [element for element in rule.body if isinstance(element, Negation)]
    if not negations:
        return set()
    return {
        pattern_of(part)
        for negation, parts in zip(negations, fired(layer, step).absences, strict=True)
        if not (negation.data or rule.data)
        for part in parts
        if isinstance(part, Atom)
    }
