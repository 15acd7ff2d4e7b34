"""Work that takes long: begun, followed over server-sent events, stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, aclosing
from functools import partial
from typing import Annotated, Any, Final

from anyio import CancelScope
from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from wearwhy.http.callers import Asking, Serving, caller_by_now
from wearwhy.http.idempotent import Once
from wearwhy.http.models.lists import Task, Tasks
from wearwhy.http.models.tasks import Load, TaskBody
from wearwhy.http.rest import ASKED, CHANGED, InWardrobe, Lang, answer, found
from wearwhy.service.caller import Caller
from wearwhy.service.service import Service
from wearwhy.service.tasks import operations as tasks
from wearwhy.service.uploads import later

router: Final = APIRouter(tags=["tasks"], route_class=Once)
Name = Annotated[str, Path(max_length=100, description="The id of a task.")]
BEAT: Final = 15.0
"""Seconds without news after which a comment keeps the connection open."""


@router.get("/tasks", response_model=Tasks, responses=ASKED, summary="Your tasks")
async def listed(*, service: Serving, caller: Asking) -> Response:
    """Answer your tasks, newest first, without their results."""
    return answer(await tasks.tasks(service, caller))


@router.post(
    "/tasks",
    status_code=202,
    response_model=Task,
    responses=CHANGED,
    summary="Begin work that takes long",
)
async def begun(
    *, service: Serving, caller: Asking, lang: Lang, body: TaskBody, wardrobe: InWardrobe = None
) -> Response:
    """Begin work in a process of its own; its result is the document of the command line's verb.

    guess: what is missing of the items. ask, answer: questions that settle most. load: a file that
    was sent is applied. learn, outfits, images: models (need `admin`). mine, lint: rules from what
    is stated; doubtful ones. consistency: contradictions. week, pack, gap: plans. worn: how well
    worn outfits are ranked.
    """
    if isinstance(body.root, Load):
        one = body.root
        done = await later.apply(service, caller, one.upload, expected=one.expected, lang=lang)
    else:
        given = body.given()
        done = await tasks.start(service, caller, body.kind, given, wardrobe=wardrobe, lang=lang)
    return answer(done, 202, headers={"Location": f"/tasks/{done['id']}"})


@router.get("/tasks/{task}", response_model=Task, responses=ASKED, summary="One task")
async def one(*, service: Serving, caller: Asking, task: Name) -> Response:
    """Answer a task; once it is done, with its result."""
    return answer(await found("task", tasks.task(service, caller, task)))


@router.delete("/tasks/{task}", response_model=Task, responses=ASKED, summary="Stop a task")
async def stopped(*, service: Serving, caller: Asking, task: Name) -> Response:
    """Stop a task; nothing of it runs when this is answered. One that is over stays as it is."""
    return answer(await found("task", tasks.stop(service, caller, task)))


@router.get(
    "/tasks/{task}/events",
    response_class=StreamingResponse,
    responses={
        **ASKED,
        200: {
            "description": "The task, each time that it went on.",
            "content": {"text/event-stream": {}},
        },
    },
    summary="Follow a task",
)
async def followed(
    *,
    request: Request,
    service: Serving,
    caller: Asking,
    task: Name,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """Answer server-sent events: `progress`, each with the task, and `end` with its result.

    A client that comes back with Last-Event-ID is told what it has not seen.
    """
    await found("task", tasks.task(service, caller, task))
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() else 0
    stopping: asyncio.Event = request.app.state.stopping
    by_now = partial(caller_by_now, request)
    return _Following(
        service.tasks.following(caller),
        _stream(service, caller, task, after, stopping, by_now=by_now),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class _Following(StreamingResponse):
    """A stream that is counted from before its first byte to its end, however it ends."""

    def __init__(self, counted: AbstractContextManager[None], *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, unless there are too many already: that is told like any other error."""
        with self._counted:
            await super().__call__(scope, receive, send)


async def _stream(
    service: Service,
    caller: Caller,
    task: str,
    after: int,
    stopping: asyncio.Event,
    *,
    by_now: Callable[[], Caller | None] | None = None,
) -> AsyncIterator[bytes]:
    """Yield the events of a task, and a comment where nothing happens, until it or we end.

    It ends as well where who asked may not see the task any more: `by_now` says who that is.
    """

    def is_seen() -> bool:
        found = caller if by_now is None else by_now()
        return found is not None and service.tasks.is_seen(found, task)

    async with aclosing(tasks.events(service, caller, task, after)) as events:
        end = asyncio.create_task(stopping.wait())
        step: asyncio.Future[Any] | None = None
        try:
            while not stopping.is_set():
                step = asyncio.ensure_future(anext(events))
                while not step.done() and not stopping.is_set():
                    await asyncio.wait({step, end}, timeout=BEAT, return_when="FIRST_COMPLETED")
                    if not step.done() and not stopping.is_set():
                        if not is_seen():
                            break
                        yield b": still at it\n\n"
                if not step.done():
                    step.cancel()
                    await asyncio.wait({step})
                    return
                try:
                    number, document = step.result()
                except StopAsyncIteration:
                    return
                if not is_seen():
                    return
                name = "end" if "finished" in document else "progress"
                text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
                yield f"event: {name}\nid: {number}\ndata: {text}\n\n".encode()
        finally:
            end.cancel()
            if step is not None and not step.done():  # the client went away: nothing may run on
                step.cancel()
                with CancelScope(shield=True):
                    await asyncio.wait({step})
