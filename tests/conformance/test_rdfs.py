"""The RDF 1.1 semantics suite of the W3C: simple, RDF and RDFS entailment with datatypes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse
from tests.conformance.suites import SUITES, cases, exceptions, facts, judge

from wearwhy.rdf import RDF, TYPE, Literal, Namespace
from wearwhy.rules.entailment import entails
from wearwhy.rules.model import Rule
from wearwhy.rules.standard import clashes, closed, rdf, rdfs, without_blanks

FOLDER = SUITES / "rdf" / "rdf11" / "rdf-mt"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
BASE = "http://suite/rdf-mt/"

EXCEPTIONS = exceptions("rdfs", "rdf-mt")
"""Test → why it is expected to differ."""


def manifest() -> Store:
    store = Store()
    path = FOLDER / "manifest.ttl"
    if path.exists():
        store.extend(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=BASE + "manifest.ttl"))
    return store


SUITE = manifest()


def one(subject: NamedNode, predicate: NamedNode) -> NamedNode | Literal:
    (quad,) = SUITE.quads_for_pattern(subject, predicate, None)
    assert isinstance(quad.object, NamedNode | Literal)
    return quad.object


def members(subject: NamedNode, predicate: NamedNode) -> Iterator[NamedNode]:
    (quad,) = SUITE.quads_for_pattern(subject, predicate, None)
    cell = quad.object
    while cell != RDF.nil:
        assert not isinstance(cell, Literal)
        (first,) = SUITE.quads_for_pattern(cell, RDF.first, None)
        (rest,) = SUITE.quads_for_pattern(cell, RDF.rest, None)
        assert isinstance(first.object, NamedNode)
        yield first.object
        cell = rest.object


def entries() -> dict[str, NamedNode]:
    if not FOLDER.exists():
        return {}
    found = members(NamedNode(BASE + "manifest.ttl"), MF.entries)
    return {f"rdf-mt/{entry.value.partition('#')[2]}": entry for entry in found}


ENTRIES = entries()


def rules_of(entry: NamedNode) -> tuple[Rule, ...]:
    regime = one(entry, MF.entailmentRegime).value
    recognised = list(members(entry, MF.recognizedDatatypes))
    if regime == "simple":
        return ()
    return rdf(recognised) if regime == "RDF" else rdfs(recognised)


@pytest.mark.parametrize("name", cases(ENTRIES))
def test_what_follows_is_found_and_what_does_not_is_not(name: str) -> None:
    entry = ENTRIES[name]
    positive = one(entry, TYPE) == MF.PositiveEntailmentTest
    action, result = one(entry, MF.action), one(entry, MF.result)
    premises = facts(FOLDER / action.value.removeprefix(BASE))
    rules = rules_of(entry)
    if isinstance(result, Literal):
        found = bool(clashes(closed(rules, without_blanks(premises))))
    else:
        conclusion = facts(FOLDER / result.value.removeprefix(BASE))
        found = entails(rules, premises, conclusion, extensional=False)
    judge(name, passed=found == positive, expected=EXCEPTIONS)


def test_every_exception_names_a_case() -> None:
    if not ENTRIES:
        pytest.skip("the suites are not beside this checkout")
    assert set(EXCEPTIONS) <= set(ENTRIES)
