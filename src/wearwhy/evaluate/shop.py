"""A source of items and one of outfits, closed under a workspace's rules, as positions."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wearwhy.errors import InputError, UnknownName, nearest
from wearwhy.feeds import load
from wearwhy.feeds.load import named
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.words import slug
from wearwhy.rdf import TYPE, WW, Fact, Literal, NamedNode, Node
from wearwhy.rules.columns import Ints
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace.workspace import Workspace

_NAME = "evaluated"


@dataclass(frozen=True, slots=True)
class Shop:
    """Items and outfits of a source.

    Attributes:
        layer: the items closed under the rules, the outfits not among them.
        items: the items of the outfits and all others, by position.
        outfits: each the positions of its items, in look order.
        worn: for each outfit the day it was worn, if its source says one.
        said: for each outfit its own facts.
        order: for each item the order of its slot, head to foot.
        kinds: for each item what it may be swapped within: its slots and the columns asked for.
    """

    layer: Layer
    items: tuple[NamedNode, ...]
    outfits: tuple[tuple[int, ...], ...]
    worn: tuple[str, ...]
    said: tuple[tuple[Fact, ...], ...]
    order: Ints
    kinds: tuple[Hashable, ...]


def shop(
    workspace: Workspace,
    products: tuple[Path, str],
    outfits: tuple[Path, str],
    within: Sequence[str] = (),
) -> Shop:
    """Return what two files say, closed over the workspace's base; nothing is written.

    Args:
        workspace: whose rules are meant.
        products: the file of items and the name of its mapping.
        outfits: the file of outfits and the name of its mapping.
        within: columns of the items' file beyond which no item may be swapped.

    Raises:
        InputError: where a file is refused, or holds no outfit (WW-EVALUATE-OUTFITS).
    """
    into = Target("catalogue", _NAME)
    goods = _read(workspace, *products, into)
    composed = _read(workspace, *outfits, into, goods.facts)
    layer = workspace.base.child(Change(add=goods.facts))
    items = tuple(
        node for node in layer.subjects(into.membership, into.node) if isinstance(node, NamedNode)
    )
    at: dict[Node, int] = {item: n for n, item in enumerate(items)}
    slots = [tuple(sorted(layer.objects(item, WW.slot), key=str)) for item in items]
    order = np.array([_order(layer, found) for found in slots], dtype=np.int64)
    about: dict[Node, list[Fact]] = {}
    for fact in composed.facts:
        about.setdefault(fact.subject, []).append(fact)
    sets: list[tuple[int, ...]] = []
    worn: list[str] = []
    said: list[tuple[Fact, ...]] = []
    for facts in about.values():
        if not any(f.predicate == TYPE and f.object == WW.Outfit for f in facts):
            continue
        held = {at[f.object] for f in facts if f.predicate == WW.hasItem and f.object in at}
        if len(held) > 1:
            sets.append(tuple(sorted(held, key=lambda n: (int(order[n]), n))))
            worn.append(next((_text(f.object) for f in facts if f.predicate == WW.wornOn), ""))
            said.append(tuple(facts))
    if not sets:
        raise InputError(
            "WW-EVALUATE-OUTFITS",
            f"{outfits[0].name} holds no outfit of two items or more of {products[0].name}.",
            hint=f"Is it in the format '{outfits[1]}'?",
        )
    extra = _columns(workspace, products, into, within)
    kinds = tuple((s, extra.get(item, ())) for item, s in zip(items, slots, strict=True))
    return Shop(layer, items, tuple(sets), tuple(worn), tuple(said), order, kinds)


def _read(
    workspace: Workspace, path: Path, mapping: str, into: Target, known: Sequence[Fact] = ()
) -> Loaded:
    return load.read(
        path,
        mapping,
        names=workspace.names,
        into=into,
        known=known,
        mappings=workspace.bundle.folder / "kg" / "mappings",
    )


def _text(node: Node) -> str:
    return node.value if isinstance(node, Literal) else str(node)


def _order(layer: Layer, slots: Sequence[Node]) -> int:
    """Return the least order of some slots; items without one come last."""
    found = [layer.value(slot, WW.order) for slot in slots]
    return min((int(n.value) for n in found if isinstance(n, Literal)), default=1000)


def _columns(
    workspace: Workspace, products: tuple[Path, str], into: Target, within: Sequence[str]
) -> dict[NamedNode, tuple[str, ...]]:
    if not within:
        return {}
    path, name = products
    mapping = named(name, workspace.bundle.folder / "kg" / "mappings")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    columns = [str(name) for name in table.columns]
    for column in within:
        if column not in columns:
            near = nearest(column, columns)
            raise UnknownName(
                "WW-EVALUATE-COLUMN",
                f"{path.name} has no column '{column}'.",
                hint=f"Did you mean '{near}'?" if near else "It has: " + ", ".join(columns) + ".",
            )
    template = mapping.ids[0]
    needed = re.findall(r"\{(\w+)\}", template)
    return {
        into.item(slug(template.format(**{c: row[c] for c in needed}))): tuple(
            row[c] for c in within
        )
        for row in table.to_dict("records")
        if all(c in row for c in needed)
    }
