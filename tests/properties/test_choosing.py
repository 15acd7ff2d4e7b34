"""Reasons are joined only as far as the choice among them asks, and chosen as if all had been."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.explain.choosing import choose
from wearwhy.explain.merging import merged
from wearwhy.explain.naming import Names
from wearwhy.explain.reasons import Reason
from wearwhy.explain.sentences import read
from wearwhy.explain.terms import ExplainedLook
from wearwhy.explain.topics import topics
from wearwhy.outfit.look import Look
from wearwhy.rdf import ID, Node
from wearwhy.rules.layer import Layer
from wearwhy.settings import assets

SENTENCES = read(assets() / "kg" / "sentences.toml")
TOPICS = topics(SENTENCES)
ITEMS: tuple[Node, ...] = tuple(ID[f"mine/{n}"] for n in range(4))
NAMED = Names(cast("Layer", None), "en", {}, SENTENCES, ITEMS)
"""Nothing that is chosen here asks the layer: no rule, and no outfit that was worn."""
RATHER = sorted({key for topic in TOPICS for key in topic.rather})
KEYS = [*RATHER[:2], "a", "b", "c", "d", "e", "f"]
PLACES = {key: TOPICS[n * 3 % len(TOPICS)].name for n, key in enumerate(KEYS)} | {"f": ""}
TEMPLATES = {key: "walk" if n % 2 else "" for n, key in enumerate(KEYS)} | {"e": "comfort-warm"}


def one(key: str, value: float, items: Sequence[Node]) -> Reason:
    return Reason(key, PLACES[key], value, TEMPLATES[key], None, {"items": tuple(items)})


REASONS = st.builds(
    one,
    st.sampled_from(KEYS),
    st.sampled_from([n / 50 for n in range(-12, 13) if n]),
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=2, unique=True),
)


def look(told: list[Reason], before: ExplainedLook | None = None) -> ExplainedLook:
    bare = cast("Look", type("Bare", (), {"items": ITEMS}))
    return ExplainedLook(bare, cast("Layer", None), (), before, {"told": told})


def plainly(told: Sequence[Reason], before: dict[str, int]) -> list[tuple[str, float]]:
    """Choose among all reasons, each joined with what it can be joined with."""
    telling = SENTENCES["telling"]
    least, most = float(telling["least"]), int(telling["most"])

    def weight(reason: Reason) -> float:
        more = float(telling["rather"]) if reason.key in RATHER else 1.0
        return round(
            abs(reason.value) * more * float(telling["again"]) ** before.get(reason.key, 0), 9
        )

    joined = [reason for reason in merged(NAMED, told) if reason.topic]
    ranked = sorted(joined, key=lambda r: (-weight(r), r.key))
    good = [r for r in ranked if r.value >= least or r.template.startswith("comfort")]
    bad = [r for r in ranked if r.value <= -float(telling["against"]) and r not in good][:1]
    order = {topic.name: n for n, topic in enumerate(TOPICS)}
    limits = {topic.name: topic.most for topic in TOPICS}
    chosen: list[Reason] = []
    for first in (True, False):
        for reason in sorted(good, key=lambda r: order[r.topic]) if first else good:
            told_of = sum(other.topic == reason.topic for other in chosen)
            limit = 1 if first else limits[reason.topic]
            if len(chosen) < most - len(bad) and reason not in chosen and told_of < limit:
                chosen.append(reason)
    chosen.sort(key=lambda r: order[r.topic])
    return [(r.key, round(r.value, 9)) for r in (*chosen, *bad)]


@settings(max_examples=300, deadline=None)
@given(st.lists(REASONS, max_size=24), st.lists(REASONS, max_size=12))
def test_what_is_chosen_is_what_would_be_chosen_of_all_reasons_joined(
    first: list[Reason], second: list[Reason]
) -> None:
    above = look(first)
    below = look(second, above)
    shown = [[(r.key, round(r.value, 9)) for r in choose(NAMED, one)] for one in (above, below)]
    assert shown[0] == plainly(first, {})
    told: dict[str, int] = {}
    for key, _ in shown[0]:
        told[key] = told.get(key, 0) + 1
    assert shown[1] == plainly(second, told)
