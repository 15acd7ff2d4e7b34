"""What a model of outfits is fitted on, as arrays: items by value, outfits, comparable items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from wearwhy.learn.outfits.model import Floats32, Token
from wearwhy.learn.outfits.plan import Plan

Ints = NDArray[np.int64]
CLASSES = (0, 1, 2, 4, 10)
"""Where classes of frequency begin: in how many outfits an item stands."""
ENOUGH = 4


@dataclass(frozen=True, slots=True, eq=False)
class Photographs:
    """Photographs as their principal components.

    Attributes:
        rows: items × components; 0 where an item has none.
        mean: of the raw vectors.
        basis: raw width × components.
    """

    rows: Floats32
    mean: Floats32
    basis: Floats32


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Items and outfits.

    Attributes:
        items: by number.
        tokens: the values worth a vector.
        has: items × tokens, 1 where an item has a value.
        rare: whether a token is of a property whose values few items share.
        photographs: where they are learned from.
        kind: what an item may be exchanged for: items of one number are comparable.
        names: of the outfits.
        outfits: the numbers of each one's items, at least two.
        weights: what each outfit counts.
    """

    items: tuple[NamedNode, ...]
    tokens: tuple[Token, ...]
    has: csr_array
    rare: NDArray[np.bool_]
    photographs: Photographs | None
    kind: Ints
    names: tuple[NamedNode, ...]
    outfits: tuple[Ints, ...]
    weights: NDArray[np.float64]

    def of(self, chosen: Sequence[int]) -> Material:
        """Return the same with some of the outfits only."""
        return replace(
            self,
            names=tuple(self.names[n] for n in chosen),
            outfits=tuple(self.outfits[n] for n in chosen),
            weights=self.weights[list(chosen)],
        )


def material(
    values: Mapping[NamedNode, Sequence[Token]],
    tokens: Sequence[Token],
    outfits: Mapping[NamedNode, Sequence[NamedNode]],
    weights: Mapping[NamedNode, float],
    *,
    kinds: Mapping[NamedNode, NamedNode],
    photographs: Photographs | None,
    plan: Plan,
) -> Material:
    """Return what is learned from.

    Args:
        values: of each item.
        tokens: those worth a vector.
        outfits: their items.
        weights: what each outfit counts; 1 where it is not named.
        kinds: what sort of thing an item is.
        photographs: rows in the order of `values`.
        plan: which properties are rare.
    """
    items = tuple(values)
    at = {item: n for n, item in enumerate(items)}
    row = {token: n for n, token in enumerate(tokens)}
    pairs = [(at[item], row[t]) for item, own in values.items() for t in own if t in row]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    shape = (len(items), len(tokens))
    has = csr_array((np.ones(len(table), np.float32), (table[:, 0], table[:, 1])), shape=shape)
    names = {kind: n for n, kind in enumerate(sorted(set(kinds.values()), key=str))}
    kept = {
        outfit: np.array(sorted({at[i] for i in those if i in at}), dtype=np.int64)
        for outfit, those in sorted(outfits.items(), key=lambda pair: pair[0].value)
    }
    kept = {o: those for o, those in kept.items() if len(those) > 1 and weights.get(o, 1.0) > 0}
    return Material(
        items,
        tuple(tokens),
        has,
        np.array([p in plan.rare for p, _ in tokens], dtype=bool),
        photographs,
        np.array([names.get(kinds.get(i, i), len(names)) for i in items], dtype=np.int64),
        tuple(kept),
        tuple(kept.values()),
        np.array([weights.get(outfit, 1.0) for outfit in kept]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Rivals:
    """For each item the items that could stand in its place.

    They are of its kind, stand in about as many outfits, and can meet what it meets: outfits that
    share an item, directly or by others, are one company, and two that never mix are not compared.
    So neither novelty nor popularity tells a wrong item from a right one.
    """

    flat: Ints
    start: Ints
    count: Ints

    def drawn(self, items: Ints, n: int, rng: np.random.Generator) -> Ints:
        """Return n rivals of each item, drawn evenly (… × n); of one that has none, itself."""
        picks = (rng.random((*items.shape, n)) * self.count[items][..., None]).astype(np.int64)
        return np.asarray(self.flat[self.start[items][..., None] + picks])


def frequencies(found: Material) -> Ints:
    """Return in how many of the outfits each item stands."""
    rows = np.concatenate([*found.outfits, np.zeros(0, np.int64)])
    return np.bincount(rows, minlength=len(found.items))


def rivals(found: Material) -> Rivals:
    """Return each item's rivals; where there are fewer than four, any of its kind and company."""
    often = frequencies(found)
    band = np.searchsorted(CLASSES, often, side="right")
    company = _company(found)
    near: dict[tuple[int, ...], list[int]] = {}
    wide: dict[tuple[int, ...], list[int]] = {}
    keys = list(zip(found.kind.tolist(), company.tolist(), band.tolist(), strict=True))
    for n, key in enumerate(keys):
        if often[n]:
            near.setdefault(key, []).append(n)
            wide.setdefault(key[:2], []).append(n)
    flat: list[int] = []
    begun: dict[tuple[int, ...], tuple[int, int]] = {}
    start, count = np.zeros(len(keys), np.int64), np.ones(len(keys), np.int64)
    for n, key in enumerate(keys):
        pool = near.get(key, [])
        name: tuple[int, ...] = key
        if len(pool) < ENOUGH:
            name, pool = key[:2], wide.get(key[:2], [])
        if not pool:
            name, pool = (n, -1, -1, -1), [n]
        if name not in begun:
            begun[name] = (len(flat), len(pool))
            flat += pool
        start[n], count[n] = begun[name]
    return Rivals(np.array(flat, dtype=np.int64), start, count)


def _company(found: Material) -> Ints:
    """Return the number of the connected part of the graph of outfits that each item is in."""
    n, m = len(found.items), len(found.outfits)
    rows = np.concatenate([*found.outfits, np.zeros(0, np.int64)])
    columns = np.repeat(np.arange(m), [len(those) for those in found.outfits])
    edges = csr_array((np.ones(len(rows)), (rows, n + columns)), shape=(n + m, n + m))
    return np.asarray(connected_components(edges, directed=False)[1][:n], dtype=np.int64)


def components(raw: NDArray[np.floating], mask: NDArray[np.bool_], most: int) -> Photographs | None:
    """Return photographs as principal components, scaled by the first; None where too few."""
    seen = np.asarray(raw[mask], dtype=np.float64)
    if len(seen) <= most:
        return None
    mean = seen.mean(axis=0)
    covariance = (seen - mean).T @ (seen - mean) / len(seen)
    sizes, axes = np.linalg.eigh(covariance)
    order = np.argsort(-sizes)[:most]
    # An axis has no direction of its own: its largest entry is made positive.
    chosen = axes[:, order] * np.sign(axes[np.abs(axes[:, order]).argmax(axis=0), order])
    basis = chosen / np.sqrt(sizes[order[0]])
    rows = np.zeros((len(raw), most), dtype=np.float32)
    rows[mask] = (seen - mean) @ basis
    return Photographs(rows, mean.astype(np.float32), basis.astype(np.float32))
