"""Why a fact holds, down to the leaves, and which of them it cannot do without."""

from __future__ import annotations

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Evidence, Kind
from wearwhy.explain.cited import asserted, named_by_content
from wearwhy.proof.prove import prove
from wearwhy.rdf import Fact, curie
from wearwhy.rules.layer import Change, Layer


def why_fact(layer: Layer, fact: Fact) -> Evidence:
    """Return the proof of a fact; each asserted leaf says whether the fact falls without it.

    Raises:
        NoAnswer: WW-WHY-ABSENT, where the fact does not hold; the hint says what does.
    """
    if not layer.holds(fact):
        others = [curie(o) for o in layer.objects(fact.subject, fact.predicate)]
        raise NoAnswer(
            "WW-WHY-ABSENT",
            f"{curie(fact.subject)} {curie(fact.predicate)} {curie(fact.object)} does not hold.",
            note="Nobody asserted it, no rule derives it and no model guessed it.",
            hint=f"What holds is {', '.join(sorted(others)[:6])}." if others else "",
        )
    found = prove(layer, fact)
    needed = {
        leaf: not layer.child(Change(remove=(leaf,))).holds(fact)
        for leaf in asserted(found, lambda _: False)
    }
    return named_by_content(found, needed)[0]


def leaves(found: Evidence) -> list[Fact]:
    """Return the asserted and predicted facts that evidence ends in."""
    kinds = (Kind.ASSERTED, Kind.PREDICTED)
    return [n.statement for n in found.nodes.values() if n.kind in kinds and n.statement]
