"""A look's evidence as one document, under its score."""

from __future__ import annotations

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.terms import ExplainedLook


def evidence_of(look: ExplainedLook) -> Evidence:
    """Return a look's evidence under one root: its score, which is the sum of its terms."""
    nodes = {name: node for term in look.terms for name, node in term.evidence.nodes.items()}
    root = EvidenceNode(
        id=look.look.id,
        kind=Kind.COMPUTED,
        value=look.look.score,
        premises=tuple(dict.fromkeys(term.evidence.root for term in look.terms)),
        note="the sum of its terms: " + " ".join(f"{term.term.value:+.6f}" for term in look.terms),
    )
    return Evidence(root.id, {root.id: root, **nodes})
