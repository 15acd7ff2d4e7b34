"""Work that takes long is done beside: it sees what was changed, and nobody waits for it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from wearwhy.errors import Unavailable, UnknownName
from wearwhy.rdf import WW, NamedNode
from wearwhy.service import answering, looks, revising, rulebook, sparql
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.lanes import PATIENCE, Lanes, Unfit
from wearwhy.service.service import Service
from wearwhy.service.wishing import Wish
from wearwhy.workspace import Workspace, edits

ROOT = Path(__file__).parents[2]
ME = Caller("one", "me", frozenset(Scope), {"mine": Role.OWNER})
OFFICE = Wish(("office",), date(2026, 11, 24), "8C rain wind 20km/h")
# Every pair of facts is met with every other, and nothing is ever concluded.
ENDLESS = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA { rule:endless rdfs:label "endless"@en, "无尽"@zh ;
  ww:sentence "{?a}"@en, "{?a}"@zh ; ww:author "me" ; ww:origin "none" . }
RULE rule:endless { ?a ww:note ?b }
WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f . FILTER(STR(?b) = CONCAT(STR(?d), STR(?f), "?!")) }
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled wardrobe."""
    found = Workspace.init(tmp_path_factory.mktemp("lanes") / "W")
    found.load(ROOT / "data" / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    return found.folder


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Service]:
    """A service that has started."""
    service = Service.open(folder)
    service.engine.seconds = service.lanes.seconds = 300.0  # of a machine as busy as it likes
    await service.start()
    try:
        yield service
    finally:
        await service.close()


def test_what_is_done_beside_is_what_is_done_in_turn(folder: Path) -> None:
    async def asked() -> None:
        async with serving(folder) as service:
            first = await service.run(looks.recommend, ME, OFFICE)
            look = first["looks"][0]["id"]
            beside = await service.run_slow(looks.explain, ME, look)
            assert beside == await service.run(looks.explain, ME, look)
            assert service.lanes.figures["done_total"] == 1
            # A change is seen by whoever asks after it.
            item = first["looks"][0]["items"][0]["id"]
            edit = edits.set_value(
                service.workspace.state, "mine", NamedNode(item), WW.colour, WW["colour-red"]
            )
            await service.engine.run(lambda w: w.apply(edit))
            changed = await service.run_slow(looks.explain, ME, look)
            assert changed == await service.run(looks.explain, ME, look)
            assert changed["revision"] == beside["revision"] + 1
            await service.engine.run(lambda w: w.undo())
            with pytest.raises(UnknownName):
                await service.run_slow(looks.explain, ME, "look-ffffffffffff")

    asyncio.run(asked())


def test_a_rule_that_never_ends_is_given_up_while_others_are_answered(folder: Path) -> None:
    async def asked() -> None:
        async with serving(folder) as service:
            service.lanes.seconds = 10.0
            change = rulebook.RuleChange(topic="endless", text=ENDLESS)
            await service.run(looks.recommend, ME, OFFICE)
            begun = time.monotonic()
            slow = asyncio.create_task(
                service.run_slow(rulebook.preview, ME, change, wish=OFFICE, wardrobe="mine")
            )
            answered = 0
            while not slow.done() and answered < 10:
                wish = Wish(("dinner",), date(2026, 11, 24), f"{answered}C")
                await service.run(looks.recommend, ME, wish)
                answered += 1
            assert answered >= 3
            with pytest.raises(Exception) as refused:  # noqa: PT011  # which wall held is its code
                await slow
            assert getattr(refused.value, "code", "").startswith(("WW-SERVICE-", "WW-BUDGET-"))
            assert time.monotonic() - begun < 10.0 * PATIENCE + 60
            # The next one finds a process again.
            first = await service.run(looks.recommend, ME, OFFICE)
            service.lanes.seconds = 60.0
            assert await service.run_slow(looks.explain, ME, first["looks"][0]["id"])

    asyncio.run(asked())


def test_axioms_without_end_are_given_up_before_they_are_committed(folder: Path) -> None:
    chain = " ".join(f"<urn:x{n}> owl:sameAs <urn:x{n + 1}> ." for n in range(2_500))

    async def asked() -> None:
        async with serving(folder) as service:
            await service.run_slow(looks.recommend, ME, OFFICE)  # the process is there
            service.lanes.seconds = 10.0
            before = service.workspace.revision
            update = asyncio.create_task(
                sparql.update(service, ME, f"INSERT DATA {{ {chain} }}", wardrobe="mine")
            )
            slowest = 0.0
            while not update.done():
                begun = time.monotonic()
                await service.engine.run(lambda workspace: workspace.revision)
                slowest = max(slowest, time.monotonic() - begun)
                await asyncio.sleep(0.05)
            with pytest.raises(Unavailable, match="given up"):
                await update
            assert slowest < 8  # done in turn, it would be ten seconds and more
            assert service.workspace.revision == before

    asyncio.run(asked())


def test_a_process_that_is_killed_is_replaced(folder: Path) -> None:
    async def asked() -> None:
        lanes = Lanes(folder)
        lanes.start()
        try:
            given: tuple[Any, ...] = ("mine",)
            with pytest.raises(Unfit):  # a test is no module of ours
                await lanes.run(_ended, ME, given, {}, at=0)
            for _ in range(2):
                await lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0)
                (lane,) = lanes._all  # noqa: SLF001
                lane.process.send_signal(signal.SIGSTOP)  # so that it dies at work
                run = asyncio.create_task(lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0))
                await asyncio.sleep(0.1)
                lane.process.kill()
                with pytest.raises(Exception, match="ended the process"):
                    await run
            assert lanes.figures == {"done_total": 2, "died_total": 2}
            # One that was killed a moment before is given nothing to do.
            await lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0)
            (lane,) = lanes._all  # noqa: SLF001
            _killed(lane.process.pid)
            await lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0)
            assert lanes.figures == {"done_total": 4, "died_total": 2}
        finally:
            await lanes.close()

    asyncio.run(asked())


def _killed(process: int) -> None:
    """End a process and wait until it has; it stays to be asked how."""
    os.kill(process, signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)


def _ended(_: Service, __: Caller, name: str) -> str:
    return name


def test_work_is_given_up_when_its_time_is_over(folder: Path) -> None:
    async def asked() -> None:
        lanes = Lanes(folder, seconds=0.01)
        lanes.start()
        try:
            with pytest.raises(Unavailable) as refused:
                await lanes.run(looks.why_not, ME, ("w03", OFFICE), {}, at=0)
            assert refused.value.code == "WW-SERVICE-TIME"
            assert lanes.figures == {"time_total": 1}
        finally:
            await lanes.close()

    asyncio.run(asked())


def test_a_process_that_gets_no_turn_is_waited_for_but_not_for_ever(folder: Path) -> None:
    async def asked() -> None:
        lanes = Lanes(folder, seconds=60.0)
        lanes.start()
        try:
            await lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0)
            (lane,) = lanes._all  # noqa: SLF001
            work = partial(lanes.run, revising.revisions, ME, (), {}, at=0)
            lane.process.send_signal(signal.SIGSTOP)
            asyncio.get_running_loop().call_later(3, lane.process.send_signal, signal.SIGCONT)
            begun = time.monotonic()
            assert await work(seconds=2.5)  # of computing, of which this takes next to nothing
            assert time.monotonic() - begun > 2.5
            lane.process.send_signal(signal.SIGSTOP)
            with pytest.raises(Unavailable, match=r"given up after 1\.2 s\."):
                await work(seconds=0.2)
            assert not lane.alive
            assert lanes.figures["time_total"] == 1
        finally:
            await lanes.close()

    asyncio.run(asked())


def test_fresh_processes_take_the_place_of_all(folder: Path) -> None:
    async def asked() -> None:
        lanes = Lanes(folder, size=2)
        lanes.start()
        try:
            await lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0)
            while len(lanes._free) < 2:  # noqa: ASYNC110, SLF001
                await asyncio.sleep(0.05)
            free, working = lanes._free  # noqa: SLF001  # the last is given work first
            working.process.send_signal(signal.SIGSTOP)
            run = asyncio.create_task(lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0))
            await asyncio.sleep(0.1)
            lanes.renew()
            assert (free.alive, working.alive) == (False, True)
            working.process.send_signal(signal.SIGCONT)
            assert (await run)["looks"]  # what was begun is done
            assert not working.alive
            again = await lanes.run(looks.recommend, ME, (OFFICE,), {}, at=0)
            assert again["looks"]
            assert not {free, working} & lanes._all  # noqa: SLF001
        finally:
            await lanes.close()

    asyncio.run(asked())


def test_an_answer_is_at_hand_until_its_wardrobe_moves(folder: Path) -> None:
    async def asked() -> None:
        async with serving(folder) as service:
            first = await answering.recommend(service, ME, OFFICE)
            assert await answering.recommend(service, ME, OFFICE) is first
            assert (service.answered.found, service.answered.made) == (1, 1)
            item = NamedNode(first["looks"][0]["items"][0]["id"])
            edit = edits.set_value(
                service.workspace.state, "mine", item, WW.colour, WW["colour-red"]
            )
            await service.engine.run(lambda w: w.apply(edit))
            again = await answering.recommend(service, ME, OFFICE)
            assert again["revision"] == first["revision"] + 1
            assert service.answered.made == 2
            await service.engine.run(lambda w: w.undo())
            stranger = Caller("two", "you", frozenset(Scope), {})
            with pytest.raises(UnknownName):
                await answering.recommend(service, stranger, OFFICE, wardrobe="mine")

    asyncio.run(asked())
