"""A look, explained: its terms with their evidence, and what each would be without each fact.

Every asserted fact that the evidence cites, the request's among them, is withdrawn in a layer of
its own; the look is replayed there with the same items. A fact is *needed* if the conclusion
falls without it: a rule's verdict no longer holds, or a counted figure changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from wearwhy.errors import BudgetExceeded
from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain import cited, labelled, resident
from wearwhy.explain.labelled import Labelled
from wearwhy.explain.resident import Ground
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, look_layer
from wearwhy.outfit.score import Term, total
from wearwhy.proof.prove import Prover
from wearwhy.rdf import TYPE, WW, Fact, Node
from wearwhy.rules.layer import Change, Layer

SAME = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedTerm:
    """A term with its evidence.

    Attributes:
        term: the addend.
        evidence: what it rests on; the root is its conclusion.
        without: its value without `without_fact`; None where no asserted fact is cited, or
            nothing was tried.
        without_fact: the first fact of its evidence that is needed and does more than set the
            stage; where none is, the first that does more, needed or not; else the first cited.
        withouts: its value without each asserted fact, by the fact's node.
    """

    term: Term
    evidence: Evidence
    without: float | None
    without_fact: Fact | None
    withouts: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedLook:
    """A look with its terms explained.

    Attributes:
        look: that is explained.
        layer: its own, which it was explained in.
        terms: by falling magnitude.
        before: the look that is shown before it, if one is: reasons avoid repeating each other.
        kept: what others computed from it and may keep with it.
        labelling: finds its labels, when they are first asked for.
        taken: the owned items that are at hand, where it is not all of them, as on a trip: no
            reason is told that speaks of another.
    """

    look: Look
    layer: Layer
    terms: tuple[ExplainedTerm, ...]
    before: ExplainedLook | None = None
    kept: dict[object, object] = field(default_factory=dict)
    labelling: Callable[[], tuple[Labelled, ...]] = tuple
    taken: frozenset[Node] | None = None

    @property
    def labels(self) -> tuple[Labelled, ...]:
        """Return popular, related and novel, those that it bears first."""
        return self.labelling()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Return the evidence of every term, then of every label."""
        return (*(one.evidence for one in self.terms), *(one.evidence for one in self.labels))

    @property
    def nodes(self) -> dict[str, EvidenceNode]:
        """Return every node of that evidence by its name."""
        return {name: node for one in self.evidence for name, node in one.nodes.items()}


def explain_terms(layer: Layer, look: Look, resources: Resources) -> tuple[Term, ...]:
    """Return a look's terms as the resident engine has them.

    Args:
        layer: the look's own layer, as `look.look_layer` makes it, or one over it.
        look: whose items are fixed.
        resources: comfort table and vectors.
    """
    return resident.terms(resident.ground(layer, look, resources))


def explain(
    request_layer: Layer,
    look: Look,
    resources: Resources,
    *,
    trials: bool = True,
    most: int | None = None,
    each_kind: bool = False,
) -> ExplainedLook:
    """Return a look with the evidence of each term.

    Args:
        request_layer: the layer of the look's request.
        look: a look of that request.
        resources: as it was recommended with.
        trials: whether to withdraw each cited fact; without it nothing is said of `needed`.
        most: of how many terms, the largest first, to withdraw the facts; None for all. Those
            that rest on a guess are tried besides.
        each_kind: whether to try the largest term of each kind besides.

    A fact whose withdrawal goes beyond the layer's budget is not tried, and nothing is said of it.
    """
    layer = look_layer(request_layer, look)
    found = resident.ground(layer, look, resources)
    terms = resident.terms(found)
    prover = Prover(layer)
    proofs = [cited.evidence(found, term, prover) for term in terms]
    own = (look.iri, look.request.iri)
    facts = [cited.asserted(proof, lambda fact: _sets_the_stage(own, fact)) for proof in proofs]
    firsts = {term.kind: n for n, term in reversed([*enumerate(terms)])} if each_kind else {}
    wanted = {
        fact
        for n, some in enumerate(facts)
        if _shown(n, most, proofs[n]) or n in firsts.values()
        for fact in some
    }
    tried = _tried(found, terms, wanted) if trials else {}
    explained = []
    made: cited.Made = {}
    for term, proof, some in zip(terms, proofs, facts, strict=True):
        values = {fact: tried[fact].get(term.key, 0.0) for fact in some if fact in tried}
        needed = {fact: _falls(term, tried[fact], value) for fact, value in values.items()}
        document, names = cited.named_by_content(proof, needed, made)
        first = _first(values, needed, lambda fact: _sets_the_stage(own, fact))
        explained.append(
            ExplainedTerm(
                term,
                document,
                None if first is None else values[first],
                first,
                {names[fact]: value for fact, value in values.items()},
            )
        )
    # The score is the sum of the very terms that are told: both read the same facts of the layer.
    told = replace(look, terms=terms, score=total(terms))
    labelling = cache(lambda: labelled.labels(request_layer, told, resources))
    return ExplainedLook(told, layer, tuple(explained), labelling=labelling)


def _shown(place: int, most: int | None, proof: Evidence) -> bool:
    return most is None or place < most or bool(guesses(proof))


def guesses(found: Evidence) -> list[EvidenceNode]:
    """Return the predicted facts that evidence rests on, in the order of citing."""
    return [node for node in cited.in_order(found) if node.kind is Kind.PREDICTED]


def _first(
    values: Mapping[Fact, float], needed: Mapping[Fact, bool], stage: Callable[[Fact], bool]
) -> Fact | None:
    """Return the fact whose absence is told: one that is needed, and no mere part of the stage."""
    told = [fact for fact in values if not stage(fact)] or list(values)
    return next((fact for fact in told if needed[fact]), told[0] if told else None)


def _tried(
    found: Ground, terms: tuple[Term, ...], facts: set[Fact]
) -> dict[Fact, dict[tuple[str, ...], float]]:
    """Return the values of all terms without each fact."""
    wanted = {term.key for term in terms}
    result = {}
    for fact in sorted(facts, key=lambda f: tuple(str(part) for part in f)):
        try:
            trial = found.layer.child(Change(remove=(fact,)))
        except BudgetExceeded:
            # A whole catalogue may rest on one fact of the ontology: of that nothing is said.
            continue
        gained, lost = trial.changes()
        # A rule may conclude what nobody says any more: visible still, but no longer said.
        values = resident.replayed(found, trial, gained, [*lost, fact])
        result[fact] = {key: value for key, value in values.items() if key in wanted}
    return result


def _falls(term: Term, without: Mapping[tuple[str, ...], float], value: float) -> bool:
    if term.kind == "rule":
        return term.key not in without
    return not math.isclose(value, term.value, rel_tol=0.0, abs_tol=SAME)


def _sets_the_stage(own: Collection[Node], fact: Fact) -> bool:
    """Return whether a fact only says that this look is under judgement."""
    if fact.predicate == TYPE:
        return fact.object in (WW.Look, WW.Pair, WW.Request)
    if fact.predicate == WW.hasItem:
        return fact.subject in own
    return fact.predicate in cited.SCAFFOLD


def in_a_row(looks: Iterable[ExplainedLook]) -> tuple[ExplainedLook, ...]:
    """Return looks that are shown together, each knowing the one before it."""
    found: list[ExplainedLook] = []
    for look in looks:
        before = found[-1] if found else None
        found.append(look if look.before is before else replace(look, before=before, kept={}))
    return tuple(found)
