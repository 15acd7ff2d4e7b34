"""What is one person's, asked for by every other, over every route."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient
from tests.security import hostile
from tests.security.attacks import ADMIN, ATTACKS, OPEN, OWN, TODAY, Attack, routes
from tests.security.world import HAT, HERE, SECRET, Headers, World, made, running

from wearwhy.http.app import create_app
from wearwhy.service.caller import Role
from wearwhy.service.service import Service
from wearwhy.workspace import Workspace

LEAKS = (SECRET, HAT, "bobs/1", "bobs/2")


@pytest.fixture(scope="module")
def references(world: World) -> dict[str, str]:
    return told(world)


def told(world: World) -> dict[str, str]:
    """Return the ids of things of Bob's, each of which he has made."""
    accounts = world.service.accounts
    bob = accounts.caller_of_key(world.bob["Authorization"].removeprefix("Bearer "))
    carol = accounts.add("carol")
    accounts.own(carol.id, "carols")

    def post(path: str, **given: Any) -> dict[str, Any]:
        answer = world.client.post(path, headers=world.bob, **given)
        assert answer.status_code < 300, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    table = b"id,name,type\n7,Scarf,scarf\n"
    shown = post(
        "/uploads",
        params={"name": "x.jpg", "item": "https://w3id.org/wearwhy/id/bobs/2"},
        content=hostile.jpeg(),
    )
    post(f"/uploads/{shown['id']}/apply")
    (picture,) = (world.service.folder / "photographs" / "bobs").iterdir()
    weekly = hostile.calendar(f"DTSTART:{TODAY:%Y%m%d}T190000")
    looked = post("/recommendations", json={})
    jobs = world.client.post("/tasks", headers=world.bob, json={"kind": "week"})
    return {
        "upload": post("/uploads", params={"name": "x.csv"}, content=table)["id"],
        "calendar": post("/uploads", params={"name": "x.ics"}, content=weekly)["id"],
        "photograph": picture.name,
        "invitation": post("/invitations", json={"wardrobe": "bobs", "role": "viewer"})["id"],
        "key": post("/keys", json={"label": "another"})["id"],
        "session": accounts.session(bob.account).id,
        "revision": str(world.service.workspace.revision_of("bobs")),
        "job": jobs.json().get("id", "none") if jobs.status_code < 300 else "none",
        "look": looked["looks"][0]["id"],
    }


def asked(client: TestClient, attack: Attack, who: Headers, references: dict[str, str]) -> Any:
    path = (attack.path or attack.template).format_map(references)
    given: dict[str, Any] = {"params": attack.params, "headers": {**attack.headers, **who}}
    if attack.json is not None:
        given["json"] = attack.json
    if attack.content is not None:
        given["content"] = attack.content
    return client.request(attack.method, path, **given)


def state(world: World) -> Any:
    """Return what is Bob's: facts at rest, keys, sessions, invitations, members, files."""
    accounts = world.service.accounts
    bob = accounts.caller_of_key(world.bob["Authorization"].removeprefix("Bearer "))
    folder = world.service.folder
    return (
        {
            graph.value: frozenset(map(str, facts))
            for graph, facts in world.service.workspace.state.graphs.items()
            if "/bobs/" in graph.value
        },
        world.service.workspace.revision_of("bobs"),
        {key.id for key in accounts.keys(bob.account)},
        world.client.get("/invitations", headers=world.bob).json(),
        world.client.get("/uploads", headers=world.bob).json(),
        sorted(path.name for path in (folder / "photographs" / "bobs").iterdir()),
    )


def test_every_route_is_attacked_or_says_why_not(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "w")
    service = Service.open(tmp_path / "w")
    try:
        found = {(m, p) for m, p in routes(create_app(service)) if not _of_the_page(p)}
    finally:
        service.engine.close()
        service.workspace.close()
        service.idempotency.close()
        service.accounts.close()
    assert len(found) > 70
    assert found - {(one.method, one.template) for one in ATTACKS} - OPEN - OWN - ADMIN == set()


def _of_the_page(path: str) -> bool:
    """Return whether a route is one of the page's, which are all asked below, or MCP's."""
    return path.startswith("/page") or path in {"/", "/mcp"}


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_nobody_gets_at_what_is_anothers(
    world: World, references: dict[str, str], attack: Attack
) -> None:
    before = state(world)
    far = TestClient(world.client.app, base_url=HERE, client=("203.0.113.9", 5))
    for client, who in ((world.client, world.ada), (world.client, world.eve), (far, {})):
        answer = asked(client, attack, who, references)
        assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:500])
        for leak in LEAKS:
            assert leak not in answer.text.replace(str(answer.request.url), ""), leak
    assert state(world) == before


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_what_is_hidden_is_told_of_like_what_is_not_there(
    world: World, references: dict[str, str], attack: Attack
) -> None:
    if attack.params.get("wardrobe") != "bobs":
        pytest.skip("names no wardrobe")
    none = Attack(
        attack.method,
        attack.template,
        attack.path,
        {**attack.params, "wardrobe": "nope"},
        attack.json,
        attack.content,
        attack.headers,
    )
    hidden = asked(world.client, attack, world.ada, references)
    absent = asked(world.client, none, world.ada, references)
    assert hidden.status_code == absent.status_code
    plain = {**hidden.json(), "instance": ""}
    same = {**absent.json(), "instance": ""}
    assert str(plain).replace("bobs", "nope") == str(same).replace("bobs", "nope")


@pytest.mark.slow
def test_ada_sees_nothing_of_bobs_in_her_own(world: World, references: dict[str, str]) -> None:
    for method, path in sorted(OWN | ADMIN):
        if method == "GET":
            answer = world.client.get(path, headers=world.ada)
            assert answer.status_code in {200, 404}, (path, answer.text)
            for leak in LEAKS:
                assert leak.encode() not in answer.content
    for attack in ATTACKS:
        if attack.method in {"GET", "QUERY"} and attack.params.get("wardrobe") == "bobs":
            mine = Attack(
                attack.method, attack.template, attack.path,
                {**attack.params, "wardrobe": "adas"}, attack.json, attack.content, attack.headers,
            )  # fmt: skip
            answer = asked(world.client, mine, world.ada, references)
            assert answer.status_code < 500, (str(mine), answer.text)
            for leak in (SECRET, HAT):
                assert leak not in answer.text, str(mine)


@pytest.mark.slow
def test_no_page_shows_what_is_anothers(world: World, references: dict[str, str]) -> None:
    found = {p for m, p in routes(world.client.app) if m == "GET" and _of_the_page(p)}  # type: ignore[arg-type]
    assert len(found) > 10
    slots = {
        "{item:path}": quote("https://w3id.org/wearwhy/id/bobs/1", safe=""),
        "{look}": references["look"],
        "{node}": "1",
        "{topic:path}": "colour",
        "{name}": "page.js",
    }
    said = {"item": "https://w3id.org/wearwhy/id/bobs/1", "s": "https://w3id.org/wearwhy/id/bobs/1"}
    seen = 0
    for path in sorted(found):
        at = path
        for slot, text in slots.items():
            at = at.replace(slot, text)
        for who in (world.ada, world.eve, {}):
            for given in (said, {**said, "wardrobe": "bobs", "calendar": references["calendar"]}):
                answer = world.client.get(
                    at, params=given, headers={**who, "Cookie": "ww_wardrobe=bobs"},
                    follow_redirects=False,
                )  # fmt: skip
                seen += 1
                assert answer.status_code < 500, (at, answer.text[-300:])
                for leak in (SECRET, HAT):
                    assert leak not in answer.text, (at, given)
    assert seen > 60


@pytest.mark.slow
def test_a_key_of_another_repeats_nothing_of_theirs(world: World) -> None:
    body = {"type": "scarf", "name": "One scarf more"}
    key = {"Idempotency-Key": "the-same-for-both"}
    mine = world.client.post("/items", headers={**world.bob, **key}, json=body)
    assert mine.status_code < 300, mine.text
    again = world.client.post("/items", headers={**world.bob, **key}, json=body)
    assert again.json() == mine.json()
    for who in (world.ada, world.eve):
        theirs = world.client.post("/items", headers={**who, **key}, json=body)
        assert "bobs" not in theirs.text
        assert theirs.text != mine.text
    mixed = world.client.post(
        "/items", headers={**world.bob, **key}, json={"type": "scarf", "name": "another"}
    )
    assert mixed.status_code in {400, 409, 422}


@pytest.mark.slow
@pytest.mark.usefixtures("references")
def test_a_preview_of_another_tells_nothing_and_applies_nothing(world: World) -> None:
    change = {"asserted": ["1 colour red"]}
    seen = world.client.post("/rules/preview", headers=world.bob, json={**change, "request": {}})
    assert seen.status_code == 200, seen.text
    token = seen.json()["preview"]
    before = state(world)
    for who in (world.ada, world.eve):
        answer = world.client.post("/rules", headers=who, json={**change, "preview": token})
        assert answer.status_code >= 400, answer.text
        for leak in LEAKS:
            assert leak not in answer.text
    assert state(world) == before


@pytest.mark.slow
def test_a_cursor_of_another_leads_into_ones_own(world: World) -> None:
    page = world.client.get("/items", headers=world.bob, params={"limit": 1}).json()
    assert page["next"]
    answer = world.client.get("/items", headers=world.ada, params={"cursor": page["next"]})
    for leak in LEAKS:
        assert leak not in answer.text
    assert answer.status_code < 500


@pytest.mark.slow
def test_a_viewer_may_look_and_not_touch(world: World, references: dict[str, str]) -> None:
    accounts = world.service.accounts
    eve = accounts.caller_of_key(world.eve["Authorization"].removeprefix("Bearer "))
    token = world.client.post(
        "/invitations", headers=world.bob, json={"wardrobe": "bobs", "role": "viewer"}
    ).json()["token"]
    taken = world.client.post("/invitations/accept", headers=world.eve, json={"token": token})
    assert taken.status_code < 300, taken.text
    again = accounts.caller_of_key(world.eve["Authorization"].removeprefix("Bearer "))
    assert again.wardrobes == {"bobs": Role.VIEWER}
    before = state(world)
    try:
        for attack in ATTACKS:
            if attack.method in {"GET", "QUERY"} or attack.template in _ASKING:
                continue
            answer = asked(world.client, attack, world.eve, references)
            assert answer.status_code >= 400, str(attack)
        assert state(world) == before
        seen = world.client.get("/items", headers=world.eve, params={"wardrobe": "bobs"})
        assert SECRET in seen.text
    finally:
        gone = world.client.delete("/wardrobes/bobs/members/eve", headers=world.bob)
        assert gone.status_code < 300, gone.text
    assert accounts.caller(eve.account).wardrobes == {}
    seen = world.client.get("/items", headers=world.eve, params={"wardrobe": "bobs"})
    assert seen.status_code == 404


_ASKING = frozenset(
    (
        "/sparql",
        "/wardrobes/{wardrobe}/sparql",
        "/tasks",
        "/recommendations",
        "/completions",
        "/why-not",
        "/rules/check",
        "/rules/preview",
    )
)
"""Routes that ask by POST."""


@pytest.mark.slow
def test_the_attacks_are_what_the_owner_can_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(made(tmp_path_factory.mktemp("owned") / "w")) as world:
        references = told(world)
        failed = []
        for attack in ATTACKS:
            answer = asked(world.client, attack, world.bob, references)
            if answer.status_code not in attack.owner:
                failed.append((str(attack), answer.status_code, answer.text[:200]))
        assert failed == []


@pytest.mark.slow
def test_what_a_guest_exports_and_forgets_is_not_the_hosts(tmp_path: Path) -> None:
    with running(made(tmp_path / "w")) as world:
        told(world)
        token = world.client.post(
            "/invitations", headers=world.bob, json={"wardrobe": "bobs", "role": "viewer"}
        ).json()["token"]
        world.client.post("/invitations/accept", headers=world.eve, json={"token": token})
        before = state(world)
        whole = world.client.get("/me/export", headers=world.eve)
        assert whole.status_code == 200, whole.text
        with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
            for name in archive.namelist():
                assert SECRET.encode() not in archive.read(name), name
        gone = world.client.post("/me/forget", headers=world.eve, json={"confirm": "eve"})
        assert gone.status_code < 300, gone.text
        after = state(world)
        assert (after[0], after[2]) == (before[0], before[2])
        assert world.client.get("/items", headers=world.eve).status_code == 401


@pytest.mark.slow
def test_what_holds_nothing_any_more_names_no_other_wardrobe(tmp_path: Path) -> None:
    asking = [
        one
        for one in ATTACKS
        if one.params == {"wardrobe": "bobs"} and "bobs" not in f"{one.path}{one.json}"
    ]
    with running(made(tmp_path / "w")) as world:
        mine, eve = {"wardrobe": "bobz"}, world.eve
        new = world.client.post("/wardrobes", headers=eve, json={"name": "bobz"})
        assert new.status_code == 201, new.text
        undone = world.client.post("/revisions/undo", headers=eve, params=mine)
        assert "WW-UNDO-MAKING" in undone.text
        gone = world.client.post(
            "/update",
            params=mine,
            headers={**eve, "Content-Type": "application/sparql-update"},
            content="DELETE WHERE { ?s ?p ?o }",
        )
        assert gone.status_code == 204, gone.text
        empty = 0
        for one in asking:
            answer = world.client.request(
                one.method, one.template, headers={**one.headers, **eve}, params=mine, json=one.json
            )
            empty += "WW-WARDROBE-NONE" in answer.text
            for name in ("adas", "bobs"):
                assert name not in answer.text, str(one)
    assert empty > 5
