from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.explain.drawing import PAINTS, Layout, joined, layout
from wearwhy.explain.evidence_picture import evidence_picture
from wearwhy.explain.mermaid import escaped, mermaid
from wearwhy.explain.naming import Names, names
from wearwhy.explain.sentences import read
from wearwhy.rdf import ID, RDFS, WW, Fact, Literal
from wearwhy.rules.layer import Layer
from wearwhy.settings import assets

SVG = "{http://www.w3.org/2000/svg}"
TEMPLATES = read(assets() / "kg" / "sentences.toml")
ITEM = ID["mine/w1"]
# What a label may hold so that Mermaid reads nothing in it: words, plain marks and codes.
LABEL = r"(?:[^\W_]|[ .,+\-_/=°·–−—…，。、：；（）“”？！]|#\d+;)*"
NODE = re.compile(
    rf'  n\d+(?:\["{LABEL}"\]|\("{LABEL}"\)|\(\["{LABEL}"\]\)|\{{\{{"{LABEL}"\}}\}}|\[/"{LABEL}"/\])'
)
EDGE = re.compile(r"  n\d+ (?:-->|-\.->) n\d+")
CLASS = re.compile(r"  class(?:Def [a-z]+ [#\w:,\- ]+| n\d+(?:,n\d+)* [a-z]+)")
HOSTILE = (
    'end"]; click n0 call alert(1)',
    "%%{init: {'theme':'dark'}}%%",
    "<script>alert(1)</script>",
    "#quot;`**bold**`",
    "style: a:#b; classDef x fill:#f00;",
    "a\nsubgraph b\n---",
    "javascript:alert(1)",
    "]]>",
    "“中文”：标签",
)


def called(label: str, language: str = "en") -> Names:
    """Names in a graph with one item of a name."""
    layer = Layer.root((), (), (Fact(ITEM, RDFS.label, Literal(label)),))
    return names(layer, None, TEMPLATES, language)


def node(name: str, *premises: str, kind: Kind = Kind.DERIVED, **more: object) -> EvidenceNode:
    return EvidenceNode(name, kind, premises=premises, **more)  # type: ignore[arg-type]


def proof(label_of: Kind = Kind.ASSERTED) -> Evidence:
    """A conclusion on two facts, one of which it rests on twice."""
    fact = Fact(ITEM, WW.colour, WW["colour-navy"])
    nodes = [
        node("a", "b", "c", "d", value=0.25),
        node("b", "d", statement=fact, needed=True),
        node("c", kind=Kind.ABSENT, note="?x <https://w3id.org/wearwhy/ns#slot> ?y ."),
        node("d", kind=label_of, statement=fact, needed=True),
    ]
    return Evidence("a", {one.id: one for one in nodes})


@st.composite
def proofs(draw: st.DrawFn) -> Evidence:
    """Any acyclic evidence: each node rests on some that come after it."""
    size = draw(st.integers(1, 12))
    nodes = {}
    for n in range(size):
        later = list(range(n + 1, size))
        below = draw(st.lists(st.sampled_from(later), unique=True)) if later else []
        kind = draw(st.sampled_from(sorted(set(Kind) - {Kind.PATH, Kind.PAIR, Kind.OPAQUE})))
        nodes[str(n)] = node(str(n), *map(str, below), kind=kind, note="x")
    return Evidence("0", nodes)


def lines_are_mermaid(text: str) -> None:
    head, title, *rest = text.splitlines()
    assert head == "flowchart LR"
    assert re.fullmatch(r"  accTitle: [^\n{}<>\"#;%]+", title)
    for line in rest:
        assert NODE.fullmatch(line) or EDGE.fullmatch(line) or CLASS.fullmatch(line), line


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_in_a_mermaid_chart_is_nothing_but_a_label(label: str) -> None:
    lines_are_mermaid(mermaid(layout(called(label), proof()), label))


@given(st.text(max_size=60))
def test_no_text_escapes_from_a_mermaid_label(text: str) -> None:
    assert re.fullmatch(LABEL, escaped(text))
    assert "%%" not in escaped(text)


@given(proofs())
def test_any_evidence_is_a_mermaid_chart_with_each_node_once(found: Evidence) -> None:
    drawn = layout(called("x"), found)
    lines_are_mermaid(mermaid(drawn, "x"))
    assert len({one.node.id for one in drawn.nodes}) == len(drawn.nodes)


@given(proofs())
def test_edges_lead_one_way_and_no_two_nodes_share_a_place(found: Evidence) -> None:
    drawn = layout(called("x"), found)
    for edge in drawn.edges:
        assert drawn.nodes[edge.above].level < drawn.nodes[edge.below].level
    places = sorted((one.level, one.row) for one in drawn.nodes)
    for (level, row), (other, below) in pairwise(places):
        assert level != other or below - row >= 1.0
    first = [edge.below for edge in drawn.edges if not edge.again]
    assert sorted(first) == list(range(1, len(drawn.nodes)))


@given(proofs(), st.integers(1, 4))
def test_what_lies_below_the_depth_is_counted(found: Evidence, depth: int) -> None:
    whole = layout(called("x"), found)
    cut = layout(called("x"), found, depth=depth)
    assert len(cut.nodes) <= len(whole.nodes)
    hidden = {one.node.id: one.hidden for one in cut.nodes}
    assert (len(cut.nodes) == len(whole.nodes)) or any(hidden.values())
    assert all(one.hidden == 0 for one in whole.nodes)


@pytest.mark.parametrize("label", HOSTILE)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_picture_is_xml_without_scripts_or_outside_references(label: str, language: str) -> None:
    named = called(label, language)
    text = evidence_picture(named, layout(named, proof()), label)
    root = ET.fromstring(text)
    assert {one.tag for one in root.iter()} <= {
        SVG + tag for tag in ("svg", "title", "desc", "rect", "g", "path", "text")
    }
    for one in root.iter():
        for name, value in one.attrib.items():
            assert not name.startswith("on")
            assert "href" not in name
            assert "url(" not in value
            assert "://" not in value


def test_a_picture_has_a_title_and_tells_itself_in_words() -> None:
    named = called("navy coat")
    drawn = layout(named, proof())
    root = ET.fromstring(evidence_picture(named, drawn, "Why navy"))
    assert root.get("role") == "img"
    ids = (root.get("aria-labelledby") or "").split()
    told = {one.get("id"): one.text or "" for one in root if one.get("id")}
    assert ids == ["ww-title", "ww-desc"]
    assert told["ww-title"] == "Why navy"
    assert len(told["ww-desc"].splitlines()) == len(drawn.nodes)
    assert "navy coat" in told["ww-desc"]


def test_the_same_evidence_gives_the_same_bytes_and_each_language_its_own() -> None:
    told = []
    for language in ("en", "zh"):
        named = called("navy coat", language)
        drawn = layout(named, proof())
        text = evidence_picture(named, drawn, "why"), mermaid(drawn, "why")
        assert text == (
            evidence_picture(named, layout(named, proof()), "why"),
            mermaid(layout(named, proof()), "why"),
        )
        told.append(text)
    assert told[0] != told[1]


def test_every_kind_of_evidence_has_a_paint_of_its_own() -> None:
    assert set(PAINTS) == set(Kind)
    assert len(set(PAINTS.values())) == len(Kind)


def test_several_trees_are_drawn_one_below_the_other() -> None:
    one: Layout = layout(called("x"), proof())
    both = joined([one, one])
    assert len(both.nodes) == 2 * len(one.nodes)
    low = max(node_.row for node_ in both.nodes[: len(one.nodes)])
    assert all(node_.row > low for node_ in both.nodes[len(one.nodes) :])
    lines_are_mermaid(mermaid(both, "x"))
