"""A position in the tokens of a rule file, and how to say what is wrong there."""

from __future__ import annotations

import re
from typing import Final, NoReturn

from wearwhy.errors import RuleSyntaxError, nearest
from wearwhy.rules.syntax.lexer import FUNCTIONS, STRUCTURE, Source, Tokens, shortened, tokenise

MAX_DEPTH: Final = 200
_BAD_ESCAPE: Final = re.compile(r"\\(?![tbnrf\\\"']|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_CAPITALS: Final = re.compile(r"[A-Z]{2,}")
_LIKE_STRUCTURE: Final = (*STRUCTURE, *FUNCTIONS, "TRUE", "FALSE")


class Cursor:
    """Reads tokens one after the other; every reader of a production stands on it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.depth = 0
        self.start_at(1 if source.text.startswith("\ufeff") else 0)

    def start_at(self, offset: int) -> None:
        """Read the text's tokens anew from an offset."""
        tokens: Tokens = tokenise(self.source.text, offset)
        self.kinds = tokens.kinds
        self.texts = tokens.texts
        self.starts = tokens.starts
        self.at = 0

    def accept(self, kind: str) -> bool:
        """Step over the token if it is of this kind; return whether it was."""
        if self.kinds[self.at] == kind:
            self.at += 1
            return True
        return False

    def expect(self, kind: str, where: str) -> None:
        """Step over a token of this kind.

        Raises:
            RuleSyntaxError: it is of another kind; `where` says in what it is missing.
        """
        if self.kinds[self.at] != kind:
            self.fail(f"'{kind}'", where)
        self.at += 1

    def enter(self) -> None:
        """Count one level of nesting.

        Raises:
            RuleSyntaxError: WW-RULE-DEPTH, beyond `MAX_DEPTH` levels.
        """
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.error(
                "WW-RULE-DEPTH",
                f"Brackets are nested more than {MAX_DEPTH} deep.",
                note="The reader bounds nesting, so that no file can exhaust its stack.",
            )

    def error(
        self,
        code: str,
        sentence: str,
        *,
        note: str = "",
        hint: str = "",
        at: int | None = None,
    ) -> NoReturn:
        """Raise a RuleSyntaxError at a token, by default the present one."""
        index = self.at if at is None else at
        start = self.starts[index]
        raise RuleSyntaxError(
            code,
            sentence,
            note=note,
            hint=hint,
            place=self.source.place(start, start + len(self.texts[index])),
        )

    def fail(self, expected: str, where: str) -> NoReturn:
        """Raise the error that the grammar has no way on from here."""
        kind, text = self.kinds[self.at], shortened(self.texts[self.at])
        if kind == "BAD":
            self._fail_lexically()
        if kind == "END":
            self.error(
                "WW-RULE-SYNTAX", f"The file ends where {expected} should follow.", note=where
            )
        hint = ""
        if kind == "WORD":
            near = nearest(text.upper(), _CAPITALS.findall(expected)) or nearest(
                text.upper(), _LIKE_STRUCTURE
            )
            hint = f"Did you mean {near}?" if near else f"A name needs a prefix, such as ww:{text}."
        elif kind == "<":
            hint = 'An IRI in <…> holds no space and none of <>"{}|^`\\.'
        elif kind == "VAR" and where.startswith("DATA"):
            hint = "Say it with a rule: RULE { … } WHERE { … }."
        elif kind == "PNAME" and text.endswith(":"):
            hint = f"'{text}' is a prefix without a local name."
        self.error("WW-RULE-SYNTAX", f"Expected {expected}, found '{text}'.", note=where, hint=hint)

    def _fail_lexically(self) -> NoReturn:
        start, text = self.starts[self.at], self.source.text
        char = text[start]
        if char in "\"'":
            quote = char * 3 if text.startswith(char * 3, start) else char
            stop = _string_end(text, start, quote)
            self.texts[self.at] = text[start:stop]
            escape = _BAD_ESCAPE.search(text, start, stop)
            if escape and (escape.end() < len(text)):
                self.texts[self.at] = text[escape.start() : escape.start() + 2]
                self.starts[self.at] = escape.start()
                self.error(
                    "WW-RULE-ESCAPE",
                    f"'{self.texts[self.at]}' is no escape.",
                    note="Escapes are \\t \\b \\n \\r \\f \\\\ \\\" \\' \\uXXXX and \\UXXXXXXXX.",
                    hint="Write \\\\ for a backslash.",
                )
            self.error(
                "WW-RULE-STRING",
                "A string is not closed.",
                note=f"A string that opens with {quote} closes with {quote}"
                + ("." if len(quote) == 3 else " on the same line."),
                hint="" if len(quote) == 3 else f"For text of several lines use {quote * 3}.",
            )
        shown = f"'{char}'" if char.isprintable() else f"U+{ord(char):04X}"
        self.error(
            "WW-RULE-CHARACTER",
            f"{shown} opens no token of the rule language.",
            note="Source: SPARQL-RL grammar, terminals [119]–[153].",
            hint={
                "@": 'A language tag is letters: "…"@en.',
                "?": "A variable has a name: ?x.",
                "$": "A variable has a name: $x.",
                "&": "And is written &&.",
                "|": "Or is written ||.",
            }.get(char, ""),
        )


def _string_end(text: str, start: int, quote: str) -> int:
    if len(quote) == 3:
        return len(text)
    stops = [found for mark in "\r\n" if (found := text.find(mark, start)) >= 0]
    return min(stops, default=len(text))
