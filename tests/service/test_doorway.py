"""The command line's changes go through the server that holds the workspace."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from wearwhy.errors import (
    InputError,
    Moved,
    NoAnswer,
    NotAllowed,
    NotSignedIn,
    UnknownName,
    WearwhyError,
)
from wearwhy.rdf import ID, SCHEMA, Fact, literal
from wearwhy.service.caller import Role, Scope
from wearwhy.service.doorway import Doorway, Errand
from wearwhy.service.engine import Engine
from wearwhy.service.errands import door
from wearwhy.service.service import Service
from wearwhy.store import remote
from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

T = TypeVar("T")


def named(item: str, text: str, wardrobe: str = "a") -> Edit:
    """A wardrobe's item gets a name."""
    graph = graph_name(f"wardrobe/{wardrobe}", "asserted", "edits")
    fact = Fact(ID[f"{wardrobe}/{item}"], SCHEMA.name, literal(text))
    return Edit(Patch(add=(Quad(graph, fact),)), f"name {text}", f"wardrobe/{wardrobe}")


def beside_a_server(
    folder: Path, work: Callable[[Engine], T], errands: Mapping[str, Errand] | None = None
) -> T:
    """Return what is done while a server holds a new workspace."""
    Store.create(folder)

    async def served() -> T:
        engine = Engine(Workspace.open(folder, hold=True))
        doorway = Doorway(engine, folder, errands)
        await doorway.open()
        try:
            return await asyncio.to_thread(work, engine)
        finally:
            await doorway.close()
            engine.close()
            engine.workspace.close()

    return asyncio.run(served())


def test_changes_and_undos_of_another_process_are_the_servers_revisions(tmp_path: Path) -> None:
    def work(engine: Engine) -> None:
        other = Workspace.open(tmp_path / "W")
        made = other.apply(named("x", '日 \\ "one"\n'))
        assert (made.number, engine.workspace.revision, other.revision) == (1, 1, 1)
        assert engine.workspace.state.graphs == other.state.graphs
        with pytest.raises(Moved):
            other.apply(named("y", "two"), expected=0)
        with pytest.raises(Moved):
            other.apply(named("y", "two"), expected=0, of="a")
        assert other.apply(named("y", "two"), expected=1, of="a").number == 2
        assert other.undo().undoes == 2
        assert other.undo("wardrobe/a").undoes == 1
        with pytest.raises(NoAnswer):
            other.undo()
        assert not engine.workspace.wardrobes()

    beside_a_server(tmp_path / "W", work)


@pytest.mark.slow
def test_what_is_done_for_an_account_is_its_change_for_as_long_as_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "W"
    Store.create(folder)

    def work(service: Service) -> None:
        ada = service.accounts.add("ada", scopes=frozenset(Scope))
        bob = service.accounts.add("bob")
        service.accounts.own(ada.id, "a")
        service.accounts.grant("a", bob.id, Role.EDITOR)
        monkeypatch.setenv(remote.ACCOUNT, bob.id)
        other = Workspace.open(folder)
        assert other.apply(named("x", "one")).by == bob.id
        assert other.undo("wardrobe/a").by == bob.id
        with pytest.raises(NotAllowed):
            other.undo()
        with pytest.raises(NotAllowed):
            other.apply(replace(named("x", "two"), scope="base"))
        service.accounts.grant("a", bob.id, Role.VIEWER)
        with pytest.raises(NotAllowed):
            other.apply(named("x", "two"))
        service.accounts.part("a", bob.id)
        with pytest.raises(UnknownName):
            other.apply(named("x", "two"))
        service.accounts.grant("a", bob.id, Role.EDITOR)
        service.accounts.change(bob.id, disabled=True)
        with pytest.raises(NotSignedIn):
            other.undo("wardrobe/a")
        service.accounts.change(bob.id, disabled=False, scopes=frozenset((Scope.READ,)))
        with pytest.raises(NotAllowed):
            other.apply(named("x", "two"))
        assert service.workspace.revision == 2
        monkeypatch.delenv(remote.ACCOUNT)
        assert Workspace.open(folder).apply(named("x", "two")).by == ""

    async def served() -> None:
        service = Service.open(folder, door=door)
        assert service.doorway is not None
        await service.doorway.open()
        try:
            await asyncio.to_thread(work, service)
        finally:
            await service.close()

    asyncio.run(served())


def test_an_errand_is_run_and_answered_and_what_refuses_it_is_told(tmp_path: Path) -> None:
    ran: list[str] = []

    async def forget(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["account"] != "ada":
            raise UnknownName("WW-ACCOUNT-UNKNOWN", "There is no such account.")
        ran.append(asked["account"])
        return {"forgotten": {"account": "ada"}}

    def work(engine: Engine) -> None:
        server = remote.server(tmp_path / "W")
        assert server is not None
        with server:
            assert server.forget("ada") == {"forgotten": {"account": "ada"}}
            with pytest.raises(UnknownName, match="no such account"):
                server.forget("eve")
        assert (ran, engine.workspace.revision) == (["ada"], 0)

    beside_a_server(tmp_path / "W", work, {"forget": forget})


def test_a_door_without_errands_does_none(tmp_path: Path) -> None:
    def work(_: Engine) -> None:
        server = remote.server(tmp_path / "W")
        assert server is not None
        with server, pytest.raises(InputError) as refused:
            server.forget("ada")
        assert refused.value.code == "WW-STORE-VERB"

    beside_a_server(tmp_path / "W", work)


def test_the_door_is_the_owners_alone_and_goes_with_the_server(tmp_path: Path) -> None:
    path = remote.path_of(tmp_path / "W")

    def work(_: Engine) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    beside_a_server(tmp_path / "W", work)
    assert not path.exists()
    assert Workspace.open(tmp_path / "W").apply(named("x", "one")).number == 1


def test_a_door_that_a_killed_server_left_behind_is_passed_by(tmp_path: Path) -> None:
    Store.create(tmp_path / "W")
    path = remote.path_of(tmp_path / "W")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert Workspace.open(tmp_path / "W").apply(named("x", "one")).number == 1

    async def again() -> None:
        engine = Engine(Workspace.open(tmp_path / "W", hold=True))
        doorway = Doorway(engine, tmp_path / "W")
        await doorway.open()
        await doorway.close()
        engine.close()
        engine.workspace.close()

    asyncio.run(again())


def said(path: Path, line: bytes) -> Any:
    """Return what the door answers to a line; None where it closes."""
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(10)
        end.connect(str(path))
        end.sendall(line)
        with end.makefile("rb") as answers:
            found = answers.readline()
    return json.loads(found) if found else None


@pytest.mark.parametrize(
    "line", [b"{}\n", b"[]\n", b"no\n", b'{"verb": "open"}\n', b'{"verb": ["commit"]}\n', b"\xff\n"]
)
def test_what_the_door_does_not_understand_changes_nothing(tmp_path: Path, line: bytes) -> None:
    def work(engine: Engine) -> None:
        answer = said(remote.path_of(tmp_path / "W"), line)
        assert answer["error"]["code"] == "WW-STORE-VERB"
        assert engine.workspace.revision == 0

    beside_a_server(tmp_path / "W", work)


@pytest.mark.parametrize(
    "error",
    [
        InputError("WW-A", "One.", note="Two.", hint="Three."),
        UnknownName("WW-B", "日"),
        Moved("WW-C", "Four."),
    ],
    ids=lambda error: error.code,
)
def test_an_error_is_the_same_on_the_other_side(error: WearwhyError) -> None:
    again = remote.error_from(json.loads(json.dumps(remote.error_json(error))))
    assert (type(again), again.as_dict()) == (type(error), error.as_dict())
