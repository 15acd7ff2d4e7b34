"""How well a model fills columns that it is not shown, beside classifiers on the same columns.

Each attribute is hidden in turn from rows of a file that the model was not trained on, and
predicted from the rest. The file is read through its mapping; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from wearwhy.errors import InputError
from wearwhy.evaluate.controls.columns import Sheet
from wearwhy.evaluate.controls.trained import Missing, Progress, Which, trained
from wearwhy.evaluate.source import Column, Rows, masked, masked_facts
from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.metrics import Cases, Figure, above, cases, measured
from wearwhy.rdf import Fact, NamedNode

ROUNDS = 200


class Predicted(Protocol):
    """What a model says of rows: values, a probability of each, and what share it explains."""

    @property
    def values(self) -> tuple[str, ...]:
        """The values, in the order of columns."""

    @property
    def probabilities(self) -> Floats:
        """One row an item, one column a value."""

    @property
    def explained(self) -> Floats:
        """For each row the share of its margin that rests on named facts."""


Ask = Callable[[Sequence[tuple[Fact, ...]]], Predicted]
"""Answers for rows, each given by its facts, the attribute's own among them: it hides them."""


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one model on some rows.

    Attributes:
        figures: accuracy, macro_f1, log_loss, ece and coverage_at_95.
        more: what else is said of it, as it is printed in JSON.
    """

    figures: Mapping[str, Figure]
    more: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures under their names, their intervals beside."""
        rounded = {name: round(f.value, 4) for name, f in self.figures.items()}
        ends = {name: [round(f.low, 4), round(f.high, 4)] for name, f in self.figures.items()}
        accuracy = {"accuracy": rounded.pop("accuracy"), "interval": ends["accuracy"]}
        return {**accuracy, **rounded, **self.more, "intervals": ends}


@dataclass(frozen=True, slots=True)
class Part:
    """The model and its controls on the same rows."""

    n: int
    ours: Line
    controls: Mapping[str, Line | Missing]

    def as_dict(self) -> dict[str, Any]:
        """Return the model's figures, and its controls' under `controls`."""
        controls = {
            name: {"missing": line.how} if isinstance(line, Missing) else line.as_dict()
            for name, line in self.controls.items()
        }
        return {"n": self.n, **self.ours.as_dict(), "controls": controls}


@dataclass(frozen=True, slots=True)
class Completed:
    """One attribute, hidden and predicted.

    Attributes:
        name: of the column.
        trained: how many labelled training rows the controls had.
        seen: how many rows were left out because their item is among the training items.
        calibrated: how many rows are of items that were kept from fitting, but may have weighed
            the witnesses and calibrated the model.
        repeated: how many rows have the title of a training item.
        changed: how many titles held a word of their row's own label.
        whole: on all rows that are not seen.
        fresh: on those whose title is new too; None where there is none.
        masked: on all again, with the label's own words taken out of titles. Nothing is
            trained anew: the model and the controls were trained on titles as they stand.
    """

    name: str
    trained: int
    seen: int
    calibrated: int
    repeated: int
    changed: int
    whole: Part
    fresh: Part | None
    masked: Part

    def as_dict(self) -> dict[str, Any]:
        """Return all figures, those of all rows on top."""
        found = self.whole.as_dict()
        return {
            "n": found.pop("n"),
            "trained_on": self.trained,
            "seen": self.seen,
            "calibrated_on": self.calibrated,
            "repeated_titles": self.repeated,
            **found,
            "without_repeated_titles": None if self.fresh is None else self.fresh.as_dict(),
            "masked": {"titles_changed": self.changed, **self.masked.as_dict()},
        }


def unseen(train: Rows, test: Rows) -> tuple[Rows, int]:
    """Return the rows whose item is not among the training items, and how many were left out.

    An item is known by the last step of its name: the catalogue's own part may differ.
    """
    known = {_step(item) for item in train.items}
    kept = np.array([n for n, item in enumerate(test.items) if _step(item) not in known], np.int64)
    return test.rows(kept), len(test) - len(kept)


def _step(item: NamedNode) -> str:
    return item.value.rpartition("/")[2]


def completed(
    train: Rows,
    test: Rows,
    column: Column,
    ask: Ask,
    *,
    known: Rows | None = None,
    cutoff: float | None = None,
    texts: Collection[NamedNode],
    which: Which = "all",
    rounds: int = ROUNDS,
    seed: int = 0,
    progress: Progress = lambda *_: None,
) -> Completed:
    """Return the figures of a model and of the controls on one attribute.

    Args:
        train: the rows that both were trained on.
        test: rows to predict; those of a training item are left out.
        column: the attribute.
        ask: the model.
        known: all rows of the source that the model's makers had: those kept from its fitting
            may have weighed and calibrated it.
        cutoff: the probability from which on the model was right often enough on its own
            held-out items; None: from none on.
        texts: the properties whose values are texts.
        which: of the controls.
        rounds: of the bootstrap.
        seed: of the bootstrap.
        progress: told of the controls' training.

    Raises:
        InputError: WW-EVALUATE-NOTHING, where no row that is new says what its value is.
    """
    new, seen = unseen(train, test)
    given = _labels(new, column)
    new = new.rows(np.flatnonzero(given != ""))
    if not len(new):
        raise InputError(
            "WW-EVALUATE-NOTHING",
            f"No new row says what its '{column.name}' is.",
            note=f"{seen} rows are of items that were trained on.",
            hint="Give rows that were kept from training.",
        )
    given = given[given != ""]
    sheets, rows, changed = _both(new, given, texts)
    ours = [ask(facts) for facts in rows]
    sides = [_Side(_cases(a.values, a.probabilities, given), _explained(a)) for a in ours]
    table: dict[str, tuple[_Side, ...] | Missing] = {}
    labels = _labels(train, column)
    labelled = train.rows(np.flatnonzero(labels != ""))
    beside = train.beside(column)
    fitted, kind = labelled.sheet.under(beside), labelled.kind(beside)
    asked = [sheet.under(beside) for sheet in sheets]
    for name, control in trained(which, fitted, tuple(labels[labels != ""]), kind, progress):
        if isinstance(control, Missing):
            table[name] = control
        else:
            said = {"setting": control.setting} if control.setting else {}
            table[name] = tuple(
                _Side(_cases(control.values, control.probabilities(sheet), given), None, said)
                for sheet in asked
            )
    old = set(train.titles) - {""}
    repeated = np.array([title in old for title in new.titles], dtype=bool)
    every = np.arange(len(new))

    def part(side: int, which: Ints) -> Part:
        return Part(
            len(which),
            sides[side].line(which, seed, rounds, cutoff),
            {
                name: one if isinstance(one, Missing) else one[side].line(which, seed, rounds)
                for name, one in table.items()
            },
        )

    return Completed(
        column.name,
        len(labelled),
        seen,
        _known(new, known),
        int(repeated.sum()),
        changed,
        part(0, every),
        None if repeated.all() else part(0, every[~repeated]),
        part(1, every),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """What one model decided of rows, as they stand or masked."""

    cases: Cases
    explained: Floats | None
    said: Mapping[str, Any] = field(default_factory=dict)

    def line(self, which: Ints, seed: int, rounds: int, cutoff: float | None = None) -> Line:
        """Return the figures on some of the rows; of our own model also what it explains."""
        found = self.cases.rows(which)
        figures, more = measured(found, seed=seed, rounds=rounds), dict(self.said)
        if self.explained is not None:
            own = self.explained[which]
            spread = 1.96 * float(own.std()) / max(len(own), 1) ** 0.5
            mean = float(own.mean())
            figures["explained"] = Figure(mean, mean - spread, mean + spread)
            share, precision = above(found, cutoff)
            more["held_out_cutoff"] = {
                "cutoff": None if cutoff is None else round(cutoff, 4),
                "coverage": round(share, 4),
                "precision": None if precision is None else round(precision, 4),
            }
        return Line(figures, more)


def _explained(found: Predicted) -> Floats:
    return np.asarray(found.explained, dtype=np.float64)


def _both(
    rows: Rows, labels: Sequence[str], texts: Collection[NamedNode]
) -> tuple[tuple[Sheet, Sheet], tuple[Sequence[tuple[Fact, ...]], ...], int]:
    """Return rows as they stand and masked, as sheets and as facts; how many changed."""
    said, facts, changed = list(rows.sheet.text), list(rows.facts), 0
    for n, (text, label) in enumerate(zip(rows.sheet.text, labels, strict=True)):
        less = "\n".join(masked(line, label) for line in text.split("\n"))
        if "".join(less.split()) != "".join(text.split()):
            said[n], facts[n] = less, masked_facts(facts[n], label, texts)
            changed += 1
    return (rows.sheet, rows.sheet.saying(said)), (rows.facts, facts), changed


def _known(new: Rows, known: Rows | None) -> int:
    """Return how many rows are of items that were known, though not fitted."""
    steps = {_step(item) for item in known.items} if known is not None else set()
    return sum(_step(item) in steps for item in new.items)


def _labels(rows: Rows, column: Column) -> Any:
    cells = rows.sheet.cells
    none = [""] * len(rows)
    return np.array(cells.get(column.name, none), dtype=object)


def _cases(values: tuple[str, ...], probabilities: Floats, given: Sequence[str]) -> Cases:
    """Return decisions, with the values that only the truth has numbered after the model's."""
    known = dict.fromkeys(values)
    at = {value: n for n, value in enumerate((*known, *sorted(set(given) - set(known))))}
    return cases(probabilities, np.array([at[value] for value in given], dtype=np.int64))
