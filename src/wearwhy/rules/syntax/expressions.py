"""Reading expressions of FILTER and SET, by operator precedence, without deep recursion.

Source: productions [103]–[118] of the SPARQL-RL grammar. Additive and relational operators bind
as in SPARQL: `?a -1` is a difference, and relations do not chain.
"""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import Literal, Triple

from wearwhy.rdf import XSD
from wearwhy.rules.model import Call, Expression, Term, TriplePattern, Var
from wearwhy.rules.syntax.cursor import MAX_DEPTH
from wearwhy.rules.syntax.lexer import FUNCTIONS
from wearwhy.rules.syntax.terms import NUMBERS, Terms, resolve

PRECEDENCE: Final[dict[str, int]] = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("=", "!=", "<", ">", "<=", ">=", "IN", "NOT IN"), 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
}
RELATION: Final = 3
ADDITIVE: Final = 4
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ALIASES: Final = {"URI": "IRI", "ISURI": "ISIRI"}
_LAW: Final = "An expression is built of variables, terms, operators, built-ins and casts."


class Expressions(Terms):
    """Reads expressions."""

    def bracketed(self) -> Expression:
        """Read `( expression )`."""
        self.expect("(", _LAW)
        self.enter()
        found = self.expression()
        self.expect(")", _LAW)
        self.depth -= 1
        return found

    def constraint(self) -> Expression:
        """Read what may follow FILTER: brackets, a built-in, or a call of a function."""
        first = self.at
        kind = self.kinds[self.at]
        if kind == "(":
            found = self.bracketed()
        elif kind in FUNCTIONS:
            found = self._built_in()
        elif kind in {"PNAME", "IRIREF"}:
            name = self.iri("")
            if self.kinds[self.at] not in {"(", "NIL"}:
                self.fail("'('", "After FILTER stands an expression in brackets or a call.")
            found = Call(name.value, self.arguments())
        else:
            self.fail("'('", "After FILTER stands an expression in brackets or a call.")
        self.check_height(found, first)
        return found

    def check_height(self, expression: Expression, first: int) -> None:
        """Refuse an expression that is nested, or chained, too deep.

        Raises:
            RuleSyntaxError: WW-RULE-DEPTH.
        """
        if self.at - first <= MAX_DEPTH:
            return
        level: list[Expression] = [expression]
        for _ in range(MAX_DEPTH):
            level = [arg for node in level if isinstance(node, Call) for arg in node.args]
            if not level:
                return
        self.error(
            "WW-RULE-DEPTH",
            f"An expression chains more than {MAX_DEPTH} operators.",
            note="The reader bounds nesting, so that no file can exhaust its stack.",
            hint="Write ?x IN (…), or several rules.",
            at=first,
        )

    def expression(self) -> Expression:
        """Read an expression."""
        operands: list[Expression] = [self._operand()]
        operators: list[str] = []
        related = False
        while True:
            kind = self.kinds[self.at]
            if kind == "NOT":
                if self.kinds[self.at + 1] != "IN":
                    break
                kind = "NOT IN"
            signed = kind in NUMBERS and self.texts[self.at][0] in "+-"
            operator = self.texts[self.at][0] if signed else kind
            power = PRECEDENCE.get(operator)
            if power is None:
                break
            while operators and PRECEDENCE[operators[-1]] > power:
                _fold(operands, operators)
            if power == RELATION:
                if related:
                    break
            elif operators and PRECEDENCE[operators[-1]] == power:
                _fold(operands, operators)
            related = power == RELATION or (related and power > RELATION)
            if operator in {"IN", "NOT IN"}:
                self.at += 1 if operator == "IN" else 2
                operands.append(Call(operator, (operands.pop(), *self.arguments())))
            elif signed:
                operators.append(operator)
                operands.append(Literal(self.texts[self.at][1:], datatype=NUMBERS[kind]))
                self.at += 1
            else:
                operators.append(operator)
                self.at += 1
                operands.append(self._operand())
        while operators:
            _fold(operands, operators)
        return operands[0]

    def _operand(self) -> Expression:
        kind = self.kinds[self.at]
        sign = ""
        if kind in {"!", "-", "+"}:
            sign = kind if kind == "!" else f"u{kind}"
            self.at += 1
            kind = self.kinds[self.at]
        found: Expression
        if kind == "VAR":
            found = Var(self.texts[self.at][1:])
            self.at += 1
        elif kind == "(":
            self.enter()
            self.at += 1
            found = self.expression()
            self.expect(")", _LAW)
            self.depth -= 1
        elif kind in {"PNAME", "IRIREF"}:
            name = self.iri("")
            found = (
                Call(name.value, self.arguments()) if self.kinds[self.at] in {"(", "NIL"} else name
            )
        elif kind in FUNCTIONS:
            found = self._built_in()
        elif kind == "<<(":
            found = self._triple()
        else:
            literal = self.literal()
            if literal is None:
                self.fail("an expression", _LAW)
            found = literal
        return Call(sign, (found,)) if sign else found

    def arguments(self) -> tuple[Expression, ...]:
        """Read `( expression, … )` or `()`."""
        if self.accept("NIL"):
            return ()
        self.expect("(", "Arguments stand in brackets, with commas between.")
        self.enter()
        found = [self.expression()]
        while self.accept(","):
            found.append(self.expression())
        if self.kinds[self.at] != ")":
            self.fail("',' or ')'", "Arguments stand in brackets, with commas between.")
        self.at += 1
        self.depth -= 1
        return tuple(found)

    def _built_in(self) -> Expression:
        first = self.at
        name = self.kinds[first]
        self.at += 1
        args = self.arguments()
        least, most = FUNCTIONS[name]
        if not least <= len(args) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            self.error(
                "WW-RULE-ARITY",
                f"{self.texts[first]} takes {count} argument{'' if count == '1' else 's'}, not {len(args)}.",
                note="Source: SPARQL-RL grammar, production [118].",
                at=first,
            )
        if name in {"IRI", "URI"} and (found := self._resolved(args[0])) is not None:
            return found
        return Call(_ALIASES.get(name, name), args)

    def _resolved(self, argument: Expression) -> Expression | None:
        """Return the IRI that a relative reference in `IRI("…")` names; None of all else.

        The base is the file's, and a rule outlives its file, so this is done while reading.
        """
        if not isinstance(argument, Literal) or argument.datatype != XSD.string:
            return None
        if self.base is None or _ABSOLUTE.match(argument.value):
            return None
        return self.named(resolve(self.base, argument.value))

    def _triple(self) -> Expression:
        # a triple term with variables is built for each solution, as TRIPLE does
        mode, self.mode = self.mode, "body"
        first = self.at
        term = self.triple_term()
        self.mode = mode
        found = _as_expression(term)
        if found is None:
            self.error(
                "WW-RULE-SYNTAX",
                "A triple term in an expression has no blank node, and no triple term as its subject.",
                note="Source: SPARQL-RL grammar, productions [114]–[116].",
                at=first,
            )
        return found


def _fold(operands: list[Expression], operators: list[str]) -> None:
    right, left = operands.pop(), operands.pop()
    operands.append(Call(operators.pop(), (left, right)))


def _as_expression(term: Term) -> Expression | None:
    if isinstance(term, Var):
        return None if term.name.startswith(".") else term
    if not isinstance(term, TriplePattern):
        return term
    if isinstance(term.subject, TriplePattern | Triple):
        return None
    parts = (
        _as_expression(term.subject),
        _as_expression(term.predicate),
        _as_expression(term.object),
    )
    if parts[0] is None or parts[1] is None or parts[2] is None:
        return None
    return Call("TRIPLE", (parts[0], parts[1], parts[2]))
