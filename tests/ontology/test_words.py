"""Every word of the ontology is labelled, defined and reachable; the counts the project promises."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node
from tests.ontology.files import ONTOLOGY, WW, every, own, words

SCHEMES = {
    "activity", "body-part", "care", "cleanliness", "closure", "collar", "colour",
    "colour-family", "condition", "cost-band", "department", "dress-code", "embellishment",
    "fabric-weight", "finish", "fit", "ground", "heel", "hemisphere", "length", "material",
    "metal", "neckline", "occasion", "part-of-day", "pattern", "pattern-scale", "rise", "season",
    "sheerness", "sleeve", "slot", "sole", "style", "toe", "warmth", "water-resistance", "weather",
}  # fmt: skip
SCHEMA = Namespace("https://schema.org/")


def item_classes() -> set[Node]:
    found = words().transitive_subjects(RDFS.subClassOf, WW.Item)
    return {node for node in found if node is not None}


def leaves() -> set[Node]:
    return {c for c in item_classes() if (None, RDFS.subClassOf, c) not in words()}


@pytest.mark.parametrize("path", every(), ids=lambda path: path.stem)
def test_every_file_is_turtle(path: Path) -> None:
    assert sum(1 for _ in parse(path=str(path), format=RdfFormat.TURTLE)) > 0


def test_there_are_at_least_ninety_classes_of_items() -> None:
    assert len(item_classes()) >= 90
    assert len(leaves()) >= 90


def test_there_are_at_least_twenty_five_attributes() -> None:
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty)
    attributes = {
        prop
        for kind in kinds
        for prop in words().subjects(RDF.type, kind)
        if (prop, RDFS.domain, WW.Item) in words()
    }
    assert len(attributes) >= 25


def test_every_scheme_is_there() -> None:
    found = {str(s).removeprefix(str(WW)) for s in words().subjects(RDF.type, SKOS.ConceptScheme)}
    assert found == {f"{name}-scheme" for name in SCHEMES}


def test_every_declared_thing_is_labelled_and_defined_in_english_and_chinese() -> None:
    graph = words()
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    declared = {thing for kind in kinds for thing in graph.subjects(RDF.type, kind) if own(thing)}
    for thing in declared:
        for predicate in (RDFS.label, SKOS.definition):
            said = Counter(
                text.language
                for text in graph.objects(thing, predicate)
                if isinstance(text, Literal)
            )
            assert said["en"] == said["zh"] == 1, f"{thing} {predicate} {said}"


def test_every_concept_is_labelled_and_defined_in_english_and_chinese() -> None:
    graph = words()
    for concept in graph.subjects(SKOS.inScheme, None):
        for predicate in (SKOS.prefLabel, SKOS.definition):
            said = Counter(
                text.language
                for text in graph.objects(concept, predicate)
                if isinstance(text, Literal)
            )
            assert said["en"] == said["zh"] == 1, f"{concept} {predicate} {said}"


def test_a_concept_is_named_after_its_scheme_and_typed_by_its_class() -> None:
    graph = words()
    for concept, scheme in graph.subject_objects(SKOS.inScheme):
        assert str(concept).startswith(str(scheme).removesuffix("scheme"))
        assert (concept, RDF.type, graph.value(scheme, WW.valuesOf)) in graph, concept


def slots_of(kind: Node) -> set[Node]:
    """Return the slots that the nearest class with any names: what the rules make of a class."""
    graph = words()
    own = set(graph.objects(kind, WW.fillsSlot))
    return own or {s for up in graph.objects(kind, RDFS.subClassOf) for s in slots_of(up)}


def test_every_leaf_class_reaches_exactly_one_slot() -> None:
    for leaf in leaves():
        assert len(slots_of(leaf)) == 1, f"{leaf} fills {slots_of(leaf)}"


@pytest.mark.parametrize("name", ["Suit", "Tuxedo", "Dungarees", "PinaforeDress", "Tracksuit"])
def test_what_goes_over_a_top_leaves_the_top_to_be_filled(name: str) -> None:
    (slot,) = slots_of(WW[name])
    ways = Graph().parse(ONTOLOGY / "templates.ttl")
    over = set(ways.subjects(WW.requiresSlot, slot))
    assert over
    for template in over:
        assert (template, WW.requiresSlot, WW["slot-top"]) in ways
        for other in ("slot-bottom", "slot-full-body"):
            assert (template, WW.allowsSlot, WW[other]) not in ways


def test_every_garment_has_an_insulation() -> None:
    graph = words()
    garments = set(graph.transitive_subjects(RDFS.subClassOf, WW.Garment))
    for leaf in garments & leaves():
        above = graph.transitive_objects(leaf, RDFS.subClassOf)
        assert any((up, WW.typicalInsulation, None) in graph for up in above), leaf


def test_no_word_names_two_classes() -> None:
    graph = words()
    named: dict[str, Node] = {}
    for thing in item_classes():
        for predicate in (RDFS.label, SKOS.altLabel, SKOS.hiddenLabel):
            for text in graph.objects(thing, predicate):
                other = named.setdefault(str(text).lower(), thing)
                assert other == thing, f"'{text}' names {other} and {thing}"


def test_no_word_names_two_concepts_of_a_scheme() -> None:
    graph = words()
    named: dict[tuple[Node, str], Node] = {}
    for concept, scheme in graph.subject_objects(SKOS.inScheme):
        for predicate in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel):
            for text in graph.objects(concept, predicate):
                other = named.setdefault((scheme, str(text).lower()), concept)
                assert other == concept, f"'{text}' names {other} and {concept}"


def test_the_levels_of_an_ordered_scheme_agree_with_its_notations() -> None:
    graph = words()
    for concept, level in graph.subject_objects(WW.level):
        assert str(graph.value(concept, SKOS.notation)) == str(level), concept


def test_the_least_dress_code_of_an_occasion_is_not_above_the_greatest() -> None:
    graph = words()
    for occasion, least in graph.subject_objects(WW.asksDressCodeMin):
        greatest = graph.value(occasion, WW.asksDressCodeMax)
        low, high = graph.value(least, WW.level), graph.value(greatest, WW.level)
        assert isinstance(low, Literal)
        assert isinstance(high, Literal)
        assert int(low) <= int(high), occasion


def test_every_name_that_is_used_is_declared() -> None:
    whole = Graph()
    for path in every():
        if path.parent.name != "rules" and path.stem != "measures":
            whole.parse(path)
    subjects = set(whole.subjects())
    used = {node for triple in whole for node in triple if own(node)}
    assert {node for node in used if node not in subjects} == set()


def test_a_walk_has_at_most_four_steps() -> None:
    graph = Graph().parse(ONTOLOGY / "walks.ttl")
    walks = list(graph.subject_objects(WW.path))
    assert walks
    for walk, path in walks:
        assert 1 <= len(Collection(graph, path)) <= 4, walk


def test_a_template_requires_slots_and_allows_others() -> None:
    graph = Graph().parse(ONTOLOGY / "templates.ttl")
    templates = set(graph.subjects(RDF.type, WW.Template))
    assert {WW["template-separates"], WW["template-one-piece"]} <= templates
    for template in templates:
        required = set(graph.objects(template, WW.requiresSlot))
        assert required
        assert not required & set(graph.objects(template, WW.allowsSlot)), template


def test_every_change_has_a_cost_and_buying_costs_most() -> None:
    graph = Graph().parse(ONTOLOGY / "changes.ttl")
    costs = {
        change: float(str(graph.value(change, WW.cost)))
        for change in graph.subjects(RDF.type, WW.ChangeKind)
    }
    assert max(costs, key=lambda change: costs[change]) == WW["change-buy"]
    assert all(cost > 0 for cost in costs.values())


def test_the_json_ld_context_knows_every_property() -> None:
    context = json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    graph = words()
    for kind in (OWL.ObjectProperty, OWL.DatatypeProperty):
        for prop in graph.subjects(RDF.type, kind):
            name = str(prop).removeprefix(str(WW))
            if own(prop):
                assert name in context, name


def test_an_item_in_json_ld_reads_as_the_statements_it_means() -> None:
    text = json.dumps(
        {
            **json.loads((ONTOLOGY / "context.jsonld").read_text(encoding="utf-8")),
            "@id": "id:mine/1",
            "@type": "ww:Blazer",
            "colour": "ww:colour-navy",
            "name": "Blazer",
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib's reader uses what rdflib deprecates
        graph = Graph().parse(data=text, format="json-ld")
    item = URIRef("https://w3id.org/wearwhy/id/mine/1")
    assert (item, WW.colour, WW["colour-navy"]) in graph
    assert (item, SCHEMA.name, Literal("Blazer")) in graph
