"""Every error the engine raises, with one stable code each.

An error says five things: a *code* that never changes within a major version, one
*sentence*, a *note* with the law that is broken, a *hint* with the nearest known name or the
next step, and the *place* (file, line, column) where there is one. What only the command line can
do about it is its *command*, which the other doors leave out.

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
    ├── AccessError         who asks the service may not, or not now          exit 2
    │   ├── NotSignedIn     no key or session, or one that is not known
    │   ├── NotAllowed      a scope or an invitation is missing
    │   └── TooMany         more than the limits allow; carries when to try again
    ├── TooLarge            more than the service takes in one piece          exit 2
    ├── Unavailable         the service is starting, stopping or overloaded   exit 2
    ├── Refused             what only a protocol refuses: a method, a type    exit 2
    ├── NoAnswer            the honest answer is no                           exit 1
    ├── Stopped             Ctrl-C                                            exit 130
    └── NotInstalled        an optional part is missing; says how to get it   exit 2
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final


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
        command: str = "",
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.note = note
        self.hint = hint
        self.place = place
        self.command = command

    @property
    def advice(self) -> str:
        """The hint, and what the command line can do about it."""
        return " ".join(filter(None, (self.hint, self.command)))

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
            "hint": self.advice,
        }

    def __str__(self) -> str:
        return self.text(self.advice)

    def text(self, hint: str) -> str:
        """Return the error as lines, with a hint, if it is not empty."""
        lines = [f"{self.severity}[{self.code}]: {self.sentence}"]
        if self.place:
            lines.append(f"  --> {self.place}")
        if self.note:
            lines.append(f"  note: {self.note}")
        if hint:
            lines.append(f"  hint: {hint}")
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


class AccessError(WearwhyError):
    """Who asks the service may not, or not now."""


class NotSignedIn(AccessError):
    """No key or session, or one that is not known."""


class NotAllowed(AccessError):
    """A scope or an invitation is missing."""


class TooMany(AccessError):
    """More than the limits allow.

    Attributes:
        retry_after: seconds until it is worth trying again.
    """

    def __init__(
        self, code: str, sentence: str, *, retry_after: float = 1.0, note: str = "", hint: str = ""
    ) -> None:
        super().__init__(code, sentence, note=note, hint=hint)
        self.retry_after = retry_after


class TooLarge(WearwhyError):
    """More than the service takes in one piece."""


class Unavailable(WearwhyError):
    """The service is starting, stopping or overloaded."""


class Refused(WearwhyError):
    """What only a protocol can refuse: a media type, a method, a Host header.

    Attributes:
        status: that HTTP tells it with.
        headers: that the answer carries besides.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        status: int,
        *,
        note: str = "",
        hint: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, sentence, note=note, hint=hint)
        self.status = status
        self.headers = dict(headers or {})


class NoAnswer(WearwhyError):
    """The honest answer is no."""

    exit_code = 1


class Stopped(WearwhyError):
    """Ctrl-C: somebody wanted no answer any more."""

    exit_code = 130  # what shells give a process that an interrupt ended


class NotInstalled(WearwhyError):
    """An optional part is missing; the hint says how to get it."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to `name`, or None.

    Nearest is one that is spelt almost the same; then one that begins with it, or that it begins
    with and goes on after (`run` is for `running`, `gala dinner` for `gala`); then the most alike
    (Ratcliff/Obershelp, at least .6).
    """
    listed = list(known)
    found = difflib.get_close_matches(name, listed, n=1, cutoff=0.6)
    if found and difflib.SequenceMatcher(None, found[0], name).ratio() >= _ALMOST:
        return found[0]
    longer = [one for one in listed if one.startswith(name)] if len(name) >= _STEM else []
    shorter = [one for one in listed if one and name.startswith(f"{one} ")]
    if longer or shorter:
        return min(longer, key=len) if longer else max(shorter, key=len)
    return found[0] if found else None


_ALMOST: Final = 0.85
"""As alike as two spellings of one word are: one letter of seven left out or exchanged."""
_STEM: Final = 3
"""Letters that a name must have to be the beginning of one: fewer begin too many."""
