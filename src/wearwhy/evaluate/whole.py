"""What every kind of term adds to given outfits, for a request: the score of looks nobody searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.learn.additive import Floats
from wearwhy.outfit.arena import enter, look_of
from wearwhy.outfit.candidates import gather, verdicts
from wearwhy.outfit.index import Resources
from wearwhy.outfit.request import Request
from wearwhy.outfit.scoring import KINDS
from wearwhy.outfit.templates import Template
from wearwhy.rdf import WW
from wearwhy.rules.layer import Change, Layer

ANY: Final = WW["template-any"]
"""The way to be dressed of outfits that were not made by a template: any slot may be filled."""


def worth(
    layer: Layer, request: Request, resources: Resources, sets: Sequence[Sequence[NamedNode]]
) -> Mapping[str, Floats]:
    """Return for each kind of term what it adds to each set of items; the kinds add up to scores.

    What a rule forbids is a penalty here, as it is of locked items.

    Args:
        layer: the wardrobe's layer.
        request: what they would be worn for.
        resources: as recommending has them.
        sets: each of items that the request may draw on, all of which have a slot.
    """
    index = resources.index(layer)
    below = layer.child(Change(add=request.facts()))
    pool = gather(below, request, index, resources)
    at = {item: n for n, item in enumerate(pool.items)}
    numbers = [tuple(sorted(at[item] for item in one)) for one in sets]
    used = tuple(sorted({n for one in numbers for n in one}))
    pool = replace(pool, offered={next(iter(index.slots)): used})
    arena = enter(below, request, index, resources, pool)
    any_way = Template(ANY, (), tuple(index.slots))
    said = verdicts(pool.judge.looks(numbers), index.scoring.certainty)
    found: dict[str, Floats] = {kind: np.zeros(len(sets)) for kind in KINDS}
    for row, members in enumerate(numbers):
        look = look_of(arena, members, any_way, said.of(row), resources=resources)
        for term in look.terms:
            found.setdefault(term.kind, np.zeros(len(sets)))[row] += term.value
    return found
