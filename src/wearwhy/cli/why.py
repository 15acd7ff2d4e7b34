"""Verbs that ask for reasons: why a fact or a look, why not an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.ask import wishes, with_request
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

LEAST = 0.01
MOST = 8

if TYPE_CHECKING:
    from wearwhy.evidence import Evidence
    from wearwhy.explain.naming import Names


@verb(
    "why",
    examples=(
        "wearwhy why w03 'suits season' winter",
        "wearwhy why id:mine/w03 ww:fillsSlot ww:slot-top --json",
    ),
)
@click.argument("what", nargs=-1, required=True, metavar="SUBJECT PREDICATE OBJECT | LOOK-ID")
def why(session: Session, what: tuple[str, ...]) -> Told:
    """Prove a fact, down to what somebody said; or a look that was shown, term by term.

    Names are IRIs, compact names (ww:colour) or labels.
    """
    if len(what) not in (1, 3):
        raise click.UsageError("Give a fact in three words, or the id of a look.")
    workspace = session.open()
    with working(session.say("reasoning")):
        layer = workspace.layer(session.wardrobe)
    if len(what) == 1:
        return _look(session, what[0])
    from wearwhy.workspace import find

    fact = find.fact(layer, workspace.names, *what)
    found = workspace.why(fact, session.wardrobe)
    return _told(found, session.names(layer))


def _look(session: Session, name: str) -> Told:
    from wearwhy.explain.document import evidence_json
    from wearwhy.explain.whole import evidence_of
    from wearwhy.workspace.outfits import look_lines
    from wearwhy.workspace.replay import replay

    workspace = session.open()
    look = replay(workspace, name, session.wardrobe)
    return Told(
        lambda: evidence_json(evidence_of(look)),
        lambda: "\n".join(look_lines(look, session.sentences, session.lang)),
    )


def _told(found: Evidence, named: Names) -> Told:
    from wearwhy.explain.document import evidence_json
    from wearwhy.explain.text import evidence_lines

    return Told(lambda: evidence_json(found), lambda: "\n".join(evidence_lines(named, found)))


@verb(
    "why-not",
    examples=(
        'wearwhy why-not w46 --occasion office --date 2026-11-24 --weather "8C rain"',
        "wearwhy why-not w15 --occasion office --date 2026-11-24 --json",
    ),
)
@click.argument("item")
@with_request
@click.option("-n", "count", type=click.IntRange(1, 50), default=3, show_default=True)
def why_not(session: Session, item: str, count: int, **given: Any) -> Told:
    """Say why an item stands in no look, and the smallest change that would let it in.

    Exit status 1: it is not in; 0: it is.
    """
    from wearwhy.workspace import whynot

    workspace = session.open()
    with working(session.say("searching")):
        found = whynot.why_not(
            workspace,
            item,
            wishes(given, n=count),
            session.wardrobe,
            templates=session.sentences,
            lang=session.lang,
        )

    def text() -> str:
        named = session.names(found.layer)
        name = named.of(found.item)
        if found.admitted:
            return session.say("admitted", item=name)
        lines = [session.say("not-admitted", item=name)]
        lines += whynot.blocked_lines(found, named, session.sentences)
        if found.lost_by:
            lines.append(session.say("lost-head"))
        shown = [one for one in found.lost_by if one.against - one.value >= LEAST][:MOST]
        for lost in shown:
            lines.append(
                "  "
                + session.say(
                    "lost-term", label=lost.label, value=f"{lost.value:+.3f}",
                    against=f"{lost.against:+.3f}",
                )
            )  # fmt: skip
        if len(found.lost_by) > len(shown):
            lines.append("  " + session.say("and-more", n=len(found.lost_by) - len(shown)))
        if found.note:
            lines.append(f"  {found.note}")
        if found.smallest is None:
            lines.append(session.say("no-change-found" if found.complete else "no-change-tried"))
        else:
            lines.append(session.say("smallest-change", cost=f"{found.smallest.cost:g}"))
            lines += ["  " + whynot.change_line(one, named) for one in found.smallest.changes]
        return "\n".join(lines)

    return Told(lambda: whynot.as_json(found), text, 0 if found.admitted else 1)
