"""Tokens of a rule file: one compiled expression, one pass.

Source: terminals [119]–[153] of the SPARQL-RL grammar (w3c/data-shapes, commit cb13cd1). Two
limits are ours: a prefix has at most 100 characters, a file at most `MAX_SIZE`; without them a
hostile file could make the scan quadratic.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

from wearwhy.errors import Place, RuleSyntaxError

MAX_SIZE: Final = 2 * 1024 * 1024
_WIDTH: Final = 160

_BASE: Final = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
VARNAME_CHARS: Final = _BASE + r"_0-9\u00B7\u0300-\u036F\u203F-\u2040"
_PN: Final = VARNAME_CHARS + r"\-"
_HEX: Final = "[0-9A-Fa-f]"
_UCHAR: Final = rf"\\u{_HEX}{{4}}|\\U{_HEX}{{8}}"
_ECHAR: Final = r"""\\[tbnrf\\"']"""
_PLX: Final = rf"%{_HEX}{_HEX}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL: Final = rf"(?:[{_BASE}_:0-9]|{_PLX})(?:[{_PN}:]|{_PLX})*+(?:\.++(?:[{_PN}:]|{_PLX})++)*+"
_PREFIX: Final = rf"[{_BASE}](?=[{_PN}.]{{0,100}}+:)[{_PN}]*+(?:\.++[{_PN}]++)*+"
_BLANK: Final = rf"_:[{_BASE}_0-9][{_PN}]*+(?:\.++[{_PN}]++)*+"


def _long(quote: str) -> str:
    return rf"{quote * 3}(?:{quote}{{0,2}}(?:[^{quote}\\]|{_ECHAR}|{_UCHAR}))*+{quote * 3}"


def _short(quote: str) -> str:
    return rf"{quote}(?:[^{quote}\\\n\r]|{_ECHAR}|{_UCHAR})*+{quote}"


_GROUPS: Final[tuple[tuple[str, str], ...]] = (
    ("VAR", rf"[?$][{VARNAME_CHARS}]++"),
    ("PNAME", rf"(?!:=)(?:{_PREFIX})?:(?:{_LOCAL})?"),
    ("WORD", r"[A-Za-z][A-Za-z0-9_]*+"),
    (
        "STRING",
        "|".join(
            (_long('"'), _long("'"), rf'(?!"""){_short(chr(34))}', rf"(?!'''){_short(chr(39))}")
        ),
    ),
    ("IRIREF", rf"<(?:[^\x00-\x20<>\"{{}}|^`\\]|{_UCHAR})*+>"),
    ("DOUBLE", r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+-]?[0-9]++"),
    ("DECIMAL", r"[+-]?[0-9]*+\.[0-9]++"),
    ("INTEGER", r"[+-]?[0-9]++"),
    ("LANG", r"@[a-zA-Z]++(?:-[a-zA-Z0-9]++)*+(?:--[a-zA-Z]++)?"),
    ("BLANK", _BLANK),
    ("ANON", r"\[[ \t\r\n]*+\]"),
    ("NIL", r"\([ \t\r\n]*+\)"),
    (
        "PUNCT",
        r"<<\(|\)>>|<<|>>|\{\||\|\}|&&|\|\||!=|<=|>=|\^\^|:=|[{}()\[\].;,~^/=<>!+*-]",
    ),
    ("END", r"\Z"),
    ("BAD", r"[\s\S]"),
)
_MASTER: Final = re.compile(
    r"(?:[ \t\r\n]++|#[^\r\n]*+)*+(?:" + "|".join(f"({body})" for _, body in _GROUPS) + ")"
)
_KINDS: Final = ("", *(name for name, _ in _GROUPS))
_WORD: Final = _KINDS.index("WORD")
_PUNCT: Final = _KINDS.index("PUNCT")
_END: Final = _KINDS.index("END")
_BAD: Final = _KINDS.index("BAD")

_UNARY: Final = (
    "STR LANG LANGDIR DATATYPE IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI "
    "YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC "
    "HASLANG HASLANGDIR ISTRIPLE SUBJECT PREDICATE OBJECT"
)
_BINARY: Final = "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT SAMETERM"
_ARITIES: Final[tuple[tuple[int, int, str], ...]] = (
    (0, 0, "NOW UUID STRUUID"),
    (0, 1, "BNODE"),
    (1, 1, _UNARY),
    (2, 2, _BINARY),
    (2, 3, "SUBSTR REGEX"),
    (3, 3, "IF STRLANGDIR TRIPLE"),
    (3, 4, "REPLACE"),
    (0, 1000, "CONCAT"),
)
FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    name: (least, most) for least, most, names in _ARITIES for name in names.split()
}
"""Built-in functions with the least and greatest number of their arguments: production [118]."""

ANCHORS: Final = frozenset(("RULE", "DATA", "PREFIX", "BASE", "VERSION", "IMPORTS"))
STRUCTURE: Final = (*sorted(ANCHORS), "WHERE", "FILTER", "NOT", "SET", "IN")
_KEYWORDS: Final[dict[str, str]] = {word: word for word in (*STRUCTURE, *FUNCTIONS)} | {
    "a": "a",
    "TRUE": "BOOLEAN",
    "FALSE": "BOOLEAN",
    "true": "BOOLEAN",
    "false": "BOOLEAN",
}
_ANCHOR_LINE: Final = re.compile(
    r"^[ \t]*(?=(?:RULE|DATA|PREFIX|BASE|VERSION|IMPORTS)\b)", re.IGNORECASE | re.MULTILINE
)
_NEWLINE: Final = re.compile(r"\r\n|\n|\r")


@dataclass(slots=True)
class Tokens:
    """Kinds, texts and offsets of tokens, side by side; the last is END or BAD.

    A kind is a terminal's name, a keyword in upper case, or the punctuation itself.
    """

    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)


def tokenise(text: str, start: int = 0) -> Tokens:
    """Return the tokens of `text` from an offset up to its end, or to the first that is BAD."""
    tokens = Tokens()
    kinds, texts, starts = tokens.kinds, tokens.texts, tokens.starts
    for match in _MASTER.finditer(text, start):
        group = match.lastindex or _BAD
        token = match[group]
        if group == _PUNCT:
            kinds.append(token)
        elif group == _WORD:
            kinds.append(_KEYWORDS.get(token) or _KEYWORDS.get(_folded(token), "WORD"))
        else:
            kinds.append(_KINDS[group])
        texts.append(token)
        starts.append(match.start(group))
        if group >= _END:
            break
    return tokens


def _folded(word: str) -> str:
    # `a` is the one keyword whose case matters
    return word.upper() if len(word) > 1 else ""


def resume(text: str, offset: int) -> int | None:
    """Return the offset of the next line after `offset` that opens a rule, a block or a prologue."""
    match = _ANCHOR_LINE.search(text, offset)
    return match.end() if match else None


class Source:
    """A rule file's text, and the way from offsets to places."""

    __slots__ = ("_lines", "file", "text")

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._lines: list[int] | None = None

    def place(self, start: int, end: int) -> Place:
        """Return the place of a span; one that runs over several lines ends with its first."""
        if self._lines is None:
            self._lines = [0, *(match.end() for match in _NEWLINE.finditer(self.text))]
        row = bisect_right(self._lines, start)
        first = self._lines[row - 1]
        if row < len(self._lines):
            stop = self._lines[row] - 1
            end = min(end, max(stop, start + 1))
        return Place(self.file, row, start - first + 1, max(end, start + 1) - first + 1)

    def check(self) -> None:
        """Refuse a text that is too large or holds a lone surrogate.

        Raises:
            RuleSyntaxError: WW-RULE-SIZE, WW-RULE-ENCODING.
        """
        if len(self.text) > MAX_SIZE:
            raise RuleSyntaxError(
                "WW-RULE-SIZE",
                f"The file has {len(self.text):,} characters; {MAX_SIZE:,} are the most it may have.",
                note="A rule file is read as a whole.",
                hint="Split it by topic.",
                place=Place(self.file),
            )
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            raise RuleSyntaxError(
                "WW-RULE-ENCODING",
                "The text holds half of a surrogate pair.",
                note="A rule file is a string of Unicode scalar values, in UTF-8.",
                place=self.place(error.start, error.start + 1),
            ) from error


def caret(text: str, place: Place) -> str:
    """Return the line of `text` that `place` names, with carets under its span.

    Of a long line the part around the span is shown; "" if there is no such line.
    """
    lines = _NEWLINE.split(text)
    if not 0 < place.line <= len(lines):
        return ""
    line = lines[place.line - 1].replace("\t", " ")
    column = max(place.column, 1)
    width = max(place.end - column, 1)
    if len(line) > _WIDTH:
        begin = max(column - 1 - _WIDTH // 2, 0)
        line, column = line[begin : begin + _WIDTH], column - begin
        width = max(min(width, len(line) - column + 1), 1)
    margin = f"{place.line:>4} | "
    return f"{margin}{line}\n{' ' * (len(margin) + column - 1)}{'^' * width}"


def shortened(text: str) -> str:
    """Return a text for a message: its first 60 characters, if it has more."""
    return text if len(text) <= 60 else text[:59] + "…"
