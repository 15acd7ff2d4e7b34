"""Nodes of evidence are named by what they say, whatever was named before them."""

from __future__ import annotations

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.cited import Made, named_by_content


def absent(number: int) -> Evidence:
    leaf = EvidenceNode(f"a{number}", Kind.ABSENT, note=f"?x <urn:p{number}> ?y .")
    return Evidence(leaf.id, {leaf.id: leaf})


def test_what_is_named_after_others_are_gone_keeps_its_own_name() -> None:
    made: Made = {}
    for number in range(2_000):
        # Each node is gone before the next is made, which may then stand where it stood.
        found, _ = named_by_content(absent(number), {}, made)
        assert found.nodes[found.root].note == f"?x <urn:p{number}> ?y ."
