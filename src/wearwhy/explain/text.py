"""Looks and evidence as text, for a terminal: short reasons first, the evidence tree beneath."""

from __future__ import annotations

import math
from collections.abc import Sequence

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.cited import SCAFFOLD
from wearwhy.explain.labelled import label_lines
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.sentences import reasons, sentence
from wearwhy.explain.terms import SAME, ExplainedLook, ExplainedTerm, guesses
from wearwhy.explain.wording import node_text, said
from wearwhy.rdf import TYPE

_DEEPER = {"├─ ": "│  ", "└─ ": "   ", "": ""}


def look_text(
    look: ExplainedLook,
    templates: Templates,
    *,
    language: str = "en",
    evidence: int | None = None,
    stage: bool = False,
    depth: int | None = None,
) -> str:
    """Return a look: its items, its score, its labels, its reasons, then its terms with their evidence.

    Args:
        look: explained.
        templates: sentences of terms that are no rules'.
        language: of labels and sentences.
        evidence: how many terms to show with their trees, by falling magnitude; None for all.
        stage: whether to show the facts that only say that this look is under judgement.
        depth: how many steps below the look to show of each tree; None for all.
    """
    named = names(look.layer, look.look, templates, language)
    lines = [f"{look.look.id}  {look.look.score:+.2f}"]
    lines += [
        "  " + named.say("placed", slot=named.of(p.slot), item=named.of(p.item))
        for p in look.look.placed
    ]
    lines += [f"  {line}" for line in label_lines(named, look.labels)]
    lines += [f"  • {reason}" for reason in reasons(look, templates, language)]
    shown = _shown(look, evidence)
    for term in shown:
        lines += [f"  {line}" for line in _term_lines(named, term, stage=stage, depth=depth)]
    left = [term for term in look.terms if term not in shown]
    if left:
        rest = math.fsum(term.term.value for term in left)
        lines.append(f"  {named.say('smaller', value=signed(rest), n=len(left))}")
    return "\n".join(lines)


def _shown(look: ExplainedLook, evidence: int | None) -> list[ExplainedTerm]:
    """Return the terms to show with their trees: the largest, and the first on each guess."""
    if evidence == 0:
        return []
    shown = list(look.terms[:evidence])
    known = {node.statement for term in shown for node in guesses(term.evidence)}
    for term in look.terms[len(shown) :]:
        fresh = {node.statement for node in guesses(term.evidence)} - known
        if fresh:
            shown.append(term)
            known |= fresh
    return shown


def _term_lines(named: Names, term: ExplainedTerm, *, stage: bool, depth: int | None) -> list[str]:
    """Return a term: what it tells, what it would be without its evidence, and that evidence."""
    kind = named.say(f"term-{term.term.kind}")
    lines = [f"{signed(term.term.value)} [{kind}] {sentence(named, term)}"]
    for node in guesses(term.evidence):
        if node.statement is not None:
            p = "?" if node.probability is None else f"{node.probability:.2f}"
            lines.append("  " + named.say("rests-on", fact=said(named, node.statement), p=p))
    if term.without is not None and term.without_fact is not None:
        if abs(term.without - term.term.value) <= SAME:
            lines.append("  " + named.say("without-none"))
        else:
            fact = said(named, term.without_fact)
            lines.append("  " + named.say("without", fact=fact, value=signed(term.without)))
    # The root of a term's evidence lies one step below the look.
    left = None if depth is None else depth - 1
    tree = evidence_lines(named, term.evidence, stage=stage, depth=left)
    return [*lines, *(f"  {line}" for line in tree)]


def signed(value: float) -> str:
    """Return points with their sign and three decimals."""
    return f"{value:+.3f}".replace("-", "−")


def evidence_lines(
    named: Names, found: Evidence, *, stage: bool = True, depth: int | None = None
) -> list[str]:
    """Return evidence as a tree, one line a node; what was shown above is only named again.

    Args:
        named: what things are called.
        found: the evidence.
        stage: whether to show the facts that only say that this look is under judgement.
        depth: how many steps below the root to show; what is cut says how many premises it has.
    """
    lines: list[str] = []
    seen: set[str] = set()

    def show(name: str, lead: str, branch: str, left: int | None) -> None:
        node = found.nodes[name]
        below = [p for p in node.premises if stage or not _sets_the_stage(named, found.nodes[p])]
        again = name in seen and bool(node.premises)
        cut = left == 0 and not again and bool(below)
        suffix = named.say("see-above") if again else f" … +{len(below)}" if cut else ""
        lines.append(f"{lead}{branch}{node_text(named, node)}{suffix}")
        if again or cut:
            return
        seen.add(name)
        for n, premise in enumerate(below):
            last = n == len(below) - 1
            further = None if left is None else left - 1
            show(premise, lead + _DEEPER[branch], "└─ " if last else "├─ ", further)

    show(found.root, "", "", depth)
    return lines


def _sets_the_stage(named: Names, node: EvidenceNode) -> bool:
    """Return whether a leaf only says what the look under judgement is made of."""
    fact = node.statement
    if node.kind is not Kind.ASSERTED or fact is None or fact.subject not in named.own:
        return False
    return fact.predicate == TYPE or fact.predicate in SCAFFOLD


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
