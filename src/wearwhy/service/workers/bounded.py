"""Answers that may not grow without end: bytes and rows are counted while they are written."""

from __future__ import annotations

from wearwhy.errors import QueryError
from wearwhy.store.sparql import over_budget

_LONGEST_MARK = 8


class Bounded:
    """What an answer is written to.

    Args:
        size: bytes that may be written.
        rows: how often one of the marks may be written.
        marks: what begins or ends a row.
    """

    def __init__(self, size: int, rows: int, marks: tuple[bytes, ...] = ()) -> None:
        self.size = size
        self.rows = rows
        self._marks = marks
        self._pieces: list[bytes] = []
        self._written = 0
        self._seen = 0
        self._end = b""

    def write(self, piece: bytes) -> int:
        """Keep a piece.

        Raises:
            QueryError: WW-QUERY-BUDGET.
        """
        self._written += len(piece)
        if self._written > self.size:
            raise too_large(self.size)
        # A mark may stand across two pieces: the end of the last one is looked at with this one,
        # where it is too short for a whole mark.
        for mark in self._marks:
            text = self._end[1 - len(mark) :] + piece if len(mark) > 1 else piece
            self._seen += text.count(mark)
        if self._seen > self.rows:
            raise too_many(self.rows)
        self._end = piece[-_LONGEST_MARK:]
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Do nothing: a file has this."""

    def written(self) -> bytes:
        """Return all that was written."""
        return b"".join(self._pieces)


def too_large(size: int) -> QueryError:
    """Return the error for an answer of too many bytes."""
    return over_budget(f"its answer is larger than {size:,} bytes")


def too_many(rows: int) -> QueryError:
    """Return the error for an answer of too many rows."""
    return over_budget(f"its answer has more than {rows:,} rows")
