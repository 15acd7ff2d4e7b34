"""Each named query answers what its comment promises: cases in `tests/corpus/queries`."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal

from wearwhy.errors import FormatError, QueryError, UnknownName
from wearwhy.rdf import ID, Fact, Node, curie
from wearwhy.store.exchange import read_rdf
from wearwhy.store.named import bind, catalogue, named
from wearwhy.store.sparql import ask, dataset

ROOT = Path(__file__).parents[2]
QUERIES = catalogue(ROOT / "kg" / "queries")
CASES = ROOT / "tests" / "corpus" / "queries"


def shown(cell: Node | None) -> str:
    if cell is None:
        return ""
    return cell.value if isinstance(cell, Literal) else curie(cell)


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_answers_what_its_comment_promises(name: str) -> None:
    case = CASES / name
    graphs: dict[object, list[Fact]] = {}
    for quad in read_rdf(case / "data.trig"):
        graphs.setdefault(quad.graph, []).append(quad.fact)
    values = case / "parameters.json"
    given = json.loads(values.read_text(encoding="utf-8")) if values.exists() else {}
    answer = ask(dataset(graphs), bind(QUERIES[name], **given))  # type: ignore[arg-type]
    with (case / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.reader(file))
    assert [list(answer.columns), *([shown(c) for c in row] for row in answer.rows)] == expected


def test_there_are_enough_queries_and_each_has_its_case() -> None:
    assert len(QUERIES) >= 16
    assert sorted(QUERIES) == sorted(path.name for path in CASES.iterdir())


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_speaks_english_and_chinese(name: str) -> None:
    query = QUERIES[name]
    for texts in (query.label, query.comment, *(p.description for p in query.parameters)):
        assert set(texts) == {"en", "zh"}
        assert all(texts.values())


@pytest.mark.parametrize("name", QUERIES)
def test_every_declared_parameter_stands_in_the_text(name: str) -> None:
    for parameter in QUERIES[name].parameters:
        assert f"${parameter.name}" in QUERIES[name].text


def test_a_parameter_can_be_a_term_or_text_and_is_never_syntax() -> None:
    query = QUERIES["suits-occasion"]
    assert bind(query, occasion="ww:occasion-party") == bind(query, occasion=ID.x).replace(
        str(ID.x), "<https://w3id.org/wearwhy/ns#occasion-party>"
    )
    for hostile in ("x> } DROP ALL #", "urn:x> ?y . ?z <urn:x", "nonsense"):
        with pytest.raises(QueryError) as caught:
            bind(query, occasion=hostile)
        assert caught.value.code == "WW-QUERY-PARAMETER"
    quoted = bind(QUERIES["deciding-rules"], lang='en") } #')
    assert r'"en\") } #"' in quoted


def test_today_is_the_day_of_asking_unless_it_is_given() -> None:
    query = QUERIES["not-worn"]
    assert '"2027-01-02"^^' in bind(query, today="2027-01-02")
    assert '"2028-02-29"^^' in bind(query, clock=lambda: date(2028, 2, 29))


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("not-worn", {"days": "many"}, "is not a value for 'days'"),
        ("not-worn", {"today": "2026-02-31"}, "is not a value for 'today'"),
        ("not-worn", {"dais": 3}, "no parameter 'dais'"),
        ("why-item", {}, "needs 'item'"),
    ],
)
def test_a_wrong_parameter_is_an_error(
    name: str, values: dict[str, str | float], words: str
) -> None:
    with pytest.raises(QueryError, match=words):
        bind(QUERIES[name], **values)  # type: ignore[arg-type]


def test_an_unknown_query_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        named(QUERIES, "notworn")
    assert "not-worn" in caught.value.hint


def test_a_file_that_is_no_query_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text("<urn:a> <urn:b> <urn:c> .", encoding="utf-8")
    with pytest.raises(FormatError, match="named 'x'"):
        catalogue(tmp_path)
