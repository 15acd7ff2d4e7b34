"""Verbs about looks that were shown: two of them compared, one of them replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.workspace.replay import Moved, Replayed

LISTED = 12


@verb(
    "compare",
    examples=("wearwhy compare 1 2", "wearwhy --lang zh compare 1 3 -n 5"),
)
@click.argument("first", metavar="LOOK")
@click.argument("second", metavar="LOOK")
@click.option(
    "-n",
    "most",
    type=click.IntRange(1, 1000),
    default=LISTED,
    show_default=True,
    help="How many terms each part tells; the others are told as one sum.",
)
def compare(session: Session, first: str, second: str, *, most: int) -> Told:
    """Hold two looks that were shown against each other, term by term.

    A look is named by its id, or by its place among those shown last: 1 is the first. The
    differences add up to the difference of the scores.
    """
    from wearwhy.explain.compare import compare as compared
    from wearwhy.explain.compare import comparison_json, comparison_text
    from wearwhy.workspace.replay import replay

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        found = compared(
            replay(workspace, first, session.named), replay(workspace, second, session.named)
        )
    return Told(
        lambda: {
            "revision": workspace.revision,
            **comparison_json(found, session.sentences, session.lang),
        },
        lambda: comparison_text(found, session.sentences, session.lang, most=most),
    )


@verb(
    "replay",
    examples=(
        "wearwhy replay 1",
        "wearwhy replay 1 --without embeddings --without walks",
        "wearwhy replay 2 --without monochrome --json",
        "wearwhy replay 1 --as-of 2",
    ),
)
@click.argument("look", metavar="LOOK")
@click.option(
    "--without",
    multiple=True,
    metavar="KIND|RULE",
    help="Leave out embeddings, photos, guesses, walks, pairs, rules, comfort, taste, or one rule.",
)
@click.option(
    "--as-of",
    type=click.IntRange(min=0),
    metavar="REVISION",
    help="On the graph as it stood at a revision of the history.",
)
@click.option("--evidence/--no-evidence", default=False, help="Show the evidence of each term.")
def replay(
    session: Session, look: str, *, without: tuple[str, ...], as_of: int | None, evidence: bool
) -> Told:
    """Replay a look that was shown, and say what has changed against what was shown.

    A look is named by its id, or by its place among those shown last. Where nothing is left out and
    nothing has changed, it is told as `recommend` told it, byte by byte. A rule that is left out
    takes along what it derived; without `rules` none counts for points, and what they forbid stays
    forbidden. A model is at rest beside the history: it is as it is now at every revision.
    """
    from wearwhy.workspace.replay import replayed

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        found = replayed(workspace, look, session.named, without=without, as_of=as_of)
    return Told(lambda: _document(session, found), lambda: _text(session, found, evidence))


def _document(session: Session, found: Replayed) -> dict[str, Any]:
    from wearwhy.service.documents import replayed_json

    return replayed_json(found, session.sentences, session.lang)


def _names(session: Session, found: Replayed) -> Names:
    from wearwhy.explain.naming import names

    return names(found.look.layer, found.look.look, session.sentences, session.lang)


def _label(named: Names, one: Moved) -> str:
    from wearwhy.explain.sentences import label_of

    return label_of(named, one.term)


def _text(session: Session, found: Replayed, evidence: bool) -> str:
    from wearwhy.workspace.outfits import look_lines

    lines = look_lines(found.look, session.sentences, session.lang, evidence=evidence)
    shown = found.said["revision"]
    if found.same and not found.without:
        return "\n".join([*lines, "", session.say("replay-same", shown=shown)])
    return "\n".join([_head(session, found), *lines, "", *_changes(session, found)])


def _head(session: Session, found: Replayed) -> str:
    named = _names(session, found)
    what = named.say("list").join(
        named.say(f"without-{one}") if isinstance(one, str) else named.of(one)
        for one in found.without
    )
    without = session.say("replay-without", what=what) if what else ""
    return session.say(
        "replay-head", shown=found.said["revision"], now=found.revision, without=without
    )


def _changes(session: Session, found: Replayed) -> list[str]:
    if found.moved is None:
        return [session.say("replay-unknown")]
    was, now = found.said["score"], found.look.look.score
    if not found.moved:
        lines = [session.say("replay-same", shown=found.said["revision"])]
    else:
        lines = [
            session.say(
                "replay-score", shown=_points(was), now=_points(now), difference=_points(now - was)
            ),
            session.say("replay-changed"),
        ]
    named = _names(session, found)
    for one in found.moved[:LISTED]:
        said = session.say(
            "replay-term",
            difference=_points(one.difference),
            kind=named.say(f"term-{one.term.kind}"),
            label=_label(named, one),
            shown=session.say("replay-gone") if one.shown is None else _points(one.shown),
            now=session.say("replay-gone") if one.now is None else _points(one.now),
        )
        lines.append("  " + said)
    if len(found.moved) > LISTED:
        lines.append("  " + session.say("and-more", n=len(found.moved) - LISTED))
    place = found.said.get("place")
    if found.place is None:
        lines.append(session.say("replay-no-place", shown=place))
    elif found.place == place:
        lines.append(session.say("replay-still-place", now=place))
    else:
        lines.append(session.say("replay-place", shown=place, now=found.place))
    return lines


def _points(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")
