"""A difference as a person or a program reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wearwhy.cli.following import shift_lines
from wearwhy.cli.session import Session

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.outfit.request import Request
    from wearwhy.rdf import Fact
    from wearwhy.workspace.difference import Difference, RuleChange
    from wearwhy.workspace.ranked import Ranked

SHOWN = 12
TERMS = 3

Json = dict[str, Any]


def difference_json(session: Session, found: Difference) -> Json:
    """Return a difference in the shape that every `--preview --json` has."""
    from wearwhy.service.documents import difference_json as document

    return document(found, session.names)


def _names(session: Session, found: Difference) -> tuple[Names, Names]:
    """Return the names of things before and after."""
    assert found.before is not None
    assert found.after is not None
    return session.names(found.before), session.names(found.after)


def difference_text(session: Session, found: Difference, *, everything: bool = False) -> str:
    """Return a difference as text: counts first, then a dozen of each at most.

    Args:
        session: of the call.
        found: the difference.
        everything: whether to tell all of it.
    """
    if not found:
        return session.say("preview-nothing")
    old, new = _names(session, found)
    most = None if everything else SHOWN
    lines = [
        session.say(
            "preview-head",
            revision=found.revision,
            gained=len(found.gained),
            lost=len(found.lost),
            shifted=len(found.shifts),
            rules=len(found.rules),
            tried=found.tried,
            looks_gained=len(found.looks_gained),
            looks_lost=len(found.looks_lost),
            reranked=len(found.reranked),
        )
    ]
    if found.rules:
        lines.append(session.say("rules-changed", n=len(found.rules)))
        lines += _few(session, [_rule_text(session, one) for one in found.rules], most)
    for key, facts, named, mark in (
        ("facts-gained", found.gained, new, "+"),
        ("facts-lost", found.lost, old, "−"),
    ):
        if facts:
            lines.append(session.say(key, n=len(facts)))
            told = sorted(facts, key=_nameless)
            lines += _proved(found, told[:most], named, mark)
            lines += _rest(session, len(told), most)
    lines += shift_lines(session, found, most)
    for key, looks in (
        ("looks-gained", found.looks_gained),
        ("looks-lost", found.looks_lost),
        ("looks-reranked", found.reranked),
    ):
        if looks:
            lines.append(session.say(key, n=len(looks)))
            lines += _few(session, [_ranked_text(session, one, old, new) for one in looks], most)
    for one in found.silenced:
        key, error = (
            ("request-silenced", one.after) if one.after else ("request-answered", one.before)
        )
        why = error.sentence if error else ""
        lines.append(session.say(key, request=_asked(session, one.request, new), why=why))
    if found.strayed:
        lines.append(session.say("looks-strayed", n=len(found.strayed)))
    if not found.shown and not found.strayed and found.tried:
        lines.append(session.say("looks-same", n=found.tried))
    return "\n".join(lines)


def _nameless(fact: Fact) -> bool:
    """Return whether a fact is about what has no name, such as a restriction: told last."""
    return any("/.well-known/genid/" in str(part) for part in fact)


def _proved(found: Difference, facts: Sequence[Fact], named: Names, mark: str) -> list[str]:
    """Return facts, each with what it rests on: `why` tells the rest."""
    from wearwhy.explain.wording import node_text

    proofs, nodes = found.proofs(facts)
    lines = []
    for fact in facts:
        node = nodes[proofs[fact]]
        lines.append(f"  {mark} {node_text(named, node)}")
        for number, premise in enumerate(node.premises, 1):
            branch = "└─" if number == len(node.premises) else "├─"
            lines.append(f"      {branch} {node_text(named, nodes[premise])}")
    return lines


def _few(session: Session, lines: Sequence[str], most: int | None) -> list[str]:
    return [*(f"  • {line}" for line in lines[:most]), *_rest(session, len(lines), most)]


def _rest(session: Session, count: int, most: int | None) -> list[str]:
    left = 0 if most is None else count - most
    return ["  " + session.say("and-more", n=left)] if left > 0 else []


def _rule_text(session: Session, one: RuleChange) -> str:
    from wearwhy.outfit.labels import chosen
    from wearwhy.rdf import curie

    rule = one.after or one.before
    assert rule is not None
    label = chosen(rule.description.label, session.lang) or curie(one.rule)
    key = "rule-goes" if one.after is None else "rule-comes" if one.before is None else ""
    return session.say(
        key or "rule-differs", rule=label, iri=curie(one.rule), parts=", ".join(_parts(one))
    )


def _parts(one: RuleChange) -> list[str]:
    """Return what of a rule changes; of a figure or a switch from what to what."""
    found = []
    for name in one.parts:
        old = getattr(one.before.description, name, None) if one.before else None
        new = getattr(one.after.description, name, None) if one.after else None
        figures = isinstance(old, bool | float | int) and isinstance(new, bool | float | int)
        plain = name.replace("_", " ")
        found.append(f"{plain} {_figure(old)} → {_figure(new)}" if figures else plain)
    return found


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower()


def _asked(session: Session, request: Request, named: Names) -> str:
    about = ", ".join(named.of(occasion) for occasion in request.occasions)
    day = request.date.isoformat() if request.date else session.say("any-day")
    return f"{day} {about}".rstrip()


def _ranked_text(session: Session, one: Ranked, old: Names, new: Names) -> str:
    from wearwhy.explain.sentences import label_of
    from wearwhy.explain.text import signed

    named = new if one.after else old
    items = ", ".join(named.of(item) for item in one.items)
    notes = [f"{one.before or '–'} → {one.after or '–'}"]
    if one.was is not None and one.score is not None:
        notes.append(f"{signed(one.was)} → {signed(one.score)}")
    elif one.was is not None or one.score is not None:
        notes.append(session.say("look-absent"))
    if one.forbidden:
        banned = old if not one.before else new
        rules = ", ".join(banned.of(rule) for rule in one.forbidden)
        notes.append(session.say("look-forbidden", rules=rules))
    notes += [
        f"{label_of(new if c.after else old, c.term)} {signed(c.before)} → {signed(c.after)}"
        for c in one.terms[:TERMS]
    ]
    return f"{_asked(session, one.request, named)}: {items} ({'; '.join(notes)})"
