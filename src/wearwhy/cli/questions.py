"""Verbs that ask a wearer what the data leaves out, and take the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.change import preview_option
from wearwhy.cli.following import follows_json, follows_lines
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import changed, fact_line

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.learn.asking import Question
    from wearwhy.rdf import Fact

SHOWN = 4
"""Values, and things settled, that are told of a question."""
DIGITS = 6
LESS = 0.005
"""Bits that are told apart."""

threshold_option = click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="The least lower 90 % bound of held-out precision for a guess to be written.",
)

Json = dict[str, Any]


@verb("ask", examples=("wearwhy learn ask -n 3", "wearwhy learn ask --json"))
@click.option(
    "-n", "most", type=click.IntRange(min=1), default=10, show_default=True, help="How many."
)
@threshold_option
def ask(session: Session, most: int, threshold: float | None) -> Told:
    """Propose the questions whose answers would settle most over the whole wardrobe.

    Asked is of attributes with no firm value and no guess that passes. A question is worth, in
    bits, the entropy of its answer and the expected fall in entropy of the item's other missing
    attributes. What earlier questions of the list are expected to tell is not counted again.
    """
    from wearwhy.workspace import questions

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        found = questions.ask(workspace, session.named, most=most, threshold=threshold)
        named = session.names(workspace.layer(session.named))

    def text() -> str:
        if found.model is None:
            return session.say("no-model")
        if not found.questions:
            return session.say("ask-none")
        lines = [session.say("ask-head", n=len(found.questions), open=found.open)]
        for number, one in enumerate(found.questions, 1):
            lines += _question_lines(session, named, number, one)
        return "\n".join([*lines, session.say("ask-how")])

    return Told(
        lambda: {
            "revision": workspace.revision,
            "model": found.model,
            "threshold": found.threshold,
            "open": found.open,
            "questions": [_question_json(named, one) for one in found.questions],
        },
        text,
    )


def _question_lines(session: Session, named: Names, number: int, one: Question) -> list[str]:
    ident = one.item.value.rpartition("/")[2]
    slots = {
        "number": number,
        "id": ident,
        "item": named.of(one.item),
        "attribute": named.of(one.attribute.iri),
        "value": "" if one.value is None else named.of(one.value),
    }
    options = " · ".join(f"{named.of(value)} {p:.2f}" for value, p in one.options[:SHOWN])
    lines = [
        session.say("ask-which" if one.value is None else "ask-whether", **slots),
        "   " + session.say("ask-options", options=options),
        "   "
        + session.say(
            "ask-bits",
            bits=f"{one.bits:.2f}",
            own=f"{one.own:.2f}",
            others=f"{one.others:+.2f}",
            settled=f"{one.settled:.2f}",
        ),
    ]
    if one.counted < one.bits - LESS:
        lines[-1] += session.say("ask-counted", bits=f"{one.counted:.2f}")
    for follow in one.follows[:SHOWN]:
        told = session.say(
            "ask-follow",
            answer=named.of(follow.answer),
            chance=f"{follow.chance:.2f}",
            fact=fact_line(named, follow.fact),
            p=f"{follow.probability:.2f}",
        )
        lines.append("   " + told)
    if len(one.follows) > SHOWN:
        lines.append("   " + session.say("and-more", n=len(one.follows) - SHOWN))
    return lines


def _question_json(named: Names, one: Question) -> Json:
    from wearwhy.explain.document import fact_json, term_json

    return {
        "item": {"id": one.item.value, "label": named.of(one.item)},
        "attribute": one.attribute.name,
        "property": one.attribute.iri.value,
        "value": None if one.value is None else term_json(one.value),
        "options": [
            {"value": term_json(value), "label": named.of(value), "probability": round(p, DIGITS)}
            for value, p in one.options
        ],
        "bits": round(one.bits, DIGITS),
        "own": round(one.own, DIGITS),
        "others": round(one.others, DIGITS),
        "counted": round(one.counted, DIGITS),
        "settled": round(one.settled, DIGITS),
        "settles": [
            {
                "answer": term_json(follow.answer),
                "chance": round(follow.chance, DIGITS),
                "statement": fact_json(follow.fact),
                "probability": round(follow.probability, DIGITS),
            }
            for follow in one.follows
        ],
    }


@verb(
    "answer",
    examples=(
        "wearwhy learn answer w15 'suits season' winter",
        "wearwhy learn answer w15 'suits season' summer --not --preview",
    ),
)
@click.argument("item")
@click.argument("prop", metavar="ATTRIBUTE")
@click.argument("value")
@click.option("--not", "deny", is_flag=True, help="The item has it not: no model proposes it.")
@threshold_option
@preview_option
def answer(
    session: Session,
    *,
    item: str,
    prop: str,
    value: str,
    deny: bool,
    threshold: float | None,
    preview: bool,
) -> Told:
    """Take the answer to a question: assert the value, or deny it, and show what follows.

    The item's guesses are made anew in its light. It is one revision, which `undo` takes back.
    """
    from wearwhy.rdf import curie
    from wearwhy.workspace import find, questions
    from wearwhy.workspace.consequences import consequences
    from wearwhy.workspace.guesses import plan_of

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        layer = workspace.layer(session.named)
        meant = find.property_of(workspace.names, prop)
        found = questions.answer(
            workspace,
            find.item(layer, item),
            plan_of(workspace).attribute(curie(meant)),
            find.value_of(workspace.names, meant, value),
            session.named,
            yes=not deny,
            threshold=threshold,
        )
        follows = consequences(workspace, found.edit)
    extra = {
        "follows": follows_json(follows),
        "guesses": {"passed": _guesses(found.passed), "fallen": _guesses(found.fallen)},
    }
    # A preview tells the whole difference, and so what follows.
    lines = [] if preview else follows_lines(session, follows, found.fact)
    for key, those in (("answer-passed", found.passed), ("answer-fallen", found.fallen)):
        if those:
            named = session.names(layer)
            lines.append(session.say(key, n=len(those)))
            lines += [f"  {p:.2f}  {fact_line(named, fact)}" for fact, p in those]
    return changed(
        session,
        workspace,
        found.edit,
        preview=preview,
        make=lambda: workspace.apply(follows.difference),
        extra=extra,
        lines=lines,
    )


def _guesses(those: tuple[tuple[Fact, float], ...]) -> list[Json]:
    from wearwhy.explain.document import fact_json

    return [{**fact_json(fact), "probability": round(p, DIGITS)} for fact, p in those]


VERBS = (ask, answer)
