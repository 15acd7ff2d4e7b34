"""What rules say of rows of candidates, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wearwhy.rdf import WW, NamedNode
from wearwhy.rules.columns import Floats, Ints
from wearwhy.rules.model import Rule, Verdict

CERTAIN = 0.95

_VERDICTS = {
    WW.violates: Verdict.FORBID,
    WW.favouredBy: Verdict.FAVOUR,
    WW.disfavouredBy: Verdict.DISFAVOUR,
}
_SIGN = {Verdict.FAVOUR: 1.0, Verdict.DISFAVOUR: -1.0, Verdict.FORBID: -1.0, None: 0.0}


def verdict_of(rule: Rule) -> Verdict | None:
    """Return what a rule says of its subject, or None for a rule that derives facts."""
    if len(rule.head) != 1:
        return None
    predicate = rule.head[0].predicate
    return _VERDICTS.get(predicate) if isinstance(predicate, NamedNode) else None


@dataclass(frozen=True, slots=True)
class Opinions:
    """What rules say of n rows: one entry for each (row, rule) that fired.

    Attributes:
        n: how many rows were asked about.
        rules: the verdict rules that may fire on them.
        row: the positions of rows, rising.
        rule: for each the position of a rule in `rules`.
        confidence: of the surest firing.
    """

    n: int
    rules: tuple[Rule, ...]
    row: Ints
    rule: Ints
    confidence: Floats

    def _weights(self, certainty: float) -> tuple[Floats, NDArray[np.bool_]]:
        points = np.array([_SIGN[verdict_of(r)] * r.description.points for r in self.rules])
        forbids = np.array([verdict_of(r) is Verdict.FORBID for r in self.rules], dtype=bool)
        if not len(self.rule):
            return np.zeros(0), np.zeros(0, dtype=bool)
        firm = forbids[self.rule] & (self.confidence >= certainty)
        value = np.where(firm, 0.0, points[self.rule] * self.confidence)
        return value, firm

    def points(self, certainty: float = CERTAIN) -> Floats:
        """Return for each row the sum of its opinions in log-odds.

        A prefer rule gives ±points × confidence; a forbid rule that rests on facts below the
        certainty takes points × confidence away.
        """
        value, _ = self._weights(certainty)
        return np.bincount(self.row, weights=value, minlength=self.n).astype(np.float64)

    def forbidden(
        self, *, hereditary_only: bool = False, certainty: float = CERTAIN
    ) -> NDArray[np.bool_]:
        """Return for each row whether a rule forbids it with certainty."""
        _, firm = self._weights(certainty)
        if hereditary_only and len(self.rule):
            inherits = np.array([r.description.hereditary for r in self.rules], dtype=bool)
            firm &= inherits[self.rule]
        result = np.zeros(self.n, dtype=bool)
        result[self.row[firm]] = True
        return result


def opinions(n: int, rules: tuple[Rule, ...], fired: list[tuple[Ints, int, Floats]]) -> Opinions:
    """Return opinions from firings: rows, the rule's position, confidences; the surest counts."""
    if not fired:
        none = np.empty(0, np.int64)
        return Opinions(n, rules, none, none, np.empty(0))
    row = np.concatenate([rows for rows, _, _ in fired])
    rule = np.repeat(
        np.array([number for _, number, _ in fired]), [len(rows) for rows, _, _ in fired]
    )
    confidence = np.concatenate([sure for _, _, sure in fired])
    return merged(n, rules, row, rule, confidence)


def merged(n: int, rules: tuple[Rule, ...], row: Ints, rule: Ints, confidence: Floats) -> Opinions:
    """Return opinions from firings in any order: of the same rule on a row the surest counts."""
    by = np.lexsort((-confidence, rule, row))
    row, rule, confidence = row[by], rule[by], confidence[by]
    keep = np.ones(len(row), dtype=bool)
    keep[1:] = (row[1:] != row[:-1]) | (rule[1:] != rule[:-1])
    return Opinions(n, rules, row[keep], rule[keep], confidence[keep])
