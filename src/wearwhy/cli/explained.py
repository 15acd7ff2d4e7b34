"""Asking of explanations: what `query --explain` is given, and the graph as a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.session import Told

if TYPE_CHECKING:
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.explaining import Scope

GRAPHS = ("turtle", "trig", "nquads")
_MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?")


def scope_of(words: Sequence[str], *, needed: bool = False) -> Scope:
    """Return what some words ask to have explained.

    A word is `all`, `closure`, a month (or a day), the id of a look, or a query that names facts.
    """
    from wearwhy.workspace.explaining import Scope

    given: dict[str, Any] = {"needed": needed}
    looks = [word for word in words if word.startswith("look-")]
    for word in words:
        if word == "closure":
            given["closure"] = True
        elif _MONTH.fullmatch(word):
            given["month"] = word
        elif any(char.isspace() or char == "{" for char in word):
            given["facts"] = word
        elif word != "all" and word not in looks:
            raise click.UsageError(
                f"'{word}' names nothing to explain: all, closure, YYYY-MM, a look's id, or a query."
            )
    return Scope() if "all" in words else Scope(**given, looks=tuple(looks))


def graph(workspace: Workspace, scope: Scope, name: str | None, form: str) -> Told:
    """Return the explanation graph of a scope in an RDF format; Turtle, where none is meant."""
    from wearwhy.store.exchange import write_rdf
    from wearwhy.store.quads import Quad
    from wearwhy.workspace.explaining import explanations

    found = explanations(workspace, scope, name)
    quads = [Quad(into, fact) for into, facts in found.items() for fact in facts]
    form = form if form in GRAPHS else "turtle"

    def text() -> str:
        return write_rdf(quads, form).decode()

    return Told(lambda: {"statements": len(quads), "format": form, "graph": text()}, text)
