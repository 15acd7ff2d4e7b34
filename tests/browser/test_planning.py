"""Finishing an outfit, planning days and packing in a browser: what to wear, and why, each time."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.browser.visit_given import Visiting, calendar_of

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)


def test_an_outfit_is_finished_piece_by_piece(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/complete")
    page = visit.page
    expect(page.get_by_text("Open a place, choose a piece")).to_be_visible()
    page.get_by_label("Occasion").select_option(label="office")
    page.get_by_label("Temperature").fill("8")
    page.locator("summary", has_text="bottom").click()
    page.get_by_label("Charcoal wool trousers").check()
    page.get_by_role("button", name="See what goes with it").click()
    feet = page.locator("article.fit", has=page.get_by_role("heading", name="feet", exact=True))
    expect(feet.locator(".reasons li").first).to_be_visible()
    assert "places" in visit.said()
    assert page.locator("article.fit h2", has_text="bottom").count() == 0  # that is filled
    taken = feet.locator(".fit-name").inner_text()
    feet.get_by_role("link", name=f"Take it {taken}").click()
    expect(page.locator(".chip.kept")).to_have_count(2)
    expect(page.get_by_label(taken)).to_be_checked()
    expect(page.locator("article.fit h2").first).to_be_visible()
    assert page.locator("article.fit h2", has_text="feet").count() == 0
    visit.picture(tmp_path, "complete")
    page.locator("article.fit").first.get_by_role("link", name="Why?").click()
    expect(page.get_by_role("heading", name="Why this look")).to_be_visible()
    pieces = page.locator(".piece-name a").all_inner_texts()
    assert {"Charcoal wool trousers", taken} <= set(pieces)
    assert page.locator(".tree > li").count() > 5
    visit.require_calm()


def test_days_are_planned_and_each_says_why(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/week")
    page = visit.page
    page.get_by_label("First day").fill("2026-11-23")
    page.get_by_label("How many days").fill("2")
    page.get_by_label("Temperature").fill("8")
    page.get_by_label("Sky").select_option(label="rain")
    page.get_by_role("button", name="Plan the days").click()
    days = page.locator(".planned")
    expect(days).to_have_count(2)
    assert "Monday" in days.nth(0).inner_text()
    assert "Tuesday" in days.nth(1).inner_text()
    assert all(days.nth(n).locator(".reasons li").count() >= 2 for n in (0, 1))
    assert "task=" in page.url  # what was planned can be opened again
    visit.picture(tmp_path, "week")
    visit.go(page.url.removeprefix(visit.address))
    expect(days).to_have_count(2)
    page.get_by_role("link", name="Why this look 2026-11-24").click()
    expect(page.get_by_role("heading", name="Why this look")).to_be_visible()
    assert page.locator(".tree > li").count() > 5
    visit.require_calm()


def test_without_scripts_a_suitcase_is_packed(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting(scripts=False, phone=True)
    visit.go("/page/pack")
    page = visit.page
    page.get_by_label("How many days").fill("2")
    page.get_by_label("Temperature").fill("8")
    page.locator("summary", has_text="More wishes").click()
    page.get_by_label("To be taken in any case").select_option(label="Grey wool scarf")
    page.get_by_role("button", name="Pack the suitcase").click()
    page.wait_for_url("**task=**")
    taken = page.locator(".suitcase .tile-name").all_inner_texts()
    assert "Grey wool scarf" in taken
    expect(page.get_by_role("heading", name=f"Take {len(taken)} pieces")).to_be_visible()
    expect(page.locator(".suitcase .reasons")).to_contain_text("No fewer would do")
    worn = page.locator(".planned .piece-name a").all_inner_texts()
    assert worn
    assert set(worn) <= set(taken)
    page.locator("summary", has_text="What stays at home").click()
    expect(page.locator(".left")).to_contain_text("Forbidden on every day by")
    visit.picture(tmp_path, "pack")


def test_a_calendar_says_what_days_are_for(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/pack")
    page = visit.page
    first = date.fromisoformat(page.get_by_label("First day").input_value())
    page.get_by_label("How many days").fill("2")
    page.get_by_label("Temperature").fill("8")
    page.get_by_text("Take it from a calendar").click()
    file = calendar_of(
        (first, 9, 17, "Office"),
        (first, 19, 22, "Dinner with friends"),
        (first + timedelta(days=1), 0, 24, "Hiking"),
        (first + timedelta(days=1), 8, 9, "Zumbafoo"),
    )
    page.locator("#ics").set_input_files(
        {"name": "mine.ics", "mimeType": "text/calendar", "buffer": file}
    )
    page.get_by_role("button", name="Read the calendar").click()
    page.wait_for_url("**/page/pack?**calendar=**")
    assert page.get_by_label("How many days").input_value() == "2"
    entries = page.locator(".by-day > div")
    expect(entries).to_have_count(2)
    expect(entries.nth(0)).to_contain_text("19:00–22:00 Dinner with friends")
    expect(entries.nth(1)).to_contain_text("Hiking")
    visit.go("/page/week?" + page.url.partition("?")[2])  # the same parameters, the same entries
    expect(entries).to_have_count(2)
    page.get_by_role("button", name="Plan the days").click()
    days = page.locator(".planned")
    expect(days).to_have_count(2)
    expect(days.nth(0).locator("header")).to_contain_text("office")
    expect(days.nth(0).locator("header")).to_contain_text("dinner")
    expect(days.nth(0).locator(".entries")).to_contain_text("09:00–17:00 Office")
    expect(days.nth(1).locator("header")).to_contain_text("hiking")
    expect(days.nth(1)).to_contain_text("Not understood in the calendar: Zumbafoo")
    assert "csrf" not in page.url
    visit.picture(tmp_path, "week-calendar")
    page.get_by_role("link", name="Without the calendar").click()
    expect(page.get_by_text("Take it from a calendar")).to_be_visible()
    visit.require_calm()


def test_a_calendar_that_is_gone_is_said_so_and_is_no_end(visiting: Visiting) -> None:
    visit = visiting(scripts=False)
    visit.go("/page/week?calendar=no-such-thing&days=3")
    page = visit.page
    expect(page.get_by_role("alert").locator(".code")).to_have_text("WW-UPLOAD-NONE")
    page.get_by_role("link", name="Without the calendar").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_plan_that_cannot_be_says_why(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/week")
    page = visit.page
    page.get_by_label("How many days").fill("1")
    page.locator("#plan-form").evaluate("e => { e.noValidate = true; }")
    page.get_by_label("Temperature").fill("99")
    page.get_by_role("button", name="Plan the days").click()
    expect(page.get_by_role("alert")).to_contain_text("99")
    expect(page.get_by_role("alert").locator(".code")).to_contain_text("WW-")
