"""Large files as tasks: read, and applied, while nobody holds a connection open for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from wearwhy.service.caller import Caller
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.tasks.operations import begun
from wearwhy.service.tasks.task import Task
from wearwhy.service.uploads import operations
from wearwhy.service.uploads.targets import NOTHING, Meant, require_target

LOAD: Final = "load"
READING, TRYING, APPLYING = "reading", "reasoning", "applying"


async def send(
    service: Service,
    caller: Caller,
    body: bytes,
    *,
    name: str = "",
    media: str = "",
    meant: Meant = NOTHING,
) -> Json:
    """Begin to read a file that was sent, and return the document of the task.

    Its result is the document of the file; `operations.send` says the arguments.

    Raises:
        InputError, TooLarge, NotAllowed: where the file is refused before it is read.
        TooMany: WW-TASK-MANY.
    """
    one = await operations.taken(service, caller, body, name=name, media=media, meant=meant)

    async def work(task: Task) -> Any:
        def going(done: int, total: int) -> None:
            task.went_on(READING, done, total)

        going(0, 1)
        return await operations.read(service, caller, one, going=going, later=True)

    # What reads files has a line of its own, in which accounts take turns.
    return begun(service, caller, LOAD, work, wardrobe=_wardrobe(one.owner), gated=False)


async def apply(
    service: Service,
    caller: Caller,
    name: str,
    *,
    expected: int | None = None,
    lang: str = "en",
) -> Json:
    """Begin to apply what was sent, and return the document of the task.

    Its result is the document of the revision. Until the revision is being written the task can be
    stopped; from then on it is made, and the task says so.

    Raises:
        UnknownName: WW-UPLOAD-NONE.
        NotAllowed: where the caller may not change what it is for.
        TooMany: WW-TASK-MANY.
    """
    owner = await service.run(_owner, caller, name)

    async def work(task: Task) -> Any:
        task.went_on(TRYING, 0, 2)
        await service.run_slow(operations.tried, caller, name)
        task.went_on(APPLYING, 1, 2)
        making = asyncio.ensure_future(
            service.run(operations.apply, caller, name, expected=expected, lang=lang)
        )
        while not making.done():
            # It is made, or refused, whatever anybody wishes by now, and however often.
            with suppress(asyncio.CancelledError):
                await asyncio.shield(making)
        found = making.result()
        task.went_on(APPLYING, 2, 2)
        return found

    return begun(service, caller, LOAD, work, wardrobe=_wardrobe(owner))


def _owner(service: Service, caller: Caller, name: str) -> str:
    owner = operations.sent(service, caller, name).owner
    target, _, own = owner.partition("/")
    require_target(caller, target, own)
    return owner


def _wardrobe(owner: str) -> str:
    target, _, own = owner.partition("/")
    return own if target == "wardrobe" else ""
