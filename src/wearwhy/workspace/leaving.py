"""Leaving something out: a kind of term, what a model guessed, a rule.

It is a layer over the wardrobe, dropped again: a kind's multiplier is nothing there, guesses are
withdrawn, rules are taken away with all that follows from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from wearwhy.errors import InputError, UnknownName, nearest
from wearwhy.outfit import learned
from wearwhy.outfit.index import Resources
from wearwhy.outfit.scoring import KINDS
from wearwhy.rdf import WW, Fact, NamedNode, expand, literal
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.counterfactual import fresh
from wearwhy.workspace.find import looks_like_iri

EMBEDDINGS: Final = "embeddings"
GUESSES: Final = "guesses"
WORDS: Final = {
    EMBEDDINGS: "neural",
    "neural": "neural",
    "photos": "photos",
    GUESSES: GUESSES,
    "walks": "walk",
    "pairs": "pair",
    "rules": "rule",
    "comfort": "comfort",
    "taste": "taste",
}
"""What may be left out besides single rules, and the kind that each means."""


def meant(layer: Layer, without: Iterable[str]) -> tuple[str | NamedNode, ...]:
    """Return what some words leave out: kinds of `WORDS`, and rules by name or label.

    Raises:
        UnknownName: WW-WITHOUT-UNKNOWN, with the nearest word, rule or label.
        InputError: WW-WITHOUT-AMBIGUOUS, where several rules have the label.
    """
    found: dict[str | NamedNode, None] = {}
    for text in without:
        word = text.strip().casefold()
        found[WORDS[word] if word in WORDS else _rule(layer, text)] = None
    return tuple(found)


def _rule(layer: Layer, text: str) -> NamedNode:
    spelt: dict[str, dict[NamedNode, None]] = {}
    for rule in layer.sources:
        words = [rule.iri.value, rule.iri.value.rpartition("#")[2]]
        words += [label for _, label in rule.description.label]
        for one in words:
            spelt.setdefault(one.casefold(), {})[rule.iri] = None
    key = (expand(text).value if looks_like_iri(text) else text).casefold().strip()
    found = list(spelt.get(key, ()))
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            "WW-WITHOUT-AMBIGUOUS",
            f"'{text}' is the label of {len(found)} rules.",
            hint="Use a name: " + ", ".join(sorted(f.value.rpartition("#")[2] for f in found)),
        )
    near = nearest(key, [*WORDS, *spelt])
    raise UnknownName(
        "WW-WITHOUT-UNKNOWN",
        f"'{text}' is nothing that can be left out: it is no kind and no rule in force.",
        hint=f"Did you mean '{near}'?" if near else "Kinds: " + ", ".join(WORDS) + ".",
    )


def left_out(
    layer: Layer, resources: Resources, without: Sequence[str | NamedNode]
) -> tuple[Layer, Resources]:
    """Return a wardrobe's layer and resources without some kinds and rules.

    Args:
        layer: the wardrobe's; it stays as it is, and is returned where nothing is left out of it.
        resources: those of the workspace.
        without: kinds and rules, as `meant` returns them.
    """
    kinds = {one for one in without if isinstance(one, str)}
    rules = tuple(one for one in without if isinstance(one, NamedNode))
    add: list[Fact] = []
    remove: list[Fact] = []
    for kind in sorted(kinds & set(KINDS)):
        predicate = WW[f"multiplier{kind.capitalize()}"]
        remove += layer.match(WW.scoring, predicate, None)
        add.append(Fact(WW.scoring, predicate, literal(0.0)))
    guessed = (
        tuple(fact for fact in layer.facts() if layer.probability(fact) is not None)
        if GUESSES in kinds
        else ()
    )
    change = Change(add=tuple(add), remove=tuple(remove), unpredict=guessed, rules_remove=rules)
    inside = layer if change == Change() else layer.child(change)
    return inside, _without(resources, kinds)


def _without(resources: Resources, kinds: set[str]) -> Resources:
    """Return resources in which a learned model leaves out what is asked for."""
    opaque = "neural" in kinds
    unseen = opaque or "photos" in kinds
    model = learned.without(resources.pairing_model, residuals=opaque, photographs=unseen)
    if model is not None:
        nothing = dict.fromkeys(kinds & set(model.multipliers), 0.0)
        model = replace(model, multipliers={**model.multipliers, **nothing})
    return replace(
        fresh(resources),
        vectors=None if opaque else resources.vectors,
        pictures=None if unseen else resources.pictures,
        pairing_model=model,
    )
