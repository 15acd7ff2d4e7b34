"""Learning shares from counts: a softmax of sums, with a Gaussian prior, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.learn.additive import Floats, Ints, minimise, softmax
from wearwhy.learn.features import Features
from wearwhy.learn.shares.evidence import (
    CountedColumn,
    Evidence,
    counted_columns,
    evidence,
    hides,
)
from wearwhy.learn.shares.model import Shares, cross_entropy
from wearwhy.learn.shares.reading import reading
from wearwhy.rdf import WW, Literal

L2 = 1.0
ALIKE = 0.1
"""How alike rows of one item are taken to be: n rows weigh n / (1 + .1 n), or a few items that
everybody rents would be all that is learned from."""
FOLDS = 5
LEAST_ITEMS = 10
HELD = ("valid", "test")
_LEAST = 1e-12


def _solved(
    rows: Sequence[tuple[Ints, Floats]], width: int, counts: Floats, start: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the weights and biases that fit counts, with a Gaussian prior on the weights.

    The loss is convex: where one starts decides how long it takes, not where it ends.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - training only

    ends = np.concatenate([[0], np.cumsum([len(at) for at, _ in rows])])
    at = np.concatenate([at for at, _ in rows])
    matrix = csr_matrix((np.concatenate([v for _, v in rows]), at, ends), shape=(len(rows), width))
    target = counts / (1 + ALIKE * counts.sum(axis=1, keepdims=True))
    weight = target.sum(axis=1, keepdims=True)
    values = counts.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(width + 1, values)
        logits = matrix @ table[:-1] + table[-1]
        top = logits.max(axis=1, keepdims=True)
        norm = top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        nll = float((weight * norm).sum() - (target * logits).sum())
        residual = weight * softmax(logits) - target
        slope = np.vstack([matrix.T @ residual + L2 * table[:-1], residual.sum(axis=0)])
        return nll + 0.5 * L2 * float((table[:-1] ** 2).sum()), slope.ravel()

    if start is None:
        start = np.zeros((width + 1, values))
        start[-1] = np.log((target.sum(axis=0) + 0.5) / (target.sum() + 0.5 * values))
    table = minimise(loss, start.ravel()).reshape(width + 1, values)
    return table[:-1].copy(), table[-1] - table[-1].mean()


def concentration(shares: Floats, counts: Floats) -> float:
    """Return the concentration of the Dirichlet around shares that makes counts likeliest.

    Args:
        shares: predicted of items that were not learned from.
        counts: theirs.
    """
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - training only
    from scipy.special import gammaln  # noqa: PLC0415

    total = counts.sum(axis=1)

    def loss(log: float) -> float:
        size = np.exp(log)
        alpha = np.maximum(size * shares, _LEAST)
        whole = gammaln(size) - gammaln(size + total)
        return -float(whole.sum() + (gammaln(alpha + counts) - gammaln(alpha)).sum())

    found = minimize_scalar(loss, bounds=(np.log(0.1), np.log(1e4)), method="bounded")
    return float(np.exp(found.x))


def fit(
    column: NamedNode,
    label: str,
    values: Sequence[str],
    known: Sequence[Evidence],
    counts: Floats,
    *,
    hidden: frozenset[str] = frozenset(),
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Shares:
    """Return shares fitted to counts, with what they are worth on items held out in turn.

    Args:
        column: what the shares are of.
        label: its name.
        values: in the order of the columns of `counts`.
        known: what is known of each item.
        counts: one row an item, one column a value; every row holds something.
        hidden: relations that are no evidence.
        seed: of the folds.
        progress: told the stage, the steps done and the steps in all.
    """
    seen = [one.visible(hidden) for one in known]
    fold = np.random.default_rng(seed).permutation(len(seen)) % FOLDS
    held, shop = np.zeros_like(counts), np.zeros_like(counts)
    progress(f"shares of {label}", 0, FOLDS + 1)
    read = reading(seen)
    rows = [read.row(one) for one in seen]
    weights, bias = _solved(rows, read.width, counts)
    for k in range(FOLDS):
        progress(f"shares of {label}", k + 1, FOLDS + 1)
        into, out = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        start = np.vstack([weights, bias])
        part, base = _solved([rows[n] for n in into], read.width, counts[into], start)
        shop[out] = (counts[into].sum(axis=0) + 1) / (counts[into].sum() + counts.shape[1])
        for n in out:
            at, row = rows[n]
            held[n] = softmax(base + row @ part[at])
    progress(f"shares of {label}", FOLDS + 1, FOLDS + 1)
    return Shares(
        column,
        label,
        tuple(values),
        hidden,
        read,
        weights,
        bias,
        concentration(held, counts),
        {
            "items": len(seen),
            "rows": int(counts.sum()),
            "held_out": {
                "cross_entropy": round(cross_entropy(held, counts), 4),
                "shop-wide": round(cross_entropy(shop, counts), 4),
            },
            "settings": {"l2": L2, "alike": ALIKE, "seed": seed},
        },
    )


def table_of(column: CountedColumn, known: Sequence[Evidence], values: Sequence[str]) -> Floats:
    """Return how often items' rows say each value: one row an item, one column a value."""
    return np.array(
        [
            [float(c.number) if (c := said.get(v)) else 0.0 for v in values]
            for one in known
            for said in (one.counts.get(column.name, {}),)
        ]
    ).reshape(len(known), len(values))


def learned(
    features: Features,
    *,
    seed: int = 0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Shares]:
    """Return the shares of every counted column that speaks of a property, by its short name.

    Items that the source keeps for judging (`ww:split` valid or test) are not learned from; a column
    that fewer than ten items have counts of is passed over.
    """
    graph = features.graph
    columns = counted_columns(graph)
    aims = [column for column in columns if column.fills]
    if not aims:
        return {}
    judged = {
        fact.subject
        for fact in graph.match(None, WW["split"], None)
        if isinstance(fact.object, Literal) and fact.object.value in HELD
    }
    counted = {fact.subject for fact in graph.match(None, WW.timesCounted, None)}
    items = [item for item in features.items() if item in counted and item not in judged]
    known = evidence(features, items, columns)
    found = {}
    for column in aims:
        values = sorted(set(column.values.values()))
        counts = table_of(column, known, values)
        having = np.flatnonzero(counts.sum(axis=1) > 0)
        if len(having) >= LEAST_ITEMS and len(values) > 1:
            found[column.name] = fit(
                column.iri,
                column.label,
                values,
                [known[n] for n in having],
                counts[having],
                hidden=hides(column, columns, features),
                seed=seed,
                progress=progress,
            )
    return found
