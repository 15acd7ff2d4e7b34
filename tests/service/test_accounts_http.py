"""Keys, sessions and invitations over HTTP."""

from __future__ import annotations

from base64 import b64encode

import pytest
from starlette.testclient import TestClient
from tests.service.people_given import GOOD, client, made, people, problem, service

from wearwhy.http.app import create_app
from wearwhy.http.callers import COOKIE, SECURE_COOKIE
from wearwhy.service.caller import Role
from wearwhy.service.configuration import Configuration
from wearwhy.service.service import Service

__all__ = ["client", "made", "people", "service"]  # fixtures


# -- who asks ------------------------------------------------------------------------------------


def test_on_this_machine_and_without_accounts_anybody_may_read(client: TestClient) -> None:
    said = client.get("/me").json()
    assert said["scopes"] == ["read"]
    assert said["wardrobes"] == {"adas": "viewer", "bobs": "viewer"}
    problem(client.post("/keys", json={}), 401, "WW-ACCESS-KEY")


def test_what_a_proxy_passes_on_is_not_of_this_machine(client: TestClient) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        problem(client.get("/me", headers={header: "203.0.113.7"}), 401, "WW-ACCESS-KEY")


def test_nobody_else_may_read_without_a_key(service: Service) -> None:
    far = TestClient(create_app(service), base_url="http://127.0.0.1", client=("203.0.113.7", 5))
    problem(far.get("/me"), 401, "WW-ACCESS-KEY")
    wide = Configuration(host="0.0.0.0")
    near = TestClient(
        create_app(service, wide), base_url="http://127.0.0.1", client=("127.0.0.1", 5)
    )
    problem(near.get("/me"), 401, "WW-ACCESS-KEY")


def test_with_an_account_everybody_needs_a_key(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    response = client.get("/me")
    problem(response, 401, "WW-ACCESS-KEY")
    assert response.headers["www-authenticate"].startswith("Bearer")
    said = client.get("/me", headers=people["bob"]).json()
    assert (said["name"], said["wardrobes"]) == ("bob", {"bobs": "owner"})


def test_a_key_may_be_the_password_of_basic(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    key = people["bob"]["Authorization"].removeprefix("Bearer ")
    basic = "Basic " + b64encode(f"whoever:{key}".encode()).decode()
    assert client.get("/me", headers={"Authorization": basic}).json()["name"] == "bob"


def test_what_is_no_key_is_refused(client: TestClient, people: dict[str, dict[str, str]]) -> None:
    assert people
    for said in ("Bearer", "Bearer ww_wrong", "Basic !!!", "Basic YQ==", "Digest x", "ww_wrong"):
        refused = client.get("/me", headers={"Authorization": said})
        problem(refused, 401, "WW-ACCESS-KEY-UNKNOWN")


def test_who_guesses_keys_is_slowed_down_and_who_has_one_is_not(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    wrong = [client.get("/me", headers={"Authorization": f"Bearer ww_{n}"}) for n in range(40)]
    assert {response.status_code for response in wrong} == {401, 429}
    assert int(wrong[-1].headers["retry-after"]) >= 1
    assert client.get("/me", headers=people["bob"]).status_code == 200


# -- the first account ---------------------------------------------------------------------------


def test_the_first_token_makes_who_runs_the_service(service: Service, client: TestClient) -> None:
    token = service.accounts.first_token()
    wanted = {"name": "ada", "password": GOOD, "token": token}
    assert client.post("/accounts", json=wanted).status_code == 201
    problem(client.post("/accounts", json=wanted), 403, "WW-INVITATION-OVER")
    said = client.post("/sessions", json={"name": "ada", "password": GOOD}).json()
    assert said["scopes"] == ["read", "write", "rules", "admin"]
    assert said["wardrobes"] == {"adas": "owner", "bobs": "owner"}


def test_nobody_makes_an_account_without_a_token(client: TestClient) -> None:
    problem(client.post("/accounts", json={"name": "eve"}), 401, "WW-ACCESS-KEY")
    wanted = {"name": "eve", "token": "invite_guessed"}
    problem(client.post("/accounts", json=wanted), 403, "WW-INVITATION-OVER")


def test_only_who_runs_the_service_sees_accounts(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    for method, path in (
        ("GET", "/accounts"),
        ("GET", "/audit"),
        ("PATCH", "/accounts/ada"),
        ("DELETE", "/accounts/ada"),
    ):
        sent: dict[str, object] | None = {} if method == "PATCH" else None
        refused = client.request(method, path, headers=people["bob"], json=sent)
        problem(refused, 403, "WW-ACCESS-SCOPE")
    listed = client.get("/accounts", headers=people["ada"]).json()["accounts"]
    assert [one["name"] for one in listed] == ["ada", "bob"]


def test_an_account_that_is_switched_off_signs_nobody_in(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    off = client.patch("/accounts/bob", headers=people["ada"], json={"disabled": True})
    assert off.json()["disabled"] is True
    problem(client.get("/me", headers=people["bob"]), 401, "WW-ACCESS-KEY-UNKNOWN")
    last = client.patch("/accounts/ada", headers=people["ada"], json={"scopes": ["read"]})
    problem(last, 409, "WW-ACCOUNT-LAST")


# -- keys ----------------------------------------------------------------------------------------


def test_a_key_is_shown_once_and_works_until_it_is_revoked(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    made = client.post(
        "/keys", headers=people["bob"], json={"label": "phone", "scopes": ["read"]}
    ).json()
    key = {"Authorization": f"Bearer {made['key']}"}
    assert client.get("/me", headers=key).json()["scopes"] == ["read"]
    listed = client.get("/keys", headers=key)
    assert made["key"] not in listed.text
    problem(client.post("/keys", headers=key, json={}), 403, "WW-ACCESS-WHOLE")
    problem(client.delete(f"/keys/{made['id']}", headers=people["ada"]), 404, "WW-KEY-UNKNOWN")
    assert client.delete(f"/keys/{made['id']}", headers=people["bob"]).status_code == 204
    problem(client.get("/me", headers=key), 401, "WW-ACCESS-KEY-UNKNOWN")


# -- sessions ------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(service: Service, client: TestClient, people: dict[str, dict[str, str]]) -> str:
    """Bob, signed in in the client; his CSRF token."""
    service.accounts.set_password(service.accounts.find("bob").id, GOOD)
    said = client.post("/sessions", json={"name": "bob", "password": GOOD})
    assert said.status_code == 201
    return str(said.json()["csrf"])


def test_a_cookie_signs_in_and_changes_nothing_without_its_token(
    client: TestClient, signed_in: str
) -> None:
    assert client.get("/me").json()["csrf"] == signed_in
    problem(client.post("/keys", json={}), 403, "WW-ACCESS-CSRF")
    problem(client.post("/keys", json={}, headers={"X-CSRF-Token": "x"}), 403, "WW-ACCESS-CSRF")
    right = {"X-CSRF-Token": signed_in}
    assert client.post("/keys", json={}, headers=right).status_code == 201
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        problem(client.post("/keys", json={}, headers=right | foreign), 403, "WW-ACCESS-CSRF")
    near = right | {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/keys", json={}, headers=near).status_code == 201


def test_the_cookie_is_kept_from_scripts_and_to_https(service: Service) -> None:
    service.accounts.add("ada", password=GOOD)
    told = Configuration(public_url="https://wear.example")
    for base, configuration, name, flags in (
        ("http://127.0.0.1", Configuration(), COOKIE, {"httponly", "samesite=lax", "path=/"}),
        ("https://wear.example", told, SECURE_COOKIE, {"httponly", "secure", "path=/"}),
    ):
        client = TestClient(create_app(service, configuration), base_url=base)
        response = client.post("/sessions", json={"name": "ada", "password": GOOD})
        parts = [part.strip().lower() for part in response.headers["set-cookie"].split(";")]
        assert parts[0].startswith(name.lower() + "=")
        assert flags <= set(parts)
        assert ("secure" in parts) is base.startswith("https")
        assert client.get("/me").json()["name"] == "ada"


def test_a_password_that_is_wrong_too_often_is_not_looked_at(
    service: Service, client: TestClient
) -> None:
    service.accounts.add("ada", password=GOOD)
    wrong = {"name": "ada", "password": "wrong horse battery"}
    told = [client.post("/sessions", json=wrong).status_code for _ in range(6)]
    assert told == [401] * 5 + [429]
    problem(client.post("/sessions", json=wrong | {"password": GOOD}), 429, "WW-LIMIT-RATE")


def test_a_foreign_page_signs_nobody_in(service: Service, client: TestClient) -> None:
    service.accounts.add("ada", password=GOOD)
    response = client.post(
        "/sessions",
        json={"name": "ada", "password": GOOD},
        headers={"Origin": "https://evil.example"},
    )
    problem(response, 403, "WW-ACCESS-CSRF")
    assert "set-cookie" not in response.headers


def test_signing_in_again_begins_another_session_and_signing_out_ends_it(
    service: Service, client: TestClient, signed_in: str
) -> None:
    first = client.cookies[COOKIE]
    client.post("/sessions", json={"name": "bob", "password": GOOD})
    assert client.cookies[COOKIE] != first
    assert len(service.accounts.sessions(service.accounts.find("bob").id)) == 1
    token = client.get("/me").json()["csrf"]
    kept = client.cookies[COOKIE]
    out = client.delete("/sessions/current", headers={"X-CSRF-Token": token})
    assert out.status_code == 204
    assert COOKIE not in client.cookies
    client.cookies[COOKIE] = kept
    problem(client.get("/me"), 401, "WW-ACCESS-SESSION")


def test_a_new_password_needs_the_old_one(client: TestClient, signed_in: str) -> None:
    right = {"X-CSRF-Token": signed_in}
    new = "another horse battery"
    refused = client.put("/me/password", headers=right, json={"old": "x" * 12, "new": new})
    problem(refused, 401, "WW-ACCESS-PASSWORD")
    assert (
        client.put("/me/password", headers=right, json={"old": GOOD, "new": new}).status_code == 204
    )
    problem(client.get("/me"), 401, "WW-ACCESS-SESSION")
    assert client.post("/sessions", json={"name": "bob", "password": new}).status_code == 201


# -- invitations ---------------------------------------------------------------------------------


def test_an_owner_shares_a_wardrobe_and_takes_it_back(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    offer = client.post(
        "/invitations", headers=people["ada"], json={"wardrobe": "adas", "role": "viewer"}
    ).json()
    accepted = client.post(
        "/invitations/accept", headers=people["bob"], json={"token": offer["token"]}
    )
    assert accepted.json() == {"wardrobe": "adas", "role": "viewer"}
    said = client.get("/me", headers=people["bob"]).json()
    assert said["wardrobes"] == {"adas": "viewer", "bobs": "owner"}
    members = client.get("/wardrobes/adas/members", headers=people["ada"]).json()["members"]
    assert [(one["name"], one["role"]) for one in members] == [("ada", "owner"), ("bob", "viewer")]
    problem(client.get("/wardrobes/adas/members", headers=people["bob"]), 403, "WW-ACCESS-ROLE")
    listed = client.get("/invitations", headers=people["ada"])
    assert offer["token"] not in listed.text
    gone = client.delete(f"/invitations/{offer['id']}", headers=people["ada"])
    assert gone.status_code == 204
    assert client.get("/me", headers=people["bob"]).json()["wardrobes"] == {"bobs": "owner"}


def test_a_wardrobe_of_another_is_told_of_as_one_that_does_not_exist(
    client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    told = []
    for name in ("adas", "nothere"):
        response = client.post(
            "/invitations", headers=people["bob"], json={"wardrobe": name, "role": "viewer"}
        )
        problem(response, 404, "WW-WARDROBE-NONE")
        told.append(response.text.replace(name, "…").replace(response.json()["instance"], ""))
    assert told[0] == told[1]


def test_who_was_invited_may_leave(
    service: Service, client: TestClient, people: dict[str, dict[str, str]]
) -> None:
    service.accounts.grant("adas", service.accounts.find("bob").id, Role.EDITOR)
    problem(
        client.delete("/wardrobes/adas/members/ada", headers=people["bob"]), 403, "WW-ACCESS-ROLE"
    )
    gone = client.delete("/wardrobes/adas/members/bob", headers=people["bob"])
    assert gone.status_code == 204
    problem(
        client.delete("/wardrobes/adas/members/bob", headers=people["ada"]),
        404,
        "WW-MEMBER-UNKNOWN",
    )
