"""Rules and guesses against the truth: what a stylist said, item by item, before any rule.

The truth is a table (`data/truth.csv`): an item's seasons and occasions (all that suit, `;`
between), formality and warmth as slugs of their schemes; an empty cell where no answer exists. A
conclusion about such a cell is wrong by definition.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place
from wearwhy.evidence import Kind
from wearwhy.learn.features import Graph, Kinds
from wearwhy.learn.guess import Guess
from wearwhy.learn.metrics import wilson
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.rdf import WW, Fact, curie

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
        wardrobe: whether that is the wardrobe's; else the catalogue's.
        values: for each attribute by local name, the right values; empty where none is.
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
            row["from"] == "wardrobe",
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


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule, or all guesses together, stand against the truth on one attribute.

    Attributes:
        author: the rule's name, or `guesses`, `rules` for all of them.
        attribute: local name of the property.
        said: conclusions that were judged.
        right: those that hold.
        items: judged items it spoke about.
        of: judged items in all.
        wrong: item ids it was wrong about, with the value said.
    """

    author: str
    attribute: str
    said: int
    right: int
    items: int
    of: int
    wrong: tuple[tuple[str, str], ...]

    @property
    def precision(self) -> float:
        """Right conclusions among those made; 0 where none was made."""
        return self.right / self.said if self.said else 0.0

    @property
    def abstention(self) -> float:
        """Share of the judged items it says nothing about."""
        return 1 - self.items / self.of if self.of else 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return the standing as reports print it in JSON."""
        low = wilson(self.right, self.said, Z95)
        high = 1 - wilson(self.said - self.right, self.said, Z95) if self.said else 0.0
        return {
            "author": self.author,
            "attribute": self.attribute,
            "said": self.said,
            "right": self.right,
            "precision": round(self.precision, 4),
            "interval": [round(low, 4), round(high, 4)],
            "abstention": round(self.abstention, 4),
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
    of = {item(truth): truth for truth in truths}
    attributes = {a.iri: a for a in plan.attributes}
    groups: dict[tuple[str, str], set[Fact]] = defaultdict(set)
    for author, fact in said:
        attribute = attributes.get(fact.predicate)
        if attribute and fact.subject in of and _judged(fact, attribute, plan):
            groups[author, attribute.name].add(fact)
    found = []
    for (author, name), facts in groups.items():
        verdicts = sorted(
            (
                of[f.subject].id,
                curie(f.object).removeprefix("ww:"),
                curie(f.object) in of[f.subject].values[name],
            )
            for f in facts
            if isinstance(f.subject, NamedNode)
        )
        found.append(
            Standing(
                author,
                name,
                len(verdicts),
                sum(right for _, _, right in verdicts),
                len({i for i, _, _ in verdicts}),
                len(truths),
                tuple((i, value) for i, value, right in verdicts if not right),
            )
        )
    return tuple(sorted(found, key=lambda s: (s.attribute, -s.said, s.author)))


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
    lines = [f"{'attribute':14} {'author':44} {'said':>5} {'precision':>22} {'abstains':>9}"]
    for s in found:
        shown = s.as_dict()
        low, high = shown["interval"]
        lines.append(
            f"{s.attribute:14} {s.author:44} {s.said:5} {s.precision:6.2f} [{low:.2f}, {high:.2f}] {s.abstention:12.0%}"
        )
    return "\n".join(lines)


def shop_item(base: str, wardrobe: str, catalogue: str) -> Callable[[Truth], NamedNode]:
    """Return how a judged row's item is named: base, then the table's name, then its id."""
    return lambda t: NamedNode(f"{base}{wardrobe if t.wardrobe else catalogue}/{t.id}")


DEFAULT_BASE = str(WW).removesuffix("ns#") + "id/"
"""Where items are named unless a workspace says otherwise."""
