"""What follows from a change, and guesses at rest, as a person or a program reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wearwhy.cli.session import Session

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.rdf import Fact
    from wearwhy.workspace.consequences import Consequences, Standing
    from wearwhy.workspace.difference import Difference
    from wearwhy.workspace.guessed import Kept

Json = dict[str, Any]


def guess_line(session: Session, named: Names, one: Kept) -> str:
    """Return a guess in one line: probability, what it says, and what it is worth."""
    from wearwhy.explain.wording import said

    notes = []
    if one.margin is not None:
        key = "guess-over" if one.runner_up is not None else "guess-over-not"
        rival = "" if one.runner_up is None else named.of(one.runner_up)
        notes.append(session.say(key, rival=rival, margin=f"{one.margin:.2f}"))
    if one.explained is not None:
        notes.append(session.say("guess-explained", share=f"{one.explained:.2f}"))
    if one.model is not None:
        notes.append(session.say("guess-model", model=one.model))
    told = f"  ({'; '.join(notes)})" if notes else ""
    return f"{one.probability:.2f}  {said(named, one.fact)}{told}"


def guess_json(one: Kept) -> Json:
    """Return a guess as an object."""
    from wearwhy.service.documents import guess_json as document

    return document(one)


def follows_json(found: Consequences) -> Json:
    """Return what comes, goes and is of another kind, each fact with how it stands."""
    from wearwhy.service.documents import follows_json as document

    return document(found)


def follows_lines(session: Session, found: Consequences, asked: Fact) -> list[str]:
    """Return what follows from a change, each fact with the rule that concludes it.

    Args:
        session: of the call.
        found: what follows.
        asked: the fact that the change is about, which is not told again.
    """
    from wearwhy.evidence import Kind

    before, after = found.difference.before, found.difference.after
    assert before is not None
    assert after is not None
    lines = []
    old, new = session.names(before), session.names(after)
    lost = [pair for pair in found.lost if pair[0] != asked]
    # What was said is told by the change itself; what is guessed anew, or follows, is not.
    gained = [p for p in found.gained if p[0] != asked and p[1].kind is not Kind.ASSERTED]
    for key, pairs, named, mark in (
        ("follows-lost", lost, old, "−"),
        ("follows-gained", gained, new, "+"),
    ):
        if pairs:
            lines.append(session.say(key, n=len(pairs)))
            lines += [f"  {mark} {_line(named, fact, one)}" for fact, one in pairs]
    return [*lines, *shift_lines(session, found.difference)] or [session.say("follows-nothing")]


def shift_lines(session: Session, found: Difference, most: int | None = None) -> list[str]:
    """Return the facts that are of another kind, or surer or less sure, so many at most."""
    if not found.shifts:
        return []
    from wearwhy.explain.wording import said

    assert found.after is not None
    named = session.names(found.after)
    lines = [
        session.say("follows-shifted", n=len(found.shifts)),
        *(
            f"  ~ {said(named, one.fact)}: {_tag(named, one.before)} → {_tag(named, one.after)}"
            for one in found.shifts[:most]
        ),
    ]
    left = 0 if most is None else len(found.shifts) - most
    return [*lines, "  " + session.say("and-more", n=left)] if left > 0 else lines


def _line(named: Names, fact: Fact, one: Standing) -> str:
    from wearwhy.explain.wording import said

    by = "" if one.rule is None else " " + named.say("by", rule=named.of(one.rule))
    return f"[{_tag(named, one)}] {said(named, fact)}{by}"


def _tag(named: Names, one: Standing) -> str:
    kind = named.say(f"kind-{one.kind.value}")
    return kind if one.sure >= 1 else f"{kind} {one.sure:.2f}"
