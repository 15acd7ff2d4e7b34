"""Questions to a wearer about a wardrobe, and what becomes of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wearwhy.learn.asking import Question, questions
from wearwhy.learn.guess import Guess, answers
from wearwhy.learn.plan import Attribute
from wearwhy.rdf import Fact, NamedNode, Node, curie
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.edits import Edit, denial_facts, guess_quads
from wearwhy.workspace.guesses import (
    SOURCE,
    guess_facts,
    items_of,
    model_mark,
    model_name,
    plan_of,
    unguessed,
)
from wearwhy.workspace.model import model_of
from wearwhy.workspace.state import State, owner_of, predicted

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be asked about a wardrobe.

    Attributes:
        model: `bundled`, `own`, or None where there is none; then nothing is asked.
        threshold: that guesses have to pass to need no question.
        open: how many pairs of an item and an attribute a question is worth asking about.
        questions: those that settle most, first.
    """

    model: str | None
    threshold: float
    open: int
    questions: tuple[Question, ...]


def ask(
    workspace: Workspace,
    name: str | None = None,
    *,
    most: int | None = None,
    threshold: float | None = None,
) -> Asked:
    """Return the questions whose answers would settle most over a wardrobe.

    Args:
        workspace: open.
        name: the wardrobe.
        most: how many; None for all.
        threshold: that guesses have to pass; the setting's, if None.
    """
    chosen = workspace.wardrobe(name)
    bar = workspace.settings.guess_threshold if threshold is None else threshold
    model = model_of(workspace.folder, workspace.bundle.folder)
    if model is None:
        return Asked(None, bar, 0, ())
    layer = unguessed(workspace, chosen)
    items = items_of(workspace, layer, chosen)
    found = questions(layer, model, items, plan_of(workspace), threshold=bar)
    pairs = {(one.item, one.attribute.iri) for one in found}
    return Asked(model_name(workspace), bar, len(pairs), tuple(found[:most]))


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as a change that has not been made.

    Attributes:
        edit: says or denies the fact, and guesses anew what else is missing of the item.
        fact: that is affirmed or denied.
        passed: guesses that pass now and did not.
        fallen: guesses that stood and no longer do.
    """

    edit: Edit
    fact: Fact
    passed: tuple[tuple[Fact, float], ...]
    fallen: tuple[tuple[Fact, float], ...]


def answer(
    workspace: Workspace,
    item: NamedNode,
    attribute: Attribute,
    value: Node,
    name: str | None = None,
    *,
    yes: bool = True,
    threshold: float | None = None,
) -> Answered:
    """Return an answer as one change: what is said, and the item's guesses in its light.

    What is affirmed stands in the place of a denial, and of another value where there is but one;
    what is denied is no longer said. Only guesses about the item are made anew: a guess rests on
    nothing but its item's own facts and conclusions.

    Args:
        workspace: open.
        item: about which.
        attribute: of the plan.
        value: that it has, or has not.
        name: the wardrobe.
        yes: whether the value is affirmed.
        threshold: that guesses have to pass; the setting's, if None.
    """
    chosen = workspace.wardrobe(name)
    owner, state = f"wardrobe/{chosen}", workspace.state
    bar = workspace.settings.guess_threshold if threshold is None else threshold
    fact = Fact(item, attribute.iri, value)
    words = " ".join(curie(part) for part in fact)
    message = f"answer: {words}" if yes else f"answer: not {words}"
    said = _said(state, owner, fact, attribute, yes=yes)
    there = {f: p for f, p in predicted(state, owner) if f.subject == item}
    quads = {f: guess_quads(state, owner, f) for f in there}
    gone = tuple(quad for those in quads.values() for quad in those)
    before = _guessed(workspace, Edit(Patch(remove=gone), message, owner), item, bar)
    without = Edit(Patch(said.add, (*said.remove, *gone)), message, owner)
    now = _guessed(workspace, without, item, bar)
    passed = [g for f, g in now.items() if f not in before and f not in there]
    again = [g for f, g in now.items() if f in there]
    fallen = [
        f
        for f in there
        if f != fact and f not in now and (f in before or f.predicate == attribute.iri)
    ]
    if not yes and fact in there:
        fallen.append(fact)
    graph, mark = graph_name(owner, "predicted", SOURCE), model_mark(workspace)
    anew = [Quad(graph, f) for g in (*passed, *again) for f in guess_facts(g, mark)]
    old = [quad for f in (*fallen, *(g.fact for g in again)) for quad in quads[f]]
    old += quads.get(fact, ())
    patch = Patch(add=(*said.add, *anew), remove=(*said.remove, *dict.fromkeys(old)))
    return Answered(
        Edit(patch, message, owner),
        fact,
        tuple((g.fact, g.probability) for g in passed),
        tuple((f, there[f]) for f in fallen),
    )


def _said(state: State, owner: str, fact: Fact, attribute: Attribute, *, yes: bool) -> Patch:
    """Return the statement alone: what it adds, and what it stands in the place of."""
    graph = graph_name(owner, "asserted", "confirmed")
    denial = set(denial_facts(fact))
    rivals = [
        Quad(own, one)
        for own, facts in state.graphs.items()
        if owner_of(own)[:2] == (owner, "asserted")
        for one in facts
        if one in denial
        or one == fact
        or (not attribute.many and one[:2] == fact[:2] and one.object != fact.object)
    ]
    if yes:
        kept = next((quad for quad in rivals if quad.fact == fact), Quad(graph, fact))
        return Patch(add=(kept,), remove=tuple(q for q in rivals if q.fact != fact))
    new = tuple(Quad(graph, one) for one in denial_facts(fact))
    return Patch(add=new, remove=tuple(quad for quad in rivals if quad.fact == fact))


def _guessed(workspace: Workspace, edit: Edit, item: NamedNode, bar: float) -> dict[Fact, Guess]:
    """Return what the model guesses of an item once a change is made."""
    model = model_of(workspace.folder, workspace.bundle.folder)
    if model is None:
        return {}
    layer = workspace.preview(edit, requests=()).after
    assert layer is not None
    found = answers(layer, model, [item], plan_of(workspace), threshold=bar)
    return {guess.fact: guess for one in found for guess in one.guesses}
