"""The expression tests of the SPARQL 1.1 suite, on the evaluator that rules use.

A query that is one basic graph pattern with FILTER, BIND and computed columns is read as the body
of a rule: BIND and columns become SET. The pattern is matched by Oxigraph, all expressions by
the evaluator; an error leaves its variable unbound, as a query wants it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse_query_results,
)

from wearwhy.errors import RuleSyntaxError
from wearwhy.rdf import RDF, Namespace, Node
from wearwhy.rules import sparql
from wearwhy.rules.expressions import EvaluationError, compile_expression, truth
from wearwhy.rules.model import Assign, Atom, Element, Filter, Var, variables
from wearwhy.rules.syntax import parse

SUITE = Path(__file__).parents[3] / "shared" / "suites" / "sparql" / "sparql11"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
FOLDERS = ("functions", "cast", "project-expression")

NO_RULE: dict[str, str] = {
    "functions/coalesce-empty": "COALESCE",
    "functions/coalesce01": "COALESCE and OPTIONAL",
    "functions/rand01": "RAND",
    "project-expression/projexp07": "OPTIONAL",
    **{
        f"functions/{name}-0{number}": "hashes"
        for name in ("md5", "sha1", "sha256", "sha384", "sha512")
        for number in (1, 2)
    },
}
"""Test → what its query has that SPARQL-RL has not."""

EXCEPTIONS: dict[str, str] = {}
"""Test → why the evaluator is expected to differ."""

Row = dict[str, Node]


@dataclass(frozen=True)
class Case:
    name: str
    query: Path
    data: Path | None
    result: Path


def cases() -> Iterator[Case]:
    for folder in FOLDERS:
        manifest = SUITE / folder / "manifest.ttl"
        store = Store()
        store.load(path=manifest, format=RdfFormat.TURTLE, base_iri=manifest.as_uri())
        for typed in store.quads_for_pattern(None, RDF.type, MF.QueryEvaluationTest):
            test = typed.subject

            def file(subject: Node, name: NamedNode, store: Store = store) -> Path | None:
                for quad in store.quads_for_pattern(subject, name, None):  # type: ignore[arg-type]
                    assert isinstance(quad.object, NamedNode)
                    return Path(quad.object.value.removeprefix("file://"))
                return None

            (action,) = store.quads_for_pattern(test, MF.action, None)
            query, result = file(action.object, QT.query), file(test, MF.result)
            assert query
            assert result
            name = str(test.value).rpartition("#")[2]  # type: ignore[union-attr]
            yield Case(f"{folder}/{name}", query, file(action.object, QT.data), result)


CASES = sorted(cases(), key=lambda case: case.name) if SUITE.exists() else []


def closing(text: str, start: int) -> int:
    """Return the place of the bracket that closes the one at `start`; strings are respected."""
    depth = 0
    for token in re.finditer(r"'[^']*'|\"[^\"]*\"|<[^<>\s]*>|#[^\n]*|[(){}]", text[start:]):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token[0], 0)
        if depth == 0:
            return start + token.start()
    raise ValueError(text)


def as_rule(query: str) -> tuple[str, list[str] | None]:
    """Return a query as the text of a rule, and the names of its columns (None: all, or ASK)."""
    head = re.search(r"\b(SELECT|ASK)\b", query, re.IGNORECASE)
    assert head
    prologue, rest = query[: head.start()], query[head.end() :]
    columns: list[str] = []
    sets = ""
    at = 0
    while not re.match(r"\s*(WHERE\s*)?\{", rest[at:], re.IGNORECASE):
        token = re.compile(r"\s*(\*|DISTINCT|distinct|\?\w+|\(|#[^\n]*)").match(rest, at)
        assert token, rest[at:]
        at = token.end()
        if token[1] == "(":
            end = closing(rest, at - 1)
            expression, name = re.split(r"\s+AS\s+", rest[at:end], flags=re.IGNORECASE)
            columns.append(name.strip().removeprefix("?"))
            sets += f" SET({name.strip()} := {expression})"
            at = end + 1
        elif token[1].startswith("?"):
            columns.append(token[1][1:])
    start = rest.index("{", at)
    body = rest[start + 1 : closing(rest, start)]
    while (bind := re.search(r"\bBIND\s*\(", body)) is not None:
        end = closing(body, bind.end() - 1)
        expression, name = re.split(r"\s+AS\s+", body[bind.end() : end], flags=re.IGNORECASE)
        body = f"{body[: bind.start()]} SET({name} := {expression}) {body[end + 1 :]}"
    chosen = columns if columns and head[1].upper() == "SELECT" else None
    return f"{prologue} RULE {{}} WHERE {{ {body} {sets} }}", chosen


def solutions(body: tuple[Element, ...], store: Store) -> list[dict[Var, Node]]:
    atoms = [element for element in body if isinstance(element, Atom)]
    names = sorted(variables(tuple(atoms)))
    chosen = " ".join(map(sparql.variable, names)) or "(1 AS ?one)"
    found = store.query(f"SELECT {chosen} WHERE {{ {sparql.pattern(atoms)} }}")
    assert isinstance(found, QuerySolutions)
    return [{name: row[sparql.variable(name)[1:]] for name in names} for row in found]


def run(text: str, store: Store, base: str) -> list[dict[Var, Node]]:
    (rule,) = parse(text, base=base).rules
    rows = solutions(rule.body, store)
    for element in rule.body:
        if isinstance(element, Filter):
            rows = [row for row in rows if truth(element.expression, base)(row)]
        elif isinstance(element, Assign):
            value = compile_expression(element.expression, base)
            for row in rows:
                try:
                    row[element.var] = value(row)
                except EvaluationError:
                    continue
    return rows


def canonical(rows: list[Row]) -> Dataset:
    store = Store()
    for row in rows:
        node = BlankNode()
        store.add(Quad(node, RDF.type, NamedNode("urn:row")))
        store.extend(Quad(node, NamedNode(f"urn:{name}"), term) for name, term in row.items())
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def passes(case: Case) -> bool:
    store = Store()
    if case.data:
        store.load(path=case.data, format=RdfFormat.from_extension(case.data.suffix[1:]))
    text = case.query.read_text(encoding="utf-8")
    base = re.search(r"BASE <([^>]*)>", text)
    rule, columns = as_rule(text)
    rows = run(rule, store, base[1] if base else case.query.as_uri())
    form = QueryResultsFormat.from_extension(case.result.suffix[1:])
    assert form
    expected = parse_query_results(path=case.result, format=form)
    if isinstance(expected, QueryBoolean):
        return bool(rows) is bool(expected)
    assert isinstance(expected, QuerySolutions)
    names = [variable.value for variable in expected.variables]
    wanted = [{n: row[n] for n in names if row[n] is not None} for row in expected]
    shown = set(names if columns is None else columns)
    got = [{v.name: term for v, term in row.items() if v.name in shown} for row in rows]
    return canonical(got) == canonical(wanted)


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_expressions_have_the_values_the_suite_expects(case: Case) -> None:
    if case.name in NO_RULE:
        with pytest.raises(RuleSyntaxError):
            passes(case)
        return
    assert passes(case) is (case.name not in EXCEPTIONS)


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
def test_the_tables_name_only_tests_of_the_suite() -> None:
    names = {case.name for case in CASES}
    assert names >= NO_RULE.keys() | EXCEPTIONS.keys()
