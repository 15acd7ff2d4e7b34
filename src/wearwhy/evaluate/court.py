"""The engine as judge of sets of items: who is asked, of what, and what it may have learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.evaluate.composed import Composed, composed
from wearwhy.evaluate.judging import Judge, Thought
from wearwhy.outfit import together
from wearwhy.outfit.unasked import unasked
from wearwhy.rdf import TYPE
from wearwhy.workspace.workspace import Workspace

PARTS: Final = ("photos", "walks", "neural", "rules")
"""What may be left out of a score."""
_AT_ONCE: Final = 4096
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Court:
    """The items of a workspace, who judges sets of them, and what outfits it may learn from."""

    items: tuple[NamedNode, ...]
    judge: Judge
    past: Composed
    learned: bool


def court(
    workspace: Workspace,
    name: str | None = None,
    *,
    without: Sequence[str] = (),
    progress: Progress = lambda *_: None,
) -> Court:
    """Return the engine as judge of sets of items, no request given.

    Args:
        workspace: whose graph, rules and model are meant.
        name: the wardrobe.
        without: which of `PARTS` are left out of the score.
        progress: told how many sets are judged.
    """
    layer, resources = workspace.layer(name), workspace.resources
    index = resources.index(layer)
    past = composed(layer, index.items, [p for p, _ in index.scoring.attributes if p != TYPE])
    judged = unasked(layer)

    def judge(sets: Sequence[Sequence[NamedNode]]) -> Thought:
        parts = []
        for start in range(0, len(sets), _AT_ONCE):
            some = [tuple(one) for one in sets[start : start + _AT_ONCE]]
            parts.append(
                together.judged(judged, index, resources, some, without=frozenset(without))
            )
            progress(start + len(some), len(sets))
        return Thought(
            np.concatenate([part.total for part in parts]),
            np.concatenate([part.named for part in parts]),
            np.concatenate([part.explained for part in parts]),
        )

    return Court(index.items, judge, past, resources.pairing_model is not None)
