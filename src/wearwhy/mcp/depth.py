"""A part of an evidence graph: as deep as an agent asks, and what lies below told in a number."""

from __future__ import annotations

from typing import Any

from wearwhy.errors import UnknownName

Json = dict[str, Any]


def cut(document: Json, depth: int, start: str | None = None) -> Json:
    """Return an evidence document with the nodes up to a depth below its root, or another node.

    Args:
        document: with `root`, `nodes` and `look`, as `explain` answers; or without a root, as
            `why_not` answers: then below what blocks the item and what it lost by.
        depth: of the deepest nodes; the first is at 0.
        start: the node to begin at, of which alone is told then; the root, if None.

    Returns:
        The document; a node whose premises were left out says in `deeper` how many there are, and
        has none.

    Raises:
        UnknownName: WW-EVIDENCE-NODE.
    """
    nodes: Json = document["nodes"]
    if start is not None:
        if start not in nodes:
            raise UnknownName(
                "WW-EVIDENCE-NODE",
                "The evidence has no such node.",
                hint="Name a node as `premises` or a term's `evidence` has it.",
            )
        document = {"root": start, "revision": document["revision"]}
    return {**document, "nodes": _below(nodes, _starts(document), depth)}


def _starts(document: Json) -> list[str]:
    if "root" in document:
        return [document["root"]]
    return [*document["blocked_by"], *(one["evidence"] for one in document["lost_by"])]


def _below(nodes: Json, level: list[str], depth: int) -> Json:
    kept: Json = {}
    for at in range(depth + 1):
        following: dict[str, None] = {}
        for name in level:
            if name in kept or name not in nodes:
                continue
            node = nodes[name]
            premises = node.get("premises", [])
            if at == depth and premises:
                node = {**node, "premises": [], "deeper": len(premises)}
            kept[name] = node
            following.update(dict.fromkeys(premises))
        level = [name for name in following if name not in kept]
    return kept
