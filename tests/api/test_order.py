"""Looks come by falling score, whatever the order in which they were chosen to differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.api.rest_given import Rest, served

from wearwhy.outfit import diversify
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.request import Request
from wearwhy.workspace import Workspace
from wearwhy.workspace.week import week


def falling(scores: Sequence[float]) -> bool:
    """Return whether no score is above the one before it."""
    told = [round(score, 9) for score in scores]
    return told == sorted(told, reverse=True)


def reversed_pick(ranks: Sequence[float], *_: object, n: int, **__: object) -> list[int]:
    """Choose the looks that are worth most, the worst of them first."""
    return sorted(range(len(ranks)), key=lambda k: -ranks[k])[:n][::-1]


def test_looks_are_told_by_falling_score_in_whatever_order_they_were_chosen(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diversify, "pick", reversed_pick)
    asked: Request = next(iter(week(space.bundle)))
    looks = recommend(space.layer("mine"), asked, space.resources).looks
    assert len({round(look.score, 9) for look in looks}) > 1
    assert falling([look.score for look in looks])


@pytest.fixture
def rest(place: Path) -> Iterator[Rest]:
    with served(place) as found:
        yield found


def test_what_is_answered_comes_by_falling_score(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diversify, "pick", reversed_pick)
    monkeypatch.setattr(type(rest.service.quick), "free", False)  # so that it is done here
    monkeypatch.setattr(type(rest.service.quick), "ready", False)
    body = {"occasions": ["dinner"], "date": "2026-11-25", "weather": "6C", "n": 4}
    looks = rest.document("POST", "/recommendations", json=body)["looks"]
    assert len({round(look["score"], 9) for look in looks}) > 1
    assert falling([look["score"] for look in looks])
