"""What the alignments point at exists in the vocabularies they point to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDFS, SKOS, Graph, URIRef
from tests.ontology.files import ONTOLOGY, VOCABULARIES, WW, own, words

if not VOCABULARIES.is_dir():
    pytest.skip("the vocabularies are not beside this checkout", allow_module_level=True)

MAPPINGS = (
    RDFS.subClassOf, OWL.equivalentClass, OWL.equivalentProperty, SKOS.exactMatch, SKOS.closeMatch,
    SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch,
)  # fmt: skip


def alignment(name: str) -> Graph:
    return Graph().parse(ONTOLOGY / "alignments" / f"{name}.ttl")


def targets(name: str) -> set[str]:
    graph = alignment(name)
    return {str(node) for mapping in MAPPINGS for node in graph.objects(None, mapping)}


@pytest.mark.parametrize(
    ("name", "file", "prefix", "base"),
    [
        ("schema-org", "schemaorg-current-https-30.0.ttl", "schema", "https://schema.org/"),
        ("gs1", "gs1Voc-1.16.ttl", "gs1", "https://ref.gs1.org/voc/"),
    ],
)
def test_the_terms_aligned_to_are_declared_there(
    name: str, file: str, prefix: str, base: str
) -> None:
    text = (VOCABULARIES / file).read_text(encoding="utf-8")
    declared = {base + local for local in re.findall(rf"^{prefix}:(\S+)", text, re.MULTILINE)}
    assert targets(name) - declared == set()
    assert len(targets(name)) >= 15


def google() -> dict[str, str]:
    lines = (VOCABULARIES / "google-taxonomy-apparel.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" - ", 1) for line in lines if " - " in line)
    return {path.strip(): number.strip() for number, path in pairs}


def shopify(path: Path) -> dict[str, str]:
    pattern = re.compile(r"gid://open-taxonomy/Taxonomy(?:Category|Attribute)/(\S+)\s*: (.*)")
    found = pattern.findall(path.read_text(encoding="utf-8"))
    return {name.strip(): number for number, name in found}


def test_google_categories_exist_with_their_numbers() -> None:
    graph, known = alignment("google"), google()
    paths = list(graph.subject_objects(WW.googleCategory))
    assert len(paths) >= 50
    for thing, path in paths:
        assert known[str(path)] == str(graph.value(thing, WW.googleCategoryId)), thing


def test_shopify_categories_exist_with_their_identifiers() -> None:
    graph = alignment("shopify")
    known = shopify(VOCABULARIES / "shopify" / "categories-apparel.txt")
    paths = list(graph.subject_objects(WW.shopifyCategory))
    assert len(paths) >= 80
    for thing, path in paths:
        assert known[str(path)] == str(graph.value(thing, WW.shopifyCategoryId)), thing


def test_shopify_attributes_exist() -> None:
    numbers = set(shopify(VOCABULARIES / "shopify" / "attributes.txt").values())
    for target in targets("shopify"):
        assert target.removeprefix("gid://open-taxonomy/TaxonomyAttribute/") in numbers, target


@pytest.mark.parametrize("name", ["schema-org", "gs1", "google", "shopify"])
def test_an_alignment_speaks_of_declared_words(name: str) -> None:
    declared = set(words().subjects())
    for subject in set(alignment(name).subjects()):
        assert isinstance(subject, URIRef)
        assert own(subject)
        assert subject in declared, subject
