"""Looks and evidence as text, for a terminal: short reasons first, the evidence tree beneath."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyoxigraph import NamedNode

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.cited import SCAFFOLD
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.sentences import reasons, sentence
from wearwhy.explain.terms import ExplainedLook
from wearwhy.rdf import TYPE

_IRI = re.compile(r"<([a-z]+:[^<>\s]+)>")
_TYPED = re.compile(r'"([^"]*)"\^\^<[^<>\s]+>')
_DEEPER = {"├─ ": "│  ", "└─ ": "   ", "": ""}


def look_text(
    look: ExplainedLook,
    templates: Templates,
    *,
    language: str = "en",
    evidence: int | None = None,
    stage: bool = False,
) -> str:
    """Return a look: its items, its score, its reasons, then its terms with their evidence.

    Args:
        look: explained.
        templates: sentences of terms that are no rules'.
        language: of labels and sentences.
        evidence: how many terms to show with their trees, by falling magnitude; None for all.
        stage: whether to show the facts that only say that this look is under judgement.
    """
    named = names(look.layer, look.look, templates, language)
    lines = [f"{look.look.id}  {look.look.score:+.2f}"]
    lines += [f"  {named.of(p.slot)}: {named.of(p.item)}" for p in look.look.placed]
    lines += [f"  • {reason}" for reason in reasons(look, templates, language)]
    shown = look.terms[:evidence]
    for term in shown:
        said = sentence(named, term, templates)
        lines.append(f"  {term.term.value:+.3f} [{term.term.kind}] {said}")
        if term.without is not None and term.without_fact is not None:
            fact = " ".join(named.of(part) for part in term.without_fact)
            lines.append(f"    without “{fact}”: {term.without:+.3f}")
        lines += [f"    {line}" for line in evidence_lines(named, term.evidence, stage=stage)]
    left = look.terms[len(shown) :]
    if left:
        rest = sum(term.term.value for term in left)
        lines.append(f"  {rest:+.3f} from {len(left)} smaller terms")
    return "\n".join(lines)


def evidence_lines(named: Names, found: Evidence, *, stage: bool = True) -> list[str]:
    """Return evidence as a tree, one line a node; what was shown above is only named again."""
    lines: list[str] = []
    seen: set[str] = set()

    def show(name: str, lead: str, branch: str) -> None:
        node = found.nodes[name]
        again = name in seen and bool(node.premises)
        suffix = " (see above)" if again else ""
        lines.append(f"{lead}{branch}{node_text(named, node)}{suffix}")
        if again:
            return
        seen.add(name)
        below = [p for p in node.premises if stage or not _sets_the_stage(named, found.nodes[p])]
        for n, premise in enumerate(below):
            last = n == len(below) - 1
            show(premise, lead + _DEEPER[branch], "└─ " if last else "├─ ")

    show(found.root, "", "")
    return lines


def _sets_the_stage(named: Names, node: EvidenceNode) -> bool:
    """Return whether a leaf only says what the look under judgement is made of."""
    fact = node.statement
    if node.kind is not Kind.ASSERTED or fact is None or fact.subject not in named.own:
        return False
    return fact.predicate == TYPE or fact.predicate in SCAFFOLD


def node_text(named: Names, node: EvidenceNode) -> str:
    """Return a node in one line: its kind, what it says, its rule and its figures."""
    parts = [f"[{node.kind.value}]"]
    if node.kind is Kind.PATH and node.rule is not None:
        parts.append(f"{named.of(node.rule)}:")
    if node.statement is not None:
        parts.append(" ".join(named.of(part) for part in node.statement))
    if node.note:
        parts.append(_readable(named, node.note))
    if node.rule is not None and node.kind is not Kind.PATH:
        parts.append(f"by '{named.of(node.rule)}'")
    figures = []
    if node.probability is not None:
        figures.append(f"probability {node.probability:.2f}")
    if node.confidence is not None:
        figures.append(f"confidence {node.confidence:.2f}")
    if node.needed is False:
        figures.append("not needed")
    if node.source:
        figures.append(node.source)
    if figures:
        parts.append("(" + ", ".join(figures) + ")")
    return " ".join(parts)


def _readable(named: Names, note: str) -> str:
    """Return a note with names in the place of IRIs, and literals without their datatypes."""
    bare = _TYPED.sub(r"\1", note)
    return _IRI.sub(lambda match: named.of(NamedNode(match.group(1))), bare)


def looks_text(
    looks: Sequence[ExplainedLook],
    templates: Templates,
    *,
    language: str = "en",
    evidence: int | None = None,
) -> str:
    """Return looks one below the other, an empty line between."""
    return "\n\n".join(
        look_text(look, templates, language=language, evidence=evidence) for look in looks
    )
