"""Content negotiation of the SPARQL protocols, and what their requests ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.errors import InputError
from wearwhy.http.sparql.asked import QUERY, UPDATE, from_parameters, parameters
from wearwhy.http.sparql.media import GRAPHS, RESULTS, TRUTHS, bare, choice, content_type

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
TURTLE = "text/turtle"


@pytest.mark.parametrize(
    ("accept", "select", "ask", "graph"),
    [
        ("", JSON, JSON, TURTLE),
        ("*/*", JSON, JSON, TURTLE),
        (JSON, JSON, JSON, None),
        (XML, XML, XML, None),
        ("text/csv", "text/csv", None, None),
        ("text/csv, application/json;q=0.5", "text/csv", "application/json", None),
        ("text/tab-separated-values", "text/tab-separated-values", None, None),
        ("text/turtle", None, None, TURTLE),
        ("TEXT/Turtle ; charset=utf-8", None, None, TURTLE),
        ("text/*", "text/xml", "text/xml", TURTLE),
        ("application/*", JSON, JSON, "application/n-triples"),
        ("application/*;q=0.1, application/ld+json", JSON, JSON, "application/ld+json"),
        ("application/trig, application/n-quads;q=0.9", None, None, "application/trig"),
        ("application/rdf+xml", None, None, "application/rdf+xml"),
        (f"{JSON};q=0, */*;q=0.1", "application/json", "application/json", TURTLE),
        (f"{JSON};q=0.2, {XML};q=0.8", XML, XML, None),
        ("*/*;q=0", None, None, None),
        ("image/png", None, None, None),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON, JSON, TURTLE),
        (
            "application/ld+json;profile=x;q=0.4, text/turtle;q=0.3",
            None,
            None,
            "application/ld+json",
        ),
        ("*/turtle", JSON, JSON, TURTLE),
        ("nonsense", JSON, JSON, TURTLE),
    ],
)
def test_an_accept_header_chooses_for_each_form_of_query(
    accept: str, select: str | None, ask: str | None, graph: str | None
) -> None:
    found = choice(accept)
    assert (found.select, found.ask, found.graph) == (select, ask, graph)


@given(st.text(max_size=60))
def test_no_header_breaks_the_choice(accept: str) -> None:
    found = choice(accept)
    assert found.select is None or found.select in RESULTS
    assert found.ask is None or found.ask in TRUTHS
    assert found.graph is None or found.graph in GRAPHS


def test_a_content_type_is_read_without_its_case() -> None:
    assert bare("Text/Turtle; Charset=UTF-8") == ("text/turtle", "utf-8")
    assert bare('application/sparql-query;charset="utf-16"') == (
        "application/sparql-query",
        "utf-16",
    )
    assert bare("") == ("", "")
    assert content_type("text/csv") == "text/csv; charset=utf-8"
    assert content_type(JSON) == JSON


def test_parameters_are_decoded_in_utf8() -> None:
    given = parameters(b"query=ASK+%7B%7D&default-graph-uri=a&default-graph-uri=%E8%A1%A3&x")
    asked = from_parameters(QUERY, given)
    assert asked.text == "ASK {}"
    assert asked.default == ("a", "衣")
    assert asked.wardrobe is None


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        (QUERY, b"query=ASK%20%7B%7D&query=ASK%20%7B%7D"),
        (QUERY, b"update=CLEAR%20ALL"),
        (UPDATE, b"query=ASK%20%7B%7D"),
        (UPDATE, b"update=CLEAR+ALL&update=CLEAR+ALL"),
        (QUERY, b"query=ASK%20%7B%7D&wardrobe=a&wardrobe=b"),
        (QUERY, b"query=ASK%20%7B%7D" + b"&named-graph-uri=urn:x" * 201),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused(operation: object, query: bytes) -> None:
    with pytest.raises(InputError) as refused:
        from_parameters(operation, parameters(query))  # type: ignore[arg-type]
    assert refused.value.code == "WW-HTTP-PARAMETER"


@pytest.mark.parametrize("query", [b"query=%FF", b"query=\xff\xfe", b"%C3=1"])
def test_what_is_not_utf8_is_refused(query: bytes) -> None:
    with pytest.raises(InputError) as refused:
        parameters(query)
    assert refused.value.code == "WW-HTTP-UTF8"


@given(st.binary(max_size=80))
def test_bytes_are_read_or_refused_in_words(query: bytes) -> None:
    found = set()
    try:
        from_parameters(QUERY, parameters(query))
    except InputError as refused:
        found.add(refused.code)
    assert found <= {"WW-HTTP-UTF8", "WW-HTTP-PARAMETER"}
