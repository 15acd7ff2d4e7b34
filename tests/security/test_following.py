"""Streams of a task's events: as long as who follows may see it, and a few for each account."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.requests import Request
from starlette.types import Message
from tests.security.world import World, made, running

from wearwhy.errors import TooMany
from wearwhy.http.callers import caller_by_now
from wearwhy.http.routes import tasks as route
from wearwhy.http.routes.tasks import _Following, _stream
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service
from wearwhy.service.tasks.registry import FOLLOWING, Tasks
from wearwhy.service.tasks.task import Task

ME = Caller("one", "me", frozenset(Scope), {"mine": Role.OWNER})
GUEST = Caller("one", "me", frozenset(Scope), {})


def _begun(tasks: Tasks) -> tuple[Task, asyncio.Event, Service]:
    go = asyncio.Event()

    async def work(_: Task) -> str:
        await go.wait()
        return "what it came to"

    task = Task("task-1", ME.account, "week", "mine")
    tasks.begin(task, work)
    return task, go, cast("Service", SimpleNamespace(tasks=tasks))


@pytest.mark.parametrize("since", [99, 10**19])
def test_a_number_that_the_task_never_had_holds_no_stream_open(since: int) -> None:
    async def story() -> None:
        tasks = Tasks()
        task, go, service = _begun(tasks)
        stream = _stream(service, ME, task.id, since, asyncio.Event())
        assert (await anext(stream)).startswith(b"event: progress\n")
        go.set()
        last = [event async for event in stream]
        assert last[-1].startswith(b"event: end\n")
        await tasks.close()

    asyncio.run(story())


@pytest.mark.parametrize("then", [None, GUEST])
@pytest.mark.parametrize("beat", [0.0, 3600.0])
def test_who_may_not_see_a_task_any_more_is_told_nothing_more(
    monkeypatch: pytest.MonkeyPatch, then: Caller | None, beat: float
) -> None:
    """Neither how it goes on, nor, where nothing happens, that it still does."""
    monkeypatch.setattr(route, "BEAT", beat)

    async def story() -> None:
        tasks, now = Tasks(), [cast("Caller | None", ME)]
        task, go, service = _begun(tasks)
        stream = _stream(service, ME, task.id, 0, asyncio.Event(), by_now=lambda: now[0])
        assert (await anext(stream)).startswith(b"event: progress\n")
        now[0] = then
        if beat:
            go.set()
        assert [event async for event in stream] == []
        assert task.over is bool(beat)
        await tasks.close()

    asyncio.run(story())


def test_a_forgotten_accounts_streams_end() -> None:
    async def story() -> None:
        tasks = Tasks()
        task, _, service = _begun(tasks)
        stream = _stream(service, ME, task.id, 0, asyncio.Event())
        assert (await anext(stream)).startswith(b"event: progress\n")
        tasks.forget(ME.account)
        assert [event async for event in stream] == []
        await tasks.close()

    asyncio.run(story())


def test_an_account_follows_a_few_at_once_and_another_as_many() -> None:
    async def story() -> None:
        tasks = Tasks()
        task, go, service = _begun(tasks)
        found: list[list[Message]] = []

        async def follow(who: Caller) -> None:
            seen: list[Message] = []
            found.append(seen)

            async def receive() -> Message:
                await asyncio.Event().wait()
                raise AssertionError

            async def send(message: Message) -> None:
                seen.append(message)

            stream = _stream(service, ME, task.id, 0, asyncio.Event())
            answer = _Following(tasks.following(who), stream, media_type="text/event-stream")
            scope = {"type": "http", "method": "GET", "headers": []}
            await answer(scope, receive, send)

        async def settled() -> None:
            for _ in range(200):
                await asyncio.sleep(0)

        mine = [asyncio.create_task(follow(ME)) for _ in range(FOLLOWING)]
        await settled()
        with pytest.raises(TooMany, match="follow") as refused:
            await follow(ME)
        assert refused.value.code == "WW-TASK-FOLLOWED"
        assert found[-1] == []  # nothing was begun: it is told like any other error
        other = asyncio.create_task(follow(Caller("two", "other", frozenset())))
        # Whoever goes away makes room, as who stays to the end does.
        mine.pop().cancel()
        await settled()
        mine.append(asyncio.create_task(follow(ME)))
        await settled()
        go.set()
        await asyncio.gather(other, *mine)
        await follow(ME)
        assert all(one[0]["status"] == 200 for one in found if one)
        await tasks.close()

    asyncio.run(story())


# -- who stands behind a request by now ----------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path) -> Any:
    with running(made(tmp_path / "w")) as found:
        yield found


def _request(world: World, **headers: str) -> Request:
    told = {"host": "127.0.0.1", **headers}
    lines = [(name.lower().encode(), text.encode()) for name, text in told.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": lines}
    return Request({**scope, "app": world.client.app, "client": ("127.0.0.1", 5)})


@pytest.mark.parametrize("way", ["revoked", "switched off", "forgotten"])
def test_a_key_that_ended_names_nobody(here: World, way: str) -> None:
    accounts = here.service.accounts
    bob = accounts.find("bob").id
    key = accounts.new_key(bob)
    request = _request(here, authorization=f"Bearer {key.secret}")
    request.state.caller = Caller("somebody", "else", frozenset(Scope))  # as it was when it began
    found = caller_by_now(request)
    assert found is not None
    assert found.account == bob
    if way == "revoked":
        accounts.revoke(bob, key.id)
    elif way == "switched off":
        accounts.change(bob, disabled=True)
    else:
        accounts.erase(bob)
    assert caller_by_now(request) is None


@pytest.mark.parametrize("way", ["signed out", "new password"])
def test_a_session_that_ended_names_nobody(here: World, way: str) -> None:
    accounts = here.service.accounts
    bob = accounts.find("bob").id
    session = accounts.session(bob)
    request = _request(here, cookie=f"wearwhy={session.token}")
    assert caller_by_now(request) is not None
    if way == "signed out":
        accounts.end_session(bob, session.id)
    else:
        accounts.set_password(bob, "plinth gannet vortex umber")
    assert caller_by_now(request) is None


def test_a_stream_keeps_no_session_alive(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = here.service.accounts
    begun = accounts._now()  # noqa: SLF001  # the clock that it has
    session = accounts.session(accounts.find("bob").id)
    request = _request(here, cookie=f"wearwhy={session.token}")
    hours = Configuration().session_hours
    for share in (0.25, 0.5, 0.75, 0.99, 1.01):
        at = begun + share * (session.expires - session.created) * hours / (14 * 24)
        monkeypatch.setattr(accounts, "_now", lambda at=at: at)
        assert (caller_by_now(request) is not None) is (share < 1)


def test_a_guess_is_not_counted_again_for_as_long_as_a_stream_lasts(here: World) -> None:
    request = _request(here, authorization="Bearer ww_unknown")
    for _ in range(200):
        assert caller_by_now(request) is None
    answer = here.client.get("/me", headers={"Authorization": "Bearer ww_unknown"})
    assert answer.status_code == 401
