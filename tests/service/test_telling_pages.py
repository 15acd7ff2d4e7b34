"""What the page tells of a change: that it is made, that it was so already, or what was wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.service.people_given import GOOD, client, made, service

from wearwhy.service.caller import Scope
from wearwhy.service.service import Service

COAT = "id:adas/x"
__all__ = ["client", "made", "service"]  # fixtures


@pytest.fixture
def ada(service: Service, client: TestClient) -> dict[str, str]:
    """Ada is signed in with her password; what her forms carry."""
    account = service.accounts.add("ada", password=GOOD, scopes=frozenset(Scope))
    service.accounts.own(account.id, "adas")
    told = client.post("/sessions", json={"name": "ada", "password": GOOD})
    assert told.status_code == 201, told.text
    return {"csrf": told.json()["csrf"], "wardrobe": "adas"}


def sent(client: TestClient, path: str, form: dict[str, str]) -> Any:
    return client.post(path, data=form, follow_redirects=False)


@pytest.mark.parametrize("verb", ["wore", "wash", "like", "dislike"])
def test_what_is_said_twice_is_told_as_said_already(
    client: TestClient, ada: dict[str, str], verb: str
) -> None:
    form = {**ada, "verb": verb, "thing": COAT}
    first, again = (sent(client, "/page/feedback", form) for _ in range(2))
    assert first.headers["location"].endswith(f"?done={verb}")
    assert again.headers["location"].endswith("?done=already")
    page = client.get(again.headers["location"])
    assert "nothing is changed" in page.text
    assert "Take it back" not in page.text
    assert "Take it back" in client.get(first.headers["location"]).text


def test_a_correction_that_corrects_nothing_says_so(
    client: TestClient, ada: dict[str, str]
) -> None:
    form = {**ada, "property": "size", "value": "38", "do": "save"}
    first, again = (sent(client, f"/page/items/{COAT}", form) for _ in range(2))
    assert first.headers["location"].endswith("?done=corrected")
    assert again.headers["location"].endswith("?done=already")


def test_brand_and_size_are_shown_as_they_were_said(
    client: TestClient, ada: dict[str, str]
) -> None:
    said = {"brand": "Maison Orfée", "size": "38"}
    for name, value in said.items():
        form = {**ada, "property": name, "value": value, "do": "save"}
        assert sent(client, f"/page/items/{COAT}", form).status_code == 303
    page = client.get(f"/page/items/{COAT}").text
    known = client.get("/items/x?wardrobe=adas").json()["attributes"]
    for name, value in said.items():
        assert [one["label"] for one in known[f"schema:{name}"]["values"]] == [value]
        assert value in page


def test_a_wash_makes_fresh_what_was_dirty_and_what_nothing_was_said_of(
    client: TestClient, ada: dict[str, str]
) -> None:
    def state() -> list[str]:
        found = client.get("/items/x?wardrobe=adas").json()["attributes"]
        return [one["label"] for one in found.get("ww:cleanliness", {"values": ()})["values"]]

    assert state() == []
    sent(client, "/page/feedback", {**ada, "verb": "wash", "thing": COAT})
    assert state() == ["fresh"]
    dirty = {**ada, "property": "cleanliness", "value": "dirty", "do": "save"}
    sent(client, f"/page/items/{COAT}", dirty)
    assert state() == ["dirty"]
    sent(client, "/page/feedback", {**ada, "verb": "wash", "thing": COAT})
    assert state() == ["fresh"]


@pytest.mark.parametrize(("verb", "days"), [("like", 0), ("dislike", 0), ("wore", 3)])
def test_an_opinion_is_of_today_and_a_wear_of_the_day_asked_for(
    service: Service, client: TestClient, ada: dict[str, str], verb: str, days: int
) -> None:
    today = datetime.now(UTC).date()
    form = {**ada, "verb": verb, "thing": COAT, "on": str(today + timedelta(days=3))}
    sent(client, "/page/feedback", form)
    (event,) = client.get("/feedback?wardrobe=adas").json()["events"]
    # The page's day is the wearer's, which may begin before that of UTC or after it.
    least, most = (today + timedelta(days=days + step) for step in (-1, 1))
    assert str(least) <= event["date"] <= str(most)


def test_a_wrong_password_is_told_where_it_was_given(
    client: TestClient, ada: dict[str, str]
) -> None:
    form = {**ada, "confirm": "ada", "password": "wrong"}
    told = sent(client, "/page/forget", form)
    assert told.status_code == 401
    assert "WW-ACCESS-PASSWORD" in told.text
    assert client.get("/me").json()["name"] == "ada"


def test_who_is_not_signed_in_any_more_is_shown_the_way(
    client: TestClient, ada: dict[str, str]
) -> None:
    client.cookies.clear()
    told = client.get("/page/keys", follow_redirects=False)
    assert (told.status_code, told.headers["location"]) == (
        303,
        "/page/sign-in?next=%2Fpage%2Fkeys",
    )
