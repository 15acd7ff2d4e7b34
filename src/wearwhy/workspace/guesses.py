"""Guesses of a workspace: made by the model in force, kept in graphs of their own, learned anew."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wearwhy.evidence import Kind
from wearwhy.learn.guess import Guess, answers
from wearwhy.learn.model_files import CARD
from wearwhy.learn.plan import Plan, read_plan
from wearwhy.rdf import RDF, WW, Fact, Literal, NamedNode, Triple, literal
from wearwhy.rules.layer import Change, Layer
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.wearer.log import name_of
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.model import folder_of, model_of
from wearwhy.workspace.state import predicted

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

SOURCE = "model"
KINDS = (Kind.ASSERTED, Kind.DERIVED, Kind.COMPUTED, Kind.PREDICTED)


@dataclass(frozen=True, slots=True)
class Reasoned:
    """What reasoning came to.

    Attributes:
        edit: puts the guesses in the place of those that were there.
        kinds: how many visible facts there are of each kind; empty before the edit is made.
        model: `bundled`, `own`, or None where there is none.
        threshold: that guesses had to pass.
        guessed: how many values were proposed.
        unknown: how many missing attributes stayed unknown.
        concluded: of the proposed values, how many rules conclude more surely; they stand as
            derived, not as predicted. 0 before the edit is made.
        seconds: that closing took.
        base_seconds: of them, for the base.
        second: for the wardrobe over it.
    """

    edit: Edit
    kinds: dict[str, int]
    model: str | None
    threshold: float
    guessed: int
    unknown: int
    concluded: int = 0
    seconds: float = 0.0
    base_seconds: float = 0.0
    second: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures that stay the same from run to run."""
        found: dict[str, Any] = {
            "model": self.model,
            "threshold": self.threshold,
            "guessed": self.guessed,
            "unknown": self.unknown,
        }
        if self.kinds:
            found["kinds"] = self.kinds
            found["concluded_too"] = self.concluded
        return found


def plan_of(workspace: Workspace) -> Plan:
    """Return the bundled learning plan."""
    return read_plan(workspace.bundle.folder / "kg" / "learn.toml")


def model_name(workspace: Workspace) -> str | None:
    """Return whose the model in force is: `bundled`, `own`, or None where there is none."""
    folder = folder_of(workspace.folder, workspace.bundle.folder)
    if folder is None:
        return None
    return "own" if folder.is_relative_to(workspace.folder) else "bundled"


def model_mark(workspace: Workspace) -> str:
    """Return what the model in force is called beside its guesses: whose it is, a hash of its card.

    Empty where there is none.
    """
    folder = folder_of(workspace.folder, workspace.bundle.folder)
    if folder is None:
        return ""
    digest = sha256((folder / CARD).read_bytes()).hexdigest()[:12]
    return f"{model_name(workspace)} {digest}"


def reason(
    workspace: Workspace, name: str | None = None, threshold: float | None = None
) -> Reasoned:
    """Return the guesses about a wardrobe's items, as an edit that has not been made.

    Args:
        workspace: open.
        name: the wardrobe.
        threshold: lower 90 % bound of held-out precision to pass; the setting's, if None.
    """
    chosen = workspace.wardrobe(name)
    owner = f"wardrobe/{chosen}"
    bar = workspace.settings.guess_threshold if threshold is None else threshold
    began = time.perf_counter()
    _ = workspace.base
    based = time.perf_counter()
    layer = workspace.layer(chosen)
    done = time.perf_counter()
    model = model_of(workspace.folder, workspace.bundle.folder)
    graph = graph_name(owner, "predicted", SOURCE)
    old = tuple(Quad(graph, fact) for fact in workspace.state.graphs.get(graph, ()))
    guesses: list[Guess] = []
    unknown = 0
    if model is not None:
        items = items_of(workspace, layer, chosen)
        bare = unguessed(workspace, chosen)
        found = answers(bare, model, items, plan_of(workspace), threshold=bar)
        guesses = [guess for answer in found for guess in answer.guesses]
        unknown = sum(not answer.guesses for answer in found)
    mark = model_mark(workspace)
    new = tuple(Quad(graph, fact) for guess in guesses for fact in guess_facts(guess, mark))
    kept = set(new)
    patch = Patch(
        add=tuple(q for q in new if q not in set(old)),
        remove=tuple(q for q in old if q not in kept),
    )
    return Reasoned(
        Edit(patch, f"reason: {len(guesses)} {'guess' if len(guesses) == 1 else 'guesses'}", owner),
        {},
        model_name(workspace),
        bar,
        len(guesses),
        unknown,
        seconds=done - began,
        base_seconds=based - began,
        second=done - based,
    )


def items_of(workspace: Workspace, layer: Layer, name: str) -> list[NamedNode]:
    """Return a wardrobe's items, sorted."""
    home = NamedNode(f"{workspace.settings.base_iri}wardrobe/{name}")
    found = [node for node in layer.subjects(WW.inWardrobe, home) if isinstance(node, NamedNode)]
    return sorted(found, key=lambda node: node.value)


def guess_facts(guess: Guess, mark: str = "") -> tuple[Fact, ...]:
    """Return what is kept of a guess: the statement, its probability, what came next, whose."""
    subject = guess.fact.subject
    assert isinstance(subject, NamedNode)
    node = name_of("guess", *guess.fact)
    said = [
        Fact(node, RDF.reifies, Triple(subject, guess.fact.predicate, guess.fact.object)),
        Fact(node, WW.probability, literal(round(guess.probability, 6))),
        Fact(node, WW.margin, literal(round(guess.margin, 6))),
        Fact(node, WW.explainedShare, literal(round(guess.explained, 4))),
    ]
    if guess.runner_up is not None:
        said.append(Fact(node, WW.runnerUp, guess.runner_up))
    if mark:
        said.append(Fact(node, WW.guessedBy, Literal(mark)))
    return tuple(said)


def counted(
    workspace: Workspace, name: str | None, done: Reasoned, *, layer: Layer | None = None
) -> Reasoned:
    """Return what reasoning came to, with the facts of each kind counted, guesses in place.

    Args:
        workspace: open, the edit made.
        name: the wardrobe.
        done: what reasoning came to.
        layer: where to count; the wardrobe's, if None.
    """
    layer = workspace.layer(workspace.wardrobe(name)) if layer is None else layer
    made = [fact for fact, _ in standing(workspace, name)]
    too = sum(layer.kind(fact) is Kind.DERIVED for fact in made)
    return replace(done, kinds=kinds_of(layer), concluded=too)


def kinds_of(layer: Layer) -> dict[str, int]:
    """Return how many visible facts of each kind a layer has."""
    kinds = Counter(str(layer.kind(fact)) for fact in layer.facts())
    return {kind.value: kinds.get(kind.value, 0) for kind in KINDS}


def unguessed(workspace: Workspace, name: str | None = None) -> Layer:
    """Return a wardrobe's layer without its guesses; with no wardrobe at all, the base.

    What follows from a guess is gone with it: it is no evidence for a guess, and no conclusion of
    the stylist's rules.
    """
    layer = workspace.layer(name)
    if not workspace.wardrobes():
        return layer
    return layer.child(Change(unpredict=tuple(fact for fact, _ in standing(workspace, name))))


def standing(workspace: Workspace, name: str | None = None) -> list[tuple[Fact, float]]:
    """Return a wardrobe's guesses with their probabilities, the least certain first."""
    found = predicted(workspace.state, f"wardrobe/{workspace.wardrobe(name)}")
    return sorted(found, key=lambda pair: (pair[1], *(str(part) for part in pair[0])))
