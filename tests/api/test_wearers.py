"""Wearers: what is said of them is kept as facts, and their looks follow it; nothing is inferred."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.api.cli_given import run

from wearwhy.errors import NoAnswer
from wearwhy.explain.terms import explain_terms
from wearwhy.outfit.comfort import asked as demand
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.look import look_layer
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, Fact, Literal, NamedNode, literal
from wearwhy.rules.layer import Change, Layer
from wearwhy.walk.graph import named
from wearwhy.wearer import taste
from wearwhy.wearer.profile import Profile, profile_facts, read_profile
from wearwhy.workspace import Workspace
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.validate import validate
from wearwhy.workspace.why import why_fact

INES = ID["wearer/ines"]
DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def workspace(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace.open(shutil.copytree(prepared, tmp_path_factory.mktemp("wearers") / "w"))


def dressing(workspace: Workspace, said: Profile) -> Layer:
    return workspace.layer().child(Change(add=profile_facts(INES, said)))


def office(weather: str | None = "8C") -> Wishes:
    return Wishes(occasions=("office",), on=DAY, weather=weather)


def asked(workspace: Workspace, weather: str = "8C", *, wearer: bool = True) -> Request:
    request = workspace.ask(office(weather)).requests[0]
    return replace(request, wearer=INES) if wearer else request


def looks(workspace: Workspace, layer: Layer, request: Request) -> list[tuple[NamedNode, ...]]:
    return [look.items for look in recommend(layer, request, workspace.resources).looks]


def rules_on(layer: Layer, request: Request, item: NamedNode) -> set[str]:
    seen = layer.child(Change(add=(*request.facts(), Fact(request.iri, WW.considers, item))))
    return {rule.value.rpartition("#")[2] for rule in named(seen.objects(item, WW.violates))}


@pytest.mark.parametrize(
    ("offset", "lang", "said"),
    [
        ("-3", "en", "the air feels 3 °C colder to them"),
        ("1.5", "en", "the air feels 1.5 °C warmer to them"),
        ("-3", "zh", "体感比实际低3°C"),
        ("1.5", "zh", "体感比实际高1.5°C"),
    ],
)
def test_warmth_is_told_by_which_way_it_goes(
    place: Path, offset: str, lang: str, said: str
) -> None:
    run(place, "wearer", "ines", "--warmth-offset", offset)
    assert said in run(place, "--lang", lang, "wearer").out


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "8 °C, which feels like 2 °C to the wearer"), ("zh", "8°C（穿着者体感2°C）")],
)
def test_a_reason_tells_the_weather_and_how_it_feels(place: Path, lang: str, said: str) -> None:
    run(place, "wearer", "ines", "--warmth-offset", "-6")
    words = "recommend --occasion office --date 2026-11-24 --weather 8C -n 1 --evidence none"
    asked = words.split()
    assert said in run(place, "--lang", lang, *asked, "--wearer", "ines").out
    assert said not in run(place, "--lang", lang, *asked).out


def test_what_does_not_fit_is_refused_by_a_rule_that_has_a_name(workspace: Workspace) -> None:
    layer = dressing(workspace, Profile(sizes={WW["slot-top"]: ["M"]}))
    request = asked(workspace)
    sizes = {
        item: {o.value for o in layer.objects(item, SCHEMA["size"]) if isinstance(o, Literal)}
        for item in named(layer.subjects(WW.slot, WW["slot-top"]))
        if layer.objects(item, WW.inWardrobe)
    }
    wrong = [item for item, own in sizes.items() if own & {"XS", "S", "L", "XL"}]
    right = [item for item, own in sizes.items() if "M" in own]
    assert wrong
    assert right
    assert all("not-the-wearers-size" in rules_on(layer, request, item) for item in wrong)
    assert all("not-the-wearers-size" not in rules_on(layer, request, item) for item in right)
    shown = {item for items in looks(workspace, layer, request) for item in items}
    assert not shown & set(wrong)


def test_sizes_in_numbers_say_nothing_of_sizes_in_letters(workspace: Workspace) -> None:
    layer = dressing(workspace, Profile(sizes={WW["slot-top"]: ["M"]}))
    assert rules_on(layer, asked(workspace), ID["mine/w01"]) == set()  # a 38


def test_every_look_covers_what_the_wearer_keeps_covered(workspace: Workspace) -> None:
    layer = dressing(workspace, Profile(covered=(WW["body-part-arms"], WW["body-part-legs"])))
    request = asked(workspace, "24C")
    found = recommend(layer, request, workspace.resources)
    for look in found.looks:
        seen = look_layer(found.layer, look)
        covered = {part for item in look.items for part in seen.objects(item, WW.coversPart)}
        assert {WW["body-part-arms"], WW["body-part-legs"]} <= covered


def test_a_covered_head_asks_for_headwear(workspace: Workspace) -> None:
    layer = dressing(workspace, Profile(covered=(WW["body-part-head"],)))
    found = recommend(layer, asked(workspace), workspace.resources)
    for look in found.looks:
        assert WW["slot-head"] in [placed.slot for placed in look.placed]


def test_who_feels_the_cold_is_asked_for_more_insulation(workspace: Workspace) -> None:
    table, request = workspace.resources.table, asked(workspace)
    cold = dressing(workspace, Profile(warmth=-4.0)).child(Change(add=request.facts()))
    plain = dressing(workspace, Profile(name="Ines")).child(Change(add=request.facts()))
    nobody = asked(workspace, wearer=False)
    bare = workspace.layer().child(Change(add=nobody.facts()))
    assert cold.objects(request.iri, WW.temperature) == [literal(4.0)]
    assert plain.objects(request.iri, WW.temperature) == [literal(8.0)]
    colder, same, other = (
        demand(layer, table, iri)
        for layer, iri in ((cold, request.iri), (plain, request.iri), (bare, nobody.iri))
    )
    assert colder is not None
    assert same is not None
    assert other is not None
    assert colder.least > same.least
    assert (same.least, same.most) == (other.least, other.most)


def test_what_is_never_worn_is_in_no_look_and_what_is_disliked_weighs(
    workspace: Workspace,
) -> None:
    request = asked(workspace)
    before = looks(workspace, dressing(workspace, Profile(name="Ines")), request)[0]
    gone = next(item for item in before if item.value.startswith(ID["mine/w"].value))
    layer = dressing(workspace, Profile(never=(gone,)))
    assert rules_on(layer, request, gone) == {"never-worn-by-the-wearer"}
    assert all(gone not in items for items in looks(workspace, layer, request))
    layer = dressing(workspace, Profile(dislikes=(WW["colour-navy"],)))
    found = recommend(layer, request, workspace.resources)
    for look in found.looks:
        navy = {i for i in look.items if WW["colour-navy"] in layer.objects(i, WW.hasColour)}
        against = {
            term.about[0]
            for term in look.terms
            if term.source is not None and term.source.value.endswith("disliked-by-the-wearer")
        }
        assert against == navy


def test_what_one_wearer_says_is_nothing_to_another(workspace: Workspace) -> None:
    said = Profile(never=(ID["mine/w16"],), sizes={WW["slot-top"]: ["XL"]}, warmth=9.0)
    layer = dressing(workspace, said)
    nobody = asked(workspace, wearer=False)
    assert looks(workspace, layer, nobody) == looks(workspace, workspace.layer(), nobody)


def test_nothing_is_inferred_of_a_wearer_from_the_department_of_their_clothes(
    workspace: Workspace,
) -> None:
    layer = dressing(workspace, Profile(name="Ines"))
    said = {fact.predicate for fact in layer.match(INES, None, None)}
    assert said <= {TYPE, WW.statedClass, SCHEMA.name}
    request = asked(workspace)
    everyone = looks(workspace, workspace.layer(), asked(workspace, wearer=False))
    assert looks(workspace, layer, request) == everyone


def test_a_profile_is_read_back_as_it_was_said(workspace: Workspace) -> None:
    said = Profile(
        name="Ines",
        sizes={WW["slot-feet"]: ("38", "39"), WW["slot-top"]: ("M",)},
        covered=(WW["body-part-arms"],),
        warmth=-2.5,
        hemisphere=WW["hemisphere-south"],
        dislikes=(WW["colour-yellow"],),
        never=(WW["material-leather"],),
    )
    assert read_profile(dressing(workspace, said), INES) == said


def test_the_shapes_hold_what_is_said_of_a_wearer_to_account(workspace: Workspace) -> None:
    folder = workspace.bundle.folder
    good = dressing(workspace, Profile(name="Ines", sizes={WW["slot-top"]: ["M"]}, warmth=2.0))
    assert [one for one in validate(good, folder) if one.focus == INES] == []
    bad = good.child(Change(add=(Fact(INES, WW.keepsCovered, WW["colour-red"]),)))
    bad = bad.child(Change(add=(Fact(INES, WW.warmthOffset, literal(40.0)),)))
    paths = {one.path for one in validate(bad, folder) if one.focus == INES}
    assert {WW.warmthOffset, WW.keepsCovered} <= paths


def test_the_verb_says_shows_replaces_and_forgets(place: Path) -> None:
    ran = run(place, "wearer", "ines", "--size", "top=M", "--warmth-offset", "-3", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["added"] > 0
    run(place, "wearer", "ines", "--size", "top=L,XL", "--cover", "arms")
    shown = run(place, "wearer", "ines", "--json").document["wearers"][0]
    assert shown["sizes"] == {WW["slot-top"].value: ["L", "XL"]}
    assert shown["warmth_offset"] == -3.0
    assert shown["covers"] == [WW["body-part-arms"].value]
    assert "遮盖" in run(place, "--lang", "zh", "wearer", "ines").out
    ran = run(place, "wearer", "ines", "--forget")
    assert ran.code == 0, ran.err
    assert run(place, "wearer", "--json").document == {"wearers": []}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("wearer", "ines", "--size", "M"), "WW-WEARER-SIZE"),
        (("wearer", "ines", "--size", "topp=M"), "WW-CONCEPT-UNKNOWN"),
        (("wearer", "ines", "--warmth-offset", "40"), "WW-WEARER-WARMTH"),
        (("wearer", "--size", "top=M"), "WW-WEARER-WHO"),
        (("wearer", "??", "--size", "top=M"), "WW-WEARER-NAME"),
        (("wearer", "ines"), "WW-WEARER-UNKNOWN"),
        (("recommend", "--wearer", "ines", "--occasion", "office"), "WW-WEARER-UNKNOWN"),
    ],
)
def test_a_slip_is_told_with_its_code(place: Path, words: tuple[str, ...], code: str) -> None:
    ran = run(place, *words, "--json")
    assert ran.code == 2
    assert ran.document["error"]["code"] == code


@pytest.mark.parametrize(
    ("verb", "strength", "kind"),
    [("like", 0.8, None), ("dislike", -0.8, None), ("view", 0.5, "view"), ("skip", -0.6, "skip")],
)
def test_an_opinion_is_as_strong_as_its_kind_declares(
    place: Path, verb: str, strength: float, kind: str | None
) -> None:
    assert run(place, verb, "navy", "--date", "2026-11-20").code == 0
    layer = Workspace.open(place).layer()
    (opinion,) = named(layer.subjects(TYPE, WW.Opinion))
    assert layer.objects(opinion, WW.strength) == [literal(strength)]
    assert layer.objects(opinion, WW.givenAs) == ([WW[f"opinion-{kind}"]] if kind else [])
    (today,) = taste.opinions(layer, date(2026, 11, 20), None, 90.0)
    (later,) = taste.opinions(layer, date(2027, 2, 18), None, 90.0)
    assert today.weight == pytest.approx(strength)
    assert later.weight == pytest.approx(strength / 2)


def test_an_opinion_of_one_wearer_counts_for_them_alone(place: Path) -> None:
    assert run(place, "wearer", "ines", "--name", "Ines").code == 0
    assert run(place, "like", "navy", "--date", "2026-11-20", "--wearer", "ines").code == 0
    layer = Workspace.open(place).layer()
    own = taste.opinions(layer, DAY, INES, 90.0)
    assert [one.about for one in own] == [WW["colour-navy"]]
    assert taste.opinions(layer, DAY, ID["wearer/paul"], 90.0) == ()


def test_what_nobody_can_be_dressed_in_is_told_with_the_rule(workspace: Workspace) -> None:
    layer = dressing(workspace, Profile(never=(WW.Footwear,)))
    with pytest.raises(NoAnswer) as refused:
        recommend(layer, asked(workspace), workspace.resources)
    assert "the wearer never wears it" in refused.value.note


def test_arrays_and_the_layer_of_a_look_say_the_same_of_a_wearer(workspace: Workspace) -> None:
    said = Profile(
        sizes={WW["slot-top"]: ["M", "38"]},
        covered=(WW["body-part-arms"],),
        warmth=-3.0,
        dislikes=(WW["colour-navy"], WW["material-leather"]),
    )
    found = recommend(dressing(workspace, said), asked(workspace), workspace.resources)
    for look in found.looks:
        layer = look_layer(found.layer, look)
        own = {term.key: term.value for term in explain_terms(layer, look, workspace.resources)}
        assert own == pytest.approx({term.key: term.value for term in look.terms}, abs=1e-9)
        against = [term for term in look.terms if "disliked" in str(term.source)]
        assert all(term.value < 0 for term in against)


def test_how_warm_it_feels_is_proved_from_the_thermometer_and_the_wearers_word(
    workspace: Workspace,
) -> None:
    request = asked(workspace)
    layer = dressing(workspace, Profile(warmth=-3.0)).child(Change(add=request.facts()))
    proof = why_fact(layer, Fact(request.iri, WW.weather, WW["weather-cold"]))
    cited = {node.statement for node in proof.nodes.values() if node.needed is not None}
    assert Fact(request.iri, WW.airTemperature, literal(8.0)) in cited
    assert Fact(INES, WW.warmthOffset, literal(-3.0)) in cited
