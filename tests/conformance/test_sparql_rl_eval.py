"""The evaluation tests of the SPARQL-RL suite, on every reading of rules.

A DATA block is run as a rule with an empty body: like DATA, and unlike given facts, what it says
counts as inferred and is not seen by NOT DATA and WHERE DATA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
)
from pyoxigraph import (
    parse as parse_rdf,
)

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, Namespace
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Atom, Rule
from wearwhy.rules.reference import infer
from wearwhy.rules.syntax import parse

SUITE = Path(__file__).parents[3] / "shared" / "suites" / "sparql-rl" / "suite"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SRLT = Namespace("http://www.w3.org/ns/sparql-rl-tests#")
FOLDERS = ("eval", "eval2", "examples")

RECONSTRUCTED = frozenset(
    f"eval/eval-{name}"
    for name in (
        "assign-01-data.ttl",
        "basic-bnodes-pattern-1-data.ttl",
        "basic-bnodes-pattern-2-data.ttl",
        "neg-data-01-data.ttl",
        "neg-data-01-results.ttl",
        "neg-data-02-data.ttl",
        "neg-data-03-data.ttl",
        "neg-data-03-results.ttl",
        "neg-data-04-data.ttl",
        "neg-data-05-data.ttl",
        "neg-data-06-data.ttl",
        "neg-data-06-results.ttl",
        "where-data-01-results.ttl",
        "where-data-02-data.ttl",
        "where-data-02-results.ttl",
        "where-data-03-data.ttl",
    )
) | {
    "eval2/eval-dft-value-neg-01-data.ttl",
    "eval2/eval-dft-value-neg-02-data.ttl",
    "eval2/eval-dft-value-where-02-data.ttl",
    "eval2/eval-dft-value-where-02-results.ttl",
}
"""Files the suite's keepers lost and rebuilt from what the test needs; see the suite's notes."""

EXCEPTIONS: dict[tuple[str, str], str] = {}
"""(engine, test) → why it is expected to fail."""


def reference(rules: tuple[Rule, ...], facts: list[Fact]) -> set[Fact]:
    return infer(rules, facts)


def resident(rules: tuple[Rule, ...], facts: list[Fact]) -> set[Fact]:
    layer = Layer.root(rules, (), facts)
    return {fact for fact in layer.facts() if layer.kind(fact) is Kind.DERIVED}


ENGINES: dict[str, Callable[[tuple[Rule, ...], list[Fact]], set[Fact]]] = {
    "reference": reference,
    "resident": resident,
}


def cases() -> Iterator[tuple[str, Path, Path, Path]]:
    for folder in FOLDERS:
        manifest = SUITE / folder / "manifest.ttl"
        store = Store()
        store.load(path=manifest, format=RdfFormat.TURTLE, base_iri=manifest.as_uri())
        for listed in store.quads_for_pattern(None, MF.action, None):

            def one(subject: object, predicate: NamedNode, store: Store = store) -> str:
                (quad,) = store.quads_for_pattern(subject, predicate, None)  # type: ignore[arg-type]
                return str(quad.object.value)  # type: ignore[union-attr]

            test, action = listed.subject, listed.object
            files = [one(action, SRLT.ruleset), one(action, SRLT.data), one(test, MF.result)]
            if not all(Path(file.removeprefix("file://")).exists() for file in files):
                continue
            name = str(test.value).rpartition("/")[2]  # type: ignore[union-attr]
            rules, data, result = (Path(file.removeprefix("file://")) for file in files)
            yield f"{folder}/{name}", rules, data, result


CASES = sorted(cases()) if SUITE.exists() else []

APART: dict[str, str] = {
    name: "rebuilt files"
    for name, *files in CASES
    if {f"{path.parent.name}/{path.name}" for path in files} & RECONSTRUCTED
}
"""Test → why it is counted apart: it rests on a file that is not the suite's own."""


def triples(path: Path) -> list[Fact]:
    quads = parse_rdf(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri())
    return [Fact(quad.subject, quad.predicate, quad.object) for quad in quads]


def canonical(facts: Iterable[Fact]) -> Dataset:
    # Through a store, so that literals of both readings are in its canonical forms.
    store = Store()
    store.extend(Quad(fact.subject, fact.predicate, fact.object) for fact in facts)  # type: ignore[arg-type]
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def program(path: Path) -> tuple[Rule, ...]:
    document = parse(path.read_text(encoding="utf-8"), path.name, base=path.as_uri())
    if not document.data:
        return document.rules
    head = tuple(Atom(*fact) for fact in document.data)
    return (*document.rules, Rule(NamedNode("urn:wearwhy:data"), head, ()))


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "rules", "data", "result"), CASES, ids=[case[0] for case in CASES]
)
def test_the_inferred_graph_is_the_one_the_suite_expects(
    engine: str, name: str, rules: Path, data: Path, result: Path
) -> None:
    inferred = ENGINES[engine](program(rules), triples(data))
    passed = canonical(inferred) == canonical(triples(result))
    expected = (engine, name) not in EXCEPTIONS
    assert passed is expected, EXCEPTIONS.get((engine, name), "")


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
def test_the_suite_has_the_tests_that_were_counted() -> None:
    assert len(CASES) == 46
    files = {f"{path.parent.name}/{path.name}" for case in CASES for path in case[2:]}
    assert files >= RECONSTRUCTED
    assert len(RECONSTRUCTED) == 20
    assert len(APART) == 15
