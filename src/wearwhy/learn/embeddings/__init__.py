"""The embedding witness in training: ComplEx on the graph's own triples, by PyKEEN.

`compose` trains what guesses with: an item's vector is made of its own triples, so new items need
no training. `train` gives every entity a vector of its own. `links` holds both to public graphs.
What leaves this package is plain arrays; torch and pykeen are imported only when something is
trained. Every setting is pinned in `kg/embeddings.toml`, with the reason beside it.
"""

from __future__ import annotations

from wearwhy.learn.embeddings.composed import Composed
from wearwhy.learn.embeddings.parts import Progress, neural_parts, silent, versions
from wearwhy.learn.embeddings.settings import Composing, Fitting, described, settings
from wearwhy.learn.embeddings.training import Embedding, compose, train

__all__ = [
    "Composed",
    "Composing",
    "Embedding",
    "Fitting",
    "Progress",
    "compose",
    "described",
    "neural_parts",
    "settings",
    "silent",
    "train",
    "versions",
]
