"""Why a model guessed a value: what it weighed, told from the model as it is now."""

from __future__ import annotations

from wearwhy.evidence import Evidence
from wearwhy.explain.cited import asserted, named_by_content
from wearwhy.learn.guess import Guess, answers
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Plan
from wearwhy.learn.told import told
from wearwhy.proof.prove import Prover
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Change, Layer

# A guess that stands in the graph passed its threshold when it was written; why it was made does
# not depend on where the threshold is now.
_ANY = 0.0


def why_guess(layer: Layer, fact: Fact, model: Model, plan: Plan, name: str) -> Evidence | None:
    """Return what a guess rests on, or None where the model would no longer propose it.

    The values of the root's premises are log-odds that add up to its margin over the runner-up.
    A cited fact is needed if the model proposes another value, or none, without it.

    Args:
        layer: where the guess stands.
        fact: the guess.
        model: the model in force.
        plan: what it guesses.
        name: what the model is called.
    """
    layer = _unguessed(layer, fact)
    found = _proposed(layer, fact, model, plan)
    if found is None:
        return None
    evidence = told(found, model=name, prove=Prover(layer).evidence)
    own = [f for f in asserted(evidence, lambda _: False) if f.subject == fact.subject]
    needed = {
        cited: _proposed(layer.child(Change(remove=(cited,))), fact, model, plan) is None
        for cited in own
    }
    return named_by_content(evidence, needed)[0]


def _unguessed(layer: Layer, fact: Fact) -> Layer:
    """Return a layer without what was guessed of an item: no guess speaks for another."""
    guessed = (f for f in layer.match(fact.subject, None, None) if layer.probability(f) is not None)
    return layer.child(Change(unpredict=tuple(guessed)))


def _proposed(layer: Layer, fact: Fact, model: Model, plan: Plan) -> Guess | None:
    assert isinstance(fact.subject, NamedNode)
    for answer in answers(layer, model, [fact.subject], plan, threshold=_ANY):
        for guess in answer.guesses:
            if guess.fact == fact:
                return guess
    return None
