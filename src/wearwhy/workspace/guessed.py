"""Guesses as a wardrobe keeps them: value, probability, what came next, whose they are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wearwhy.rdf import RDF, WW, Fact, Literal, NamedNode, Node, Triple

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Kept:
    """A guess at rest; None for what was not kept of it.

    Attributes:
        fact: item, attribute, value.
        probability: calibrated on held-out items.
        runner_up: the second value; None where a value stands against its own negation.
        margin: log-odds over the runner-up.
        explained: the share of the margin that rests on named facts, 0 to 1.
        model: what the model is called that guessed it.
    """

    fact: Fact
    probability: float
    runner_up: Node | None
    margin: float | None
    explained: float | None
    model: str | None


def kept(workspace: Workspace, name: str | None = None) -> list[Kept]:
    """Return a wardrobe's guesses, the least certain first."""
    owner = f"wardrobe/{workspace.wardrobe(name)}"
    said: dict[Node, dict[NamedNode, Node]] = defaultdict(dict)
    facts: dict[Node, Fact] = {}
    for quads in workspace.state.of(owner, "predicted").values():
        for fact in quads:
            if fact.predicate == RDF.reifies and isinstance(fact.object, Triple):
                triple = fact.object
                facts[fact.subject] = Fact(triple.subject, triple.predicate, triple.object)
            else:
                said[fact.subject][fact.predicate] = fact.object
    found = [_kept(fact, said[node]) for node, fact in facts.items()]
    return sorted(found, key=lambda one: (one.probability, *(str(part) for part in one.fact)))


def _kept(fact: Fact, said: dict[NamedNode, Node]) -> Kept:
    model = said.get(WW.guessedBy)
    return Kept(
        fact,
        _number(said.get(WW.probability)) or 0.0,
        said.get(WW.runnerUp),
        _number(said.get(WW.margin)),
        _number(said.get(WW.explainedShare)),
        model.value if isinstance(model, Literal) else None,
    )


def _number(value: Node | None) -> float | None:
    return float(value.value) if isinstance(value, Literal) else None
