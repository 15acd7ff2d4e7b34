"""How much a request may carry, how long it may take, and how many are worked on at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wearwhy.errors import NotSignedIn, Refused, TooLarge, TooMany, Unavailable, WearwhyError
from wearwhy.http.callers import caller_by_now
from wearwhy.http.problems import problem
from wearwhy.service.accounts.limits import address_key
from wearwhy.service.caller import Caller
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service

LARGE: Final = re.compile(
    r"(/wardrobes/[^/]+)?/(uploads|graphs|update)(/|$)|/page/(upload|looks/calendar)(/|$)"
)
"""Paths below which a body may be as large as an upload."""
SMALL: Final = re.compile(r"/(sessions|accounts|page/(sign-in|sign-out|first-account))(/|$)")
"""Paths whose bodies are read of who has no account, too."""
SMALL_BYTES: Final = 16_384
"""Bytes of a body that are read of anybody; what is more is read of whom a key or session names."""
_ALWAYS: Final = frozenset(("/healthz", "/readyz", "/metrics"))
_SAY_BODY: Final = frozenset((b"content-length", b"transfer-encoding"))
_STREAM: Final = b"text/event-stream"
_LEAST: Final = 4  # requests of anybody, as long as there is room
_COMING: Final = 2  # bodies that are waited for, for each request that may be under way


class Bounded:
    """An application whose requests are bounded in size, time and number.

    The time runs until an answer begins, and again whenever the client does not take what is
    sent: one that reads nothing is cut off. A request counts as under way while it is worked on:
    neither while its body is waited for nor once its answer begins, or a few clients that send
    and read nothing would keep all others out. Of those whose body is waited for, the one that
    sent nothing for longest gives way; streams of events have a bound of their own. Who has as many
    under way as there is room left waits for one of those to end: nobody takes all of it.
    """

    def __init__(self, app: ASGIApp, configuration: Configuration) -> None:
        self._app = app
        self._told = configuration
        self._under_way: dict[_Turn, None] = {}
        self._waiting: dict[_Turn, None] = {}  # for others of who asks to end
        self._ended = asyncio.Event()
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
        elif allowed > SMALL_BYTES and not _is_small(scope) and not _is_known(scope):
            if _stated(scope):
                refusal = _UNKNOWN
            allowed = SMALL_BYTES
        turn = _Turn(self, self._told, allowed, scope, receive, send)
        try:
            if refusal is not None:
                raise refusal
            await self.admit(turn)
        except WearwhyError as error:
            await problem(scope, error)(scope, receive, send)
            return
        turn.complete = not _has_body(scope)
        try:
            await self._within(scope, receive, send, turn)
        finally:
            if turn.streams:
                self._streams -= 1
            self.answers(turn)

    def _allowed(self, path: str) -> int:
        if SMALL.match(path):
            return min(SMALL_BYTES, self._told.body_bytes)
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
        self._under_way.pop(turn, None)
        if self._waiting:
            self._ended.set()
            self._ended = asyncio.Event()

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
        self._under_way[turn] = None

    async def admit(self, turn: _Turn) -> None:
        """Count a request as under way, as soon as who asks may have one more.

        Raises:
            Unavailable: WW-HTTP-BUSY, where there is as much to do as can be.
            TooMany: WW-HTTP-MANY, where who asks has too many that wait, or waits for too long.
        """
        if self._room() <= 0:
            raise BUSY
        if not self._may(turn):
            await self._wait(turn)
        self._under_way[turn] = None

    def _room(self) -> int:
        return self._told.in_flight - len(self._under_way)

    def _may(self, turn: _Turn) -> bool:
        room = self._room()
        if len(self._under_way) < max(room, _LEAST):
            return room > 0
        return room > 0 and _of(self._under_way, turn.who) < max(room, _LEAST)

    async def _wait(self, turn: _Turn) -> None:
        if _of(self._waiting, turn.who) >= self._told.in_flight:
            raise _MANY
        self._waiting[turn] = None
        try:
            async with asyncio.timeout(self._told.request_seconds):
                while not self._may(turn):
                    await self._ended.wait()
        except TimeoutError:
            raise _MANY from None
        finally:
            del self._waiting[turn]

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

    def __init__(  # noqa: PLR0917  # one request in one place
        self,
        among: Bounded,
        told: Configuration,
        allowed: int,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self.clock: asyncio.Timeout
        self.begun = False
        self.streams = False
        self._scope = scope
        self._among = among
        self._waiting: asyncio.Timeout | None = None
        self._told = told
        self._allowed = allowed
        self._left = allowed
        self._receive = receive
        self._send = send
        self.complete = False

    @cached_property
    def who(self) -> str:
        """The account that asks, or the address, where no account does."""
        caller = _caller(self._scope)
        client = self._scope.get("client")
        return (caller.account if caller else "") or address_key(client[0] if client else "")

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
            TooMany: WW-HTTP-MANY, where too much of it is for who asks.
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
        if self.complete and not self.begun:
            self._among.answers(self)
            await self._among.admit(self)
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


def _of(turns: Iterable[_Turn], who: str) -> int:
    return sum(one.who == who for one in turns)


def _is_small(scope: Scope) -> bool:
    """Return whether a body says that it is small; what streams says nothing."""
    return not _has_body(scope) or 0 < _stated(scope) <= SMALL_BYTES


def _is_known(scope: Scope) -> bool:
    """Return whether somebody stands behind a request; a page finds that out before it reads."""
    if scope["path"].startswith("/page/") or not _has_service(scope):
        return True
    return _caller(scope) is not None


def _caller(scope: Scope) -> Caller | None:
    return caller_by_now(Request(scope)) if _has_service(scope) else None


def _has_service(scope: Scope) -> bool:
    state = getattr(scope.get("app"), "state", None)
    return isinstance(getattr(state, "service", None), Service)


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
_MANY: Final = TooMany(
    "WW-HTTP-MANY",
    "Much of what you asked is still worked on, and others ask, too.",
    hint="Wait for one of the answers.",
    retry_after=1.0,
)
SLOW: Final = Unavailable(
    "WW-HTTP-SLOW", "The answer took longer than is allowed.", hint="Ask for less, or later."
)
_UNKNOWN: Final = NotSignedIn(
    "WW-ACCESS-KEY",
    "This needs a key, or to be signed in.",
    hint="Send `Authorization: Bearer KEY`; who runs this server makes accounts and keys.",
    command="`wearwhy account` makes them.",
)
_BODY_SLOW: Final = Refused(
    "WW-HTTP-BODY-SLOW",
    "The request's body did not come in time.",
    408,
    headers={"Connection": "close"},
)
