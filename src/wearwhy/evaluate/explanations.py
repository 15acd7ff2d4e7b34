"""Whether explanations of looks are true: what they cite is deleted, and the look judged again.

Of every recommended look the term that weighs most of each kind says what it would be without the
first fact that it rests on. That fact is deleted and the look's layer is read anew: the term must
come to what was said.

Then one item of the look is held against others of its slot, by the score of the look with each.
Of the facts about that item, those that the explanation cites first are kept alone, or deleted one
after another; and as many others about it, drawn at random, beside them. What class it is of, and
whose it is, stay: they put it in its slot.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError, NoAnswer
from wearwhy.evaluate.curves import Line, Panel, chart
from wearwhy.evaluate.ranking import mean
from wearwhy.evidence import Kind
from wearwhy.explain import resident
from wearwhy.explain.cited import SCAFFOLD, in_order
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm, explain, explain_terms
from wearwhy.learn.metrics import Figure
from wearwhy.outfit import score
from wearwhy.outfit.arena import Arena, enter, look_of
from wearwhy.outfit.candidates import gather, verdicts
from wearwhy.outfit.compose import Recommendation, recommend
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import SCHEMA, TYPE, WW, Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import held_out

TOP: Final = 10
"""An item is kept where it is among so many of its slot."""
ALONE: Final = 3
"""So many cited facts are kept alone."""
STEPS: Final = 6
"""So many are deleted, or put back, one after another."""
AGAINST: Final = 40
"""An item is held against so many others of its slot, at most; at least against twice the top."""
STAYS: Final = frozenset({TYPE, WW.inWardrobe, WW.inCatalogue, SCHEMA.name}) | SCAFFOLD - {
    WW.hasItem
}
"""Facts with these properties put an item in its place, and are no evidence for it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How an item fares without some of the facts about it.

    Attributes:
        alone: whether it stays in the top with the cited facts alone, and with random ones alone.
        deleted: whether it stays in the top once so many facts are deleted, cited and random.
        inserted: the same once so many of them are put back where all were deleted.
    """

    alone: tuple[bool, bool]
    deleted: tuple[tuple[bool, ...], tuple[bool, ...]]
    inserted: tuple[tuple[bool, ...], tuple[bool, ...]]


@dataclass(frozen=True, slots=True)
class Explanations:
    """Explanations of recommended looks, held against the looks.

    Attributes:
        sampled: how many looks.
        by_kind: how many terms were tried of each kind.
        agreed_within: the largest difference, in points, between what a term said that it would be
            without a fact, and what it then was.
        moved: how much the fact moved it on average, in points.
        cited: how often cited facts alone keep an item in the top ten.
        random: how often as many facts about it do, drawn at random.
        above: the difference, on the same items.
        tried: the items, each with how it fared.
    """

    sampled: int
    by_kind: dict[str, int]
    agreed_within: float
    moved: Figure
    cited: Figure
    random: Figure
    above: Figure
    tried: tuple[Moved, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `evaluate explanations --json` prints them."""
        return {
            "n": self.sampled,
            "terms": self.by_kind,
            "agreed_within": float(f"{self.agreed_within:.3g}"),
            "moved": self.moved.as_dict(),
            "items": len(self.tried),
            "kept_by_cited": self.cited.as_dict(),
            "kept_by_random": self.random.as_dict(),
            "cited_above_random": self.above.as_dict(),
            "curves": self.curves(),
        }

    def curves(self) -> dict[str, list[float]]:
        """Return the share of items in the top ten, by how many facts are deleted or put back."""
        found = {}
        for name in ("deleted", "inserted"):
            for side, kind in enumerate(("cited", "random")):
                rows = [getattr(one, name)[side] for one in self.tried]
                found[f"{name} {kind}"] = [
                    round(float(np.mean([row[k] for row in rows])), 4)
                    for k in range(STEPS + 1 if rows else 0)
                ]
        return found

    def picture(self) -> str:
        """Return the curves as SVG."""
        points = {
            name: tuple((float(k), value) for k, value in enumerate(values))
            for name, values in self.curves().items()
        }
        panels = [
            Panel(
                f"facts {name}",
                "facts about the item",
                f"share in the top {TOP}",
                (
                    Line("cited first", points[f"{name} cited"]),
                    Line("drawn at random", points[f"{name} random"]),
                ),
            )
            for name in ("deleted", "inserted")
        ]
        return chart("Evidence cited, and evidence at random", panels)


Progress = Callable[[str, int, int], None]


def explanations(
    layer: Layer,
    requests: Sequence[Request],
    resources: Resources,
    *,
    sample: int = 500,
    seed: int = 0,
    progress: Progress = lambda *_: None,
) -> Explanations:
    """Return how true the explanations of recommended looks are.

    Args:
        layer: a wardrobe's, or the base.
        requests: to recommend for; they are asked again for later weeks until there are enough.
        resources: as for recommending.
        sample: how many looks, at most.
        seed: of the items, of the random facts and of the bootstrap.
        progress: told the stage, the looks done and the looks in all.

    Raises:
        InputError: WW-EVALUATE-NOTHING, where no request has a look.
    """
    rng = np.random.default_rng(seed)
    looks = 0
    kinds: dict[str, int] = {}
    gaps: list[float] = []
    moves: list[float] = []
    tried: list[Moved] = []
    for answer, look in _looks(layer, requests, resources, sample):
        explained = explain(answer.layer, look, resources, most=1, each_kind=True)
        looks += 1
        for kind, first in _firsts(explained).items():
            found = _without(explained, first.without_fact, resources)
            now = next((t.value for t in found if t.key == first.term.key), 0.0)
            gaps.append(abs(now - (first.without or 0.0)))
            moves.append(abs(first.term.value - now))
            kinds[kind] = kinds.get(kind, 0) + 1
        one = _tried(answer, explained, resources, rng)
        if one is not None:
            tried.append(one)
        progress("looks", looks, sample)
    if not gaps:
        raise InputError(
            "WW-EVALUATE-NOTHING",
            "There is no look to judge: no request can be dressed.",
            hint="wearwhy recommend says what is lacking.",
        )
    kept = np.array([one.alone for one in tried], dtype=np.float64).reshape(-1, 2)
    none = Figure(float("nan"), float("nan"), float("nan"))
    cited, random, above = (
        (mean(values, seed=seed) if len(tried) else none)
        for values in (kept[:, 0], kept[:, 1], kept[:, 0] - kept[:, 1])
    )
    return Explanations(
        looks,
        dict(sorted(kinds.items())),
        max(gaps),
        mean(np.array(moves), seed=seed),
        cited,
        random,
        above,
        tuple(tried),
    )


def _looks(
    layer: Layer, requests: Sequence[Request], resources: Resources, sample: int
) -> Iterator[tuple[Recommendation, Look]]:
    """Yield looks for the requests, for those of the week after, and so on."""
    given = 0
    for week in range(1 + sample):
        before = given
        for request in requests:
            on = request.date
            later = request if on is None else replace(request, date=on + timedelta(weeks=week))
            try:
                answer = recommend(layer, later, resources)
            except NoAnswer:
                continue
            for look in answer.looks:
                if given == sample:
                    return
                given += 1
                yield answer, look
        if given == before:
            return


def _firsts(explained: ExplainedLook) -> dict[str, ExplainedTerm]:
    """Return of each kind the term that weighs most, where it says what it would be without."""
    found: dict[str, ExplainedTerm] = {}
    for term in explained.terms:
        found.setdefault(term.term.kind, term)
    return {kind: term for kind, term in found.items() if term.without_fact is not None}


def _without(
    explained: ExplainedLook, fact: Fact | None, resources: Resources
) -> tuple[score.Term, ...]:
    """Return the terms of a look, read anew without a fact."""
    gone = () if fact is None else (fact,)
    return explain_terms(explained.layer.child(Change(remove=gone)), explained.look, resources)


def _tried(
    answer: Recommendation,
    explained: ExplainedLook,
    resources: Resources,
    rng: np.random.Generator,
) -> Moved | None:
    """Return how an item of a look fares by cited facts and by random ones.

    Returns None where no item has more facts than are kept, or others of its slot enough to be
    held against.
    """
    look = explained.look
    free = [n for n, item in enumerate(look.items) if item not in look.request.locked]
    for n in rng.permutation(free).tolist():
        item = look.items[n]
        cited, every = _about(explained, item)
        if len(cited) <= ALONE or len(every) <= ALONE:
            continue
        others = _others(answer, look, n, resources)
        if len(others) < 2 * TOP:
            continue
        shuffled = [every[k] for k in rng.permutation(len(every))]
        whole = set(every) | set(cited)

        trial = _Trial(resident.ground(explained.layer, look, resources), tuple(others))
        steps = range(STEPS + 1)
        sides = (cited, shuffled)
        deleted = [tuple(trial.stays(set(order[:k])) for k in steps) for order in sides]
        inserted = [tuple(trial.stays(whole - set(order[:k])) for k in steps) for order in sides]
        return Moved(
            (inserted[0][ALONE], inserted[1][ALONE]),
            (deleted[0], deleted[1]),
            (inserted[0], inserted[1]),
        )
    return None


@dataclass(frozen=True, slots=True)
class _Trial:
    """A look, and the scores of what could stand in one item's place."""

    ground: resident.Ground
    others: tuple[float, ...]

    def stays(self, gone: set[Fact]) -> bool:
        """Return whether the look is still among the best once some facts are deleted."""
        facts = tuple(sorted(gone, key=str))
        layer = self.ground.layer.child(Change(remove=facts))
        gained, lost = layer.changes()
        values = resident.replayed(self.ground, layer, gained, [*lost, *facts])
        value = math.fsum(values.values())
        return sum(other > value + 1e-9 for other in self.others) < TOP


def _about(explained: ExplainedLook, item: NamedNode) -> tuple[list[Fact], list[Fact]]:
    """Return the facts about an item that are cited, in that order, and all that say something."""
    layer, held = explained.layer, held_out(explained.layer)
    own = {explained.look.iri, explained.look.request.iri}

    def counts(fact: Fact) -> bool:
        return (
            fact.predicate not in STAYS
            and not own & {fact.subject, fact.object}
            and fact.subject not in held
            and layer.kind(fact) is Kind.ASSERTED
        )

    cited = dict.fromkeys(
        node.statement
        for term in explained.terms
        if item in term.term.about and term.term.value > 0
        for node in in_order(term.evidence)
        if node.statement is not None
        and item in (node.statement.subject, node.statement.object)
        and counts(node.statement)
    )
    every = [
        fact
        for fact in (*layer.match(item, None, None), *layer.match(None, None, item))
        if counts(fact) and (fact in cited or not isinstance(fact.object, Literal))
    ]
    return list(cited), sorted(set(every) | set(cited), key=str)


def _others(answer: Recommendation, look: Look, n: int, resources: Resources) -> list[float]:
    """Return the scores of the look with other items of one item's slot in its place."""
    below = answer.layer.below
    if not isinstance(below, Layer):
        return []
    index, slot = resources.index(below), look.placed[n].slot
    arena = _arena(answer, index, resources, look, slot)
    pool = arena.pool
    at = {item: k for k, item in enumerate(pool.items)}
    rest = [at[item] for k, item in enumerate(look.items) if k != n]
    template = next(t for t in index.templates if t.iri == look.template)
    drawn = [
        tuple(sorted((*rest, other)))
        for other in pool.offered[slot]
        if other not in rest and pool.items[other] != look.items[n]
    ]
    said = verdicts(pool.judge.looks(drawn), index.scoring.certainty)
    return [
        look_of(arena, members, template, said.of(k), resources=resources).score
        for k, members in enumerate(drawn)
        if not said.barred[k]
    ]


def _arena(
    answer: Recommendation, index: Index, resources: Resources, look: Look, slot: NamedNode
) -> Arena:
    """Return an arena of a look's items and many others of one slot."""
    wide = replace(index.scoring, per_slot=AGAINST, per_optional=AGAINST)
    request = look.request
    pool = gather(answer.layer, request, replace(index, scoring=wide), resources)
    at = {item: k for k, item in enumerate(pool.items)}
    offered: dict[NamedNode, tuple[int, ...]] = {
        p.slot: (at[p.item],) for p in look.placed if p.slot != slot
    }
    offered[slot] = tuple(sorted({*pool.offered[slot], *(at[i] for i in look.items)}))
    return enter(answer.layer, request, index, resources, replace(pool, offered=offered))
