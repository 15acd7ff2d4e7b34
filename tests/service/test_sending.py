"""What was sent and is kept: counted, applied at a revision, thrown away, and gone with its person."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.security.world import World, made, running

from wearwhy.errors import NotSignedIn, TooLarge, UnknownName
from wearwhy.service import forgetting
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service
from wearwhy.service.tasks.task import State
from wearwhy.service.uploads import keeping, later, operations
from wearwhy.service.uploads.keeping import Upload
from wearwhy.service.uploads.limits import WAITING

SCARF = b"id,name,type\n9,Federhut von nebenan,scarf\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("sending") / "w")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[World]:
    with running(folder) as found:
        yield found


def sent(world: World) -> str:
    answer = world.client.post(
        "/uploads", params={"name": "x.csv"}, content=SCARF, headers=world.ada
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_what_a_list_of_items_carried_is_taken_where_a_file_is_applied(world: World) -> None:
    at = f"/uploads/{sent(world)}/apply"
    tag = world.client.get("/items", headers=world.ada).headers["ETag"]
    new = {"type": "hat", "name": "One hat more"}
    assert world.client.post("/items", headers=world.ada, json=new).status_code == 201
    refused = world.client.post(at, headers={**world.ada, "If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (412, "WW-STORE-MOVED")
    tag = world.client.get("/items", headers=world.ada).headers["ETag"]
    assert world.client.post(at, headers={**world.ada, "If-Match": tag}).status_code == 200
    weak = world.client.post(at, headers={**world.ada, "If-Match": f"W/{tag}"})
    assert weak.json()["code"] == "WW-HTTP-ETAG"


def one(number: int = 0) -> Upload:
    return Upload("", "table", f"{number}.csv", "", "wardrobe/adas", {}, ending=".nq")


def test_what_was_applied_waits_no_more(tmp_path: Path) -> None:
    for number in range(WAITING + 3):
        kept = keeping.keep(tmp_path, "ada", one(number), b"x")
        keeping.done(tmp_path, "ada", kept)
    assert len(keeping.held(tmp_path, "ada")) == WAITING + 3
    for number in range(WAITING):
        keeping.keep(tmp_path, "ada", one(number), b"x")
    with pytest.raises(TooLarge) as refused:
        keeping.keep(tmp_path, "ada", one(), b"x")
    assert refused.value.code == "WW-UPLOAD-WAITING"


def test_what_another_process_throws_away_meanwhile_is_not_there(tmp_path: Path) -> None:
    kept = keeping.keep(tmp_path, "ada", one(), b"x")
    (file,) = tmp_path.rglob(f"{kept.id}.json")
    # It is listed, and gone when it is opened.
    file.with_name(f"{'0' * 32}.json").symlink_to(tmp_path / "nowhere")
    assert keeping.held(tmp_path, "ada") == [kept]
    assert keeping.keep(tmp_path, "ada", one(1), b"y").name == "1.csv"
    with pytest.raises(UnknownName) as gone:
        keeping.find(tmp_path, "ada", "0" * 32)
    assert gone.value.code == "WW-UPLOAD-NONE"


def person(service: Service, name: str) -> Caller:
    account = service.accounts.add(name, scopes=frozenset(Scope))
    service.accounts.own(account.id, f"{name}s")
    return Caller(account.id, name, frozenset(Scope), {f"{name}s": Role.OWNER})


def test_of_who_is_forgotten_while_a_file_is_read_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        service = Service.open(made(tmp_path / "w"))
        try:
            person(service, "ada")
            bob = person(service, "bob")
            read = service.uploads.read

            async def late(*args: Any, **given: Any) -> Any:
                found = await read(*args, **given)
                await forgetting.forget_beside(service, service.accounts.find("bob"))
                return found

            monkeypatch.setattr(service.uploads, "read", late)
            with pytest.raises(NotSignedIn):
                await operations.send(service, bob, SCARF, name="x.csv")
            kept = [path for path in (service.folder / "uploads").rglob("*") if path.is_file()]
            assert kept == []
        finally:
            await service.close()

    asyncio.run(story())


def test_what_is_being_written_is_told_as_made_however_often_it_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, go, apply = threading.Event(), threading.Event(), operations.apply

    def late(*args: Any, **given: Any) -> Any:
        there.set()
        assert go.wait(60)
        return apply(*args, **given)

    monkeypatch.setattr(operations, "apply", late)

    async def story() -> None:
        service = Service.open(made(tmp_path / "w"))
        try:
            ada = person(service, "ada")
            name = (await operations.send(service, ada, SCARF, name="x.csv"))["id"]
            before = service.workspace.revision
            task = service.tasks.get(ada, (await later.apply(service, ada, name))["id"])
            await asyncio.to_thread(there.wait, 60)
            stopping = []
            for _ in range(3):
                stopping.append(asyncio.create_task(service.tasks.stop(task)))
                for _ in range(10):
                    await asyncio.sleep(0)  # until it has asked, and waits
            go.set()
            await asyncio.gather(*stopping)
            assert (task.state, task.result["revision"]) == (State.DONE, before + 1)
            assert service.workspace.revision == before + 1
        finally:
            await service.close()

    asyncio.run(story())
