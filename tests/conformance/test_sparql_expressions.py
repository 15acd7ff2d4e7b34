"""The expression tests of the SPARQL 1.1 suite, run as the bodies of rules.

A query's pattern becomes a body, and its solutions the head's facts: a node of its own for each,
with a property for each variable. BIND and computed columns are rules of their own over these
nodes, since an error leaves a query's variable unbound but keeps a rule from firing; a FILTER that
reads them is one too. Facts are a set, so solutions are compared as a set.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
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
from pyoxigraph import parse as parse_rdf

from wearwhy.errors import RuleError
from wearwhy.rdf import RDF, TYPE, Fact, Literal, Namespace, Node
from wearwhy.rules.foreign.queries import Lost, columns, read_query
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Assign, Atom, Element, Rule, Var, variables
from wearwhy.rules.reference import infer
from wearwhy.rules.syntax import parse
from wearwhy.rules.wellformed import check

SUITE = Path(__file__).parents[3] / "shared" / "suites" / "sparql" / "sparql11"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
FOLDERS = ("functions", "cast", "project-expression", "bind", "exists", "negation")

NO_RULE: dict[str, str] = {
    "functions/coalesce-empty": "COALESCE",
    "functions/coalesce01": "COALESCE",
    "functions/rand01": "RAND",
    **{
        f"functions/{name}-0{number}": "hashes"
        for name in ("md5", "sha1", "sha256", "sha384", "sha512")
        for number in (1, 2)
    },
    "bind/bind04": "a variable that nothing binds, which is ill-formed",
    "bind/bind07": "a BIND in a group that does not see its variable, which is ill-formed",
    "bind/bind10": "a FILTER in a group that does not see its variable, which is ill-formed",
    "project-expression/projexp06": "a variable that nothing binds, which is ill-formed",
    "exists/exists-graph-variable": "GRAPH",
    "exists/exists03": "GRAPH",
    "negation/graph-minus": "GRAPH",
    "negation/full-minuend": "OPTIONAL within MINUS",
    "negation/partial-minuend": "OPTIONAL within MINUS",
    "negation/set-equals-1": "a negation within a negation",
    "negation/subset-01": "a negation within a negation",
    "negation/subset-02": "a negation within a negation",
    "negation/subset-03": "a negation within a negation",
}
"""Test → what its query has that SPARQL-RL has not."""

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("reference", "functions/bnode01"): (
        "Oxigraph's BNODE makes a new node at each call, also for one label in one solution"
    ),
}
"""(engine, test) → why it is expected to differ."""

ROW, COLUMN, KEPT = NamedNode("urn:row"), Namespace("urn:column:"), Namespace("urn:kept:")
ME = Var("the_row")
YES = Literal("yes")
Row = dict[str, Node]


@dataclass(frozen=True)
class Case:
    name: str
    query: Path
    data: Path | None
    graphs: bool
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
            graphs = file(action.object, QT.graphData) is not None
            data = file(action.object, QT.data)
            yield Case(f"{folder}/{name}", query, data, graphs, result)


CASES = sorted(cases(), key=lambda case: case.name) if SUITE.exists() else []


def reference(rules: Iterable[Rule], facts: list[Fact]) -> Iterable[Fact]:
    return infer(tuple(rules), facts)


def resident(rules: Iterable[Rule], facts: list[Fact]) -> Iterable[Fact]:
    return list(Layer.root(tuple(rules), (), facts).facts())


ENGINES: dict[str, Callable[[Iterable[Rule], list[Fact]], Iterable[Fact]]] = {
    "resident": resident,
    "reference": reference,
}


@dataclass(frozen=True)
class Program:
    """A query as rules.

    Attributes:
        rules: what concludes the solutions.
        shown: the columns asked for; None for all.
        tests: how many FILTERs each alternative's solutions must pass.
    """

    rules: tuple[Rule, ...]
    shown: frozenset[str] | None
    tests: tuple[int, ...]


def program(text: str, base: str) -> Program:
    """Return a query as rules; a Lost or a RuleError where it has none."""
    query = read_query(text)
    listed = list(columns(query.head)) if query.form == "SELECT" else []
    sets = " ".join(f"SET(?{name} := {value})" for name, value in listed if value)
    rules: list[Rule] = []
    tests = []
    for number, body in enumerate(query.bodies):
        text = f"{query.prologue} RULE {{ }} WHERE {{ {body.text} {sets} }}"
        (rule,) = parse(text, base=base).rules
        elements = rule.body
        if len(query.bodies) > 1:  # what OPTIONAL left unbound leaves its columns unbound
            elements = _computable(elements)
        if errors := check(replace(rule, body=elements)):
            raise errors[0]
        made, count = staged(elements, number)
        rules += made
        tests.append(count)
    shown = frozenset(name for name, _ in listed) if listed else None
    return Program(tuple(rules), shown, tuple(tests))


def _computable(body: tuple[Element, ...]) -> tuple[Element, ...]:
    bound: set[Var] = set()
    kept: list[Element] = []
    for part in body:
        if isinstance(part, Assign) and variables(part.expression) - bound:
            continue
        bound |= variables(part) if isinstance(part, Atom | Assign) else set()
        kept.append(part)
    return tuple(kept)


def staged(body: tuple[Element, ...], number: int) -> tuple[list[Rule], int]:
    """Return the rules for one body: of its solutions, of what they compute, of what they pass."""
    computed = [part for part in body if isinstance(part, Assign)]
    names = {part.var for part in computed}
    # What a later pattern reads is computed where it stands, and so are nodes without a name,
    # which are the same within one solution.
    joined = any(isinstance(part, Atom) and variables(part) & names for part in body) or any(
        "BNODE" in repr(part.expression) for part in computed
    )
    if joined:
        computed, names = [], set()
    later = [
        part for part in body if not isinstance(part, Atom | Assign) and variables(part) & names
    ]
    pattern = tuple(part for part in body if part not in computed and part not in later)
    bound = variables(tuple(p for p in pattern if isinstance(p, Atom | Assign)))
    node = BlankNode()
    kind = Atom(node, NamedNode("urn:alternative"), Literal(str(number)))
    head = (Atom(node, TYPE, ROW), kind, *(_column(node, var) for var in _order(bound)))
    # Patterns such as ?s ?p ?o are not meant to match the solutions themselves.
    rules = [Rule(NamedNode(f"urn:rows-{number}"), head, pattern, data=True)]
    row: tuple[Element, ...] = (Atom(ME, TYPE, ROW), Atom(ME, kind.predicate, kind.object))
    for place, part in enumerate(computed):
        reads = tuple(_column(ME, var) for var in _order(variables(part.expression)))
        rules.append(
            Rule(
                NamedNode(f"urn:column-{number}-{place}"),
                (_column(ME, part.var),),
                (*row, *reads, part),
            )
        )
    for place, test in enumerate(later):
        reads = tuple(_column(ME, var) for var in _order(variables(test) & (bound | names)))
        passed = Atom(ME, KEPT[str(place)], YES)
        rules.append(Rule(NamedNode(f"urn:kept-{number}-{place}"), (passed,), (*row, *reads, test)))
    return rules, len(later)


def _column(subject: Node | Var, var: Var) -> Atom:
    return Atom(subject, COLUMN[var.name.replace(".", "blank-")], var)


def _order(names: Iterable[Var]) -> list[Var]:
    return sorted(names)


def solutions(found: Iterable[Fact], made: Program) -> list[Row]:
    """Return the rows that facts speak of, those that passed every test."""
    about: dict[Node, Row] = {}
    kept: dict[Node, int] = {}
    of: dict[Node, int] = {}
    for fact in found:
        name = fact.predicate.value
        if name.startswith(COLUMN):
            about.setdefault(fact.subject, {})[name.removeprefix(COLUMN)] = fact.object
        elif name.startswith(KEPT):
            kept[fact.subject] = kept.get(fact.subject, 0) + 1
        elif name == "urn:alternative" and isinstance(fact.object, Literal):
            about.setdefault(fact.subject, {})
            of[fact.subject] = int(fact.object.value)
    rows = [row for node, row in about.items() if kept.get(node, 0) == made.tests[of[node]]]
    if made.shown is None:
        return [{k: v for k, v in row.items() if not k.startswith("blank-")} for row in rows]
    return [{k: v for k, v in row.items() if k in made.shown} for row in rows]


def canonical(rows: list[Row]) -> Dataset:
    """Return different rows as a dataset in canonical form, literals as Oxigraph's store has them."""
    store = Store()
    for distinct in {frozenset(row.items()) for row in rows}:
        node = BlankNode()
        store.add(Quad(node, RDF.type, NamedNode("urn:row")))
        store.extend(Quad(node, NamedNode(f"urn:{name}"), term) for name, term in distinct)
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def facts(path: Path | None) -> list[Fact]:
    if path is None:
        return []
    quads = parse_rdf(
        path=path, format=RdfFormat.from_extension(path.suffix[1:]), base_iri=path.as_uri()
    )
    return [Fact(quad.subject, quad.predicate, quad.object) for quad in quads]


def as_rules(case: Case) -> Program:
    text = case.query.read_text(encoding="utf-8")
    base = re.search(r"BASE <([^>]*)>", text)
    return program(_unordered(text), base[1] if base else case.query.as_uri())


def _unordered(text: str) -> str:
    """Return a query without the order of its solutions, which no set has."""
    return re.sub(r"\}\s*ORDER\s+BY\s[^{}]*$", "}", text, flags=re.IGNORECASE)


def passes(case: Case, engine: str) -> bool:
    made = as_rules(case)
    rows = solutions(ENGINES[engine](made.rules, facts(case.data)), made)
    form = QueryResultsFormat.from_extension(case.result.suffix[1:])
    assert form
    expected = parse_query_results(path=case.result, format=form)
    if isinstance(expected, QueryBoolean):
        return bool(rows) is bool(expected)
    assert isinstance(expected, QuerySolutions)
    names = [variable.value for variable in expected.variables]
    wanted = [{n: row[n] for n in names if row[n] is not None} for row in expected]
    got = [{name: term for name, term in row.items() if name in names} for row in rows]
    return canonical(got) == canonical(wanted)


SAYABLE = [case for case in CASES if case.name not in NO_RULE]
UNSAYABLE = [case for case in CASES if case.name in NO_RULE]


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", SAYABLE, ids=lambda case: case.name)
def test_a_query_as_rules_has_the_solutions_that_the_suite_expects(case: Case, engine: str) -> None:
    assert passes(case, engine) is ((engine, case.name) not in EXCEPTIONS)


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
@pytest.mark.parametrize("case", UNSAYABLE, ids=lambda case: case.name)
def test_a_query_that_no_rule_can_say_is_refused(case: Case) -> None:
    with pytest.raises((Lost, RuleError)):
        as_rules(case)


@pytest.mark.skipif(not CASES, reason="the suites are not beside this checkout")
def test_the_tables_name_only_tests_of_the_suite() -> None:
    names = {case.name for case in CASES}
    assert names >= NO_RULE.keys() | {name for _, name in EXCEPTIONS}
    assert len(CASES) == 116
