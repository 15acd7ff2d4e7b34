"""The words of answers: sentences of `kg/`, and what things are called in a layer."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final

from wearwhy.errors import UnknownName
from wearwhy.explain.naming import Names, Templates
from wearwhy.explain.naming import names as names_of
from wearwhy.explain.sentences import read
from wearwhy.rules.layer import Layer
from wearwhy.settings import assets

LANGUAGES: Final = ("en", "zh")


@lru_cache(maxsize=1)
def sentences() -> Templates:
    """Return the sentences that explanations are told in; read once a process."""
    return read(assets() / "kg" / "sentences.toml")


def names(layer: Layer, language: str) -> Names:
    """Return what things are called in a layer.

    Raises:
        UnknownName: WW-LANGUAGE.
    """
    if language not in LANGUAGES:
        raise UnknownName(
            "WW-LANGUAGE",
            f"Answers are not told in '{language}'.",
            hint="Ask for " + " or ".join(LANGUAGES) + ".",
        )
    return names_of(layer, None, sentences(), language)


def namer(language: str) -> partial[Names]:
    """Return a function of a layer that says what things are called there."""
    return partial(names, language=language)
