"""Every page: nothing from elsewhere, by keyboard, for a screen reader, small, dark, in Chinese."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.browser.visit_given import ASKED, PASSWORD, Visit, Visiting, calendar_of

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)
PAGES = {
    "looks": "/page/looks",
    "found": ASKED,
    "wardrobe": "/page/wardrobe",
    "item": "/page/items/w09",
    "add": "/page/add",
    "why-not": "/page/why-not?item=w33&occasion=ww:occasion-office&degrees=8",
    "complete": "/page/complete?given=w09&given=w26&occasion=ww:occasion-office&degrees=8",
    "week": "/page/week",
    "pack": "/page/pack?task=gone",
    "wearers": "/page/wearers",
    "keys": "/page/keys",
    "sharing": "/page/sharing",
    "guesses": "/page/guesses",
    "rules": "/page/rules",
    "topic": "/page/rules/colour",
    "ask": "/page/ask?name=suits-occasion",
    "history": "/page/history",
    "data": "/page/data",
    "proof": "/page/why?s=w09&p=ww:colour&o=ww:colour-charcoal",
    "sign-in": "/page/sign-in",
    "first": "/page/first-account",
    "wrong": "/page/items/no-such-thing",
    "none": "/page/no-such-page",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STYLES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "zh": {"locale": "zh-CN"},
    "phone": {"phone": True},
    "phone-dark-zh": {"phone": True, "color_scheme": "dark", "locale": "zh-CN"},
}


def _why(visit: Visit) -> str:
    visit.go(ASKED)
    path = visit.page.locator("article.look footer a").first.get_attribute("href")
    assert path is not None
    return path


@pytest.mark.parametrize("style", STYLES)
def test_every_page_is_whole_and_seen(visiting: Visiting, tmp_path: Path, style: str) -> None:
    visit = visiting(**STYLES[style])
    width = 390 if "phone" in style else 1280
    for name, path in {**PAGES, "why": _why(visit)}.items():
        visit.go(path, rest=False)
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.locator("h1").count() == 1, name
        assert page.locator("main").count() == 1
        lang = "zh-Hans" if "zh" in style else "en"
        assert page.locator("html").get_attribute("lang") == lang
        visit.picture(tmp_path, f"{style}-{name}")
    wrong = [told for told in visit.wrong if "status of 404" not in told]  # of the page "wrong"
    assert wrong == []
    assert visit.elsewhere == []


@pytest.mark.parametrize("style", ["light", "dark", "phone"])
def test_axe_finds_no_fault(visiting: Visiting, style: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    # The tool writes itself into the page; what fades in is looked at once it is there.
    visit = visiting(bypass_csp=True, reduced_motion="reduce", **STYLES[style])
    found = []
    for name, path in {**PAGES, "why": _why(visit)}.items():
        visit.go(path, rest=False)
        told = axe.Axe().run(visit.page, options={"runOnly": RULES}).response
        found += [(name, one["id"], one["nodes"][0]["html"][:200]) for one in told["violations"]]
    assert found == []


def _preview(visit: Visit) -> None:
    """Look at a correction that lets a fact stand otherwise."""
    visit.go("/page/items/w09", rest=False)
    page = visit.page
    page.locator("#property-1").select_option(value="ww:suitsSeason")
    page.locator("#value-1").fill("winter")
    page.locator("#correct button.first").click()
    expect(page.locator("h4.shifted")).to_be_visible()
    expect(page.locator(".stood")).to_have_count(1)


def _calendar(visit: Visit) -> None:
    """Read a calendar for the days ahead, and plan them."""
    visit.go("/page/week", rest=False)
    page = visit.page
    first = date.fromisoformat(page.locator("#date").input_value())
    page.locator("#days").fill("1")
    page.locator("#degrees").fill("8")
    page.locator(".calendar summary").click()
    page.locator("#ics").set_input_files(
        {
            "name": "mine.ics",
            "mimeType": "text/calendar",
            "buffer": calendar_of((first, 9, 17, "Office"), (first, 7, 8, "Zumbafoo")),
        }
    )
    page.locator(".calendar button").click()
    expect(page.locator(".of-calendar")).to_contain_text("Zumbafoo")
    page.locator("#plan-form button.first").click()
    expect(page.locator(".planned .entries")).to_contain_text("Office")


def _key(visit: Visit) -> None:
    """Make a key for programs."""
    visit.go("/page/keys", rest=False)
    visit.page.locator("#label").fill("calendar on the kitchen wall")
    visit.page.locator("form[data-into='#keys'] button.first").click()
    expect(visit.page.locator(".secret")).to_be_visible()
    expect(visit.page.locator("#keys table")).to_be_visible()


def _drawing(visit: Visit) -> None:
    """Ask a question, and look at its answer as a graph."""
    visit.go("/page/ask?name=dressiest-per-slot", rest=False)
    visit.page.locator("#ask-form button.first").click()
    visit.page.locator("#t-graph").click()
    expect(visit.page.locator("#as-graph svg")).to_be_visible()


def _mistake(visit: Visit) -> None:
    """Say a value that there is none of."""
    visit.go("/page/items/w09", rest=False)
    visit.page.locator("#property-1").select_option(value="ww:material")
    visit.page.locator("#value-1").fill("wooll")
    visit.page.locator("#correct button.first").click()
    expect(visit.page.locator("#change .problem")).to_be_visible()


@pytest.mark.parametrize("style", ["light", "dark", "phone", "phone-dark-zh"])
def test_axe_finds_no_fault_in_what_comes_of_acting(visiting: Visiting, style: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    visit = visiting(bypass_csp=True, reduced_motion="reduce", **STYLES[style])
    found = []
    for act in (_preview, _calendar, _key, _drawing, _mistake):
        act(visit)
        if "phone" in style:
            assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390, act
        told = axe.Axe().run(visit.page, options={"runOnly": RULES}).response
        found += [(one["id"], one["nodes"][0]["html"][:200]) for one in told["violations"]]
    assert found == []


def test_by_keyboard_alone_looks_are_found_and_explained(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/looks")
    page = visit.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    _tab_to(visit, "occasion")
    page.keyboard.type("office")
    _tab_to(visit, "degrees")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    expect(page.locator("article.look")).to_have_count(3)
    # What was asked for is where the keyboard goes on.
    expect(page.locator("#looks")).to_be_focused()
    assert visit.said() == "3 looks."
    for _ in range(80):
        page.keyboard.press("Tab")
        text = page.evaluate("document.activeElement.innerText ?? ''")
        if text.startswith("Why this look"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Why this look")).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    page.keyboard.press("Enter")
    expect(page.locator("ul.tree-more li").first).to_be_visible()
    visit.require_calm()


def _tab_to(visit: Visit, name: str) -> None:
    for _ in range(60):
        if visit.page.evaluate("document.activeElement.id") == name:
            return
        visit.page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach '{name}'")


def test_what_has_the_focus_is_seen_to_have_it(visiting: Visiting) -> None:
    visit = visiting()
    visit.go(ASKED)
    unseen = []
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        told = visit.page.evaluate(
            """() => { const e = document.activeElement;
            const shown = [e, e.parentElement, e.closest('.lock, .editor')].some(
              one => one && getComputedStyle(one).outlineStyle !== 'none');
            return shown ? '' : e.outerHTML.slice(0, 120); }"""
        )
        if told:
            unseen.append(told)
    assert unseen == []


def test_light_and_dark_can_be_chosen_and_stay(visiting: Visiting) -> None:
    visit = visiting(color_scheme="light")
    visit.go("/page/wardrobe")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = visit.page.evaluate(ground)
    visit.page.get_by_role("link", name="Dark", exact=True).click()
    dark = visit.page.evaluate(ground)
    assert dark != light
    visit.go("/page/history")
    assert visit.page.evaluate(ground) == dark
    visit.page.get_by_role("link", name="As the device").click()
    assert visit.page.evaluate(ground) == light
    visit.require_calm()


def test_the_language_can_be_chosen_and_stays(visiting: Visiting) -> None:
    visit = visiting()
    visit.go(ASKED)
    visit.page.get_by_role("link", name="中文").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("今天穿什么")
    expect(visit.page.locator("article.look")).to_have_count(3)  # the question is kept
    visit.go("/page/wardrobe")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("衣橱")
    visit.page.get_by_role("link", name="English").click()
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Wardrobe")


def test_who_is_not_signed_in_is_sent_there_and_back(visiting: Visiting) -> None:
    visit = visiting(known=False)
    visit.go("/page/rules/colour")
    page = visit.page
    assert "/page/sign-in?next=" in page.url
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("WW-ACCESS-PASSWORD")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("colour")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    visit.go("/page/wardrobe")
    assert "/page/sign-in" in page.url
    assert visit.elsewhere == []


def test_a_form_without_its_token_changes_nothing(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/items/w09")
    page = visit.page
    page.evaluate("document.querySelectorAll('[name=csrf]').forEach(e => { e.value = 'x'; })")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Washed").click()
    expect(page.locator(".code")).to_have_text("WW-ACCESS-CSRF")
    assert all("403" in told for told in visit.wrong)


def test_every_form_that_changes_something_carries_the_token(visiting: Visiting) -> None:
    visit = visiting()
    for path in (*PAGES.values(), _why(visit)):
        visit.go(path, rest=False)
        without = visit.page.evaluate(
            """() => [...document.querySelectorAll('form[method=post]')]
            .filter(f => !f.elements.csrf && !f.elements.password)
            .map(f => f.action)"""
        )
        assert without == [], path


def test_nothing_inline_could_run_and_no_page_is_framed_or_kept(visiting: Visiting) -> None:
    visit = visiting()
    for path in PAGES.values():
        answer = visit.page.goto(visit.address + path)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        text = answer.text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|\bon\w+=\"|\bstyle=\"|javascript:", text), (
            path
        )


def test_a_long_name_goes_on_in_the_next_line(visiting: Visiting) -> None:
    visit = visiting(phone=True)
    for path in ("/page/wardrobe", "/page/items/w09", ASKED, "/page/complete?given=w09"):
        visit.go(path, rest=False)
        wide = visit.page.evaluate(
            """() => { for (const e of document.querySelectorAll(
              'h1, .tile-name, .piece-name a, .fit-name a, .chip span, .because, dd a'))
              e.textContent = 'Donaudampfschifffahrtsgesellschaft'.repeat(4);
            return document.documentElement.scrollWidth; }"""
        )
        assert wide <= 390, path


def test_on_paper_looks_are_light_and_without_what_cannot_be_pressed(visiting: Visiting) -> None:
    visit = visiting(color_scheme="dark")
    visit.page.emulate_media(media="print", color_scheme="dark")
    visit.go(ASKED)
    page = visit.page
    for gone in (".top", ".panel", ".piece-do", "article.look button", ".ask-not"):
        expect(page.locator(gone).first).to_be_hidden()
    for seen in ("article.look", ".reasons li", ".look-picture img"):
        expect(page.locator(seen).first).to_be_visible()
    ink = page.evaluate("getComputedStyle(document.querySelector('.because')).color")
    assert max(int(part) for part in re.findall(r"\d+", ink)[:3]) < 90
    visit.require_calm()
