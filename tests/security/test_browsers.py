"""What a browser is told and asked, and what a page of elsewhere can make it do."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.security.attacks import routes
from tests.security.world import World

from wearwhy.http.callers import COOKIE, CSRF_HEADER

PASSWORD = "correct horse battery"
REFUSED = {
    "WW-ACCESS-CSRF",
    "WW-ACCESS-KEY",
    "WW-HTTP-PARAMETER",
    "WW-HTTP-REFUSED",
    "WW-HTTP-BODY-WRONG",
    "WW-HTTP-INPUT",
}
"""What a forged request may be told: a few routes look at its form first."""
pytestmark = pytest.mark.slow
STATIC = Path(__file__).parents[2] / "src" / "wearwhy" / "http" / "page" / "static"


@pytest.fixture(scope="module")
def cookie(world: World) -> str:
    """The session of somebody who is signed in: Dora, who owns `doras`."""
    from wearwhy.service.caller import Scope

    made = world.service.accounts.add(
        "dora", password=PASSWORD, scopes=frozenset(Scope) - {Scope.ADMIN}
    )
    world.service.accounts.own(made.id, "doras")
    answer = world.client.post("/sessions", json={"name": "dora", "password": PASSWORD})
    assert answer.status_code < 300, answer.text
    token = answer.cookies[COOKIE]
    world.client.cookies.clear()
    return f"{COOKIE}={token}"


def changing(world: World) -> list[tuple[str, str]]:
    found = routes(world.client.app)  # type: ignore[arg-type]
    return sorted((m, p) for m, p in found if m not in {"GET", "HEAD", "OPTIONS", "QUERY"})


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "x", path)


@pytest.mark.parametrize(
    "media", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
              "application/json", "application/sparql-update", ""],
)  # fmt: skip
def test_no_form_of_another_page_changes_anything(world: World, cookie: str, media: str) -> None:
    before = world.service.workspace.revision
    open_to_all = {"/sessions", "/accounts", "/invitations/accept"}
    for method, path in changing(world):
        headers = {"Cookie": cookie, "Content-Type": media, "Origin": "https://evil.example",
                   "Sec-Fetch-Site": "cross-site"}  # fmt: skip
        answer = world.client.request(method, filled(path), headers=headers, content=b"a=b")
        assert 400 <= answer.status_code < 500, (method, path, answer.status_code)
        if path not in open_to_all and "/page/" not in path and path != "/mcp":
            assert answer.json()["code"] in REFUSED, (path, answer.text)
        assert "access-control-allow-origin" not in answer.headers
        assert "set-cookie" not in answer.headers, (path, answer.headers)
    me = world.client.get("/me", headers={"Cookie": cookie}).json()
    assert me["name"] == "dora"
    assert world.service.workspace.revision == before


def test_the_token_of_another_session_does_not_count(world: World, cookie: str) -> None:
    other = world.client.post("/sessions", json={"name": "dora", "password": PASSWORD})
    token = world.client.get(
        "/me", headers={"Cookie": f"{COOKIE}={other.cookies[COOKIE]}"}
    ).json().get("csrf")  # fmt: skip
    world.client.cookies.clear()
    headers = {"Cookie": cookie, CSRF_HEADER: token or "x"}
    answer = world.client.post("/items", headers=headers, json={"type": "coat", "name": "x"})
    assert answer.status_code == 403


def test_reading_changes_nothing(world: World) -> None:
    before = world.service.workspace.revision
    kept = sorted(p for p in world.service.folder.rglob("*") if p.suffix in {".nq", ".toml"})
    for method, path in sorted(routes(world.client.app)):  # type: ignore[arg-type]
        if method == "GET" and not path.endswith("/events"):
            answer = world.client.get(filled(path), headers=world.ada, follow_redirects=False)
            assert answer.status_code < 500, (path, answer.text)
    update = {"update": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}
    assert world.client.get("/update", params=update, headers=world.ada).status_code == 405
    asked = {"query": "INSERT DATA { <urn:a> <urn:b> <urn:c> }"}
    assert world.client.get("/sparql", params=asked, headers=world.ada).status_code == 400
    assert world.service.workspace.revision == before
    assert kept == sorted(
        p for p in world.service.folder.rglob("*") if p.suffix in {".nq", ".toml"}
    )


def test_every_answer_says_what_it_is(world: World) -> None:
    for method, path in sorted(routes(world.client.app)):  # type: ignore[arg-type]
        for who in (world.ada, {}):
            if path.endswith("/events"):
                continue
            answer = world.client.request(method, filled(path), headers=who, follow_redirects=False)
            said = answer.headers.get("content-type", "")
            assert path == "/mcp" or said or not answer.content, (method, path)
            if said.startswith("text/"):
                assert "charset=" in said.lower(), (method, path, said)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "content-security-policy" in answer.headers
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"] or (
                "sandbox" in answer.headers["content-security-policy"]
            )
            assert answer.headers.get("server") is None
            assert "x-powered-by" not in answer.headers


class Inputs(HTMLParser):
    """Collects the fields and buttons of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(text: str) -> list[tuple[str, dict[str, str | None]]]:
    page = Inputs()
    page.feed(text)
    return page.found


def test_the_form_to_sign_in_helps_password_managers(world: World, cookie: str) -> None:
    text = world.client.get("/page/sign-in").text
    (field,) = [
        said for tag, said in elements(text) if tag == "input" and said.get("type") == "password"
    ]
    assert field["autocomplete"] == "current-password"
    assert "onpaste" not in text
    assert "hint" not in " ".join(
        str(said.get("name")) for tag, said in elements(text) if tag == "input"
    )


def test_every_page_shows_the_way_out(world: World, cookie: str) -> None:
    found = {p for m, p in routes(world.client.app) if m == "GET" and p.startswith("/page/")}  # type: ignore[arg-type]
    seen = 0
    for path in sorted(p for p in found if "{" not in p):
        answer = world.client.get(path, headers={"Cookie": cookie}, follow_redirects=False)
        page = answer.status_code == 200 and "<html" in answer.text
        if page and path not in {"/page/sign-in", "/page/first-account"}:
            seen += 1
            assert any(
                said.get("action") == "/page/sign-out" for tag, said in elements(answer.text)
                if tag in {"form", "button"}
            ) or 'formaction="/page/sign-out"' in answer.text, path  # fmt: skip
    assert seen > 2


def test_scripts_are_ours_and_few() -> None:
    scripts = [p for p in STATIC.rglob("*") if p.suffix in {".js", ".mjs"}]
    assert scripts
    for path in scripts:
        text = path.read_text("utf-8")
        assert len(text) < 40_000, path
        for strange in ("eval(", "new Function", "innerHTML", "outerHTML", "document.write",
                        "insertAdjacentHTML", "localStorage", "sessionStorage", "indexedDB",
                        "postMessage", "__proto__", "http://", "importScripts"):  # fmt: skip
            assert strange not in text, (path.name, strange)
        set_ = re.findall(r"document\.cookie = `(\w+)=", text)
        assert text.count("document.cookie") == len(set_)
        assert set(set_) <= {"ww_theme", "ww_lang"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/items", {"type": "coat", "name": "x", "wardrobe": "bobs"}),
        ("/items", {"type": "coat", "name": "x", "owner": "bob"}),
        ("/wardrobes", {"name": "new", "role": "owner", "account": "bob"}),
        ("/keys", {"label": "x", "account": "bob"}),
        ("/invitations", {"wardrobe": "adas", "role": "viewer", "maker": "bob"}),
        ("/accounts", {"name": "mallory", "password": PASSWORD, "admin": True}),
        ("/feedback", {"verb": "like", "things": ["1"], "scope": "wardrobe/bobs"}),
        ("/rules", {"asserted": ["1 colour red"], "wardrobe": "bobs"}),
        ("/items", {"type": ["coat"], "name": {"a": 1}}),
        ("/items", [1, 2]),
        ("/items", "text"),
    ],
)
def test_a_field_that_nobody_asked_for_is_refused(world: World, path: str, body: Any) -> None:
    before = world.service.workspace.revision
    answer = world.client.post(path, headers=world.ada, json=body)
    assert answer.status_code == 400, answer.text
    assert world.service.workspace.revision == before


def test_nobody_gives_away_more_than_they_have(world: World) -> None:
    for path, body in (("/keys", {"scopes": ["admin"]}), ("/invitations", {"scopes": ["admin"]})):
        answer = world.client.post(path, headers=world.bob, json=body)
        assert answer.status_code in {400, 403}, answer.text


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/page/static/", "/page/static", "/page/static/..%2fframe.py", "/wearwhy.toml",
     "/page/static/%2e%2e/frame.py", "/accounts.sqlite", "/serve.sock", "/photographs/",
     "/page/static/....//frame.py", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"],
)  # fmt: skip
def test_static_files_are_a_closed_list(world: World, path: str) -> None:
    answer = world.client.get(path, headers=world.ada, follow_redirects=False)
    assert answer.status_code in {404, 405, 307, 303}, answer.text[:200]
    assert "import" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG", "FOO"])
def test_methods_that_nobody_asked_for_are_refused(world: World, method: str) -> None:
    for path in ("/", "/items", "/sparql", "/healthz", "/me"):
        answer = world.client.request(method, path, headers=world.ada)
        assert answer.status_code in {400, 405, 501}, (path, answer.status_code)
        assert "Bearer" not in answer.text


def test_no_key_counts_in_an_address(world: World) -> None:
    key = world.ada["Authorization"].removeprefix("Bearer ")
    for name in ("key", "api_key", "access_token", "token", "authorization", COOKIE):
        assert world.client.get("/items", params={name: key}).status_code in {400, 401}
    said = {"Cookie": f"{COOKIE}={key}"}
    assert world.client.get("/items", headers=said).status_code == 401


def test_a_parameter_that_comes_twice_is_no_way_around(world: World) -> None:
    for pairs in ([("wardrobe", "adas"), ("wardrobe", "bobs")],
                  [("wardrobe", "bobs"), ("wardrobe", "adas")]):  # fmt: skip
        for path in ("/items", "/revisions", "/sparql", "/graphs", "/rules"):
            given: Any = [*pairs, ("query", "SELECT * { ?s ?p ?o }"), ("default", "")]
            answer = world.client.get(path, params=given, headers=world.ada)
            assert "bobs/" not in answer.text, path
    twice = [("Authorization", world.eve["Authorization"]), *world.ada.items()]
    answer = world.client.get("/me", headers=twice)
    assert answer.status_code in {200, 400, 401}
    if answer.status_code == 200:
        assert answer.json()["name"] in {"ada", "eve"}
