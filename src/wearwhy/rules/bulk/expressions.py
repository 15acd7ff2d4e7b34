"""SPARQL expressions as SQL over typed value columns.

An error is NULL and SQL's three-valued logic is SPARQL's: `||`, `&&` and `!` need no more. What
SQL cannot say to the letter is refused, and then the resident functions say it. Numbers compare
as exact decimals unless one is a float or a double; NaN, which DuckDB orders, equals nothing.

Columns: DESCRIBED in `values.py`, one row a literal (and, for STR, an IRI), joined by id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from wearwhy.rdf import Literal, NamedNode, Node
from wearwhy.rules.bulk.terms import BLANK, LITERAL, TRIPLE
from wearwhy.rules.bulk.values import COLUMNS, NULL, spelt
from wearwhy.rules.model import Call, Expression, TriplePattern, Var

_ORDERS: Final = frozenset(("<", ">", "<=", ">="))
_LOGIC: Final = frozenset(("||", "&&", "!", "=", "!=", "IN", "NOT IN", *_ORDERS))
_TESTS: Final[dict[str, int]] = {
    "CONTAINS": 2,
    "STRSTARTS": 2,
    "STRENDS": 2,
    "SAMETERM": 2,
    "ISIRI": 1,
    "ISURI": 1,
    "ISBLANK": 1,
    "ISLITERAL": 1,
    "ISNUMERIC": 1,
    "ISTRIPLE": 1,
    "HASLANG": 1,
}
_VALUES: Final[dict[str, int]] = {
    "STR": 1,
    "LANG": 1,
    "DATATYPE": 1,
    "STRLEN": 1,
    "YEAR": 1,
    "MONTH": 1,
    "DAY": 1,
    "HOURS": 1,
    "MINUTES": 1,
}
_WHY: Final[dict[str, str]] = {
    "REGEX": "regular expressions differ",
    "REPLACE": "regular expressions differ",
    "LCASE": "SQL folds case letter by letter",
    "UCASE": "SQL folds case letter by letter",
    **dict.fromkeys("+-*/", "SQL's decimals overflow"),
    **dict.fromkeys(("u-", "u+", "ABS", "CEIL", "FLOOR", "ROUND"), "SQL's decimals overflow"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A term as SQL: its id, and the typed columns it has a value in; `NULL` where it has none.

    Attributes:
        id: its id; `NULL` for what was computed.
        literal: whether it is a literal.
        ok: whether it has a value at all, rather than an error.
        columns: by name, as `values.COLUMNS` has them.
    """

    id: str
    literal: str
    ok: str
    columns: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        # A NULL without a type is refused by some of DuckDB's functions.
        return self.columns.get(column, f"CAST(NULL AS {COLUMNS[column]})")


def refusal(expression: Expression, *, mixed: bool = False) -> str | None:
    """Return why SQL cannot say an expression exactly; None if it can.

    Args:
        expression: of a FILTER.
        mixed: whether the graph holds literals that the columns do not hold exactly, or triple
            terms, whose equality SQL does not know.
    """
    if isinstance(expression, TriplePattern):
        return "it makes a triple term"
    if not isinstance(expression, Call):
        return None if _fits(expression) else "a constant is too long for SQL's decimals"
    word = expression.name if ":" in expression.name else expression.name.upper()
    if word not in _LOGIC and word not in _VALUES and _TESTS.get(word) != len(expression.args):
        return f"{word}: {_WHY.get(expression.name, _WHY.get(word, 'not said in SQL'))}"
    if mixed and (word in _ORDERS or word in {"=", "!=", "IN", "NOT IN"}):
        return "the graph holds values that SQL's columns do not"
    if word == "SAMETERM" and any(isinstance(arg, Call) for arg in expression.args):
        return "SAMETERM: of a computed term"
    if word in _VALUES and len(expression.args) != 1:
        return f"{word}: not with {len(expression.args)} arguments"
    reasons = (refusal(arg, mixed=mixed) for arg in expression.args)
    return next((reason for reason in reasons if reason), None)


def _fits(node: Node | Var) -> bool:
    if isinstance(node, Var):
        return True
    if not isinstance(node, Literal):
        return True
    return spelt(node) is not None


Look = Callable[[Var], Said]
"""Where a variable's columns are."""
Known = Callable[[Node], int]
"""The id of a constant."""


def truth(expression: Expression, look: Look, known: Known) -> str:
    """Return an expression's effective boolean value as SQL; NULL is an error.

    Args:
        expression: one that is not refused.
        look: says where a variable's columns are.
        known: returns the id of a constant.
    """
    if isinstance(expression, Call):
        word = expression.name if ":" in expression.name else expression.name.upper()
        if word in {"||", "&&"}:
            joiner = " OR " if word == "||" else " AND "
            return "(" + joiner.join(truth(arg, look, known) for arg in expression.args) + ")"
        if word == "!":
            return f"(NOT {truth(expression.args[0], look, known)})"
        if word in _LOGIC or word in _TESTS:
            args = [said(arg, look, known) for arg in expression.args]
            return _test(word, args)
    return _effective(said(expression, look, known))


def said(expression: Expression, look: Look, known: Known) -> Said:
    """Return an expression's value as SQL; arguments as for `truth`."""
    if isinstance(expression, Var):
        return look(expression)
    assert not isinstance(expression, TriplePattern)
    if not isinstance(expression, Call):
        return _constant(expression, known)
    word = expression.name.upper()
    if word in _LOGIC or word in _TESTS:
        test = truth(expression, look, known)
        return Said(NULL, "TRUE", f"({test}) IS NOT NULL", {"truth": test, "known": "TRUE"})
    return _value(word, said(expression.args[0], look, known))


def _constant(node: Node, known: Known) -> Said:
    columns = (spelt(node) or {}) if isinstance(node, Literal | NamedNode) else {}
    literal = "TRUE" if isinstance(node, Literal) else "FALSE"
    if "datatype" in columns and isinstance(node, Literal):
        columns = {**columns, "datatype": str(known(node.datatype))}
    return Said(str(known(node)), literal, "TRUE", columns)


def variable(column: str, alias: str) -> Said:
    """Return a variable: the column its id stands in, and the alias its values are joined as."""
    return Said(
        column,
        f"({column} >= {LITERAL} AND {column} < {TRIPLE})",
        "TRUE",
        {one: f"{alias}.{one}" for one in COLUMNS},
    )


def _computed(ok: str, **columns: str) -> Said:
    return Said(NULL, "TRUE", ok, {"known": "TRUE", **columns})


def _whole(number: str) -> Said:
    exact, real = f"CAST({number} AS DECIMAL(38, 18))", f"CAST({number} AS DOUBLE)"
    single = f"CAST({number} AS FLOAT)"
    rank = f"CASE WHEN ({number}) IS NOT NULL THEN 0 END"
    return _computed(f"({number}) IS NOT NULL", rank=rank, exact=exact, real=real, single=single)


def _value(word: str, arg: Said) -> Said:
    if word == "STR":
        text = arg["lexical"]
        return _computed(f"({text}) IS NOT NULL", text=text)
    if word == "LANG":
        text = f"CASE WHEN {arg.literal} THEN COALESCE({arg['language']}, '') END"
        return _computed(f"({arg.literal})", text=text)
    if word == "DATATYPE":
        datatype = arg["datatype"]
        return Said(f"({datatype})", "FALSE", f"({datatype}) IS NOT NULL", {})
    if word == "STRLEN":
        return _whole(f"length({_text(arg)})")
    return _whole(arg[{"HOURS": "hour", "MINUTES": "minute"}.get(word, word.lower())])


def _guarded(args: list[Said], test: str) -> str:
    unsure = [f"({arg.ok}) IS NOT TRUE" for arg in args if arg.ok != "TRUE"]
    return f"CASE WHEN {' OR '.join(unsure)} THEN NULL ELSE {test} END" if unsure else test


def _test(word: str, args: list[Said]) -> str:
    if word in {"=", "!="}:
        test = _guarded(args, _equal(*args))
        return test if word == "=" else f"(NOT {test})"
    if word in {"IN", "NOT IN"}:
        subject, *options = args
        found = " OR ".join(_guarded([subject, one], _equal(subject, one)) for one in options)
        test = f"({found or 'FALSE'})"
        return test if word == "IN" else f"(NOT {test})"
    if word in _ORDERS:
        return _guarded(args, _order(word, *args))
    return _guarded(args, _kind_test(word, args))


def _kind_test(word: str, args: list[Said]) -> str:
    first = args[0]
    if word == "SAMETERM":
        return f"({first.id} = {args[1].id})"
    if word in {"CONTAINS", "STRSTARTS", "STRENDS"}:
        function = {"CONTAINS": "contains", "STRSTARTS": "starts_with", "STRENDS": "ends_with"}
        one, two = args
        return (
            f"CASE WHEN {one['text']} IS NULL OR {two['text']} IS NULL THEN NULL "
            f"WHEN {two['language']} IS NOT NULL AND NOT {_same_tag(one, two)} THEN NULL "
            f"ELSE {function[word]}({_text(one)}, {_text(two)}) END"
        )
    if word == "ISNUMERIC":
        return f"({first['rank']} IS NOT NULL)"
    if word == "HASLANG":
        return f"({first['language']} IS NOT NULL)"
    if word == "ISLITERAL":
        return f"({first.literal})"
    if first.id == NULL:
        return "FALSE"  # what is computed is a literal
    bounds = {"ISBLANK": (BLANK, LITERAL), "ISTRIPLE": (TRIPLE, 1 << 31)}.get(word, (0, BLANK))
    return f"({first.id} >= {bounds[0]} AND {first.id} < {bounds[1]})"


def _text(arg: Said) -> str:
    return f"CAST({arg['text']} AS VARCHAR)"


def _same_tag(one: Said, two: Said) -> str:
    return (
        f"({one['language']} IS NOT DISTINCT FROM {two['language']} "
        f"AND {one['direction']} IS NOT DISTINCT FROM {two['direction']})"
    )


def _real(one: str, sign: str, two: str) -> str:
    return f"(NOT isnan({one}) AND NOT isnan({two}) AND {one} {sign} {two})"


def _numbers(one: Said, sign: str, two: Said) -> str:
    rank = f"GREATEST({one['rank']}, {two['rank']})"
    return (
        f"CASE WHEN {rank} <= 1 THEN {one['exact']} {sign} {two['exact']} "
        f"WHEN {rank} = 2 THEN {_real(one['single'], sign, two['single'])} "
        f"ELSE {_real(one['real'], sign, two['real'])} END"
    )


def _both(column: str, one: Said, two: Said) -> str:
    return f"{one[column]} IS NOT NULL AND {two[column]} IS NOT NULL"


def _may(column: str, *args: Said) -> bool:
    return all(column in arg.columns for arg in args)


def _equal(one: Said, two: Said) -> str:
    same = "FALSE" if NULL in (one.id, two.id) else f"{one.id} = {two.id}"
    if "FALSE" in (one.literal, two.literal):
        return f"({same})"
    tagged = f"({one['language']} IS NOT NULL OR {two['language']} IS NOT NULL)"
    cases = [
        f"WHEN NOT ({one.literal} AND {two.literal}) THEN {same}",
        (
            f"WHEN {one['known']} IS NOT TRUE OR {two['known']} IS NOT TRUE "
            f"THEN CASE WHEN {same} THEN TRUE WHEN {tagged} THEN FALSE END"
        ),
    ]
    if _may("rank", one, two):
        cases.append(f"WHEN {_both('rank', one, two)} THEN {_numbers(one, '=', two)}")
    if _may("text", one, two):
        cases.append(
            f"WHEN {_both('text', one, two)} "
            f"THEN {one['text']} = {two['text']} AND {_same_tag(one, two)}"
        )
    if _may("truth", one, two):
        cases.append(f"WHEN {_both('truth', one, two)} THEN {one['truth']} = {two['truth']}")
    if _may("clock", one, two):
        cases.append(
            f"WHEN {_both('clock', one, two)} THEN {one['clock']} = {two['clock']} AND "
            f"{one['zoned']} = {two['zoned']} AND {one['position']} = {two['position']}"
        )
    if _may("months", one, two):
        cases.append(
            f"WHEN {_both('months', one, two)} THEN {one['months']} = {two['months']} "
            f"AND {one['seconds']} = {two['seconds']}"
        )
    return f"CASE {' '.join(cases)} ELSE FALSE END"


def _order(sign: str, one: Said, two: Said) -> str:
    less, more = str(sign in {"<", "<="}).upper(), str(sign in {">", ">="}).upper()
    cases = []
    if _may("rank", one, two):
        cases.append(f"WHEN {_both('rank', one, two)} THEN {_numbers(one, sign, two)}")
    if _may("text", one, two):
        cases.append(
            f"WHEN {_both('text', one, two)} AND {_same_tag(one, two)} "
            f"THEN {one['text']} {sign} {two['text']}"
        )
    if _may("truth", one, two):
        cases.append(f"WHEN {_both('truth', one, two)} THEN {one['truth']} {sign} {two['truth']}")
    if _may("clock", one, two):
        here, there = one["position"], two["position"]
        cases.append(
            f"WHEN {one['clock']} = {two['clock']} THEN CASE "
            f"WHEN {one['zoned']} = {two['zoned']} THEN {here} {sign} {there} "
            f"WHEN {here} + 50400 < {there} THEN {less} "
            f"WHEN {here} - 50400 > {there} THEN {more} END"
        )
    if _may("months", one, two):
        gap = f"({one['months']} - {two['months']})"
        rest = f"({one['seconds']} - {two['seconds']})"
        cases.append(
            f"WHEN {_both('months', one, two)} THEN CASE "
            f"WHEN sign({gap}) * sign({rest}) < 0 OR ({gap} <> 0 AND ({one['seconds']} <> 0 "
            f"OR {two['seconds']} <> 0)) THEN NULL "
            f"WHEN {gap} <> 0 THEN {gap} {sign} 0 ELSE {rest} {sign} 0 END"
        )
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS BOOLEAN)"


def _effective(arg: Said) -> str:
    cases = []
    if _may("truth", arg):
        cases.append(f"WHEN {arg['truth']} IS NOT NULL THEN {arg['truth']}")
    if _may("text", arg):
        cases.append(
            f"WHEN {arg['text']} IS NOT NULL AND {arg['language']} IS NULL THEN {arg['text']} <> ''"
        )
    if _may("rank", arg):
        cases.append(
            f"WHEN {arg['rank']} <= 1 THEN {arg['exact']} <> 0 "
            f"WHEN {arg['rank']} >= 2 THEN NOT isnan({arg['real']}) AND {arg['real']} <> 0"
        )
    test = f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS BOOLEAN)"
    return _guarded([arg], test)


def without_values(expression: Expression) -> bool:
    """Return whether an expression asks only for what ids tell."""
    kinds = {"SAMETERM", "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISTRIPLE", "&&", "||", "!"}
    if not isinstance(expression, Call):
        return False
    word = expression.name.upper()
    if word not in kinds:
        return False
    plain = (arg for arg in expression.args)
    if word in {"&&", "||", "!"}:
        return all(without_values(arg) for arg in plain)
    return all(isinstance(arg, Var | NamedNode) for arg in plain)


def as_ids(arg: Said) -> Said:
    """Return a variable known not to be a literal: its id tells all."""
    return replace(arg, literal="FALSE", columns={})
