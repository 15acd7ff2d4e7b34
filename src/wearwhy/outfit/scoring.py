"""The parameters of scoring, as `ontology/scoring.ttl` states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from wearwhy.errors import InputError
from wearwhy.rdf import WW, curie
from wearwhy.walk.graph import Graph, number

KINDS = ("rule", "walk", "pair", "neural", "comfort", "taste")


@dataclass(frozen=True, slots=True)
class Comfort:
    """Points for insulation: inside the range asked for, and lost for each clo outside of it."""

    best: float
    cold_slope: float
    warm_slope: float
    floor: float
    factor: float
    constant: float


@dataclass(frozen=True, slots=True)
class Scoring:
    """All parameters of a score; see the comments of `ontology/scoring.ttl` for each."""

    multipliers: Mapping[str, float]
    certainty: float
    half_life: float
    comfort: Comfort
    shrinkage: float
    support: int
    attributes: tuple[tuple[NamedNode, float], ...]
    per_slot: int
    per_optional: int
    least_gain: float
    beam: int
    diversity: float
    damping: float
    rounds: int


def fitted(declared: Scoring, learned: Mapping[str, float]) -> Scoring:
    """Return parameters with the multipliers that were learned in place of those declared."""
    kinds = {kind: learned.get(kind, was) for kind, was in declared.multipliers.items()}
    return replace(declared, multipliers=kinds)


def read(graph: Graph) -> Scoring:
    """Return the parameters that the graph declares at `ww:scoring`.

    Raises:
        InputError: WW-SCORING, where a parameter is missing or no number.
    """

    def of(name: str) -> float:
        found = number(graph, WW.scoring, WW[name])
        if found is None:
            raise InputError(
                "WW-SCORING",
                f"ww:scoring has no number for ww:{name}.",
                note="Every parameter of scoring is declared; there are no hidden defaults.",
                hint="See ontology/scoring.ttl.",
            )
        return found

    weights = []
    for node in graph.objects(WW.scoring, WW.pairAttribute):
        predicate, weight = graph.value(node, WW.property), number(graph, node, WW.weight)
        if not isinstance(predicate, NamedNode) or weight is None:
            raise InputError(
                "WW-SCORING", f"The pair attribute {curie(node)} lacks a property or a weight."
            )
        weights.append((predicate, weight))
    return Scoring(
        multipliers={kind: of(f"multiplier{kind.capitalize()}") for kind in KINDS},
        certainty=of("certainty"),
        half_life=of("tasteHalfLife"),
        comfort=Comfort(
            of("comfortBest"),
            of("comfortColdSlope"),
            of("comfortWarmSlope"),
            of("comfortFloor"),
            of("insulationFactor"),
            of("insulationConstant"),
        ),
        shrinkage=of("pairShrinkage"),
        support=int(of("pairSupport")),
        attributes=tuple(sorted(weights, key=lambda pair: pair[0].value)),
        per_slot=int(of("candidatesPerSlot")),
        per_optional=int(of("candidatesPerOptionalSlot")),
        least_gain=of("leastGain"),
        beam=int(of("beamWidth")),
        diversity=of("diversityLambda"),
        damping=of("walkDamping"),
        rounds=int(of("walkRounds")),
    )
