"""Looks before and after a change: where each stands, what it scores, and which terms moved it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from wearwhy.errors import NoAnswer, UnknownName, ValueRefused, WearwhyError
from wearwhy.explain.terms import explain_terms
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, look_layer, pair_iri
from wearwhy.outfit.request import Request
from wearwhy.outfit.score import Term, total
from wearwhy.rdf import WW, Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named

Outfit: TypeAlias = tuple[NamedNode, ...]
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class TermChange:
    """A term whose value differs; one rule's terms, on whichever items, are one.

    Attributes:
        term: one of them, which names the rule, the walk or the value pair.
        before, after: their sums; 0 where there is none.
    """

    term: Term
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """A look of one request: what it is of and where it stands.

    Attributes:
        request: that it is for.
        items: in look order.
        before, after: its place, 1 first; 0: it is not shown.
        was, score: what it scores before and after; None where it has an item that is not there.
        terms: that differ, by falling magnitude of the change.
        forbidden: the rules that forbid it where it is not shown.
    """

    request: Request
    items: Outfit
    before: int
    after: int
    was: float | None
    score: float | None
    terms: tuple[TermChange, ...] = ()
    forbidden: tuple[NamedNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Silenced:
    """A request that only one side answers; the other's error says why not."""

    request: Request
    before: WearwhyError | None
    after: WearwhyError | None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a layer answers to a request: looks by their items, best choice first, or why none."""

    over: Layer
    request: Request
    looks: dict[Outfit, Look]
    error: WearwhyError | None = None
    asked: Layer | None = None

    @property
    def layer(self) -> Layer:
        """The request's layer; made anew where nothing was found in it."""
        return self.asked or self.over.child(Change(add=self.request.facts()))

    def place(self, items: Outfit) -> int:
        """Return where a look stands, 1 first; 0 where it is not shown."""
        return list(self.looks).index(items) + 1 if items in self.looks else 0


def answer(layer: Layer, request: Request, resources: Resources) -> Answer:
    """Return what a layer answers to a request; what was asked before is kept with the layer."""
    key = ("answer", request, resources)
    found = layer.cache.get(key)
    if isinstance(found, Answer):
        return found
    try:
        told = recommend(layer, request, resources)
        looks = {look.items: look for look in told.looks}
        found = Answer(layer, request, looks, asked=told.layer)
    except (NoAnswer, UnknownName, ValueRefused) as error:
        # The change may bring or take what the request names.
        found = Answer(layer, request, {}, error)
    layer.cache[key] = found
    return found


def silenced(old: Answer, new: Answer) -> Iterator[Silenced]:
    """Yield the request, if one side answers it and the other does not."""
    if (old.error is None) != (new.error is None):
        yield Silenced(old.request, old.error, new.error)


def ranked(old: Answer, new: Answer, resources: Resources) -> Iterator[Ranked]:
    """Yield the looks that are not shown on both sides, or not in the same place."""
    for items in [*new.looks, *(i for i in old.looks if i not in new.looks)]:
        before, after = old.place(items), new.place(items)
        if before == after:
            continue
        look = new.looks.get(items) or old.looks[items]
        was, banned_then = _weighed(old, look, resources)
        now, banned_now = _weighed(new, look, resources)
        yield Ranked(
            new.request,
            items,
            before,
            after,
            None if was is None else total(was),
            None if now is None else total(now),
            () if was is None or now is None else moved(was, now),
            banned_then if not before else banned_now if not after else (),
        )


def untouched(old: Answer, new: Answer, found: Sequence[Ranked]) -> bool:
    """Return whether no look shown on either side is worth anything else on the other.

    A search does not come upon every look: other ones may be shown though none of them changed.
    """
    return all(
        one.was is not None
        and one.score is not None
        and abs(one.was - one.score) <= SAME
        and not one.terms
        and not one.forbidden
        for one in found
    ) and all(
        not moved(old.looks[items].terms, new.looks[items].terms)
        for items in new.looks
        if items in old.looks
    )


def _weighed(
    side: Answer, look: Look, resources: Resources
) -> tuple[tuple[Term, ...] | None, tuple[NamedNode, ...]]:
    """Return the terms that a look has on one side, and the rules that forbid it there."""
    shown = side.looks.get(look.items)
    if shown is not None:
        return shown.terms, ()
    held = (WW.inWardrobe, WW.inCatalogue)
    if not all(any(side.over.objects(item, p) for p in held) for item in look.items):
        return None, ()
    layer = look_layer(side.layer, look)
    certainty = resources.index(side.over).scoring.certainty
    subjects = [look.iri, *look.items]
    subjects += [pair_iri(look.iri, a, b) for a, b in combinations(look.items, 2)]
    banned = {
        rule
        for subject in subjects
        for rule in named(layer.objects(subject, WW.violates))
        if layer.confidence(Fact(subject, WW.violates, rule)) >= certainty
    }
    return explain_terms(layer, look, resources), tuple(sorted(banned, key=lambda r: r.value))


def moved(was: tuple[Term, ...], now: tuple[Term, ...]) -> tuple[TermChange, ...]:
    """Return the terms whose sums differ, by falling magnitude of the change."""
    first: dict[tuple[str, ...], Term] = {}
    sums: dict[tuple[str, ...], list[float]] = {}
    for side, terms in enumerate((was, now)):
        for term in terms:
            key = (term.kind, str(term.source or ""), *(str(node) for node in term.via))
            first.setdefault(key, term)
            sums.setdefault(key, [0.0, 0.0])[side] += term.value
    found = [
        TermChange(first[key], before, after)
        for key, (before, after) in sums.items()
        if abs(after - before) > SAME
    ]
    return tuple(sorted(found, key=lambda c: (-round(abs(c.after - c.before), 9), c.term.key)))
