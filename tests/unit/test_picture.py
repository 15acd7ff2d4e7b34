from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wearwhy.errors import FormatError
from wearwhy.evidence import Kind
from wearwhy.explain.cloth import cloth, lightness, mixed
from wearwhy.explain.outline import bounds, completed, mirrored, read_path, written
from wearwhy.explain.picture import picture
from wearwhy.explain.silhouette import drawn_as, shapes, silhouette
from wearwhy.outfit.look import Look, Placed
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, RDFS, SCHEMA, SKOS, TYPE, WW, Fact, Literal, NamedNode, Node
from wearwhy.settings import assets
from wearwhy.workspace.bundle import read_ontology

SVG = "{http://www.w3.org/2000/svg}"
CONTROL = "\x00\x08\x1b\ufffe"


class Facts:
    """A graph of facts as they are, for reading."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._by: dict[tuple[Node, NamedNode], list[Node]] = defaultdict(list)
        for fact in facts:
            self._by[fact.subject, fact.predicate].append(fact.object)

    def objects(self, subject: Node, predicate: NamedNode, /) -> list[Node]:
        return sorted(self._by.get((subject, predicate), []), key=str)

    def value(self, subject: Node, predicate: NamedNode, /) -> Node | None:
        return next(iter(self.objects(subject, predicate)), None)

    def holds(self, fact: Fact) -> bool:
        return fact.object in self._by.get((fact.subject, fact.predicate), [])

    def match(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None, /
    ) -> Iterator[Fact]:
        for (s, p), objects in self._by.items():
            if subject in (None, s) and predicate in (None, p):
                yield from (Fact(s, p, o) for o in objects if obj in (None, o))

    def subjects(self, predicate: NamedNode, obj: Node, /) -> list[Node]:
        return [fact.subject for fact in self.match(None, predicate, obj)]

    def kind(self, fact: Fact, /) -> Kind | None:
        return Kind.ASSERTED if self.holds(fact) else None

    def confidence(self, fact: Fact, /) -> float:
        return 1.0 if self.holds(fact) else 0.0


@cache
def ontology() -> tuple[Fact, ...]:
    return tuple(read_ontology(assets() / "ontology"))


def item_classes() -> list[NamedNode]:
    below = defaultdict(list)
    for fact in ontology():
        if fact.predicate == RDFS.subClassOf:
            below[fact.object].append(fact.subject)
    found, todo = set[NamedNode](), [WW.Item]
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += [n for n in below[node] if isinstance(n, NamedNode)]
    return sorted(found, key=str)


def item(slug: str, kind: NamedNode, name: str = "", **values: str) -> list[Fact]:
    """Facts of an item; a value is the concept `ww:{property}-{value}`."""
    node = ID[f"wardrobe/{slug}"]
    facts = [Fact(node, TYPE, kind), Fact(node, SCHEMA.name, Literal(name or slug))]
    for predicate, value in values.items():
        scheme = {"accentColour": "colour"}.get(predicate, predicate)
        facts.append(Fact(node, WW[predicate], WW[f"{scheme}-{value}"]))
    return facts


def look(*placed: tuple[str, str]) -> Look:
    pairs = tuple(Placed(ID[f"wardrobe/{slug}"], WW[f"slot-{slot}"]) for slug, slot in placed)
    request = Request(occasions=(WW["occasion-office"],), date=date(2026, 11, 24))
    return Look(request, WW["template-separates"], pairs, 0.0, ())


def dressed(name: str = "Camel coat") -> tuple[Facts, Look]:
    facts = [
        *item("coat", WW.Overcoat, name, colour="camel", material="wool"),
        *item("shirt", WW.Shirt, colour="white", accentColour="navy", pattern="striped"),
        *item("trousers", WW.Chinos, colour="navy", fit="slim"),
        *item("boots", WW.ChelseaBoot, colour="burgundy"),
    ]
    worn = look(("coat", "outer"), ("shirt", "top"), ("trousers", "bottom"), ("boots", "feet"))
    return Facts([*ontology(), *facts]), worn


def hex_of(colour: str) -> str:
    found = Facts(ontology()).value(WW[f"colour-{colour}"], WW.hex)
    assert isinstance(found, Literal)
    return found.value


def slugs(scheme: str) -> list[str]:
    members = Facts(ontology()).subjects(SKOS.inScheme, WW[f"{scheme}-scheme"])
    return sorted(m.value.partition(f"#{scheme}-")[2] for m in members if isinstance(m, NamedNode))


def test_every_kind_of_item_reaches_a_silhouette_that_draws() -> None:
    classes = item_classes()
    assert len(classes) > 200
    graph = Facts([*ontology(), *(f for c in classes for f in item(c.value, c))])
    for kind in classes:
        shape = silhouette(graph, ID[f"wardrobe/{kind.value}"], shapes())
        assert shape is not None, kind
        assert shape.laid, kind


def test_only_what_is_no_garment_falls_back_on_the_hanger() -> None:
    classes = item_classes()
    graph = Facts([*ontology(), *(f for c in classes for f in item(c.value, c))])
    fallen = {
        c.value.rpartition("#")[2]
        for c in classes
        if drawn_as(graph, ID[f"wardrobe/{c.value}"], shapes()) in {"Item", "Accessory"}
    }
    assert fallen <= {"Item", "Accessory"}


@pytest.mark.parametrize("shaping", ["sleeve", "neckline", "length", "fit", "heel", "collar"])
def test_every_value_of_a_shaping_property_can_be_drawn_on_every_kind(shaping: str) -> None:
    values = slugs(shaping)
    assert values
    kinds = sorted(shapes().classes)
    for value in values:
        facts = [f for kind in kinds for f in item(kind, WW[kind], **{shaping: value})]
        graph = Facts([*ontology(), *facts])
        for kind in kinds:
            assert silhouette(graph, ID[f"wardrobe/{kind}"], shapes()) is not None


def test_a_sleeve_is_drawn_as_long_as_it_is() -> None:
    graph = Facts(
        [
            *ontology(),
            *item("long", WW.Blouse, sleeve="long"),
            *item("short", WW.Blouse, sleeve="short"),
            *item("none", WW.Blouse, sleeve="sleeveless"),
        ]
    )
    lowest = []
    for slug in ("long", "short", "none"):
        shape = silhouette(graph, ID[f"wardrobe/{slug}"], shapes())
        assert shape is not None
        reach = [p for d in shape.worn for _, points in d.steps for p in points if p[0] < 70]
        lowest.append(max((y for _, y in reach), default=0))
    assert lowest[0] > lowest[1] > lowest[2]


def test_a_picture_is_well_formed_and_says_what_it_shows() -> None:
    graph, worn = dressed()
    root = ET.fromstring(picture(graph, [worn, worn]))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "2 looks"
    assert told is not None
    assert told.text is not None
    assert told.text.count("Camel coat") == 2
    named = {title.get("id"), told.get("id")}
    assert named == set((root.get("aria-labelledby") or "").split())


def test_every_garment_stands_under_its_name_in_its_colour() -> None:
    graph, worn = dressed()
    text = picture(graph, [worn])
    shown = {node.text for node in ET.fromstring(text).iter(f"{SVG}text")}
    assert {"Camel coat", "shirt", "trousers", "boots"} <= shown
    for colour in ("camel", "white", "navy", "burgundy"):
        assert hex_of(colour) in text


def test_a_pattern_is_drawn_in_the_second_colour() -> None:
    graph, worn = dressed()
    tiles = list(ET.fromstring(picture(graph, [worn])).iter(f"{SVG}pattern"))
    assert len(tiles) == 1
    fills = {node.get("fill") for node in tiles[0].iter()}
    assert {hex_of("white"), hex_of("navy")} <= fills
    assert f"url(#{tiles[0].get('id')})" in picture(graph, [worn])


def test_stripes_run_down_trousers_and_across_a_jumper() -> None:
    facts = [
        *item("trousers", WW.Chinos, pattern="striped"),
        *item("jumper", WW.Sweater, pattern="striped"),
    ]
    graph, worn = Facts([*ontology(), *facts]), look(("trousers", "bottom"), ("jumper", "top"))
    tiles = ET.fromstring(picture(graph, [worn])).iter(f"{SVG}pattern")
    assert [tile.get("patternTransform") for tile in tiles] == ["rotate(90)", None]


def test_every_pattern_of_the_scheme_but_plain_has_a_tile() -> None:
    patterns = [slug for slug in slugs("pattern") if slug != "solid"]
    assert len(patterns) > 15
    graph = Facts([*ontology(), *(f for s in patterns for f in item(s, WW.Shirt, pattern=s))])
    plain = {s for s in patterns if not cloth(graph, ID[f"wardrobe/{s}"], shapes()).tile}
    assert plain == set()
    for tile in [*shapes().look["patterns"].values(), *shapes().look["materials"].values()]:
        ET.fromstring(f"<g>{tile['draw']}</g>")


def test_a_picture_speaks_the_language_asked_for() -> None:
    graph, worn = dressed()
    chinese = picture(graph, [worn], "zh")
    assert "搭配1" in chinese
    assert "上班" in chinese
    assert 'lang="zh"' in chinese


def test_a_picture_without_looks_is_an_empty_page() -> None:
    graph, _ = dressed()
    assert ET.fromstring(picture(graph, [])).find(f"{SVG}title") is not None


def test_a_picture_refers_to_nothing_outside_and_runs_nothing() -> None:
    graph, worn = dressed('<script href="http://example.org/x.js">')
    text = picture(graph, [worn])
    root = ET.fromstring(text)
    tags = {node.tag.removeprefix(SVG) for node in root.iter()}
    assert tags <= {
        *("svg", "title", "desc", "defs", "pattern", "g", "path", "rect", "circle", "text")
    }
    attributes = {name for node in root.iter() for name in node.attrib}
    assert not {n for n in attributes if n.startswith("on") or "href" in n or n == "style"}
    assert all(found.startswith("#") for found in re.findall(r"url\(([^)]*)\)", text))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_name_is_shown_as_text_and_nothing_else(name: str) -> None:
    graph, worn = dressed(f"{name}]]>&<b x='\">{CONTROL}")
    root = ET.fromstring(picture(graph, [worn]))
    assert not list(root.iter(f"{SVG}b"))
    assert not list(root.iter("b"))


def test_the_same_looks_give_the_same_bytes() -> None:
    graph, worn = dressed()
    again, same = dressed()
    assert picture(graph, [worn, worn], "zh") == picture(again, [same, same], "zh")


def test_names_of_patterns_do_not_clash_between_looks() -> None:
    graph, worn = dressed()
    other = look(("shirt", "top"), ("boots", "feet"))
    ids = [
        node.get("id")
        for node in ET.fromstring(picture(graph, [worn, other, worn])).iter()
        if node.get("id")
    ]
    assert len(ids) == len(set(ids))


halves = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 500)), min_size=2, max_size=8, unique=True
)


@given(halves)
def test_a_completed_outline_is_its_own_mirror_image(points: list[tuple[int, int]]) -> None:
    half = read_path("M" + " L".join(f"{x} {y}" for x, y in points), "x")
    full = completed(half)
    there = {p for _, group in full for p in group}
    assert there == {p for _, group in mirrored(full) for p in group}
    left, _, width, _ = bounds([full])
    assert left + width / 2 == pytest.approx(120)


@given(halves)
def test_a_path_written_and_read_is_the_same_path(points: list[tuple[int, int]]) -> None:
    path = read_path("M" + " L".join(f"{x} {y}" for x, y in points), "x")
    assert read_path(written(path), "x") == path


@pytest.mark.parametrize("text", ["", "L 1 2", "M 1", "M 1 2 A 3 4 5", "M 1 2 C 1 2 3 4", "1 2"])
def test_what_is_no_path_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_path(text, "parts.toml")
    assert caught.value.code == "WW-SILHOUETTE-PATH"


@given(st.integers(0, 0xFFFFFF), st.floats(0, 1))
def test_a_mixed_colour_lies_between_its_two(number: int, share: float) -> None:
    colour = f"#{number:06x}"
    assert mixed(colour, "#000000", 0) == colour
    assert lightness(mixed(colour, "#ffffff", share)) >= lightness(colour) - 1e-9
