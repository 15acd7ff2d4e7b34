"""Rules and guesses against the truth: what a stylist said, item by item, before any rule.

The truth is a table (`data/truth.csv`, `data/truth-real.csv`): an item's seasons and occasions
(all that suit, `;` between), formality and warmth as slugs of their schemes; an empty cell where
no answer exists. A conclusion about such a cell is wrong by definition.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place
from wearwhy.evidence import Kind
from wearwhy.learn.guess import Guess
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.table import Graph, Kinds
from wearwhy.rdf import WW, Fact, Node, curie

COLUMNS = {
    "season": "suitsSeason",
    "occasion": "suitsOccasion",
    "formality": "formality",
    "warmth": "warmth",
}
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Truth:
    """One item as a stylist judged it.

    Attributes:
        id: the item's id in its table.
        wardrobe: whether that is a wardrobe's; else the catalogue's.
        values: for each attribute by local name, the right values; none where no answer exists.
        hard: whether the obvious rule is wrong or no answer exists.
        note: why.
    """

    id: str
    wardrobe: bool
    values: dict[str, frozenset[str]]
    hard: bool
    note: str


def read_truth(path: Path) -> tuple[Truth, ...]:
    """Return the judged items of a table.

    Raises:
        FormatError: WW-TRUTH-COLUMN, where a column is missing.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    needed = {"id", "from", "hard", "note", *COLUMNS}
    lacking = sorted(needed - set(rows[0] if rows else ()))
    if lacking:
        raise FormatError(
            "WW-TRUTH-COLUMN",
            f"{path.name} has no column '{lacking[0]}'.",
            place=Place(path.name, 1),
        )
    schemes = {
        "season": "season",
        "occasion": "occasion",
        "formality": "dress-code",
        "warmth": "warmth",
    }
    return tuple(
        Truth(
            row["id"],
            row["from"] != "catalogue",
            {
                name: frozenset(
                    f"ww:{schemes[column]}-{slug}" for slug in row[column].split(";") if slug
                )
                for column, name in COLUMNS.items()
            },
            row["hard"] == "yes",
            row["note"],
        )
        for row in rows
    )


class Rate(NamedTuple):
    """A share of things that come in bundles (the values of one item), and its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"

    def as_dict(self) -> dict[str, Any]:
        """Return the share as reports print it in JSON."""
        return {
            "value": round(self.value, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
        }


def rate(parts: Sequence[int], wholes: Sequence[int]) -> Rate:
    """Return the sum of parts over the sum of wholes, both given item by item.

    Values of one item hang together (who errs on one season errs on the next), so the interval is
    Wilson's with as many independent cases as the spread between items allows, and never more
    than there are wholes. Nothing over nothing is 0 and may be anything.
    """
    total = sum(wholes)
    if not total:
        return Rate(0.0, 0.0, 1.0)
    share, items = sum(parts) / total, sum(1 for whole in wholes if whole)
    spread = sum((p - share * w) ** 2 for p, w in zip(parts, wholes, strict=True))
    cases = float(items)
    if items > 1 and 0 < share < 1:
        binomial = share * (1 - share) * total * total * (items - 1) / items
        cases = max(1.0, min(binomial / spread if spread else total, total))
    square = Z95 * Z95
    centre = share + square / (2 * cases)
    reach = Z95 * math.sqrt(share * (1 - share) / cases + square / (4 * cases * cases))
    whole = 1 + square / cases
    return Rate(share, max(0.0, (centre - reach) / whole), min(1.0, (centre + reach) / whole))


class Tally(NamedTuple):
    """One judged item: conclusions about it, those that hold, and values that should hold."""

    said: int
    right: int
    due: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule, or a witness as a whole, stands against the truth on one attribute.

    Attributes:
        author: the rule's name; `rules` or `guesses` for all of them; a witness of `compared`.
        attribute: local name of the property.
        tallies: one for each judged item, in the table's order.
        wrong: item ids it was wrong about, with the value said.
    """

    author: str
    attribute: str
    tallies: tuple[Tally, ...]
    wrong: tuple[tuple[str, str], ...]

    @property
    def said(self) -> int:
        """Conclusions that were judged."""
        return sum(t.said for t in self.tallies)

    @property
    def right(self) -> int:
        """Those that hold."""
        return sum(t.right for t in self.tallies)

    @property
    def precision(self) -> Rate:
        """Right conclusions among those made."""
        return rate([t.right for t in self.tallies], [t.said for t in self.tallies])

    @property
    def recall(self) -> Rate:
        """Right conclusions among the values that hold."""
        return rate([t.right for t in self.tallies], [t.due for t in self.tallies])

    @property
    def f1(self) -> Rate:
        """The harmonic mean of precision and recall: twice the right ones over said and due."""
        return rate([2 * t.right for t in self.tallies], [t.said + t.due for t in self.tallies])

    @property
    def abstention(self) -> Rate:
        """Share of the judged items it says nothing about."""
        return rate([int(not t.said) for t in self.tallies], [1] * len(self.tallies))

    def as_dict(self) -> dict[str, Any]:
        """Return the standing as reports print it in JSON."""
        return {
            "author": self.author,
            "attribute": self.attribute,
            "said": self.said,
            "right": self.right,
            "precision": self.precision.as_dict(),
            "recall": self.recall.as_dict(),
            "f1": self.f1.as_dict(),
            "abstention": self.abstention.as_dict(),
            "wrong": [list(pair) for pair in self.wrong],
        }


Said = tuple[str, Fact]
"""Who said it, and what."""


def _judged(fact: Fact, attribute: Attribute, plan: Plan) -> bool:
    """Return whether the truth table can judge a value."""
    if attribute.name != "suitsOccasion":
        return True
    slug = curie(fact.object).removeprefix("ww:occasion-")
    return slug in plan.judged_occasions


def standing(
    author: str,
    attribute: Attribute,
    facts: Iterable[Fact],
    truths: Sequence[Truth],
    *,
    plan: Plan,
    item: Callable[[Truth], NamedNode],
) -> Standing:
    """Return how an author stands on one attribute, by the facts it concludes (none is an answer).

    Args:
        author: who is judged.
        attribute: what is judged; facts about another are left out.
        facts: what the author says.
        truths: the judged items.
        plan: which occasions were judged.
        item: the item a judged row is about.
    """
    of: dict[Node, set[str]] = defaultdict(set)
    for fact in facts:
        if fact.predicate == attribute.iri and _judged(fact, attribute, plan):
            of[fact.subject].add(curie(fact.object))
    tallies, wrong = [], []
    for truth in truths:
        said, due = of[item(truth)], truth.values.get(attribute.name, frozenset())
        tallies.append(Tally(len(said), len(said & due), len(due)))
        wrong += [(truth.id, value.removeprefix("ww:")) for value in sorted(said - due)]
    return Standing(author, attribute.name, tuple(tallies), tuple(wrong))


def standings(
    said: Iterable[Said],
    truths: Sequence[Truth],
    plan: Plan,
    item: Callable[[Truth], NamedNode],
) -> tuple[Standing, ...]:
    """Return how each author stands on each attribute, most conclusions first.

    Args:
        said: who said what.
        truths: the judged items.
        plan: which attributes, and which occasions were judged.
        item: the item a judged row is about.
    """
    of: dict[str, list[Fact]] = defaultdict(list)
    for author, fact in said:
        of[author].append(fact)
    found = (
        standing(author, attribute, facts, truths, plan=plan, item=item)
        for author, facts in of.items()
        for attribute in judged_attributes(plan)
    )
    return tuple(
        sorted((s for s in found if s.said), key=lambda s: (s.attribute, -s.said, s.author))
    )


def judged_attributes(plan: Plan) -> list[Attribute]:
    """Return the plan's attributes that a truth table has a column for."""
    return [a for a in plan.attributes if a.name in COLUMNS.values()]


def by_rules(layer: Graph, items: Iterable[NamedNode], plan: Plan) -> list[Said]:
    """Return what rules conclude about items' attributes, each with the rule, and all together."""
    found: list[Said] = []
    if not isinstance(layer, Kinds):
        return found
    firing = getattr(layer, "firing", None)
    for item in items:
        for attribute in plan.attributes:
            for fact in layer.match(item, attribute.iri, None):
                if layer.kind(fact) is not Kind.DERIVED:
                    continue
                found.append(("rules", fact))
                fired = firing(fact) if firing is not None else None
                if fired is not None:
                    rule = getattr(fired.rule, "iri", fired.rule)
                    found.append((curie(rule), fact))
    return found


def by_guesses(guesses: Iterable[Guess]) -> list[Said]:
    """Return what a model proposes."""
    return [("guesses", g.fact) for g in guesses]


def text(found: Sequence[Standing]) -> str:
    """Return standings as a table."""
    heads = ("precision", "recall", "F1", "abstains")
    lines = [f"{'attribute':14} {'author':44} {'said':>5}" + "".join(f" {h:>18}" for h in heads)]
    for s in found:
        precision = s.precision if s.said else "-"
        shown = [str(one) for one in (precision, s.recall, s.f1, s.abstention)]
        lines.append(
            f"{s.attribute:14} {s.author:44} {s.said:5}" + "".join(f" {one:>18}" for one in shown)
        )
    return "\n".join(lines)


def shop_item(base: str, wardrobe: str, catalogue: str) -> Callable[[Truth], NamedNode]:
    """Return how a judged row's item is named: base, then the table's name, then its id."""
    return lambda t: NamedNode(f"{base}{wardrobe if t.wardrobe else catalogue}/{t.id}")


DEFAULT_BASE = str(WW).removesuffix("ns#") + "id/"
"""Where items are named unless a workspace says otherwise."""
