"""A wardrobe back out as a table that loads again: load(export(x)) == x."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from wearwhy.feeds.graphs import step_of
from wearwhy.feeds.loaded import Target
from wearwhy.feeds.mapping import Column, Mapping
from wearwhy.feeds.names import CLASSES, Names, local
from wearwhy.feeds.template import Language, as_csv, header
from wearwhy.feeds.words import parts
from wearwhy.rdf import TYPE, Fact, Node


@dataclass(frozen=True, slots=True)
class Exported:
    """The table as CSV, and the facts about its items that its columns cannot hold."""

    text: str
    left_out: tuple[Fact, ...]


def export(
    facts: Iterable[Fact], mapping: Mapping, names: Names, of: Target, language: Language = "en"
) -> Exported:
    """Return the items of a wardrobe as CSV in a mapping's columns, by IRI.

    Values are written by the label that reads back as the same value.
    """
    about: dict[Node, list[Fact]] = {}
    for fact in facts:
        about.setdefault(fact.subject, []).append(fact)
    membership = (of.membership, of.node)
    items = sorted(
        (
            node
            for node, found in about.items()
            if isinstance(node, NamedNode) and any(f[1:] == membership for f in found)
        ),
        key=lambda node: node.value,
    )
    rows = [[header(column, language) for column in mapping.columns]]
    left: list[Fact] = []
    for item in items:
        row, rest = _row(item, about[item], mapping, names, language)
        rows.append(row)
        left += [fact for fact in rest if fact[1:] != membership]
    return Exported(as_csv(rows), tuple(left))


def _row(
    item: NamedNode, facts: list[Fact], mapping: Mapping, names: Names, language: Language
) -> tuple[list[str], list[Fact]]:
    rest = list(facts)
    cells: list[str] = []
    ids = {name for template in mapping.ids for name in (template.strip("{}"),)}
    for column in mapping.columns:
        if column.name in ids and not column.to:
            cells.append(step_of(item))
        elif column.name in mapping.classes and not column.to:
            classes = [f for f in rest if f.predicate == TYPE and _is_class(f.object, names)]
            cells.append(_spelt(classes[0].object, [CLASSES], names, language) if classes else "")
            rest = [f for f in rest if f not in classes[:1]]
        else:
            said = [f for f in rest if f.predicate in column.to]
            cells.append(_cell(said, column, names, language))
            rest = [f for f in rest if f not in said]
    return cells, rest


def _is_class(node: Node, names: Names) -> bool:
    return isinstance(node, NamedNode) and names.is_a(node, CLASSES)


def _cell(said: list[Fact], column: Column, names: Names, language: Language) -> str:
    scopes = [scope for prop in column.to if (scope := names.scope(prop)) is not None]
    texts = [_spelt(f.object, scopes, names, language, alone=len(said) == 1) for f in said]
    return ", ".join(texts)


def _spelt(
    value: Node, scopes: list[NamedNode], names: Names, language: Language, *, alone: bool = True
) -> str:
    """Return the first spelling of a value that reads back as it: a label, or its local name."""
    if isinstance(value, Literal):
        return value.value
    if not isinstance(value, NamedNode):
        return str(value)
    own = local(value)
    for spelling in (names.label(value, language), names.label(value), *names.texts(value)):
        reads = any(names.find(spelling, scope) == value for scope in scopes)
        if reads and (alone or len(parts(spelling)) == 1):
            return spelling
    return own
