"""Parts of the page that need no browser."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from wearwhy.http.page import entering, frame, graphing, looks, static
from wearwhy.http.page.evidence import KEPT, Shelf
from wearwhy.http.page.figures import hanger
from wearwhy.service.caller import Role


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/page/looks",
        "/\\evil.example",
        "/page/\\evil.example",
        "/page/looks\r\nSet-Cookie: x=y",
        "javascript:alert(1)",
        "/items",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(path: str) -> None:
    assert entering.safe(path) == "/page/looks"


def test_signing_in_leads_back() -> None:
    assert entering.safe("/page/rules/colour?text=a%20b") == "/page/rules/colour?text=a%20b"


def test_what_a_query_answers_is_escaped_in_its_drawing() -> None:
    nasty = '</text><script>alert("1")</script>'
    lines = [graphing.Line(nasty, nasty, "b"), graphing.Line("b", "p", nasty)]
    drawn = str(graphing.graph_picture(lines, nasty))
    assert "<script" not in drawn
    tree = ET.fromstring(drawn)
    assert tree.findtext("title") == nasty
    assert [e.get("class") for e in tree.iter("rect")] == ["thing", "thing"]


def test_a_chain_is_drawn_from_left_to_right_and_each_thing_once() -> None:
    lines = [
        graphing.Line("a", "p", "b"),
        graphing.Line("b", "p", "c"),
        graphing.Line("a", "q", "c"),
    ]
    assert graphing.columns_of(lines) == {"a": 0, "b": 1, "c": 1}
    circle = [
        graphing.Line("a", "p", "b"),
        graphing.Line("b", "p", "a"),
        graphing.Line("x", "p", "x"),
    ]
    assert set(graphing.columns_of(circle)) == {"a", "b", "x"}


def test_no_more_is_drawn_than_can_be_seen() -> None:
    lines = [graphing.Line(f"a{n}", "p", f"b{n}") for n in range(1000)]
    drawn = str(graphing.graph_picture(lines, "many"))
    assert drawn.count('class="edge"') == graphing.MOST


def test_terms_of_one_label_are_one_bar_and_the_sum_stays() -> None:
    terms = [
        {"kind": "rule", "label": "in season", "value": 0.2},
        {"kind": "rule", "label": "in season", "value": 0.1},
        {"kind": "rule", "label": "clash", "value": -0.5},
    ]
    found = looks.grouped({"id": "look-1", "terms": terms})
    assert [(t["label"], t["n"]) for t in found["terms"]] == [("in season", 2), ("clash", 1)]
    assert sum(t["value"] for t in found["terms"]) == pytest.approx(-0.2)
    assert found["all_terms"] == 3
    assert looks.most_of({"looks": [{"id": "look-1", "terms": terms}]}) == 0.5


def test_the_wardrobe_is_the_wanted_one_then_an_own_one() -> None:
    held = {"b": Role.VIEWER, "c": Role.OWNER}
    assert frame.wardrobe_shown("b", held) == "b"
    assert frame.wardrobe_shown("somebody-elses", held) == "c"
    assert frame.wardrobe_shown("", {"b": Role.VIEWER}) == "b"
    assert frame.wardrobe_shown("x", {}) is None


def test_files_are_named_by_what_is_in_them_and_no_other_file_is_known() -> None:
    assert {"page.js", "page.css", "icon.svg"} <= set(static.assets())
    assert static.address("page.css").startswith("/page/static/page.css?v=")
    assert "../static.py" not in static.assets()
    for name, one in static.assets().items():
        text = one.body.decode()
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", ""), name
        assert "https://" not in text, name
        assert "eval(" not in text, name
        assert "innerHTML" not in text, name


def test_what_has_no_shape_hangs_on_a_hanger() -> None:
    tree = ET.fromstring(hanger())
    assert tree.get("viewBox") == "0 0 160 160"
    assert any(True for _ in tree.iter("{http://www.w3.org/2000/svg}path"))


def test_only_the_evidence_asked_for_last_is_kept() -> None:
    shelf = Shelf()
    for n in range(KEPT + 3):
        shelf.put((str(n),), {"n": n})
        assert shelf.get(("0",)) == ({"n": 0})
    assert shelf.get(("1",)) is None
    assert shelf.get((str(KEPT + 2),)) == {"n": KEPT + 2}


def test_a_rule_sentence_reads_before_it_is_about_anything() -> None:
    assert frame.spoken("{?a} [is|are] neutral.") == "‹a› is neutral."
