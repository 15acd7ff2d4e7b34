"""What each term rests on, as evidence: proofs of rules, and the facts that were counted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from pyoxigraph import NamedNode

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain import pairs_cited, resident
from wearwhy.explain.resident import Ground
from wearwhy.outfit.comfort import asked as asked_of
from wearwhy.outfit.comfort import ensemble, worn
from wearwhy.outfit.labels import label
from wearwhy.outfit.pairs import values
from wearwhy.outfit.score import Term
from wearwhy.proof.prove import Prover
from wearwhy.rdf import TYPE, WW, Fact, Node, literal
from wearwhy.walk import metapaths
from wearwhy.walk.graph import as_number, number
from wearwhy.wearer import taste

WITNESSES = 3
NEIGHBOURS = 3
SCAFFOLD = frozenset(
    {WW.considers, WW.hasItem, WW.hasPair, WW.first, WW.second, WW.member, WW.forRequest}
)


def evidence(found: Ground, term: Term, prover: Prover) -> Evidence:
    """Return what a term of the look rests on; its root is the term's conclusion.

    Args:
        found: of the look's own layer.
        term: of the look.
        prover: over that layer; what one term's proof holds serves the next.
    """
    if term.kind == "rule":
        assert term.verdict is not None
        return prover.evidence(term.verdict)
    if term.coupled:
        return pairs_cited.evidence(found, term, prover)
    node, facts = _BUILDERS[term.kind](found, term)
    return gathered(node, [prover.evidence(fact) for fact in facts])


Bindings = tuple[tuple[str, Node], ...]


def root(found: Ground, term: Term) -> EvidenceNode:
    """Return the root of what a term rests on as far as a sentence tells it: its bindings."""
    if term.kind == "rule":
        assert term.verdict is not None
        fired = found.layer.firing(term.verdict)
        bindings = fired.bindings if fired is not None else ()
        return EvidenceNode("root", Kind.DERIVED, term.verdict, term.source, bindings)
    if term.coupled:
        return pairs_cited.root(found, term)
    bound = _BOUND.get(term.kind)
    return EvidenceNode("root", Kind.COMPUTED, bindings=bound(found, term) if bound else ())


def gathered(root: EvidenceNode, parts: Iterable[Evidence]) -> Evidence:
    """Return a root over several pieces of evidence, each counted once."""
    premises: list[str] = []
    nodes: dict[str, EvidenceNode] = {}
    for part in parts:
        nodes.update(part.nodes)
        if part.root not in premises:
            premises.append(part.root)
    root = replace(root, premises=tuple(premises))
    return Evidence(root.id, {**nodes, root.id: root})


def _walk_bound(found: Ground, term: Term) -> Bindings:
    path = next(path for path in found.paths if path.iri == term.source)
    via = term.via[0]
    walked = resident.spread(found, found.layer, path)
    return (
        ("via", via),
        ("ways", literal(walked.ways[via])),
        ("whole", literal(walked.whole)),
    )


def _walk(found: Ground, term: Term) -> tuple[EvidenceNode, list[Fact]]:
    path = next(path for path in found.paths if path.iri == term.source)
    via = term.via[0]
    layer, start = found.layer, found.request
    bindings = _walk_bound(found, term)
    ways, whole = (str(getattr(node, "value", node)) for _, node in bindings[1:])
    facts = list(metapaths.trail(layer, path, start, via, found.aside))
    facts += [path.steps[-1].fact(via, item) for item in term.about]
    note = f"{ways} of {whole} walks pass through {label(layer, via)}; one of them is shown"
    return EvidenceNode(
        "root", Kind.PATH, rule=path.iri, value=term.value, bindings=bindings, note=note
    ), facts


def _pair_bound(found: Ground, term: Term) -> Bindings:
    predicate, a, b = term.via
    assert isinstance(predicate, NamedNode)
    assert isinstance(a, NamedNode)
    assert isinstance(b, NamedNode)
    return (
        ("attribute", predicate),
        ("first", a),
        ("outfits", literal(found.lifts.outfits.get((predicate, a, b), 0))),
        ("second", b),
    )


def _pair(found: Ground, term: Term) -> tuple[EvidenceNode, list[Fact]]:
    predicate, a, b = term.via
    assert isinstance(predicate, NamedNode)
    layer = found.layer
    pair = (predicate, a, b)
    facts = [
        Fact(item, predicate, value)
        for item in term.about
        for value in dict.fromkeys((a, b))
        if layer.holds(Fact(item, predicate, value))
    ]
    together = [o for o, counted in found.lifts.by_outfit.items() if pair in counted.pairs]
    for outfit in sorted(together, key=lambda o: o.value)[:WITNESSES]:
        for item in found.lifts.by_outfit[outfit].items:
            shown = [v for v in values(layer, item, predicate) if v in (a, b)]
            facts += [Fact(outfit, WW.hasItem, item)] if shown else []
            facts += [Fact(item, predicate, value) for value in shown]
    note = f"seen together in {len(together)} outfits; {min(WITNESSES, len(together))} shown"
    bindings = _pair_bound(found, term)
    return EvidenceNode("root", Kind.PAIR, value=term.value, bindings=bindings, note=note), facts


def _opinion(found: Ground, term: Term) -> taste.Opinion:
    (about,) = term.via
    given = resident.opinions(found, found.layer)
    return next(o for o in given if o.iri == term.source and o.about == about)


def _taste_bound(found: Ground, term: Term) -> Bindings:
    opinion = _opinion(found, term)
    return (
        ("about", opinion.about),
        ("given", literal(opinion.given.isoformat())),
        ("left", literal(round(opinion.weight, 3))),
    )


def _taste(found: Ground, term: Term) -> tuple[EvidenceNode, list[Fact]]:
    layer, (about,) = found.layer, term.via
    opinion = _opinion(found, term)
    facts = [Fact(opinion.iri, WW.about, about)]
    for predicate in (WW.strength, WW.givenOn, WW.givenAs):
        facts += [Fact(opinion.iri, predicate, o) for o in layer.objects(opinion.iri, predicate)]
    links = [taste.link(layer, item, opinion) for item in term.about if item != about]
    facts += [link for link in links if link is not None]
    request = found.request
    facts += [Fact(request, WW.date, o) for o in layer.objects(request, WW.date)]
    facts.append(Fact(opinion.iri, TYPE, WW.Opinion))
    note = f"{opinion.weight:+.3f} points are left of it"
    bindings = _taste_bound(found, term)
    return EvidenceNode(
        "root", Kind.COMPUTED, rule=WW.tasteHalfLife, value=term.value, bindings=bindings, note=note
    ), facts


def _comfort_bound(found: Ground, term: Term) -> Bindings:
    layer, request = found.layer, found.request
    demand = asked_of(layer, found.resources.table, request)
    assert demand is not None
    felt = number(layer, request, WW.temperature) or 0.0
    air = number(layer, request, WW.airTemperature)
    figures = [
        ("clo", float(ensemble(sum(worn(layer, term.about)), found.scoring.comfort))),
        ("least", demand.least),
        ("most", demand.most),
        ("temperature", felt),
    ]
    if air is not None and air != felt:
        figures.append(("air", air))
    return tuple((name, literal(round(v, 2))) for name, v in figures)


def _comfort(found: Ground, term: Term) -> tuple[EvidenceNode, list[Fact]]:
    layer, request = found.layer, found.request
    facts = [
        Fact(item, WW.insulation, o)
        for item in term.about
        for o in layer.objects(item, WW.insulation)
        if as_number(o)
    ]
    for predicate in (WW.temperature, WW.windSpeed):
        facts += [Fact(request, predicate, o) for o in layer.objects(request, predicate)]
    demand = asked_of(layer, found.resources.table, request)
    assert demand is not None
    facts += demand.because
    clo = float(ensemble(sum(worn(layer, term.about)), found.scoring.comfort))
    note = f"the garments give {clo:.2f} clo; the weather asks for {demand.least:.2f} to {demand.most:.2f}"
    bindings = _comfort_bound(found, term)
    return EvidenceNode(
        "root", Kind.COMPUTED, rule=WW.insulation, value=term.value, bindings=bindings, note=note
    ), facts


def _neural(found: Ground, term: Term) -> tuple[EvidenceNode, list[Fact]]:
    vectors = found.resources.vectors
    assert vectors is not None
    parts: list[str] = []
    bindings: list[tuple[str, Node]] = []
    for n, item in enumerate(term.about, 1):
        nearest = vectors.neighbours(item, NEIGHBOURS)
        known = ", ".join(f"{label(found.layer, other)} {cosine:.2f}" for other, cosine in nearest)
        parts.append(f"{label(found.layer, item)} is nearest to {known}")
        bindings.append((f"{n} item", item))
        bindings += [(f"{n} near {k}", other) for k, (other, _) in enumerate(nearest, 1)]
    note = "learned vectors; " + "; ".join(parts)
    return EvidenceNode(
        "root", Kind.OPAQUE, value=term.value, bindings=tuple(bindings), note=note
    ), []


_BUILDERS: Mapping[str, Callable[[Ground, Term], tuple[EvidenceNode, list[Fact]]]] = {
    "walk": _walk,
    "pair": _pair,
    "taste": _taste,
    "comfort": _comfort,
    "neural": _neural,
}


_BOUND: Mapping[str, Callable[[Ground, Term], Bindings]] = {
    "walk": _walk_bound,
    "pair": _pair_bound,
    "taste": _taste_bound,
    "comfort": _comfort_bound,
}


def in_order(found: Evidence) -> list[EvidenceNode]:
    """Return the nodes, the root first, each before what it rests on, premises in their order."""
    seen: dict[str, None] = {}
    stack = [found.root]
    while stack:
        here = stack.pop()
        if here not in seen:
            seen[here] = None
            stack.extend(reversed(found.nodes[here].premises))
    return [found.nodes[name] for name in seen]


def asserted(found: Evidence, scaffold: Callable[[Fact], bool]) -> list[Fact]:
    """Return the asserted facts cited, in order of citing; those that only set the stage last."""
    facts = [n.statement for n in in_order(found) if n.kind is Kind.ASSERTED and n.statement]
    kept = dict.fromkeys(facts)
    return sorted(kept, key=scaffold)


Made = dict[tuple[int, bool | None, tuple[str, ...]], tuple[EvidenceNode, EvidenceNode]]
"""Nodes named by content, by the identity of the node that each was, its flag and its premises.

The node that it was stands first: as long as it is kept, no other has its identity.
"""


def named_by_content(
    found: Evidence, needed: Mapping[Fact, bool], made: Made | None = None
) -> tuple[Evidence, dict[Fact, str]]:
    """Return evidence whose asserted nodes say whether they are needed, named by content.

    A fact that is needed for one conclusion and not for another is two nodes; so is everything
    that rests on it. Also returns the names of the asserted facts.

    Args:
        found: evidence, as it was gathered.
        needed: what is known of its asserted facts.
        made: nodes that were named already of other pieces by the same prover; takes more.
    """
    known: Made = {} if made is None else made
    nodes: dict[str, EvidenceNode] = {}
    renamed: dict[str, str] = {}
    facts: dict[Fact, str] = {}
    for name in _leaves_first(found):
        node = found.nodes[name]
        asserted = node.kind is Kind.ASSERTED and node.statement is not None
        flag = needed.get(node.statement) if asserted and node.statement else None
        premises = tuple(renamed[p] for p in node.premises)
        key = (id(node), flag, premises)
        if key not in known:
            own = _hash(node, flag, premises)
            known[key] = node, replace(node, id=own, needed=flag, premises=premises)
        _, fresh = known[key]
        renamed[name] = fresh.id
        nodes[fresh.id] = fresh
        if asserted and node.statement:
            facts[node.statement] = fresh.id
    return Evidence(renamed[found.root], nodes), facts


def _leaves_first(found: Evidence) -> Sequence[str]:
    done: dict[str, None] = {}
    stack: list[tuple[str, bool]] = [(found.root, False)]
    while stack:
        name, ready = stack.pop()
        if ready:
            done[name] = None
        elif name not in done:
            stack.append((name, True))
            stack.extend(
                (premise, False) for premise in found.nodes[name].premises if premise not in done
            )
    return list(done)


def _hash(node: EvidenceNode, needed: bool | None, premises: tuple[str, ...]) -> str:
    def text(part: Node | None) -> str | None:
        return None if part is None else str(part)

    content = [
        node.kind.value,
        [str(part) for part in node.statement] if node.statement else None,
        text(node.rule),
        [[name, str(value)] for name, value in node.bindings],
        node.value,
        node.confidence,
        node.probability,
        needed,
        list(premises),
        node.source,
        node.note,
    ]
    encoded = json.dumps(content, ensure_ascii=True).encode()
    return "n" + hashlib.sha256(encoded).hexdigest()[:16]
