"""RDF in and out: every format, and what no parser gets to see."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import FormatError, InputError, UnknownName, ValueRefused
from wearwhy.rdf import ID, TYPE, WW, Fact, literal
from wearwhy.store import Quad
from wearwhy.store.exchange import DEFAULT, FORMATS, read_rdf, write_rdf

GRAPH = NamedNode("https://w3id.org/wearwhy/graph/asserted")
PLAIN = [
    Quad(DEFAULT, Fact(ID["mine/shirt"], TYPE, WW.Shirt)),
    Quad(DEFAULT, Fact(ID["mine/shirt"], WW.insulation, literal(0.25))),
    Quad(DEFAULT, Fact(ID["mine/shirt"], WW.note, Literal('蓝 "a"\n<b>', language="zh"))),
]
RDF_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="urn:a:">'
    '<rdf:Description rdf:about="urn:x">%s</rdf:Description></rdf:RDF>'
)
BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]>"
    + RDF_XML % "<a:p>&j;</a:p>"
)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_back_and_always_the_same_bytes(name: str) -> None:
    written = write_rdf(PLAIN, name)
    assert set(read_rdf(written, name)) == set(PLAIN)
    for _ in range(5):
        assert write_rdf(reversed(PLAIN), name) == written


@pytest.mark.parametrize("name", ["trig", "n-quads"])
def test_graphs_and_triple_terms_are_kept_where_the_format_has_them(name: str) -> None:
    quads = {Quad(GRAPH, Fact(ID.r, WW.about, Triple(ID.a, WW.p, Literal("x")))), *PLAIN}
    assert set(read_rdf(write_rdf(quads, name), name)) == quads


def test_the_format_is_that_of_the_extension_unless_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(b"<urn:a> <urn:b> <urn:c> .")
    (tmp_path / "a.txt").write_bytes(b"<urn:a> <urn:b> <urn:c> .")
    assert len(list(read_rdf(tmp_path / "a.ttl"))) == 1
    assert len(list(read_rdf(tmp_path / "a.txt", "text/turtle"))) == 1
    with pytest.raises(UnknownName, match="txt"):
        read_rdf(tmp_path / "a.txt")
    with pytest.raises(UnknownName) as caught:
        read_rdf(b"", "turtel")
    assert "turtle" in caught.value.hint


def test_only_used_prefixes_are_written_in_order() -> None:
    text = write_rdf(PLAIN, "turtle").decode()
    assert text.startswith("@prefix id: <https://w3id.org/wearwhy/id/> .\n@prefix ww: ")
    assert "skos" not in text


@pytest.mark.parametrize(
    ("data", "name", "code", "line"),
    [
        (BOMB.encode(), "rdf-xml", "WW-RDF-ENTITY", 2),
        (
            b"<urn:a> <urn:b> " + b"[ <urn:p> " * 5000 + b"1" + b"]" * 5000 + b".",
            "turtle",
            "WW-RDF-DEPTH",
            1,
        ),
        (b"<urn:a> <urn:b>\n" + b"(" * 5000 + b")" * 5000 + b".", "trig", "WW-RDF-DEPTH", 2),
        (b"<urn:a> <urn:b> " + b"<<( <urn:a> <urn:b> " * 5000, "n-triples", "WW-RDF-DEPTH", 1),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "json-ld", "WW-RDF-DEPTH", 1),
        (b"[" * 5000 + b"]" * 5000, "json-ld", "WW-RDF-DEPTH", 1),
        ((RDF_XML % ("<a:p><a:q>" * 5000)).encode(), "rdf-xml", "WW-RDF-DEPTH", 1),
        (b'{\n"@context": "https://schema.org/", "name": "x"}', "json-ld", "WW-RDF-CONTEXT", 2),
        (b'{"@context": {"@import": "http://x/"}}', "json-ld", "WW-RDF-CONTEXT", 1),
        (b'{"@context": [{}, "file:///etc/passwd"]}', "json-ld", "WW-RDF-CONTEXT", 1),
        (b'{"@context": \n', "json-ld", "WW-RDF-SYNTAX", 2),
        (b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b", "turtle", "WW-RDF-SYNTAX", 2),
        (b"<urn:a> <urn:b> 'caf\n", "turtle", "WW-RDF-SYNTAX", 1),
        ((RDF_XML % "<a:p>").encode(), "rdf-xml", "WW-RDF-SYNTAX", 0),
        (b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> 'caf\xe9' .", "turtle", "WW-RDF-ENCODING", 2),
        ("<urn:a> <urn:b> 'x' .".encode("utf-16"), "turtle", "WW-RDF-ENCODING", 1),
        (b"", "turtle", "WW-RDF-EMPTY", 0),
        (b" \n", "json-ld", "WW-RDF-EMPTY", 0),
        (b"<urn:a> <urn:b> '" + b"x" * 17_000_000 + b"' .", "turtle", "WW-RDF-TOKEN", 0),
        (b"<urn:a b> <urn:b> <urn:c> .", "turtle", "WW-RDF-SYNTAX", 1),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 30 else "",
)
def test_a_harmful_or_broken_file_is_an_error_with_its_line(
    data: bytes, name: str, code: str, line: int
) -> None:
    with pytest.raises(FormatError) as caught:
        read_rdf(data, name)
    assert caught.value.code == code
    assert caught.value.place is not None
    assert caught.value.place.line == line


@pytest.mark.parametrize(
    "text", ["null", "3", "true", '"a"', "[null]", '[[{}, "b"]]', '["\\ud800"]']
)
def test_json_that_holds_no_nodes_is_refused_and_not_read_as_an_empty_graph(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_rdf(text.encode(), "json-ld")
    assert caught.value.code == "WW-RDF-SYNTAX"
    assert json.dumps(json.loads(text)).strip("[]{}, ") in caught.value.note


@pytest.mark.parametrize("text", ["{}", "[]", "[{}]", '{"@graph": []}', '{"@context": {}}'])
def test_json_ld_that_says_nothing_is_an_empty_graph(text: str) -> None:
    assert list(read_rdf(text.encode(), "json-ld")) == []


def test_a_line_of_ten_megabytes_is_read() -> None:
    (quad,) = read_rdf(b"<urn:a> <urn:b> '" + b"x" * 10_000_000 + b"' .", "turtle")
    assert isinstance(quad.fact.object, Literal)
    assert len(quad.fact.object.value) == 10_000_000


def test_brackets_in_strings_comments_and_iris_do_not_nest() -> None:
    text = f'<urn:a{"(" * 300}> <urn:b> \'{"[" * 300}\' , """"{"{" * 300}""" . # {"(" * 300}'
    assert len(list(read_rdf(text.encode(), "turtle"))) == 2
    inside = '{"urn:p": "%s", "urn:q": "\\"["}' % ("[" * 300)
    assert len(list(read_rdf(inside.encode(), "json-ld"))) == 2


def test_scanning_takes_time_in_proportion_to_the_text() -> None:
    for piece in ("'", '"', "'''a'", "<", "\\", "#", "<a b='", '"\\', "<!--", "<?", "\\'"):
        for name in ("turtle", "json-ld", "rdf-xml"):
            with suppress(FormatError):
                read_rdf((piece * (300_000 // len(piece))).encode(), name)


def test_blank_nodes_of_two_files_are_two(tmp_path: Path) -> None:
    nodes = {
        quad.fact.subject for _ in range(2) for quad in read_rdf(b"_:a <urn:b> <urn:c> .", "turtle")
    }
    assert len(nodes) == 2
    assert all(isinstance(node, BlankNode) for node in nodes)


def test_a_file_that_is_missing_or_too_large_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_rdf(tmp_path / "none.ttl")
    assert caught.value.code == "WW-RDF-FILE"
    with pytest.raises(FormatError, match="26 bytes; at most 10"):
        read_rdf(b"<urn:a> <urn:b> <urn:c> . ", "turtle", max_size=10)


def test_what_a_format_cannot_say_is_an_error() -> None:
    with pytest.raises(FormatError, match="cannot say"):
        write_rdf([Quad(GRAPH, Fact(ID.r, WW.p, Triple(ID.a, WW.p, ID.b)))], "json-ld")
    with pytest.raises(ValueRefused, match="subject"):
        write_rdf([Quad(GRAPH, Fact(Literal("x"), WW.p, ID.b))], "turtle")
