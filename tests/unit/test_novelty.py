from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from wearwhy.errors import InputError
from wearwhy.explain.labelled import label_lines, labels, labels_json
from wearwhy.explain.naming import names
from wearwhy.explain.sentences import read
from wearwhy.outfit import novelty
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, Placed
from wearwhy.outfit.novelty import NOVEL, POPULAR, RELATED
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, TYPE, WW, Fact, Literal, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.settings import assets
from wearwhy.wearer import taste
from wearwhy.wearer.log import day, opinion_facts
from wearwhy.workspace.bundle import turtle_facts

TEMPLATES = read(assets() / "kg" / "sentences.toml")
DECLARED = ("scoring", "novelty")
COLOURS = {"a": "navy", "b": "brown", "c": "white", "d": "navy", "e": "red"}
DAY = date(2026, 11, 24)


def item(name: str) -> NamedNode:
    return ID[f"mine/{name}"]


def outfit(name: str, *items: str, **more: object) -> list[Fact]:
    node = ID[f"outfit/{name}"]
    facts = [Fact(node, TYPE, WW.Outfit), *(Fact(node, WW.hasItem, item(i)) for i in items)]
    return [*facts, *(Fact(node, WW[p], o) for p, o in more.items())]  # type: ignore[arg-type]


def graph(*more: Iterable[Fact]) -> Layer:
    """A wardrobe of five items of one colour each, and what is declared of labels and scores."""
    folder = assets() / "ontology"
    facts = [
        fact
        for name in DECLARED
        for fact in turtle_facts((folder / f"{name}.ttl").read_text("utf-8"), name)
    ]
    for name, colour in COLOURS.items():
        facts += [
            Fact(item(name), WW.inWardrobe, ID["wardrobe/mine"]),
            Fact(item(name), WW.colour, WW[f"colour-{colour}"]),
        ]
    return Layer.root((), (), [*facts, *(fact for part in more for fact in part)])


def past(layer: Layer) -> novelty.History:
    return novelty.history(layer, (WW.colour,))


def look(*items: str, request: Request | None = None) -> Look:
    placed = tuple(Placed(item(name), WW["slot-top"]) for name in items)
    return Look(request or Request(date=DAY), WW["template-separates"], placed, 0.0, ())


def test_a_look_of_what_is_worn_most_is_popular_and_one_of_what_is_not_is_not() -> None:
    layer = graph(outfit("1", "a", "b"), outfit("2", "a", "b"), outfit("3", "a", "c"))
    found = novelty.popular(look("a", "e"), past(layer))
    assert found.items == ((item("a"), 3, 1.0), (item("e"), 0, 0.0))
    assert found.value == 0.5
    # c stands in fewer outfits than both others, b in more than c alone.
    assert novelty.popular(look("b"), past(layer)).value == 0.5
    assert novelty.popular(look("c"), past(layer)).value == 0.0


def test_items_that_stand_in_as_many_outfits_count_half() -> None:
    layer = graph(outfit("1", "a", "b", "c"))
    assert novelty.popular(look("a"), past(layer)).value == 0.5


def test_an_outfit_that_is_held_out_is_counted_by_no_measure() -> None:
    layer = graph(
        outfit("1", "a", "b"),
        outfit("2", "c", "e", split=Literal("valid")),
        outfit("3", "c", "b", split=Literal("train")),
    )
    assert [o.value.rpartition("/")[2] for o in past(layer).outfits] == ["1", "3"]
    assert novelty.novel(look("c", "e"), past(layer)).value == 1.0
    assert novelty.popular(look("e"), past(layer)).value == 0.0


def test_a_value_pair_is_new_until_two_items_of_one_outfit_have_it() -> None:
    layer = graph(outfit("1", "a", "b"), outfit("2", "c"))
    assert novelty.novel(look("a", "b"), past(layer)).value == 0.0
    assert novelty.novel(look("d", "b"), past(layer)).value == 0.0
    new = novelty.novel(look("a", "b", "c"), past(layer))
    assert new.pairs == 3
    assert {pair[1:] for pair in new.unseen} == {
        (WW["colour-navy"], WW["colour-white"]),
        (WW["colour-brown"], WW["colour-white"]),
    }


def test_two_values_of_one_item_are_not_seen_together() -> None:
    both = [Fact(item("a"), WW.colour, WW["colour-brown"])]
    layer = graph(outfit("1", "a", "c"), both)
    assert novelty.novel(look("d", "b"), past(layer)).value == 1.0


def test_a_look_is_related_to_the_outfit_that_it_has_most_in_common_with() -> None:
    layer = graph(outfit("1", "a", "b"), outfit("2", "a", "c", "e"))
    found = novelty.related(look("d", "b", "e"), past(layer), ())
    assert found.to == "worn"
    assert found.outfit == ID["outfit/1"]
    assert found.value == pytest.approx(2 / 3)
    assert found.shared == ((WW.colour, WW["colour-brown"]), (WW.colour, WW["colour-navy"]))


def test_a_look_is_related_to_what_is_liked_or_locked_where_that_is_nearer() -> None:
    layer = graph(opinion_facts(item("a"), 0.8, DAY))
    request = Request(date=DAY, locked=(item("a"),))
    opinions = taste.opinions(layer, DAY, None, 90.0)
    liked = novelty.related(look("d"), past(layer), opinions)
    assert (liked.to, liked.value) == ("liked", 1.0)
    assert liked.items == ((item("d"), item("a"), 1.0),)
    locked = novelty.related(look("a", "d", request=request), past(layer), ())
    assert (locked.to, locked.value) == ("locked", 1.0)


def told(layer: Layer, of: Look) -> dict[NamedNode, tuple[float, bool]]:
    inside = layer.child(Change(add=of.request.facts()))
    return {one.label: (one.value, one.borne) for one in labels(inside, of, Resources())}


def test_every_look_bears_the_labels_whose_threshold_it_comes_up_to() -> None:
    layer = graph(outfit("1", "a", "b"), outfit("2", "a", "b"), outfit("3", "a", "c"))
    found = told(layer, look("a", "b"))
    assert {label for label, (_, borne) in found.items() if borne} == {POPULAR, RELATED}
    assert found[NOVEL] == (0.0, False)
    assert {label for label, (_, borne) in told(layer, look("c", "e")).items() if borne} == {NOVEL}


def test_a_look_that_comes_up_to_no_threshold_bears_the_nearest_label_alone() -> None:
    high = [Fact(label, WW.atLeast, Literal(1.0)) for label in (POPULAR, RELATED, NOVEL)]
    layer = graph(outfit("1", "a", "b"), outfit("2", "c", "b", "e"))
    raised = layer.child(Change(add=tuple(high), remove=tuple(layer.match(None, WW.atLeast, None))))
    found = told(raised, look("a", "c"))
    borne = [label for label, (_, is_borne) in found.items() if is_borne]
    assert len(borne) == 1
    assert found[borne[0]][0] == max(value for value, _ in found.values())


def test_a_label_without_a_threshold_is_refused() -> None:
    layer = graph()
    broken = layer.child(Change(remove=tuple(layer.match(NOVEL, WW.atLeast, None))))
    with pytest.raises(InputError) as caught:
        novelty.least(broken)
    assert caught.value.code == "WW-LABEL"


def test_a_label_cites_facts_that_hold_and_is_told_in_both_languages() -> None:
    layer = graph(outfit("1", "a", "b"), outfit("2", "a", "b", wornOn=day(DAY)))
    of = look("a", "b")
    inside = layer.child(Change(add=of.request.facts()))
    found = labels(inside, of, Resources())
    for one in found:
        for node in one.evidence.nodes.values():
            assert node.statement is None or inside.holds(node.statement)
    both = {lang: names(inside, of, TEMPLATES, lang) for lang in ("en", "zh")}
    lines = {lang: label_lines(named, found) for lang, named in both.items()}
    assert lines["en"] != lines["zh"]
    assert len(lines["en"]) == len(lines["zh"]) == sum(one.borne for one in found)
    document = labels_json(both, found)
    assert {one["label"] for one in document} == {"popular", "related", "novel"}
    assert all(set(one["sentence"]) == {"en", "zh"} for one in document)


def test_labels_are_the_same_whatever_order_facts_are_told_in() -> None:
    parts = [outfit("1", "a", "b"), outfit("2", "c", "b"), outfit("3", "e", "c")]
    of = look("a", "c")
    assert told(graph(*parts), of) == told(graph(*reversed(parts)), of)
