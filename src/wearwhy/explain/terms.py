"""A look, explained: its terms with their evidence, and what each would be without each fact.

Every asserted fact that the evidence cites, the request's among them, is withdrawn in a layer of
its own; the look is replayed there with the same items. A fact is *needed* if the conclusion
falls without it: a rule's verdict no longer holds, or a counted figure changes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wearwhy.evidence import Evidence
from wearwhy.explain import cited, resident
from wearwhy.explain.resident import Ground
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, look_layer
from wearwhy.outfit.score import Term
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
        without: its value without the first needed fact of its evidence (of its first cited fact
            if none alone is needed); None where no asserted fact is cited.
        without_fact: that fact.
        withouts: its value without each asserted fact, by the fact's node.
    """

    term: Term
    evidence: Evidence
    without: float | None
    without_fact: Fact | None
    withouts: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedLook:
    """A look with its terms explained, by falling magnitude, and the layer it was explained in."""

    look: Look
    layer: Layer
    terms: tuple[ExplainedTerm, ...]

    @property
    def nodes(self) -> dict[str, object]:
        """Return every node of every term's evidence by its name."""
        return {name: node for term in self.terms for name, node in term.evidence.nodes.items()}


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
) -> ExplainedLook:
    """Return a look with the evidence of each term.

    Args:
        request_layer: the layer of the look's request.
        look: a look of that request.
        resources: as it was recommended with.
        trials: whether to withdraw each cited fact; without it nothing is said of `needed`.
        most: of how many terms, the largest first, to withdraw the facts; None for all.
    """
    layer = look_layer(request_layer, look)
    found = resident.ground(layer, look, resources)
    terms = resident.terms(found)
    prover = Prover(layer)
    proofs = [cited.evidence(found, term, prover) for term in terms]
    own = (look.iri, look.request.iri)
    facts = [cited.asserted(proof, lambda fact: _sets_the_stage(own, fact)) for proof in proofs]
    tried = _tried(found, terms, {f for some in facts[:most] for f in some}) if trials else {}
    explained = []
    for term, proof, some in zip(terms, proofs, facts, strict=True):
        values = {fact: tried[fact].get(term.key, 0.0) for fact in some if fact in tried}
        needed = {fact: _falls(term, tried[fact], value) for fact, value in values.items()}
        document, names = cited.named_by_content(proof, needed)
        first = next((f for f in some if needed.get(f)), next(iter(values), None))
        explained.append(
            ExplainedTerm(
                term,
                document,
                None if first is None else values[first],
                first,
                {names[fact]: value for fact, value in values.items()},
            )
        )
    return ExplainedLook(look, layer, tuple(explained))


def _tried(
    found: Ground, terms: tuple[Term, ...], facts: set[Fact]
) -> dict[Fact, dict[tuple[str, ...], float]]:
    """Return the values of all terms without each fact."""
    wanted = {term.key for term in terms}
    result = {}
    for fact in sorted(facts, key=lambda f: tuple(str(part) for part in f)):
        trial = found.layer.child(Change(remove=(fact,)))
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
