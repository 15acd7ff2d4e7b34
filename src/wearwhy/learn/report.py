"""What `learn attributes` prints: how much is missing, who fills it, and how good guesses are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.features import Graph, Kinds, graph_of
from wearwhy.learn.guess import answers, bars, missing
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Plan
from wearwhy.rdf import Fact

MODELS = ("verdict", "additive alone", "embedding alone", "logistic regression", "majority")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who fills one attribute.

    Attributes:
        attribute: local name of the property.
        items: how many items there are.
        given: items with an asserted value.
        ruled: items that lack one and get it from firm rules.
        guessed: items that lack both and get a guess that passes the threshold.
        unknown: the rest.
        explained: mean share of the guesses' addends that rests on named facts; None for no guess.
    """

    attribute: str
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
    plan: Plan,
    *,
    threshold: float | None = None,
) -> tuple[Coverage, ...]:
    """Return who fills each attribute of items, at a threshold (the plan's by default)."""
    graph = graph_of(source)
    found = answers(graph, model, items, plan, threshold=threshold)
    rows = []
    for attribute in plan.attributes:
        lacking = {item for item in items if missing(graph, item, attribute)}
        given = sum(
            any(_asserted(graph, fact) for fact in graph.match(item, attribute.iri, None))
            for item in items
        )
        mine = [a.guesses for a in found if a.attribute == attribute]
        told = [g.explained for guesses in mine for g in guesses]
        guessed = sum(bool(guesses) for guesses in mine)
        rows.append(
            Coverage(
                attribute.name,
                len(items),
                given,
                len(items) - given - len(lacking),
                guessed,
                len(lacking) - guessed,
                sum(told) / len(told) if told else None,
            )
        )
    return tuple(rows)


def _asserted(graph: Graph, fact: Fact) -> bool:
    return graph.kind(fact) is Kind.ASSERTED if isinstance(graph, Kinds) else True


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
                row.attribute,
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
        for kind in MODELS:
            scores = found[kind]
            rows.append(
                (
                    name if kind == MODELS[0] else "",
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
