"""Values handed to another process come back as what they were."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from wearwhy.rdf import WW
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.packing import named, packed, unpacked
from wearwhy.service.wishing import Event, Report, Wish

VALUES: list[Any] = [
    None,
    True,
    1.5,
    "日",
    ["a", ("b", {"c": frozenset({1, 2})})],
    {"$": "not a kind"},
    {1: "a", (2, 3): b"\x00\xff"},
    date(2026, 11, 24),
    datetime(2026, 11, 24, 9, tzinfo=UTC),
    time(9, 30),
    WW.Coat,
    Wish(("office",), date(2026, 11, 24), Report(8.0, conditions=("rain",))),
    Wish(calendar=(Event("dinner", datetime(2026, 11, 24, 19)),), lock=("w03",)),  # noqa: DTZ001
    Caller("a", "me", frozenset(Scope), {"demo": Role.OWNER}),
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_back(value: Any) -> None:
    again = unpacked(json.loads(json.dumps(packed(value))))
    assert again == value
    assert type(again) is type(value)


def test_a_callers_roles_are_roles_again() -> None:
    again = unpacked(packed(Caller("a", "me", frozenset(), {"demo": Role.VIEWER})))
    assert again.wardrobes["demo"] is Role.VIEWER


@pytest.mark.parametrize(
    "value",
    [object(), Path(), len, {"a": object()}],
    ids=("an object", "a path", "a function", "one within"),
)
def test_what_cannot_be_said_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        packed(value)


@pytest.mark.parametrize(
    "name", ["os:system", "wearwhy.errors:nothing.more", "builtins:eval", "subprocess:run"]
)
def test_only_what_is_ours_is_found_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="nothing of ours"):
        named(name)


def test_no_class_but_a_kind_of_value_is_made() -> None:
    with pytest.raises(ValueError, match="no kind of value"):
        unpacked({"$": "made", "of": "wearwhy.store.database:Store", "is": {}})
