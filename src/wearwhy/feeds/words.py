"""Text as words: one normal form for labels, cells, headers, titles and calendar entries.

Letters of alphabetic scripts form words; each Han, Kana or Hangul character is a word of its
own, so that a whole-word search in English is a substring search in Chinese.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, ...]

_IDEOGRAPH: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN: Final = re.compile(rf"[{_IDEOGRAPH}]|[^\W_{_IDEOGRAPH}]+")
_POSSESSIVE: Final = re.compile(r"(?<=\w)['\u2019\u02bc]s?\b", re.IGNORECASE)
_UNSAFE: Final = re.compile(r"[^\w.~-]+")
_SPLIT: Final = re.compile(r"[,;/&+|、，；／＆\n]|\s(?:and|und|with)\s|和|及|与")
_SHORT: Final = 64
_PERCENT: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*[%％]")

_SINGULARS: Final = (
    ("rves", "rf"),
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
)
_NO_PLURAL: Final = ("ss", "us", "is")


def words(text: str) -> Key:
    """Return the words of a text: compatibility forms folded, lower case, English singular."""
    return _short_words(text) if len(text) <= _SHORT else _words(text)


def _words(text: str) -> Key:
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return tuple(singular(found) for found in _TOKEN.findall(plain))


# Cells repeat, and each is looked up in several scopes; long texts are not worth keeping.
_short_words = lru_cache(maxsize=8192)(_words)


def singular(word: str) -> str:
    """Return the English singular of a lower-case word, by its ending alone."""
    if len(word) < 4:
        return word
    for ending, replacement in _SINGULARS:
        if word.endswith(ending):
            return word[: -len(ending)] + replacement
    return word[:-1] if word.endswith("s") and not word.endswith(_NO_PLURAL) else word


def slug(text: str) -> str:
    """Return a text as the last step of an IRI; empty where nothing of it can stand there."""
    return _UNSAFE.sub("-", unicodedata.normalize("NFKC", text).strip()).strip("-")


def parts(text: str) -> list[str]:
    """Return the parts of a composite value, largest percentage first, percentages taken off.

    `"30% polyester, 70% wool"` gives `["wool", "polyester"]`; `"Black, Red"` gives both in order.
    """
    found: list[tuple[float, str]] = []
    spread = _PERCENT.sub(lambda hit: f",{hit.group(0)}", unicodedata.normalize("NFKC", text))
    for part in _SPLIT.split(spread):
        share = _PERCENT.search(part)
        rest = _PERCENT.sub(" ", part).strip().strip(".:-").strip()
        if rest:
            found.append((-float(share.group(1).replace(",", ".")) if share else 0.0, rest))
    return [part for _, part in sorted(found, key=lambda pair: pair[0])]
