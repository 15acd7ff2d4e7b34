"""The mutation score of a corpus: would its cases notice if a rule were a little different?

A mutant is *killed* by a case that passes with the rule and fails with the mutant in its place.
One that no case tells from the rule *survives*, which is a missing test, unless it is shown to
conclude the same in every valid graph: then it is *equivalent*, and its condition superfluous.

Most mutants are judged without closing anything anew. Let F be a case closed under the rule. What
a weaker rule concludes from F that F has not is new; where there is nothing, F is closed under
it too. A stronger rule that rests on nothing it concludes loses what its body no longer gives from
F, unless another rule gives it. Only where another rule reads what came or went, the case is
closed again, as a layer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from wearwhy.errors import RuleError
from wearwhy.rdf import RULE, Fact, NamedNode
from wearwhy.rules.budget import Budget
from wearwhy.rules.descriptions import verdict
from wearwhy.rules.implied import Background
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.rules.mutate import Direction, Mutant, mutants
from wearwhy.rules.solutions import derives, solutions
from wearwhy.rules.substitute import in_atom
from wearwhy.rules.subsume import equivalent
from wearwhy.workspace.corpus import Corpus, Laid, Progress, Standing
from wearwhy.workspace.ruletests import Case


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant and its fate.

    Attributes:
        mutant: the changed rule.
        fate: what became of it; refused, where the program with it is not stratified or does not
            end within its budget.
        by: the case that killed it.
    """

    mutant: Mutant
    fate: Fate
    by: Case | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What became of all mutants."""

    judged: tuple[Judged, ...] = field(default_factory=tuple)

    def count(self, fate: Fate) -> int:
        """Return how many mutants had a fate."""
        return sum(one.fate is fate for one in self.judged)

    @property
    def share(self) -> float:
        """The killed among those that could be killed; 1 where there was none."""
        killed, survived = self.count(Fate.KILLED), self.count(Fate.SURVIVED)
        return killed / (killed + survived) if killed + survived else 1.0

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        """The mutants that no case told from their rule."""
        return tuple(one.mutant for one in self.judged if one.fate is Fate.SURVIVED)


def score(
    corpus: Corpus, rules: Iterable[Rule], known: Background, *, progress: Progress | None = None
) -> Score:
    """Return what becomes of every mutant of some rules under a corpus.

    Args:
        corpus: the closed cases.
        rules: to be changed, each of which is in force in the corpus.
        known: what may be taken for granted when mutants are shown equivalent.
        progress: called with (done, total), counted in rules.
    """
    todo = [rule for rule in rules if not rule.description.off]
    found: list[Judged] = []
    for done, rule in enumerate(todo, 1):
        bench = Bench(corpus, rule)
        found += [bench.judge(mutant, known) for mutant in mutants(rule)]
        if progress:
            progress(done, len(todo))
    return Score(tuple(found))


class Bench:
    """The cases that are about one rule, and what it concludes in each."""

    def __init__(self, corpus: Corpus, rule: Rule) -> None:
        self._rule = rule
        self._name = rule.iri.value.removeprefix(RULE)
        self._cases = corpus.about(rule)
        self._program = corpus.base.program
        self._standing = corpus.standings.get(rule.iri)
        self._concluded: dict[int, frozenset[Fact]] = {}

    def judge(self, mutant: Mutant, known: Background) -> Judged:
        """Return the fate of a mutant of the rule.

        The rule's own cases, and those whose proofs cite it, are closed anew where need be; others
        are asked only what they say of its head.
        """
        try:
            for one in self._cases:
                near = one.case.rule == self._name or self._rule.iri in one.cited
                if self.killed(mutant, one) if near else self._glance(mutant, one):
                    return Judged(mutant, Fate.KILLED, one.case)
        except RuleError:
            return Judged(mutant, Fate.REFUSED)
        same = mutant.rule is not None and equivalent(mutant.rule, mutant.original, known)
        return Judged(mutant, Fate.EQUIVALENT if same else Fate.SURVIVED)

    def _glance(self, mutant: Mutant, one: Laid) -> bool:
        """Return whether a case is seen to fail because a weaker rule says what it forbids."""
        if mutant.rule is None or mutant.direction is Direction.STRONGER or not self._usable(one):
            return False
        return any(derives(mutant.rule, one.layer, fact) for fact in one.forbidden)

    def _usable(self, one: Laid) -> bool:
        standing = self._standing
        return standing is not None and standing.plain and one.layer.program is self._program

    def killed(self, mutant: Mutant, one: Laid) -> bool:
        """Return whether a case fails with a mutant in the rule's place.

        Raises:
            RuleError: where the program with the mutant is refused.
        """
        standing = self._standing
        found = None
        if standing is not None and self._usable(one):
            found = self._seen(mutant, one, standing)
        return not one.passes(closed_with(mutant, one.layer)) if found is None else found

    def _seen(self, mutant: Mutant, one: Laid, standing: Standing) -> bool | None:
        """Return whether a case is seen to fail; None where it must be closed again."""
        changed, layer = mutant.rule, one.layer
        weaker = changed is not None and mutant.direction is not Direction.STRONGER
        if weaker and changed and any(derives(changed, layer, f) for f in one.forbidden):
            return True
        if mutant.direction is not Direction.WEAKER:
            if standing.recursive:
                return None
            for fact in one.expected:
                firing = layer.firing(fact)
                if firing is None or firing.rule != self._rule.iri:
                    continue
                if changed is None or not derives(changed, layer, fact):
                    return True if verdict(self._rule) is not None else None
        if not standing.read and (
            verdict(self._rule) is not None or mutant.direction is Direction.WEAKER
        ):
            return False
        if mutant.direction is Direction.WEAKER:
            assert changed is not None
            return None if any(not layer.holds(f) for f in concluded(changed, layer)) else False
        before = self._concluded.get(id(one))
        if before is None:
            before = self._concluded[id(one)] = frozenset(concluded(self._rule, layer))
        after = frozenset() if changed is None else frozenset(concluded(changed, layer))
        return None if before != after else False


def concluded(rule: Rule, layer: Layer) -> Iterable[Fact]:
    """Yield what a rule concludes from a closed layer; not what its head makes terms of."""
    for found in solutions(rule, layer):
        for atom in rule.head:
            said = in_atom(atom, found)
            if isinstance(said.predicate, NamedNode):
                yield Fact(said.subject, said.predicate, said.object)  # type: ignore[arg-type]


def closed_with(mutant: Mutant, layer: Layer, budget: Budget | None = None) -> Layer:
    """Return a layer with a mutant in its rule's place.

    Args:
        mutant: the changed rule.
        layer: what it is laid over.
        budget: what closing may cost; that of the layer if none is given.

    Raises:
        RuleError: where the program with the mutant is not stratified, or exceeds its budget.
    """
    iri = mutant.original.iri
    change = (
        Change(rules_remove=(iri,)) if mutant.rule is None else Change(rules_add=(mutant.rule,))
    )
    return layer.child(change, budget=budget)
