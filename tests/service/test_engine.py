"""The engine's one thread: what takes too long is stopped, what is being written is not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wearwhy.errors import Unavailable
from wearwhy.service.engine import Engine
from wearwhy.store.database import Store
from wearwhy.workspace import Workspace


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over an empty workspace that gives up after half a second."""
    Store.create(tmp_path / "W")
    with Workspace.open(tmp_path / "W", hold=True) as workspace:
        found = Engine(workspace, seconds=0.5)
        yield found
        found.close()


def endless(_: Workspace) -> None:
    """Never end, as a rule's joins may not."""
    while True:
        sum(range(100))


def test_work_is_done_in_one_thread_and_in_order(engine: Engine) -> None:
    seen: list[int] = []

    def see(_: Workspace, n: int) -> None:
        seen.append(n)

    async def asked() -> None:
        await asyncio.gather(*(engine.run(see, n) for n in range(50)))

    asyncio.run(asked())
    assert seen == list(range(50))
    assert engine.figures()["engine_work_total"] == 50
    assert engine.call(lambda _: threading.current_thread().name).startswith("engine")


def test_what_never_ends_is_given_up_and_the_next_is_done(engine: Engine) -> None:
    for _ in range(2):
        with pytest.raises(Unavailable) as refused:
            engine.call(endless)
        assert refused.value.code == "WW-SERVICE-TIME"
        assert engine.call(lambda w: w.revision) == 0
    assert engine.figures()["engine_interrupted_total"] == 2


def test_work_cannot_keep_itself_from_being_stopped(engine: Engine) -> None:
    def stubborn(_: Workspace) -> None:
        while True:
            with contextlib.suppress(Exception):  # as some code might
                endless(_)

    with pytest.raises(Unavailable):
        engine.call(stubborn)


def test_a_change_that_is_being_written_is_written_to_its_end(engine: Engine) -> None:
    def slowly(workspace: Workspace) -> str:
        with workspace.writing:
            until = time.thread_time() + 1.2
            while time.thread_time() < until:
                sum(range(100))
        return "written"

    assert engine.call(slowly) == "written"


def test_an_error_of_the_work_is_who_asked_s_own(engine: Engine) -> None:
    def wrong(_: Workspace) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        engine.call(wrong)


def test_a_closed_engine_takes_nothing_more(engine: Engine) -> None:
    engine.close()
    with pytest.raises(Unavailable, match="stopping"):
        engine.call(lambda w: w.revision)
