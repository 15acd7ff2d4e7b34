"""The SPARQL 1.1 suite through the service: queries, result formats, syntax, updates.

Once in this process and once behind a port, over one wardrobe that holds all the data of the
queries; updates begin with an empty one. What Oxigraph does otherwise, or the service refuses
for a reason, stands with that reason in `exceptions/sparql.toml`.
"""

from __future__ import annotations

import pytest
from tests.conformance.sparql_data import answered, taken, updated
from tests.conformance.sparql_manifests import SUITE, query_cases, syntax_cases, update_cases
from tests.conformance.sparql_service import InProcess, Live, Server
from tests.conformance.suites import cases, exceptions, judge

QUERIES = query_cases() if SUITE.exists() else {}
SYNTAX = syntax_cases() if SUITE.exists() else {}
UPDATES = update_cases() if SUITE.exists() else {}
EXCEPTIONS = (
    exceptions("sparql", "query") | exceptions("sparql", "syntax") | exceptions("sparql", "update")
)
"""Test → why it is expected to differ."""


def syntax(server: Server, name: str) -> None:
    case = SYNTAX[name]
    judge(name, passed=taken(server, case) is case.positive, expected=EXCEPTIONS)


@pytest.mark.parametrize("name", cases(QUERIES))
def test_a_query_is_answered_as_the_suite_expects(process: InProcess, name: str) -> None:
    judge(name, passed=answered(process, QUERIES[name]), expected=EXCEPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(QUERIES))
def test_a_port_answers_a_query_as_the_suite_expects(port: Live, name: str) -> None:
    judge(name, passed=answered(port, QUERIES[name]), expected=EXCEPTIONS)


@pytest.mark.parametrize("name", cases(SYNTAX))
def test_a_text_is_taken_or_refused_as_the_suite_expects(process: InProcess, name: str) -> None:
    syntax(process, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(SYNTAX))
def test_a_port_takes_a_text_or_refuses_it(port: Live, name: str) -> None:
    syntax(port, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(UPDATES))
def test_an_update_leads_to_the_state_that_the_suite_expects(process: InProcess, name: str) -> None:
    judge(name, passed=updated(process, UPDATES[name]), expected=EXCEPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(UPDATES))
def test_a_port_carries_out_an_update(port: Live, name: str) -> None:
    judge(name, passed=updated(port, UPDATES[name]), expected=EXCEPTIONS)


def test_the_suite_is_whole() -> None:
    if not QUERIES:
        pytest.skip("the suites are not beside this checkout")
    assert (len(QUERIES), len(SYNTAX), len(UPDATES)) == (242, 169, 94)
    assert set(EXCEPTIONS) <= QUERIES.keys() | SYNTAX.keys() | UPDATES.keys()
