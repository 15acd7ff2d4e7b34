"""Asking the graph in SPARQL: named questions, an editor, and the answer in three shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final

import pyoxigraph as ox
from starlette.responses import Response

from wearwhy.errors import InputError, QueryError, UnknownName
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.graphing import MOST, Line, graph_picture
from wearwhy.http.page.route import pages
from wearwhy.http.page.telling import labels_of
from wearwhy.http.problems import status_of
from wearwhy.rdf import NamedNode, curie
from wearwhy.service import sparql
from wearwhy.service.documents import Json
from wearwhy.settings import assets
from wearwhy.store.answer import as_json
from wearwhy.store.named import NamedQuery, bind, catalogue

ROWS: Final = 500
"""So many rows of an answer are shown; programs get all of them from `/sparql`."""
LANGUAGE: Final = "lang"
"""The parameter of named queries that says in which language labels are."""
TRIPLE: Final = ("subject", "predicate", "object")
EMPTY: Final = "SELECT ?item ?name WHERE {\n  ?item ww:inWardrobe ?wardrobe ; schema:name ?name .\n}\nORDER BY ?name\nLIMIT 20\n"
router = pages()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its text, and where it leads, if anywhere; `iri` of a thing."""

    text: str
    href: str = ""
    iri: str = ""


@cache
def named_queries() -> Mapping[str, NamedQuery]:
    """Return the questions that have a name and are asked of all that a wardrobe sees."""
    found = catalogue(assets() / "kg" / "queries")
    return {name: one for name, one in found.items() if one.over == "all"}


@router.get("/page/ask")
async def ask(frame: Looking, name: str = "") -> Response:
    """Show the editor, with a named question in it, if one is chosen."""
    if not name:
        return _page(frame, EMPTY)
    query = named_queries().get(name)
    if query is None:
        raise UnknownName("WW-NAMED-QUERY-UNKNOWN", f"There is no query '{name}'.")
    asked = frame.request.query_params
    given = {p.name: asked.get(f"p.{p.name}", "") for p in query.parameters}
    filled_in = any(given.values())
    if LANGUAGE in given:  # labels come in the language of the page, unless another one is said
        given[LANGUAGE] = given[LANGUAGE] or frame.language
    parameters = [
        {
            "name": p.name,
            "description": p.description.get(frame.language, ""),
            "value": given[p.name] or _text(p.default),
            "required": p.default is None,
        }
        for p in query.parameters
    ]
    try:
        values: dict[str, Any] = {key: value for key, value in given.items() if value}
        text = bind(query, **values)
    except QueryError as error:
        if filled_in:
            return _page(frame, query.text, chosen=name, parameters=parameters, wrong=error)
        text = query.text
    return _page(frame, text, chosen=name, parameters=parameters)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return curie(value) if isinstance(value, NamedNode) else str(value.value)


@router.post("/page/ask")
async def answer(frame: Looking) -> Response:
    """Show the answer to a question."""
    form = await filled(frame)
    text = form.text("text")
    try:
        reply = await sparql.query(
            frame.service,
            frame.caller,
            text,
            wardrobe=form.wardrobe,
            results="json",
            graph="n-triples",
        )
    except (QueryError, InputError) as error:
        return _page(frame, text, wrong=error)
    if reply.form == "ask":
        yes = bool(json.loads(reply.body)["boolean"])
        return _page(frame, text, answer={"kind": "ask", "yes": yes, "rows": ()})
    columns, rows = _table(reply.form, reply.body)
    return _page(frame, text, answer=await _answer(frame, reply.form, columns, rows))


def _table(form: str, body: bytes) -> tuple[Sequence[str], list[list[Json | None]]]:
    """Return the columns of an answer, and its rows of terms as results have them."""
    if form == "graph":
        triples = [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.N_TRIPLES)]
        return TRIPLE, [[as_json(part) for part in triple] for triple in triples]
    found = json.loads(body)
    columns = found["head"]["vars"]
    return columns, [[row.get(name) for name in columns] for row in found["results"]["bindings"]]


async def _answer(
    frame: Frame, form: str, columns: Sequence[str], rows: list[list[Json | None]]
) -> Json:
    shown = rows[:ROWS]
    iris = [c["value"] for row in shown for c in row if c is not None and c["type"] == "uri"]
    labels = await frame.run(labels_of, iris, frame.wardrobe, frame.language)
    cells = [[_cell(cell, labels) for cell in row] for row in shown]
    lines = _lines(form, columns, cells)
    things = {c.iri: c.text for row in cells for c in row if c is not None and c.href}
    say = frame.say
    drawing = None
    if lines:
        count = len({name for one in lines for name in (one.start, one.end)})
        told = say("graph-of", n=count, m=len(lines))
        drawing = graph_picture(lines, told if len(lines) <= MOST else say("graph-cut", n=MOST))
    return {
        "kind": form,
        "columns": columns,
        "rows": cells,
        "truncated": len(rows) > ROWS,
        "graph": drawing,
        "things": [{"id": iri, "label": label} for iri, label in things.items()],
    }


def _cell(term: Json | None, labels: Mapping[str, str]) -> Cell | None:
    if term is None:
        return None
    value = term["value"]
    if term["type"] == "uri":
        label = labels[value]
        is_item = "/wearwhy/id/" in value and value.rpartition("/")[2].partition("-")[0] not in _NO
        ours = is_item and value.count("/") >= 6
        return Cell(label, f"/page/items/{curie(NamedNode(value))}" if ours else "", value)
    if term["type"] == "triple":
        parts = (_cell(term["value"][part], labels) for part in TRIPLE)
        return Cell("⟨ " + " ".join(one.text for one in parts if one) + " ⟩")
    return Cell(str(value))


_NO: Final = frozenset(("outfit", "opinion", "wear", "wash", "denial", "request", "event"))


def _lines(form: str, columns: Sequence[str], rows: Sequence[Sequence[Cell | None]]) -> list[Line]:
    """Return the statements of an answer: triples, or the neighbours in each row of a table."""
    found = []
    for row in rows:
        if form == "graph":
            start, word, end = row
            assert start is not None
            assert word is not None
            assert end is not None
            found.append(Line(start.text, word.text, end.text))
            continue
        there = [(name, cell) for name, cell in zip(columns, row, strict=True) if cell is not None]
        found += [
            Line(before.text, name, cell.text)
            for (_, before), (name, cell) in pairwise(there)
            if before.text != cell.text
        ]
    return list(dict.fromkeys(found))


def _page(frame: Frame, text: str, **about: Any) -> Response:
    questions = [
        {
            "name": name,
            "label": one.label.get(frame.language) or one.label.get("en", name),
            "comment": one.comment.get(frame.language, ""),
        }
        for name, one in named_queries().items()
    ]
    wrong = about.get("wrong")
    return frame.show(
        "ask.html",
        status_of(wrong) if wrong else 200,
        queries=questions,
        text=text,
        **{"chosen": "", "parameters": (), "answer": None, **about},
    )
