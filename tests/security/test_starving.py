"""One account, or one stranger, keeps nobody else from being answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.security.world import World

from wearwhy.errors import Refused, nearest
from wearwhy.http.limits import SMALL_BYTES, Bounded, _Turn
from wearwhy.service import idempotency, inputs
from wearwhy.service.accounts import passwords
from wearwhy.service.caller import Caller, Role
from wearwhy.service.caller import Scope as May
from wearwhy.service.configuration import Configuration
from wearwhy.service.idempotency import Answered, Idempotency
from wearwhy.service.tasks import registry
from wearwhy.service.tasks.registry import Tasks
from wearwhy.service.tasks.task import State, Task

ADA = Caller("ada", "ada", frozenset(May), {"adas": Role.OWNER})
BOB = Caller("bob", "bob", frozenset(May), {"bobs": Role.OWNER})
MANY = {f"field{number}": 1 for number in range(2000)}


# -- requests under way --------------------------------------------------------------------------


class Crowd:
    """An application that answers nobody before it is told to, and who asks it."""

    def __init__(self, in_flight: int) -> None:
        self.go = asyncio.Event()
        self.inside = 0
        self._bounded = Bounded(self._app, Configuration(in_flight=in_flight))

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.inside += 1
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(self, address: str, came: asyncio.Event | None = None) -> int:
        """Return the status of the answer; with `came`, the body does not come before that."""
        found: list[Message] = []
        length = [] if came is None else [(b"content-length", b"2")]
        scope = {
            "type": "http", "method": "POST", "path": "/x", "query_string": b"",
            "headers": [(b"host", b"127.0.0.1"), *length], "client": (address, 1),
        }  # fmt: skip

        async def receive() -> Message:
            if came is not None:
                await came.wait()
            return {"type": "http.request", "body": b"{}" if came else b"", "more_body": False}

        async def send(message: Message) -> None:
            found.append(message)

        await self._bounded(scope, receive, send)
        return int(found[0]["status"])


async def _settled() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


@pytest.mark.parametrize("bodies", [False, True])
def test_who_asks_without_end_leaves_room_for_the_others(bodies: bool) -> None:
    async def story() -> None:
        crowd = Crowd(in_flight=16)
        came = asyncio.Event() if bodies else None
        flood = [asyncio.create_task(crowd.ask("203.0.113.7", came)) for _ in range(32)]
        await _settled()
        if came is not None:  # all at once, when all of them have got in
            came.set()
            await _settled()
        assert crowd.inside == 8
        others = [asyncio.create_task(crowd.ask(f"198.51.100.{one}")) for one in range(6)]
        await _settled()
        assert crowd.inside == 14
        crowd.go.set()
        # So many wait for their own to end; more are told to come again.
        assert sorted(await asyncio.gather(*flood)) == [200] * 24 + [429] * 8
        assert await asyncio.gather(*others) == [200] * 6
        # What is over counts no more.
        assert await asyncio.gather(*(crowd.ask("203.0.113.7") for _ in range(8))) == [200] * 8

    asyncio.run(story())


def test_an_account_is_one_however_many_keys_it_has(world: World) -> None:
    accounts = world.service.accounts
    eve = accounts.find("eve").id
    keys = [accounts.new_key(eve).secret for _ in range(3)]
    app = world.client.app
    turns = []
    bounded = Bounded(app, Configuration(in_flight=8))
    for key in keys:
        headers = [(b"authorization", f"Bearer {key}".encode()), (b"host", b"127.0.0.1")]
        scope = {"type": "http", "app": app, "headers": headers, "path": "/", "state": {}}
        turns.append(_who(bounded, {**scope, "client": ("203.0.113.7", 1)}))
    assert set(turns) == {eve}


def _who(bounded: Bounded, scope: dict[str, Any]) -> str:
    async def nothing(*_: object) -> Message:
        raise AssertionError

    return _Turn(bounded, Configuration(), 1, scope, nothing, nothing).who  # type: ignore[arg-type]


# -- bodies of strangers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer ww_unknown"}, {"Cookie": "wearwhy=x"}]
)
@pytest.mark.parametrize("path", ["/wardrobes", "/items", "/keys", "/mcp", "/uploads", "/sparql"])
def test_of_a_stranger_no_large_body_is_read(
    world: World, path: str, headers: dict[str, str]
) -> None:

    def body() -> Iterator[bytes]:
        yield from [b"[" + b"[]," * 5000] * 64

    stated = {"Content-Type": "application/json", "Content-Length": str(64 * 15_001), **headers}
    answer = world.client.post(path, content=body(), headers=stated)
    assert answer.status_code == 401, answer.text
    assert answer.json()["code"] == "WW-ACCESS-KEY"
    # Where no length is stated, it is counted.
    answer = world.client.post(
        path, content=body(), headers={"Content-Type": "application/json", **headers}
    )
    assert answer.status_code in (401, 413), answer.text


@pytest.mark.parametrize("path", ["/sessions", "/accounts", "/page/sign-in", "/page/first-account"])
def test_what_anybody_may_send_is_small(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: pytest.fail("it was read"))
    body = json.dumps({"name": "ada", "password": "x" * SMALL_BYTES})
    answer = world.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["code"] == "WW-HTTP-BODY"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/wardrobes", MANY),
        ("/recommendations", {"weather": MANY}),
        (
            "/mcp",
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "recommend", "arguments": MANY},
            },
        ),
        (
            "/mcp",
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "recommend", "arguments": {"x" * 100_000: 1}},
            },
        ),
        ("/wardrobes", {"x" * 100_000: 1}),
    ],
)
def test_what_was_meant_is_looked_for_as_often_as_it_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    looked: list[str] = []

    def counted(name: str, known: Any) -> str | None:
        looked.append(name)
        return nearest(name, known)

    monkeypatch.setattr("wearwhy.service.inputs.nearest", counted)
    headers = {**world.ada, "Accept": "application/json"}
    answer = world.client.post(path, json=body, headers=headers)
    assert "nothing of that name is taken" in answer.text
    assert 1 <= len(looked) <= inputs.MOST
    assert max(map(len, looked)) <= 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/recommendations", {"occasions": [1] * 30_000}),
        ("/recommendations", {"calendar": [{"a": [1] * 300}] * 100}),
        ("/items", {f"a{number}": 1 for number in range(30_000)}),
        (
            "/mcp",
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "recommend", "arguments": {"occasions": [1] * 30_000}},
            },
        ),
    ],
)
def test_what_has_more_members_than_anybody_means_is_refused_as_one_mistake(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, body: Any
) -> None:
    told: list[int] = []
    known = inputs.wrongs

    def counted(found: Any, *rest: Any, **more: Any) -> list[inputs.Wrong]:
        told.append(len(list(found)))
        return known(found, *rest, **more)

    monkeypatch.setattr("wearwhy.http.problems.wrongs", counted)
    monkeypatch.setattr("wearwhy.mcp.arguments.wrongs", counted)
    answer = world.client.post(path, json=body, headers={**world.ada, "Accept": "application/json"})
    assert told == [1], answer.text[:500]
    assert str(inputs.MEMBERS) in answer.text


# -- long work -----------------------------------------------------------------------------------


def test_another_accounts_task_begins_however_many_one_has() -> None:
    async def story() -> None:
        tasks, go = Tasks(), {name: asyncio.Event() for name in ("ada", "bob", "eve")}

        async def work(task: Task) -> str:
            await go[task.account].wait()
            return task.account

        made: dict[str, list[Task]] = {"ada": [], "bob": [], "eve": []}
        for who in ("ada", "ada", "ada", "bob", "bob", "bob", "eve"):
            made[who].append(Task(f"{who}-{len(made[who])}", who, "week", ""))
            tasks.begin(made[who][-1], work)
        await _settled()

        def running() -> list[str]:
            return [
                one.id for those in made.values() for one in those if one.state is State.RUNNING
            ]

        assert running() == ["ada-0", "bob-0"]
        # A place that comes free is for who has waited without a turn, not for who came first.
        await tasks.stop(made["ada"][0])
        await _settled()
        assert running() == ["bob-0", "eve-0"]
        go["bob"].set()
        await _settled()
        assert running() == ["ada-1", "eve-0"]
        # One that is stopped while it waits takes no place along.
        await tasks.stop(made["ada"][2])
        for one in go.values():
            one.set()
        await _settled()
        assert {one.state for those in made.values() for one in those} == {
            State.DONE,
            State.STOPPED,
        }
        await tasks.close()

    asyncio.run(story())


def test_nobodys_results_go_for_what_another_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "KEPT", 3)

    async def story() -> None:
        tasks = Tasks()

        async def work(task: Task) -> str:
            return task.id

        tasks.begin(Task("bobs", BOB.account, "week", ""), work)
        for number in range(10):
            await _settled()
            tasks.begin(Task(f"adas-{number}", ADA.account, "week", ""), work)
        await _settled()
        assert tasks.get(BOB, "bobs").result == "bobs"
        assert [one.id for one in tasks.of(ADA)] == ["adas-9", "adas-8", "adas-7"]
        await tasks.close()

    asyncio.run(story())


# -- answers that are kept -----------------------------------------------------------------------


def test_nobodys_kept_answer_goes_for_what_another_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "EACH", 5)
    now = iter(range(1000))
    kept = Idempotency(tmp_path, clock=lambda: float(next(now)))
    said = Answered(200, {}, b"{}")
    kept.begin("bob", "k", "one")
    kept.keep("bob", "k", said)
    for number in range(20):
        kept.begin("ada", str(number), "one")
        kept.keep("ada", str(number), said)
    assert kept.begin("bob", "k", "one") == said
    assert kept.begin("ada", "19", "one") == said
    assert kept.begin("ada", "0", "another") is None  # long forgotten
    kept.close()


def test_an_account_fills_no_disk_with_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "ROOM", 10_000)
    now = iter(range(1000))
    kept = Idempotency(tmp_path, clock=lambda: float(next(now)))
    said = Answered(200, {"content-type": "application/json"}, b"x" * 1000)
    for number in range(50):
        kept.begin("ada", str(number), "one")
        kept.keep("ada", str(number), said)
    found = [kept.begin("ada", str(number), "one") for number in range(50)]
    assert sum(len(one.body) for one in found if one) <= 10_000
    assert found[-1] == said
    # That the oldest were answered is known still: none is made twice.
    assert found[0] == Answered(200, {"content-type": "application/json"}, b"")
    with pytest.raises(Refused):
        kept.begin("ada", "0", "another")
    kept.close()
