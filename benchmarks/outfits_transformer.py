"""A black box of the usual kind: a small transformer over the items of an outfit.

An item is the sum of its values' vectors, of its photograph's (projected) and of one of its own;
two layers of attention read the items that are given, and a query token's outcome is compared
with what may complete them. Trained on outfits with one item missing, against rivals of the same
kind that are seen about as often. The vector of an item's own is dropped at random, so that items
never seen are told by what is known of them. The best epoch on validation outfits is kept.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from benchmarks.outfits_data import Floats, Inputs, Ints, Scorer, Sets

RIVALS: Final = 15
LONGEST: Final = 12
_BATCH: Final = 512


@dataclass(frozen=True, slots=True)
class Settings:
    """How large the model is and how long it learns."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    epochs: int = 10
    rate: float = 2e-3
    decay: float = 1e-2
    dropout: float = 0.1
    unnamed: float = 0.3


def transformer(inputs: Inputs, seed: int, settings: Settings | None = None) -> Scorer:
    """Return a trained model as what it thinks of sets of items: the mean over each item's fit.

    Args:
        inputs: what it learns from.
        seed: of its start, its batches and its rivals.
        settings: of size and training.
    """
    import torch  # noqa: PLC0415 (the extra `neural`)

    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    chosen = settings or Settings()
    model = _model(inputs, chosen)
    optimiser = torch.optim.AdamW(model.parameters(), lr=chosen.rate, weight_decay=chosen.decay)
    outfits = [one[:LONGEST] for one in inputs.train]
    places = np.array([(n, k) for n, one in enumerate(outfits) for k in range(len(one))])
    sizes = np.array([len(one) for one in outfits])[places[:, 0]]
    steps = chosen.epochs * (len(places) // _BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=chosen.rate, total_steps=steps, pct_start=0.1
    )
    held = _places(inputs, inputs.valid, np.random.default_rng(0))
    best, kept = -1.0, None
    for _ in range(chosen.epochs):
        model.train()
        for batch in _batches(places, sizes, random):
            given, candidates = _batch(inputs, outfits, batch, random)
            logits = model(given, candidates)
            target = torch.zeros(len(batch), dtype=torch.long)
            right = torch.zeros_like(logits)
            right[:, 0] = 1.0
            loss = torch.nn.functional.cross_entropy(logits, target)
            loss = loss + torch.nn.functional.binary_cross_entropy_with_logits(logits, right)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        score = _right(model, held)
        if score > best:
            best, kept = score, copy.deepcopy(model.state_dict())
    if kept is not None:
        model.load_state_dict(kept)
    model.eval()
    return lambda sets: _fit(model, sets)


def _model(inputs: Inputs, settings: Settings) -> Any:
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    size, many = inputs.words.shape
    words = torch.sparse_csr_tensor(
        torch.arange(0, size * many + 1, many),
        torch.as_tensor(np.sort(inputs.words, axis=1).ravel()),
        torch.ones(size * many),
        (size, inputs.vocabulary),
        check_invariants=False,
    )
    seen = torch.as_tensor(inputs.times > 0)
    images = None if inputs.images is None else _standard(inputs.images)
    width = settings.width

    class Model(nn.Module):  # type: ignore[misc]  # torch is an extra
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Parameter(torch.randn(inputs.vocabulary, width) * 0.1)
            self.own = nn.Parameter(torch.randn(size, width) * 0.02)
            self.image = None if images is None else nn.Linear(images.shape[1], width)
            self.norm = nn.LayerNorm(width)
            layer = nn.TransformerEncoderLayer(
                width,
                settings.heads,
                2 * width,
                settings.dropout,
                batch_first=True,
                norm_first=True,
            )
            self.reader = nn.TransformerEncoder(layer, settings.layers, enable_nested_tensor=False)
            self.query = nn.Parameter(torch.randn(width) * 0.1)
            self.ask = nn.Linear(width, width)
            self.offer = nn.Linear(width, width)
            self.bias = nn.Linear(width, 1)

        def known(self) -> Any:
            """Return what is known of every item."""
            found = words @ self.words
            if self.image is not None and images is not None:
                found = found + self.image(images)
            return found

        def items(self, said: Any, rows: Any) -> Any:
            """Return the vectors of items, some of them without what is their own."""
            known = seen[rows].float()
            if self.training:
                known = known * (torch.rand(rows.shape) >= settings.unnamed).float()
            return self.norm(said[rows] + self.own[rows] * known[..., None])

        def forward(self, given: Any, candidates: Any) -> Any:
            given = given[:, : int((given >= 0).sum(1).max())]
            missing = given < 0
            said = self.known()
            read = self.items(said, given.clamp(min=0))
            asked = self.query.expand(len(given), 1, width)
            none = torch.zeros(len(given), 1, dtype=torch.bool)
            out = self.reader(
                torch.cat([asked, read], 1), src_key_padding_mask=torch.cat([none, missing], 1)
            )[:, 0]
            offered = self.items(said, candidates)
            fit = (self.ask(out)[:, None] * self.offer(offered)).sum(-1) / width**0.5
            return fit + self.bias(offered)[..., 0]

    return Model()


def _standard(images: Any) -> Any:
    """Return the vectors' first principal components, whitened."""
    import torch  # noqa: PLC0415

    centred = images - images.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(centred, rowvar=False))
    top = np.argsort(-values)[:128]
    return torch.as_tensor(
        (centred @ axes[:, top] / np.sqrt(values[top] + 1e-6)).astype(np.float32)
    )


def _batches(places: Ints, sizes: Ints, random: np.random.Generator) -> list[Ints]:
    """Return the places in random batches of outfits of like size: less of a batch is padding."""
    order = random.permutation(len(places))
    order = order[np.argsort(sizes[order] + 2.0 * random.random(len(order)), kind="stable")]
    cut = [places[order[k : k + _BATCH]] for k in range(0, len(order), _BATCH)]
    return [cut[k] for k in random.permutation(len(cut))]


def _batch(inputs: Inputs, outfits: Sets, batch: Ints, random: np.random.Generator) -> Any:
    """Return the items given, and candidates of which the first is the missing one."""
    import torch  # noqa: PLC0415

    given = np.full((len(batch), LONGEST), -1, dtype=np.int64)
    candidates = np.zeros((len(batch), RIVALS + 1), dtype=np.int64)
    for row, (n, k) in enumerate(batch):
        outfit = outfits[n]
        rest = [item for place, item in enumerate(outfit) if place != k]
        given[row, : len(rest)] = rest
        rivals = inputs.rivals[outfit[k]]
        drawn = rivals[random.integers(len(rivals), size=RIVALS)]
        # A rival that is in the outfit is put aside for any other product.
        clash = np.isin(drawn, outfit)
        drawn = np.where(clash, random.integers(len(inputs.ids), size=RIVALS), drawn)
        candidates[row] = [outfit[k], *drawn]
    return torch.as_tensor(given), torch.as_tensor(candidates)


def _places(inputs: Inputs, outfits: Sets, random: np.random.Generator) -> Any:
    short = [one[:LONGEST] for one in outfits]
    places = np.array([(n, k) for n, one in enumerate(short) for k in range(len(one))])
    return _batch(inputs, short, places, random)


def _right(model: Any, held: Any) -> float:
    import torch  # noqa: PLC0415

    model.eval()
    with torch.no_grad():
        logits = model(*held)
    return float((logits[:, 0] >= logits.max(dim=1).values).float().mean())


def _fit(model: Any, sets: Sets) -> Floats:
    """Return for each set the mean over its items of how well each completes the others."""
    import torch  # noqa: PLC0415

    given, candidates, of = [], [], []
    for n, one in enumerate(sets):
        for k, item in enumerate(one[:LONGEST]):
            rest = [other for place, other in enumerate(one[:LONGEST]) if place != k]
            given.append([*rest, *([-1] * (LONGEST - len(rest)))])
            candidates.append([item])
            of.append(n)
    found = np.zeros(len(of))
    with torch.no_grad():
        for start in range(0, len(of), 4096):
            rows = slice(start, start + 4096)
            logits = model(torch.as_tensor(given[rows]), torch.as_tensor(candidates[rows]))
            found[rows] = logits[:, 0].numpy()
    size = np.bincount(of, minlength=len(sets))
    return np.asarray(np.bincount(of, weights=found, minlength=len(sets)) / np.maximum(size, 1))
