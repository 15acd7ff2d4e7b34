"""Kept answers: after any change, what is kept is what would be found anew."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from tests.shop_given import HOME, item
from tests.shop_given import facts as shop_facts

from wearwhy import Request, Workspace
from wearwhy.outfit.filters import Filters
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, XSD, Fact, Literal, literal
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.wearer.log import opinion_facts
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.outfits import completions

SHOP = graph_name("catalogue/shop", "asserted", "shop")
MINE = graph_name("wardrobe/mine", "asserted", "mine")
OTHER = graph_name("wardrobe/other", "asserted", "other")


def edit(*add: Quad, remove: tuple[Quad, ...] = (), scope: str = "catalogue/shop") -> Edit:
    return Edit(Patch(add, remove), "a change", scope)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = Workspace.init(tmp_path_factory.mktemp("answers") / "w")
    found = shop_facts(120, 40)
    owned = {f.subject for f in found if f.object == HOME}
    quads = [Quad(MINE if f.subject in owned else SHOP, f) for f in found]
    other = ID["other/1"]
    quads += [
        Quad(OTHER, Fact(other, TYPE, WW.Jeans)),
        Quad(OTHER, Fact(other, WW.inWardrobe, ID["wardrobe/other"])),
    ]
    made.apply(edit(*quads, scope="base"))
    return made


PLAIN = Wishes(lock=("000000", "000001"), source="catalogue:shop", on=date(2026, 11, 24))
CHEAP = Wishes(
    lock=("000000", "000001"),
    source="catalogue:shop",
    on=date(2026, 11, 24),
    filters=Filters(max_price=150.0),
)


def shown(workspace: Workspace, wishes: Wishes) -> list[tuple[str, str, float]]:
    found = completions(workspace, wishes, "feet", 5, "mine")
    assert found.revision == workspace.revision
    return [
        (slot.value, one.item.value, one.look.score)
        for slot, those in found.by_slot.items()
        for one in those
    ]


def anew(workspace: Workspace, wishes: Wishes) -> list[tuple[str, str, float]]:
    workspace.answers.forget()
    return shown(workspace, wishes)


def test_a_price_drops_what_asks_for_prices_and_nothing_else(workspace: Workspace) -> None:
    workspace.answers.forget()
    plain, cheap = shown(workspace, PLAIN), shown(workspace, CHEAP)
    assert len(workspace.answers) == 2
    best = next(name for _, name, _ in cheap)
    fact = Fact(type(item(0))(best), SCHEMA.price, Literal("999", datatype=XSD.decimal))
    old = [Quad(SHOP, f) for f in workspace.layer("mine").match(fact.subject, SCHEMA.price, None)]
    workspace.apply(edit(Quad(SHOP, fact), remove=tuple(old)))
    assert len(workspace.answers) == 1
    assert shown(workspace, PLAIN) == plain
    assert len(workspace.answers) == 1
    assert best not in {name for _, name, _ in shown(workspace, CHEAP)}
    workspace.undo()
    assert len(workspace.answers) == 1
    assert shown(workspace, CHEAP) == cheap


def test_another_wardrobe_drops_nothing_and_a_colour_drops_everything(
    workspace: Workspace,
) -> None:
    workspace.answers.forget()
    plain = shown(workspace, PLAIN)
    red = Fact(ID["other/1"], WW.colour, WW["colour-red"])
    workspace.apply(edit(Quad(OTHER, red), scope="wardrobe/other"))
    assert len(workspace.answers) == 1
    assert shown(workspace, PLAIN) == plain
    workspace.apply(edit(Quad(SHOP, Fact(item(2), WW.colour, WW["colour-red"]))))
    assert not len(workspace.answers)
    workspace.undo()


def test_looks_are_kept_too_and_another_model_is_asked_anew(workspace: Workspace) -> None:
    workspace.answers.forget()
    request = Request((WW["occasion-everyday"],), date(2026, 11, 24), source="both")
    found = workspace.suggest(request, "mine")
    assert workspace.suggest(request, "mine") is found
    del workspace.__dict__["resources"]
    again = workspace.suggest(request, "mine")
    assert again is not found
    assert [look.id for look in again.looks] == [look.id for look in found.looks]


@pytest.mark.parametrize("seed", range(2))
def test_after_random_changes_what_is_kept_is_what_would_be_found(
    workspace: Workspace, seed: int
) -> None:
    rng = random.Random(seed)
    workspace.answers.forget()
    for _ in range(3):
        this = item(rng.randrange(120))
        graph = rng.choice([SHOP, MINE])
        said = rng.choice(
            [
                [Fact(this, SCHEMA.inventoryLevel, literal(rng.randint(0, 9)))],
                [Fact(this, SCHEMA.description, Literal(f"words {rng.random()}"))],
                [Fact(this, SCHEMA.brand, Literal("Another"))],
                [Fact(this, WW.colour, WW["colour-olive"])],
                [Fact(this, TYPE, WW.Sandals)],
                list(opinion_facts(WW["colour-black"], 1.0, date(2026, 11, 1))),
                [
                    Fact(ID[f"outfit/new-{seed}-{rng.random()}"], p, o)
                    for p, o in ((TYPE, WW.Outfit), (WW.hasItem, this), (WW.hasItem, item(2)))
                ],
            ]
        )
        shown(workspace, PLAIN)
        shown(workspace, CHEAP)
        workspace.apply(edit(*(Quad(graph, fact) for fact in said)))
        kept = [shown(workspace, PLAIN), shown(workspace, CHEAP)]
        assert kept == [anew(workspace, PLAIN), anew(workspace, CHEAP)]


def test_the_answer_asked_for_longest_ago_goes_first(workspace: Workspace, tmp_path: Path) -> None:
    workspace.answers.forget()
    workspace.answers.most = 2
    for n in range(3):
        completions(workspace, PLAIN, "feet", 1 + n, "mine")
    assert len(workspace.answers) == 2
    workspace.answers.most = 512
