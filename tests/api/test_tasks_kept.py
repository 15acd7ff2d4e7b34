"""Tasks over a restart, and files that are read and applied as tasks."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.rest_given import Rest, served

from wearwhy.errors import TooMany, UnknownName
from wearwhy.http.app import create_app
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.errands import door
from wearwhy.service.service import Service
from wearwhy.service.tasks.records import LARGEST, SECONDS, Records
from wearwhy.service.tasks.registry import Tasks
from wearwhy.service.tasks.task import State, Task

ADA = Caller("a1", "ada", frozenset(Scope), {"mine": Role.OWNER})
BOB = Caller("b1", "bob", frozenset(Scope), {"his": Role.OWNER})
ROWS = 400


def table(rows: int = ROWS) -> bytes:
    lines = [f"Scarf number {n},scarf,wool,navy" for n in range(rows)]
    return ("name,type,material,colour\n" + "\n".join(lines) + "\n").encode()


def ran(tasks: Tasks, kind: str, result: Any = None, *, account: str = "a1") -> Task:
    """Begin a task that ends at once, and wait for its end."""
    task = Task(f"task-{kind}", account, kind, "mine")

    async def work(_: Task) -> Any:
        return result

    async def doing() -> None:
        tasks.begin(task, work)
        while not task.over:
            await task.next(task.version)
        await asyncio.sleep(0)

    asyncio.run(doing())
    return task


# -- records


def test_what_is_over_is_told_after_a_restart_to_whom_it_was_told_before(tmp_path: Path) -> None:
    task = ran(Tasks(tmp_path), "mine", {"rules": [1, 2]})
    again = Tasks(tmp_path)
    assert again.get(ADA, task.id).as_dict() == task.as_dict()
    assert [one.id for one in again.of(ADA)] == [task.id]
    for other in (BOB, Caller("a1", "ada", frozenset(Scope), {})):  # and no part in it any more
        with pytest.raises(UnknownName):
            again.get(other, task.id)
        assert again.of(other) == []


def test_a_result_that_is_too_large_to_keep_is_left_out(tmp_path: Path) -> None:
    task = ran(Tasks(tmp_path), "mine", "x" * LARGEST)
    told = Tasks(tmp_path).get(ADA, task.id)
    assert (told.state, told.result) == (State.DONE, None)


@pytest.mark.parametrize("ended", ["stopping", "killed"])
@pytest.mark.parametrize("kind", ["guess", "mine"])
def test_what_was_running_when_the_service_ended_was_interrupted(
    tmp_path: Path, kind: str, ended: str
) -> None:
    async def work(_: Task) -> None:
        await asyncio.sleep(60)

    async def doing() -> None:
        tasks = Tasks(tmp_path)
        for name in ("running", "queued", "third"):
            tasks.begin(Task(name, "a1", kind, "mine"), work)
        await asyncio.sleep(0.01)
        if ended == "stopping":
            await tasks.close()

    asyncio.run(doing())
    again = Tasks(tmp_path)
    for name in ("running", "queued", "third"):
        told = again.get(ADA, name).as_dict()
        if ended == "killed":  # the loop's end cancels what runs, as nothing does that kills
            assert told["state"] in ("stopped", "interrupted")
            continue
        assert (told["state"], told["problem"]["code"]) == ("interrupted", "WW-TASK-INTERRUPTED")
        assert "finished" in told
        assert ("history" in told["problem"]["note"]) is (kind == "guess")
    assert not Tasks(tmp_path).get(ADA, "running").as_dict().get("result")


def test_a_record_that_says_running_is_told_as_interrupted(tmp_path: Path) -> None:
    records = Records(tmp_path)
    task = Task("cut", "a1", "load", "mine")
    records.keep(task)
    task.began()
    records.keep(task)
    records.close()
    told = Tasks(tmp_path).get(ADA, "cut").as_dict()
    assert told["state"] == "interrupted"
    assert "GET /revisions" in told["problem"]["hint"]


def test_what_is_forgotten_is_in_no_file(tmp_path: Path) -> None:
    tasks = Tasks(tmp_path)
    ran(tasks, "mine", "adas-secret")
    ran(tasks, "gap", "bobs-secret", account="b1")
    tasks.forget("a1")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tasks.sqlite*"))
    assert b"adas-secret" not in kept
    assert b"bobs-secret" in kept
    tasks.forget_wardrobe("mine")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tasks.sqlite*"))
    assert b"bobs-secret" not in kept
    assert Tasks(tmp_path).of(ADA) == []


def test_records_are_kept_for_a_day(tmp_path: Path) -> None:
    now = time.time()
    Records(tmp_path, lambda: now - SECONDS - 1).keep(Task("old", "a1", "mine", "mine"))
    Records(tmp_path, lambda: now - SECONDS / 2).keep(Task("new", "a1", "mine", "mine"))
    assert [task.id for task in Records(tmp_path).read()] == ["new"]


def test_of_one_account_few_wait_at_once() -> None:
    async def doing() -> None:
        tasks = Tasks()
        for n in range(4):
            tasks.begin(Task(str(n), "a1", "mine", "mine"), lambda _: asyncio.sleep(9))
        with pytest.raises(TooMany):
            tasks.begin(Task("5", "a1", "mine", "mine"), lambda _: asyncio.sleep(9))
        tasks.begin(Task("6", "b1", "mine", "mine"), lambda _: asyncio.sleep(9))
        await tasks.close()

    asyncio.run(doing())


# -- loading


def ended(rest: Rest, task: str) -> Any:
    for _ in range(6000):
        told = rest.document("GET", f"/tasks/{task}")
        if "finished" in told:
            return told
        time.sleep(0.05)
    raise AssertionError("it did not end")


def sent(rest: Rest, body: bytes, **given: Any) -> Any:
    headers = {"Content-Type": "text/csv", "Prefer": "respond-async, wait=1"}
    return rest("POST", "/uploads?name=scarves.csv", content=body, headers=headers, **given)


def begin(rest: Rest, **body: Any) -> Any:
    return rest("POST", "/tasks", json={"kind": "load", **body})


@pytest.fixture
def rest(prepared: Path, tmp_path: Path) -> Any:
    with served(Path(shutil.copytree(prepared, tmp_path / "w"))) as found:
        yield found


@pytest.mark.slow
def test_a_large_table_is_read_and_applied_as_tasks_with_progress(rest: Rest) -> None:
    answer = sent(rest, table())
    assert answer.status_code == 202, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    text = rest("GET", f"{answer.headers['location']}/events").text
    steps = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]
    told = [step["progress"] for step in steps if step["progress"]]
    assert told[-1] == {"label": "reading", "done": ROWS, "total": ROWS}
    upload = steps[-1]["result"]
    assert (steps[-1]["state"], upload["items"], upload["state"]) == ("done", ROWS, "ready")
    assert rest.document("GET", f"/uploads/{upload['id']}") == upload

    moved = begin(rest, upload=upload["id"], expected=10**9).json()["id"]
    assert ended(rest, moved)["problem"]["code"] == "WW-STORE-MOVED"
    done = ended(rest, begin(rest, upload=upload["id"]).json()["id"])
    assert done["state"] == "done", done
    newest = rest.document("GET", "/revisions?limit=1")["revisions"][0]
    assert done["result"]["revision"] == newest["revision"]
    assert newest["by"] == "ada-of-rest"
    assert rest.document("GET", "/items?limit=1&text=scarf")["total"] >= ROWS
    twice = begin(rest, upload=upload["id"])
    assert ended(rest, twice.json()["id"])["problem"]["code"] == "WW-UPLOAD-APPLIED"


@pytest.mark.slow
def test_what_is_refused_is_refused_at_once_or_told_by_the_task(rest: Rest) -> None:
    assert sent(rest, b"\x00\x01").status_code in (400, 415)
    assert sent(rest, table(2), who="bob").json()["code"] == "WW-ACCESS-ROLE"
    assert sent(rest, table(2), who="reader").json()["code"] == "WW-ACCESS-SCOPE"
    wrong = sent(rest, b"colour\nnavy\n").json()
    assert ended(rest, wrong["id"])["state"] == "failed"
    assert ended(rest, wrong["id"])["problem"]["code"].startswith("WW-")
    assert begin(rest, upload="nothing").json()["code"] == "WW-UPLOAD-NONE"
    mine = ended(rest, sent(rest, table(2)).json()["id"])["result"]["id"]
    stolen = rest("POST", "/tasks", json={"kind": "load", "upload": mine}, who="bob")
    assert stolen.json()["code"] == "WW-UPLOAD-NONE"


@pytest.mark.slow
def test_reading_that_is_stopped_leaves_nothing(rest: Rest) -> None:
    before = rest.document("GET", "/uploads")
    task = sent(rest, table(40_000)).json()["id"]
    while not (told := rest.document("GET", f"/tasks/{task}"))["progress"]:
        assert "finished" not in told, told
        time.sleep(0.02)
    assert rest.document("DELETE", f"/tasks/{task}")["state"] == "stopped"
    assert rest.document("GET", "/uploads") == before
    assert ended(rest, sent(rest, table(2)).json()["id"])["state"] == "done"


@pytest.mark.slow
def test_a_server_that_starts_again_tells_of_the_tasks_of_the_last(
    prepared: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(prepared, tmp_path / "w"))
    with served(folder) as rest:
        done = ended(rest, sent(rest, table(2)).json()["id"])
        cut = rest.document("POST", "/tasks", json={"kind": "worn"})["id"]
        headers = {"Authorization": f"Bearer {rest.keys['ada']}"}
    service = Service.open(folder, Configuration(requests_per_minute=0), door=door)
    with TestClient(create_app(service), base_url="http://127.0.0.1") as client:
        assert client.get(f"/tasks/{done['id']}", headers=headers).json() == done
        told = client.get(f"/tasks/{cut}", headers=headers).json()
        assert (told["state"], told["problem"]["code"]) == ("interrupted", "WW-TASK-INTERRUPTED")
        events = client.get(f"/tasks/{cut}/events", headers=headers).text
        assert events.startswith("event: end")
