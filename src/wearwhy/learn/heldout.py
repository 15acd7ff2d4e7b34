"""What the witnesses say of items that they have not seen, and what the verdict is worth there.

Each fold that is judged is left out in its turn: rules are mined, weights fitted and the embedding
trained without it, and its items are then folded in like new ones. The combination that judges an
item is fitted on the held-out predictions of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.corpus import Corpus, Target
from wearwhy.learn.embeddings.composed import Composed
from wearwhy.learn.features import Token, above
from wearwhy.learn.jointly import STRENGTHS, Joint, Prepared, fitted, prepared, scores
from wearwhy.learn.mined.stars import Mining, holds
from wearwhy.learn.verdict import WITNESSES, centred, combine, probabilities

PLAIN: Final = (1.0, 10.0)
"""The prior of the controls."""


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out predictions of one attribute.

    Attributes:
        target: all labelled items.
        judged: which of them were held out, as rows of the target's table.
        parts: for each of those, the part in which it was judged: never by what was fitted to it.
        scores: each witness's.
        table: 0/1.
        strength: of the prior that was chosen.
        plain: probabilities of logistic regression on own facts alone, no hierarchy, no rules; None
            for a large graph, where `evaluate completion` prints it.
        majority: of how common the values are.
        counted: for each body of a rule, on how many held-out items it held with each value.
        last: the witnesses fitted last, and to what; what a source's own split ends with.
    """

    target: Target
    judged: Ints
    parts: Ints
    scores: dict[str, Floats]
    table: Floats
    strength: tuple[float, float]
    plain: Floats | None
    majority: Floats
    counted: dict[tuple[int, ...], Floats]
    last: Joint

    def verdict(self, use: Collection[str] = WITNESSES) -> Floats:
        """Return probabilities of a combination of some witnesses, each item by the others."""
        many = self.target.attribute.many
        out = np.zeros_like(self.table)
        for part in np.unique(self.parts):
            here, there = self.parts == part, self.parts != part
            mix = combine(
                {name: found[there] for name, found in self.scores.items()},
                self.table[there],
                many=many,
                use=use,
            )
            told = mix.logits({name: found[here] for name, found in self.scores.items()})
            out[here] = probabilities(told, many=many)
        return out


def speakers(data: Corpus) -> NDArray[np.bool_]:
    """Return which tokens bodies of rules are made of.

    Those are said of the item itself, not what stands above, and not said already by a column that
    the source kept.
    """
    said = {
        r: not above(r) and r != "phrase" and r not in data.filled
        for r in {t.relation for t in data.tokens}
    }
    return np.array([said[token.relation] for token in data.tokens], dtype=bool)


def value_tokens(data: Corpus, aim: Target) -> Ints:
    """Return the numbers of the tokens that stand for an attribute's values."""
    relation = aim.attribute.relation
    return np.array([data.number[Token(relation, v)] for v in aim.values], dtype=np.int64)


def embedded(data: Corpus, aim: Target, embedding: Composed, which: Ints) -> Floats:
    """Return the embedding's scores of items for an attribute's values, folded without it."""
    rows = [row[row < data.embedded] for row in data.rows(aim.attribute, which)]
    found = embedding.scores(embedding.fold(rows), value_tokens(data, aim))
    return centred(found, many=aim.attribute.many)


def held_out(
    data: Corpus,
    aim: Target,
    folded: dict[int, Composed],
    *,
    use: Collection[str],
    mining: Mining,
    ruled: Floats | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Held:
    """Return what the witnesses say of each labelled item that is held out.

    Args:
        data: the graph as numbers.
        aim: the labelled items.
        folded: for each fold, the embedding trained without it; empty for none.
        use: which witnesses speak.
        mining: how rules are mined.
        ruled: labelled items × values: 1 where the stylist's rules conclude the value.
        progress: called with fits done and fits in all.
    """
    many, seeds = aim.attribute.many, speakers(data)
    fold_of = data.folds[aim.items]
    judged = np.flatnonzero(np.isin(fold_of, data.judged))
    steps = len(data.judged) * (len(STRENGTHS) + 1)
    by_strength: list[dict[str, Floats]] = [_empty(aim) for _ in STRENGTHS]
    lasting: list[Joint] = []
    table = {name: np.zeros_like(aim.table) for name in ("plain", "majority", "embeddings")}
    counted: dict[tuple[int, ...], Floats] = {}
    done = 0
    for k in data.judged:
        out, into = np.flatnonzero(fold_of == k), np.flatnonzero(fold_of != k)
        left, seen = data.matrix(aim.attribute, aim.items[out]), aim.table[into]
        ready = prepared(
            data.matrix(aim.attribute, aim.items[into]),
            seen,
            seeds,
            many=many,
            mining=mining if "mined" in use else None,
        )
        lasting, joint = [], None
        for n, strength in enumerate(STRENGTHS):
            joint = fitted(ready, strength, own="additive" in use, start=joint)
            lasting.append(joint)
            own, mined = scores(joint, left)
            by_strength[n]["additive"][out], by_strength[n]["mined"][out] = own, mined
            progress(done := done + 1, steps)
        for body, times in _counted(ready, left, aim.table[out]).items():
            counted[body] = counted.get(body, 0.0) + times
        if len(data.judged) > 1:
            table["plain"][out] = _plain(data, aim, into, out)
        progress(done := done + 1, steps)
        table["majority"][out] = (seen.sum(axis=0) + 1) / (
            len(seen) + (2 if many else seen.shape[1])
        )
        if k in folded:
            table["embeddings"][out] = embedded(data, aim, folded[k], aim.items[out])
    parts = fold_of[judged] if len(data.judged) > 1 else data.titles[aim.items][judged] % 2
    tried = []
    for found in by_strength:
        spoken = {name: found[name][judged] for name in ("additive", "mined") if name in use}
        if folded:
            spoken["embeddings"] = table["embeddings"][judged]
        if ruled is not None:
            spoken["rules"] = ruled[judged]
        tried.append(spoken)
    truth = aim.table[judged]
    kept = [
        Held(
            aim,
            judged,
            parts,
            spoken,
            truth,
            strength,
            table["plain"][judged] if len(data.judged) > 1 else None,
            table["majority"][judged],
            counted,
            joint,
        )
        for spoken, strength, joint in zip(tried, STRENGTHS, lasting, strict=True)
    ]
    return min(kept, key=lambda one: _loss(one.verdict(use), truth, many=many))


def _loss(found: Floats, truth: Floats, *, many: bool) -> float:
    told = np.clip(found, 1e-12, 1 - 1e-12)
    loss = truth * np.log(told)
    return -float((loss + (1 - truth) * np.log(1 - told) if many else loss).sum())


def _empty(aim: Target) -> dict[str, Floats]:
    return {name: np.zeros_like(aim.table) for name in ("additive", "mined")}


def _counted(ready: Prepared, left: csr_matrix, truth: Floats) -> dict[tuple[int, ...], Floats]:
    if ready.stars is None:
        return {}
    found = np.asarray(holds(left, ready.stars.bodies).T @ truth)
    return {
        tuple(body): counts for body, counts in zip(ready.stars.bodies.tolist(), found, strict=True)
    }


def _plain(data: Corpus, aim: Target, into: Ints, out: Ints) -> Floats:
    """Return logistic regression on the columns a data scientist would take: no hierarchy."""
    many = aim.attribute.many
    keep = np.array([not above(token.relation) for token in data.tokens])
    columns = np.flatnonzero(keep)
    ready = Prepared(
        data.matrix(aim.attribute, aim.items[into])[:, columns], aim.table[into], many, None, None
    )
    own, _ = scores(fitted(ready, PLAIN), data.matrix(aim.attribute, aim.items[out])[:, columns])
    return probabilities(own, many=many)
