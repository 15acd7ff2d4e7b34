"""Explanations as a graph: what PROV-O and RDF 1.2 readers find in it, and what can be asked."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from wearwhy.errors import InputError
from wearwhy.evidence import Kind
from wearwhy.proof.prove import Prover
from wearwhy.rdf import PROV, RDF, TYPE, WW, Fact, Triple
from wearwhy.store.exchange import write_rdf
from wearwhy.store.named import bind, catalogue, named
from wearwhy.store.quads import Quad
from wearwhy.workspace import Workspace
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.explaining import EXPLANATIONS, Scope, explained, explanations

ROOT = Path(__file__).parents[2]
SOURCE = "https://w3id.org/wearwhy/graph/wardrobe/mine/asserted/wardrobe"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The bundled wardrobe, with looks shown for a day of November."""
    found = Workspace.init(tmp_path_factory.mktemp("explained") / "W")
    found.load(ROOT / "data" / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    wishes = Wishes(occasions=("office",), on=date(2026, 11, 24), weather="8C rain wind 20km/h")
    found.suggest(found.ask(wishes).requests[0])
    return found


def triple(fact: Fact) -> Triple:
    assert isinstance(fact.subject, NamedNode | BlankNode)
    return Triple(fact.subject, fact.predicate, fact.object)


def by_predicate(facts: list[Fact]) -> dict[NamedNode, list[Fact]]:
    found: dict[NamedNode, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.predicate, []).append(fact)
    return found


def test_every_firing_of_the_closure_is_told_with_what_it_used(space: Workspace) -> None:
    layer = space.layer()
    told = by_predicate(explanations(space, Scope(closure=True))[EXPLANATIONS])
    reified = {f.object: f.subject for f in told[RDF.reifies]}
    generated = {f.subject: f.object for f in told[PROV.wasGeneratedBy]}
    used: dict[object, set[object]] = {}
    for fact in told[PROV.used]:
        used.setdefault(fact.subject, set()).add(fact.object)
    plans = {f.subject: f.object for f in told[PROV.hadPlan]}
    planned = {f.subject: plans[f.object] for f in told[PROV.qualifiedAssociation]}
    stated = set(reified.values())
    derived = [f for f in layer.facts() if layer.kind(f) in (Kind.DERIVED, Kind.COMPUTED)]
    assert len(derived) > 3000
    for fact in derived:
        firing = layer.firing(fact)
        assert firing is not None
        if isinstance(fact.subject, Literal):
            continue
        activity = generated[reified[triple(fact)]]
        assert planned[activity] == firing.rule
        premises = {reified[triple(one)] for one in firing.premises}
        # Tests of the body are used too; they are no facts.
        assert used.get(activity, set()) & stated == premises


def test_the_values_of_a_looks_terms_add_up_to_its_score(space: Workspace) -> None:
    told = by_predicate(explanations(space, Scope(month="2026-11"))[EXPLANATIONS])
    values = {f.subject: float(f.object.value) for f in told[WW.value] if isinstance(f.object, Literal)}  # fmt: skip
    looks = {f.subject for f in told[TYPE] if f.object == WW.Look}
    assert len(looks) == 3
    for look in looks:
        terms = [f.object for f in told[WW.hasTerm] if f.subject == look]
        assert abs(values[look] - sum(values[term] for term in terms)) < 1e-9


def test_a_month_without_looks_explains_none(space: Workspace) -> None:
    found = explanations(space, Scope(month="2026-10"))[EXPLANATIONS]
    assert not any(fact.object == WW.Look for fact in found)


def test_a_terms_needs_are_told_when_they_are_asked_for(space: Workspace) -> None:
    (look_id, *_) = sorted(path.stem for path in space.looks().glob("look-*.json"))
    plain = by_predicate(explanations(space, Scope(looks=(look_id,)))[EXPLANATIONS])
    tried = by_predicate(explanations(space, Scope(looks=(look_id,), needed=True))[EXPLANATIONS])
    assert WW.needs not in plain
    assert tried[WW.needs]


@pytest.mark.parametrize("name", ["turtle", "trig", "nquads"])
def test_the_graph_survives_being_written_and_read(space: Workspace, name: str) -> None:
    facts = explanations(space, Scope(facts="CONSTRUCT WHERE { ?i ww:suitsSeason ?s } LIMIT 20"))
    quads = [Quad(graph, fact) for graph, some in facts.items() for fact in some]
    formats = {"turtle": RdfFormat.TURTLE, "trig": RdfFormat.TRIG, "nquads": RdfFormat.N_QUADS}
    read = {
        (q.subject, q.predicate, q.object) for q in parse(write_rdf(quads, name), formats[name])
    }
    assert read == {tuple(quad.fact) for quad in quads}


def test_a_query_that_names_no_facts_is_refused(space: Workspace) -> None:
    with pytest.raises(InputError) as caught:
        explanations(space, Scope(facts="SELECT ?i WHERE { ?i a ww:Blazer }"))
    assert caught.value.code == "WW-EXPLAIN-FACTS"


@pytest.mark.slow
def test_what_rests_on_a_source_is_what_its_facts_are_leaves_of(space: Workspace) -> None:
    queries = catalogue(ROOT / "kg" / "queries")
    text = bind(named(queries, "rests-on-feed"), source=SOURCE)
    answer = explained(space, text, Scope(closure=True))
    # A store in memory spells numbers its own way: 0.30 comes back as 0.3.
    found = {row[:3] for row in answer.rows if not isinstance(row[2], Literal)}
    layer = space.layer()
    own = {f for graph, some in space.state.graphs.items() if graph.value == SOURCE for f in some}
    prover = Prover(layer)
    expected = set()
    for fact in layer.facts():
        proof = prover.evidence(fact)
        root = proof.nodes[proof.root]
        if root.rule is not None and not any(isinstance(part, Literal) for part in fact):
            leaves = {n.statement for n in proof.nodes.values() if not n.premises}
            if leaves & own:
                expected.add(tuple(fact))
    assert found == expected


def test_the_rules_that_decided_a_month_are_weighed_by_their_terms(space: Workspace) -> None:
    queries = catalogue(ROOT / "kg" / "queries")
    text = bind(named(queries, "deciding-this-month"), on="2026-11-01")
    rows = explained(space, text, Scope(month="2026-11")).rows
    weights = [float(row[2].value) for row in rows if isinstance(row[2], Literal)]
    assert weights == sorted(weights, reverse=True)
    assert weights
    shown = json.loads(json.dumps(explained(space, text, Scope(month="2026-11")).as_dict()))
    assert shown["head"]["vars"] == ["rule", "label", "weight", "looks"]
