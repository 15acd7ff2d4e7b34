"""Evidence: what a conclusion rests on, as data.

A document of evidence is a directed acyclic graph of nodes, each with an id that is stable for
the same content. Nothing here computes; `proof` and `explain` make it, checkers and renderers
read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wearwhy.rdf import Fact, Node


class Kind(StrEnum):
    """What a node of evidence is; the list is closed."""

    ASSERTED = "asserted"
    DERIVED = "derived"
    PREDICTED = "predicted"
    COMPUTED = "computed"
    ABSENT = "absent"
    BUILTIN = "builtin"
    SAME = "same"
    AXIOM = "axiom"
    PATH = "path"
    PAIR = "pair"
    OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class EvidenceNode:
    """One step of an explanation.

    Attributes:
        id: its name within the document.
        kind: what it is.
        statement: the fact it stands for (for ABSENT: the pattern that had no match, as text in
            `note`).
        rule: the rule or measure that fired.
        bindings: the solution of the rule's body, sorted by variable name.
        value: a number this node contributes (terms, paths, pairs, opaque parts).
        confidence: the product along the proof, where below 1.
        probability: of a prediction.
        needed: whether the conclusion at the root of its document falls without it.
        premises: ids of the nodes it rests on, in the order of the rule's body.
        source: where an asserted fact came from (graph, file, row), or the model of a guess.
        note: a sentence, where a statement cannot say it.
    """

    id: str
    kind: Kind
    statement: Fact | None = None
    rule: Node | None = None
    bindings: tuple[tuple[str, Node], ...] = ()
    value: float | None = None
    confidence: float | None = None
    probability: float | None = None
    needed: bool | None = None
    premises: tuple[str, ...] = ()
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A root and every node reachable from it."""

    root: str
    nodes: Mapping[str, EvidenceNode] = field(default_factory=dict)
