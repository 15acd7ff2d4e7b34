"""LightGCN on outfits and items: vectors smoothed along who stands with whom, trained by BPR.

An outfit that was not trained on is the mean of its other items' vectors; an item that stands in
no training outfit has no vector and scores nothing. (He et al., SIGIR 2020.)
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from benchmarks.outfits_data import Floats, Inputs, Scorer, Sets
from scipy.sparse import coo_array, diags_array

WIDTH: Final = 64
LAYERS: Final = 3
EPOCHS: Final = 30
_BATCH: Final = 4096


def lightgcn(inputs: Inputs, seed: int, epochs: int = EPOCHS) -> Scorer:
    """Return a trained model as what it thinks of sets of items.

    Args:
        inputs: of which only outfits are used.
        seed: of its start, its batches and its negatives.
        epochs: over all (outfit, item) links.
    """
    import torch  # noqa: PLC0415 (the extra `neural`)

    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    items, outfits = len(inputs.ids), len(inputs.train)
    links = np.array([(n, item) for n, one in enumerate(inputs.train) for item in one])
    moves = _moves(links, outfits, items)
    start = torch.nn.Parameter(torch.randn(outfits + items, WIDTH) * 0.1)
    optimiser = torch.optim.Adam([start], lr=5e-3)
    for _ in range(epochs):
        order = random.permutation(len(links))
        for begin in range(0, len(links), _BATCH):
            batch = links[order[begin : begin + _BATCH]]
            rivals = [inputs.rivals[item] for item in batch[:, 1]]
            wrong = np.array([r[random.integers(len(r))] for r in rivals])
            smooth = _smoothed(moves, start)
            user = smooth[batch[:, 0]]
            gain = (user * (smooth[outfits + batch[:, 1]] - smooth[outfits + wrong])).sum(1)
            rows = np.concatenate([batch[:, 0], outfits + batch[:, 1], outfits + wrong])
            loss = -torch.nn.functional.logsigmoid(gain).mean()
            loss = loss + 1e-4 * start[rows].pow(2).sum(1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    with torch.no_grad():
        vectors = _smoothed(moves, start)[outfits:].numpy().astype(np.float64)
    vectors[inputs.times == 0] = 0.0
    return lambda sets: _fit(vectors, sets)


def _moves(links: Any, outfits: int, items: int) -> Any:
    import torch  # noqa: PLC0415

    size = outfits + items
    rows = np.concatenate([links[:, 0], outfits + links[:, 1]])
    columns = np.concatenate([outfits + links[:, 1], links[:, 0]])
    whole = coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size)).tocsr()
    root = diags_array(1.0 / np.sqrt(np.maximum(whole.sum(axis=1), 1.0)))
    found = (root @ whole @ root).tocoo()
    return torch.sparse_coo_tensor(
        np.stack(found.coords), found.data.astype(np.float32), (size, size), check_invariants=False
    ).coalesce()


def _smoothed(moves: Any, start: Any) -> Any:
    import torch  # noqa: PLC0415

    total, now = start, start
    for _ in range(LAYERS):
        now = torch.sparse.mm(moves, now)
        total = total + now
    return total / (LAYERS + 1)


def _fit(vectors: Floats, sets: Sets) -> Floats:
    """Return for each set the mean over its items of the product with the mean of the others."""
    found = np.zeros(len(sets))
    for n, one in enumerate(sets):
        held = vectors[list(one)]
        size = len(one)
        gram = held @ held.T
        found[n] = (gram.sum() - np.trace(gram)) / max(size * (size - 1), 1)
    return found
