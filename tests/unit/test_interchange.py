"""The graph in other libraries."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import FormatError, NotInstalled
from wearwhy.rdf import ID, TYPE, WW, XSD, Fact, literal
from wearwhy.store.interchange import from_rdflib, ontology, to_networkx, to_rdflib

ASSERTED = NamedNode("https://w3id.org/wearwhy/graph/asserted")
DERIVED = NamedNode("https://w3id.org/wearwhy/graph/derived")
FACTS = [
    Fact(ID["mine/shirt"], TYPE, WW.Shirt),
    Fact(ID["mine/shirt"], WW.colour, WW["colour-navy"]),
    Fact(ID["mine/shirt"], WW.insulation, literal(0.25)),
    Fact(ID["mine/shirt"], WW.note, Literal("blau", language="de")),
    Fact(ID["mine/shirt"], WW.about, BlankNode("b0")),
    Fact(ID["mine/shirt"], WW.boughtOn, Literal("2025-03-01", datatype=XSD.date)),
]


@pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")  # rdflib's own
def test_rdflib_gets_the_named_graphs_and_gives_the_facts_back() -> None:
    data = to_rdflib({ASSERTED: FACTS, DERIVED: [Fact(ID.a, WW.p, ID.b)]})
    assert len(data.graph(rdflib.URIRef(ASSERTED.value))) == len(FACTS)
    assert set(from_rdflib(data.graph(rdflib.URIRef(ASSERTED.value)))) == set(FACTS)
    found = data.query("SELECT ?c { ?i ww:colour ?c }")
    assert [str(row[0]) for row in found] == [WW["colour-navy"].value]  # type: ignore[index]


def test_what_rdf_1_1_cannot_say_does_not_reach_rdflib() -> None:
    beyond = [Fact(Literal("x"), WW.p, ID.a), Fact(ID.a, WW.p, Triple(ID.a, WW.p, ID.b))]
    assert len(to_rdflib({DERIVED: beyond})) == 0


def test_a_term_that_is_no_rdf_is_refused() -> None:
    graph = rdflib.Graph()
    graph.add((rdflib.URIRef("urn:a b"), rdflib.URIRef("urn:p"), rdflib.Literal("x")))
    with pytest.raises(FormatError):
        from_rdflib(graph)


def test_networkx_gets_things_as_nodes_and_values_as_their_attributes() -> None:
    graph = to_networkx(FACTS)
    assert graph.has_edge("id:mine/shirt", "ww:colour-navy", key="ww:colour")
    assert graph.nodes["id:mine/shirt"]["ww:note"] == ["blau"]
    assert float(graph.nodes["id:mine/shirt"]["ww:insulation"][0]) == 0.25
    assert graph.number_of_edges() == 3


def test_an_ontology_opens_in_owlready2(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix ww: <https://w3id.org/wearwhy/ns#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        "<https://w3id.org/wearwhy/ns> a owl:Ontology ; owl:imports <http://elsewhere.example/> ."
        "ww:Item a owl:Class . ww:Shirt a owl:Class ; rdfs:subClassOf ww:Item .",
        encoding="utf-8",
    )
    found = ontology(tmp_path)
    assert {cls.name for cls in found.world.classes()} == {"Item", "Shirt"}
    (shirt,) = found.world.search(iri="*Shirt")
    assert [parent.name for parent in shirt.is_a] == ["Item"]


def test_without_owlready2_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "owlready2", None)
    with pytest.raises(NotInstalled) as caught:
        ontology(tmp_path)
    assert "pip install owlready2" in caught.value.hint
