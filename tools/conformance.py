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
            "The suite of the editor's draft of October 2026 (w3c/data-shapes, commit cb13cd1): 205 tests in\n"
            "its manifests, and 4 beyond them. Syntax, well-formedness and stratification test the reader; the\n"
            "evaluation folders run once on the resident engine and once on the SPARQL reference that it is\n"
            "held against. Tests that rest on one of the 20 files that the suite's keepers rebuilt are counted\n"
            "apart; where such a file contradicted the draft, the draft would win, and the test would be listed\n"
            "as failed with the reason."
        ),
    ),
    "expressions": (
        "Expressions",
        (
            "The expression tests of the SPARQL 1.1 suite, each query run as rules: its pattern is a body, its\n"
            "solutions are the facts that the head concludes, once on the resident engine and once on the\n"
            "SPARQL reference. Outside are queries with something that no rule of SPARQL-RL can say; the\n"
            "reader must refuse them."
        ),
    ),
    "owl2": (
        "OWL 2 RL",
        (
            "The OWL 2 suite of the W3C under the whole of `ontology/rules/owl2-rl`: all its entailment tests in\n"
            "profile RL and all negative ones (`w3c-owl2-rl`), and the consistency tests in profile RL\n"
            "(`w3c-owl2`). A conclusion is matched against the closure; what no rule concludes is refuted, or\n"
            "tried on names that the graph does not mention, with the same rules."
        ),
    ),
    "rdfs": (
        "RDF and RDFS",
        "The RDF 1.1 semantics suite of the W3C, in the regime and with the datatypes that each test names.",
    ),
    "regimes": (
        "SPARQL entailment regimes",
        (
            "The queries of the SPARQL 1.1 suite over closures, each once for every regime it names among RDF,\n"
            "RDFS and, where the data is in profile RL, OWL."
        ),
    ),
}
SERVICE: Final = {
    "sparql": (
        "SPARQL 1.1 Query and Update",
        (
            "The query, result-format, update and syntax tests of the SPARQL 1.1 suite, asked of the service:\n"
            "`/sparql` and `/update` over a wardrobe that holds the suite's data. Each test is run twice, in one\n"
            "process and behind a port of uvicorn's, to the same end. A query's default graph is chosen by\n"
            "`default-graph-uri`; an update's is the wardrobe's own edits. Text that is no SPARQL is to be\n"
            "refused, for whichever reason; text that is, to be read, also where it then asks for a function\n"
            "or a graph that there is not."
        ),
    ),
    "protocol": (
        "SPARQL Protocol, Graph Store Protocol, Service Description",
        (
            "The suite's HTTP exchanges, in one process and behind a port, to the same end. Updates have a path\n"
            "of their own, `/update`; graphs stand at `/graphs`. The tests of the service description, which\n"
            "have names only, are carried out as the specification words them. The 18 tests of\n"
            "`http-rdf-update` are prose that the suite calls deprecated in favour of `graph-store-protocol`,\n"
            "and the federated ones of `syntax-fed` and `service` stand among the queries above."
        ),
    ),
}
"""Suites that are run in two ways: in this process, and behind a port."""
FILES: Final = {
    "sparql_query": "sparql",
    "sparql_protocol": "protocol",
    "expressions": "expressions",
    "owl2_rl": "owl2",
    "rdfs": "rdfs",
    "entailment_regimes": "regimes",
}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test of a suite."""

    suite: str
    folder: str
    name: str
    outcome: str
    reason: str = ""
    port: bool = False


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
                name: dict(names[name])
                for name in ("EXCEPTIONS", "NO_RULE", "APART")
                if name in names
            }


def results(recorder: Recorder) -> Iterator[Result]:
    """Yield what became of each test of the suites; tests about the tests are left out."""
    for report in recorder.reports:
        found = NODE.search(report.nodeid)
        if found is None or "/" not in found["case"]:
            continue
        suite = next((own for part, own in FILES.items() if part in found["file"]), "rules")
        tables = recorder.tables[found["file"]]
        engine, name = _case(found["case"])
        apart = tables.get("APART", {}).get(name, "")
        folder = name.partition("/")[0] + (f", {apart}" if apart else "")
        folder += f" ({engine})" if engine else ""
        outcome, reason = _outcome(report, tables, engine, name)
        yield Result(suite, folder, name, outcome, reason, "port" in found["test"])


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
    for suite, (title, about) in (SUITES | SERVICE).items():
        own = [result for result in found if result.suite == suite]
        own = _once(own) if suite in SERVICE else own
        parts += [f"## {title}\n\n{about}\n\n", *_table(own), "\n", *_reasons(own)]
    parts += ["## Rules of OWL 2 RL and RDFS\n\n", *_owl()]
    return "".join(parts).rstrip() + "\n"


def _once(found: list[Result]) -> list[Result]:
    """Return the results in one process, which are to be those behind a port, too."""
    ways = [{(r.name, r.outcome) for r in found if r.port is port} for port in (False, True)]
    if ways[0] != ways[1]:
        raise SystemExit(f"Not the same behind a port: {sorted(ways[0] ^ ways[1])}")
    return [result for result in found if not result.port]


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
    files = sorted((ROOT / "ontology" / "rules" / "owl2-rl").glob("*.srl"))
    yield (
        "Every rule of the profile's tables 4 to 9, and of RDFS, as rules of `ontology/rules/owl2-rl`, so\n"
        "that axioms have proofs like any rule. `wearwhy ontology check` runs all of OWL 2 RL; the bundled\n"
        "ontology is read with those that are *on*, and each file says why the others are off.\n\n"
        "Not as in the tables: `eq-ref` is restricted to what is said to differ from itself; `eq-sym`,\n"
        "`eq-trans` and `eq-rep-*` are carried out by merging names; `dt-type2` is left out, `dt-diff`\n"
        "restricted to literals that would be the same, `dt-not-type` one rule for each datatype; a rule that\n"
        "concludes *false* concludes `ww:clash`. Closures are compared with those of other reasoners after\n"
        "merged names are told in full, and without: statements that a name is the same as, equivalent to, a\n"
        "subclass or subproperty of itself; that a thing is an owl:Thing or rdfs:Resource, or a class below\n"
        "owl:Thing or above owl:Nothing; what RDF, RDFS, OWL and XSD say of their own words; types of\n"
        "literals; and the steps of list axioms (`ww:listCell`, `ww:listMember`).\n\n"
        "| rule | source | fashion ontology |\n| --- | --- | --- |\n"
    )
    for rule in sorted(load(files).rules, key=lambda rule: rule.iri.value):
        name = rule.iri.value.rpartition("#")[2]
        on = "off" if rule.description.off else "on"
        yield f"| `{name}` | {rule.description.origin} | {on} |\n"


def main() -> int:
    """Run the tests and write the page."""
    recorder = Recorder()
    quiet = ["-q", "--no-header", "-p", "no:randomly", "-p", "no:cacheprovider"]
    # Installed, our own plugin is there before pytest could rewrite it.
    quiet += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    # With the slow ones: those behind a port.
    status = pytest.main([str(TESTS), "-m", "", *quiet], plugins=[recorder])
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
