"""What a look is called, popular, related or novel, with the evidence of each measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.cited import gathered, named_by_content
from wearwhy.explain.naming import Names
from wearwhy.outfit import novelty
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.novelty import History, Novel, Popular, Related
from wearwhy.proof.prove import Prover
from wearwhy.rdf import RDF, TYPE, WW, Fact, Node, literal
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import as_date
from wearwhy.wearer import taste

WITNESSES = 2
UNSEEN = 5
_UNSEEN = "seen together in no outfit"
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """One label of a look.

    Attributes:
        label: `ww:label-popular`, `-related` or `-novel`.
        value: its measure, from 0 to 1.
        least: the declared threshold.
        borne: whether the look bears it: it comes up to the threshold, or is the one of all that
            comes nearest to it.
        evidence: what was counted.
        slots: what its sentence tells, and which sentence that is.
    """

    label: NamedNode
    value: float
    least: float
    borne: bool
    evidence: Evidence
    template: str
    slots: dict[str, tuple[Node, ...]]


def labels(request_layer: Layer, look: Look, resources: Resources) -> tuple[Labelled, ...]:
    """Return the three labels of a look, those that it bears first, each by falling margin.

    Args:
        request_layer: of the look's request, over the wardrobe's layer.
        look: a look of that request.
        resources: as it was recommended with.
    """
    below = request_layer.below or request_layer
    index = resources.index(below)
    predicates = [p for p, _ in index.scoring.attributes]
    past = novelty.history(below, predicates)
    prover = Prover(request_layer)
    on = as_date(request_layer.value(look.request.iri, WW.date))
    half_life = index.scoring.half_life
    opinions = taste.opinions(request_layer, on, look.request.wearer, half_life)
    found = [
        _popular(novelty.popular(look, past), past, prover),
        _related(novelty.related(look, past, opinions), past, prover),
        _novel(novelty.novel(look, past), past),
    ]
    declared = novelty.least(request_layer)
    return _borne([(*one, declared[one[0]]) for one in found])


_Measured = tuple[NamedNode, float, Evidence, str, dict[str, tuple[Node, ...]]]


def _borne(found: Sequence[tuple[*_Measured, float]]) -> tuple[Labelled, ...]:
    def margin(one: tuple[*_Measured, float]) -> float:
        return round(one[1] / one[-1], 9)

    ranked = sorted(found, key=lambda one: (-margin(one), one[0].value))
    return tuple(
        Labelled(label, value, least, n == 0 or value >= least, evidence, template, slots)
        for n, (label, value, evidence, template, slots, least) in enumerate(ranked)
    )


def _root(
    label: NamedNode, value: float, parts: Sequence[Evidence], note: str, **said: Node
) -> Evidence:
    return named_by_content(_part(label, value, parts, note, **said), {})[0]


def _part(
    label: NamedNode, value: float, parts: Sequence[Evidence], note: str, **said: Node
) -> Evidence:
    """Return a measure over what it counts; its note is for programs, wearers are told in words."""
    name = f"{label} " + " ".join(str(node) for node in said.values())
    bindings = tuple(sorted(said.items()))
    node = EvidenceNode(name, Kind.COMPUTED, rule=label, value=value, bindings=bindings, note=note)
    return gathered(node, parts)


def _popular(found: Popular, past: History, prover: Prover) -> _Measured:
    parts = [
        _part(
            WW["label-popular-item"],
            share,
            [
                prover.evidence(Fact(past.outfits[n], WW.hasItem, item))
                for n in past.worn_in.get(item, ())[-WITNESSES:]
            ],
            f"in {times} outfits",
            item=item,
            outfits=literal(times),
        )
        for item, times, share in found.items
    ]
    most = max(found.items, key=lambda one: (one[1], one[0].value), default=None)
    slots: dict[str, tuple[Node, ...]] = {"share": (_percent(found.value),)}
    if most is not None:
        slots |= {"item": (most[0],), "outfits": (literal(most[1]),)}
    note = "the mean over its items"
    evidence = _root(novelty.POPULAR, found.value, parts, note, share=_percent(found.value))
    return novelty.POPULAR, found.value, evidence, "label-popular", slots


def _related(found: Related, past: History, prover: Prover) -> _Measured:
    share = _percent(found.value)
    note = "likeness to what is nearest"
    slots: dict[str, tuple[Node, ...]] = {"share": (share,)}
    if found.outfit is not None:
        # One item of the outfit for each value in common: who has it, and that it was in it.
        facts = [Fact(found.outfit, TYPE, WW.Outfit)]
        n = past.outfits.index(found.outfit)
        for predicate, value in found.shared:
            item = next(i for i in past.items[n] if (predicate, value) in past.has[i])
            facts += [Fact(found.outfit, WW.hasItem, item), Fact(item, predicate, value)]
        parts = [prover.evidence(fact) for fact in dict.fromkeys(facts)]
        slots |= {"outfit": (found.outfit,), "shared": (literal(len(found.shared)),)}
        evidence = _root(
            novelty.RELATED, found.value, parts, note, outfit=found.outfit, share=share
        )
        return novelty.RELATED, found.value, evidence, "label-related-worn", slots
    if not found.items:
        evidence = _root(novelty.RELATED, found.value, (), note, share=share)
        return novelty.RELATED, found.value, evidence, "label-related-none", slots
    parts = []
    for item, other, alike in found.items:
        facts = [
            Fact(node, p, v)
            for p, v in sorted(past.of(item) & past.of(other), key=str)
            for node in dict.fromkeys((item, other))
        ]
        if not facts:
            facts = [f for f in past.graph.match(item, None, other) if f.predicate != RDF.type][:1]
        known = [prover.evidence(fact) for fact in facts]
        label = WW[f"label-related-{found.to}"]
        parts.append(_part(label, alike, known, "the nearest", item=item, near=other))
    best = max(found.items, key=lambda one: (one[2], one[0].value))
    slots |= {"item": (best[0],), "near": (best[1],)}
    evidence = _root(novelty.RELATED, found.value, parts, note, share=share)
    return novelty.RELATED, found.value, evidence, f"label-related-{found.to}", slots


def _novel(found: Novel, past: History) -> _Measured:
    share = _percent(found.value)
    parts = [
        Evidence(name, {name: EvidenceNode(name, Kind.PAIR, bindings=bindings, note=_UNSEEN)})
        for predicate, first, second in found.unseen[:UNSEEN]
        for name in [f"{predicate} {first} {second}"]
        for bindings in [
            (
                ("attribute", predicate),
                ("first", first),
                ("outfits", literal(0)),
                ("second", second),
            )
        ]
    ]
    slots: dict[str, tuple[Node, ...]] = {
        "share": (share,),
        "unseen": (literal(len(found.unseen)),),
        "pairs": (literal(found.pairs),),
        "outfits": (literal(len(past.outfits)),),
    }
    template = "label-novel"
    if found.unseen:
        slots |= {"first": (found.unseen[0][1],), "second": (found.unseen[0][2],)}
    else:
        template = "label-novel-none"
    said = {"pairs": literal(found.pairs), "unseen": literal(len(found.unseen)), "share": share}
    note = f"{len(found.unseen)} of {found.pairs} value pairs stand in no outfit"
    evidence = _root(novelty.NOVEL, found.value, parts, note, **said)
    return novelty.NOVEL, found.value, evidence, template, slots


def _percent(value: float) -> Node:
    return literal(round(100 * value))


def label_sentence(named: Names, one: Labelled) -> str:
    """Return what a label tells a wearer."""
    return named.tell(one.template, **{name: nodes[0] for name, nodes in one.slots.items()})


def label_lines(named: Names, found: Sequence[Labelled]) -> list[str]:
    """Return the labels that a look bears, a line each, with what they rest on."""
    return [
        named.say(
            "label-line" if one.value >= one.least else "label-line-nearest",
            label=named.of(one.label),
            sentence=label_sentence(named, one),
        )
        for one in found
        if one.borne
    ]


def labels_json(named: dict[str, Names], found: Sequence[Labelled]) -> list[dict[str, Any]]:
    """Return all labels of a look, with their measures, as `recommend --json` prints them.

    Args:
        named: names by language.
        found: the labels.
    """
    return [
        {
            "label": one.label.value.rpartition("#label-")[2],
            "borne": one.borne,
            "measure": one.value,
            "least": one.least,
            "sentence": {lang: label_sentence(said, one) for lang, said in named.items()},
            "evidence": one.evidence.root,
        }
        for one in found
    ]
