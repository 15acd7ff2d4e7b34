"""What the errors of rule files mean: read from the table `kg/errors.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from wearwhy.errors import UnknownName, nearest
from wearwhy.settings import assets

_TIMES: Final = re.compile(r"\{\{(.+?)\*(\d+)\}\}|\{\{byte ([0-9A-F]{2})\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """One error code.

    Attributes:
        code: as it is printed.
        title: what is wrong, in a few words.
        law: the law that is broken.
        bad: a file that raises it; `{{x*3}}` stands for xxx, `{{byte FF}}` for that byte.
        good: the same put right.
        reads: the language of the files: srl, shacl or swrl.
        budget: what the program may cost, where that matters.
        absent: the bad file is one that is not there.
    """

    code: str
    title: str
    law: str
    bad: str
    good: str
    reads: str = "srl"
    budget: Mapping[str, float] = field(default_factory=dict)
    absent: bool = False

    @property
    def text(self) -> str:
        """The page as a terminal shows it."""
        parts = [f"{self.code}: {self.title}", self.law]
        if self.budget:
            limits = ", ".join(f"{number:g} {what}" for what, number in self.budget.items())
            parts.append(f"In the example the budget is {limits}.")
        if self.bad:
            parts.append("wrong:\n" + indented(shown(self.bad)))
        if self.good:
            parts.append("right:\n" + indented(shown(self.good)))
        return "\n\n".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the page as a JSON document."""
        return {
            "code": self.code,
            "title": self.title,
            "law": self.law,
            "bad": shown(self.bad),
            "good": shown(self.good),
            "language": self.reads,
        }


def indented(text: str) -> str:
    """Return a text with its lines set in."""
    return "\n".join(f"  {line}".rstrip() for line in text.strip("\n").splitlines())


def expanded(example: str) -> bytes:
    """Return the file that an example stands for."""
    found, at = b"", 0
    for match in _TIMES.finditer(example):
        found += example[at : match.start()].encode()
        found += bytes.fromhex(match[3]) if match[3] else (match[1] * int(match[2])).encode()
        at = match.end()
    return found + example[at:].encode()


def shown(example: str) -> str:
    """Return an example as a page shows it: what is repeated stands once, with its number."""

    def short(match: re.Match[str]) -> str:
        if match[3]:
            return f"\\x{match[3]}"
        many = int(match[2])
        return match[1] * many if many < 4 else f"⟨{match[1]} {many} times⟩"

    return _TIMES.sub(short, example)


@lru_cache(maxsize=1)
def pages() -> Mapping[str, Page]:
    """Return the pages by their code, in the order of the table."""
    table = tomllib.loads((assets() / "kg" / "errors.toml").read_text("utf-8"))
    return {code: Page(code, **entry) for code, entry in table.items()}


def page(code: str) -> Page:
    """Return the page of a code, however it is written.

    Raises:
        UnknownName: WW-CODE-UNKNOWN, with the nearest code.
    """
    known = pages()
    wanted = code.strip().strip("[]").upper()
    for name in (wanted, f"WW-{wanted}", f"WW-RULE-{wanted}"):
        if name in known:
            return known[name]
    near = nearest(wanted, known)
    raise UnknownName(
        "WW-CODE-UNKNOWN",
        f"'{code}' is no error of a rule file.",
        note="docs/errors.md lists the codes of everything else.",
        hint=f"Did you mean {near}?" if near else "`wearwhy rules explain` lists them.",
    )
