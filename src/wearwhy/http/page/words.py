"""What the page says: the sentences of `kg/page.toml`, in the language of the visitor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from wearwhy.explain.sentences import LANGUAGES, read
from wearwhy.settings import assets


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """Return the sentences by name, by language.

    Raises:
        FormatError: WW-SENTENCES, where the file is broken or a sentence lacks a language.
    """
    return read(assets() / "kg" / "page.toml")


@dataclass(frozen=True, slots=True)
class Words:
    """The page's sentences in one language."""

    language: str

    def __call__(self, name: str, /, **slots: object) -> str:
        """Return a sentence, its slots filled."""
        return sentences()[name][self.language].format(**slots)

    def count(self, name: str, n: int, /, **slots: object) -> str:
        """Return the sentence of a number: that of one, or that of several."""
        return self(f"{name}-one" if n == 1 else f"{name}-several", n=n, **slots)

    def known(self, name: str) -> bool:
        """Return whether there is a sentence of that name."""
        return name in sentences()


def preferred(accepted: str) -> str:
    """Return the language that an `Accept-Language` header asks for; English, where it is neither."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:200].split(",")):
        tag, _, weight = part.partition(";")
        language = tag.strip().partition("-")[0].lower()
        if language in LANGUAGES:
            weighed.append((-_weight(weight), place, language))
    return min(weighed)[2] if weighed else LANGUAGES[0]


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q="))
    except ValueError:
        return 1.0
