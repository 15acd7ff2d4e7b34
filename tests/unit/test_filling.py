"""Slots are found when a sentence asks for them, and not before."""

from __future__ import annotations

from wearwhy.explain.filling import Found, Slots, filling
from wearwhy.rdf import WW


def test_slots_are_found_once_and_only_where_they_are_asked_for() -> None:
    asked: list[str] = []

    def find() -> Slots:
        asked.append("found")
        return {"via": (WW.dinner,), "ways": (WW.office,)}

    slots = Found({"via": (WW.gym,)}, find)
    more = filling(slots, {"items": (WW.coat,)})
    assert more["items"] == (WW.coat,)
    assert more["via"] == slots["via"] == (WW.gym,)
    assert not asked
    assert more["ways"] == slots["ways"] == (WW.office,)
    assert asked == ["found"]
    assert set(more) == {"items", "via", "ways"}
    assert "other" not in more
    assert len(slots) == 2
