"""Every error the engine raises, with one stable code each.

An error says five things: a *code* that never changes within a major version, one
*sentence*, a *note* with the law that is broken, a *hint* with the nearest known name or the
next step, and the *place* (file, line, column) where there is one.

The tree::

    WearwhyError
    ├── InputError          bad input: a file, a value, a request             exit 2
    │   ├── FormatError     a file that is not what it claims to be
    │   ├── UnknownName     a name nobody declared; carries the nearest one
    │   └── ValueRefused    a value outside what its property allows
    ├── RuleError           a rule that cannot be used                        exit 2
    │   ├── RuleSyntaxError
    │   ├── IllFormedRule
    │   ├── NotStratified
    │   ├── RuleWarning     a rule that can be used, but loses or hides something
    │   └── BudgetExceeded  a program that does not end within its budget
    ├── QueryError          a SPARQL query refused, wrong or over budget      exit 2
    ├── StoreError          the workspace cannot be read or written           exit 2
    │   ├── Locked          another process is writing
    │   ├── Moved           the graph changed since the preview
    │   └── DiskFull
    ├── NoAnswer            the honest answer is no                           exit 1
    ├── Stopped             Ctrl-C                                            exit 130
    └── NotInstalled        an optional part is missing; says how to get it   exit 2
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands; lines and columns count from 1, `end` is exclusive."""

    file: str
    line: int = 0
    column: int = 0
    end: int = 0

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)


class WearwhyError(Exception):
    """The base of all errors; `exit_code` is what the command line answers."""

    exit_code: ClassVar[int] = 2
    severity: ClassVar[str] = "error"

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        note: str = "",
        hint: str = "",
        place: Place | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.note = note
        self.hint = hint
        self.place = place

    def as_dict(self) -> dict[str, object]:
        """Return the diagnostic as `rules check --json` prints it."""
        place = self.place or Place("")
        return {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "end": place.end,
            "endLine": place.line,
            "endColumn": place.end,
            "severity": self.severity,
            "code": self.code,
            "message": self.sentence,
            "note": self.note,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        lines = [f"{self.severity}[{self.code}]: {self.sentence}"]
        if self.place:
            lines.append(f"  --> {self.place}")
        if self.note:
            lines.append(f"  note: {self.note}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class InputError(WearwhyError):
    """Bad input: a file, a value, a request."""


class FormatError(InputError):
    """A file that is not what it claims to be."""


class UnknownName(InputError):
    """A name nobody declared; the hint carries the nearest known one."""


class ValueRefused(InputError):
    """A value outside what its property allows."""


class RuleError(WearwhyError):
    """A rule that cannot be used."""


class RuleSyntaxError(RuleError):
    """Text that the rule grammar does not derive."""


class IllFormedRule(RuleError):
    """A rule that breaks a well-formedness condition of SPARQL-RL."""


class NotStratified(RuleError):
    """A cycle of rules through a closed dependency."""


class RuleWarning(RuleError):
    """What a rule file loses, or may mean otherwise than it says; it can be used."""

    severity = "warning"


class BudgetExceeded(RuleError):
    """A program that does not end within its budget; names the rule."""


class QueryError(WearwhyError):
    """A SPARQL query that is refused, wrong, or over its budget."""


class StoreError(WearwhyError):
    """The workspace cannot be read or written."""


class Locked(StoreError):
    """Another process is writing; names it."""


class Moved(StoreError):
    """The graph changed since the preview was made."""


class DiskFull(StoreError):
    """No space is left; nothing was written."""


class NoAnswer(WearwhyError):
    """The honest answer is no."""

    exit_code = 1


class Stopped(WearwhyError):
    """Ctrl-C: somebody wanted no answer any more."""

    exit_code = 130  # what shells give a process that an interrupt ended


class NotInstalled(WearwhyError):
    """An optional part is missing; the hint says how to get it."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to `name` (Ratcliff/Obershelp, at least .6), or None."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
