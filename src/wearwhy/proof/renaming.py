"""The checker's own reading of sameness: one statement said in other names."""

from __future__ import annotations

from collections.abc import Sequence

from wearwhy.rdf import OWL, Fact, Node


def follows(fact: Fact, premises: Sequence[Fact]) -> bool:
    """Return whether a fact is its first premise in names that the premises say are the same.

    A statement of owl:sameAs follows from any that join its two names.
    """
    groups: list[set[Node]] = []
    for premise in premises:
        if premise.predicate == OWL.sameAs:
            group = {premise.subject, premise.object}
            apart = [other for other in groups if not other & group]
            groups = [*apart, group.union(*(other for other in groups if other & group))]

    def joined(one: Node, other: Node) -> bool:
        return any({one, other} <= group for group in groups)

    if fact.predicate == OWL.sameAs and joined(fact.subject, fact.object):
        return True
    return bool(premises) and all(
        here == there or joined(here, there) for here, there in zip(fact, premises[0], strict=True)
    )
