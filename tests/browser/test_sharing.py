"""Keys, invitations and who dresses in a browser: made, seen once, used, ended."""

from __future__ import annotations

from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from tests.browser.visit_given import Visit, Visiting

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)
SECRET = "violets bloom where nobody walks"


def _status(address: str, key: str, path: str = "/items?wardrobe=demo") -> int:
    """Return the status of a request with a key alone, as a program sends it."""
    request = Request(address + path, headers={"Authorization": f"Bearer {key}"})
    try:
        with urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_a_key_is_made_seen_once_and_revoked(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/keys")
    page = visit.page
    page.get_by_label("What it is for").fill("<b>phone</b>")
    page.get_by_role("button", name="Make the key").click()
    key = page.get_by_label("Key: <b>phone</b>").input_value()
    assert _status(visit.address, key) == 200
    visit.picture(tmp_path, "key")
    visit.go("/page/keys")
    assert key not in page.content()
    row = page.locator("tr", has_text="<b>phone</b>")
    expect(row).to_contain_text("see and ask")
    row.get_by_role("button", name="Revoke").click()
    expect(page.locator(".done")).to_contain_text("revoked")
    expect(page.locator("tr", has_text="<b>phone</b>")).to_have_count(0)
    assert _status(visit.address, key) == 401
    visit.require_calm()


def _invited(visit: Visit, button: str) -> str:
    """Make an invitation, and return its token."""
    visit.go("/page/sharing")
    visit.page.get_by_role("button", name=button).click()
    expect(visit.page.locator(".secret")).to_be_visible()
    return visit.page.locator("#secret").input_value()


def test_somebody_is_invited_accepts_sees_and_is_parted_from(
    visiting: Visiting, tmp_path: Path
) -> None:
    owner, guest = visiting(), visiting(known=False, scripts=False)
    page = guest.page
    guest.go("/page/first-account")
    page.get_by_label("Token").fill(_invited(owner, "Make the invitation"))
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password").fill(SECRET)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your first wardrobe")
    token = _invited(owner, "Invite to “demo”")
    guest.go("/page/sharing")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".done")).to_contain_text("You see this wardrobe")
    assert page.locator(".tile").count() > 50
    assert page.get_by_role("link", name="Add an item").count() == 0  # who may only see it
    guest.go("/page/sharing")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".code")).to_have_text("WW-INVITATION-OVER")
    owner.go("/page/sharing")
    expect(owner.page.locator(".rows").first).to_contain_text("grace")
    owner.picture(tmp_path, "sharing")
    owner.page.get_by_role("button", name="End it grace").click()
    expect(owner.page.locator(".done")).to_have_text("Ended.")
    guest.go("/page/items/w09?wardrobe=demo")
    expect(page.locator(".code")).to_have_text("WW-WARDROBE-NONE")
    owner.require_calm()


def test_an_invitation_is_withdrawn(visiting: Visiting) -> None:
    visit = visiting()
    token = _invited(visit, "Invite to “demo”")
    visit.go("/page/sharing")
    assert token not in visit.page.content()
    waiting = visit.page.get_by_role("button", name="Withdraw")
    before = waiting.count()
    waiting.first.click()
    expect(visit.page.locator(".done")).to_contain_text("withdrawn")
    assert visit.page.get_by_role("button", name="Withdraw").count() == before - 1
    visit.require_calm()


def test_what_is_said_of_a_wearer_is_seen_kept_obeyed_and_taken_back(
    visiting: Visiting, tmp_path: Path
) -> None:
    visit = visiting()
    visit.go("/page/wearers")
    page = visit.page
    page.get_by_label("Name").fill("Ines <i>")
    page.get_by_label("Sizes").fill("hands=M; head=L")
    page.get_by_label("Never wears").fill("trousers")
    page.get_by_label("arms", exact=True).check()
    page.get_by_role("button", name="See what it changes").click()
    change = page.locator("#change")
    expect(change).to_contain_text("Ines <i>, hands: size M")
    expect(change).to_contain_text("keeps covered arms")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".done")).to_contain_text("Noted.")
    person = page.locator(".people .card")
    expect(person).to_contain_text("head L")
    visit.picture(tmp_path, "wearers")
    person.get_by_role("link", name="arms").click()
    expect(page.get_by_role("heading", name="Why it holds")).to_be_visible()
    visit.go("/page/wearers")
    page.get_by_role("link", name="Looks for them Ines <i>").click()
    expect(page.locator("article.look").first).to_be_visible()
    worn = page.locator(".piece-name a").all_inner_texts()
    assert worn
    assert not any("trousers" in one for one in worn)
    visit.go("/page/wearers")
    page.get_by_role("button", name="Take it all back Ines <i>").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nobody is described yet")).to_be_visible()
    visit.require_calm()
