"""What coverage and mutation found, as text and as a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from wearwhy.rdf import curie
from wearwhy.rules.descriptions import verdict
from wearwhy.rules.model import Verdict
from wearwhy.rules.mutate import as_diff
from wearwhy.workspace.coverage import Condition, Coverage, Covered
from wearwhy.workspace.mutation import Fate, Score

Say = Callable[..., str]


def as_document(found: Coverage, score: Score | None, failing: Sequence[str]) -> dict[str, Any]:
    """Return what `rules coverage --json` prints."""
    document: dict[str, Any] = {
        "failing": list(failing),
        "requests": found.requests,
        "rules": [_rule(one) for one in found.rules],
        "never_fire": [one.rule.iri.value for one in found.never()],
        "forbid_nothing": [one.rule.iri.value for one in found.never(Verdict.FORBID)],
        "favour_nothing": [
            one.rule.iri.value for one in found.never(Verdict.FAVOUR, Verdict.DISFAVOUR)
        ],
        "never_decide": [
            {"rule": one.rule.iri.value, "condition": part.text}
            for one in found.rules
            for part in one.undecided
        ],
        "not_judged": [
            {"rule": one.rule.iri.value, "condition": part.text}
            for one in found.rules
            for part in one.unjudged
        ],
    }
    if score is not None:
        document["mutation"] = {
            **{fate.value: score.count(fate) for fate in Fate},
            "score": round(score.share, 4),
            "survivors": [
                {
                    "rule": mutant.original.iri.value,
                    "direction": mutant.direction.value,
                    "operator": mutant.operator,
                    "diff": as_diff(mutant),
                }
                for mutant in score.survivors
            ],
        }
    return document


def _rule(one: Covered) -> dict[str, Any]:
    judged = verdict(one.rule)
    return {
        "rule": one.rule.iri.value,
        "kind": judged.value if judged else "derive",
        "cases": one.cases,
        "week": one.week,
        "conditions": [_condition(part) for part in one.conditions],
    }


def _condition(part: Condition) -> dict[str, Any]:
    return {"condition": part.text, "decides": part.decides, "week": part.in_week}


def as_text(found: Coverage, score: Score | None, failing: Sequence[str], say: Say) -> str:
    """Return what `rules coverage` prints.

    Args:
        found: what is exercised.
        score: what became of mutants; None if none were made.
        failing: cases that do not pass, and so say nothing.
        say: phrases in the language of the call.
    """
    parts: list[str] = []
    if failing:
        parts += [say("coverage-failing", n=len(failing)), *(f"  {name}" for name in failing)]
    silent = found.never()
    for key, kinds in (
        ("coverage-never-derive", (None,)),
        ("coverage-never-forbid", (Verdict.FORBID,)),
        ("coverage-never-favour", (Verdict.FAVOUR, Verdict.DISFAVOUR)),
    ):
        those = found.never(*kinds)
        if those:
            parts += [say(key, n=len(those)), *(f"  {curie(one.rule.iri)}" for one in those)]
    idle = [(one, one.undecided) for one in found.rules if one.undecided]
    dear = [(one, one.unjudged) for one in found.rules if one.unjudged]
    parts += [
        *_listed("coverage-never-decide", idle, say),
        *_listed("coverage-not-judged", dear, say),
    ]
    parts.append(_table(found, say))
    total = [c for one in found.rules for c in one.conditions if c.decides is not None]
    parts.append(
        say(
            "coverage-sum",
            n=len(found.rules),
            fire=len(found.rules) - len(silent),
            conditions=len(total),
            decide=sum(bool(c.decides) for c in total),
        )
    )
    if score is not None:
        parts.append(_mutation(score, say))
    return "\n".join(part for part in parts if part)


def _listed(
    key: str, those: Sequence[tuple[Covered, Sequence[Condition]]], say: Say
) -> Iterator[str]:
    if those:
        yield say(key, n=sum(len(conditions) for _, conditions in those))
    for one, conditions in those:
        yield f"  {curie(one.rule.iri)}"
        yield from (f"    {part.text}" for part in conditions)


def _table(found: Coverage, say: Say) -> str:
    if found.requests is None:
        return ""
    never = found.never(week=True)
    conditions = [c for one in found.rules for c in one.conditions if c.in_week is not None]
    return say(
        "coverage-week",
        requests=found.requests,
        fire=len(found.rules) - len(never),
        n=len(found.rules),
        decide=sum(bool(c.in_week) for c in conditions),
        conditions=len(conditions),
    )


def _mutation(score: Score, say: Say) -> str:
    lines = []
    for rule, those in groupby(score.survivors, key=lambda mutant: mutant.original):
        lines.append(say("mutant-survived", rule=curie(rule.iri)))
        for mutant in those:
            lines += [f"  {mutant.direction.value}: {mutant.operator}"]
            lines += [f"    {line}" for line in as_diff(mutant).splitlines()]
    lines.append(
        say(
            "mutation-score",
            score=f"{score.share:.1%}",
            killed=score.count(Fate.KILLED),
            survived=score.count(Fate.SURVIVED),
            equivalent=score.count(Fate.EQUIVALENT),
            refused=score.count(Fate.REFUSED),
        )
    )
    return "\n".join(lines)
