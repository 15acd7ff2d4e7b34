"""A week, a bag and a gap: what was planned holds, day by day and look by look."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.api.cli_given import run

from wearwhy.errors import InputError, NoAnswer, UnknownName
from wearwhy.explain.sentences import read, reasons
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.cores import cores, widened
from wearwhy.outfit.look import look_layer
from wearwhy.outfit.span import rest
from wearwhy.outfit.standing import standing
from wearwhy.rdf import ID, RULE, WW, Fact, NamedNode
from wearwhy.rules.layer import Change
from wearwhy.walk.graph import as_date, named
from wearwhy.workspace import Workspace, planning
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.days import Days, asked, washing
from wearwhy.workspace.plandocs import gap_json, pack_json, week_json
from wearwhy.workspace.replay import replay

ROOT = Path(__file__).parents[2]
SENTENCES = read(ROOT / "kg" / "sentences.toml")
FIRST = date(2026, 11, 24)
OFFICE = Days(Wishes(occasions=("office",), on=FIRST, weather="8C"), count=4)
TRIP = Days(
    Wishes(),
    stated=("2026-11-24=office, dinner: 8C rain", "2026-11-25=hiking: 4C sun"),
)
ROWS = 90  # of the bundled catalogue: what is for sale here


@pytest.fixture(scope="module")
def workspace(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("plans") / "w"))
    lines = (ROOT / "data" / "catalogue.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "shop.csv").write_text("".join(lines[: ROWS + 1]), "utf-8")
    opened = Workspace.open(folder)
    opened.load(folder / "shop.csv", "catalogue", "catalogue:shop")
    return opened


@pytest.fixture(scope="module")
def week(workspace: Workspace) -> planning.Week:
    said = replace(OFFICE, lock=("w16",), exclude=("w24", "2026-11-25=w53"), wash=("2026-11-25",))
    return planning.week(workspace, said)


@pytest.fixture(scope="module")
def bag(workspace: Workspace) -> planning.Bag:
    return planning.pack(workspace, TRIP)


@pytest.fixture(scope="module")
def lack(workspace: Workspace) -> planning.Lack:
    wishes = Wishes(occasions=("office",), weather="8C", source="catalogue:shop")
    return planning.gap(workspace, Days(wishes), n=2)


def worn(week: planning.Week) -> list[tuple[date, frozenset[NamedNode]]]:
    return [
        (day.planned.asked.on, frozenset(i for look in day.planned.looks for i in look.items))
        for day in week.days
    ]


def test_nothing_is_worn_again_within_its_span(week: planning.Week) -> None:
    spans: dict[NamedNode, int] = {}
    for day in week.days:
        for look in day.planned.looks:
            spans |= rest(day.planned.layer, look)
    assert any(spans.values())
    days = worn(week)
    for n, (on, items) in enumerate(days):
        for later, others in days[n + 1 :]:
            for item in items & others:
                assert (later - on).days > spans[item], item


def test_what_the_log_says_was_worn_rests_in_the_plan_too(week: planning.Week) -> None:
    layer = week.layer
    for day in week.days:
        for look in day.planned.looks:
            for item, span in rest(layer, look).items():
                wears = [
                    on
                    for outfit in layer.subjects(WW.hasItem, item)
                    if (on := as_date(layer.value(outfit, WW.wornOn))) is not None
                ]
                on = day.planned.asked.on
                assert all((on - one).days > span for one in wears if one < on), item


def test_no_look_of_a_plan_is_forbidden_on_its_day(week: planning.Week) -> None:
    for day in week.days:
        for part, look in zip(day.planned.parts, day.planned.looks, strict=True):
            layer = look_layer(part.layer, look)
            subjects = [look.iri, *look.items, *named(layer.objects(look.iri, WW.hasPair))]
            told = {rule for one in subjects for rule in layer.objects(one, WW.violates)}
            assert not told


def test_what_was_worn_is_no_longer_fresh_and_a_wash_makes_it_so(week: planning.Week) -> None:
    fresh = WW["cleanliness-fresh"]
    first, second, third = (day.planned for day in week.days[:3])
    clean = {
        item
        for look in first.looks
        for item in look.items
        if first.layer.holds(Fact(item, WW.cleanliness, fresh))
        and rest(first.layer, look)[item] > 0
    }
    assert clean
    assert all(not second.layer.holds(Fact(item, WW.cleanliness, fresh)) for item in clean)
    assert second.washed
    assert set(second.washed) >= clean
    assert all(third.layer.holds(Fact(item, WW.cleanliness, fresh)) for item in second.washed)


def test_a_locked_item_is_worn_on_some_day_and_an_excluded_one_on_none(
    week: planning.Week,
) -> None:
    days = worn(week)
    assert any(ID["mine/w16"] in items for _, items in days)
    assert all(ID["mine/w24"] not in items for _, items in days)
    assert all(ID["mine/w53"] not in items for on, items in days if on == date(2026, 11, 25))


def test_each_day_is_explained_in_each_language_and_adds_up(week: planning.Week) -> None:
    document = week_json(week, SENTENCES, "en")
    looks = {look["id"]: look for look in document["looks"]}
    nodes = document["proof"]["nodes"]
    assert [day["date"] for day in document["days"]] == [f"2026-11-{n}" for n in range(24, 28)]
    for day in document["days"]:
        for name in day["looks"]:
            look = looks[name]
            assert look["reasons"]["en"]
            assert look["reasons"]["zh"]
            assert sum(t["value"] for t in look["terms"]) == pytest.approx(look["score"], abs=1e-9)
            assert all(term["evidence"] in nodes for term in look["terms"])
    assert all(premise in nodes for node in nodes.values() for premise in node["premises"])


def test_what_is_only_planned_counts_as_worn_by_nobody(
    week: planning.Week, workspace: Workspace
) -> None:
    last = week.days[-1].planned
    resources = standing(workspace.resources, workspace.resources.index(week.layer))
    for part, look in zip(last.parts, last.looks, strict=True):
        again = recommend(last.layer, replace(part.request, n=5), resources)
        assert look.items in [one.items for one in again.looks]
        assert not any(node in last.over.add for term in look.terms for node in term.via)


def test_a_day_without_shoes_is_told_and_the_other_is_dressed(workspace: Workspace) -> None:
    layer = workspace.layer()
    shoes = [i.value.rpartition("/")[2] for i in named(layer.subjects(WW.slot, WW["slot-feet"]))]
    own = [name for name in shoes if name.startswith("w")]
    said = replace(OFFICE, count=2, exclude=tuple(f"2026-11-24={name}" for name in own))
    found = planning.week(workspace, said)
    first, second = found.days
    assert first.planned.day is None
    assert first.planned.refused is not None
    assert "feet" in first.planned.refused.note
    assert second.looks
    assert found.undressed == [first]
    assert week_json(found, SENTENCES, "zh")["days"][0]["refused"]["code"] == "WW-LOOK-NONE"


def test_a_bag_dresses_every_day_with_what_is_in_it(bag: planning.Bag) -> None:
    taken = set(bag.packed.items)
    assert bag.packed.proved
    assert bag.packed.whole
    assert len(bag.days) == 2
    for day in bag.days:
        assert day.looks
        for look in day.planned.looks:
            assert set(look.items) <= taken
            assert not look.told


def test_no_smaller_part_of_a_bag_dresses_every_day(
    bag: planning.Bag, workspace: Workspace
) -> None:
    layer = workspace.layer()
    requests = [event for day in asked(workspace, TRIP) for event in day.events]
    index = workspace.resources.index(layer)

    def dresses(items: set[NamedNode]) -> bool:
        home = tuple(item for item in index.items if item not in items)
        try:
            found = [
                recommend(layer, replace(request, excluded=home, n=1), workspace.resources)
                for request in requests
            ]
        except NoAnswer:
            return False
        # A look that lacks the coat that the cold demands is told as a shortage.
        return not any(one.shortages for one in found)

    taken = set(bag.packed.items)
    assert dresses(taken)
    assert not any(dresses(taken - {item}) for item in taken)


def test_what_stays_home_has_a_reason_and_nothing_is_lost(
    bag: planning.Bag, workspace: Workspace
) -> None:
    index = workspace.resources.index(workspace.layer())
    owned = {item for n, item in enumerate(index.items) if index.owned[n]}
    left = {one.item: one for one in bag.packed.left}
    assert owned - set(bag.packed.items) == set(left)
    assert not set(left) & set(bag.packed.items)
    assert all((one.why == "forbidden") == (one.rule is not None) for one in left.values())
    document = pack_json(bag, SENTENCES, "en")
    assert document["size"] == len(document["items"]) == document["least"]
    assert {one["id"] for one in document["left_out"]} == {item.value for item in left}


@pytest.mark.slow
def test_no_reason_of_a_bag_speaks_of_what_stays_home(workspace: Workspace) -> None:
    said = Days(Wishes(occasions=("everyday",), on=FIRST, weather="8C"), count=2)
    found = planning.pack(workspace, said)
    taken = set(found.packed.items)
    home = {item.item for item in found.packed.left}
    kept = {
        term.term.source
        for day in found.days
        for look in day.looks
        for term in look.terms
        if {node for _, node in term.evidence.nodes[term.evidence.root].bindings} & home - taken
    }
    assert kept == {RULE["nothing-of-the-days-before"]}, "it counts all the same"
    at_home = [
        line
        for day in found.days
        for look in day.looks
        for line in reasons(replace(look, taken=None, kept={}), SENTENCES, "en")
    ]
    assert any(line.startswith("No repeats") for line in at_home)
    for day in found.days:
        for look in day.looks:
            again = replay(workspace, look.look.id)
            for one in (look, again):
                told = reasons(one, SENTENCES, "en")
                assert told
                assert not any(line.startswith("No repeats") for line in told)


def test_a_locked_item_is_packed_and_worn_and_an_excluded_one_stays_home(
    workspace: Workspace,
) -> None:
    said = replace(TRIP, stated=TRIP.stated[1:], lock=("w31",), exclude=("w53",))
    found = planning.pack(workspace, said)
    worn = {item for day in found.days for look in day.planned.looks for item in look.items}
    assert ID["mine/w31"] in worn
    assert ID["mine/w53"] not in found.packed.items
    assert ("excluded", ID["mine/w53"]) in [(one.why, one.item) for one in found.packed.left]


def test_an_item_unlocks_the_very_looks_that_were_told_once_it_is_owned(
    lack: planning.Lack, workspace: Workspace
) -> None:
    layer = workspace.layer()
    for offer in lack.gap.offers:
        bought = layer.child(Change(add=(Fact(offer.item, WW.inWardrobe, ID["wardrobe/mine"]),)))
        index = widened(workspace.resources.index(bought))
        for new in offer.new:
            found = cores(bought, new.request, index, workspace.resources)
            scores = {
                frozenset(found.items(n)): float(found.score[n])
                for n in range(len(found.members))
                if offer.item in found.items(n)
            }
            reached = [s for s in scores.values() if new.bar is None or s >= new.bar - 1e-9]
            assert len(reached) == new.count > 0
            for look in new.looks:
                assert scores[frozenset(look.items)] == pytest.approx(look.score, abs=1e-9)


def test_a_gap_is_told_best_first_with_looks_and_reasons(lack: planning.Lack) -> None:
    counts = [offer.count for offer in lack.gap.offers]
    assert counts == sorted(counts, reverse=True)
    assert 0 < lack.gap.counted <= lack.gap.catalogue <= ROWS
    document = gap_json(lack, SENTENCES, "en")
    looks = {look["id"]: look for look in document["looks"]}
    for offer in document["offers"]:
        assert offer["unlocks"] == sum(one["unlocks"] for one in offer["requests"])
        for one in offer["requests"]:
            for name in one["looks"]:
                assert offer["item"]["id"] in [item["id"] for item in looks[name]["items"]]
                assert looks[name]["reasons"]["zh"]


def test_an_item_that_is_excluded_is_not_proposed(
    lack: planning.Lack, workspace: Workspace
) -> None:
    best = lack.gap.offers[0].item
    wishes = Wishes(occasions=("office",), weather="8C", source="catalogue:shop")
    name = best.value.rpartition("/")[2]
    found = planning.gap(workspace, Days(wishes, exclude=(name,)), n=3)
    assert best not in [offer.item for offer in found.gap.offers]


def test_nothing_of_an_empty_shop_unlocks_anything(workspace: Workspace) -> None:
    with pytest.raises(NoAnswer) as refused:
        planning.gap(workspace, Days(Wishes(occasions=("office",), weather="8C")))
    assert refused.value.code == "WW-GAP-NONE"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Days(Wishes()), "WW-DAYS-FIRST"),
        (Days(Wishes(on=FIRST), count=40), "WW-DAYS-COUNT"),
        (Days(Wishes(), stated=("office",)), "WW-DAY-WORDS"),
        (Days(Wishes(on=FIRST), lock=("2027-01-01=w16",)), "WW-DAY-OUTSIDE"),
        (Days(Wishes(on=FIRST), wash=("someday",)), "WW-WASH-DAY"),
        (Days(Wishes(on=FIRST), lock=("w1666",)), "WW-ITEM-UNKNOWN"),
    ],
)
def test_days_that_make_no_sense_are_refused(workspace: Workspace, said: Days, code: str) -> None:
    with pytest.raises((InputError, UnknownName)) as refused:
        planning.week(workspace, said)
    assert refused.value.code == code


def test_a_weekday_of_washing_is_each_of_them_in_any_language() -> None:
    days = [date(2026, 11, n) for n in range(20, 30)]
    saturdays = {date(2026, 11, 21), date(2026, 11, 28)}
    assert washing(("Saturday",), days) == washing(("周六",), days) == saturdays


def test_the_reasons_of_a_day_are_made_from_its_own_evidence(week: planning.Week) -> None:
    for day in week.days:
        for look in day.looks:
            assert 1 <= len(reasons(look, SENTENCES, "en")) <= 6


def test_the_days_of_a_calendar_are_for_what_it_says_and_others_for_what_is_usual(
    workspace: Workspace,
) -> None:
    wishes = Wishes(
        on=date(2026, 11, 23),
        calendar=ROOT / "data" / "calendar.ics",
        weather=str(ROOT / "data" / "weather.csv"),
    )
    days = asked(workspace, Days(wishes, count=7, usual="home"))
    about = [{o for event in day.events for o in event.occasions} for day in days]
    assert about[0] == {WW["occasion-office"], WW["occasion-yoga"]}
    assert all(about)
    assert all(event.date == day.on for day in days for event in day.events)
    temperatures = {e.weather.temperature for day in days for e in day.events if e.weather}
    assert len(temperatures) == 7
    alone = asked(workspace, Days(replace(wishes, calendar=None), count=1, usual="home"))
    assert alone[0].events[0].occasions == (WW["occasion-home"],)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Pack ", "No fewer would do, by proof", "Left at home", "Wednesday 2026-11-25")),
        ("zh", ("带", "不能更少", "留在家中", "周三")),
    ],
)
def test_a_bag_is_told_in_words(place: Path, lang: str, words: tuple[str, ...]) -> None:
    ran = run(place, "--lang", lang, "pack", "--day", "2026-11-25=hiking: 4C sun")
    assert ran.code == 0, ran.err
    assert all(word in ran.out for word in words)
    assert "  • " in ran.out


def test_a_look_of_a_plan_is_asked_about_as_it_was_planned(place: Path) -> None:
    words = ("--date", "2026-11-24", "--days", "2", "--occasion", "office", "--weather", "8C")
    document = run(place, "week", *words, "--json").document
    second = document["looks"][-1]
    told = run(place, "why", second["id"], "--json").document
    assert told["root"] == second["id"]
    assert told["nodes"][told["root"]]["value"] == pytest.approx(second["score"], abs=1e-9)


@pytest.mark.parametrize(("said", "days"), [((), 1), (("--days", "2"), 2)])
def test_what_is_lacking_on_a_date_is_counted_for_that_day(
    prepared: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[str, ...], days: int
) -> None:
    asked: list[int | None] = []

    def counted(_: Workspace, meant: Days, *__: object, **___: object) -> None:
        asked.append(meant.count)
        raise NoAnswer("WW-GAP-NONE", "Nothing.")

    monkeypatch.setattr(planning, "gap", counted)
    run(prepared, "gap", "--from", "both", "--date", "2026-11-24", *said)
    assert asked == [days]
