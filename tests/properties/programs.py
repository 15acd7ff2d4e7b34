"""Random stratified programs and graphs, small enough to be closed naively."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from wearwhy.rdf import Fact, Literal, NamedNode
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Description,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    Var,
    variables,
)

EX = "https://example.org/"
NODES = [NamedNode(f"{EX}n{i}") for i in range(3)]
# A predicate's number is its level: a head is never lower than its body, NOT reads lower only.
PREDICATES = [NamedNode(f"{EX}p{i}") for i in range(5)]
VARS = [Var(name) for name in "abcd"]


@dataclass(frozen=True)
class Edit:
    """One step of a random history."""

    kind: str
    fact: Fact | None = None
    rule: Rule | None = None
    probability: float = 1.0


def _terms(*terms: Term) -> list[Term]:
    return list(terms)


def _either(*terms: Var | Literal) -> st.SearchStrategy[Var | Literal]:
    return st.sampled_from(terms)


def facts(level: int = 4) -> st.SearchStrategy[Fact]:
    """Facts over the lower predicates; rules add to the higher ones too."""
    return st.builds(
        Fact,
        st.sampled_from(NODES),
        st.sampled_from(PREDICATES[:level]),
        st.sampled_from(NODES),
    )


@st.composite
def rules(draw: st.DrawFn, number: int = 0, *, confident: bool = True) -> Rule:
    """Return a safe rule that cannot break stratification, whatever others there are."""
    head_level = draw(st.integers(1, 4))
    body: list[Element] = []
    bound: set[Var] = set()
    for _ in range(draw(st.integers(1, 3))):
        atom = Atom(
            draw(st.sampled_from(VARS[:3])),
            PREDICATES[draw(st.integers(0, head_level))],
            draw(st.sampled_from(_terms(*VARS[:3], *VARS[:3], NODES[0]))),
        )
        body.append(atom)
        bound |= variables(atom)
    names = sorted(bound)
    if draw(st.integers(0, 3)) == 0:
        left, right = draw(st.sampled_from(names)), draw(_either(*names, Literal(1)))
        body.append(Filter(Call(draw(st.sampled_from(["=", "!=", "!=", "<"])), (left, right))))
    if draw(st.booleans()):
        other = draw(st.sampled_from(_terms(*names, Var("z"), NODES[0])))
        inner: list[Atom | Filter] = [
            Atom(
                draw(st.sampled_from(names)),
                PREDICATES[draw(st.integers(0, head_level - 1))],
                other,
            )
        ]
        if draw(st.booleans()):
            inner.append(Atom(draw(st.sampled_from(names)), PREDICATES[0], Var("z")))
        place = draw(st.integers(1, len(body)))
        early = set().union(*(variables(e) for e in body[:place]))
        inner = [a for a in inner if isinstance(a, Atom) and variables(a) - {Var("z")} <= early]
        if inner:
            body.insert(place, Negation(tuple(inner), data=draw(st.booleans())))
    # SET makes a rule run-once: its head must lie above everything it reads.
    lowest = min(PREDICATES.index(a.predicate) for a in body if isinstance(a, Atom))  # type: ignore[arg-type]
    highest = max(PREDICATES.index(a.predicate) for a in body if isinstance(a, Atom))  # type: ignore[arg-type]
    if highest < head_level and lowest < head_level and draw(st.booleans()):
        body.append(Assign(Var("s"), Call("STR", (names[0],))))
        bound.add(Var("s"))
    subject = draw(st.sampled_from(names))
    obj = draw(st.sampled_from(_terms(*sorted(bound), *NODES[:2])))
    confidence = draw(st.sampled_from([1.0, 1.0, 0.5, 0.8])) if confident else 1.0
    return Rule(
        NamedNode(f"{EX}r{number}"),
        (Atom(subject, PREDICATES[head_level], obj),),
        tuple(body),
        description=Description(confidence=confidence),
    )


@st.composite
def programs(draw: st.DrawFn, *, confident: bool = True) -> tuple[Rule, ...]:
    """Return up to six rules with names of their own."""
    count = draw(st.integers(1, 6))
    return tuple(draw(rules(number=i, confident=confident)) for i in range(count))
