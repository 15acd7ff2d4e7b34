"""The servers that the SPARQL suites are asked of: made once, with the data of all the queries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conformance.sparql_data import load
from tests.conformance.sparql_manifests import query_cases
from tests.conformance.sparql_service import InProcess, Live, in_process, live


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """The service in this process."""
    with in_process(tmp_path_factory.mktemp("process") / "w") as server:
        load(server, query_cases().values())
        yield server


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The service behind a port of this machine."""
    with live(tmp_path_factory.mktemp("port") / "w") as server:
        load(server, query_cases().values())
        yield server
