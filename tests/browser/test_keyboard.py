"""By keyboard alone: keys, sharing, wearers, uploads, finishing an outfit, days, a suitcase.

After everything that is done the focus is where one goes on: on what came, or on what is told of it.
"""

from __future__ import annotations

from datetime import date

import pytest
from tests.browser.keyboard_given import Keys
from tests.browser.visit_given import Visiting, calendar_of

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)


def test_a_key_is_made_and_revoked(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/keys")
    keys.skip()
    keys.fill(page.locator("#label"), "kettle")
    keys.to(page.locator("#days"))
    keys.press("Home")
    assert page.locator("#days").input_value() == "30"
    keys.do(page.get_by_label("change wardrobes"), "Space")
    expect(page.get_by_label("change wardrobes")).to_be_checked()
    keys.do(page.get_by_role("button", name="Make the key"))
    expect(page.locator("#keys")).to_be_focused()
    keys.to(page.locator("#secret"))
    keys.do(page.get_by_role("button", name="Revoke kettle"))
    expect(page.locator(".done")).to_be_focused()
    expect(page.locator(".done")).to_contain_text("revoked")
    visit.require_calm()


def test_an_invitation_is_made_and_withdrawn(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/sharing")
    keys.skip()
    keys.to(page.locator("[name=role]").first)
    keys.press("ArrowDown")
    expect(page.locator("[name=role]").nth(1)).to_be_checked()
    keys.do(page.get_by_role("button", name="Invite to “demo”"))
    expect(page.locator("#sharing")).to_be_focused()
    keys.to(page.locator("#secret"))
    keys.do(page.get_by_role("button", name="Withdraw").first)
    expect(page.locator(".done")).to_be_focused()
    # What is refused has the focus, too.
    keys.fill(page.locator("#token"), "no such token")
    keys.press("Enter")
    expect(page.locator(".problem")).to_contain_text("WW-")
    visit.page.wait_for_load_state()
    assert [told for told in visit.wrong if "status of 4" not in told] == []


def test_a_wearer_is_described_and_taken_back(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/wearers")
    keys.skip()
    keys.fill(page.locator("#who"), "Kim")
    keys.fill(page.locator("#sizes"), "hands=M")
    keys.do(page.get_by_label("arms", exact=True), "Space")
    keys.do(page.locator("#wearer").get_by_role("button", name="See what it changes"))
    expect(page.locator("#change")).to_be_focused()
    keys.do(page.locator("#change").get_by_role("button", name="Save"))
    expect(page.locator(".done")).to_be_focused()
    keys.do(page.get_by_role("link", name="arms"))
    expect(page.get_by_role("heading", name="Why it holds")).to_be_visible()
    visit.go("/page/wearers")
    keys.do(page.get_by_role("button", name="Take it all back Kim"))
    expect(page.locator("#change")).to_be_focused()
    keys.do(page.locator("#change").get_by_role("button", name="Save"))
    expect(page.locator(".done")).to_be_focused()
    expect(page.get_by_text("Nobody is described yet")).to_be_visible()
    visit.require_calm()


def test_an_outfit_is_finished(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/complete")
    keys.skip()
    keys.fill(page.locator("#degrees"), "8")
    rail = page.locator("summary", has_text="bottom")
    keys.do(rail)
    keys.do(page.get_by_label("Charcoal wool trousers"), "Space")
    keys.do(page.get_by_role("button", name="See what goes with it"))
    expect(page.locator("#fits")).to_be_focused()
    keys.do(page.get_by_role("link", name="Take it").first)
    expect(page.locator(".chip.kept")).to_have_count(2)
    expect(page.locator("#fits")).to_be_focused()
    keys.do(page.locator("#fits .more summary").first)
    expect(page.locator("#fits .more .opened").first).to_be_visible()
    keys.do(page.locator("#fits .more .opened a", has_text="Why?").first)
    expect(page.get_by_role("heading", name="Why this look")).to_be_visible()
    visit.require_calm()


def test_days_are_planned_from_a_calendar(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/week")
    first = date.fromisoformat(page.locator("#date").input_value())
    keys.skip()
    keys.fill(page.locator("#days"), "1")
    keys.fill(page.locator("#degrees"), "8")
    keys.do(page.locator(".calendar summary"))
    keys.to(page.locator("#ics"))
    # What is chosen in the window of the system, no page can press.
    page.locator("#ics").set_input_files(
        {
            "name": "mine.ics",
            "mimeType": "text/calendar",
            "buffer": calendar_of((first, 9, 17, "Office")),
        }
    )
    keys.do(page.get_by_role("button", name="Read the calendar"))
    expect(page.locator(".done")).to_be_focused()
    expect(page.locator(".of-calendar")).to_contain_text("Office")
    assert page.locator("#days").input_value() == "1"  # what was filled in is kept
    keys.do(page.get_by_role("button", name="Plan the days"))
    expect(page.locator("#plan")).to_be_focused()
    keys.do(page.get_by_role("link", name=f"Why this look {first}"))
    expect(page.get_by_role("heading", name="Why this look")).to_be_visible()
    visit.require_calm()


def test_a_suitcase_is_packed(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/pack")
    keys.skip()
    keys.fill(page.locator("#days"), "1")
    keys.fill(page.locator("#degrees"), "8")
    keys.do(page.locator("#plan-form > .more summary"))
    keys.do(page.locator("[name=rested]"), "Space")
    expect(page.locator("[name=rested]")).to_be_checked()
    keys.do(page.get_by_role("button", name="Pack the suitcase"))
    expect(page.locator("#plan")).to_be_focused()
    keys.do(page.locator("summary", has_text="What stays at home"))
    expect(page.locator(".left")).to_be_visible()
    visit.require_calm()


def test_a_table_is_looked_at_and_loaded(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/data")
    keys.skip()
    keys.to(page.locator("#file"))
    table = b"id,name,type,colour\nk1,Kettle mitten,gloves,red\n"
    page.locator("#file").set_input_files(
        {"name": "more.csv", "mimeType": "text/csv", "buffer": table}
    )
    keys.do(page.locator("main button.first").first)
    expect(page.locator("#change")).to_be_focused()
    keys.do(page.locator("#change").get_by_role("button", name="Save"))
    expect(page.locator(".done")).to_be_focused()
    visit.go("/page/history")
    keys.skip()
    keys.do(page.get_by_role("button", name="Take back the newest change"))
    expect(page.locator("#change")).to_be_focused()
    keys.do(page.locator("#change").get_by_role("button", name="Save"))
    expect(page.locator(".done")).to_be_focused()
    visit.require_calm()


def test_arrows_in_a_list_of_values_wait_for_the_button(visiting: Visiting) -> None:
    visit = visiting()
    keys, page = Keys(visit), visit.page
    visit.go("/page/wardrobe")
    before = page.locator(".tile").count()
    keys.to(page.locator("#slot"))
    keys.press("ArrowDown", "ArrowDown")
    expect(page.locator("#slot")).to_be_focused()
    assert page.locator("#slot").input_value() != ""
    assert page.locator(".tile").count() == before
    keys.do(page.locator(".filters button"))
    expect(page.locator(".tile")).not_to_have_count(before)
    visit.require_calm()
