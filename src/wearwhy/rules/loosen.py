"""Conditions made a little weaker or a little stronger: the neighbours of an expression.

A threshold moves over its own boundary in one direction (`<` to `<=`) and by one unit of its last
written place in the other (`< 3` to `< 2`), so that a case exactly at the boundary, or one unit
off it, tells each from the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from wearwhy.rdf import XSD, Literal
from wearwhy.rules.model import Call, Expression

_MIRROR: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_FLIP: Final = {"<": "<=", ">": ">=", "<=": "<", ">=": ">"}
_DECIMAL: Final = re.compile(r"[+-]?[0-9]*\.?[0-9]+", re.ASCII)


def looser(expression: Expression) -> Iterator[Expression]:
    """Yield expressions that are true wherever this one is, and somewhere else."""
    yield from _moved(expression, loosen=True)


def tighter(expression: Expression) -> Iterator[Expression]:
    """Yield expressions that are true only where this one is, and not everywhere there."""
    yield from _moved(expression, loosen=False)


def _moved(expression: Expression, *, loosen: bool) -> Iterator[Expression]:
    if not isinstance(expression, Call):
        return
    name, args = expression.name, expression.args
    if name in {"&&", "||"}:
        for place, part in enumerate(args):
            for other in _moved(part, loosen=loosen):
                yield Call(name, (*args[:place], other, *args[place + 1 :]))
        if (name == "&&") == loosen:
            yield from args
    elif name == "!":
        yield from (Call("!", (other,)) for other in _moved(args[0], loosen=not loosen))
    elif name in _MIRROR:
        yield from _threshold(name, args, loosen=loosen)
    elif name in {"IN", "NOT IN"} and (name == "NOT IN") == loosen and len(args) > 2:
        for place in range(1, len(args)):
            yield Call(name, (*args[:place], *args[place + 1 :]))


def _threshold(name: str, args: tuple[Expression, ...], *, loosen: bool) -> Iterator[Expression]:
    strict = name in {"<", ">"}
    if strict == loosen:
        yield Call(_FLIP[name], args)
        return
    left, right = args
    if isinstance(right, Literal):
        up = (name in {"<", "<="}) == loosen
        moved = stepped(right, up=up)
        if moved is not None:
            yield Call(name, (left, moved))
    elif isinstance(left, Literal):
        up = (_MIRROR[name] in {"<", "<="}) == loosen
        moved = stepped(left, up=up)
        if moved is not None:
            yield Call(name, (moved, right))


def stepped(value: Literal, *, up: bool) -> Literal | None:
    """Return a number one unit of its last written place up or down; None for other literals."""
    if value.datatype not in {XSD.integer, XSD.decimal} or not _DECIMAL.fullmatch(value.value):
        return None
    places = len(value.value.partition(".")[2])
    unit = Decimal(1).scaleb(-places)
    number = Decimal(value.value) + (unit if up else -unit)
    return Literal(f"{number:.{places}f}", datatype=value.datatype)


def numbers_moved(expression: Expression) -> Iterator[Expression]:
    """Yield an expression with each number in it, in turn, one unit up."""
    if isinstance(expression, Literal):
        moved = stepped(expression, up=True)
        if moved is not None:
            yield moved
    elif isinstance(expression, Call):
        for place, part in enumerate(expression.args):
            for other in numbers_moved(part):
                args = (*expression.args[:place], other, *expression.args[place + 1 :])
                yield Call(expression.name, args)
