"""Curves as a picture: every line drawn and named, and safe to show."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from wearwhy.evaluate.curves import Line, Panel, chart


def test_every_line_is_drawn_within_its_panel_and_named() -> None:
    lines = (Line("a < b", ((0.0, 1.0), (1.0, 0.5))), Line("flat", ((0.0, 1.0), (1.0, 1.0))))
    text = chart("what & why", [Panel("one", "x", "y", lines), Panel("none", "x", "y", ())])
    picture = ET.fromstring(text)
    assert len(picture.findall(".//{*}polyline")) == 2
    names = [node.text for node in picture.findall(".//{*}text")]
    assert {"a < b", "flat", "one", "none"} <= set(names)
    width = float(picture.attrib["viewBox"].split()[2])
    for line in picture.findall(".//{*}polyline"):
        points = [pair.split(",") for pair in line.attrib["points"].split()]
        assert all(0 <= float(x) <= width for x, _ in points)


def test_one_value_everywhere_has_a_scale_too() -> None:
    assert "nan" not in chart("t", [Panel("p", "x", "y", (Line("l", ((2.0, 3.0),)),))])
