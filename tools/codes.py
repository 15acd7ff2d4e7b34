"""Read off the sources which error codes there are, with the class and sentence of each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from wearwhy import errors

CODE: Final = re.compile(r"WW-[A-Z0-9]+(-[A-Z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class Code:
    """An error code as the sources raise it.

    Attributes:
        code: the code.
        cls: the class of `wearwhy.errors` that carries it; empty where it cannot be read off.
        sentence: what it says, with `…` where a value stands.
    """

    code: str
    cls: str
    sentence: str

    @property
    def exit_code(self) -> int | None:
        """What the command line answers; None where the class is not known."""
        kind = getattr(errors, self.cls, None)
        return None if kind is None else int(kind.exit_code)


@cache
def codes(folder: Path) -> tuple[Code, ...]:
    """Return the codes of every Python file below a folder, sorted; read once.

    Where a code is raised in several places, the first that says most speaks for it.
    """
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))]
    helpers = _helpers(trees)
    found: dict[str, Code] = {}
    for tree in trees:
        for node in ast.walk(tree):
            for code in _codes(node, helpers):
                known = found.get(code.code)
                if known is None or _told(code) > _told(known):
                    found[code.code] = code
    return tuple(found[code] for code in sorted(found))


def _told(code: Code) -> int:
    return bool(code.cls) + bool(code.sentence)


def _helpers(trees: Iterable[ast.Module]) -> dict[str, str]:
    """Return the functions that make an error of the code they are given: name → class."""
    found = {}
    functions = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    for function in functions:
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            made = isinstance(getattr(errors, _name(node), None), type)
            if made and isinstance(node.args[0], ast.Name):
                found[function.name] = _name(node)
    return found


def _codes(node: ast.AST, helpers: Mapping[str, str]) -> Iterator[Code]:
    if isinstance(node, ast.Call):
        cls = helpers.get(_name(node), _name(node))
        for number, argument in enumerate(node.args):
            branches = (
                (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,)
            )
            sentence = "".join(_sentence(after) for after in node.args[number + 1 : number + 2])
            for branch in branches:
                if value := _value(branch):
                    yield Code(value, cls if hasattr(errors, cls) else "", sentence)
    elif value := _value(node):
        yield Code(value, "", "")


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _value(node: ast.AST) -> str:
    """Return the code that a constant is; an empty text for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
        return node.value
    return ""


def _sentence(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "…"
            for part in node.values
        )
    if isinstance(node, ast.BinOp):
        return _sentence(node.left) + _sentence(node.right)
    return ""
