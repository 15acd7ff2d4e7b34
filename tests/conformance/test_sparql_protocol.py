"""The W3C's tests of the SPARQL Protocol, the Graph Store Protocol and the service description.

Each is a run of HTTP exchanges with the service over a wardrobe of its own: once in this process,
once behind a port. Updates have their own path here; graphs stand at `/graphs`.
"""

from __future__ import annotations

import pytest
from tests.conformance.sparql_description import DESCRIPTION_TESTS, faults
from tests.conformance.sparql_exchanges import wrong
from tests.conformance.sparql_manifests import HttpCase, description_cases, http_cases
from tests.conformance.sparql_service import InProcess, Live, Server
from tests.conformance.suites import cases, exceptions, judge

CASES: dict[str, HttpCase] = {
    **http_cases("protocol"),
    **http_cases("graph-store-protocol", "manifest-direct.ttl"),
    **http_cases("graph-store-protocol", "manifest-indirect.ttl"),
}
EXCEPTIONS = exceptions("sparql", "protocol")
"""Test → why it is expected to differ."""


def exchanged(server: Server, name: str) -> None:
    fault = wrong(server, CASES[name])
    judge(
        f"{name}: {fault}" if fault and name not in EXCEPTIONS else name,
        passed=not fault,
        expected=EXCEPTIONS,
    )


@pytest.mark.parametrize("name", cases(CASES))
def test_the_service_answers_as_the_suite_expects(process: InProcess, name: str) -> None:
    exchanged(process, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(CASES))
def test_a_port_answers_as_the_suite_expects(port: Live, name: str) -> None:
    exchanged(port, name)


@pytest.mark.parametrize("name", cases(description_cases()))
def test_the_service_describes_itself(process: InProcess, name: str) -> None:
    judge(name, passed=not faults(process, name), expected=EXCEPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(description_cases()))
def test_a_port_describes_itself(port: Live, name: str) -> None:
    judge(name, passed=not faults(port, name), expected=EXCEPTIONS)


def test_the_suites_are_whole() -> None:
    if not CASES:
        pytest.skip("the suites are not beside this checkout")
    assert len(CASES) == 34 + 14
    assert set(DESCRIPTION_TESTS) == {name.rpartition("/")[2] for name in description_cases()}
    assert set(EXCEPTIONS) <= CASES.keys() | description_cases()
