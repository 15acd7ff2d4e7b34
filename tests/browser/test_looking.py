"""Looks in a browser: asked for, locked, explained level by level, drawn; and why not another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.visit_given import ASKED, Visiting

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)


def test_who_says_nothing_yet_sees_what_to_wear_today_and_why(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/looks")
    page = visit.page
    expect(page.get_by_role("heading", name="For today")).to_be_visible()
    assert page.locator("article.look").count() >= 1
    because = page.locator("article.look .because").first
    assert len(because.inner_text()) > 10
    box = because.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900, "what to wear and why is seen without scrolling"
    visit.require_calm()


def _pieces(page: Page, look: int) -> list[str]:
    return page.locator(f"article.look:nth-of-type({look}) .piece-name a").all_inner_texts()


def test_three_looks_stand_side_by_side_with_pictures_bars_and_reasons(
    visiting: Visiting, tmp_path: Path
) -> None:
    visit = visiting()
    visit.go("/page/looks")
    page = visit.page
    page.get_by_label("Occasion").select_option(label="office")
    page.get_by_label("Temperature").fill("8")
    page.get_by_role("button", name="Find looks").click()
    page.wait_for_url("**go=1**")
    expect(page.locator("article.look")).to_have_count(3)
    visit.rest()
    assert visit.said() == "3 looks."
    boxes = [box for box in (e.bounding_box() for e in page.locator("article.look").all()) if box]
    assert len({round(box["y"]) for box in boxes}) == 1
    assert len({round(box["x"]) for box in boxes}) == 3
    figures = page.locator(".look-picture img")
    assert all(i.evaluate("e => e.naturalWidth > 0") for i in figures.all())
    assert all(figures.nth(n).get_attribute("alt") for n in range(3))
    for n in range(3):
        look = page.locator("article.look").nth(n)
        assert look.locator(".reasons li").count() >= 1
        assert look.locator(".bars tbody tr").count() >= 4
        assert re.fullmatch(r"[+−]\d+\.\d\d", look.locator(".score").inner_text().split()[-1])
    assert "go=1" in page.url
    visit.picture(tmp_path, "looks")
    visit.require_calm()


def test_what_is_locked_stands_in_every_look_and_what_is_left_out_in_none(
    visiting: Visiting, tmp_path: Path
) -> None:
    visit = visiting()
    visit.go(ASKED)
    page = visit.page
    third = _pieces(page, 3)[-1]
    page.locator("article.look:nth-of-type(3) .lock input").last.check()
    page.get_by_role("button", name="Again, with what is locked").click()
    expect(page.locator(".chip.kept")).to_have_text(f"With {third}")
    assert all(third in _pieces(page, n) for n in (1, 2, 3))
    gone = _pieces(page, 1)[0]
    page.get_by_role("button", name=f"Leave out: {gone}").first.click()
    expect(page.get_by_label(f"Without {gone}")).to_be_checked()
    found = [_pieces(page, n + 1) for n in range(page.locator("article.look").count())]
    assert found
    assert all(third in pieces and gone not in pieces for pieces in found)
    visit.picture(tmp_path, "locked")
    visit.require_calm()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripted", "plain"])
def test_a_locked_piece_is_let_go_where_it_was_locked_once(
    visiting: Visiting, *, scripts: bool
) -> None:
    visit = visiting(scripts=scripts)
    visit.go(ASKED)
    page = visit.page
    again = page.get_by_role("button", name="Again, with what is locked")
    chip = page.locator(".chip.kept input")
    page.locator("article.look:nth-of-type(1) .lock input").first.check()
    for _ in range(2):
        again.click()
        expect(chip).to_be_checked()
        page.wait_for_url("**lock=**")
        assert page.url.count("lock=") == 1
        expect(page.locator(".lock.held")).to_have_count(3)
    page.locator("article.look:nth-of-type(3) .lock.held").click()
    expect(chip).not_to_be_checked()
    if scripts:
        expect(page.locator(".lock.held")).to_have_count(0)
    again.click()
    expect(chip).to_have_count(0)
    expect(page.locator("article.look")).to_have_count(3)
    assert "lock=" not in page.url
    visit.require_calm()


def test_a_piece_is_locked_in_every_look_that_holds_it(visiting: Visiting) -> None:
    visit = visiting()
    visit.go(ASKED)
    page = visit.page
    boxes = page.locator(".lock input")
    values = [box.get_attribute("value") or "" for box in boxes.all()]
    twice = next(one for one in values if values.count(one) > 1)
    same = page.locator(f'.lock input[value="{twice}"]')
    same.last.check()
    expect(same.first).to_be_checked()
    page.get_by_role("button", name="Again, with what is locked").click()
    expect(page.locator(".chip.kept input")).to_be_checked()
    assert page.url.count("lock=") == 1
    visit.require_calm()


def test_other_looks_are_others(visiting: Visiting) -> None:
    visit = visiting()
    visit.go(ASKED)
    before = [_pieces(visit.page, n) for n in (1, 2, 3)]
    for _ in range(3):
        seed = visit.page.get_by_role("button", name="Other looks").get_attribute("value")
        visit.page.get_by_role("button", name="Other looks").click()
        first = visit.page.locator("[name=seed]").first
        expect(first).not_to_have_js_property("value", seed)
        after = [_pieces(visit.page, n) for n in (1, 2, 3)]
        if after != before:
            break
    assert after != before
    visit.require_calm()


def test_why_opens_level_by_level_and_is_drawn(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go(ASKED)
    page = visit.page
    page.get_by_role("link", name="Why this look 1").click()
    expect(page.get_by_role("heading", name="Why this look")).to_be_visible()
    assert page.locator(".tree ul.tree-more").count() == 0  # nothing is there before it is opened
    second = page.locator("no such thing yet")
    for first in page.locator(".tree > li > details").all()[:6]:
        with page.expect_response(re.compile(r"/nodes/")):
            first.locator("summary").first.click()
        expect(first.locator("ul.tree-more").first).to_be_visible()
        second = first.locator("ul.tree-more details").first
        if second.count():  # some terms rest on what was said, and there is nothing below that
            break
    expect(second).to_be_visible()
    with page.expect_response(re.compile(r"/nodes/")):
        second.locator("summary").first.click()
    expect(second.locator("ul.tree-more li").first).to_be_visible()
    assert page.locator(".tree .kind").count() > 3
    page.get_by_label("What is drawn").select_option(index=1)
    page.get_by_role("button", name="Draw it").click()
    drawing = page.locator("#drawing img")
    expect(drawing).to_be_visible()
    expect(drawing).not_to_have_js_property("naturalWidth", 0)
    assert drawing.evaluate("image => image.naturalWidth") > 400
    visit.picture(tmp_path, "why")
    visit.require_calm()


def test_the_largest_term_is_drawn_first_and_it_is_told_that_it_is_being_drawn(
    visiting: Visiting,
) -> None:
    visit = visiting()
    visit.go(ASKED)
    page = visit.page
    page.get_by_role("link", name="Why this look 1").click()
    what = page.get_by_label("What is drawn")
    chosen = what.evaluate("e => e.selectedOptions[0].textContent")
    told = [
        float(one.replace("−", "-").split()[0])
        for one in what.locator("option").all_inner_texts()[:-1]
    ]
    assert float(chosen.replace("−", "-").split()[0]) == max(told, key=abs)
    held: list[Route] = []
    page.route("**/graph.svg**", lambda route: held.append(route))  # noqa: PLW0108  # it marks it
    page.get_by_role("button", name="Draw it").click()
    line = page.locator("#drawing [data-drawing]")
    expect(line).to_be_visible()
    expect(page.locator("#drawing .graph")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    expect(line).to_be_hidden()
    expect(page.locator("#drawing [aria-busy]")).to_have_count(0)
    expect(page.locator("#drawing img")).not_to_have_js_property("naturalWidth", 0)
    visit.require_calm()


def test_the_terms_that_are_shown_add_up_to_the_score(visiting: Visiting) -> None:
    visit = visiting()
    visit.go(ASKED)
    visit.page.get_by_role("link", name="Why this look 1").click()
    visit.page.locator("details.more > summary").click()
    told = visit.page.locator(".tree > li > details > summary .node-value").all_inner_texts()
    values = [float(text.replace("−", "-")) for text in told]
    score = visit.page.locator(".score").inner_text().split()[-1]
    assert len(values) > 20
    assert sum(values) == pytest.approx(
        float(score.replace("−", "-")), abs=0.005 + 0.0005 * len(values)
    )


def test_why_not_says_what_forbids_and_the_smallest_change(
    visiting: Visiting, tmp_path: Path
) -> None:
    visit = visiting()
    visit.go(ASKED)
    page = visit.page
    page.locator("#not-item").select_option(label="Grey running shoes")
    page.get_by_role("button", name="Ask why not").click()
    answer = page.locator("#whynot")
    expect(answer.get_by_role("heading", name="Why not: Grey running shoes")).to_be_visible()
    expect(answer.get_by_role("heading", name="What forbids it")).to_be_visible()
    assert answer.locator("details").count() >= 1
    assert "Grey running shoes" in answer.locator(".reasons").last.inner_text()
    visit.picture(tmp_path, "why-not")
    visit.require_calm()


def test_what_is_known_of_an_item_leads_to_its_proof(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/items/w03")
    page = visit.page
    page.get_by_text("What follows from it").click()
    page.locator("a.value.kind-derived").first.click()
    expect(page.get_by_role("heading", name="Why it holds")).to_be_visible()
    assert page.locator(".tree .kind").count() >= 2
    visit.require_calm()


def test_without_scripts_looks_are_found_and_explained(visiting: Visiting) -> None:
    visit = visiting(scripts=False)
    visit.go("/page/looks")
    page = visit.page
    page.get_by_label("Occasion").select_option(label="office")
    page.get_by_role("button", name="Find looks").click()
    page.wait_for_url("**go=1**")
    expect(page.locator("article.look")).to_have_count(3)
    page.get_by_role("link", name="Why this look 2").click()
    page.locator(".tree > li > details > summary").nth(1).click()
    page.get_by_role("link", name="What it rests on").first.click()
    expect(page.get_by_role("heading", name="What it rests on")).to_be_visible()
    assert page.locator("#premises .kind").count() >= 1


def test_a_day_without_a_fitting_look_says_what_is_lacking(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/looks?go=1&degrees=99")
    expect(visit.page.get_by_role("alert")).to_contain_text("99")
    assert visit.page.locator(".code").inner_text().startswith("WW-")
