"""Changes in a browser: seen before they are made, made as one revision, taken back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.visit_given import Visit, Visiting

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)
ICS = b"""BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
DTSTAMP:20261101T080000Z\r\nSUMMARY:Dinner with friends\r\nDTSTART:%s\r\nDTEND:%s\r\n\
END:VEVENT\r\nEND:VCALENDAR\r\n"""


def _revision(visit: Visit) -> int:
    visit.go("/page/history")
    return int(visit.page.locator(".history .number").first.inner_text())


def _take_back(visit: Visit) -> None:
    visit.go("/page/history")
    visit.page.get_by_role("button", name="Take back the newest change").click()
    visit.page.get_by_role("button", name="Save").click()
    expect(visit.page.locator(".done")).to_have_text("Taken back.")


def _say(page: Page, prop: str, value: str, n: int = 1) -> None:
    page.locator(f"#property-{n}").select_option(label=prop)
    page.locator(f"#value-{n}").fill(value)


def test_a_correction_is_seen_then_made_then_taken_back(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    before = _revision(visit)
    visit.go("/page/items/w09")
    page = visit.page
    _say(page, "colour", "green")
    page.get_by_role("button", name="See what it changes").click()
    change = page.locator("#change")
    expect(change.get_by_role("heading", name="What it would change")).to_be_visible()
    expect(change).to_contain_text("Charcoal merino turtleneck: colour green")
    expect(change).to_contain_text("Charcoal merino turtleneck: colour charcoal")
    assert visit.said() == "What it would change is shown."
    visit.picture(tmp_path, "correct")
    assert _revision(visit) == before  # nothing was made yet
    visit.go("/page/items/w09")
    _say(page, "colour", "green")
    page.get_by_role("button", name="See what it changes").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".done")).to_contain_text("Corrected.")
    expect(page.locator("dl.known").first).to_contain_text("green")
    assert _revision(visit) == before + 1
    _take_back(visit)
    visit.go("/page/items/w09")
    expect(page.locator("dl.known").first).to_contain_text("charcoal")
    visit.require_calm()


def test_an_item_is_added_and_taken_out(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/add")
    page = visit.page
    page.locator("#name").fill("Sea-green <b>shawl</b>")
    page.locator("#kind").select_option(label="scarf")
    _say(page, "colour", "teal")
    _say(page, "material", "silk", 2)
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("#change")).to_contain_text("Sea-green <b>shawl</b>: colour teal")
    visit.picture(tmp_path, "add")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sea-green <b>shawl</b>")
    visit.rest()
    assert page.locator(".item-picture img").evaluate("e => e.naturalWidth") > 0
    page.get_by_text("More", exact=True).click()
    page.get_by_role("button", name="Take it out").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".done")).to_contain_text("out of your wardrobe")
    visit.go("/page/wardrobe?text=shawl")
    expect(page.locator(".tile")).to_have_count(0)
    visit.require_calm()


def test_values_are_proposed_for_what_is_typed(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/add")
    page = visit.page
    page.locator("#property-1").select_option(label="material")
    page.locator("#value-1").focus()
    page.wait_for_selector("#values-of-value-1 option", state="attached")
    labels = page.locator("#values-of-value-1 option").evaluate_all("all => all.map(o => o.value)")
    assert "silk" in labels
    visit.require_calm()


def test_rules_are_checked_while_they_are_written(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/rules/colour")
    page = visit.page
    text = page.get_by_label("Text of the rules")
    expect(page.locator(".sound")).to_be_visible()
    good = text.input_value()
    text.fill(good.replace("FILTER(?h <= 20", "FILTR(?h <= 20"))
    expect(page.locator(".marks")).to_contain_text("Did you mean FILTER?")
    line = good[: good.index("FILTER(?h <= 20")].count("\n") + 1
    expect(page.get_by_role("button", name=f"Line {line}, column 3")).to_be_visible()
    assert page.locator(".mirror mark").first.inner_text() == "FILTR"
    assert page.locator(".gutter .wrong").first.inner_text().strip() == str(line)
    visit.picture(tmp_path, "diagnostics")
    page.get_by_role("button", name=f"Line {line}, column 3").click()
    assert text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == "FILTR"
    text.fill(good)
    expect(page.locator(".sound")).to_be_visible()
    visit.require_calm()


def test_a_rule_of_ones_own_is_previewed_saved_and_taken_back(
    visiting: Visiting, tmp_path: Path
) -> None:
    visit = visiting()
    before = _revision(visit)
    visit.go("/page/rules")
    page = visit.page
    page.locator("#topic").fill("my-linen")
    page.get_by_role("button", name="Start writing").click()
    text = page.get_by_label("Text of the rules")
    text.fill(text.input_value().replace("?x ww:favouredBy", "?x ww:disfavouredBy"))
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("#change")).to_contain_text("rule:my-linen-in-summer")
    visit.picture(tmp_path, "rules")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".done")).to_contain_text("The rules are saved.")
    expect(page.locator(".head")).to_contain_text("Changed for this wardrobe")
    assert _revision(visit) == before + 1
    _take_back(visit)
    visit.go("/page/rules?text=my-linen-in-summer")
    expect(page.locator(".topic")).to_have_count(0)
    assert visit.elsewhere == []


def test_a_guess_is_confirmed_and_another_rejected(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/guesses")
    page = visit.page
    first = page.locator(".guess").nth(0).locator("form button").first.inner_text()
    visit.picture(tmp_path, "guesses")
    page.get_by_role("button", name=first, exact=True).click()
    expect(page.get_by_role("button", name=first, exact=True)).to_have_count(0)
    second = page.locator(".guess").nth(0).locator("form button").last.inner_text()
    page.get_by_role("button", name=second, exact=True).click()
    expect(page.get_by_role("button", name=second, exact=True)).to_have_count(0)
    visit.require_calm()
    _take_back(visit)
    _take_back(visit)
    visit.go("/page/guesses")
    expect(page.get_by_role("button", name=first, exact=True)).to_have_count(1)


def test_a_look_is_worn_and_liked(visiting: Visiting) -> None:
    visit = visiting()
    before = _revision(visit)
    visit.go("/page/looks?go=1&occasion=ww:occasion-office&degrees=8&date=2026-11-24")
    visit.page.get_by_role("button", name="Wear it").first.click()
    expect(visit.page.locator(".done")).to_contain_text("Noted as worn.")
    assert _revision(visit) == before + 1
    _take_back(visit)
    visit.require_calm()


def test_a_table_is_seen_before_it_is_loaded(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/data")
    page = visit.page
    table = b"id,name,type,colour,material\nq1,Saffron poncho,poncho,yellow,wool\n"
    page.locator("#file").set_input_files(
        {"name": "more.csv", "mimeType": "text/csv", "buffer": table}
    )
    page.locator("main button.first").click()
    expect(page.locator("#change")).to_contain_text("Saffron poncho")
    visit.picture(tmp_path, "import")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".done")).to_contain_text("Loaded.")
    visit.go("/page/wardrobe?text=saffron")
    expect(page.locator(".tile")).to_have_count(1)
    _take_back(visit)
    visit.require_calm()


def test_a_calendar_becomes_occasions(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/looks")
    page = visit.page
    day = page.get_by_label("Date").input_value().replace("-", "")
    times = f"{day}T190000", f"{day}T220000"
    page.get_by_text("Take it from a calendar").click()
    page.locator("#ics").set_input_files(
        {
            "name": "mine.ics",
            "mimeType": "text/calendar",
            "buffer": ICS % tuple(time.encode() for time in times),
        }
    )
    page.get_by_role("button", name="Read the calendar").click()
    expect(page.locator(".of-calendar")).to_contain_text("Dinner with friends")
    page.get_by_role("button", name="Find looks").click()
    expect(page.locator("article.look").first).to_be_visible()
    visit.require_calm()


def test_a_question_is_answered_as_table_graph_and_picture(
    visiting: Visiting, tmp_path: Path
) -> None:
    visit = visiting()
    visit.go("/page/ask")
    page = visit.page
    page.get_by_role("link", name="what suits an occasion").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("tab", name="Table")).to_have_attribute("aria-selected", "true")
    assert page.locator("#as-table tbody tr").count() > 5
    page.get_by_role("tab", name="Table").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#as-graph .thing").first).to_be_visible()
    visit.picture(tmp_path, "graph")
    page.get_by_role("tab", name="Picture").click()
    expect(page.locator("#as-picture img").first).not_to_have_js_property("naturalWidth", 0)
    visit.picture(tmp_path, "picture")
    text = page.get_by_label("SPARQL", exact=True)
    text.fill("CONSTRUCT WHERE { ?i ww:colour ww:colour-navy }")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#as-table thead")).to_contain_text("predicate")
    text.fill("ASK { ?i a ww:Blazer }")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".verdict-word")).to_have_text("Yes.")
    visit.require_calm()


def test_a_wrong_question_says_what_is_wrong(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/ask")
    page = visit.page
    for text, code in (
        ("SELEKT ?x", "WW-QUERY-SYNTAX"),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "WW-QUERY-REMOTE"),
    ):
        page.get_by_label("SPARQL", exact=True).fill(text)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator("#answer .code")).to_have_text(code)
    assert visit.elsewhere == []


def test_without_scripts_a_correction_is_made(visiting: Visiting) -> None:
    visit = visiting(scripts=False)
    visit.go("/page/items/w26")
    page = visit.page
    _say(page, "colour", "navy")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("#change")).to_contain_text("Charcoal wool trousers: colour navy")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".done")).to_contain_text("Corrected.")
    _take_back(visit)


def test_everything_can_be_taken_elsewhere(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/data")
    with visit.page.expect_download() as found:
        visit.page.get_by_role("link", name="Download everything").click()
    assert found.value.suggested_filename.endswith(".zip")
    assert re.match(r"PK", Path(found.value.path()).read_bytes()[:2].decode())
