"""However a process came to what it holds, it holds what a wardrobe sees now."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.test_layers_followed import bundle_of, patch

from wearwhy.rules.layer import Layer
from wearwhy.service.lines import Writer
from wearwhy.service.views import Views
from wearwhy.service.workers.held import Held
from wearwhy.service.workers.shipped import A_LINE, Block, Shipped, View
from wearwhy.workspace.layers import Layers
from wearwhy.workspace.state import State, patched

NAMES = ("a", "b")
SOURCES = Path(__file__).parents[2] / "src"
TAKEN = """
import resource, sys
from wearwhy.service.workers.held import Held
text = sys.stdin.buffer.read()
held, pages = Held(), lambda: int(open("/proc/self/statm").read().split()[1])
before = pages()
held.take({"view": "v", "block": "", "default": [], "cut": 0}, text)
print((pages() - before) * resource.getpagesize())
"""


def seen_anew(layer: Layer, views: Views, workspace: Any, name: str) -> set[bytes]:
    return {*Writer().all_lines(layer), *views.at_rest(workspace, name).own}


def held_lines(held: Held, key: str) -> set[bytes]:
    text = held.views[key].store.dump(format=ox.RdfFormat.N_QUADS)
    assert text is not None
    return set(text.splitlines())


def canonical(lines: set[bytes]) -> set[bytes]:
    store = ox.Store()
    store.extend(ox.parse(b"\n".join(lines), ox.RdfFormat.N_QUADS))
    text = store.dump(format=ox.RdfFormat.N_QUADS)
    assert text is not None
    return set(text.splitlines())


def history(random: Random, length: int) -> Iterator[Any]:
    """Yield a workspace of two wardrobes over a base, after each of some edits."""
    layers = Layers(bundle_of(random), Path())
    state = State(0, {})
    for _ in range(15):
        state = patched(state, patch(random, state).add, ())
    for number in range(length):
        step = patch(random, state)
        state = patched(state, step.add, step.remove, number)
        yield SimpleNamespace(
            state=state,
            base=layers.base(state),
            layer=lambda name, state=state: layers.wardrobe(state, name),
            wardrobes=lambda: list(NAMES),
            revision=number,
        )


def followed(seed: int, length: int) -> None:
    random = Random(seed)
    views, held, shipped = Views(), Held(), Shipped(room=1 << 30)
    differences = 0
    for workspace in history(random, length):
        for name in NAMES:
            if random.random() < 0.4:
                continue  # what nobody asks about is sent later, over several edits
            view = views.closed(workspace, name)
            for head, body in shipped.needed(view):
                differences += "over" in head
                held.take(head, body)
            wanted = seen_anew(workspace.layer(name), views, workspace, name)
            assert held_lines(held, view.key) == canonical(wanted)
            if random.random() < 0.1:
                shipped.views.clear()
                held.views.clear()
        assert held.views.keys() == shipped.views.keys()
        assert held.blocks.keys() == shipped.blocks.keys()
    assert differences or length < 10


@given(st.integers(0, 1 << 30))
@settings(max_examples=5, deadline=None)
def test_views_sent_by_differences_are_what_is_seen(seed: int) -> None:
    followed(seed, 12)


@pytest.mark.slow
@given(st.integers(0, 1 << 30))
@settings(max_examples=10, deadline=None)
def test_long_histories_are_followed_too(seed: int) -> None:
    followed(seed, 150)


def view(number: int, lineage: str, size: int, block: Block | None = None) -> View:
    own = frozenset(f'<a:{n}> <a:b> "{number}" <a:g> .'.encode() for n in range(size))
    return View(f"v{number}", lineage, block, own, frozenset(), (), number)


def test_what_was_not_asked_for_longest_makes_room() -> None:
    shipped, held = Shipped(room=3 * 51 * A_LINE), Held()
    block = Block("b", b"<a:x> <a:b> <a:y> <a:g> .\n")
    peak = 0
    for number, lineage in enumerate("abcabd"):
        for head, body in shipped.needed(view(number, lineage, 50, block if number < 3 else None)):
            held.take(head, body)
        assert held.views.keys() == shipped.views.keys()
        assert len(shipped.views) <= 3
        peak = max(peak, len(shipped.views))
    assert peak == 3
    assert [one.lineage for one in shipped.views.values()][-1] == "d"
    assert not shipped.blocks
    assert not held.blocks


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", ['<a:a> <a:b> "{n}" <a:g> .', "<a:{n}> <a:b> <a:c> <a:g> .", "<a:a> <a:b> {l} <a:g> ."]
)
def test_what_a_view_is_held_to_cost_is_about_what_it_takes(line: str) -> None:
    """Measured in a process of its own: short lines take many times their bytes."""
    lines = [line.format(n=n, l=f'"{n} {"é" * 300}"') for n in range(60_000)]
    cost = View("v", "l", None, frozenset(x.encode() for x in lines), frozenset(), (), 1).cost
    taken = subprocess.run(
        (sys.executable, "-c", TAKEN), input="\n".join(lines), text=True, encoding="utf-8",
        stdout=subprocess.PIPE, check=True, env={**os.environ, "PYTHONPATH": str(SOURCES)},
    ).stdout  # fmt: skip
    assert 0.7 < cost / int(taken) < 4
