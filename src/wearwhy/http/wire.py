"""A connection: what it takes for a request, and how long a client may take over it.

uvicorn bounds how long a connection stands idle between two requests. It bounds neither the time
nor the size of a head that comes a byte at a time, nor what comes after an answer, nor how long an
answer lies unread; it queues whatever is sent ahead, and takes fields behind a body for its head's.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wearwhy.errors import Refused
from wearwhy.http.problems import MEDIA_TYPE

CONNECTIONS: Final = 1000
"""How many connections stand at once; for one more, one that waits for nothing is closed."""
AHEAD: Final = 16
"""How many requests a client may send ahead of their answers."""
UNREAD: Final = 256 << 20
"""Bytes of answers that may wait for all clients together."""
_LEAST: Final = 64 << 10
_PART: Final = 16  # an answer is taken in so many times the patience
_FRAMING: Final = 9  # a chunk of one byte takes five more
_VERSIONS: Final = ("1.0", "1.1")


class Connection(HttpToolsProtocol):
    """One connection of a client, whose requests are bounded, and who must take the answers.

    Attributes:
        seconds: from a head's first byte, or from the connection's beginning, to its end; and
            from an answer to the end of a request that it did not wait for.
        size: of a head in bytes, with the request line; and of what frames a body.
        patience: seconds in which something of an answer must be taken.
        most: connections at once.
    """

    seconds: ClassVar[float] = 10.0
    size: ClassVar[int] = 32_768
    patience: ClassVar[float] = 20.0
    most: ClassVar[int] = CONNECTIONS

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._came = 0  # bytes of a head that is not complete
        self._framing = 0  # bytes of a body's frame, less what the body itself makes room for
        self._reading = True
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._since = 0.0
        self._too_long = False
        self.dropped = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._since = self.loop.time()
        if len(self.connections) <= self.most or self._make_room():
            self._wait()
        else:
            self._drop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._waited()
        self._taken()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it makes a head too long."""
        if self._reading:
            self._came += len(data)
        else:
            self._framing += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if not self._reading:
            if self._framing > self.size:
                self.send_400_response("")
        elif self._came > self.size:
            self._too_long = True
            self.send_400_response("")
        elif self._came:
            self._wait()

    # -- a request -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request.

        Raises:
            ValueError: where too many wait already; the parser stops, and 400 is answered.
        """
        if len(self.pipeline) >= AHEAD:
            raise ValueError
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a field of the head; one behind the body is none (RFC 9110, 6.5.1)."""
        if self._reading:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End a head.

        Raises:
            ValueError: where it is too long, or leaves in doubt where the request ends or goes.
        """
        fields = sum(len(name) + len(value) + 4 for name, value in self.headers)
        self._too_long = len(self.url) + fields > self.size
        if self._too_long or not self._is_plain():
            raise ValueError
        self._reading, self._came, self._framing = False, 0, 0
        self._waited()
        super().on_headers_complete()
        if self.parser.should_upgrade():
            self.cycle.keep_alive = False  # what follows would be of another protocol

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._framing = max(self._framing - _FRAMING * len(body), -self.size)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Be ready for the next head on this connection."""
        super().on_message_complete()
        self._reading = True

    def _is_plain(self) -> bool:
        """Return whether all who pass a request on read the same end and the same target in it."""
        version = self.parser.get_http_version()
        codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        if version not in _VERSIONS or (codings and (codings != [b"chunked"] or version == "1.0")):
            return False
        if self.url.startswith(b"/") or self.url == b"*":
            return True
        authority = self.url.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0].lower()
        return [value.lower() for name, value in self.headers if name == b"host"] == [authority]

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, as a problem, and end the connection.

        Where the answer to an earlier request is still owed, nothing may stand in its place.
        """
        del msg
        self._waited()
        owed = not self.idle and (self._reading or self.cycle.response_started)
        if not owed and not self.pipeline:
            body = _LONG if self._too_long else _WRONG
            status = "431 Request Header Fields Too Large" if self._too_long else "400 Bad Request"
            head = (
                f"HTTP/1.1 {status}\r\ncontent-type: {MEDIA_TYPE}\r\n"
                f"content-length: {len(body)}\r\n"
                "x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self._end()

    # -- an answer -----------------------------------------------------------------------------

    def on_response_complete(self) -> None:
        """Wait no longer than for a head for the rest of a request that is answered."""
        super().on_response_complete()
        self._since = self.loop.time()
        if self.transport.is_closing():
            self._watch()
        elif not self._reading and self.cycle.response_complete:
            self._wait()

    def pause_writing(self) -> None:
        """Watch that what waits is taken."""
        super().pause_writing()
        self._watch()
        waiting = [one for one in self.connections if isinstance(one, Connection) and one.unread]
        if sum(one.unread for one in waiting) > UNREAD:
            min(waiting, key=lambda one: one._since)._drop()  # noqa: SLF001  # our own

    def resume_writing(self) -> None:
        """Watch no more, unless the connection ends with it."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._taken()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection on which nothing comes."""
        self._end()

    @property
    def unread(self) -> int:
        """How many bytes wait to be taken."""
        return 0 if self.dropped else self.transport.get_write_buffer_size()

    def _drop(self) -> None:
        self.dropped = True  # what it holds is given back in a moment
        self.transport.abort()

    def _end(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
        self._watch()

    def _watch(self) -> None:
        if self._unread is None and (size := self.unread):
            least = max(_LEAST, size // _PART)
            self._unread = self.loop.call_later(self.patience, self._look, size, least)

    def _look(self, before: int, least: int) -> None:
        left, self._unread = self.unread, None
        if left > max(0, before - least):
            self._drop()
        elif left:
            self._unread = self.loop.call_later(self.patience, self._look, left, least)

    def _taken(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    # -- waiting -------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """Whether nothing is worked on for this connection."""
        return self.cycle is None or bool(self.cycle.response_complete)

    def _make_room(self) -> bool:
        """End the connection that has been idle for longest, of the address with the most."""
        idle = [
            one
            for one in self.connections
            if isinstance(one, Connection) and one.idle and one is not self and not one.dropped
        ]
        if not idle:
            return False
        held = Counter(one._host for one in idle)  # noqa: SLF001  # our own
        found = min(idle, key=lambda one: (-held[one._host], one._since))  # noqa: SLF001
        found._drop()  # noqa: SLF001
        return True

    @property
    def _host(self) -> str:
        return self.client[0] if self.client else ""

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self._late)

    def _waited(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        self._end()


def bounded(
    seconds: float, size: int, patience: float = 20.0, most: int = CONNECTIONS
) -> type[Connection]:
    """Return a protocol with these bounds; see `Connection`."""
    given = {"seconds": seconds, "size": size, "patience": patience, "most": most}
    return type("Connection", (Connection,), given)


def _problem(error: Refused) -> bytes:
    said = {"type": f"/errors/{error.code}", "title": error.sentence, "status": error.status}
    return json.dumps({**said, "code": error.code}).encode("ascii")


_LONG: Final = _problem(Refused("WW-HTTP-HEAD", "The head of the request is too long.", 431))
_WRONG: Final = _problem(Refused("WW-HTTP-SYNTAX", "This is no request of HTTP/1.1.", 400))
