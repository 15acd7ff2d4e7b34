"""Why an item is not among what completes an outfit: each answer is one that can be checked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from wearwhy.explain.naming import names
from wearwhy.explain.sentences import read
from wearwhy.outfit.complete import complete
from wearwhy.outfit.filters import Filters
from wearwhy.outfit.request import Request
from wearwhy.rdf import ID, SCHEMA, WW, NamedNode
from wearwhy.settings import assets
from wearwhy.walk.graph import as_number
from wearwhy.workspace import Workspace, whynot
from wearwhy.workspace.answering import Fitting
from wearwhy.workspace.asking import Wishes, parse_day
from wearwhy.workspace.changes import Case, steps
from wearwhy.workspace.counterfactual import smallest
from wearwhy.workspace.whynot import WhyNot
from wearwhy.workspace.whynot_fit import why_not_fit

DATA = Path(__file__).parents[2] / "data"
ROWS = (1, 2, 3, 8, 13, 14, 20, 26, 27, 33, 34, 40, 41, 46, 47, 48, 54)
TEMPLATES = read(assets() / "kg" / "sentences.toml")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A wardrobe of a few items, and a shop of twelve."""
    folder = tmp_path_factory.mktemp("fit")
    found = Workspace.init(folder / "W")
    for name, rows, mapping, into in (
        ("wardrobe", ROWS, "wardrobe", "wardrobe:mine"),
        ("catalogue", range(1, 13), "catalogue", "catalogue:shop"),
    ):
        head, *lines = (DATA / f"{name}.csv").read_text("utf-8").splitlines()
        table = folder / f"{name}.csv"
        table.write_text("\n".join([head, *(lines[n - 1] for n in rows)]) + "\n", "utf-8")
        found.load(table, mapping, into)
    return found


def of_slot(space: Workspace, slot: str) -> list[NamedNode]:
    """The owned items that fill a slot, sorted."""
    index = space.resources.index(space.layer())
    wanted = WW[f"slot-{slot}"]
    return [i for n, i in enumerate(index.items) if index.owned[n] and wanted in index.places[n]]


def asked(space: Workspace, item: NamedNode, slot: str | None, n: int, **more: object) -> WhyNot:
    top = of_slot(space, "top")[0]
    wishes = Wishes(lock=(top.value,), n=n, **more)  # type: ignore[arg-type]
    return why_not_fit(
        space, item.value, wishes, slot, None, templates=TEMPLATES, lang="en", trials=60
    )


def rules_told(found: WhyNot) -> set[str]:
    roots = [one.nodes[one.root] for one in found.blocked]
    return {r.rule.value.rpartition("#")[2] for r in roots if isinstance(r.rule, NamedNode)}


def test_an_item_that_is_shown_is_admitted(space: Workspace) -> None:
    top = of_slot(space, "top")[0]
    _, found = complete(space.layer(), Request(locked=(top,)), space.resources, n=50)
    for those in found.values():
        for one in those[:1]:
            assert asked(space, one.item, None, 50).admitted


def test_an_item_of_another_slot_is_told_which_slots_it_fills_and_no_change_is_sought(
    space: Workspace,
) -> None:
    found = asked(space, of_slot(space, "feet")[0], "bottom", 3)
    assert rules_told(found) == {"told-other-slot"}
    proved = {n.statement for n in found.nodes.values() if n.statement}
    assert any(fact.predicate == WW.slot for fact in proved)
    assert found.searched is None


def test_what_is_given_and_what_has_no_room_are_told_apart(space: Workspace) -> None:
    first, second = of_slot(space, "top")[:2]
    assert rules_told(asked(space, first, None, 3)) == {"told-given"}
    assert rules_told(asked(space, second, None, 3)) == {"told-full"}


def test_an_item_that_lost_names_the_terms_and_its_place_among_all_that_fit(
    space: Workspace,
) -> None:
    top = of_slot(space, "top")[0]
    _, found = complete(
        space.layer(), Request(locked=(top,)), space.resources, slot=WW["slot-feet"], n=50
    )
    (those,) = found.values()
    assert len(those) > 1
    last = those[-1]
    told = asked(space, last.item, "feet", 1)
    assert not told.blocked
    assert told.rank == (len(those), len(those))
    gap = those[0].look.score - last.look.score
    lost = sum(one.against - one.value for one in told.lost_by)
    assert lost >= gap - 1e-9
    assert f"{gap:.3f}" in told.note
    assert all(one.evidence in told.nodes for one in told.lost_by)


def test_the_change_that_is_told_lets_the_item_in(space: Workspace) -> None:
    top = of_slot(space, "top")[0]
    _, found = complete(
        space.layer(), Request(locked=(top,)), space.resources, slot=WW["slot-feet"], n=50
    )
    (those,) = found.values()
    told = asked(space, those[1].item, "feet", 1)
    assert told.searched is not None
    change = told.searched.smallest
    assert change is not None
    assert change.cost == 2.0  # Leaving out the one before it, or locking in what suits it.
    assert any(those[1].item in look.items for look in change.looks)


@pytest.mark.parametrize(
    ("filters", "told", "known"),
    [
        (Filters(max_price=1.0), "told-filter-max-price", SCHEMA.price),
        (Filters(brands=("Nobody",)), "told-filter-brand", SCHEMA.brand),
        (Filters(sizes=("XXXXL",)), "told-filter-size", SCHEMA["size"]),
    ],
)
def test_a_filter_that_refuses_an_item_cites_the_fact_and_relaxing_it_is_the_change(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, filters: Filters, told: str, known: NamedNode
) -> None:
    layer = space.layer()
    index = space.resources.index(layer)
    item = next(
        i
        for n, i in enumerate(index.items)
        if index.catalogues[n] and index.places[n] == (WW["slot-bottom"],)
    )
    _filtered(monkeypatch, space, filters)
    found = asked(space, item, "bottom", 50, source="catalogue:shop")
    assert rules_told(found) == {told}
    assert any(n.statement and n.statement.predicate == known for n in found.nodes.values())
    assert found.searched is not None
    assert found.searched.smallest is not None
    (change,) = found.searched.smallest.changes
    assert change.kind == WW["change-filter"]
    if known == SCHEMA.price:
        assert as_number(change.after) == as_number(layer.value(item, SCHEMA.price))
    for lang in ("en", "zh"):
        lines = whynot.blocked_lines(found, names(layer, None, TEMPLATES, lang), TEMPLATES)
        assert "{" not in "".join(lines)


def _filtered(patch: pytest.MonkeyPatch, space: Workspace, filters: Filters) -> None:
    """Let the workspace ask with some filters, whatever is wished."""
    whole = space.ask

    def ask(wishes: Wishes, name: str | None = None) -> object:
        found = whole(wishes, name)
        return replace(found, requests=tuple(replace(r, filters=filters) for r in found.requests))

    patch.setattr(space, "ask", ask)


def test_an_item_that_is_not_drawn_on_is_let_in_by_drawing_on_more(space: Workspace) -> None:
    index = space.resources.index(space.layer())
    item = next(
        i
        for n, i in enumerate(index.items)
        if index.catalogues[n] and index.places[n] == (WW["slot-bottom"],)
    )
    found = asked(space, item, "bottom", 50)
    assert rules_told(found) == {"told-source"}
    assert found.searched is not None
    assert found.searched.smallest is not None
    (change,) = found.searched.smallest.changes
    assert change.kind == WW["change-source"]


def test_a_rule_that_forbids_the_item_with_what_is_given_is_proved(space: Workspace) -> None:
    layer, resources = space.layer(), space.resources
    index = resources.index(layer)
    wishes = Wishes(
        occasions=("funeral",), on=parse_day("2026-11-24"), lock=(of_slot(space, "top")[0].value,)
    )
    request = space.ask(wishes).requests[0]
    _, found = complete(layer, request, resources, n=50)
    fits = {one.item for those in found.values() for one in those}
    for item in index.items:
        slots = set(index.places[index.at[item]])
        if index.owned[index.at[item]] and slots & set(found) and item not in fits:
            told = why_not_fit(
                space, item.value, replace(wishes, n=50), None, None,
                templates=TEMPLATES, lang="en", trials=1,
            )  # fmt: skip
            if told.blocked:
                facts = [one.nodes[one.root].statement for one in told.blocked]
                assert all(fact and fact.predicate == WW.violates for fact in facts)
                return
    pytest.fail("a funeral forbids nothing of this wardrobe")


def test_what_is_given_may_be_left_out_for_an_item_in_its_place(space: Workspace) -> None:
    top, other = of_slot(space, "top")[:2]
    shoes = of_slot(space, "feet")[0]
    layer = space.layer()
    request = Request(locked=(top, shoes))
    case = Case(
        layer, request, other, (), (), ID["wardrobe/mine"], space.resources, space.names,
        answer=Fitting(None, 50),
    )  # fmt: skip
    among = [s for s in steps(case) if s.statement and s.statement.predicate == WW.locks]
    assert {step.before for step in among} == {top, shoes}
    found = smallest(case, among=among).smallest
    assert found is not None
    assert [step.before for step in found.changes] == [top]
