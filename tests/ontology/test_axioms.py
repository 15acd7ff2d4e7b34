"""The ontology is in OWL 2 RL, consistent, and valid by its own shapes."""

from __future__ import annotations

import shutil
import warnings
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from tests.ontology.files import ONTOLOGY, WW, words
from tests.ontology.rl_profile import deviations

EX = Namespace("https://example.org/")
SCHEMA = Namespace("https://schema.org/")


def test_the_ontology_is_in_owl_2_rl() -> None:
    assert deviations(words()) == []


def test_the_alignments_are_in_owl_2_rl() -> None:
    graph = Graph()
    for path in sorted((ONTOLOGY / "alignments").glob("*.ttl")):
        graph.parse(path)
    assert deviations(graph) == []


@pytest.mark.parametrize("operator", [OWL.unionOf, OWL.oneOf])
def test_the_checker_refuses_a_choice_as_superclass(operator: URIRef) -> None:
    graph = Graph()
    choice, parts = BNode(), BNode()
    Collection(graph, parts, [EX.A, EX.B])
    graph.add((choice, operator, parts))
    graph.add((EX.C, RDFS.subClassOf, choice))
    assert deviations(graph)


@pytest.mark.parametrize("filler", [OWL.someValuesFrom, OWL.minCardinality])
def test_the_checker_refuses_an_existential_as_superclass(filler: URIRef) -> None:
    graph = Graph()
    restriction = BNode()
    graph.add((restriction, OWL.onProperty, EX.p))
    graph.add((restriction, filler, EX.B))
    graph.add((EX.C, RDFS.subClassOf, restriction))
    assert deviations(graph)


def test_the_checker_admits_a_value_as_superclass() -> None:
    graph = Graph()
    restriction = BNode()
    graph.add((restriction, OWL.onProperty, EX.p))
    graph.add((restriction, OWL.hasValue, EX.v))
    graph.add((EX.C, RDFS.subClassOf, restriction))
    assert deviations(graph) == []


def shapes() -> Graph:
    graph = Graph()
    for path in sorted((ONTOLOGY / "shapes").glob("*.ttl")):
        graph.parse(path)
    return graph


def validated(data: Graph) -> tuple[bool, str]:
    pyshacl = pytest.importorskip("pyshacl", reason="pyshacl comes with the test extra")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rdflib, inside pyshacl
        conforms, _, text = pyshacl.validate(data + words(), shacl_graph=shapes())
    return bool(conforms), str(text)


def test_the_concepts_are_valid_by_their_shapes() -> None:
    conforms, text = validated(words())
    assert conforms, text


def a_blazer() -> Graph:
    graph = Graph()
    blazer = EX.blazer
    graph.add((blazer, RDF.type, WW.Blazer))
    graph.add((blazer, SCHEMA.name, Literal("Navy blazer")))
    graph.add((blazer, SCHEMA.price, Literal(Decimal("149.90"))))
    graph.add((blazer, WW.colour, WW["colour-navy"]))
    graph.add((blazer, WW.boughtOn, Literal(date(2024, 3, 1))))
    graph.add((EX.wear, RDF.type, WW.Outfit))
    graph.add((EX.wear, WW.hasItem, blazer))
    graph.add((EX.wash, RDF.type, WW.WashEvent))
    graph.add((EX.wash, WW.item, blazer))
    graph.add((EX.wash, WW.washedOn, Literal(date(2024, 4, 1))))
    return graph


def test_a_well_formed_item_outfit_and_wash_are_valid() -> None:
    conforms, text = validated(a_blazer())
    assert conforms, text


@pytest.mark.parametrize(
    ("subject", "predicate", "value"),
    [
        (EX.blazer, SCHEMA.price, Literal(Decimal(-1))),
        (EX.blazer, WW.colour, WW["material-wool"]),
        (EX.blazer, WW.warmth, WW["season-winter"]),
        (EX.blazer, WW.insulation, Literal(Decimal(9))),
        (EX.blazer, WW.boughtOn, Literal("yesterday")),
        (EX.blazer, RDF.type, WW.Sandal),
        (EX.wear, WW.wornOn, Literal("2022-12-20")),
        (EX.wash, WW.washedOn, Literal(date(2024, 4, 2))),
    ],
)
def test_what_is_ill_formed_is_told_in_both_languages(
    subject: URIRef, predicate: URIRef, value: URIRef | Literal
) -> None:
    graph = a_blazer()
    graph.add((subject, predicate, value))
    conforms, _ = validated(graph)
    assert not conforms


def test_every_shape_speaks_both_languages() -> None:
    graph = shapes()
    for node in {*graph.objects(None, SH.property)}:
        said = {m.language for m in graph.objects(node, SH.message) if isinstance(m, Literal)}
        assert said == {"en", "zh"}, list(graph.predicate_objects(node))


@pytest.mark.slow
def test_hermit_finds_the_ontology_consistent(tmp_path: Path) -> None:
    owlready2 = pytest.importorskip("owlready2", reason="owlready2 comes with the test extra")
    if shutil.which("java") is None:
        pytest.skip("no Java runs here; install one, or the extra `java`")
    axioms = tmp_path / "fashion.rdf"
    words().serialize(axioms, format="xml")
    world = owlready2.World()
    ontology = world.get_ontology(axioms.as_uri()).load()
    with ontology:
        owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
    assert list(world.inconsistent_classes()) == []
