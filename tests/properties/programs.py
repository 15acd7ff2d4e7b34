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
    Expression,
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


# -- with literals -------------------------------------------------------------------------------

XSD = "http://www.w3.org/2001/XMLSchema#"
VALUES = [
    *(Literal(text, datatype=NamedNode(XSD + kind)) for kind, text in (
        ("integer", "0"),
        ("integer", "-3"),
        ("integer", "007"),
        ("integer", "123456789012345678901234567890"),
        ("byte", "7"),
        ("integer", "seven"),
        ("decimal", "0.10"),
        ("decimal", "7.0"),
        ("decimal", "-3.00000000000000000001"),
        ("float", "0.1"),
        ("float", "NaN"),
        ("double", "0.1"),
        ("double", "7"),
        ("double", "INF"),
        ("double", "-0"),
        ("double", "NaN"),
        ("boolean", "true"),
        ("boolean", "0"),
        ("date", "2026-11-22"),
        ("date", "2026-11-22Z"),
        ("dateTime", "2026-11-22T09:30:00"),
        ("dateTime", "2026-11-22T09:30:00.50Z"),
        ("dateTime", "2026-11-22T10:30:00.5+01:00"),
        ("time", "09:30:00"),
        ("dayTimeDuration", "P1D"),
        ("yearMonthDuration", "P1M"),
        ("duration", "P1M1D"),
        ("duration", "PT24H"),
    )),
    Literal(""),
    Literal("a"),
    Literal("Straße"),
    Literal("𝄞é"),
    Literal("é\x00'"),
    Literal("a", language="en"),
    Literal("ab", language="en"),
    Literal("a", language="zh"),
    Literal("x", datatype=NamedNode(EX + "kind")),
]  # fmt: skip
ORDERS = ["=", "!=", "<", ">", "<=", ">="]
KINDS = ["ISIRI", "ISBLANK", "ISLITERAL", "ISNUMERIC", "HASLANG"]
FUNCTIONS = [
    *("STR", "LANG", "DATATYPE", "STRLEN", "YEAR", "MONTH", "DAY", "HOURS", "MINUTES"),
    *("UCASE", "ABS", "u-", XSD + "integer", XSD + "string"),
]


def valued_facts() -> st.SearchStrategy[Fact]:
    """Facts whose objects may be literals of many kinds."""
    return st.builds(
        Fact,
        st.sampled_from(NODES),
        st.sampled_from(PREDICATES[:3]),
        st.one_of(st.sampled_from(VALUES), st.sampled_from(NODES)),
    )


@st.composite
def terms_of(draw: st.DrawFn, names: list[Var]) -> Expression:
    """Return an expression of any value."""

    def leaf() -> Expression:
        options: list[Expression] = [*(names if draw(st.integers(0, 2)) else VALUES)]
        return draw(st.sampled_from(options))

    match draw(st.integers(0, 5)):
        case 0 | 1:
            return Call(draw(st.sampled_from(FUNCTIONS)), (leaf(),))
        case 2:
            return Call(draw(st.sampled_from([*"+-*/", "STRBEFORE"])), (leaf(), leaf()))
    return leaf()


@st.composite
def conditions_of(draw: st.DrawFn, names: list[Var], depth: int) -> Expression:
    """Return an expression that says yes or no, or that has an effective boolean value."""

    def term() -> Expression:
        return draw(terms_of(names))

    match draw(st.integers(0, 9)):
        case 0 if depth:
            return Call("!", (draw(conditions_of(names, depth - 1)),))
        case 1 | 2 if depth:
            sides = draw(conditions_of(names, depth - 1)), draw(conditions_of(names, depth - 1))
            return Call(draw(st.sampled_from(["&&", "||"])), sides)
        case 3:
            anything: list[Expression] = [*names, *VALUES]
            other = draw(st.sampled_from(anything))
            return Call("SAMETERM", (draw(st.sampled_from(names)), other))
        case 4:
            return Call(draw(st.sampled_from(KINDS)), (term(),))
        case 5:
            options = [term() for _ in range(draw(st.integers(2, 4)))]
            return Call(draw(st.sampled_from(["IN", "NOT IN"])), tuple(options))
        case 6:
            return term()
        case 7:
            return Call(
                draw(st.sampled_from(["CONTAINS", "STRSTARTS", "STRENDS"])), (term(), term())
            )
    return Call(draw(st.sampled_from(ORDERS)), (term(), term()))


@st.composite
def valued_rules(draw: st.DrawFn, number: int = 0) -> Rule:
    """Return a rule over literals: tests, a NOT with a test inside, a SET."""
    level = draw(st.integers(2, 4))
    body: list[Element] = [
        Atom(draw(st.sampled_from(VARS[:2])), PREDICATES[draw(st.integers(0, level - 1))], var)
        for var in draw(st.lists(st.sampled_from(VARS[1:]), min_size=1, max_size=3))
    ]
    names = sorted(frozenset().union(*(variables(element) for element in body)))
    body += [Filter(test) for test in draw(st.lists(conditions_of(names, 2), max_size=2))]
    if draw(st.integers(0, 3)) == 0:
        inner = [*names, Var("z")]
        atom = Atom(draw(st.sampled_from(names)), PREDICATES[draw(st.integers(0, 1))], Var("z"))
        body.append(
            Negation((atom, Filter(draw(conditions_of(inner, 2)))), data=draw(st.booleans()))
        )
    if draw(st.integers(0, 3)) == 0:
        body.append(Assign(Var("s"), draw(terms_of(names))))
        names.append(Var("s"))
    return Rule(
        NamedNode(f"{EX}v{number}"),
        (Atom(draw(st.sampled_from(names)), PREDICATES[level], draw(st.sampled_from(names))),),
        tuple(body),
    )


@st.composite
def valued_programs(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Return up to four rules over literals."""
    count = draw(st.integers(1, 4))
    return tuple(draw(valued_rules(number=i)) for i in range(count))


@st.composite
def positive_programs(draw: st.DrawFn) -> tuple[Rule, ...]:
    """Return rules of patterns alone, with the odd equality: what any Datalog engine reads."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        body: list[Element] = [
            Atom(
                draw(st.sampled_from(VARS[:3])),
                draw(st.sampled_from(PREDICATES)),
                draw(st.sampled_from(_terms(*VARS[:3], *VARS[:3], NODES[0]))),
            )
            for _ in range(draw(st.integers(1, 3)))
        ]
        names = sorted(frozenset().union(*(variables(element) for element in body)))
        if draw(st.integers(0, 3)) == 0:
            sides = draw(st.sampled_from(names)), draw(st.sampled_from(names))
            body.append(Filter(Call("SAMETERM", sides)))
        obj = draw(st.sampled_from(_terms(*names, NODES[1])))
        head = Atom(draw(st.sampled_from(names)), draw(st.sampled_from(PREDICATES)), obj)
        found.append(Rule(NamedNode(f"{EX}n{number}"), (head,), tuple(body)))
    return tuple(found)
