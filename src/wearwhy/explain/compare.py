"""Two looks, term by term: what speaks for the one, and what for the other.

A term of one look answers to a term of the other if the same rule, walk, pair or opinion speaks
in it of the same thing; terms of one look that answer to the same are counted together. So the
differences add up to the difference of the scores.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.evidence import EvidenceNode
from wearwhy.explain.document import node_json
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.reasons import clause, reason
from wearwhy.explain.sentences import sentence, term_label
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm
from wearwhy.outfit.look import Look
from wearwhy.outfit.score import Term, total

SAME = 1e-9

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What one look has of a row: its terms and what they add up to."""

    terms: tuple[ExplainedTerm, ...]

    @property
    def value(self) -> float:
        """The sum of the terms, in points."""
        return total(one.term for one in self.terms)

    @property
    def shown(self) -> ExplainedTerm:
        """The term that is told of it: the weightiest."""
        return max(self.terms, key=lambda one: abs(one.term.value))


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Terms that answer to each other; a look without any has None."""

    key: Key
    first: Side | None
    second: Side | None

    @property
    def difference(self) -> float:
        """What the first look has more of it than the second, in points."""
        first = self.first.value if self.first is not None else 0.0
        return first - (self.second.value if self.second is not None else 0.0)

    @property
    def shown(self) -> tuple[bool, ExplainedTerm]:
        """Whether the first look has it, and the term that is told of it."""
        side = self.first or self.second
        assert side is not None
        return self.first is not None, side.shown


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two looks, and the rows of their terms, by falling difference."""

    first: ExplainedLook
    second: ExplainedLook
    rows: tuple[Row, ...]

    @property
    def difference(self) -> float:
        """What the first look is worth more than the second: the sum of the rows' differences."""
        return math.fsum(row.difference for row in self.rows)

    def favouring(self, *, first: bool) -> list[Row]:
        """Return the rows that speak for one look: what it has more of, in points."""
        return [row for row in self.rows if (row.difference if first else -row.difference) > SAME]

    def equal(self) -> list[Row]:
        """Return the rows that speak for neither: for the same points in both, or for none."""
        return [row for row in self.rows if abs(row.difference) <= SAME]


def key_of(look: Look, term: Term) -> Key:
    """Return what a term is, whatever look it is of: who speaks, and of what."""
    parts = [term.kind, str(term.source or "")]
    if term.verdict is not None:
        parts.append(term.verdict.predicate.value)
        if term.verdict.subject != look.iri:
            parts += sorted(item.value for item in term.about)
    elif term.via:
        parts += [str(node) for node in term.via]
    elif term.kind == "pair":
        parts += sorted(item.value for item in term.about)
    return tuple(parts)


def compare(first: ExplainedLook, second: ExplainedLook) -> Comparison:
    """Return two looks held against each other, term by term."""
    left, right = _by_key(first), _by_key(second)
    rows = [
        Row(key, _side(left.get(key)), _side(right.get(key)))
        for key in dict.fromkeys([*left, *right])
    ]
    rows.sort(key=lambda row: (-round(abs(row.difference), 9), row.key))
    return Comparison(first, second, tuple(rows))


def _by_key(look: ExplainedLook) -> dict[Key, list[ExplainedTerm]]:
    found: dict[Key, list[ExplainedTerm]] = {}
    for term in look.terms:
        found.setdefault(key_of(look.look, term.term), []).append(term)
    return found


def _side(terms: Iterable[ExplainedTerm] | None) -> Side | None:
    return None if terms is None else Side(tuple(terms))


def comparison_json(found: Comparison, templates: Templates, language: str) -> dict[str, Any]:
    """Return what `compare --json` prints."""
    named = _names(found, templates, language)
    mine, yours = found.first.look.items, found.second.look.items
    by_kind: dict[str, list[float]] = {}
    for row in found.rows:
        by_kind.setdefault(row.key[0], []).append(row.difference)
    nodes: dict[str, EvidenceNode] = {
        name: node
        for look in (found.first, found.second)
        for term in look.terms
        for name, node in term.evidence.nodes.items()
    }
    return {
        "first": _look_json(found.first, named[0]),
        "second": _look_json(found.second, named[1]),
        "items": {
            "both": [item.value for item in mine if item in yours],
            "first": [item.value for item in mine if item not in yours],
            "second": [item.value for item in yours if item not in mine],
        },
        "difference": found.difference,
        "by_kind": {kind: math.fsum(values) for kind, values in by_kind.items()},
        "terms": [_row_json(row, named) for row in found.rows],
        "proof": {"nodes": {name: node_json(nodes[name]) for name in sorted(nodes)}},
    }


def _names(found: Comparison, templates: Templates, language: str) -> tuple[Names, Names]:
    first, second = (
        names(one.layer, one.look, templates, language) for one in (found.first, found.second)
    )
    return first, second


def _look_json(look: ExplainedLook, named: Names) -> dict[str, Any]:
    return {
        "id": look.look.id,
        "score": total(one.term for one in look.terms),
        "request": look.look.request.iri.value,
        "items": [
            {"id": p.item.value, "label": named.of(p.item), "slot": p.slot.value}
            for p in look.look.placed
        ],
    }


def _row_json(row: Row, named: tuple[Names, Names]) -> dict[str, Any]:
    here, term = row.shown
    told = named[0 if here else 1]
    return {
        "kind": row.key[0],
        "label": term_label(told, term),
        "sentence": sentence(told, term),
        "first": None if row.first is None else row.first.value,
        "second": None if row.second is None else row.second.value,
        "difference": row.difference,
        "evidence": {
            "first": [] if row.first is None else [t.evidence.root for t in row.first.terms],
            "second": [] if row.second is None else [t.evidence.root for t in row.second.terms],
        },
    }


def comparison_text(
    found: Comparison, templates: Templates, language: str, *, most: int | None = None
) -> str:
    """Return a comparison as lines: items, what speaks for each of the two, then the sum.

    Args:
        found: to tell.
        templates: words of `kg/sentences.toml`.
        language: of names and sentences.
        most: how many terms each part tells; the others are told as one sum. None for all.
    """
    named = _names(found, templates, language)
    one = named[0]
    ids = (found.first.look.id, found.second.look.id)
    scores = tuple(total(t.term for t in look.terms) for look in (found.first, found.second))
    lines = [
        one.say("compared", first=ids[0], second=ids[1], a=_points(scores[0]), b=_points(scores[1]))
    ]
    lines += _items(found, named, ids)
    for who, first in ((0, True), (1, False)):
        rows = found.favouring(first=first)
        head = one.say("compared-for", look=ids[who], value=_points(_worth(rows)))
        lines += _part(head, rows, named, ids, most, first=first)
    same = found.equal()
    if same:
        worth = math.fsum(row.first.value for row in same if row.first is not None)
        lines.append(one.say("compared-equal", n=len(same), value=_points(worth)))
    better, other = ids if found.difference >= 0 else (ids[1], ids[0])
    whole = _points(abs(found.difference))
    lines.append(one.say("compared-sum", value=whole, first=better, second=other))
    return "\n".join(lines)


def _items(found: Comparison, named: tuple[Names, Names], ids: tuple[str, str]) -> list[str]:
    mine, yours = found.first.look.items, found.second.look.items
    parts: list[tuple[str, list[NamedNode], Names]] = [
        (named[0].say("compared-both"), [i for i in mine if i in yours], named[0]),
        (ids[0], [i for i in mine if i not in yours], named[0]),
        (ids[1], [i for i in yours if i not in mine], named[1]),
    ]
    return [
        "  " + told.say("compared-items", who=who, items=told.say("list").join(map(told.of, items)))
        for who, items, told in parts
        if items
    ]


def _part(
    head: str,
    rows: list[Row],
    named: tuple[Names, Names],
    ids: tuple[str, str],
    most: int | None,
    *,
    first: bool,
) -> list[str]:
    if not rows:
        return []
    shown = rows[:most]
    left = rows[len(shown) :]
    lines = ["", head, *(f"  {_line(row, named, ids, first=first)}" for row in shown)]
    if left:
        rest = _points(_worth(left))
        lines.append("  " + named[0].say("compared-smaller", n=len(left), value=rest))
    return lines


def _worth(rows: Iterable[Row]) -> float:
    return abs(math.fsum(row.difference for row in rows))


def _line(row: Row, named: tuple[Names, Names], ids: tuple[str, str], *, first: bool) -> str:
    """Return what speaks for a look: its own term, or one that speaks against the other look."""
    side, other = (row.first, row.second) if first else (row.second, row.first)
    its = side or other
    assert its is not None
    here = first if side is not None else not first
    told = named[0 if here else 1]
    parts = {
        "difference": _points(abs(row.difference)),
        "kind": told.say(f"term-{row.key[0]}"),
        "sentence": sentence(told, its.shown),
    }
    if other is None:
        return told.say("compared-own", **parts)
    if side is None:
        parts["sentence"] = clause(told, reason(told, its.shown))
        return told.say("compared-against", look=ids[1 if first else 0], **parts)
    return told.say("compared-row", a=_points(side.value), b=_points(other.value), **parts)


def _points(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
