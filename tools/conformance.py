"""Write CONFORMANCE.md from a run of the conformance tests.

    python -m tools.conformance            # needs the suites beside the checkout

An unexpected pass or an unexpected failure is an error here, as it is in the tests: nothing is
written. Tests that the suites have and the tests name as exceptions are listed with the reason.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from wearwhy.rules.descriptions import load

ROOT: Final = Path(__file__).resolve().parents[1]
TARGET: Final = ROOT / "CONFORMANCE.md"
TESTS: Final = ROOT / "tests" / "conformance"
NODE: Final = re.compile(r"(?P<file>[^:/]+)\.py::(?P<test>\w+)\[(?P<case>.+)\]$")
PASSED, FAILED, SKIPPED, OUTSIDE = "passed", "failed", "skipped", "outside"
HEAD: Final = """\
<!-- Written by tools/conformance.py: run `make docs` instead of editing. -->

# Conformance

What the engine passes of the test suites that its languages have. The suites stand beside the
checkout, in `../shared/suites`; the tests that run them are in `tests/conformance` and skip where
the suites are absent. An unexpected failure breaks the build, and so does an unexpected pass.

"""
SUITES: Final = {
    "rules": (
        "SPARQL-RL",
        (
            "The suite of the editor's draft of October 2026 (w3c/data-shapes, commit cb13cd1). Syntax,\n"
            "well-formedness and stratification test the reader; the evaluation folders run once on the\n"
            "resident engine and once on the SPARQL reference that it is held against."
        ),
    ),
    "expressions": (
        "Expressions",
        (
            "The functions, casts and computed columns of the SPARQL 1.1 suite, on the evaluator that rules\n"
            "use. Outside are queries with something that SPARQL-RL does not have; the parser must refuse them."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test of a suite."""

    suite: str
    folder: str
    name: str
    outcome: str
    reason: str = ""


@dataclass(slots=True)
class Recorder:
    """A pytest plugin that keeps what became of each test, and the tables of exceptions."""

    reports: list[pytest.TestReport] = field(default_factory=list)
    tables: dict[str, dict[str, dict[Any, str]]] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the report of the call, or of the set-up that skipped it."""
        if report.when == "call" or report.skipped:
            self.reports.append(report)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what the test modules declare as expected."""
        for item in items:
            module: Any = item.getparent(pytest.Module)
            names = vars(module.obj)
            self.tables[module.path.stem] = {
                name: dict(names[name]) for name in ("EXCEPTIONS", "NO_RULE") if name in names
            }


def results(recorder: Recorder) -> Iterator[Result]:
    """Yield what became of each test of the suites; tests about the tests are left out."""
    for report in recorder.reports:
        found = NODE.search(report.nodeid)
        if found is None or "/" not in found["case"]:
            continue
        suite = "expressions" if "expressions" in found["file"] else "rules"
        tables = recorder.tables[found["file"]]
        engine, name = _case(found["case"])
        folder = name.partition("/")[0] + (f" ({engine})" if engine else "")
        outcome, reason = _outcome(report, tables, engine, name)
        yield Result(suite, folder, name, outcome, reason)


def _case(text: str) -> tuple[str, str]:
    """Return the engine, if one is named, and the test of a parametrised case."""
    for engine in ("reference", "resident"):
        if text.startswith(f"{engine}-"):
            return engine, text.removeprefix(f"{engine}-")
        if text.endswith(f"-{engine}"):
            return engine, text.removesuffix(f"-{engine}")
    return "", text


def _outcome(
    report: pytest.TestReport, tables: Mapping[str, Mapping[Any, str]], engine: str, name: str
) -> tuple[str, str]:
    if report.skipped:
        assert isinstance(report.longrepr, tuple)
        return SKIPPED, report.longrepr[2].removeprefix("Skipped: ")
    if name in tables.get("NO_RULE", {}):
        return OUTSIDE, f"it has {tables['NO_RULE'][name]}"
    key = (engine, name) if engine else name
    if key in tables.get("EXCEPTIONS", {}):
        return FAILED, tables["EXCEPTIONS"][key]
    return PASSED, ""


def page(found: list[Result]) -> str:
    """Return the text of CONFORMANCE.md."""
    parts = [HEAD]
    for suite, (title, about) in SUITES.items():
        own = [result for result in found if result.suite == suite]
        parts += [f"## {title}\n\n{about}\n\n", *_table(own), "\n", *_reasons(own)]
    parts += ["## OWL 2 RL\n\n", *_owl()]
    return "".join(parts).rstrip() + "\n"


def _table(found: list[Result]) -> Iterator[str]:
    kinds = (PASSED, FAILED, SKIPPED, OUTSIDE)
    yield f"| folder | tests | {' | '.join(kinds)} |\n| --- | ---: | ---: | ---: | ---: | ---: |\n"
    folders: dict[str, Counter[str]] = defaultdict(Counter)
    for result in found:
        folders[result.folder][result.outcome] += 1
    for folder, counts in [*sorted(folders.items()), ("**all**", sum(folders.values(), Counter()))]:
        cells = [str(counts[kind]) for kind in kinds]
        yield f"| {folder} | {counts.total()} | {' | '.join(cells)} |\n"


def _reasons(found: list[Result]) -> Iterator[str]:
    told = sorted((r.name, r.outcome, r.reason) for r in found if r.outcome != PASSED)
    for name, outcome, reason in told:
        yield f"- `{name}`, {outcome}: {reason}\n"
    if told:
        yield "\n"


def _owl() -> Iterator[str]:
    rules = load([ROOT / "ontology" / "rules" / "owl2-rl.srl"]).rules
    yield (
        "The part that the ontology uses, as rules of `ontology/rules/owl2-rl.srl`, so that axioms have\n"
        "proofs like any rule. What the profile's tables have and this list has not is not implemented:\n"
        "`prp-dom` and `prp-rng` on purpose (shapes check them, so that a property on the wrong thing is\n"
        "reported instead of making the thing an item).\n\n"
        "| rule | in the tables of the profile |\n| --- | --- |\n"
    )
    for rule in sorted(rules, key=lambda rule: rule.iri.value):
        name = rule.iri.value.rpartition("#")[2]
        yield f"| `{name}` | {rule.description.origin} |\n"


def main() -> int:
    """Run the tests and write the page."""
    recorder = Recorder()
    quiet = ["-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider"]
    status = pytest.main([str(TESTS), *quiet], plugins=[recorder])
    if status != pytest.ExitCode.OK:
        print("CONFORMANCE.md is left as it is: the tests above say why.")
        return int(status)
    found = list(results(recorder))
    if not found:
        print("CONFORMANCE.md is left as it is: the suites are not beside this checkout.")
        return 0
    TARGET.write_text(page(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
