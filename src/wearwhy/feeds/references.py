"""Cells that name an item by its id and describe it: believed only where both agree."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from wearwhy.feeds.cells import Value
from wearwhy.feeds.loaded import Skipped, Target
from wearwhy.feeds.mapping import Mapping, Reference
from wearwhy.feeds.names import Names
from wearwhy.feeds.tables import Row
from wearwhy.feeds.words import slug, words
from wearwhy.rdf import Fact


@dataclass(frozen=True, slots=True)
class Known:
    """The words that describe each known item."""

    spoken: dict[NamedNode, frozenset[str]]

    @classmethod
    def of(cls, facts: Iterable[Fact], mapping: Mapping, names: Names) -> Known:
        """Return the words of the properties that the mapping's references must agree with."""
        agree = frozenset(mapping.reference.agree) if mapping.reference else frozenset()
        spoken: dict[NamedNode, set[str]] = defaultdict(set)
        for subject, predicate, value in facts:
            if not isinstance(subject, NamedNode):
                continue
            said = spoken[subject]
            if predicate in agree and isinstance(value, Literal):
                said |= set(words(value.value))
            elif predicate in agree and isinstance(value, NamedNode):
                said |= names.spellings(value)
        return cls({node: frozenset(said) for node, said in spoken.items()})


@dataclass(frozen=True, slots=True)
class Referred:
    """The items that a row names, and the cells that were not believed."""

    values: tuple[Value, ...]
    skipped: tuple[Skipped, ...]


def referred(
    cells: dict[str, str], reference: Reference, known: Known, into: Target, row: Row
) -> Referred:
    """Return the items that a row's cells name.

    A cell is left out, with the reason, where it has not the mapping's form, where no known item
    has its id, and where one of its words is not a word of that item.
    """
    values: list[Value] = []
    skipped: list[Skipped] = []
    pattern = re.compile(reference.pattern)
    for name, text in _pieces(cells, reference.separator):
        hit = pattern.fullmatch(text)
        if hit is None:
            skipped.append(Skipped(row.number, name, text, "does not name an item by its number"))
            continue
        groups = {key: found or "" for key, found in hit.groupdict().items()}
        node = into.item(slug(reference.item.format(**groups)))
        spoken = known.spoken.get(node)
        if spoken is None:
            skipped.append(Skipped(row.number, name, text, f"no item has the id {groups['id']}"))
            continue
        strange = [
            word
            for word in words(groups.get("words", ""))
            if word not in spoken
            and not difflib.get_close_matches(word, spoken, n=1, cutoff=reference.tolerance)
        ]
        if strange:
            why = f"'{', '.join(strange)}' does not describe item {groups['id']}"
            skipped.append(Skipped(row.number, name, text, why))
            continue
        values.append((reference.to, node))
    return Referred(tuple(dict.fromkeys(values)), tuple(skipped))


def _pieces(cells: dict[str, str], separator: str) -> Iterator[tuple[str, str]]:
    for name, text in cells.items():
        for piece in text.split(separator) if separator else (text,):
            if piece.strip():
                yield name, piece
