"""Rules' cases as files: data, what must follow, what must not.

A case is `RULE/NAME.data.ttl` beside `RULE/NAME.expected.ttl`, `RULE/NAME.forbidden.ttl` or both.
The base is closed once; each case is a layer over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from pyoxigraph import RdfFormat, parse

from wearwhy.errors import FormatError, InputError, Place, WearwhyError
from wearwhy.rdf import Fact, NamedNode, curie
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.bundle import bundle, ontology_layer

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Case:
    """The files of one case; `expected` and `forbidden` are None where there is none."""

    rule: str
    name: str
    data: Path
    expected: Path | None
    forbidden: Path | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case.

    Attributes:
        rule, name: of the case.
        missing: expected facts that do not hold.
        present: forbidden facts that hold.
        error: why it could not be run.
    """

    rule: str
    name: str
    missing: tuple[Fact, ...] = ()
    present: tuple[Fact, ...] = ()
    error: WearwhyError | None = None

    @property
    def passed(self) -> bool:
        """Whether everything expected holds and nothing forbidden."""
        return not (self.missing or self.present or self.error)

    def lines(self) -> list[str]:
        """Return what is wrong, a line each."""
        found = [f"does not hold: {_words(fact)}" for fact in self.missing]
        found += [f"holds: {_words(fact)}" for fact in self.present]
        if self.error is not None:
            found.append(str(self.error))
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the result as `rules test --json` prints it."""
        return {
            "rule": self.rule,
            "case": self.name,
            "passed": self.passed,
            "missing": [_words(fact) for fact in self.missing],
            "present": [_words(fact) for fact in self.present],
            "error": self.error.as_dict() if self.error else None,
        }


def _words(fact: Fact) -> str:
    return " ".join(curie(part) for part in fact)


def cases(folder: Path) -> tuple[Case, ...]:
    """Return the cases under a folder, sorted by rule and name.

    Raises:
        InputError: WW-CASE-NONE, where there is none; WW-CASE-LONE, where a file has no partner.
    """
    found = []
    for data in sorted(folder.rglob("*.data.ttl")):
        stem = data.name.removesuffix(".data.ttl")
        expected = data.with_name(f"{stem}.expected.ttl")
        forbidden = data.with_name(f"{stem}.forbidden.ttl")
        if not expected.exists() and not forbidden.exists():
            raise InputError(
                "WW-CASE-LONE",
                f"The case '{stem}' expects nothing and forbids nothing.",
                hint=f"Write {expected.name} or {forbidden.name} beside it.",
                place=Place(str(data)),
            )
        found.append(
            Case(
                data.parent.name,
                stem,
                data,
                expected if expected.exists() else None,
                forbidden if forbidden.exists() else None,
            )
        )
    if not found:
        raise InputError(
            "WW-CASE-NONE",
            f"There is no case in '{folder}'.",
            hint="A case is RULE/NAME.data.ttl with RULE/NAME.expected.ttl or .forbidden.ttl.",
        )
    return tuple(found)


def ground(workspace: Workspace | None = None) -> Layer:
    """Return the layer that cases are laid over: the ontology and all rules, closed.

    Args:
        workspace: whose applied base rules are in force; None for the bundled ones.
    """
    if workspace is None:
        return ontology_layer(bundle())
    from wearwhy.workspace.state import rule_texts, rules_of  # noqa: PLC0415

    texts = rule_texts(workspace.state, "base")
    root = ontology_layer(workspace.bundle)
    if not texts:
        return root
    return root.child(Change(rules_add=rules_of(texts, workspace.folder / "rules")))


def run(folder: Path, over: Layer, *, progress: Progress | None = None) -> tuple[Result, ...]:
    """Return what becomes of every case under a folder.

    Args:
        folder: of the cases.
        over: the closed layer that each is laid over.
        progress: called with (done, total).

    Raises:
        InputError: as `cases`.
    """
    todo = cases(folder)
    found = []
    for done, case in enumerate(todo, 1):
        found.append(run_case(case, over))
        if progress:
            progress(done, len(todo))
    return tuple(found)


def run_case(case: Case, over: Layer) -> Result:
    """Return what becomes of one case."""
    try:
        layer = over.child(Change(add=tuple(_facts(case.data))))
        expected = tuple(_facts(case.expected)) if case.expected else ()
        forbidden = tuple(_facts(case.forbidden)) if case.forbidden else ()
    except WearwhyError as error:
        return Result(case.rule, case.name, error=error)
    return Result(
        case.rule,
        case.name,
        tuple(fact for fact in expected if not layer.holds(fact)),
        tuple(fact for fact in forbidden if layer.holds(fact)),
    )


def _facts(path: Path) -> Iterator[Fact]:
    try:
        for triple in parse(path=str(path), format=RdfFormat.TURTLE):
            predicate = triple.predicate
            assert isinstance(predicate, NamedNode)
            yield Fact(triple.subject, predicate, triple.object)
    except SyntaxError as error:
        raise FormatError(
            "WW-CASE-TURTLE",
            f"{path.name} is not Turtle.",
            note=str(error),
            place=Place(str(path), error.lineno or 0, error.offset or 0),
        ) from error


def junit(results: tuple[Result, ...]) -> str:
    """Return results as JUnit XML."""
    failed = sum(not one.passed for one in results)
    suite = ET.Element(
        "testsuite", name="rules", tests=str(len(results)), failures=str(failed), errors="0"
    )
    for one in results:
        case = ET.SubElement(suite, "testcase", classname=one.rule, name=one.name)
        if not one.passed:
            lines = one.lines()
            failure = ET.SubElement(case, "failure", message=lines[0])
            failure.text = "\n".join(lines)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, "unicode") + "\n"
