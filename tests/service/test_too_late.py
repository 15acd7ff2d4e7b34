"""What waited behind the end of a membership, a wardrobe or an account brings nothing back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.security.world import made

from wearwhy.errors import WearwhyError
from wearwhy.service import forgetting, items, sparql, wardrobes
from wearwhy.service.accounts import operations
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service

ALL = frozenset(Scope)
INSERT = "INSERT DATA { <http://e.example/s> <http://e.example/p> 1 }"


def removed(service: Service, owner: Caller, editor: Caller) -> Awaitable[Any]:
    return service.run(wardrobes.remove, owner, "bobs")


def parted(service: Service, owner: Caller, editor: Caller) -> Awaitable[Any]:
    return service.run(operations.end_membership, owner, "bobs", editor.name)


def forgotten(service: Service, owner: Caller, editor: Caller) -> Awaitable[Any]:
    """The last of its steps: what comes before that is forgotten by it."""
    account = service.accounts.find(owner.name)
    return service.engine.run(lambda _: forgetting.forget(service, account))


def added(service: Service, caller: Caller) -> Awaitable[Any]:
    return service.run(items.add, caller, "scarf", "Late scarf", wardrobe="bobs")


def updated(service: Service, caller: Caller) -> Awaitable[Any]:
    return sparql.update(service, caller, INSERT, wardrobe="bobs")


async def late(
    service: Service, ending: Awaitable[Any], change: Callable[[], Awaitable[Any]]
) -> str:
    """Return the code of the error of a change that is asked for while an ending is on its way."""
    free = threading.Event()
    held = asyncio.ensure_future(service.engine.run(lambda _: free.wait(60)))
    ends = asyncio.ensure_future(ending)
    while service.engine.waiting < 2:  # noqa: ASYNC110  # nobody sets an event
        await asyncio.sleep(0.01)
    changing = asyncio.ensure_future(change())
    await asyncio.sleep(0)
    free.set()
    await held
    await ends
    with pytest.raises(WearwhyError) as caught:
        await changing
    return caught.value.code


@pytest.mark.parametrize("change", [added, updated])
@pytest.mark.parametrize(
    ("ending", "who", "code"),
    [
        (removed, "ada", "WW-WARDROBE-NONE"),
        (parted, "ada", "WW-WARDROBE-NONE"),
        (forgotten, "ada", "WW-WARDROBE-NONE"),
        (forgotten, "bob", "WW-ACCESS-KEY-UNKNOWN"),
    ],
)
def test_a_change_that_comes_too_late_is_refused(
    tmp_path: Path, ending: Any, who: str, code: str, change: Any
) -> None:
    async def story() -> None:
        service = Service.open(made(tmp_path / "w"))
        await service.start()
        try:
            ada = service.accounts.add("ada", scopes=ALL)
            bob = service.accounts.add("bob", scopes=ALL)
            service.accounts.own(bob.id, "bobs")
            service.accounts.grant("bobs", ada.id, Role.EDITOR)
            owner = Caller(bob.id, "bob", ALL, {"bobs": Role.OWNER})
            editor = Caller(ada.id, "ada", ALL, {"bobs": Role.EDITOR})
            asking = {"ada": editor, "bob": owner}[who]
            assert (
                await late(service, ending(service, owner, editor), lambda: change(service, asking))
                == code
            )
            assert ("bobs" in service.workspace.wardrobes()) == (ending is parted)
            graphs = service.workspace.state.graphs
            assert "Late scarf" not in str([*map(list, graphs.values())])
        finally:
            await service.close()

    asyncio.run(story())
