"""Why a fact holds, down to the leaves, which of them it cannot do without, and what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Evidence, Kind
from wearwhy.explain.cited import asserted, named_by_content
from wearwhy.explain.document import evidence_json, fact_json
from wearwhy.proof.breaking import Breaking, breaking_sets
from wearwhy.proof.choose import proofs, shortest, surest
from wearwhy.proof.prove import is_axiom, prove
from wearwhy.rdf import Fact, curie
from wearwhy.rules.layer import Change, Layer

Wanted: TypeAlias = Literal["first", "shortest", "surest"]

_CHOICES: Final = {"first": prove, "shortest": shortest, "surest": surest}


def why_fact(layer: Layer, fact: Fact, wanted: Wanted = "first") -> Evidence:
    """Return the proof of a fact; each asserted leaf says whether the fact falls without it.

    Args:
        layer: where it holds.
        fact: to prove.
        wanted: the proof that the engine keeps, or the shortest, or the surest.

    Raises:
        NoAnswer: WW-WHY-ABSENT, where the fact does not hold; the hint says what does.
    """
    _require(layer, fact)
    return _judged(layer, fact, _CHOICES[wanted](layer, fact), {})


@dataclass(frozen=True, slots=True)
class AllProofs:
    """The proofs of a fact, the shortest first; `complete` where there are no more."""

    proofs: tuple[Evidence, ...]
    complete: bool

    def as_dict(self) -> dict[str, Any]:
        """Return what `why --proof all --json` prints."""
        return {
            "proofs": [evidence_json(one) for one in self.proofs],
            "complete": self.complete,
        }


def all_proofs(layer: Layer, fact: Fact, most: int) -> AllProofs:
    """Return the proofs of a fact, up to so many.

    Raises:
        NoAnswer: as `why_fact`.
    """
    _require(layer, fact)
    needed: dict[Fact, bool] = {}
    found = [_judged(layer, fact, one, needed) for one in islice(proofs(layer, fact), most + 1)]
    return AllProofs(tuple(found[:most]), complete=len(found) <= most)


def breaking(layer: Layer, fact: Fact, *, axioms: bool = False) -> Breaking:
    """Return the smallest sets of facts without which a fact falls.

    Args:
        layer: where it holds.
        fact: the conclusion.
        axioms: whether the ontology's own axioms may be taken away too.

    Raises:
        NoAnswer: as `why_fact`.
    """
    _require(layer, fact)
    return breaking_sets(layer, fact, spared=lambda one: not axioms and is_axiom(one))


def breaking_json(found: Breaking) -> dict[str, Any]:
    """Return what `why --break --json` prints."""
    return {
        "sets": [[fact_json(fact) for fact in one] for one in found.sets],
        "exact": found.exact,
        "searched": {"size": found.reached, "trials": found.trials},
    }


def leaves(found: Evidence) -> list[Fact]:
    """Return the asserted and predicted facts that evidence ends in."""
    kinds = (Kind.ASSERTED, Kind.PREDICTED)
    return [n.statement for n in found.nodes.values() if n.kind in kinds and n.statement]


def _judged(layer: Layer, fact: Fact, found: Evidence, needed: dict[Fact, bool]) -> Evidence:
    for leaf in asserted(found, lambda _: False):
        if leaf not in needed:
            needed[leaf] = not layer.child(Change(remove=(leaf,))).holds(fact)
    return named_by_content(found, needed)[0]


def _require(layer: Layer, fact: Fact) -> None:
    if layer.holds(fact):
        return
    others = [curie(o) for o in layer.objects(fact.subject, fact.predicate)]
    said = f"{curie(fact.subject)} {curie(fact.predicate)} {curie(fact.object)}"
    raise NoAnswer(
        "WW-WHY-ABSENT",
        f"{said} does not hold.",
        note="Nobody asserted it, no rule derives it and no model guessed it.",
        hint=f"What holds is {', '.join(sorted(others)[:6])}." if others else "Ask `why-not`.",
    )
