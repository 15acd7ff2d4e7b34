"""Run the examples of the error table, and write a page for each code.

An example is written to a file, read, compiled and closed, as `wearwhy rules check` would; what
it raises is what its page shows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

from wearwhy.errors import FormatError, Place, RuleError, WearwhyError
from wearwhy.rules import budget as budgets
from wearwhy.rules.budget import Budget
from wearwhy.rules.descriptions import load
from wearwhy.rules.foreign import translate
from wearwhy.rules.layer import Layer
from wearwhy.workspace.errorpages import Page, expanded, pages, shown
from wearwhy.workspace.rulebook import pointed
from wearwhy.workspace.rulefiles import unknown_names

TOLD: Final = "<!-- Written by tools/docs.py from kg/errors.toml: run `make docs` instead. -->\n\n"
LANGUAGES: Final = {"srl": "sparql", "shacl": "turtle", "swrl": "turtle"}


def raised(page: Page, example: str, *, absent: bool = False) -> list[WearwhyError]:
    """Return what a file with an example in it raises, under the page's budget."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("example.srl" if page.reads == "srl" else "example.ttl")
        if not absent:
            path.write_bytes(expanded(example))
        found = list(_raised(page, path))
    for error in found:
        if error.place is not None:
            place = error.place
            error.place = Place(Path(place.file).name, place.line, place.column, place.end)
        # A hint may name the place of another rule.
        error.hint = error.hint.replace(f"{path.parent}{os.sep}", "")
    return found


def _raised(page: Page, path: Path) -> Iterator[WearwhyError]:
    if page.reads != "srl":
        try:
            yield from translate(path).notes
        except FormatError as error:
            yield error
        return
    found = load([path])
    yield from found.errors
    if path.is_file():
        yield from unknown_names(path.read_text("utf-8", errors="replace"), str(path))
    limits = dict(page.budget)
    seconds = limits.pop("seconds", 60.0)
    counted = {name: int(limit) for name, limit in limits.items()}
    budget = replace(Budget(conclusions=100_000, seconds=seconds), **counted)
    weighed, between = budgets.resident, budgets._BETWEEN_WEIGHINGS  # noqa: SLF001
    if "memory" in limits:
        # A process that ran long has memory to spare: here each look finds it grown.
        budget = replace(budget, conclusions=10_000_000)
        grown = count(weighed(), (budget.memory + 1) << 21)
        budgets.resident = lambda: next(grown)
        vars(budgets)["_BETWEEN_WEIGHINGS"] = 0.0
    try:
        # One by one, a closing looks often at what it takes.
        arrays = 1_000_000 if "memory" in limits else 2_000
        Layer.root(found.rules, (), found.facts, budget=budget, arrays_from=arrays)
    except RuleError as error:
        yield error
    finally:
        budgets.resident = weighed
        vars(budgets)["_BETWEEN_WEIGHINGS"] = between


def written(page: Page) -> str:
    """Return the page of a code."""
    kind = LANGUAGES[page.reads]
    errors = [one for one in raised(page, page.bad, absent=page.absent) if one.code == page.code]
    first = errors[0]
    parts = [f"{TOLD}# {page.code}\n\n{page.title}.\n\n{page.law}\n\n"]
    status = f"; exit status {first.exit_code}" if first.severity == "error" else ""
    parts.append(f"`{type(first).__name__}`, {first.severity}{status}.\n\n")
    if page.budget:
        limits = ", ".join(f"{number:g} {what}" for what, number in page.budget.items())
        parts.append(f"In the examples the budget is {limits}.\n\n")
    said = pointed(first, {"example.srl": expanded(page.bad).decode("utf-8", "replace")})
    if page.absent:
        parts.append("## Wrong\n\nA file that is not there.\n\n")
    else:
        parts.append(f"## Wrong\n\n```{kind}\n{shown(page.bad).strip()}\n```\n\n")
    parts.append(f"```text\n{said}\n```\n")
    if page.good.strip():
        parts.append(f"\n## Right\n\n```{kind}\n{shown(page.good).strip()}\n```\n")
    return "".join(parts)


def index() -> str:
    """Return the list of the pages."""
    parts = [
        f"{TOLD}# Errors of rule files\n\n",
        "A page for each: the law, a file that breaks it, what is then printed, and the file put\n",
        "right. `wearwhy rules explain CODE` prints the same.\n\n",
        "| code | what is wrong |\n| --- | --- |\n",
    ]
    parts += [f"| [`{one.code}`]({one.code}.md) | {one.title} |\n" for one in pages().values()]
    return "".join(parts)
