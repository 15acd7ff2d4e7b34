"""Somebody's own: a second account sees nothing of the first, makes a wardrobe, and is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.browser.visit_given import Visit, Visiting

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)
SECRET = "violets bloom where nobody walks"


def _account(visit: Visit, name: str) -> None:
    """Make an account as who runs the service does: over REST, with the session's token."""
    visit.go("/page/data")
    token = visit.page.locator("meta[name=csrf]").get_attribute("content")
    assert token
    answer = visit.page.request.post(
        f"{visit.address}/accounts",
        data={"name": name, "password": SECRET},
        headers={"X-CSRF-Token": token},
    )
    assert answer.status == 201, answer.text()


def _sign_in(visit: Visit, name: str) -> None:
    visit.go("/page/sign-in")
    visit.page.get_by_label("Name").fill(name)
    visit.page.get_by_label("Password").fill(SECRET)
    visit.page.get_by_role("button", name="Sign in").click()


def test_a_person_comes_keeps_a_wardrobe_and_is_forgotten(
    visiting: Visiting, tmp_path: Path
) -> None:
    _account(visiting(), "bob")
    visit = visiting(known=False)
    _sign_in(visit, "bob")
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Your first wardrobe")
    visit.picture(tmp_path, "first-wardrobe")
    # What is Ada's is told of as what is not there.
    visit.go("/page/items/w09?wardrobe=demo")
    assert page.locator(".code").inner_text() == "WW-WARDROBE-NONE"
    assert "demo" not in page.locator("main").inner_text()
    visit.go("/page/wardrobe")
    page.get_by_label("Name").fill("bobs")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".done")).to_have_text("Your wardrobe is made.")
    page.get_by_role("link", name="Add an item").first.click()
    page.locator("#name").fill("Papageno hat")
    page.locator("#kind").select_option(label="hat")
    page.get_by_role("button", name="See what it changes").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Papageno hat")
    visit.go("/page/items/w09?wardrobe=demo")
    expect(page.locator(".code")).to_have_text("WW-ITEM-UNKNOWN")
    visit.go("/page/data")
    page.get_by_label("To be sure").fill("bob")
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator(".done")).to_have_text("Everything of yours is forgotten.")
    _sign_in(visit, "bob")
    expect(page.get_by_role("alert")).to_contain_text("WW-ACCESS-PASSWORD")
    assert visit.elsewhere == []


def test_what_is_missing_is_guessed_anew(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/guesses")
    visit.page.get_by_role("button", name="Guess what is missing").click()
    expect(visit.page.locator(".done")).to_contain_text("uess")
    visit.require_calm()
