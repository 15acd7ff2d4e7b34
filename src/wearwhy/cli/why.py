"""Verbs that ask for reasons: why a fact or a look, why not an item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from wearwhy.cli.ask import wishes, with_request
from wearwhy.cli.drawing import Drawing
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

LEAST = 0.01
MOST = 8
# How often `why-not` searches for looks under changes before it says that it has not tried all.
TRIALS = 200
# The same of completions, which may be drawn from a large catalogue.
COMPLETED = 40
PROOFS = ("first", "shortest", "surest", "all")

if TYPE_CHECKING:
    from wearwhy.evidence import Evidence
    from wearwhy.explain.naming import Names
    from wearwhy.rdf import Fact
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace.why import AllProofs


@verb(
    "why",
    examples=(
        "wearwhy why w03 'suits season' winter",
        "wearwhy why id:mine/w03 ww:slot ww:slot-top --json",
        "wearwhy why w03 'suits season' winter --proof shortest",
        "wearwhy why w03 'suits season' winter --break",
        "wearwhy why 1 --depth 2",
        "wearwhy why w03 'suits season' winter --picture why.svg",
        "wearwhy --lang zh why 1 --picture why.mmd --depth 2",
    ),
)
@click.argument("what", nargs=-1, required=True, metavar="SUBJECT PREDICATE OBJECT | LOOK-ID")
@click.option(
    "--proof",
    "wanted",
    type=click.Choice(PROOFS),
    default="first",
    show_default=True,
    help="Of a fact: the proof at hand, the shortest, the surest, or all of them.",
)
@click.option("-n", "count", type=click.IntRange(1, 1000), default=10, help="How many of all.")
@click.option(
    "--break", "breaks", is_flag=True, help="Tell the fewest facts without which it falls."
)
@click.option("--axioms", is_flag=True, help="With --break: axioms of the ontology count too.")
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    metavar="FILE.svg|FILE.mmd",
    help="Draw the evidence into a file: as SVG, or as a Mermaid chart.",
)
@click.option(
    "--depth",
    type=click.IntRange(1, 100),
    help="Tell or draw so many steps below the root; how many lie beneath is told.",
)
def why(
    session: Session,
    what: tuple[str, ...],
    *,
    wanted: Literal["first", "shortest", "surest", "all"],
    count: int,
    breaks: bool,
    axioms: bool,
    picture: Path | None,
    depth: int | None,
) -> Told:
    """Prove a fact, down to what somebody said; or a look that was shown, term by term.

    Names are IRIs, compact names (ww:colour) or labels. A look is named by its id, or by its place
    among those shown last: 1 is the first.
    """
    drawn = Drawing.of(picture, depth)
    if len(what) not in (1, 3):
        raise click.UsageError("Give a fact in three words, or the id of a look.")
    if len(what) == 1 and (breaks or wanted != "first"):
        raise click.UsageError("--proof and --break are for facts.")
    if depth is not None and (breaks or wanted == "all"):
        raise click.UsageError("--depth is of one piece of evidence: not --break, nor all proofs.")
    if drawn is not None and (breaks or wanted == "all"):
        raise click.UsageError(
            "--picture draws one piece of evidence: not --break, nor all proofs."
        )
    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        layer = workspace.layer(session.named)
    if len(what) == 1:
        return _look(session, what[0], drawn, depth)
    from wearwhy.workspace import find
    from wearwhy.workspace.why import all_proofs, why_fact

    fact = find.fact(layer, workspace.names, *what)
    if breaks:
        with working(session.say("searching")):
            return _breaking(session, layer, fact, axioms=axioms)
    if wanted == "all":
        found = all_proofs(layer, fact, count)
        named = session.names(layer)
        return Told(found.as_dict, lambda: _all_proofs(session, named, found))
    proof = (
        workspace.why(fact, session.named) if wanted == "first" else why_fact(layer, fact, wanted)
    )
    named = session.names(layer)
    return drawn.told(session, named, proof) if drawn is not None else _told(proof, named, depth)


def _all_proofs(session: Session, named: Names, found: AllProofs) -> str:
    from wearwhy.explain.text import evidence_lines

    count = len(found.proofs)
    lines = []
    for number, one in enumerate(found.proofs, 1):
        lines.append(session.say("proof-of", n=number, all=count))
        lines += [f"  {line}" for line in evidence_lines(named, one)]
    if not found.complete:
        lines.append(session.say("proofs-more", n=count))
    return "\n".join(lines)


def _breaking(session: Session, layer: Layer, fact: Fact, *, axioms: bool) -> Told:
    from wearwhy.explain.wording import said
    from wearwhy.workspace.why import breaking, breaking_json

    found = breaking(layer, fact, axioms=axioms)

    def text() -> str:
        named = session.names(layer)
        what = said(named, fact)
        if not found.sets:
            key = "break-none" if found.exact else "break-none-within"
            return session.say(key, fact=what, size=found.reached)
        size = len(found.sets[0])
        key = "break-one" if size == 1 else "break-several"
        lines = [session.say(key, fact=what, size=size)]
        lines += [
            "  " + named.say("list-apart").join(said(named, f) for f in one) for one in found.sets
        ]
        lines.append(session.say("break-all" if found.exact else "break-not-all", n=found.trials))
        return "\n".join(lines)

    return Told(lambda: breaking_json(found), text, 0 if found.sets else 1)


def _look(session: Session, name: str, drawn: Drawing | None, depth: int | None) -> Told:
    from wearwhy.explain.document import evidence_json
    from wearwhy.explain.naming import names
    from wearwhy.explain.whole import evidence_of
    from wearwhy.workspace.outfits import look_lines
    from wearwhy.workspace.replay import replay

    workspace = session.open(usual=True)
    look = replay(workspace, name, session.named)
    if drawn is not None:
        named = names(look.layer, look.look, session.sentences, session.lang)
        return drawn.told(session, named, evidence_of(look))
    return Told(
        lambda: evidence_json(evidence_of(look)),
        lambda: "\n".join(look_lines(look, session.sentences, session.lang, depth=depth)),
    )


def _told(found: Evidence, named: Names, depth: int | None = None) -> Told:
    from wearwhy.explain.document import evidence_json
    from wearwhy.explain.text import evidence_lines

    return Told(
        lambda: evidence_json(found),
        lambda: "\n".join(evidence_lines(named, found, depth=depth)),
    )


@verb(
    "why-not",
    examples=(
        'wearwhy why-not w46 --occasion office --date 2026-11-24 --weather "8C rain"',
        "wearwhy why-not w15 --occasion office --date 2026-11-24 --json",
        "wearwhy why-not w28 --given w16 --given w26 --slot feet -n 2",
        "wearwhy why-not w03 'suits season' summer",
    ),
)
@click.argument("what", nargs=-1, required=True, metavar="ITEM | SUBJECT PREDICATE OBJECT")
@click.option(
    "--given", multiple=True, metavar="ITEM", help="Of what completes these: why is it not there?"
)
@click.option("--slot", help="With --given: the one slot to fill; otherwise every empty one.")
@with_request
@click.option("-n", "count", type=click.IntRange(1, 100), default=3, show_default=True)
@click.option(
    "--exhaustive",
    is_flag=True,
    help="Try every set of up to three changes, however long it takes.",
)
def why_not(
    session: Session,
    what: tuple[str, ...],
    *,
    given: tuple[str, ...],
    slot: str | None,
    count: int,
    exhaustive: bool,
    **stated: Any,
) -> Told:
    """Say why an item stands in no look, and the smallest change that would let it in.

    With --given, why it is not among what completes those items. Of a fact in three words that does not hold: which rules come nearest to it, and what they lack.
    Exit status 1: it is not in, or does not hold; 0: it is, or does.
    """
    if len(what) == 3:
        return _why_not_fact(session, what, count)
    if len(what) != 1:
        raise click.UsageError("Give an item, or a fact in three words.")
    if slot and not given:
        raise click.UsageError("--slot is for --given.")
    from wearwhy.workspace import whynot, whynot_fit
    from wearwhy.workspace.counterfactual import SECONDS

    (item,) = what
    workspace = session.open(usual=True)
    asked = wishes(stated, lock=given, n=count)
    with working(session.say("searching")):
        trials = None if exhaustive else COMPLETED if given else TRIALS
        templates, lang = session.sentences, session.lang
        found = (
            whynot_fit.why_not_fit(
                workspace, item, asked, slot, session.named,
                templates=templates, lang=lang, trials=trials,
            )
            if given
            else whynot.why_not(
                workspace, item, asked, session.named,
                templates=templates, lang=lang, trials=trials,
            )
        )  # fmt: skip

    def text() -> str:
        named = session.names(found.layer)
        name = named.of(found.item)
        if found.admitted:
            return session.say("fits" if given else "admitted", item=name)
        lines = [session.say("fits-not" if given else "not-admitted", item=name)]
        lines += whynot.blocked_lines(found, named, session.sentences)
        if found.lost_by:
            lines.append(session.say("lost-head-fit" if given else "lost-head"))
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
        if found.rank is not None:
            place, fitting = found.rank
            lines.append("  " + session.say("fits-rank", place=place, all=fitting))
        searched = found.searched
        if searched is None:
            return "\n".join(lines)
        if searched.smallest is None:
            key = "no-change-found" if searched.complete else "no-change-tried"
            lines.append(
                session.say(
                    key, n=searched.steps, tried=searched.recommended, seconds=f"{SECONDS:g}"
                )
            )
        else:
            for key, change in (
                ("smallest-change" if searched.complete else "small-change", searched.smallest),
                *(("other-change", other) for other in searched.others),
            ):
                lines.append(session.say(key, cost=f"{change.cost:g}"))
                lines += ["  " + whynot.change_line(one, named) for one in change.changes]
        return "\n".join(lines)

    return Told(lambda: whynot.as_json(found), text, 0 if found.admitted else 1)


def _why_not_fact(session: Session, what: tuple[str, ...], count: int) -> Told:
    from wearwhy.explain.wording import said
    from wearwhy.workspace import find, lacking

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        layer = workspace.layer(session.named)
    fact = find.fact(layer, workspace.names, *what)
    found = lacking.why_not_fact(layer, fact, count)

    def text() -> str:
        named = session.names(layer)
        words = said(named, fact)
        if found.holds:
            return session.say("fact-holds", fact=words)
        key = "fact-nearest" if found.near else "fact-no-rule"
        return "\n".join([session.say(key, fact=words), *lacking.lines(named, found)])

    return Told(found.as_dict, text, 0 if found.holds else 1)
