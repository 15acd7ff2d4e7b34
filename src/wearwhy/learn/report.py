"""What `learn attributes` prints: how much is missing, who fills it, and how good guesses are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.learn.features import Features, Tokens, spoken_for
from wearwhy.learn.guess import bars, concluded, missing, passing, ruled
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.predict import explained, weigh
from wearwhy.learn.shares.model import Shares
from wearwhy.learn.table import Graph, asserted, graph_of
from wearwhy.rdf import Fact


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who fills one attribute.

    Attributes:
        attribute: local name of the property.
        label: what the report calls it: of a source's column its name there.
        items: how many items there are.
        given: items with an asserted value.
        ruled: items that lack one and get it from firm rules.
        guessed: items that lack both and get a guess that passes the threshold.
        unknown: the rest.
        explained: mean share of the guesses' addends that rests on named facts; None for no guess.
    """

    attribute: str
    label: str
    items: int
    given: int
    ruled: int
    guessed: int
    unknown: int
    explained: float | None

    @property
    def missing(self) -> int:
        """Items without an asserted value."""
        return self.items - self.given

    def as_dict(self) -> dict[str, Any]:
        """Return the row as `learn attributes --json` prints it."""
        return {
            "items": self.items,
            "missing": self.missing,
            "filled_by_rules": self.ruled,
            "guessed": self.guessed,
            "unknown": self.unknown,
            "explained": None if self.explained is None else round(self.explained, 4),
        }


def coverage(
    source: Graph | Iterable[Fact],
    model: Model,
    items: Sequence[NamedNode],
    attributes: Sequence[Attribute],
    plan: Plan,
    *,
    threshold: float | None = None,
) -> tuple[Coverage, ...]:
    """Return who fills each attribute of items, at a threshold (the plan's by default)."""
    graph = graph_of(source)
    features = Features(graph, plan)
    bar = plan.threshold if threshold is None else threshold
    spoken: dict[NamedNode, Tokens] = {}
    rows = []
    for attribute in attributes:
        lacking = [item for item in items if missing(graph, item, attribute)]
        given = sum(
            any(asserted(graph, fact) for fact in graph.match(item, attribute.iri, None))
            for item in items
        )
        for item in lacking:
            if item not in spoken:
                spoken[item] = features.tokens(item)
        learned = model.learned.get(attribute.name)
        told: list[float] = []
        if learned is not None and lacking:
            hides = attribute.hides | learned.hides
            known = [spoken_for(spoken[item], hides, model.number) for item in lacking]
            said = [concluded(graph, item, attribute) for item in lacking]
            weighed = weigh(model, learned, known, ruled(said, learned))
            shares = explained(model, learned, known, [spoken[i] for i in lacking], weighed)
            cuts = bars(learned, bar, plan.floor)
            told = [
                float(share)
                for share, logits in zip(shares, weighed.logits, strict=True)
                if passing(learned, logits, set(), cuts)
            ]
        rows.append(
            Coverage(
                attribute.name,
                attribute.label or attribute.name,
                len(items),
                given,
                len(items) - given - len(lacking),
                len(told),
                len(lacking) - len(told),
                sum(told) / len(told) if told else None,
            )
        )
    return tuple(rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    return "\n".join(lines)


def coverage_text(rows: Sequence[Coverage]) -> str:
    """Return coverage as a table."""
    head = ("attribute", "items", "missing", "by rules", "guessed", "unknown", "explained")
    return _table(
        head,
        [
            (
                row.label,
                str(row.items),
                str(row.missing),
                str(row.ruled),
                str(row.guessed),
                str(row.unknown),
                "–" if row.explained is None else f"{row.explained:.2f}",
            )
            for row in rows
        ],
    )


def _shown(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} [{low:.3f}, {high:.3f}]"


def comparison(model: Model) -> str:
    """Return held-out figures of the verdict, its witnesses and its controls as a table.

    Many-valued attributes are judged yes or no, value by value; intervals are 95 %, by bootstrap
    over items.
    """
    rows = []
    for name, found in model.card["metrics"].items():
        for kind, scores in found.items():
            if not isinstance(scores, dict) or "accuracy" not in scores:
                continue
            rows.append(
                (
                    name if kind == "verdict" else "",
                    kind,
                    str(scores["n"]),
                    *(_shown(scores[key]) for key in ("accuracy", "log_loss", "ece")),
                )
            )
    return _table(("attribute", "model", "n", "accuracy", "log-loss", "calibration error"), rows)


def cutoffs(model: Model, threshold: float, floor: float) -> dict[str, dict[str, float | None]]:
    """Return, for each attribute and value, the probability above which guesses are written.

    None: held-out precision passes the threshold nowhere, so that value is never written. A
    single-valued attribute has one entry, named `*`.
    """
    return {
        name: dict(
            zip(
                learned.values if learned.many else ("*",),
                bars(learned, threshold, floor),
                strict=True,
            )
        )
        for name, learned in model.learned.items()
    }


def as_json(
    model: Model, rows: Sequence[Coverage], *, threshold: float, floor: float
) -> dict[str, Any]:
    """Return the whole report as `learn attributes --json` prints it."""
    covered = {row.attribute: row.as_dict() for row in rows}
    least = cutoffs(model, threshold, floor)
    return {
        "threshold": threshold,
        "floor": floor,
        "made_from": model.card["made_from"],
        "seed": model.card["seed"],
        "attributes": {
            name: {**covered.get(name, {}), "cutoffs": least[name], "held_out": found}
            for name, found in model.card["metrics"].items()
        },
    }


def shares_text(found: Mapping[str, Shares]) -> str:
    """Return what was learned as shares, as a table."""
    return _table(
        ("shares of", "values", "items", "rows they counted"),
        [
            (
                shares.label,
                str(len(shares.values)),
                str(shares.card.get("items", "")),
                str(shares.card.get("rows", "")),
            )
            for shares in found.values()
        ],
    )
