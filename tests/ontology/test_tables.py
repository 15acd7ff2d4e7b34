"""Colours and comfort: the generated tables agree with what generates them, and are sane."""

from __future__ import annotations

import csv
import math
from itertools import pairwise

import pytest
from rdflib import RDF, Literal
from rdflib.term import Node
from tests.ontology.files import ROOT, WW, words


def number(subject: Node, predicate: Node) -> float | None:
    value = words().value(subject, predicate)
    return float(value) if isinstance(value, Literal) else None


def colours() -> list[Node]:
    return sorted(words().subjects(RDF.type, WW.Colour), key=str)


def test_there_are_ninety_colours_in_every_family() -> None:
    assert len(colours()) >= 90
    families = set(words().objects(None, WW.family))
    assert families == set(words().subjects(RDF.type, WW.ColourFamily))


def test_the_coordinates_of_a_colour_are_those_coloraide_computes() -> None:
    coloraide = pytest.importorskip("coloraide", reason="coloraide comes with the test extra")
    for colour in colours():
        value = words().value(colour, WW.hex)
        if value is None:
            assert number(colour, WW.lightness) is None
            continue
        lightness, chroma, hue = coloraide.Color(str(value)).convert("oklch").coords(nans=False)
        said = number(colour, WW.lightness), number(colour, WW.chroma), number(colour, WW.hue)
        assert said[0] == pytest.approx(lightness, abs=1e-4), colour
        assert said[1] == pytest.approx(chroma if chroma >= 0.003 else 0, abs=1e-4), colour
        if said[2] is None:
            assert chroma < 0.003, colour
        else:
            assert said[2] == pytest.approx(hue, abs=0.01), colour


def test_the_colour_scheme_is_what_its_tool_writes_from_the_table() -> None:
    pytest.importorskip("coloraide", reason="coloraide comes with the test extra")
    from tools import colours as tool

    with tool.SOURCE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tool.document(rows) == tool.TARGET.read_text(encoding="utf-8")


def comfort() -> dict[tuple[str, int], list[tuple[int, float, float, float]]]:
    found: dict[tuple[str, int], list[tuple[int, float, float, float]]] = {}
    with (ROOT / "data" / "comfort.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            key = row["activity"], int(row["wind"])
            clo = float(row["clo_min"]), float(row["clo_neutral"]), float(row["clo_max"])
            found.setdefault(key, []).append((int(row["temperature"]), *clo))
    return found


def test_comfort_covers_every_activity_wind_and_temperature() -> None:
    table = comfort()
    assert {wind for _, wind in table} == {0, 10, 20, 40}
    assert "walking" in {activity for activity, _ in table}
    grid = {tuple(row[0] for row in rows) for rows in table.values()}
    assert grid == {tuple(range(-20, 41, 2))}


def test_insulation_asked_for_never_rises_with_the_temperature() -> None:
    for key, rows in comfort().items():
        for colder, warmer in pairwise(rows):
            assert all(a >= b for a, b in zip(colder[1:], warmer[1:], strict=True)), (key, warmer)


def test_where_the_two_models_meet_the_step_is_no_larger_than_elsewhere_twofold() -> None:
    rows = comfort()["walking", 0]
    steps = {warmer[0]: colder[2] - warmer[2] for colder, warmer in pairwise(rows)}
    seam = max(steps[t] for t in (12, 14, 16))
    assert seam <= 2 * max(steps[t] for t in (2, 4, 6, 8, 10))


def test_insulation_asked_for_falls_with_activity_and_is_ordered() -> None:
    table = comfort()
    order = ("resting", "light", "walking", "brisk", "sport", "running")
    for wind in (0, 10, 20, 40):
        for calm, busy in pairwise(order):
            for less, more in zip(table[busy, wind], table[calm, wind], strict=True):
                assert less[2] <= more[2] + 1e-9
    for rows in table.values():
        for _, least, neutral, most in rows:
            assert 0 <= least <= neutral <= most <= 4
            assert all(map(math.isfinite, (least, neutral, most)))
