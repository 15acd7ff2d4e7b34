"""No module needs, however far round, a module that needs it: not even when a function is called."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import networkx as nx
import pytest

SOURCES = Path(__file__).parents[2] / "src"


def modules() -> dict[str, Path]:
    """Return the files of ours by the names of their modules."""
    found = {}
    for path in (SOURCES / "wearwhy").rglob("*.py"):
        parts = path.relative_to(SOURCES).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(inside: ast.AST, known: Iterable[str]) -> Iterator[str]:
    """Yield the modules that code imports when it runs, wherever it says so.

    What is imported only to check types is no need.
    """
    for node in ast.iter_child_nodes(inside):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else str(node.module)
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for part in node.orelse:
                yield from imported(ast.Module([part], []), known)
        else:
            yield from imported(node, known)


def circles(sources: dict[str, str]) -> list[list[str]]:
    """Return the modules that need each other, by the texts of all."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, text in sources.items():
        needs = set(imported(ast.parse(text), sources)) & sources.keys()
        graph.add_edges_from((name, one) for one in needs - {name})
    return [sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1]


@pytest.mark.slow
def test_modules_do_not_need_each_other() -> None:
    sources = {name: path.read_text("utf-8") for name, path in modules().items()}
    assert len(sources) > 300
    assert circles(sources) == []


def test_a_circle_is_found_wherever_it_is_closed() -> None:
    back = "def later():\n    from a import b\n"
    hints = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a.b\n"
    assert circles({"a": "", "a.b": "import c", "c": back}) == [["a.b", "c"]]
    assert circles({"a": "", "a.b": "from c import x", "c": "import a.b as far"}) == [["a.b", "c"]]
    assert circles({"a": "", "a.b": "import c", "c": hints}) == []
