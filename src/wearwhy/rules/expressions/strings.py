"""SPARQL's functions on strings.

Source: SPARQL 1.2 Query Language, section 17.4.3. Two string arguments are compatible if the
second is an xsd:string, or both have the same language tag and base direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal

from wearwhy.rdf import Node
from wearwhy.rules.expressions.moments import EvaluationError
from wearwhy.rules.expressions.values import (
    INTEGER,
    Number,
    Tagged,
    encode,
    number_of,
    text_literal,
    value_of,
)


def string(term: Node) -> Tagged | str:
    """Return a string argument, tagged or not.

    Raises:
        EvaluationError: for anything else.
    """
    value = value_of(term)
    if isinstance(value, str | Tagged):
        return value
    raise EvaluationError("not a string")


def simple(term: Node) -> str:
    """Return the text of an xsd:string argument.

    Raises:
        EvaluationError: for anything else, a tagged string included.
    """
    value = value_of(term)
    if isinstance(value, str):
        return value
    raise EvaluationError("not an xsd:string")


def text(value: Tagged | str) -> str:
    """Return the characters of a string, without its tag."""
    return value.text if isinstance(value, Tagged) else value


def compatible(left: Node, right: Node) -> tuple[Tagged | str, str, str]:
    """Return a string argument, its text and the second's text.

    Raises:
        EvaluationError: if the two are not compatible.
    """
    one, two = string(left), string(right)
    if isinstance(two, Tagged) and not (isinstance(one, Tagged) and one[1:] == two[1:]):
        raise EvaluationError("incompatible language tags")
    return one, text(one), text(two)


def contains(left: Node, right: Node) -> bool:
    """Return whether the first string contains the second."""
    _, one, two = compatible(left, right)
    return two in one


def starts(left: Node, right: Node) -> bool:
    """Return whether the first string starts with the second."""
    _, one, two = compatible(left, right)
    return one.startswith(two)


def ends(left: Node, right: Node) -> bool:
    """Return whether the first string ends with the second."""
    _, one, two = compatible(left, right)
    return one.endswith(two)


def before(left: Node, right: Node) -> Node:
    """Return what stands before the second string; a simple empty string if it is not found."""
    value, one, two = compatible(left, right)
    at = one.find(two)
    return Literal("") if at < 0 else text_literal(one[:at], value)


def after(left: Node, right: Node) -> Node:
    """Return what stands after the second string; a simple empty string if it is not found."""
    value, one, two = compatible(left, right)
    at = one.find(two)
    return Literal("") if at < 0 else text_literal(one[at + len(two) :], value)


def _integer(term: Node) -> int:
    number = number_of(term)
    if number.rank != INTEGER:
        raise EvaluationError("not an integer")
    return int(number.value)


def substring(source: Node, start: Node, length: Node | None = None) -> Node:
    """Return part of a string; positions count from 1 (XPath fn:substring)."""
    value = string(source)
    characters = text(value)
    first = _integer(start)
    last = len(characters) + 1 if length is None else first + _integer(length)
    return text_literal(characters[max(first, 1) - 1 : max(last, 1) - 1], value)


def length(term: Node) -> Node:
    """Return the number of characters of a string."""
    return encode(Number(INTEGER, len(text(string(term)))))


def upper(term: Node) -> Node:
    """Return a string in upper case, its tag kept."""
    value = string(term)
    return text_literal(text(value).upper(), value)


def lower(term: Node) -> Node:
    """Return a string in lower case, its tag kept."""
    value = string(term)
    return text_literal(text(value).lower(), value)


def encode_for_uri(term: Node) -> Node:
    """Return a string with all but unreserved characters percent-encoded."""
    return Literal(quote(text(string(term)), safe="-_.~"))


def concat(*terms: Node) -> Node:
    """Return the strings joined; tagged if all carry the same tag."""
    values = [string(term) for term in terms]
    joined = "".join(text(value) for value in values)
    tags = {value[1:] if isinstance(value, Tagged) else None for value in values}
    return text_literal(joined, values[0] if len(tags) == 1 else joined)


def language_matches(tag: Node, wanted: Node) -> bool:
    """Return whether a language tag matches a basic language range (RFC 4647, 3.3.1)."""
    given, asked = simple(tag).lower(), simple(wanted).lower()
    if asked == "*":
        return bool(given)
    return given == asked or (bool(asked) and given.startswith(f"{asked}-"))


FUNCTIONS: Final[dict[str, tuple[Callable[..., Node], int, int]]] = {
    "SUBSTR": (substring, 2, 3),
    "STRLEN": (length, 1, 1),
    "UCASE": (upper, 1, 1),
    "LCASE": (lower, 1, 1),
    "ENCODE_FOR_URI": (encode_for_uri, 1, 1),
    "CONCAT": (concat, 0, 1000),
    "STRBEFORE": (before, 2, 2),
    "STRAFTER": (after, 2, 2),
}
"""Name → function, fewest and most arguments."""

TESTS: Final[dict[str, tuple[Callable[..., bool], int, int]]] = {
    "CONTAINS": (contains, 2, 2),
    "STRSTARTS": (starts, 2, 2),
    "STRENDS": (ends, 2, 2),
    "LANGMATCHES": (language_matches, 2, 2),
}
"""The same for functions that say yes or no."""
