"""Forgetting while a server runs: asked for at the command line, and gone from what stands beside."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner
from tests.service.people_given import SECRET, made

from wearwhy.cli.app import main
from wearwhy.service import sparql
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.errands import door
from wearwhy.service.service import Service

T = TypeVar("T")
__all__ = ["made"]  # a fixture
pytestmark = pytest.mark.slow


def told(folder: Path, *words: str) -> tuple[int, str]:
    """What the command line answers."""
    found = CliRunner().invoke(main, ["--workspace", str(folder), "account", *words])
    return found.exit_code, found.output


def memory(pid: int) -> bytes:
    """What a process holds in its heap and elsewhere."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb", 0) as held:
        for line in Path(f"/proc/{pid}/maps").read_text("ascii").splitlines():
            span, rights = line.split()[:2]
            begin, end = (int(edge, 16) for edge in span.split("-"))
            if rights.startswith("rw"):
                held.seek(begin)
                try:
                    found.append(held.read(end - begin))
                except OSError:
                    continue
    return b"".join(found)


async def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while not true():
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


def test_the_command_line_forgets_and_exports_through_the_server(
    made: Path, tmp_path: Path
) -> None:
    async def served() -> None:
        service = Service.open(made, door=door)
        ada, bob = (service.accounts.add(name, scopes=frozenset(Scope)) for name in ("ada", "bob"))
        for one in (ada, bob):
            service.accounts.own(one.id, f"{one.name}s")
        await service.start()
        try:
            caller = Caller(ada.id, "ada", frozenset(Scope), {"adas": Role.OWNER})
            query = "SELECT ?o { ?s ?p ?o }"
            await sparql.query(service, caller, query, wardrobe="adas")
            await eventually(lambda: len(service.lanes._free) == service.lanes.size)  # noqa: SLF001
            lanes = {lane.process.pid for lane in service.lanes._all}  # noqa: SLF001
            workers = set(service.asking.pool.pids)
            assert any(SECRET.encode() in memory(pid) for pid in lanes)
            assert any(SECRET.encode() in memory(pid) for pid in workers)

            code, text = await asyncio.to_thread(told, made, "export", "ada", f"{tmp_path}/a.zip")
            assert (code, (tmp_path / "a.zip").exists()) == (0, True), text
            code, text = await asyncio.to_thread(told, made, "forget", "ada", "--yes", "--json")
            assert code == 0, text
            assert json.loads(text)["forgotten"]["wardrobes"] == ["adas"]
            assert service.workspace.wardrobes() == ["bobs"]
            assert [one.name for one in service.accounts.everyone()] == ["bob"]
            code, text = await asyncio.to_thread(told, made, "forget", "ada", "--yes")
            assert code != 0
            assert "WW-ACCOUNT-UNKNOWN" in text

            # No process that held it is there any more, and none that is holds it.
            await eventually(lambda: len(service.lanes._free) == service.lanes.size)  # noqa: SLF001
            await eventually(lambda: len(service.asking.pool.pids) == service.asking.pool.size)
            now = {lane.process.pid for lane in service.lanes._all}  # noqa: SLF001
            assert not now & lanes
            assert not set(service.asking.pool.pids) & workers
            for pid in {*now, *service.asking.pool.pids}:
                assert SECRET.encode() not in memory(pid)
        finally:
            await service.close()

    asyncio.run(served())
