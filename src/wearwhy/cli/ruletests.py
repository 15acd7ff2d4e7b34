"""Verbs that hold rules against cases and against each other: test, coverage, lint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.rules.layer import Layer
    from wearwhy.rules.model import Rule
    from wearwhy.workspace import Workspace

folder_argument = click.argument(
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=False,
    metavar="[DIR]",
)
rule_option = click.option("--rule", metavar="NAME", help="Only this rule and its cases.")
drafts_option = click.option(
    "--with",
    "drafts",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    help="A rule file, or a folder of them, laid over the applied rules.",
)


@verb("test", examples=("wearwhy rules test cases", "wearwhy rules test cases --junit out.xml"))
@folder_argument
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write the results as JUnit XML.",
)
@rule_option
@drafts_option
def test(
    session: Session,
    folder: Path | None,
    junit: Path | None,
    rule: str | None,
    drafts: tuple[Path, ...],
) -> Told:
    """Run rules' cases: DIR/RULE/NAME.data.ttl with NAME.expected.ttl or .forbidden.ttl.

    DIR is the folder `cases` of the workspace, if none is named.
    """
    from wearwhy.workspace import ruletests

    todo = ruletests.cases(folder or session.folder / "cases", rule)
    with working(session.say("testing")) as bar:
        found = ruletests.run(todo, _ground(session, drafts), progress=bar)
    if junit is not None:
        from wearwhy.workspace.junit import junit as report

        junit.write_text(report(found), "utf-8")
    failed = [one for one in found if not one.passed]

    def text() -> str:
        lines = []
        for one in failed:
            lines.append(session.say("case-failed", rule=one.rule, case=one.name))
            lines += [f"  {line}" for line in one.lines()]
        lines.append(session.say("cases", n=len(found), failed=len(failed)))
        return "\n".join(lines)

    return Told(
        lambda: {
            "passed": len(found) - len(failed),
            "failed": len(failed),
            "cases": [one.as_dict() for one in found],
        },
        text,
        1 if failed else 0,
    )


def _workspace(session: Session, *, usual: bool = False) -> Workspace | None:
    """Return the workspace, if there is one; see `Session.open`."""
    from wearwhy.errors import StoreError

    try:
        return session.open(usual=usual)
    except StoreError as error:
        if error.code != "WW-STORE-NONE":
            raise
        return None


def _ground(session: Session, drafts: tuple[Path, ...] = ()) -> Layer:
    """Return the layer that cases are laid over: with a workspace's rules, if there is one."""
    from wearwhy.workspace import ruletests

    return ruletests.ground(_workspace(session), drafts)


@verb(
    "coverage",
    examples=(
        "wearwhy rules coverage cases --no-week",
        "wearwhy rules coverage cases --rule monochrome --mutation",
    ),
)
@folder_argument
@rule_option
@drafts_option
@click.option(
    "--mutation", is_flag=True, help="Also change each rule a little and see who notices."
)
@click.option(
    "--week/--no-week", default=True, help="Also look at a week of looks (of the workspace)."
)
def coverage(
    session: Session,
    *,
    folder: Path | None,
    rule: str | None,
    drafts: tuple[Path, ...],
    mutation: bool,
    week: bool,
) -> Told:
    """Show what the cases exercise: rules that never fire, conditions that never decide.

    With --mutation each rule is weakened and strengthened in turn: a change that no case notices
    is a missing test. DIR is the folder `cases` of the workspace, if none is named.
    """
    from wearwhy.rules.implied import background
    from wearwhy.workspace import corpus, coverage, coverwords
    from wearwhy.workspace import mutation as mutating
    from wearwhy.workspace.bundle import bundle
    from wearwhy.workspace.week import week as week_of

    workspace = _workspace(session, usual=week)
    base = _ground(session, drafts)
    rules = _chosen(base, rule)
    with working(session.say("testing")) as bar:
        cases = corpus.Corpus(folder or session.folder / "cases", base, progress=bar)
    layers = None
    if week and workspace is not None and workspace.wardrobes():
        name = workspace.wardrobe(session.named)
        with working(session.say("dressing-the-week")) as bar:
            requests = week_of(workspace.bundle)
            layers = coverage.week_layers(workspace, requests, name, progress=bar)
    known = workspace.bundle if workspace else bundle()
    taken = background(known.facts, known.measures)
    with working(session.say("covering")) as bar:
        found = coverage.covered(cases, rules, taken, layers, progress=bar)
    score = None
    if mutation:
        with working(session.say("mutating")) as bar:
            score = mutating.score(cases, rules, taken, progress=bar)
    failing = [f"{case.rule}/{case.name}" for case in cases.failing]
    return Told(
        lambda: coverwords.as_document(found, score, failing),
        lambda: coverwords.as_text(found, score, failing, session.say),
        1 if failing else 0,
    )


def _chosen(base: Layer, name: str | None) -> tuple[Rule, ...]:
    """Return the rules in force, or the one that is named.

    Raises:
        UnknownName: WW-RULE-NONE, with the nearest name.
    """
    from wearwhy.errors import UnknownName, nearest
    from wearwhy.rdf import RULE

    if name is None:
        return base.sources
    local = name.removeprefix("rule:").removeprefix(str(RULE))
    known = {rule.iri.value.removeprefix(RULE): rule for rule in base.sources}
    if local not in known:
        near = nearest(local, known)
        raise UnknownName(
            "WW-RULE-NONE",
            f"There is no rule '{name}'.",
            hint=f"Did you mean '{near}'?" if near else "`wearwhy rules show` lists the topics.",
        )
    return (known[local],)


@verb("lint", examples=("wearwhy rules lint", "wearwhy rules lint --json"))
@click.argument(
    "files", nargs=-1, type=click.Path(path_type=Path, exists=True), metavar="[FILE]..."
)
def lint(session: Session, files: tuple[Path, ...]) -> Told:
    """Find rules that are doubtful though sound: duplicates, contradictions, conditions never met.

    FILEs are laid over the applied rules and told of alone; without any, all rules are.
    """
    from wearwhy.workspace import linting, rulebook

    with working(session.say("linting")):
        found = linting.lint(_workspace(session), files)

    def text() -> str:
        if not found.findings:
            return session.say("rules-lint-clean", n=found.rules, waived=found.waived)
        return "\n\n".join(rulebook.pointed(one, found.texts) for one in found.findings)

    return Told(lambda: [one.as_dict() for one in found.findings], text, 1 if found.findings else 0)


VERBS = (test, coverage, lint)
