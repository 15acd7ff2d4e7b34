"""Rules' cases as files: data, what must follow, what must not.

A case is `RULE/NAME.data.ttl` beside `RULE/NAME.expected.ttl`, `RULE/NAME.forbidden.ttl` or both.
The base is closed once; each case is a layer over it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import RdfFormat, parse

from wearwhy.errors import FormatError, InputError, Place, WearwhyError, nearest
from wearwhy.rdf import RULE, Fact, NamedNode
from wearwhy.rules.descriptions import load
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.bundle import bundle, ontology_layer
from wearwhy.workspace.casewords import lacking, proof, words

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
        reasons: for each of `missing` what is lacking, for each of `present` its proof, as lines.
        seconds: how long it took, on the clock.
    """

    rule: str
    name: str
    missing: tuple[Fact, ...] = ()
    present: tuple[Fact, ...] = ()
    error: WearwhyError | None = None
    reasons: tuple[tuple[str, ...], ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether everything expected holds and nothing forbidden."""
        return not (self.missing or self.present or self.error)

    @property
    def sentence(self) -> str:
        """What is wrong, in one sentence; empty where nothing is."""
        if self.error is not None:
            return self.error.sentence
        parts = [f"{words(fact)} is expected and does not hold" for fact in self.missing]
        parts += [f"{words(fact)} is forbidden and holds" for fact in self.present]
        return "; ".join(parts) + "." if parts else ""

    def lines(self) -> list[str]:
        """Return what is wrong and why, a line each."""
        if self.error is not None:
            return str(self.error).splitlines()
        said = [f"expected, but does not hold: {words(fact)}" for fact in self.missing]
        said += [f"forbidden, but holds: {words(fact)}" for fact in self.present]
        found = []
        for line, reasons in zip(said, self.reasons or ((),) * len(said), strict=True):
            found += [line, *(f"  {reason}" for reason in reasons)]
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the result as `rules test --json` prints it."""
        return {
            "rule": self.rule,
            "case": self.name,
            "passed": self.passed,
            "missing": [words(fact) for fact in self.missing],
            "present": [words(fact) for fact in self.present],
            "reasons": [list(lines) for lines in self.reasons],
            "error": self.error.as_dict() if self.error else None,
            "seconds": round(self.seconds, 6),
        }


def cases(folder: Path, rule: str | None = None) -> tuple[Case, ...]:
    """Return the cases under a folder, sorted by rule and name.

    Args:
        folder: where to look.
        rule: the local name of a rule whose cases alone are wanted.

    Raises:
        InputError: WW-CASE-NONE, where there is none; WW-CASE-LONE, where a file has no partner.
    """
    wanted = None if rule is None else rule.removeprefix("rule:").removeprefix(str(RULE))
    files = [
        path
        for path in sorted(folder.rglob("*.data.ttl"))
        if wanted is None or path.parent.name == wanted
    ]
    if not files:
        of = f" of '{wanted}'" if wanted else ""
        near = (
            nearest(wanted, {p.parent.name for p in folder.rglob("*.data.ttl")}) if wanted else None
        )
        raise InputError(
            "WW-CASE-NONE",
            f"There is no case{of} in '{folder}'.",
            hint=f"Did you mean '{near}'?"
            if near
            else "A case is RULE/NAME.data.ttl with RULE/NAME.expected.ttl or .forbidden.ttl.",
        )
    return tuple(case_of(path) for path in files)


def case_of(data: Path) -> Case:
    """Return the case whose data file is given.

    Raises:
        InputError: WW-CASE-LONE, where it has no partner.
    """
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
    return Case(
        data.parent.name,
        stem,
        data,
        expected if expected.exists() else None,
        forbidden if forbidden.exists() else None,
    )


def ground(workspace: Workspace | None = None, drafts: Sequence[Path] = ()) -> Layer:
    """Return the layer that cases are laid over: the ontology and all rules, closed.

    Args:
        workspace: whose applied base rules are in force; None for the bundled ones.
        drafts: rule files, and folders of them, whose rules are laid over these.

    Raises:
        RuleError: where a rule file is not sound.
    """
    found = ontology_layer(workspace.bundle if workspace else bundle())
    if workspace is not None:
        from wearwhy.workspace.state import rule_texts, rules_of  # noqa: PLC0415

        texts = rule_texts(workspace.state, "base")
        if texts:
            found = found.child(Change(rules_add=rules_of(texts, workspace.folder / "rules")))
    if drafts:
        files = [f for path in drafts for f in ([path] if path.is_file() else path.rglob("*.srl"))]
        read = load(sorted(files))
        if read.errors:
            raise read.errors[0]
        found = found.child(Change(add=read.facts, rules_add=read.rules))
    return found


def run(
    todo: Sequence[Case], over: Layer, *, progress: Progress | None = None
) -> tuple[Result, ...]:
    """Return what becomes of cases.

    Args:
        todo: the cases.
        over: the closed layer that each is laid over.
        progress: called with (done, total).
    """
    found = []
    for done, case in enumerate(todo, 1):
        found.append(run_case(case, over))
        if progress:
            progress(done, len(todo))
    return tuple(found)


def run_case(case: Case, over: Layer) -> Result:
    """Return what becomes of one case."""
    began = time.perf_counter()
    try:
        layer = over.child(Change(add=tuple(facts_of(case.data))))
        expected = tuple(facts_of(case.expected)) if case.expected else ()
        forbidden = tuple(facts_of(case.forbidden)) if case.forbidden else ()
    except WearwhyError as error:
        return Result(case.rule, case.name, error=error, seconds=time.perf_counter() - began)
    missing = tuple(fact for fact in expected if not layer.holds(fact))
    present = tuple(fact for fact in forbidden if layer.holds(fact))
    reasons = (
        *(tuple(lacking(layer, fact)) for fact in missing),
        *(tuple(proof(layer, fact)) for fact in present),
    )
    took = time.perf_counter() - began
    return Result(case.rule, case.name, missing, present, reasons=reasons, seconds=took)


def facts_of(path: Path) -> Iterator[Fact]:
    """Yield the facts of a Turtle file of a case.

    Raises:
        FormatError: WW-CASE-TURTLE, where it is not Turtle.
    """
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
