"""However a workspace came to its state, its closed graphs are those of that state."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties import histories
from tests.properties.histories import MEASURES, differing, ill_founded

from wearwhy.rdf import RDF, WW, Fact, Literal, NamedNode, Triple, literal
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Document, Rule
from wearwhy.rules.syntax.printer import render
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.layers import Layers, laid, rows
from wearwhy.workspace.state import State, owner_of, patched

OWNERS = ("base", "base", "catalogue/shop", "wardrobe/a", "wardrobe/a", "wardrobe/b")
SCOPES = (None, "a", "b")


def bundle_of(random: Random) -> Bundle:
    facts = tuple(dict.fromkeys(histories.fact(random) for _ in range(6)))
    return Bundle(Path(), facts, histories.program(random), MEASURES, {})


def described(rule: Rule) -> list[Fact]:
    about = rule.description
    return [
        Fact(rule.iri, WW.confidence, literal(about.confidence)),
        Fact(rule.iri, WW.readsGuesses, literal(about.reads_guesses)),
        Fact(rule.iri, WW.off, literal(about.off)),
    ]


def quads_of_guess(graph: NamedNode, guess: Fact, probability: float) -> list[Quad]:
    node = NamedNode(f"{graph.value}#{abs(hash(guess))}")
    subject = guess.subject
    assert isinstance(subject, NamedNode)
    said = Triple(subject, guess.predicate, guess.object)
    return [
        Quad(graph, Fact(node, RDF.reifies, said)),
        Quad(graph, Fact(node, WW.probability, literal(probability))),
    ]


def text_of(random: Random) -> str:
    numbers = random.sample(range(histories.RULES), random.randint(1, 3))
    rules = tuple(histories.rule(random, number) for number in numbers)
    data = tuple(fact for rule in rules for fact in described(rule))
    return render(Document(rules, data, prefixes=(("ww", str(WW)),)))


def patch(random: Random, state: State) -> Patch:
    """Return an edit of some graph of some owner."""
    owner = random.choice(OWNERS)
    kind = random.choice(["asserted", "asserted", "asserted", "predicted", "rules"])
    if owner.startswith("catalogue"):
        kind = "asserted" if kind == "rules" else kind
    graph = graph_name(owner, kind, random.choice("xy"))
    held = [Quad(graph, fact) for fact in state.graphs.get(graph, ())]
    if kind == "rules":
        text = Quad(graph, Fact(graph, WW.text, Literal(text_of(random))))
        return Patch(add=(text,) if random.random() < 0.7 else (), remove=tuple(held))
    if kind == "predicted":
        if held and random.random() < 0.5:
            node = random.choice(held).fact.subject
            return Patch(remove=tuple(q for q in held if q.fact.subject == node))
        guess, probability = histories.fact(random), random.choice([0.5, 0.6, 0.9])
        new = quads_of_guess(graph, guess, probability)
        old = [q for q in held if q.fact.subject == new[0].fact.subject]
        return Patch(add=tuple(new), remove=tuple(old))
    few = random.choice([1, 1, 1, 4])
    gone = random.sample(held, min(len(held), few)) if random.random() < 0.6 else []
    # What another graph says too stays when one of them says it no longer.
    said = [f for g, facts in state.graphs.items() if owner_of(g)[1] == "asserted" for f in facts]
    again = bool(said) and random.random() < 0.5
    new = [
        Quad(graph, random.choice(said) if again else histories.fact(random)) for _ in range(few)
    ]
    return Patch(add=tuple(new if random.random() < 0.6 else ()), remove=tuple(gone))


def asked(layers: Layers, state: State, scope: str | None) -> Layer:
    return layers.base(state) if scope is None else layers.wardrobe(state, scope)


def edited(seed: int, length: int, *, often: int) -> None:
    """Follow a history of patches and undos, comparing with what is closed anew."""
    random = Random(seed)
    bundle = bundle_of(random)
    layers = Layers(bundle, Path())
    state, done = State(0, {}), [Patch()]
    for _ in range(20):
        state = patched(state, patch(random, state).add, ())
    for number in range(length):
        if len(done) > 1 and random.random() < 0.25:
            step = done.pop().inverse()
        else:
            step = patch(random, state)
            held = {q for q in step.add if q.fact in state.graphs.get(q.graph, ())}
            step = Patch(tuple(q for q in step.add if q not in held), step.remove)
            done.append(step)
        state = patched(state, step.add, step.remove, number)
        for scope in SCOPES:
            # What nobody asks about is followed later, over several edits at once.
            if random.random() < 0.6:
                assert not list(ill_founded(asked(layers, state, scope)))
        if number % often == 0 or number == length - 1:
            anew = Layers(bundle, Path())
            for scope in SCOPES:
                assert differing(asked(layers, state, scope), asked(anew, state, scope)) == {}
            step = patch(random, state)
            later = patched(state, step.add, step.remove)
            scope = random.choice(SCOPES)
            before, after = layers.trial(state, later, scope)
            assert before is asked(layers, state, scope)
            assert after is before or after.below is before
            assert differing(after, asked(Layers(bundle, Path()), later, scope)) == {}


@pytest.mark.slow
@given(st.integers(0, 1 << 30))
@settings(max_examples=6, deadline=None)
def test_two_hundred_edits_of_base_and_wardrobes_end_where_a_closing_from_nothing_ends(
    seed: int,
) -> None:
    edited(seed, 220, often=20)


@given(st.integers(0, 1 << 30))
@settings(max_examples=8, deadline=None)
def test_every_edit_of_base_and_wardrobes_ends_where_a_closing_from_nothing_ends(
    seed: int,
) -> None:
    edited(seed, 15, often=1)


@given(st.integers(0, 1 << 30))
@settings(max_examples=20, deadline=None)
def test_layers_stay_few_whatever_the_number_of_edits(seed: int) -> None:
    random = Random(seed)
    kept = histories.Kept(dict.fromkeys(histories.fact(random) for _ in range(8)))
    kept.rules = {rule.iri: rule for rule in histories.program(random)}
    layers: tuple[Layer, ...] = (kept.closed(),)
    for edit in histories.history(random, kept, 120):
        layers = laid(layers, layers[-1].child(edit))
        kept.follow(edit)
        sizes = [rows(layer) for layer in layers[1:]]
        assert all(2 * upper < lower for lower, upper in pairwise(sizes))
        assert all(upper.below is lower for lower, upper in pairwise(layers))
    assert differing(layers[-1], kept.closed()) == {}
