"""Text in a picture: how wide it is drawn, where it is broken, and how XML holds it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

TEXT: Final = 12.0
"""The size that widths are measured for, in units of the picture."""
FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
)


def wrapped(text: str, width: float, most: int = 3) -> list[str]:
    """Return a text in lines of at most a width, so many at most; the last is cut."""
    lines: list[str] = []
    now = ""
    for word in words(text):
        if now and wide(now + word.rstrip()) > width:
            lines.append(now.rstrip())
            now = ""
        now += word
    lines.append(now.strip())
    if len(lines) > most:
        lines = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    return [cut(line, width) for line in lines]


def words(text: str) -> Iterable[str]:
    """Return a text's words, each with the space after it; each wide character is a word."""
    word = ""
    for sign in text:
        if unicodedata.east_asian_width(sign) in "WF":
            if word:
                yield word
            word = sign
        else:
            if word and unicodedata.east_asian_width(word[-1]) in "WF" and sign != " ":
                yield word
                word = ""
            word += sign
            if sign == " ":
                yield word
                word = ""
    if word:
        yield word


def cut(text: str, width: float) -> str:
    """Return a text no wider than a width, its end left out where it is."""
    if wide(text) <= width:
        return text
    while text and wide(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wide(text: str) -> float:
    """Return about how wide a text is drawn, in units of the picture."""
    return sum(TEXT * (1 if unicodedata.east_asian_width(sign) in "WF" else 0.54) for sign in text)


def safe(text: str) -> str:
    """Return a text as XML holds it, without the signs that XML has no place for."""
    kept = "".join(s for s in text if s in "\t\n\r" or (s >= " " and s not in "\ufffe\uffff"))
    kept = kept.encode("utf-8", "replace").decode("utf-8")
    return escape(kept, {'"': "&quot;"})
