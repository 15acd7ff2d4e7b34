"""Two people with a wardrobe each, and a client that asks the service over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from wearwhy.http.app import create_app
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, Fact, Literal, NamedNode
from wearwhy.service.caller import Scope
from wearwhy.service.service import Service
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

GOOD = "correct horse battery"
SECRET = "Zauberfloetenmantel in Nachtblau"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a wardrobe each of Ada and Bob, of one item each."""
    folder = tmp_path_factory.mktemp("made") / "w"
    workspace = Workspace.init(folder)
    for owner, label in (("adas", SECRET), ("bobs", "hat")):
        workspace.apply(_edit(owner, ID[f"{owner}/x"], label))
    return folder


def _edit(owner: str, item: NamedNode, label: str) -> Edit:
    graph = graph_name(f"wardrobe/{owner}", "asserted", "edits")
    facts = (
        Fact(item, TYPE, WW.Coat),
        Fact(item, SCHEMA.name, Literal(label)),
        Fact(item, WW.inWardrobe, ID[f"wardrobe/{owner}"]),
    )
    return Edit(
        Patch(add=tuple(Quad(graph, fact) for fact in facts)),
        f"add {label}",
        f"wardrobe/{owner}",
    )


@pytest.fixture
def service(made: Path, tmp_path: Path) -> Iterator[Service]:
    found = Service.open(Path(shutil.copytree(made, tmp_path / "w")))
    yield found
    found.engine.close()
    found.workspace.close()
    found.accounts.close()


@pytest.fixture
def client(service: Service) -> TestClient:
    return TestClient(create_app(service), base_url="http://127.0.0.1", client=("127.0.0.1", 5))


@pytest.fixture
def people(service: Service) -> dict[str, dict[str, str]]:
    """Headers with a key: Ada runs the service and owns `adas`, Bob owns `bobs`."""
    found = {}
    for name, scopes in (("ada", frozenset(Scope)), ("bob", frozenset(Scope) - {Scope.ADMIN})):
        account = service.accounts.add(name, scopes=scopes)
        service.accounts.own(account.id, f"{name}s")
        found[name] = {"Authorization": f"Bearer {service.accounts.new_key(account.id).secret}"}
    return found


def problem(response: Any, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code
