"""Pages of long answers: an opaque word says after which entry the next one goes on."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, urlsafe_b64encode
from typing import Final

from wearwhy.errors import ValueRefused

MOST: Final = 500
"""Entries of a page."""
_LONGEST: Final = 1000


def cursor(kind: str, after: str) -> str:
    """Return the word for the page after an entry."""
    said = json.dumps([kind, after], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(said.encode()).decode().rstrip("=")


def after(kind: str, word: str | None) -> str | None:
    """Return the entry that a page goes on after; None for the first page.

    Args:
        kind: what is paged: a word for another list is refused.
        word: as `cursor` made it.

    Raises:
        ValueRefused: WW-CURSOR.
    """
    if word is None:
        return None
    if len(word) > _LONGEST:
        raise _refused()
    try:
        padded = word + "=" * (-len(word) % 4)
        found = json.loads(b64decode(padded.encode("ascii"), b"-_", validate=True).decode())
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _refused() from error
    if not (isinstance(found, list) and len(found) == 2 and found[0] == kind):
        raise _refused()
    if not isinstance(found[1], str):
        raise _refused()
    return found[1]


def _refused() -> ValueRefused:
    return ValueRefused(
        "WW-CURSOR",
        "The cursor is none of this list.",
        note="A cursor is what an earlier page gave as `next`, unchanged.",
        hint="Leave it out to begin with the first page.",
    )


def page(kind: str, keys: list[str], word: str | None, limit: int) -> tuple[slice, str | None]:
    """Return which entries of a list make a page, and the word for the next one.

    Args:
        kind: what is paged.
        keys: of all entries, sorted; so a page goes on rightly where an entry is gone since.
        word: the cursor that was given.
        limit: how many entries.

    Raises:
        ValueRefused: WW-CURSOR, WW-PAGE-LIMIT.
    """
    require_limit(limit)
    last = after(kind, word)
    start = 0
    if last is not None:
        start = next((n for n, key in enumerate(keys) if key > last), len(keys))
    end = min(start + limit, len(keys))
    return slice(start, end), cursor(kind, keys[end - 1]) if start < end < len(keys) else None


def require_limit(limit: int) -> None:
    """Refuse a page of none or of too many entries.

    Raises:
        ValueRefused: WW-PAGE-LIMIT.
    """
    if not 1 <= limit <= MOST:
        raise ValueRefused("WW-PAGE-LIMIT", f"A page has 1 to {MOST} entries, not {limit}.")
