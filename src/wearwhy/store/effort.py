"""How much a SPARQL text asks of Oxigraph's reader and planner, counted token by token.

What was measured with pyoxigraph 0.5.13 and a stack of 8 MiB:

- brackets within each other are read by recursion: the process ends at 1,000 calls of functions;
- so do 4,000 operators of one chain (a UNION, a MINUS, a sum, an AS, a term to DESCRIBE) when they
  are planned; a few hundred take no time;
- the order of joins is sought among all triple patterns of a group, in time that grows with the
  third power of their number, with the fourth where they share a variable: 100 about one item take
  1.2 s, 150 take 6 s, 200 more than 15 s. A statement about a triple is three patterns;
- a SELECT that groups is planned twice for each SELECT around it: 18 take 0.5 to 10 s.

Lists of values, of arguments and of statements to insert cost what their length says, up to the
longest text that is read; they are not counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

MAX_DEPTH: Final = 200
MAX_OPERATORS: Final = 500
MAX_JOINED: Final = 150
"""Triple patterns of one group, or several groups whose planning takes as long."""
MAX_SELECTS: Final = 10

_COMBINING: Final = frozenset(("UNION", "OPTIONAL", "MINUS", "FILTER", "BIND", "AS"))
_OPERATORS: Final = frozenset("!|&+*/{(-")
_CLOSED_BY: Final = {")": "(", "]": "[", "}": "{", ">>": "<<"}
_BRACKETS: Final = frozenset((*_CLOSED_BY, *_CLOSED_BY.values()))
_BLOCK: Final = "{"
_LIST: Final = "("
_PATTERNS: Final = {"{": 1, "[": 1, "<<": 2}
"""Triple patterns that stand for what is opened, beside those within."""
_APART: Final = frozenset(("UNION", "OPTIONAL", "MINUS", "EXISTS"))
_GIVEN: Final = frozenset(("CONSTRUCT", "INSERT", "DELETE", "DATA"))
_OF_EXPRESSIONS: Final = frozenset("=!&|*/,")
_OF_TERMS: Final = frozenset(("A", "TRUE", "FALSE"))
_MARKED: Final = {".": 1, ";": 1, ",": 1, "/": 1, "~": 2}
_TERMS: Final = frozenset(("variable", "iri", "name", "string", "number"))
_BEFORE_WORDS: Final = frozenset(("", *" \t\r\n{}();"))


@dataclass(slots=True)
class _Bracket:
    """What is open.

    Attributes:
        opening: the bracket itself.
        apart: whether what is in it is planned on its own.
        flat: whether values or statements are listed in it, which nothing plans.
        listing: whether it may be a collection, of which each item is a pattern.
        selects: SELECTs that it is within.
        joined: triple patterns in it.
        items: of the collection.
    """

    opening: str = ""
    apart: bool = True
    flat: bool = False
    listing: bool = False
    selects: int = 0
    joined: int = 0
    items: int = 0


class Effort:
    """The count so far. In doubt it counts more, not less."""

    def __init__(self) -> None:
        self._open = [_Bracket()]
        self._opened: Counter[str] = Counter()
        self._operators = 0
        self._planned = 0  # the fourth powers of what was planned on its own
        self._kind = self._last = self._half = ""
        self._closed = 0
        self._values = self._describes = False

    def exceeded(self, kind: str, token: str, before: str, after: str) -> str:
        """Count a token, and return what there is too much of now.

        Args:
            kind: of the token; spaces and comments are not counted.
            token: its text.
            before: the character before it.
            after: the character behind it.

        Returns:
            `depth`, `operators`, `joined` or `selects`; nothing where all is well.
        """
        here = self._open[-1]
        token = self._paired(token, before)
        if token in _BRACKETS:
            if token in _CLOSED_BY:
                self._close(_CLOSED_BY[token])
            else:
                self._begin(token, here)
            here = self._open[-1]
        elif here.flat:
            return ""
        elif kind == "word":
            # Parts of names and language tags look like words: `a:b.values`, `@en-data`.
            kind = kind if before in _BEFORE_WORDS else ""
            self._word(token.upper(), here, said=bool(kind))
        elif kind in _TERMS:
            self._operators += self._describes
            here.items += here.listing
        elif token != "." or self._kind != "number" or not (before + after).isdigit():  # noqa: S105
            self._mark(token, here)
        if token in _OPERATORS and not here.flat:
            self._operators += 1
        self._kind, self._last = kind, token
        return self._too_much(here)

    def _paired(self, token: str, before: str) -> str:
        """Return the bracket that a second `<` or `>` makes with the first, else the token."""
        half, self._half = self._half, ""
        if half and half == before:
            if token == half:
                return token + half
            if half == "<" and token.startswith("<") and not self._open[-1].flat:
                # `?a <<b:c>` compares with an IRI, `<<?a?b?c>>` is a statement about a triple.
                self._open[-1].joined += _PATTERNS["<<"]
        if token in {"<", ">"}:
            self._half = token
        return token

    def _too_much(self, here: _Bracket) -> str:
        if len(self._open) - 1 > MAX_DEPTH:
            return "depth"
        if self._operators > MAX_OPERATORS:
            return "operators"
        if self._planned + (here.joined + here.items) ** 4 > MAX_JOINED**4:
            return "joined"
        return "selects" if here.selects > MAX_SELECTS else ""

    def _word(self, word: str, here: _Bracket, *, said: bool) -> None:
        self._operators += word in _COMBINING
        self._describes = word == "DESCRIBE"
        if word == "SELECT":
            here.selects += 1
        elif word == "VALUES":
            self._values = said
            here.joined += 1
        elif word == "UNION" and self._last == "}":
            # What was just closed is no part of the group that it stands in.
            here.joined -= self._closed
            self._planned += self._closed**4
        here.listing = here.listing and (not said or word in _OF_TERMS)

    def _begin(self, token: str, here: _Bracket) -> None:
        word = self._last.upper() if self._kind == "word" else ""
        block = token == _BLOCK
        flat = here.flat or (self._values and token in _LIST + _BLOCK)
        flat = flat or (block and word in _GIVEN)
        # At the top stand the requests of an update, one behind the other.
        apart = block and (len(self._open) == 1 or word in _APART)
        if not flat and not apart:
            here.joined += _PATTERNS.get(token, 0)
        # What follows a function or `<<`, or stands in such brackets or outside all, is none.
        listing = token == _LIST and word in {"", *_OF_TERMS} and self._last != "<<"
        listing = listing and (here.listing if here.opening == _LIST else bool(here.opening))
        here.items += here.listing
        self._open.append(_Bracket(token, apart, flat, listing, here.selects))
        self._opened[token] += 1
        self._values = self._values and not block
        self._describes = False

    def _close(self, opening: str) -> None:
        # `?a <<b:c>` is a comparison, that nothing closes.
        while self._opened[opening] and (opening != "<<" or self._open[-1].opening == "<<"):
            closed = self._open.pop()
            self._opened[closed.opening] -= 1
            joined = closed.joined + (closed.items if closed.listing else 0)
            if closed.apart:
                self._planned += joined**4
            elif not closed.flat:
                self._open[-1].joined += joined
            self._closed = 0 if closed.apart or closed.flat else joined
            if closed.opening == opening:
                break

    def _mark(self, token: str, here: _Bracket) -> None:
        if token == ";" and len(self._open) == 1:  # noqa: S105  # the next request of an update
            self._operators = here.joined = 0
        elif token not in {";", ",", "."} or here.opening in {"{", "["}:
            here.joined += _MARKED.get(token, 0)
        if token == "|" and self._last == _BLOCK:  # noqa: S105  # an annotation
            here.joined += 1
        here.listing = here.listing and token not in _OF_EXPRESSIONS
        if not here.listing:
            here.items = 0
