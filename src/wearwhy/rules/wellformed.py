"""Well-formedness of a rule: every variable has a value where it is read.

Source: SPARQL-RL, editor's draft of October 2026, section "Well-formedness Conditions".
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from wearwhy.errors import IllFormedRule, Place, RuleError, nearest
from wearwhy.rules.expressions import compile_expression
from wearwhy.rules.model import Assign, Atom, Element, Filter, Negation, Rule, Var, variables
from wearwhy.rules.syntax.lexer import Source, tokenise

_ORDER: Final = "A body is read in written order: a variable has a value only after the pattern or SET that binds it."


def check(rule: Rule) -> list[IllFormedRule]:
    """Return what is ill-formed in a rule, in written order; an empty list if nothing is.

    Codes: WW-RULE-UNBOUND-FILTER, WW-RULE-UNBOUND-SET, WW-RULE-SET-REBINDS,
    WW-RULE-UNSAFE-HEAD.
    """
    errors: list[IllFormedRule] = []
    bound = _sequence(rule, rule.body, frozenset(), errors)
    for variable in sorted(variables(rule.head) - bound):
        near = nearest(variable.name, _names(bound))
        errors.append(
            IllFormedRule(
                "WW-RULE-UNSAFE-HEAD",
                f"The head uses {variable}, which the body does not bind.",
                note="Every variable of a head is bound by a pattern or a SET of the body outside NOT.",
                hint=_hint(near, bound),
                place=_place(rule, variable, head=True),
            )
        )
    return errors


def functions(rule: Rule) -> list[RuleError]:
    """Return the errors that only compiling a rule's expressions shows: WW-RULE-FUNCTION."""
    errors: list[RuleError] = []
    inner = [part for one in rule.body if isinstance(one, Negation) for part in one.body]
    for element in (*rule.body, *inner):
        if isinstance(element, Filter | Assign):
            try:
                compile_expression(element.expression)
            except RuleError as error:
                error.place = _called(rule, error.sentence)
                errors.append(error)
    return errors


def _sequence(
    rule: Rule,
    elements: Iterable[Element],
    before: AbstractSet[Var],
    errors: list[IllFormedRule],
) -> set[Var]:
    bound = set(before)
    for element in elements:
        if isinstance(element, Atom):
            bound |= variables(element)
        elif isinstance(element, Negation):
            _sequence(rule, element.body, bound, errors)
        elif isinstance(element, Filter):
            errors += _unbound(rule, element, variables(element) - bound, bound)
        else:
            errors += _unbound(rule, element, variables(element.expression) - bound, bound)
            if element.var in bound:
                errors.append(
                    IllFormedRule(
                        "WW-RULE-SET-REBINDS",
                        f"SET gives {element.var} a value, but it has one already.",
                        note="The variable of a SET is new: no earlier pattern or SET may bind it.",
                        hint=f"Take another name and compare: FILTER({element.var} = ?new).",
                        place=_place(rule, element.var, after="SET"),
                    )
                )
            bound.add(element.var)
    return bound


def _unbound(
    rule: Rule, element: Filter | Assign, missing: AbstractSet[Var], bound: AbstractSet[Var]
) -> list[IllFormedRule]:
    word = "FILTER" if isinstance(element, Filter) else "SET"
    later = frozenset().union(*(variables(part) for part in rule.body if isinstance(part, Atom)))
    return [
        IllFormedRule(
            "WW-RULE-UNBOUND-FILTER" if word == "FILTER" else "WW-RULE-UNBOUND-SET",
            f"{word} reads {variable}, which nothing before it binds.",
            note=_ORDER,
            hint=f"Move the {word} behind the pattern that binds {variable}."
            if variable in later
            else _hint(nearest(variable.name, _names(bound)), bound),
            place=_place(rule, variable, after=word),
        )
        for variable in sorted(missing)
    ]


def _names(bound: AbstractSet[Var]) -> list[str]:
    return sorted(variable.name for variable in bound if not variable.name.startswith("."))


def _hint(near: str | None, bound: AbstractSet[Var]) -> str:
    if near is not None:
        return f"Did you mean ?{near}?"
    names = _names(bound)
    if not names:
        return "Nothing is bound here."
    return "Bound here: " + ", ".join(f"?{name}" for name in names) + "."


def _place(rule: Rule, variable: Var, *, head: bool = False, after: str = "") -> Place | None:
    """Return where a variable stands in the rule's text, else where the rule stands."""
    if rule.place is None or not rule.text:
        return rule.place
    tokens = tokenise(rule.text)
    begin = 0
    if not head and "WHERE" in tokens.kinds:
        begin = tokens.kinds.index("WHERE")
    if after in tokens.kinds[begin:]:
        begin = tokens.kinds.index(after, begin)
    for kind, text, start in zip(
        tokens.kinds[begin:], tokens.texts[begin:], tokens.starts[begin:], strict=True
    ):
        if kind == "VAR" and text[1:] == variable.name:
            return _shifted(rule, start, text)
    return rule.place


def _called(rule: Rule, sentence: str) -> Place | None:
    """Return where the function that a sentence names is called, else where the rule stands."""
    if rule.place is None or not rule.text:
        return rule.place
    tokens = tokenise(rule.text)
    for number, (kind, word) in enumerate(zip(tokens.kinds, tokens.texts, strict=True)):
        name = word.partition(":")[2] if kind == "PNAME" else word.strip("<>")
        called = tokens.kinds[number + 1 : number + 2] in (["("], ["NIL"])
        if kind in {"PNAME", "IRIREF"} and called and name and f"{name}." in sentence:
            return _shifted(rule, tokens.starts[number], word)
    return rule.place


def _shifted(rule: Rule, start: int, word: str) -> Place | None:
    """Return the place in its file of a word in a rule's text."""
    assert rule.place is not None, "who asks has looked"
    found = Source(rule.text, rule.place.file).place(start, start + len(word))
    shift = rule.place.column - 1 if found.line == 1 else 0
    line = found.line + rule.place.line - 1
    return Place(found.file, line, found.column + shift, found.end + shift)
