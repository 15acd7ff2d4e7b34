"""How well shares are told of items never seen, beside what a shop would reach for.

The items of a file are read through its mapping and nothing of them is kept. What is judged, an
item's own counts, is hidden from the prediction and serves as truth only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wearwhy.errors import InputError, NoAnswer, nearest
from wearwhy.evaluate.controls.boosting import HOW, installed
from wearwhy.evaluate.filling import SCRATCH
from wearwhy.evaluate.shares_controls import NAMED, Known, by_category, grown, shop_wide
from wearwhy.feeds import load
from wearwhy.feeds.counting import counted
from wearwhy.feeds.source import column_node, value_node
from wearwhy.learn.additive import Floats
from wearwhy.learn.features import Features
from wearwhy.learn.metrics import Figure
from wearwhy.learn.shares.evidence import CountedColumn, Evidence, counted_columns, evidence
from wearwhy.learn.shares.files import load as load_shares
from wearwhy.learn.shares.model import Shares, cross_entropy
from wearwhy.learn.table import Table
from wearwhy.rdf import WW, XSD, Fact, Literal
from wearwhy.workspace.bundle import ontology_layer
from wearwhy.workspace.guesses import plan_of
from wearwhy.workspace.state import owner_of
from wearwhy.workspace.workspace import Workspace

ROUNDS = 400
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Line:
    """The cross-entropy of one way of telling shares, and how much less ours is.

    Attributes:
        loss: in nats a row, with a 95 % interval by bootstrap over items.
        less: this loss minus ours on the same items, likewise; None for ours itself.
    """

    loss: Figure
    less: Figure | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as they are printed in JSON."""
        found: dict[str, Any] = {
            "cross_entropy": round(self.loss.value, 4),
            "interval": [round(self.loss.low, 4), round(self.loss.high, 4)],
        }
        if self.less is not None:
            found["above_ours"] = round(self.less.value, 4)
            found["above_ours_interval"] = [round(self.less.low, 4), round(self.less.high, 4)]
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """Shares of new items, held against their counts.

    Attributes:
        name: of the column.
        rows: how many rows are judged.
        items: of how many items.
        seen: how many items of the file were left out because they stand in the workspace.
        trained: how many items the shares and the controls were learned from.
        ours: the loss of the learned shares.
        explained: mean share of the margins that rests on named facts.
        least: the loss of each item's own shares, which nothing can go below.
        controls: each with its loss; a sentence where it could not be had.
    """

    name: str
    rows: int
    items: int
    seen: int
    trained: int
    ours: Line
    explained: float
    least: float
    controls: Mapping[str, Line | str]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `evaluate shares --json` prints them."""
        return {
            "n": self.rows,
            "items": self.items,
            "seen": self.seen,
            "trained_on": self.trained,
            **self.ours.as_dict(),
            "explained": round(self.explained, 4),
            "own_entropy": round(self.least, 4),
            "controls": {
                name: line.as_dict() if isinstance(line, Line) else {"missing": line}
                for name, line in self.controls.items()
            },
        }


def judged(
    workspace: Workspace,
    path: Path,
    mapping: str,
    attribute: str,
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
    progress: Progress = lambda *_: None,
) -> Judged:
    """Return how well the shares that a workspace has learned hold for a file's new items.

    Args:
        workspace: whose shares are asked; controls are trained on its items of the same mapping.
        path: the file.
        mapping: its format, one that counts.
        attribute: the counted column: `rented_for`.
        rounds: of the bootstrap.
        seed: of the bootstrap.
        progress: told the stage, the steps done and the steps in all.

    Raises:
        InputError: WW-LEARN-ATTRIBUTE, where no such column was learned; WW-EVALUATE-NOTHING, where
            no item of the file is new or none has counts; those of reading.
        NoAnswer: WW-EVALUATE-UNTRAINED, where no shares were learned in the workspace.
    """
    shares = _learned(workspace, mapping, attribute)
    held = _Held.of(workspace, mapping)
    train = held.known(shares)
    progress(path.name, 0, 1)
    test, seen = _read(workspace, path, mapping, held, shares)
    progress(path.name, 1, 1)
    rows = test.counts.sum(axis=1)
    ours = shares.predicted(test.evidence)
    explained = [shares.account(one).explained for one in test.evidence]
    told: dict[str, Floats | str] = {
        "shop-wide": shop_wide(train, test),
        "by category": by_category(train, test),
    }
    for name, columns in NAMED.items():
        if installed():
            progress(name, 0, 1)
            told[name] = grown(train, test, columns)
            progress(name, 1, 1)
        else:
            told[name] = HOW
    drawn = np.random.default_rng(seed).multinomial(
        len(rows), np.full(len(rows), 1 / len(rows)), rounds
    )
    base = _losses(ours, test.counts)
    return Judged(
        attribute,
        int(rows.sum()),
        len(rows),
        seen,
        len(train.evidence),
        Line(_figure(base, rows, drawn)),
        float(np.mean(explained)),
        cross_entropy(test.counts / rows[:, None], test.counts),
        {
            name: line
            if isinstance(line, str)
            else Line(
                _figure(loss := _losses(line, test.counts), rows, drawn),
                _figure(loss - base, rows, drawn),
            )
            for name, line in told.items()
        },
    )


def _losses(shares: Floats, counts: Floats) -> Floats:
    """Return each item's loss, summed over its rows."""
    return np.asarray(-(counts * np.log(np.maximum(shares, 1e-12))).sum(axis=1))


def _figure(losses: Floats, rows: Floats, drawn: np.ndarray[Any, np.dtype[np.int64]]) -> Figure:
    again = (drawn @ losses) / (drawn @ rows)
    low, high = np.quantile(again, [0.025, 0.975])
    return Figure(float(losses.sum() / rows.sum()), float(low), float(high))


def _learned(workspace: Workspace, mapping: str, attribute: str) -> Shares:
    found = load_shares(workspace.folder / "model")
    here = {one.label: one for one in found.values() if one.iri == column_node(mapping, one.label)}
    if not here:
        raise NoAnswer(
            "WW-EVALUATE-UNTRAINED",
            f"No shares of '{mapping}' were learned in this workspace.",
            hint=f"Load training rows (wearwhy load FILE --as {mapping} --into catalogue:NAME), then wearwhy learn attributes.",
        )
    if attribute not in here:
        near = nearest(attribute, list(here))
        raise InputError(
            "WW-LEARN-ATTRIBUTE",
            f"'{attribute}' is no column whose shares were learned.",
            hint=f"Did you mean '{near}'?" if near else f"Learned: {', '.join(sorted(here))}.",
        )
    return here[attribute]


@dataclass(frozen=True, slots=True)
class _Held:
    """What a workspace holds of a mapping's items; `above`: what is above what in the ontology."""

    features: Features
    columns: tuple[CountedColumn, ...]
    steps: frozenset[str]
    above: tuple[Fact, ...]

    @classmethod
    def of(cls, workspace: Workspace, mapping: str) -> _Held:
        facts = [
            fact
            for graph, said in workspace.state.graphs.items()
            if owner_of(graph)[1:] == ("asserted", mapping)
            for fact in said
        ]
        plan, ontology = plan_of(workspace), ontology_layer(workspace.bundle)
        above = tuple(fact for step in plan.up for fact in ontology.match(None, step, None))
        features = Features(Table([*facts, *above]), plan)
        steps = frozenset(item.value.rpartition("/")[2] for item in features.items())
        return cls(features, counted_columns(features.graph), steps, above)

    def known(self, shares: Shares) -> Known:
        """Return the items that shares were learned from, with their counts."""
        graph = self.features.graph
        kept = {
            f.subject
            for f in graph.match(None, WW["split"], None)
            if isinstance(f.object, Literal) and f.object.value in ("valid", "test")
        }
        items = [item for item in self.features.items() if item not in kept]
        return _known(evidence(self.features, items, self.columns), shares, shares.values)


def _known(found: Sequence[Evidence], shares: Shares, values: Sequence[str]) -> Known:
    """Return items that have counts of a column, with what may be seen of them."""
    name = f"ww:{shares.iri.value.removeprefix(WW)}"
    having = [one for one in found if one.counts.get(name)]
    counts = [
        [float(c.number) if (c := one.counts[name].get(v)) else 0.0 for v in values]
        for one in having
    ]
    return Known(
        tuple(one.visible(shares.hides) for one in having),
        np.array(counts).reshape(len(having), len(values)),
    )


def _read(
    workspace: Workspace,
    path: Path,
    mapping: str,
    held: _Held,
    shares: Shares,
) -> tuple[Known, int]:
    """Return a file's new items, and how many of its items stand in the workspace.

    Counts are read of every item, also of those that have too few rows for a graph to keep them.
    """
    folder = workspace.bundle.folder / "kg" / "mappings"
    loaded = load.read(path, mapping, names=workspace.names, into=SCRATCH, mappings=folder)
    table = counted(path, mapping, mappings=folder)
    ours: list[Fact] = []
    columns: list[CountedColumn] = []
    for name, counts in table.counts.items():
        column = column_node(mapping, name)
        nodes = [value_node(mapping, name, str(text)) for text in counts.columns]
        texts = [str(text) for text in counts.columns]
        columns.append(
            CountedColumn(column, name, frozenset(), dict(zip(nodes, texts, strict=True)))
        )
        cells = counts.to_numpy(dtype=np.int64)
        rows, places = np.nonzero(cells)
        ours += [
            Fact(SCRATCH.item(str(counts.index[r])), nodes[c], _whole(cells[r, c]))
            for r, c in zip(rows.tolist(), places.tolist(), strict=True)
        ]
    ours += [
        Fact(SCRATCH.item(str(step)), WW.timesCounted, _whole(number))
        for step, number in zip(table.items.index, table.items["rows"].tolist(), strict=True)
    ]
    counting = {fact.predicate for fact in ours}
    told = [f for f in loaded.facts if f.predicate not in counting]
    features = Features(Table([*told, *ours, *held.above]), held.features.plan)
    steps = [str(step) for step in table.items.index]
    fresh = [step for step in steps if step not in held.steps]
    found = evidence(features, [SCRATCH.item(step) for step in fresh], columns)
    values = sorted({*shares.values, *map(str, table.counts[shares.label].columns)})
    order = (*shares.values, *(v for v in values if v not in shares.values))
    known = _known(found, shares, order)
    if not len(known.counts):
        raise InputError(
            "WW-EVALUATE-NOTHING",
            f"{path.name} has no item to judge by: all stand in the workspace or have no '{shares.label}'.",
            hint="Judge by items that were not loaded.",
        )
    return known, len(steps) - len(fresh)


def _whole(number: int | np.int64) -> Literal:
    return Literal(str(number), datatype=XSD.integer)
