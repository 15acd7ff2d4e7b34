"""Graphs as they are sent to a process: whole once, and then what changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

A_BYTE: Final = 2.5
"""Bytes of memory that a process needs for a byte of N-Quads, measured with the demo's graph."""
A_LINE: Final = 480
"""Bytes that it needs for a line, however short: measured, 80 to 640 with what stands there once."""


@dataclass(frozen=True, eq=False)
class Block:
    """Lines of N-Quads that several views begin with."""

    key: str
    text: bytes

    @cached_property
    def cost(self) -> float:
        """Bytes of memory that a store of its lines takes, about."""
        return _cost(len(self.text), self.text.count(b"\n"))


@dataclass(frozen=True, eq=False)
class View:
    """A dataset: a block's lines without some, and lines of its own.

    Attributes:
        key: unique in the process that runs the pool.
        lineage: the same for the views that follow one another.
        block: what it begins with, if anything.
        own: lines that the block has not.
        gone: lines that only the block has.
        default: IRIs of the graphs whose union is asked where a query does not say.
        revision: of the workspace that it was made from.
    """

    key: str
    lineage: str
    block: Block | None
    own: frozenset[bytes]
    gone: frozenset[bytes]
    default: tuple[str, ...]
    revision: int

    @cached_property
    def cost(self) -> float:
        """Bytes of memory that its store takes, about."""
        block = self.block.cost if self.block is not None else 0.0
        return block + _cost(sum(map(len, self.own)), len(self.own) + 1)

    @cached_property
    def _whole(self) -> tuple[bytes, bytes]:
        return _text(self.gone), _text(self.own)

    def message(self, over: View | None) -> tuple[dict[str, Any], bytes]:
        """Return what makes a process hold this view, whole or over one that it holds."""
        head: dict[str, Any] = {"view": self.key, "default": list(self.default)}
        if over is None:
            gone, own = self._whole
            head["block"] = self.block.key if self.block is not None else ""
        else:
            gone = _text((over.own - self.own) | (self.gone - over.gone))
            own = _text((self.own - over.own) | (over.gone - self.gone))
            head["over"] = over.key
        head["cut"] = len(gone)
        return head, gone + own


def _cost(size: int, lines: int) -> float:
    return max(A_BYTE * size, A_LINE * lines)


def _text(lines: frozenset[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


@dataclass(slots=True)
class Shipped:
    """What one process holds, the least recently used first.

    Attributes:
        room: bytes of memory that what it holds may take, about.
    """

    room: int
    views: OrderedDict[str, View] = field(default_factory=OrderedDict)
    blocks: dict[str, Block] = field(default_factory=dict)

    def needed(self, view: View) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield what must be sent before a view can be asked, as heads and bodies."""
        if view.key in self.views:
            self.views.move_to_end(view.key)
            return
        over = next((v for v in self.views.values() if v.lineage == view.lineage), None)
        if over is not None:
            del self.views[over.key]
            if over.block is not view.block:
                yield {"drop": over.key}, b""
                over = None
        yield from self._make_room(view)
        if over is None and view.block is not None and view.block.key not in self.blocks:
            yield {"block": view.block.key}, view.block.text
            self.blocks[view.block.key] = view.block
        yield view.message(over)
        self.views[view.key] = view

    def _make_room(self, view: View) -> Iterator[tuple[dict[str, Any], bytes]]:
        room = self.room - view.cost
        held = sum(v.cost for v in self.views.values())
        while self.views and held > room:
            key, dropped = self.views.popitem(last=False)
            held -= dropped.cost
            yield {"drop": key}, b""
        used = {id(v.block) for v in (*self.views.values(), view)}
        for key in [key for key, block in self.blocks.items() if id(block) not in used]:
            del self.blocks[key]
            yield {"drop": key}, b""
