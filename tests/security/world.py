"""A service with two people in it who should know nothing of each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.testclient import TestClient

from wearwhy.http.app import create_app
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, Fact, Literal, NamedNode
from wearwhy.service.caller import Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

HERE = "http://127.0.0.1"
SECRET = "Zauberfloetenmantel"
"""What Bob calls his coat: it may stand in no answer that Ada or a stranger gets."""
HAT = "Gespensterhut"
"""The same of a thing of Bob's with another class."""
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class World:
    """A running service.

    Attributes:
        service: behind it.
        client: a client on this machine.
        ada: her headers; she runs the service and owns `adas`.
        bob: his headers; he owns `bobs`.
        eve: her headers; she has an account and no wardrobe.
    """

    service: Service
    client: TestClient
    ada: Headers
    bob: Headers
    eve: Headers


def edit(owner: str, number: int, kind: NamedNode, label: str) -> Edit:
    """Return the edit that adds an item."""
    graph = graph_name(f"wardrobe/{owner}", "asserted", "edits")
    item = ID[f"{owner}/{number}"]
    facts = (
        Fact(item, TYPE, kind),
        Fact(item, SCHEMA.name, Literal(label)),
        Fact(item, WW.inWardrobe, ID[f"wardrobe/{owner}"]),
    )
    patch = Patch(add=tuple(Quad(graph, fact) for fact in facts))
    return Edit(patch, f"add {label}", f"wardrobe/{owner}")


def made(folder: Path) -> Path:
    """Make a workspace in which Ada and Bob have a wardrobe each."""
    workspace = Workspace.init(folder)
    for number, (kind, label) in enumerate(
        (
            (WW.Coat, "Navy coat"),
            (WW.Shirt, "White shirt"),
            (WW.Trousers, "Grey trousers"),
            (WW.Boot, "Black boots"),
        ),
        1,
    ):
        workspace.apply(edit("adas", number, kind, label))
    bobs = ((WW.Coat, SECRET), (WW.Hat, HAT), (WW.Shirt, "Shirt"), (WW.Trousers, "Trousers"))
    for number, (kind, label) in enumerate((*bobs, (WW.Boot, "Boots")), 1):
        workspace.apply(edit("bobs", number, kind, label))
    return folder


@contextmanager
def running(folder: Path, configuration: Configuration | None = None) -> Iterator[World]:
    """Run a service over a workspace that `made` made."""
    service = Service.open(folder, configuration)
    app = create_app(service, configuration)
    headers = {}
    for name, scopes, own in (
        ("ada", frozenset(Scope), "adas"),
        ("bob", frozenset(Scope) - {Scope.ADMIN}, "bobs"),
        ("eve", frozenset(Scope) - {Scope.ADMIN}, None),
    ):
        account = service.accounts.add(name, scopes=scopes)
        if own is not None:
            service.accounts.own(account.id, own)
        secret = service.accounts.new_key(account.id).secret
        headers[name] = {"Authorization": f"Bearer {secret}"}
    with TestClient(app, base_url=HERE, client=("127.0.0.1", 5)) as client:
        yield World(service, client, headers["ada"], headers["bob"], headers["eve"])
