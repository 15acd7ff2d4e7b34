"""People are forgotten while others go on: nothing of theirs is lost, and nothing comes back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.service.people_given import SECRET, made, people, service
from tests.unit.test_forgetting import traces

from wearwhy.errors import InputError, UnknownName
from wearwhy.rdf import ID, SCHEMA, WW, Fact, Literal
from wearwhy.service import forgetting
from wearwhy.service.belongings import wearer_of
from wearwhy.service.caller import Scope
from wearwhy.service.forgetting import FORGOTTEN, forget_again, forget_beside
from wearwhy.service.service import Service
from wearwhy.store.anew import Draft, write_beside
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

__all__ = ["made", "people", "service"]  # fixtures
LIKED = "Papagenos bunter Federhut von nebenan"


@pytest.fixture
def both(service: Service, people: dict[str, dict[str, str]]) -> Service:
    """Ada and Bob, who both run the service: any of them may go."""
    service.accounts.change(service.accounts.find("bob").id, scopes=frozenset(Scope))
    return service


def say(workspace: Workspace, owner: str, *facts: Fact) -> None:
    graph = graph_name(f"wardrobe/{owner}", "asserted", "log")
    patch = Patch(add=tuple(Quad(graph, fact) for fact in facts))
    workspace.apply(Edit(patch, "say", f"wardrobe/{owner}"))


def names(service: Service) -> set[str]:
    state = service.workspace.state
    return {
        quad.fact.object.value
        for quad in state.matching(None, SCHEMA.name)
        if isinstance(quad.fact.object, Literal)
    }


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(work())


def waiting_before(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Have what is done beside wait until it is let go; return what tells each."""
    there, go = threading.Event(), threading.Event()

    def late(folder: Path) -> Draft:
        draft = write_beside(folder)
        there.set()
        assert go.wait(60)
        return draft

    monkeypatch.setattr(forgetting, "write_beside", late)
    return there, go


def test_the_engine_works_for_others_while_files_are_made_anew(
    both: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = both.accounts.find("ada")
    there, go = waiting_before(monkeypatch)

    async def work() -> Any:
        begun = asyncio.create_task(forget_beside(both, ada))
        await asyncio.to_thread(there.wait, 60)
        assert both.workspace.wardrobes() == ["bobs"]
        for number in range(20):
            fact = Fact(ID[f"bobs/n{number}"], SCHEMA.name, Literal(f"shirt {number}"))
            await both.engine.run(say, "bobs", fact)
        assert both.accounts.get(ada.id) is not None
        go.set()
        return await begun

    done = run(work)
    assert (done["forgotten"]["facts"], done["forgotten"]["changes"]) == (3, 1)
    assert {f"shirt {number}" for number in range(20)} < names(both)
    assert done["revision"] == both.workspace.revision
    assert both.accounts.get(ada.id) is None
    assert traces(both.folder, SECRET, "wardrobe/adas") == []
    with Workspace.open(both.folder) as seen:
        assert seen.state.graphs.keys() == both.workspace.state.graphs.keys()


def test_what_is_said_of_them_meanwhile_is_forgotten_too(
    both: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = both.accounts.find("ada")
    tries = []

    def late(folder: Path) -> Draft:
        draft = write_beside(folder)
        tries.append(draft.revision)
        if len(tries) == 1:
            event = ID["opinion/late"]
            told = (
                Fact(event, WW.wearer, wearer_of(both.workspace, ada.id)),
                Fact(event, SCHEMA.name, Literal(LIKED)),
            )
            both.engine.call(say, "bobs", *told)
            both.engine.call(say, "adas", Fact(ID["adas/late"], SCHEMA.name, Literal(LIKED)))
        return draft

    monkeypatch.setattr(forgetting, "write_beside", late)
    done = run(lambda: forget_beside(both, ada))
    assert len(tries) == 2
    assert (done["forgotten"]["facts"], done["forgotten"]["changes"]) == (6, 2)
    assert both.workspace.wardrobes() == ["bobs"]
    assert traces(both.folder, SECRET, LIKED, "wardrobe/adas") == []
    assert traces(both.folder, ada.id) == [both.folder / FORGOTTEN]


def test_a_wardrobe_that_they_begin_meanwhile_goes_too(
    both: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = both.accounts.find("ada")

    def late(folder: Path) -> Draft:
        draft = write_beside(folder)
        if "adas2" not in both.accounts.owned_by(ada.id):
            both.accounts.own(ada.id, "adas2")
            both.engine.call(say, "adas2", Fact(ID["adas2/x"], SCHEMA.name, Literal(LIKED)))
        return draft

    monkeypatch.setattr(forgetting, "write_beside", late)
    done = run(lambda: forget_beside(both, ada))
    assert done["forgotten"]["wardrobes"] == ["adas", "adas2"]
    assert both.workspace.wardrobes() == ["bobs"]
    assert traces(both.folder, SECRET, LIKED, "wardrobe/adas") == []


def test_who_is_spoken_of_again_and_again_is_forgotten_all_the_same(
    both: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def late(folder: Path) -> Draft:
        draft = write_beside(folder)
        tries.append(draft.revision)
        fact = Fact(ID[f"adas/n{draft.revision}"], SCHEMA.name, Literal(LIKED))
        both.engine.call(say, "adas", fact)
        return draft

    monkeypatch.setattr(forgetting, "write_beside", late)
    done = run(lambda: forget_beside(both, both.accounts.find("ada")))
    assert len(tries) == forgetting.TRIES
    assert done["forgotten"]["facts"] == 3 + forgetting.TRIES
    assert traces(both.folder, SECRET, LIKED, "wardrobe/adas") == []


def test_a_second_forgetting_waits_for_the_first_and_both_are_done(
    service: Service, people: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = (service.accounts.find(name) for name in ("ada", "bob"))
    there, go = waiting_before(monkeypatch)

    async def work() -> None:
        first = asyncio.create_task(forget_beside(service, bob))
        await asyncio.to_thread(there.wait, 60)
        again = asyncio.create_task(forget_beside(service, bob))
        second = asyncio.create_task(forget_beside(service, ada))
        await asyncio.sleep(0)
        go.set()
        await first
        with pytest.raises(UnknownName):
            await again
        await second

    run(work)
    assert list(service.accounts.everyone()) == []
    assert service.workspace.wardrobes() == []
    assert traces(service.folder, SECRET, "wardrobe/adas", "wardrobe/bobs") == []


def test_who_may_not_go_is_not_begun(service: Service, people: dict[str, dict[str, str]]) -> None:
    before = service.workspace.revision
    with pytest.raises(InputError, match="WW-ACCOUNT-LAST"):
        run(lambda: forget_beside(service, service.accounts.find("ada")))
    assert service.workspace.revision == before
    assert not (service.folder / FORGOTTEN).exists()


def test_what_was_begun_is_finished_when_nobody_waits_any_more(
    both: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = both.accounts.find("ada")
    there, go = waiting_before(monkeypatch)

    async def work() -> None:
        begun = asyncio.create_task(forget_beside(both, ada))
        await asyncio.to_thread(there.wait, 60)
        begun.cancel()
        with pytest.raises(asyncio.CancelledError):
            await begun
        go.set()
        async with both.forgetting:
            assert both.accounts.get(ada.id) is None

    run(work)
    assert traces(both.folder, SECRET, "wardrobe/adas") == []


@pytest.mark.slow
@pytest.mark.parametrize("step", ["write_beside", "_finish", "_end"])
def test_a_fault_at_any_step_is_put_right_at_the_next_start(
    both: Service, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ada = both.accounts.find("ada")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(forgetting, step, broken)
        with pytest.raises(ZeroDivisionError):
            run(lambda: forget_beside(both, ada))
    assert both.workspace.wardrobes() == ["bobs"]
    both.engine.call(say, "bobs", Fact(ID["bobs/n"], SCHEMA.name, Literal("kept")))
    assert both.engine.call(lambda _: forget_again(both)) == [ada.id]
    assert names(both) == {"hat", "kept"}
    assert traces(both.folder, SECRET, "wardrobe/adas") == []


BEGUN = """
import asyncio, sys, time
from pathlib import Path
from wearwhy.rdf import ID, SCHEMA, Fact, Literal
from wearwhy.service import forgetting
from wearwhy.service.service import Service
from tests.service.test_forgetting_meanwhile import say

at = sys.argv[2]
write_beside = forgetting.write_beside

def beside(folder):
    draft = write_beside(folder)
    service.engine.call(say, "bobs", Fact(ID["bobs/late"], SCHEMA.name, Literal("acknowledged")))
    print("acknowledged", flush=True)
    if at == "made":
        time.sleep(60)
    return draft

def ended(*args, **given):
    print("exchanged", flush=True)
    time.sleep(60)

forgetting.write_beside = beside
if at == "end":
    forgetting._end = ended
service = Service.open(Path(sys.argv[1]))
asyncio.run(forgetting.forget_beside(service, service.accounts.find("ada")))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("at", "word"), [("made", "acknowledged"), ("end", "exchanged")])
def test_killed_for_good_it_loses_nothing_and_is_forgotten_at_the_next_start(
    made: Path, tmp_path: Path, at: str, word: str
) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "w"))
    first = Service.open(folder)
    for name in ("ada", "bob"):
        account = first.accounts.add(name, scopes=frozenset(Scope))
        first.accounts.own(account.id, f"{name}s")
    asyncio.run(first.close())

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", BEGUN, str(folder), at],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as child:
        assert child.stdout is not None
        while (line := child.stdout.readline()).strip() != word:
            assert line, "it ended by itself"
        os.kill(child.pid, signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL

    again = Service.open(folder)
    try:
        assert again.workspace.wardrobes() == ["bobs"]
        assert names(again) == {"hat", "acknowledged"}
        ada = again.accounts.find("ada").id
        assert again.engine.call(lambda _: forget_again(again)) == [ada]
        assert names(again) == {"hat", "acknowledged"}
        assert traces(folder, SECRET, "wardrobe/adas") == []
        assert traces(folder, ada) == [folder / FORGOTTEN]
    finally:
        asyncio.run(again.close())
