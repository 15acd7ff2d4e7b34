"""The entailment regimes of SPARQL 1.1 that RDF, RDFS and OWL 2 RL cover: queries over closures.

A case is run once for each regime that it names: RDF, RDFS, and where it lies in profile RL, OWL.
Answers are those over the closure; a query for all of a kind (every property, say) would also list
what RDF says of its own vocabulary, which the regimes leave out of an answer.
"""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)
from tests.conformance.suites import SUITES, cases, exceptions, facts, judge

from wearwhy.rdf import Fact, Literal, Namespace
from wearwhy.rules.model import Rule
from wearwhy.rules.standard import closed, owl2_rl, plain, rdf, rdfs, without_blanks

FOLDER = SUITES / "sparql" / "sparql11" / "entailment"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
ENT = Namespace("http://www.w3.org/ns/entailment/")
BASE = "http://suite/entailment/"
REGIMES: dict[str, tuple[Rule, ...]] = {"RDF": rdf(), "RDFS": rdfs(), "OWL": owl2_rl()}

EXCEPTIONS = exceptions("entailment-regimes", "entailment")
"""Test → why it is expected to differ."""

QUERY = """
PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX ent: <http://www.w3.org/ns/entailment/>
PREFIX pr: <http://www.w3.org/ns/owl-profile/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT DISTINCT ?test ?query ?data ?result ?regime WHERE {
  ?test mf:action ?action ; mf:result ?result .
  ?action qt:query ?query ; qt:data ?data ; sd:entailmentRegime ?named .
  ?named rdf:rest*/rdf:first? ?regime .
  FILTER(?regime IN (ent:RDF, ent:RDFS) || (
    ?regime IN (ent:OWL-Direct, ent:OWL-RDF-Based)
    && EXISTS { ?action sd:EntailmentProfile ?profiles . ?profiles rdf:rest*/rdf:first? pr:RL }))
}
"""


def entries() -> dict[str, tuple[str, str, str, str]]:
    path = FOLDER / "manifest.ttl"
    if not path.exists():
        return {}
    store = Store()
    store.extend(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=BASE + "manifest.ttl"))
    found: dict[str, tuple[str, str, str, str]] = {}
    rows = store.query(QUERY)
    assert isinstance(rows, QuerySolutions)
    for row in rows:
        test, query, data, result, regime = (
            row[name].value for name in ("test", "query", "data", "result", "regime")
        )
        short = "OWL" if "OWL" in regime else regime.removeprefix(ENT)
        files = [file.removeprefix(BASE) for file in (query, data, result)]
        found[f"entailment/{test.rpartition('#')[2]} {short}"] = (
            files[0],
            files[1],
            files[2],
            short,
        )
    return found


ENTRIES = entries()


def is_vocabulary(node: object) -> bool:
    return isinstance(node, NamedNode) and node.value.startswith(
        (
            "http://www.w3.org/1999/02/22-rdf",
            "http://www.w3.org/2000/01/rdf-s",
            "http://www.w3.org/2002/07/owl",
        )
    )


def answers(found: QuerySolutions | QueryBoolean, *, own: frozenset[object]) -> object:
    if isinstance(found, QueryBoolean):
        return bool(found)
    names = sorted(variable.value for variable in found.variables)
    rows = [
        tuple(None if row[name] is None else str(row[name]) for name in names)
        for row in (
            row for row in found if all(not is_vocabulary(row[n]) or row[n] in own for n in names)
        )
    ]
    return names, Counter(
        tuple(c if c is None or not c.startswith("_:") else "_:" for c in r) for r in rows
    )


@pytest.mark.parametrize("name", cases(ENTRIES))
def test_the_answers_over_the_closure_are_those_of_the_regime(name: str) -> None:
    query, data, result, regime = ENTRIES[name]
    given = facts(FOLDER / data)
    layer = closed(REGIMES[regime], without_blanks(given))
    store = Store()
    store.extend(
        _quad(fact) for fact in plain(layer.facts()) if not isinstance(fact.subject, Literal)
    )
    found = store.query((FOLDER / query).read_text("utf-8"), base_iri=BASE)
    expected = parse_query_results(path=str(FOLDER / result), format=QueryResultsFormat.XML)
    assert isinstance(found, QuerySolutions | QueryBoolean)
    own = frozenset(term for fact in given for term in fact)
    expected_answers = answers(expected, own=frozenset(own | _everything(result)))
    same = answers(found, own=frozenset(own)) == expected_answers
    judge(name, passed=same, expected=EXCEPTIONS)


def _everything(result: str) -> set[object]:
    rows = parse_query_results(path=str(FOLDER / result), format=QueryResultsFormat.XML)
    if isinstance(rows, QueryBoolean):
        return set()
    return {row[variable] for row in rows for variable in rows.variables}


def _quad(fact: Fact) -> Quad:
    return Quad(fact.subject, fact.predicate, fact.object)  # type: ignore[arg-type]


def test_every_exception_names_a_case() -> None:
    if not ENTRIES:
        pytest.skip("the suites are not beside this checkout")
    assert set(EXCEPTIONS) <= set(ENTRIES)
