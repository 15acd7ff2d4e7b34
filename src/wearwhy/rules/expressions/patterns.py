"""REGEX and REPLACE, in time linear in the text.

Python's `re` backtracks: `^(a+)+$` against thirty letters does not end in a lifetime, and rules
may come from anybody. Both functions are therefore handed to Oxigraph, whose automaton never
backtracks and whose compiled size is bounded; a pattern of plain characters needs neither.
Results are cached, since rules try few patterns on few texts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pyoxigraph import Literal, QuerySolutions, Store, Variable

from wearwhy.rdf import Node
from wearwhy.rules.expressions.moments import EvaluationError
from wearwhy.rules.expressions.strings import simple, string, text
from wearwhy.rules.expressions.values import text_literal

LONGEST: Final = 100_000
"""Characters of a text beyond which matching is refused."""

_PLAIN: Final = re.compile(r"[^\\.*+?()\[\]{}|^$]*")
_FLAGS: Final = re.compile(r"[smixq]*")
_STORE: Final = Store()
_TEXT, _PATTERN, _FLAG, _NEW = (Variable(name) for name in ("text", "pattern", "flags", "new"))
_REGEX: Final = "SELECT ?text ?pattern ?flags (REGEX(?text, ?pattern, ?flags) AS ?result) WHERE {}"
_REPLACE: Final = (
    "SELECT ?text ?pattern ?new ?flags (REPLACE(?text, ?pattern, ?new, ?flags) AS ?result) WHERE {}"
)
_SLOT: Final = re.compile(r"\\(?P<escaped>[\\$])|\$(?P<group>[0-9])|(?P<bad>[\\$])")


def _ask(query: str, values: dict[Variable, str]) -> str:
    rows = _STORE.query(
        query, substitutions={name: Literal(value) for name, value in values.items()}
    )
    assert isinstance(rows, QuerySolutions)
    found = next(iter(rows))["result"]
    if not isinstance(found, Literal):
        raise EvaluationError("a pattern or flag that is not allowed")
    return found.value


@lru_cache(maxsize=16384)
def matches(subject: str, pattern: str, flags: str) -> bool:
    """Return whether a pattern (XPath's regular expressions, as far as Oxigraph has them) matches.

    Raises:
        EvaluationError: for a malformed pattern, an unknown flag, a pattern whose automaton
            would be too large, or a text of more than `LONGEST` characters.
    """
    if not flags and _PLAIN.fullmatch(pattern):
        return pattern in subject
    if len(subject) > LONGEST or not _FLAGS.fullmatch(flags):
        raise EvaluationError("a text too long or an unknown flag")
    return _ask(_REGEX, {_TEXT: subject, _PATTERN: pattern, _FLAG: flags}) == "true"


@lru_cache(maxsize=16384)
def replaced(subject: str, pattern: str, new: str, flags: str) -> str:
    """Return a text with every match of a pattern replaced (XPath fn:replace).

    Raises:
        EvaluationError: as `matches`, and for a pattern that matches the empty string or a
            replacement with a stray `$` or backslash.
    """
    if matches("", pattern, flags):
        raise EvaluationError("the pattern matches the empty string")
    if len(subject) > LONGEST:
        raise EvaluationError("a text too long")
    # Under flag q Oxigraph, too, takes the replacement as it is.
    target = new if "q" in flags else _SLOT.sub(_rewrite, new)
    return _ask(_REPLACE, {_TEXT: subject, _PATTERN: pattern, _NEW: target, _FLAG: flags})


def _rewrite(match: re.Match[str]) -> str:
    # XPath writes \$ and \\ for themselves and $1 for a group; Oxigraph's automaton $$, \ and ${1}.
    if match["bad"]:
        raise EvaluationError("a stray $ or backslash in a replacement")
    if match["group"]:
        return f"${{{match['group']}}}"
    return "$$" if match["escaped"] == "$" else "\\"


def regex(subject: Node, pattern: Node, flags: Node | None = None) -> bool:
    """Return what SPARQL's REGEX returns."""
    return matches(text(string(subject)), simple(pattern), "" if flags is None else simple(flags))


def replace(subject: Node, pattern: Node, new: Node, flags: Node | None = None) -> Node:
    """Return what SPARQL's REPLACE returns; the subject's tag is kept."""
    value = string(subject)
    chosen = "" if flags is None else simple(flags)
    return text_literal(replaced(text(value), simple(pattern), simple(new), chosen), value)
