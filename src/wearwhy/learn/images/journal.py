"""Embeddings as they are made, one record each, so that a run that is killed loses none of them.

A file begins with the digest of what its vectors are made with. A record is the SHA-256 of a
photograph's bytes, its vector in half precision, and a CRC-32 of both; what a crash left of a
record is passed over.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from wearwhy.learn.images.parts import MADE, WIDTH

FILE: Final = "images.journal"
Half = NDArray[np.float16]
_DIGEST: Final = 32
_BODY: Final = _DIGEST + 2 * WIDTH
_RECORD: Final = _BODY + 4
_DTYPE: Final = np.dtype("<f2")


def _head() -> bytes:
    return sha256(MADE.encode()).digest()


def read(folder: Path) -> dict[bytes, Half]:
    """Return the vectors of a journal by the digest of their photographs; {} without one."""
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return {}
    if data[:_DIGEST] != _head():
        return {}
    found: dict[bytes, Half] = {}
    for at in range(_DIGEST, len(data) - _RECORD + 1, _RECORD):
        body, check = data[at : at + _BODY], data[at + _BODY : at + _RECORD]
        if zlib.crc32(body).to_bytes(4, "little") == check:
            found[body[:_DIGEST]] = np.frombuffer(body, _DTYPE, offset=_DIGEST)
    return found


class Journal:
    """An open journal, to be appended to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        held = path.read_bytes() if path.is_file() else b""
        sound = held[:_DIGEST] == _head()
        # What is left of a record that was being written would put those after it out of step.
        whole = _DIGEST + (len(held) - _DIGEST) // _RECORD * _RECORD if sound else 0
        self._file = path.open("r+b" if sound else "wb", buffering=0)
        self._file.truncate(whole)
        self._file.seek(whole)
        if not sound:
            self._file.write(_head())

    def add(self, digest: bytes, vector: Half) -> None:
        """Write the vector of a photograph."""
        body = digest + vector.astype(_DTYPE).tobytes()
        self._file.write(body + zlib.crc32(body).to_bytes(4, "little"))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def opened(folder: Path) -> Iterator[Journal]:
    """Open a folder's journal for appending."""
    journal = Journal(folder)
    try:
        yield journal
    finally:
        journal.close()


def drop(folder: Path) -> None:
    """Remove a journal, once what it holds stands in the file of pictures."""
    (folder / FILE).unlink(missing_ok=True)
