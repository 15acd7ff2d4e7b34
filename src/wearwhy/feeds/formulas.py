"""Cells that a spreadsheet would compute: written with an apostrophe before them, read without.

A cell that begins with `=`, `+`, `-`, `@`, a tab or a line end is a formula to spreadsheets, which
may fetch and run what it names. An apostrophe makes it a text to them. What is written so is read
back as it was, so that a table loads as what it was exported from. Plain numbers stay as they are.
"""

from __future__ import annotations

import re
from typing import Final

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n\0]")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)*")


def guarded(cell: str) -> str:
    """Return a cell as it is written for people."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell as it was before it was `guarded`."""
    if cell[:1] != "'":
        return cell
    return cell[1:] if guarded(cell[1:]) == cell else cell
