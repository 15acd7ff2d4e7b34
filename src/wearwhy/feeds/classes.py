"""Which class of garment the texts of a row name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from wearwhy.feeds.cells import meant
from wearwhy.feeds.mapping import Mapping
from wearwhy.feeds.names import CLASSES, Names
from wearwhy.feeds.words import Key, words

_SHORT: Final = 32


@dataclass(frozen=True, slots=True)
class Classified:
    """The class that texts name, if any.

    Attributes:
        node: the class.
        missed: the (column, text) pairs that named none.
        nearer: those of columns that say nothing but the class, with the class that they were read
            as: it has the name that some of their words are.
    """

    node: NamedNode | None
    missed: tuple[tuple[str, str], ...]
    nearer: tuple[tuple[str, str, NamedNode], ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """The class that a text names, and whether the whole of it does, or the mapping says so."""

    node: NamedNode
    whole: bool


def class_of(
    texts: Sequence[tuple[str, str]],
    mapping: Mapping,
    names: Names,
    memo: dict[tuple[str, str], Named | None] | None = None,
) -> Classified:
    """Return the class that the (column, text) pairs name.

    The first text that names a class decides; a later one may only make it more special. Within a
    text the last name counts, as English puts the head of a noun phrase last, up to a word of the
    mapping's `until` ("dress with belt" is a dress). Missed are the texts before the first hit of
    columns that say nothing but the class. `memo` keeps, for a whole table, what short cells name.
    """
    found: NamedNode | None = None
    missed: list[tuple[str, str]] = []
    nearer: list[tuple[str, str, NamedNode]] = []
    columns = {column.name: column for column in mapping.columns}
    for name, text in texts:
        column = columns.get(name)
        said = meant(text, column) if column else text
        if memo is not None and (name, text) in memo:
            named = memo[name, text]
        else:
            steps = _steps(said, column.path if column else "")
            known = (_named(step, mapping, names) for step in steps)
            named = next((one for one in known if one is not None), None)
            if memo is not None and len(text) <= _SHORT:
                memo[name, text] = named
        alone = not (column and column.to)
        if named is not None and (found is None or names.is_a(named.node, found)):
            found = named.node
            if alone and not named.whole:
                nearer.append((name, text, found))
        elif found is None and said and alone:
            missed.append((name, text))
    return Classified(found, tuple(missed), tuple(nearer))


def class_suggestion(texts: Sequence[str], names: Names) -> str | None:
    """Return the label of the class nearest to one of the texts, or None."""
    near = (names.nearest(text, CLASSES) for text in texts if text)
    return next((label for label in near if label), None)


def _steps(text: str, path: str) -> list[str]:
    """Return a text's steps from the most special: `A > B > C` gives C, B, A."""
    return [step for step in reversed(text.split(path) if path else [text]) if step.strip()]


def _named(text: str, mapping: Mapping, names: Names) -> Named | None:
    whole = names.find(text, CLASSES)
    if whole is not None:
        return Named(whole, whole=True)
    tokens = words(text)
    for said, label in mapping.class_words.items():
        if _contains(tokens, words(said)):
            declared = names.find(label, CLASSES)
            return None if declared is None else Named(declared, whole=True)
    stops = {word for until in mapping.until for word in words(until)}
    end = next((i for i, token in enumerate(tokens) if i and token in stops), len(tokens))
    hits = names.within(tokens[:end], CLASSES)
    return Named(hits[-1].node, whole=False) if hits else None


def _contains(tokens: Key, sought: Key) -> bool:
    size = len(sought)
    return bool(size) and any(tokens[i : i + size] == sought for i in range(len(tokens) - size + 1))
