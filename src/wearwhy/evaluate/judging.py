"""What is thought of sets of items: a score, and how far it rests on named facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyoxigraph import NamedNode

from wearwhy.learn.additive import Floats


@dataclass(frozen=True, slots=True)
class Thought:
    """The scores of sets of items, a row each.

    Attributes:
        total: the whole score.
        named: what of it rests on named facts.
        explained: the share of its contributions, by magnitude, that does.
    """

    total: Floats
    named: Floats
    explained: Floats


Judge = Callable[[Sequence[Sequence[NamedNode]]], Thought]
