"""One cell of a mapped column as values of properties."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from wearwhy import errors
from wearwhy.feeds import values
from wearwhy.feeds.loaded import Findings
from wearwhy.feeds.mapping import Column
from wearwhy.feeds.names import Names
from wearwhy.feeds.words import Key, parts, words
from wearwhy.rdf import SCHEMA, Node

Value = tuple[NamedNode, Node]
Report = Callable[[str, str | None], None]

_LOOKED_UP: Final = ("concept", "list")
_KEPT: Final = 100_000
_READERS: Final[dict[str, Callable[[str], Literal]]] = {
    "decimal": values.decimal,
    "integer": values.integer,
    "boolean": values.boolean,
}


@dataclass(slots=True)
class Cells:
    """The reader of one table's cells; the same word is looked up once, as cells repeat."""

    names: Names
    found: Findings
    kinds: dict[str, str] = field(default_factory=dict)
    kept: dict[tuple[str, str], list[Value]] = field(default_factory=dict)

    def read(self, text: str, column: Column, row: int) -> list[Value]:
        """Return what a cell says; see `read_cell`."""
        key = (column.name, text)
        known = self.kept.get(key)
        if known is not None:
            return known
        kind = self.kinds.get(column.name) or kind_of(column, self.names)
        self.kinds[column.name] = kind
        reports = self.found.reports
        said = read_cell(text, column, self.names, self.found, row, kind=kind)
        # A cell that was reported is read again, so that each time is counted.
        if kind in _LOOKED_UP and reports == self.found.reports and len(self.kept) < _KEPT:
            self.kept[key] = said
        return said


def kind_of(column: Column, names: Names) -> str:
    """Return how a column's cells are read: as its mapping says, else as the ontology does."""
    if column.kind != "auto":
        return column.kind
    if any(names.scope(prop) is not None for prop in column.to):
        return "concept"
    return "text" if not column.to or names.datatype(column.to[0]) is None else "typed"


def read_cell(
    text: str, column: Column, names: Names, found: Findings, row: int, *, kind: str = ""
) -> list[Value]:
    """Return the (property, value) pairs a cell says; what nothing names goes to `found`.

    Raises:
        ValueRefused: without a place, where the cell is no number, date … of its kind.
    """
    said = meant(text, column)
    if not said or not column.to:
        return []
    kind = kind or kind_of(column, names)
    first = column.to[0]
    if kind in _LOOKED_UP:
        return _concepts(said, column, names, found, row, listed=kind == "list")
    if kind == "money":
        amount, unit = values.money(said)
        currency: list[Value] = [(SCHEMA.priceCurrency, Literal(unit))] if unit else []
        return [(first, amount), *currency]
    if kind == "date":
        return [(first, values.day(said, column.formats))]
    if kind == "typed":
        datatype = names.datatype(first)
        reader = values.READERS.get(datatype.value) if datatype else None
        return [(first, reader(said) if reader else Literal(said))]
    reader = _READERS.get(kind)
    return [(first, reader(said) if reader else Literal(said))]


def meant(text: str, column: Column) -> str:
    """Return a cell after the mapping's own words for it; empty where it says nothing."""
    plain = text.strip()
    return column.meanings.get(words(text), plain) if column.meanings else plain


def named_whole(text: str, column: Column, names: Names) -> NamedNode | None:
    """Return the concept that a cell as a whole names, after the mapping's own words, or None."""
    said = meant(text, column)
    found = _whole(said, column, names) if said else None
    return found[1] if found and isinstance(found[1], NamedNode) else None


def _concepts(
    said: str, column: Column, names: Names, found: Findings, row: int, *, listed: bool
) -> list[Value]:
    out: list[Value] = []
    pieces = [said] if not listed and _whole(said, column, names) else parts(said)
    for piece in pieces:
        word = meant(piece, column)
        if not word:
            continue
        whole = _whole(word, column, names)
        if whole:
            out.append(whole)
            continue
        within, left = _inside(word, column, names) if not listed else ([], words(word))
        filler = {token for text in column.filler for token in words(text)}
        left = tuple(token for token in left if token not in filler)
        out += within
        if left:
            value = " ".join(left) if within else piece
            near = None if found.seen(column.name, value) else suggestion(value, column.to, names)
            found.report(column.name, value, row, near)
    return _spread(list(dict.fromkeys(out)), column)


def _whole(text: str, column: Column, names: Names) -> Value | None:
    for prop in column.to:
        scope = names.scope(prop)
        node = names.find(text, scope) if scope else None
        if node is not None:
            return prop, node
    return None


def _inside(text: str, column: Column, names: Names) -> tuple[list[Value], Key]:
    """Return the values whose labels stand in a text, and the words that none of them took."""
    tokens = words(text)
    out: list[Value] = []
    for prop in column.to:
        scope = names.scope(prop)
        if scope is None:
            continue
        for hit in reversed(names.within(tokens, scope)):
            out.insert(0, (prop, hit.node))
            tokens = (*tokens[: hit.start], *tokens[hit.end :])
    return out, tokens


def _spread(found: list[Value], column: Column) -> list[Value]:
    """Give the second and later values of the first property to the column's `rest`."""
    if column.rest is None:
        return found
    out: list[Value] = []
    taken = False
    for prop, node in found:
        out.append((column.rest if prop == column.to[0] and taken else prop, node))
        taken = taken or prop == column.to[0]
    return out


def suggestion(text: str, props: tuple[NamedNode, ...], names: Names) -> str | None:
    """Return the label nearest to a text among the values of some properties, or None."""
    near = {
        label: None
        for prop in props
        if (scope := names.scope(prop)) is not None
        and (label := names.nearest(text, scope)) is not None
    }
    return errors.nearest(text.casefold(), near) or next(iter(near), None)


def mined(text: str, column: Column, names: Names, known: Container[NamedNode]) -> list[Value]:
    """Return what the words of a free text say of properties that have no value yet."""
    out: list[Value] = []
    tokens = words(text)
    for prop in column.words:
        scope = names.scope(prop)
        if scope is not None and prop not in known:
            out += [(prop, hit.node) for hit in names.within(tokens, scope)]
    return list(dict.fromkeys(out))
