"""How much a request may carry, how long it may take, and how many are worked on at once."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wearwhy.errors import Refused, TooLarge, Unavailable, WearwhyError
from wearwhy.http.problems import problem
from wearwhy.service.configuration import Configuration

LARGE: Final = re.compile(
    r"(/wardrobes/[^/]+)?/(uploads|graphs|update)(/|$)|/page/(upload|looks/calendar)(/|$)"
)
"""Paths below which a body may be as large as an upload."""
_ALWAYS: Final = frozenset(("/healthz", "/readyz", "/metrics"))
_SAY_BODY: Final = frozenset((b"content-length", b"transfer-encoding"))
_STREAM: Final = b"text/event-stream"
_COMING: Final = 2  # bodies that are waited for, for each request that may be under way


class Bounded:
    """An application whose requests are bounded in size, time and number.

    The time runs until an answer begins, and again whenever the client does not take what is
    sent: one that reads nothing is cut off. A request counts as under way while it is worked on:
    neither while its body is waited for nor once its answer begins, or a few clients that send
    and read nothing would keep all others out. Of those whose body is waited for, the one that
    sent nothing for longest gives way; streams of events have a bound of their own.
    """

    def __init__(self, app: ASGIApp, configuration: Configuration) -> None:
        self._app = app
        self._told = configuration
        self._under_way = 0
        self._streams = 0
        self._coming: dict[_Turn, None] = {}  # whose body is waited for, the longest first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self._app(scope, receive, send)
            return
        allowed = self._allowed(scope["path"])
        refusal: WearwhyError | None = None
        if _stated(scope) > allowed:
            refusal = _too_large(allowed)
        if self._under_way >= self._told.in_flight:
            refusal = BUSY
        if refusal is not None:
            await problem(scope, refusal)(scope, receive, send)
            return
        self._under_way += 1
        turn = _Turn(self, self._told, allowed, receive, send)
        turn.complete = not _has_body(scope)
        try:
            await self._within(scope, receive, send, turn)
        finally:
            if turn.streams:
                self._streams -= 1
            self.answers(turn)

    def _allowed(self, path: str) -> int:
        return self._told.upload_bytes if LARGE.match(path) else self._told.body_bytes

    def streams(self, turn: _Turn) -> None:
        """Count a stream of events.

        Raises:
            Unavailable: WW-HTTP-BUSY, where there are as many as may be.
        """
        if self._streams >= self._told.in_flight:
            raise BUSY
        self._streams += 1
        turn.streams = True

    def answers(self, turn: _Turn) -> None:
        """Count a request as under way no more."""
        if turn.counts:
            turn.counts = False
            self._under_way -= 1

    def waits(self, turn: _Turn) -> None:
        """Count a request as one whose body is waited for; one too many ends another's waiting."""
        self.answers(turn)
        self._coming[turn] = None
        if len(self._coming) > _COMING * self._told.in_flight:
            longest = next(iter(self._coming))
            del self._coming[longest]
            longest.give_up()

    def comes(self, turn: _Turn) -> None:
        """Count a request as under way again."""
        self._coming.pop(turn, None)
        turn.counts = True
        self._under_way += 1

    @property
    def full(self) -> bool:
        """Whether more is under way than may be."""
        return self._under_way > self._told.in_flight

    async def _within(self, scope: Scope, receive: Receive, send: Send, turn: _Turn) -> None:
        try:
            async with asyncio.timeout(self._told.request_seconds) as turn.clock:
                await self._app(scope, turn.receive, turn.send)
        except TimeoutError:
            if turn.begun or not turn.clock.expired():
                raise
            await problem(scope, SLOW)(scope, receive, send)
        except WearwhyError as error:
            # Raised while the body was read, or by a stream too many: below any handler.
            if turn.begun:
                raise
            await problem(scope, error)(scope, receive, send)


class _Turn:
    """One request: its body counted as it comes, its answer timed as it goes."""

    def __init__(
        self, among: Bounded, told: Configuration, allowed: int, receive: Receive, send: Send
    ) -> None:
        self.clock: asyncio.Timeout
        self.begun = False
        self.streams = False
        self.counts = True
        self._among = among
        self._waiting: asyncio.Timeout | None = None
        self._told = told
        self._allowed = allowed
        self._left = allowed
        self._receive = receive
        self._send = send
        self.complete = False

    def give_up(self) -> None:
        """Wait no longer for the body."""
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def receive(self) -> Message:
        """Return the next piece of the request.

        Raises:
            TooLarge: WW-HTTP-BODY.
            Refused: WW-HTTP-BODY-SLOW.
            Unavailable: WW-HTTP-BUSY, where there is too much to do by now.
        """
        if self.complete:
            return await self._receive()
        try:
            async with asyncio.timeout(self._told.body_seconds) as waiting:
                self._waiting = waiting
                self._among.waits(self)
                try:
                    message = await self._receive()
                finally:
                    self._among.comes(self)
        except TimeoutError:
            if not waiting.expired():
                raise
            raise _BODY_SLOW from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _too_large(self._allowed)
        self.complete = not message.get("more_body", False)
        if self.complete and self._among.full and not self.begun:
            raise BUSY
        return message

    async def send(self, message: Message) -> None:
        """Send a piece of the answer, as long as the client takes it."""
        if message["type"] == "http.response.start":
            if any(n == b"content-type" and v.startswith(_STREAM) for n, v in message["headers"]):
                self._among.streams(self)
            self.begun = True
            self._among.answers(self)
            self.clock.reschedule(None)
            await self._send(message)
        elif message.get("more_body", False):
            # A piece waits until the client has taken most of those before it.
            self.clock.reschedule(asyncio.get_running_loop().time() + self._told.body_seconds)
            await self._send(message)
            self.clock.reschedule(None)
        else:
            await self._send(message)


def _has_body(scope: Scope) -> bool:
    return any(name in _SAY_BODY for name, _ in scope["headers"])


def _stated(scope: Scope) -> int:
    """Return the length that a request states; 0 where it states none."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _too_large(allowed: int) -> TooLarge:
    return TooLarge(
        "WW-HTTP-BODY",
        "The request's body is larger than this path takes.",
        note=f"It may have {allowed} bytes.",
        hint="Send it in parts; docs/serve.md says what whoever runs the server can allow.",
    )


BUSY: Final = Unavailable(
    "WW-HTTP-BUSY", "The service has as much to do as it can.", hint="Try again in a moment."
)
SLOW: Final = Unavailable(
    "WW-HTTP-SLOW", "The answer took longer than is allowed.", hint="Ask for less, or later."
)
_BODY_SLOW: Final = Refused(
    "WW-HTTP-BODY-SLOW",
    "The request's body did not come in time.",
    408,
    headers={"Connection": "close"},
)
