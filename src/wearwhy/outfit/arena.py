"""The candidates of one request as arrays, and looks made of them with all their terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.outfit import beam, comfort, neural, pairs, score
from wearwhy.outfit.candidates import Pool, Verdict, Verdicts, verdicts
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look, Placed, Told, look_iri, pair_iri
from wearwhy.outfit.request import Request
from wearwhy.outfit.score import Term
from wearwhy.outfit.templates import Template
from wearwhy.rules.layer import Layer
from wearwhy.walk import metapaths

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """The candidates of one request with what beam search and scoring read of them.

    Positions count the pool's items; `column` maps them to rows of the pair arrays, `chosen` back.

    Attributes:
        learned: what a model says of each pair, before the multiplier; None where pairs are
            counted.
        company: what each path between each pair is worth (paths × n × n), before the multiplier.
    """

    request: Request
    index: Index
    pool: Pool
    chosen: tuple[int, ...]
    column: Mapping[int, int]
    pair_verdicts: Verdicts
    space: beam.Space
    demand: comfort.Demand | None
    learned: Floats | None
    company: Floats

    def whole(self, columns: Sequence[int]) -> tuple[int, ...]:
        """Return the pool's numbers of items given by their rows in the arrays."""
        return tuple([self.chosen[column] for column in columns])

    def pair_row(self, a: int, b: int) -> int:
        """Return the row of the verdicts on a pair, the lower number first."""
        i, j, n = self.column[a], self.column[b], len(self.chosen)
        return i * n - i * (i + 1) // 2 + j - i - 1


def enter(layer: Layer, request: Request, index: Index, resources: Resources, pool: Pool) -> Arena:
    """Return the arrays over the pool's chosen items."""
    chosen = np.array(
        sorted({*pool.locked, *(n for found in pool.offered.values() for n in found)}),
        dtype=np.int64,
    )
    numbers: tuple[int, ...] = tuple(chosen.tolist())
    size = len(chosen)
    scoring = index.scoring
    first, second = np.triu_indices(size, 1)
    on_pairs = verdicts(pool.judge.pairs(chosen[first], chosen[second]), scoring.certainty)
    worth, barred = np.zeros((size, size)), np.eye(size, dtype=bool)
    worth[first, second] = scoring.multipliers["rule"] * on_pairs.points
    barred[first, second] = on_pairs.barred
    held = np.isin(chosen, pool.locked)
    # Two locked items stay together whatever a rule says of them; the look tells the verdict.
    barred &= ~(held[:, None] & held[None, :]) | np.eye(size, dtype=bool)
    worth, barred = worth + worth.T, barred | barred.T
    items = [pool.items[n] for n in chosen]
    company = index.companions.worth(items)
    worth += scoring.multipliers["walk"] * company.sum(axis=0)
    learned = None if index.pairing is None else index.pairing.matrix(items)
    said = pairs.matrix(index.lifted, scoring, index.has, items) if learned is None else learned
    worth += scoring.multipliers["pair"] * said
    if resources.vectors is not None:
        worth += scoring.multipliers["neural"] * neural.cosines(resources.vectors, items)
    demand = comfort.asked(layer, resources.table, request.iri)
    share = scoring.multipliers["comfort"]

    def felt(clo: Floats, ahead: float) -> Floats:
        if demand is None:
            return np.zeros(len(clo))
        # What open slots may still add counts only as far as it is wanted.
        parameters = scoring.comfort
        wanted = (demand.least - parameters.constant) / parameters.factor
        return share * comfort.points(clo + np.clip(wanted - clo, 0.0, ahead), demand, parameters)

    clo = index.clo[[index.at[item] for item in items]] if items else np.zeros(0)
    space = beam.Space(pool.worth[chosen], worth, barred, clo, felt, np.zeros(size))
    return Arena(
        request,
        index,
        pool,
        numbers,
        {n: k for k, n in enumerate(numbers)},
        on_pairs,
        space,
        demand,
        learned,
        company,
    )


def look_of(
    arena: Arena,
    members: tuple[int, ...],
    template: Template,
    own: Sequence[Verdict],
    *,
    resources: Resources,
) -> Look:
    """Return a look of the arena's items, given by number, with all its terms.

    Args:
        arena: the candidates.
        members: the numbers of the look's items in the pool, in look order.
        template: which the look follows.
        own: the verdicts on the look as a whole.
        resources: comfort table and vectors.
    """
    request, index = arena.request, arena.index
    pool, items = arena.pool, tuple(arena.pool.items[n] for n in members)
    terms, told = _rule_terms(arena, members, own)
    walked = metapaths.columns(index.matrices, index.paths, pool.vias, items)
    terms += score.walk_terms(walked, items, index.scoring)
    terms += _coupled(arena, members, items)
    touched = {key: [item for item in items if item in hits] for key, hits in pool.reached.items()}
    terms += score.taste_terms(pool.tastes, touched, items, index.scoring)
    if arena.demand is not None:
        clo = float(sum(index.clo[index.at[item]] for item in items))
        felt = float(comfort.points(clo, arena.demand, index.scoring.comfort))
        terms.append(score.comfort_term(felt, items, index.scoring))
    if resources.vectors is not None and len(items) > 1:
        terms.append(
            score.neural_term(neural.mean_cosine(resources.vectors, items), items, index.scoring)
        )
    terms = score.counted(terms, index.scoring)
    return Look(
        request,
        template.iri,
        tuple(
            Placed(item, slot)
            for item, slot in zip(items, _slots(index, template, items), strict=True)
        ),
        score.total(terms),
        score.ordered(terms),
        tuple(told),
        {pool.items[n]: pool.brought[n] for n in members if n in pool.brought},
        resources.seed,
        len(index.items),
    )


def _coupled(arena: Arena, members: tuple[int, ...], items: tuple[NamedNode, ...]) -> list[Term]:
    """Return the terms of a look's pairs: the walks between them, and what is learned or counted."""
    index = arena.index
    at = [arena.column[n] for n in members]
    both = np.ix_(at, at)
    terms = [
        term
        for path, worth in zip(index.companions.paths, arena.company, strict=True)
        for term in score.coupled_terms("walk", path.iri, worth[both], items, index.scoring)
    ]
    if arena.learned is None:
        return terms + score.pair_terms(index.lifts, index.scoring, index.has, items)
    pairing = arena.learned[both]
    return terms + score.coupled_terms("pair", None, pairing, items, index.scoring)


def _slots(index: Index, template: Template, items: Sequence[NamedNode]) -> list[NamedNode]:
    """Return the slot each item is worn in: those that fit fewest are placed first."""
    inside = (*template.required, *template.optional)
    places = [[p for p in index.places[index.at[item]] if p in inside] for item in items]
    held: dict[NamedNode, int] = {}
    chosen = {}
    for n in sorted(range(len(items)), key=lambda n: (len(places[n]), n)):
        free = [p for p in places[n] if held.get(p, 0) < _most(index, p)]
        chosen[n] = (free or places[n])[0]
        held[chosen[n]] = held.get(chosen[n], 0) + 1
    return [chosen[n] for n in range(len(items))]


def _most(index: Index, slot: NamedNode) -> int:
    return index.slots[slot].most if slot in index.slots else 1


def _rule_terms(
    arena: Arena, members: tuple[int, ...], own: Sequence[Verdict]
) -> tuple[list[Term], list[Told]]:
    """Return the terms of rules: the look's own, and shares of its items' and its pairs'."""
    pool, scoring = arena.pool, arena.index.scoring
    share, certainty = scoring.multipliers["rule"], scoring.certainty
    items = tuple(pool.items[n] for n in members)
    look = look_iri(arena.request.iri, items)
    terms: list[Term] = []
    told: list[Told] = []

    def add(
        found: Sequence[Verdict], subject: NamedNode, about: tuple[NamedNode, ...], part: float
    ) -> None:
        for verdict in found:
            terms.append(
                score.rule_term(
                    verdict.predicate,
                    verdict.rule,
                    subject,
                    verdict.confidence,
                    about=about,
                    share=part,
                )
            )
            if verdict.bars(certainty):
                told.append(Told(verdict.rule.iri, about))

    add(own, look, items, share)
    for n, item in zip(members, items, strict=True):
        add(pool.verdicts.of(n), item, (item,), share / len(items))
    both = list(combinations(members, 2))
    for a, b in both:
        first, second = pool.items[a], pool.items[b]
        found = arena.pair_verdicts.of(arena.pair_row(a, b))
        if found:
            add(found, pair_iri(look, first, second), (first, second), share / len(both))
    return terms, told
