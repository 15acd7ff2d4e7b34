"""Errors in the language of the visitor: by their code, else by what kind of error they are."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from wearwhy.errors import (
    AccessError,
    Locked,
    Moved,
    NoAnswer,
    NotSignedIn,
    TooLarge,
    TooMany,
    Unavailable,
    WearwhyError,
)
from wearwhy.http.page.words import Words
from wearwhy.http.problems import status_of
from wearwhy.settings import assets

_ENGLISH: Final = "en"
"""The language of the errors' own texts."""
_KINDS: Final[tuple[tuple[type[WearwhyError], str], ...]] = (
    (NotSignedIn, "signed-out"),
    (TooMany, "much"),
    (TooLarge, "much"),
    (AccessError, "allowed"),
    (Moved, "moved"),
    (Unavailable, "busy"),
    (Locked, "busy"),
    (NoAnswer, "answer"),
)
"""The first class that an error is of decides its kind."""
_BY_STATUS: Final = {401: "signed-out", 403: "allowed", 404: "missing", 413: "much", 429: "much",
                     503: "busy"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """An error as the page tells it.

    Attributes:
        code: the error's code.
        head: what is wrong, in one sentence.
        note: what more is said of it; empty, where nothing is.
        step: what to do next; empty, where nothing is said.
        english: what is said in English only, and so is marked as English; empty, where nothing is.
    """

    code: str
    head: str
    note: str = ""
    step: str = ""
    english: str = ""

    def __str__(self) -> str:
        """Return what is wrong, with what more is said of it, in one line."""
        return " ".join(filter(None, (self.head, self.note)))


@cache
def sentences() -> Mapping[str, Mapping[str, Any]]:
    """Return what `kg/problems.toml` says, by code."""
    return tomllib.loads((assets() / "kg" / "problems.toml").read_text(encoding="utf-8"))


def told(error: WearwhyError | Mapping[str, Any], say: Words) -> Told:
    """Return an error in the language of some words.

    Args:
        error: what went wrong; or the document that it was told as, with `code` and `message`.
        say: the page's words.
    """
    if isinstance(error, WearwhyError):
        code, texts = error.code, (error.sentence, error.note, error.hint)
        wait = max(1, round(error.retry_after)) if isinstance(error, TooMany) else 1
        kind = kind_of(error)
    else:
        code, kind, wait = error["code"], "input", 1
        texts = (error["message"], error.get("note") or "", error.get("hint") or "")
    sentence, note, hint = texts
    known = sentences().get(code, {})
    step = known.get("step", {}).get(say.language, "")
    if say.language == _ENGLISH:
        return Told(code, sentence, note, step or hint)
    head = known[say.language].format(seconds=wait) if known else say(f"problem-{kind}")
    more = () if known.get("whole") else (sentence, note, "" if step else hint)
    return Told(code, head, "", step, " ".join(filter(None, more)))


def kind_of(error: WearwhyError) -> str:
    """Return what kind of error it is, as the page's headlines distinguish them."""
    for cls, kind in _KINDS:
        if isinstance(error, cls):
            return kind
    status = status_of(error)
    return _BY_STATUS.get(status, "fault" if status >= 500 else "input")
