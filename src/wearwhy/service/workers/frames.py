"""What the pool and a process say to each other: frames of a JSON head and raw bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, Final, Protocol

_LENGTHS: Final = struct.Struct("!II")
LARGEST: Final = 1 << 30


class Readable(Protocol):
    """What a frame is read from."""

    def read(self, size: int, /) -> bytes:
        """Return that many bytes, fewer only at the end."""


def frame(head: Any, body: bytes = b"") -> bytes:
    """Return a frame; for a large body, send `opening` and the body apart."""
    return opening(head, len(body)) + body


def opening(head: Any, size: int) -> bytes:
    """Return what comes before the body of a frame."""
    text = json.dumps(head, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(text), size) + text


def read_frame(source: Readable) -> tuple[Any, bytes] | None:
    """Return the head and body of the next frame; None at the end."""
    lengths = source.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_size, size = _LENGTHS.unpack(lengths)
    head = source.read(head_size)
    return json.loads(head), source.read(size) if size else b""


class Frames:
    """Frames put together from the pieces in which they arrive.

    Attributes:
        largest: bytes that one frame may have; more is refused with a ValueError.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self.largest = largest
        self._held = bytearray()
        self._needed = _LENGTHS.size

    def add(self, data: bytes) -> Iterator[tuple[Any, bytes]]:
        """Yield the frames that a piece makes whole.

        Raises:
            ValueError: a frame is too large, or its head is not JSON.
        """
        self._held += data
        while len(self._held) >= self._needed:
            head_size, size = _LENGTHS.unpack_from(self._held)
            start = _LENGTHS.size + head_size
            end = start + size
            if end > self.largest:
                raise ValueError(f"A frame of {end} bytes.")
            if len(self._held) < end:
                self._needed = end
                return
            head = json.loads(self._held[_LENGTHS.size : start])
            body = bytes(self._held[start:end])
            del self._held[:end]
            self._needed = _LENGTHS.size
            yield head, body
