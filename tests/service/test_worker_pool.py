"""The pool: jobs are answered, and no job hurts another, however it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.service.processes_given import gone, until

from wearwhy.errors import FormatError, InputError, TooLarge, Unavailable, WearwhyError
from wearwhy.service.workers.frames import Frames, frame
from wearwhy.service.workers.pool import Done, Limits, Pool
from wearwhy.service.workers.shipped import View
from wearwhy.service.workers.turns import Turns

HERE = Path(__file__).parent
MODULE = "worker_jobs"
EASY = Limits(seconds=120, memory=200 << 20, size=1 << 20)
"""So much time that no busy machine takes longer."""
SHORT = Limits(seconds=0.2, memory=200 << 20, size=1 << 20)
"""So little that the processor's limit is met: before the clock's, where a graph is given."""
NOTHING = View("v", "l", None, frozenset(), frozenset(), (), 1)


@asynccontextmanager
async def pool(size: int = 1, **given: Any) -> AsyncIterator[Pool]:
    path = {"PYTHONPATH": f"{HERE.parents[1] / 'src'}:{HERE}"}
    environment = {**path, **given.pop("environment", {})}
    given = {"limits": EASY, **given}
    made = Pool(size, modules=(MODULE,), environment=environment, **given)
    try:
        yield made
    finally:
        await made.close()


def job(pool: Pool, name: str, body: bytes = b"", who: str = "", **args: Any) -> Awaitable[Done]:
    return pool.run(f"{MODULE}:{name}", args, body, who=who)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock ends a job that a graph is given for; the limits of the process itself stand."""
    monkeypatch.setattr("wearwhy.service.workers.pool.LOAD_SECONDS", 600.0)


async def code_of(work: Awaitable[Any]) -> str:
    with pytest.raises(WearwhyError) as caught:
        await work
    return caught.value.code


def test_a_job_gets_what_it_is_given_and_its_process_stays() -> None:
    async def story() -> None:
        async with pool() as one:
            done = await job(one, "echo", b"abc" * 100_000, some="thing")
            assert done.body == b"cba" * 100_000
            assert (done.value["some"], done.value["text"]) == ("thing", "é")
            assert (await job(one, "echo")).value["pid"] == done.value["pid"]

    asyncio.run(story())


def test_errors_come_back_as_what_they_were() -> None:
    async def story() -> None:
        async with pool() as one:
            with pytest.raises(FormatError) as refused:
                await job(one, "refuse")
            error = refused.value
            assert (error.code, error.sentence) == ("WW-TEST", "It is refused.")
            assert (error.note, error.hint, str(error.place)) == ("n", "h", "f:1:2")
            with pytest.raises(InputError) as slipped:
                await job(one, "slip")
            assert slipped.value.code == "WW-WORKER-FAILED"
            assert "secret" not in str(slipped.value)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("name", "args", "seconds", "code"),
    [
        ("sleep", {"seconds": 90}, 0.5, "WW-WORKER-BUDGET"),
        ("eat", {"mebibytes": 2000}, 120, "WW-WORKER-BUDGET"),
        ("grow", {"times": 1 << 20}, 120, "WW-WORKER-BUDGET"),
        ("fault", {}, 120, "WW-WORKER-CRASH"),
        ("babble", {}, 120, "WW-WORKER-CRASH"),
    ],
)
def test_what_goes_beyond_its_limits_is_stopped_and_the_next_job_runs(
    name: str, args: dict[str, Any], seconds: float, code: str
) -> None:
    async def story() -> None:
        async with pool() as one:
            await one.start()
            began = time.monotonic()
            limits = Limits(seconds, memory=100 << 20, size=1 << 19)
            asked = one.run(f"{MODULE}:{name}", args, b"xx", limits=limits)
            assert await code_of(asked) == code
            assert time.monotonic() - began < 60  # where it was not stopped, it is 90 or more
            assert (await job(one, "echo", b"ab")).body == b"ba"

    asyncio.run(story())


@pytest.mark.usefixtures("unhurried")
def test_a_job_that_computes_too_long_is_slow_though_its_process_ended_itself() -> None:
    async def story() -> None:
        async with pool() as one:
            with pytest.raises(TooLarge, match=r"longer than 0\.2 s"):
                await one.run(f"{MODULE}:spin", {"seconds": 60}, limits=SHORT, view=NOTHING)
            assert one.figures()["workers_slow_total"] == 1
            assert (await job(one, "echo", b"ab")).body == b"ba"

    asyncio.run(story())


@pytest.mark.usefixtures("unhurried")
def test_being_given_a_graph_does_not_count_as_the_last_jobs_computing() -> None:
    async def story() -> None:
        async with pool(environment={"LOADING": "4"}) as one:
            await one.start()
            echo = f"{MODULE}:echo"
            first = await one.run(echo, {}, limits=SHORT, view=NOTHING)
            late = View("late", "l", None, frozenset(), frozenset(), (), 2)
            second = await one.run(echo, {}, limits=SHORT, view=late)
            assert first.value["pid"] == second.value["pid"]

    asyncio.run(story())


def test_a_process_that_is_killed_is_replaced_busy_or_idle() -> None:
    async def story() -> None:
        async with pool() as one:
            first = (await job(one, "echo")).value["pid"]
            running = asyncio.ensure_future(job(one, "sleep", seconds=90))
            await until(lambda: one.busy == 1)
            os.kill(first, signal.SIGKILL)
            assert await code_of(running) == "WW-WORKER-CRASH"
            second = (await job(one, "echo")).value["pid"]
            assert second != first
            os.kill(second, signal.SIGKILL)
            await until(lambda: second not in one.pids)
            assert (await job(one, "echo")).value["pid"] not in {first, second}

    asyncio.run(story())


def test_a_process_that_was_killed_a_moment_before_is_given_no_work() -> None:
    async def story() -> None:
        async with pool() as one:
            first = (await job(one, "echo")).value["pid"]
            os.kill(first, signal.SIGKILL)
            assert gone(first)  # and nothing of ours has been told of it: the loop did not run
            assert (await job(one, "echo")).value["pid"] != first
            # Nor where others wait for their turn.
            second, third = (job(one, "echo"), job(one, "echo"))
            killed = one.pids[0]
            os.kill(killed, signal.SIGKILL)
            assert gone(killed)
            told = await asyncio.gather(second, third)
            assert killed not in {done.value["pid"] for done in told}
            assert one.figures()["workers_died_total"] == 0

    asyncio.run(story())


def test_giving_up_ends_the_process() -> None:
    async def story() -> None:
        async with pool() as one:
            pid = (await job(one, "echo")).value["pid"]
            running = asyncio.ensure_future(job(one, "sleep", seconds=90))
            waiting = asyncio.ensure_future(job(one, "sleep", seconds=90))
            await until(lambda: (one.busy, one.waiting) == (1, 1))
            waiting.cancel()
            running.cancel()
            await asyncio.gather(running, waiting, return_exceptions=True)
            assert gone(pid)
            assert (one.waiting, one.busy) == (0, 0)
            assert (await job(one, "echo", b"ab")).body == b"ba"

    asyncio.run(story())


def test_a_process_can_reach_nothing() -> None:
    async def story() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            async with pool() as one:
                ways = (await job(one, "reach", port=server.getsockname()[1])).value
        assert ways == dict.fromkeys(("read", "write", "connect", "pipe"), "OSError")

    asyncio.run(story())


@pytest.mark.slow
def test_one_caller_does_not_keep_the_others_waiting() -> None:
    async def story() -> None:
        async with pool() as one:
            await one.start()
            greedy = [
                asyncio.ensure_future(job(one, "sleep", who="greedy", seconds=2)) for _ in range(4)
            ]
            await until(lambda: (one.busy, one.waiting) == (1, 3))
            # It is the modest one's turn after the first of them, or in a spare process.
            await job(one, "echo", who="modest")
            assert sum(task.done() for task in greedy) <= 2
            await asyncio.gather(*greedy)
            await until(lambda: len(one.pids) == 1)

    asyncio.run(story())


def test_more_than_may_wait_is_refused() -> None:
    async def story() -> None:
        async with pool(waiting=4) as one:
            await one.start()
            tasks = [asyncio.ensure_future(job(one, "sleep", seconds=90)) for _ in range(4)]
            await until(lambda: (one.busy, one.waiting) == (1, 1))
            with pytest.raises(Unavailable) as caught:
                await job(one, "echo")
            assert caught.value.code == "WW-BUSY"
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())


def test_closing_ends_all_and_tells_who_waits() -> None:
    async def story() -> list[int]:
        async with pool() as one:
            await one.start()
            pids = one.pids
            tasks = [asyncio.ensure_future(job(one, "sleep", seconds=90)) for _ in range(3)]
            await until(lambda: (one.busy, one.waiting) == (1, 2))
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(error, WearwhyError) for error in ended)
        assert await code_of(job(one, "echo")) == "WW-SERVICE-STOPPING"
        return pids

    assert all(map(gone, asyncio.run(story())))


def test_a_pool_that_cannot_start_says_so() -> None:
    async def story() -> None:
        made = Pool(1, modules=("no_such_module",))
        try:
            assert await code_of(made.start()) == "WW-WORKER-START"
            assert await code_of(made.run("no_such_module:job", {})) == "WW-WORKER-START"
        finally:
            await made.close()

    asyncio.run(story())


ORPHANING = """
import asyncio, os, signal, sys
from wearwhy.service.workers.pool import Pool
async def main():
    pool = Pool(1, modules=("worker_jobs",), environment={"PYTHONPATH": sys.argv[1]})
    await pool.start()
    print(*pool.pids, flush=True)
    asyncio.ensure_future(pool.run("worker_jobs:sleep", {"seconds": 60}))
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def test_processes_end_with_the_server_however_that_ends() -> None:
    path = f"{HERE.parents[1] / 'src'}:{HERE}"
    ended = subprocess.run(
        (sys.executable, "-c", ORPHANING, path),
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    pids = [int(word) for word in ended.stdout.split()]
    assert pids
    assert all(map(gone, pids))


@pytest.mark.slow
def test_what_a_job_left_behind_is_no_room_for_the_next() -> None:
    async def story() -> None:
        limits = Limits(seconds=120, memory=120 << 20)
        async with pool(limits=limits, room=1 << 20) as one:
            view = View("v", "l", None, frozenset(), frozenset(), (), 0)
            for number in range(4):  # a graph that is sent has the limit set anew
                sent = replace(view, key=f"v{number}")
                await one.run(f"{MODULE}:eat", {"mebibytes": 80}, view=sent)
                assert await code_of(one.run(f"{MODULE}:eat", {"mebibytes": 160}, view=sent)) in {
                    "WW-WORKER-BUDGET",
                    "WW-WORKER-CRASH",
                }

    asyncio.run(story())


def test_how_jobs_ended_is_counted() -> None:
    async def story() -> dict[str, float]:
        async with pool() as one:
            await job(one, "echo")
            await code_of(one.run(f"{MODULE}:sleep", {"seconds": 90}, limits=SHORT))
            await code_of(job(one, "fault"))
            return one.figures()

    found = asyncio.run(story())
    ends = {end: found[f"workers_{end}_total"] for end in ("answered", "slow", "died", "hungry")}
    assert ends == {"answered": 1, "slow": 1, "died": 1, "hungry": 0}


def test_too_large_is_an_error_of_its_own_kind() -> None:
    async def story() -> None:
        async with pool(limits=Limits(seconds=120, size=10)) as one:
            with pytest.raises(TooLarge):
                await job(one, "echo", b"x" * 11)

    asyncio.run(story())


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    return (text[n : n + size] for n in range(0, len(text), size))


@pytest.mark.parametrize("size", [1, 3, 8, 1000])
def test_frames_come_through_in_any_pieces(size: int) -> None:
    sent = [({"n": n}, b"x" * n) for n in (0, 1, 50, 3)]
    frames = Frames()
    text = b"".join(frame(head, body) for head, body in sent)
    assert [found for piece in pieces(text, size) for found in frames.add(piece)] == sent


def test_a_frame_beyond_its_size_is_refused() -> None:
    with pytest.raises(ValueError, match="frame"):
        list(Frames(largest=100).add(frame({}, b"x" * 200)))


def test_turns_go_round() -> None:
    turns: Turns[str] = Turns(most=10, each=5)
    for name in ("a1", "a2", "a3", "b1", "c1", "c2"):
        turns.add(name[0], name)
    assert turns.remove("c", "c1")
    assert not turns.remove("c", "c1")
    order: list[str | None] = [turns.next({}, 1) for _ in range(6)]
    assert order == ["a1", "b1", "c2", "a2", "a3", None]
    assert len(turns) == 0


def test_who_has_enough_running_is_passed_over() -> None:
    turns: Turns[str] = Turns(most=10, each=5)
    turns.add("a", "a1")
    turns.add("b", "b1")
    assert turns.next({"a": 2}, 2) == "b1"
    assert turns.next({"a": 2}, 2) is None
    assert not turns.others({"a": 2}, 2)
    assert turns.next({"a": 1}, 2) == "a1"
