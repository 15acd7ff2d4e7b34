"""How a server starts: its processes come up meanwhile, and nothing is made twice."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import sys
from importlib import import_module
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from wearwhy.errors import Unavailable
from wearwhy.http.app import ROUTERS, routes_of
from wearwhy.http.server import Server
from wearwhy.service.configuration import Configuration
from wearwhy.service.workers.pool import Limits, Pool

MODULE = "wearwhy.service.workers.sparql"
EASY = Limits(seconds=120, memory=200 << 20, size=1 << 20)


def launched(size: int = 2) -> Pool:
    found = Pool(size, modules=(MODULE,), limits=EASY)
    found.launch()
    return found


def pids(pool: Pool) -> set[int]:
    return {member.pid for member in pool.launched}


def test_processes_launched_before_the_loop_runs_are_those_that_answer() -> None:
    pool = launched()
    before = pids(pool)

    async def asked() -> tuple[set[int], bytes]:
        await pool.start()
        done = await pool.run(f"{MODULE}:nothing", {"format": "turtle"})
        found = set(pool.pids), done.body
        await pool.close()
        return found

    after, body = asyncio.run(asked())
    assert len(before) == 2
    assert (after, body) == (before, b"")


def test_processes_that_were_launched_for_nothing_end_with_the_pool() -> None:
    pool = launched()
    opened = [os.pidfd_open(pid) for pid in pids(pool)]
    try:
        asyncio.run(pool.close())
        assert len(opened) == 2
        assert all(select.select([one], [], [], 60)[0] for one in opened)  # readable once it ended
    finally:
        for one in opened:
            os.close(one)


def test_what_could_not_be_launched_is_told_by_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/none")
    pool = launched()
    assert pids(pool) == {0}

    async def started() -> None:
        try:
            await pool.start()
        finally:
            await pool.close()

    with pytest.raises(Unavailable) as caught:
        asyncio.run(started())
    assert caught.value.code == "WW-WORKER-START"


def test_a_server_looks_for_garbage_again_once_it_is_ready() -> None:
    app = Starlette()
    parts = {"base": False}
    app.state.readiness = SimpleNamespace(parts=lambda: parts, failed=None)
    server = Server(app, Configuration())
    gc.disable()
    try:
        assert not asyncio.run(server.on_tick(1))
        assert not gc.isenabled()
        parts["base"] = True
        assert not asyncio.run(server.on_tick(2))
        assert gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()


@pytest.mark.parametrize("name", ROUTERS)
def test_each_route_is_taken_as_it_was_made(name: str) -> None:
    routes = routes_of(import_module(f"wearwhy.http.{name}"))
    assert routes
    assert all(isinstance(route, Route) for route in routes)
