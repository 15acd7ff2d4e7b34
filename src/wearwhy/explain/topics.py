"""Topics of reasons: what a wearer is told first, as `kg/sentences.toml` declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wearwhy.explain.naming import Templates

_TOPIC = "topic-"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of reasons: its name, how many it tells at most, and what belongs to it.

    Of what belongs to it, `rather` is told with preference.
    """

    name: str
    most: int
    tells: frozenset[str]
    rather: tuple[str, ...]


_TOPICS: dict[int, tuple[Templates, tuple[Topic, ...], dict[str, str]]] = {}
"""The topics of the templates that were asked about last, and which has a name."""


def topics(templates: Templates) -> tuple[Topic, ...]:
    """Return the declared topics, in the order in which they are told."""
    return by_name(templates)[0]


def by_name(templates: Templates) -> tuple[tuple[Topic, ...], Mapping[str, str]]:
    """Return the declared topics, and for each name that one has the first that has it."""
    kept = _TOPICS.get(id(templates))
    if kept is not None and kept[0] is templates:
        return kept[1:]
    found = tuple(
        Topic(
            name.removeprefix(_TOPIC),
            int(said.get("most", "1")),
            frozenset(said["tells"].split()),
            tuple(said.get("rather", "").split()),
        )
        for name, said in templates.items()
        if name.startswith(_TOPIC)
    )
    by = {name: topic.name for topic in reversed(found) for name in topic.tells}
    _TOPICS.clear()
    _TOPICS[id(templates)] = (templates, found, by)
    return found, by
