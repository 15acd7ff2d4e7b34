"""Rules looked over for what is doubtful: each finding told, or answered by a waiver in its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wearwhy.errors import RuleWarning
from wearwhy.rdf import ID, OWL, RULE, TYPE, WW, Fact, NamedNode, curie
from wearwhy.rules.descriptions import load
from wearwhy.rules.implied import background
from wearwhy.rules.lint import doubts, unused_prefixes
from wearwhy.rules.lint_pairs import quarrels
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Rule
from wearwhy.rules.supply import supply, unreachable
from wearwhy.rules.syntax import parse_all
from wearwhy.workspace.bundle import bundle

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

_WAIVER: Final = re.compile(r"(WW-LINT-[A-Z-]+)\s*:\s*(\S.*)", re.DOTALL)
_OWN: Final = (str(WW), str(RULE), str(ID))


@dataclass(frozen=True, slots=True)
class Linted:
    """What is doubtful, over how many rules, how many findings are waived, and the texts."""

    findings: tuple[RuleWarning, ...]
    rules: int
    waived: int
    texts: Mapping[str, str]


def lint(workspace: Workspace | None, paths: Sequence[Path] = ()) -> Linted:
    """Return what is doubtful of rule files, or of all rules in force.

    Args:
        workspace: whose applied rules are in force; None for the bundled ones.
        paths: files, and folders of files, whose rules are laid over these; only what concerns
            them is told. None of them: everything is.

    Raises:
        RuleError: where a rule file is not sound.
    """
    known = workspace.bundle if workspace else bundle()
    in_force: dict[NamedNode, Rule] = {rule.iri: rule for rule in known.rules}
    facts = known.facts
    if workspace is not None:
        from wearwhy.workspace.rulebook import in_force as applied  # noqa: PLC0415

        in_force.update((rule.iri, rule) for rule in applied(workspace))
    files = [f for p in paths for f in ([p] if p.is_file() else sorted(p.rglob("*.srl")))]
    if files:
        read = load(files)
        if read.errors:
            raise read.errors[0]
        in_force.update((rule.iri, rule) for rule in read.rules)
        facts = (*facts, *read.facts)
    texts = _texts(files or sorted((known.folder / "ontology" / "rules").rglob("*.srl")))
    about = {str(path) for path in files}
    rules = tuple(rule for rule in in_force.values() if not rule.description.off)
    found = findings(rules, facts, known.measures, texts)
    if about:
        found = [one for one in found if one.place is not None and one.place.file in about]
    left, waived = _unwaived(found, rules, about)
    return Linted(tuple(left), len(rules), waived, texts)


def _texts(files: Iterable[Path]) -> dict[str, str]:
    return {str(path): path.read_text("utf-8") for path in files}


def findings(
    rules: Sequence[Rule],
    facts: Sequence[Fact],
    measures: Sequence[Measure],
    texts: Mapping[str, str],
) -> list[RuleWarning]:
    """Return everything doubtful of rules in force together, by the place it stands at.

    Args:
        rules: the rules.
        facts: of the ontology.
        measures: in force.
        texts: of the files whose prefixes are looked at, by path.
    """
    known = background(facts, measures)
    single = frozenset(
        f.subject
        for f in facts
        if f.predicate == TYPE
        and f.object == OWL.FunctionalProperty
        and isinstance(f.subject, NamedNode)
    )
    found: list[RuleWarning] = []
    for rule in rules:
        found += doubts(rule, known)
    found += quarrels(rules, known, single)
    found += unreachable(rules, supply(facts, measures, _OWN))
    for path, text in texts.items():
        document, _ = parse_all(text, path)
        found += unused_prefixes(document, text, path)
    return sorted(found, key=_order)


def _order(one: RuleWarning) -> tuple[str, int, int, str, str]:
    place = one.place
    where = (place.file, place.line, place.column) if place else ("", 0, 0)
    return (*where, one.code, one.sentence)


def _unwaived(
    found: Sequence[RuleWarning], rules: Sequence[Rule], about: set[str]
) -> tuple[list[RuleWarning], int]:
    """Return the findings that no waiver answers, those about waivers among them; and how many are."""
    waivers = {rule.iri: list(_waivers(rule)) for rule in rules if rule.description.waives}
    used: set[tuple[NamedNode, str]] = set()
    left: list[RuleWarning] = []
    for one in found:
        rule_of = _rule_at(one, rules)
        known = waivers.get(rule_of.iri, ()) if rule_of else ()
        codes = {code for code, reason in known if reason}
        if rule_of is not None and one.code in codes:
            used.add((rule_of.iri, one.code))
        else:
            left.append(one)
    count = len(found) - len(left)
    for rule in rules:
        if about and (rule.place is None or rule.place.file not in about):
            continue
        left += _stale(rule, waivers.get(rule.iri, []), used)
    return sorted(left, key=_order), count


def _rule_at(one: RuleWarning, rules: Sequence[Rule]) -> Rule | None:
    """Return the rule in whose text a finding stands."""
    place = one.place
    if place is None:
        return None
    for rule in rules:
        where = rule.place
        if where is None or where.file != place.file:
            continue
        if where.line <= place.line <= where.line + rule.text.count("\n"):
            return rule
    return None


def _waivers(rule: Rule) -> Iterator[tuple[str, str]]:
    for text in rule.description.waives:
        match = _WAIVER.fullmatch(text.strip())
        yield (match[1], match[2]) if match else (text, "")


def _stale(
    rule: Rule, waivers: Iterable[tuple[str, str]], used: set[tuple[NamedNode, str]]
) -> Iterator[RuleWarning]:
    for code, reason in waivers:
        if not reason:
            yield RuleWarning(
                "WW-LINT-WAIVER",
                f"{curie(rule.iri)} waives '{code}' without a reason.",
                note='A waiver is written ww:waives "CODE: reason".',
                place=rule.place,
            )
        elif (rule.iri, code) not in used:
            yield RuleWarning(
                "WW-LINT-WAIVER",
                f"{curie(rule.iri)} waives {code}, which is not found there.",
                note="A waiver that answers nothing would hide what comes later.",
                hint="Take the waiver away.",
                place=rule.place,
            )
