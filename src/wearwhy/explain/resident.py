"""The terms of one look, read fact by fact from the look's own layer.

Nothing here is taken from the arrays that found the look: rules have fired in the layer for
exactly these items, pairs and this look, and walks, pairs, tastes and comfort are read from its
facts. So a layer over it, with one fact withdrawn, gives the terms as they would be without.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final

from pyoxigraph import NamedNode

from wearwhy.explain import coupled
from wearwhy.explain.coupled import Coupled
from wearwhy.outfit import comfort, learned, neural, pairs, score, scoring
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, pair_iri
from wearwhy.outfit.score import VERDICTS, Term
from wearwhy.rdf import TYPE, WW, Fact, Node
from wearwhy.rules.layer import Layer
from wearwhy.walk import metapaths
from wearwhy.walk.graph import as_date, held_out, named
from wearwhy.wearer import taste

_WALKED: Final = "walked"
_OPINIONS: Final = "opinions"


@dataclass(frozen=True, slots=True)
class Subject:
    """What verdicts are read of: the look, an item or a pair; and what one of them counts."""

    iri: NamedNode
    about: tuple[NamedNode, ...]
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What explaining one look reads once: parameters, walks, counts, and the terms as they are.

    Attributes:
        request: the request's node.
        subjects: what verdicts are read of.
        aside: nodes that exist only to judge the look, and outfits that are held out; walks and
            counts leave them out.
        coupled: what the pairs of its items say by a model, and by walks between them.
        families: the terms of each kind, as they are in the look's own layer.
        said: rule terms by the subject they are read of.
        walked: walk terms by their meta-path.
        reached: which opinions reach which of the look's items.
    """

    layer: Layer
    look: Look
    request: NamedNode
    resources: Resources
    scoring: scoring.Scoring
    paths: tuple[metapaths.MetaPath, ...]
    lifts: pairs.Lifts
    subjects: tuple[Subject, ...]
    aside: frozenset[Node]
    coupled: Coupled
    families: Mapping[str, Sequence[Term]] = field(default_factory=dict)
    said: Mapping[NamedNode, Sequence[Term]] = field(default_factory=dict)
    walked: Mapping[NamedNode, Sequence[Term]] = field(default_factory=dict)
    reached: Mapping[tuple[NamedNode, NamedNode], bool] = field(default_factory=dict)

    @property
    def predicates(self) -> tuple[NamedNode, ...]:
        """Return the attributes that pairs are counted over."""
        return tuple(p for p, _ in self.scoring.attributes)


def ground(
    layer: Layer, look: Look, resources: Resources, *, beside: frozenset[NamedNode] = frozenset()
) -> Ground:
    """Return what explaining a look rests on, read from its layer.

    Args:
        layer: the look's own, or one that it shares.
        look: whose items are fixed.
        resources: comfort table, vectors, what was learned.
        beside: other looks that the layer holds, which are left aside.
    """
    model = resources.pairing_model
    declared = learned.parameters(layer, model)
    request, iri = look.request.iri, look.iri
    aside = held_out(layer) | {iri, request} | beside
    predicates = [p for p, _ in declared.attributes]
    bare = Ground(
        layer,
        look,
        request,
        resources,
        declared,
        metapaths.read(layer),
        _counts(layer, resources, predicates, aside) if model is None else pairs.NOTHING,
        _subjects(look, iri, declared.multipliers["rule"]),
        aside,
        coupled.read(layer, look.items, declared, resources, aside),
    )
    said = {subject.iri: rules(layer, subject) for subject in bare.subjects}
    walked = {path.iri: walks(bare, layer, path) for path in bare.paths}
    reached = {
        (item, opinion.about): _reached(layer, item, opinion)
        for opinion in opinions(bare, layer)
        for item in look.items
    }
    families = {
        "rule": [term for those in said.values() for term in those],
        "walk": [term for those in walked.values() for term in those],
        "company": bare.coupled.walked,
        "pair": paired(bare, layer, bare.lifts) if model is None else bare.coupled.paired,
        "taste": tastes(bare, layer, reached),
        "comfort": felt(bare, layer),
        "neural": near(bare),
    }
    return replace(bare, families=families, said=said, walked=walked, reached=reached)


def _counts(
    layer: Layer, resources: Resources, predicates: Sequence[NamedNode], aside: frozenset[Node]
) -> pairs.Lifts:
    """Return the counts over outfits in a layer: of those of the index only what changed anew."""
    index = resources.known(layer)
    if index is None:
        return pairs.count(layer, predicates, aside)
    changed: list[Fact] = []
    here: Layer | None = layer
    while here is not None and here is not index.layer:
        gained, lost = here.changes()
        changed += (*gained, *lost)
        here = here.below if here.over is None else here.over
    return pairs.recount(index.lifts, layer, predicates, changed, aside)


def _subjects(look: Look, iri: NamedNode, share: float) -> tuple[Subject, ...]:
    items = look.items
    both = list(combinations(items, 2))
    return (
        Subject(iri, items, share),
        *(Subject(item, (item,), share / len(items)) for item in items),
        *(Subject(pair_iri(iri, a, b), (a, b), share / len(both)) for a, b in both),
    )


def terms(found: Ground) -> tuple[Term, ...]:
    """Return the look's terms, by falling magnitude."""
    every = (term for family in found.families.values() for term in family)
    return score.ordered(score.counted(every, found.scoring))


def replayed(
    found: Ground, layer: Layer, gained: Sequence[Fact], lost: Sequence[Fact]
) -> dict[tuple[str, ...], float]:
    """Return the terms' values in a layer over the look's own, by the terms' names.

    Args:
        found: of the look's own layer.
        layer: the layer above it.
        gained: what that layer shows and the look's own does not.
        lost: the other way round. A kind of term that reads none of either is not computed anew.
    """
    families = dict(found.families)
    request, items = found.request, set(found.look.items)
    judged = _judged(found, layer, lost)
    if judged:
        families["rule"] = [
            term
            for subject in found.subjects
            for term in (
                rules(layer, subject) if subject.iri in judged else found.said[subject.iri]
            )
        ]
    changed = [f for f in (*gained, *lost) if f.subject not in found.aside or f.subject == request]
    touched = {fact.predicate for fact in changed}
    if touched & metapaths.properties(found.paths):
        families["walk"] = [
            term
            for path in found.paths
            for term in (
                walks(found, layer, path)
                if touched & metapaths.properties((path,))
                else found.walked[path.iri]
            )
        ]
    families["company"] = coupled.walked_again(found.coupled, layer, changed)
    if found.coupled.pairing is not None:
        families["pair"] = coupled.paired_again(found.coupled, layer, changed)
    elif touched & {*found.predicates, WW.hasItem} or any(f.object == WW.Outfit for f in changed):
        lifts = pairs.recount(found.lifts, layer, found.predicates, changed, found.aside)
        own = any(f.subject in items and f.predicate in found.predicates for f in changed)
        if lifts is not found.lifts or own:
            other = {(f.subject, f.predicate) for f in changed}
            families["pair"] = paired(found, layer, lifts, other)
    if _touches_taste(found, changed):
        moved = {(f.subject, f.object) for f in changed if f.subject in items}
        kept = {key: value for key, value in found.reached.items() if key not in moved}
        families["taste"] = tastes(found, layer, kept)
    if touched & _COMFORT:
        families["comfort"] = felt(found, layer)
    every = (term for family in families.values() for term in family)
    return {term.key: term.value for term in score.counted(every, found.scoring)}


def _judged(found: Ground, layer: Layer, lost: Sequence[Fact]) -> set[Node]:
    """Return the subjects of which a layer says another verdict, or one as sure as another.

    What the layer wrote itself holds both: a verdict that is new, and one derived anew, which may
    rest on other guesses.
    """
    known = {subject.iri for subject in found.subjects}
    return {
        fact.subject
        for fact in (*layer.own(), *lost)
        if fact.predicate in VERDICTS and fact.subject in known
    }


_OPINION = frozenset({WW.about, WW.strength, WW.givenOn, WW.wearer})
_COMFORT = frozenset(
    {WW.insulation, WW.temperature, WW.windSpeed, WW.occasion, WW.activity, WW.comfortActivity}
)


def _touches_taste(found: Ground, changed: Sequence[Fact]) -> bool:
    """Return whether a change may concern an opinion, its date, or what it reaches."""
    concerned = {node for term in found.families["taste"] for node in term.via}
    items = set(found.look.items)
    return any(
        fact.predicate in _OPINION
        or fact.object == WW.Opinion
        or (fact.subject == found.request and fact.predicate == WW.date)
        or (fact.subject in items and fact.object in concerned)
        for fact in changed
    )


def rules(layer: Layer, subject: Subject) -> list[Term]:
    """Return a term for each verdict on the look, or on one of its items or pairs."""
    result = []
    for predicate in VERDICTS:
        for iri in named(layer.objects(subject.iri, predicate)):
            rule = layer.rule(iri)
            if rule is not None:
                confidence = layer.confidence(Fact(subject.iri, predicate, iri))
                result.append(
                    score.rule_term(
                        predicate,
                        rule,
                        subject.iri,
                        confidence,
                        about=subject.about,
                        share=subject.share,
                    )
                )
    return result


def walks(found: Ground, layer: Layer, path: metapaths.MetaPath) -> list[Term]:
    """Return the walk terms of a layer along one meta-path."""
    look = found.look
    groups = metapaths.told(path, spread(found, layer, path), look.collection, look.items)
    return score.walk_terms(groups, look.items, found.scoring)


def spread(found: Ground, layer: Layer, path: metapaths.MetaPath) -> metapaths.Spread:
    """Return where a walk from the request leads in a layer.

    It is kept with the lowest layer of the request that says the same, so that the looks of one
    request walk once.
    """
    steps = {step.predicate for step in path.steps}
    asked = Fact(found.request, TYPE, WW.Request)
    home = layer
    while home.below is not None and home.merged is None and home.below.holds(asked):
        said = home.cache.get(_WALKED)
        if not isinstance(said, frozenset):
            changed = (fact for facts in home.changes() for fact in facts)
            said = frozenset(
                fact.predicate
                for fact in changed
                if fact.subject not in found.aside or fact.subject == found.request
            )
            home.cache[_WALKED] = said
        if said & steps:
            break
        home = home.below
    key = (_WALKED, path, found.request)
    kept = home.cache.get(key)
    if not isinstance(kept, metapaths.Spread):
        kept = metapaths.spread(layer, path, found.request, found.aside)
        home.cache[key] = kept
    return kept


def paired(
    found: Ground,
    layer: Layer,
    lifts: pairs.Lifts,
    moved: Collection[tuple[Node, Node]] = (),
) -> list[Term]:
    """Return the pair terms of a layer, given its counts.

    Args:
        found: of the look's own layer.
        layer: it, or one over it.
        lifts: the counts of the layer.
        moved: the (item, attribute) whose values may differ from those of the look's own layer.
    """
    items = found.look.items
    known = found.lifts.has
    has = {
        key: known[key] if key in known and key not in moved else pairs.values(layer, *key)
        for key in ((item, p) for item in items for p in found.predicates)
    }
    return score.pair_terms(lifts, found.scoring, has, items)


def opinions(found: Ground, layer: Layer) -> tuple[taste.Opinion, ...]:
    """Return the opinions that count on the day of the request; kept with the layer."""
    key = (_OPINIONS, found.request, found.look.request.wearer)
    kept = layer.cache.get(key)
    if not isinstance(kept, tuple):
        on = as_date(layer.value(found.request, WW.date))
        kept = taste.opinions(layer, on, found.look.request.wearer, found.scoring.half_life)
        layer.cache[key] = kept
    return kept


def tastes(
    found: Ground, layer: Layer, known: Mapping[tuple[NamedNode, NamedNode], bool]
) -> list[Term]:
    """Return the taste terms of a layer.

    Args:
        found: of the look's own layer.
        layer: it, or one over it.
        known: whether opinions on a thing reach an item, as far as it is known already.
    """
    given = opinions(found, layer)
    items = found.look.items

    def reaches(item: NamedNode, opinion: taste.Opinion) -> bool:
        said = known.get((item, opinion.about))
        return _reached(layer, item, opinion) if said is None else said

    reached = {(o.iri, o.about): [i for i in items if reaches(i, o)] for o in given}
    return score.taste_terms(given, reached, items, found.scoring)


def _reached(layer: Layer, item: NamedNode, opinion: taste.Opinion) -> bool:
    return item == opinion.about or taste.link(layer, item, opinion) is not None


def felt(found: Ground, layer: Layer) -> list[Term]:
    """Return the comfort term of a layer, where the weather is known."""
    demand = comfort.asked(layer, found.resources.table, found.request)
    if demand is None:
        return []
    clo = float(sum(comfort.worn(layer, found.look.items)))
    points = float(comfort.points(clo, demand, found.scoring.comfort))
    return [score.comfort_term(points, found.look.items, found.scoring)]


def near(found: Ground) -> list[Term]:
    """Return the neural term, where there are vectors."""
    vectors, items = found.resources.vectors, found.look.items
    if vectors is None or len(items) < 2:
        return []
    return [score.neural_term(neural.mean_cosine(vectors, items), items, found.scoring)]
