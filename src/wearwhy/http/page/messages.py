"""The messages of changes in the language of the page: recognised by the patterns of a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from wearwhy.errors import InputError
from wearwhy.explain.naming import Names
from wearwhy.explain.sentences import read
from wearwhy.http.page.telling import named_in
from wearwhy.http.page.words import Words
from wearwhy.rdf import expand
from wearwhy.service.caller import Caller
from wearwhy.service.service import Service
from wearwhy.settings import assets

_BETWEEN: Final = re.compile(
    r'"[^"]*"|(?P<between>; )'
    r"(?=(?:like|dislike|view|skip|set|assert|retract|apply rules|take back rules) )"
)
"""Stands between what one change does of several things, but for texts, which may say anything."""
_SEVERAL: Final = ", "
_THING: Final = "thing"
_QUOTED: Final = re.compile(r'"(.*)"(?:@[\w-]+)?')
_VALUE: Final = re.compile(r'"[^"]*"(?:@[\w-]+)?|[^",\s][^",]*')


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a message is recognised, and what is said for it in each language."""

    message: re.Pattern[str]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Told:
    """A part of a message that was recognised, its slots in words."""

    pattern: Pattern
    slots: Mapping[str, str]

    def beside(self, other: _Told) -> bool:
        """Return whether another part says the same of another thing."""
        apart = {name for name in self.slots if self.slots[name] != other.slots.get(name)}
        return self.pattern is other.pattern and apart == {_THING}


@cache
def patterns() -> Mapping[str, Pattern]:
    """Return the table by name, in its order.

    Raises:
        FormatError: WW-SENTENCES, where the file is broken or a sentence lacks a language.
    """
    found = read(assets() / "kg" / "history.toml")
    return {name: Pattern(re.compile(one["message"]), one) for name, one in found.items()}


def messages_in_words(
    service: Service,
    caller: Caller,
    messages: Sequence[str],
    *,
    wardrobe: str | None,
    say: Words,
    topic: Callable[[str], str],
) -> list[list[str]]:
    """Return what messages say in a language, by what they do; nothing of one not recognised.

    Args:
        service: that is asked.
        caller: who asks.
        messages: of changes.
        wardrobe: whose names are used.
        say: the page's words, in its language.
        topic: what rules of a topic are called.
    """
    told = _Telling(named_in(service, caller, wardrobe, say.language), say, topic)
    return [told.of(one) for one in messages]


@dataclass(frozen=True, slots=True)
class _Telling:
    named: Names
    say: Words
    topic: Callable[[str], str]

    def of(self, message: str) -> list[str]:
        """Return what a message says; nothing, where a part of it is not recognised."""
        parts = [self._part(one) for one in _parts(message)]
        if None in parts:
            parts = [self._part(message)]  # what it is about has that sign in its name
        found: list[_Told] = []
        for one in parts:
            if one is None:
                return []
            if found and found[-1].beside(one):
                both = self.say("comma").join((found[-1].slots[_THING], one.slots[_THING]))
                found[-1] = _Told(one.pattern, {**one.slots, _THING: both})
            else:
                found.append(one)
        return [one.pattern.texts[self.say.language].format(**one.slots) for one in found]

    def _part(self, message: str) -> _Told | None:
        for pattern in patterns().values():
            found = pattern.message.fullmatch(message)
            if found:
                slots = {name: self._slot(name, text) for name, text in found.groupdict().items()}
                return None if slots.get("change") == "" else _Told(pattern, slots)
        return None

    def _slot(self, name: str, text: str) -> str:
        if name == "change":
            return self.say("comma").join(self.of(text))
        if name == "topics":
            return self.say("comma").join(self.topic(one) for one in text.split(_SEVERAL))
        if name == "value":
            return self.say("comma").join(self._called(one) for one in _values(text))
        return self._called(text) if name in (_THING, "property") else text

    def _called(self, text: str) -> str:
        """Return the name of a node that a message names; of a text or a number, itself."""
        quoted = _QUOTED.fullmatch(text)
        if quoted:
            return quoted[1]
        try:
            return self.named.of(expand(text))
        except InputError:
            return text


def _parts(message: str) -> list[str]:
    """Return what a message says of several things, each alone; of others, the whole."""
    if not _BETWEEN.match(f"; {message}"):
        return [message]
    cuts = [found for found in _BETWEEN.finditer(message) if found["between"]]
    ends = [found.start() for found in cuts] + [len(message)]
    return [message[a:b] for a, b in zip([0, *(one.end() for one in cuts)], ends, strict=True)]


def _values(text: str) -> list[str]:
    """Return the values that a message names; the whole, where its quotes do not say which."""
    found = [one.strip() for one in _VALUE.findall(text)]
    return found if _SEVERAL.join(found) == text else [text]
