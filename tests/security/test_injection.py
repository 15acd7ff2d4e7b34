"""Texts that mean something to some reader, in every place where a text can be given."""

from __future__ import annotations

import csv
import io
import json
import logging
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from defusedxml import ElementTree
from tests.security.attacks import routes
from tests.security.world import World

from wearwhy.http import logging as logs

pytestmark = pytest.mark.slow

MARK = "x-pwn"
NASTY = (
    f"\"'></title></script><{MARK} onload={MARK}()><script>{MARK}()</script>",
    f"{{{{7*7}}}}${{7*7}}<%= {MARK} %>#{{{MARK}}}",
    f'{MARK}"]; click n0 href "javascript:{MARK}()" %%{{init: {{}}}}%%',
    f"{MARK}> . }} ; DROP ALL # \\u0022 \" ' '''",
    f'=HYPERLINK("http://127.0.0.1/{MARK}")',
    f"../../../etc/passwd%00{MARK}",
    f"{MARK}\u202e\u2028\x85 end",
    "%s %n {0.__class__} ${jndi:ldap://127.0.0.1/x}",
    "-1 OR 1=1; --",
    "9" * 400,
    f'https://w3id.org/wearwhy/ns#a b<>"{{{MARK}}}',
    f'ww:{MARK}"<> b',
    "ww:\ud7ff\x01\x7f",
)
OURS = ("/", "#", "?", "https://www.w3.org/", "https://w3id.org/", "https://github.com/")


class Page(HTMLParser):
    """Reads a page as a browser would, and notes what should not be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == MARK or any(name.startswith("on") or MARK in name for name in said):
            self.wrong.append(f"<{tag} {said}>")
        if "style" in said or tag in {"base", "object", "embed", "iframe"}:
            self.wrong.append(f"<{tag} {said}>")
        self._script = tag == "script"
        if tag == "script" and not (said.get("src") or "").startswith("/"):
            self.wrong.append(f"a script of {said.get('src')}")
        for name in ("href", "src", "action", "formaction", "xlink:href"):
            value = (said.get(name) or "/").strip()
            if not value.startswith(OURS) and not _relative(value):
                self.wrong.append(f"{name}={value}")
            if value.startswith("//"):
                self.wrong.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.wrong.append(f"script: {data}")
        self._script = False


def _relative(value: str) -> bool:
    return ":" not in value.partition("/")[0]


def wrong_in(text: str) -> list[str]:
    page = Page()
    page.feed(text)
    return page.wrong


def test_the_reader_of_pages_sees_what_is_wrong() -> None:
    for text in (f"<{MARK}>", "<p onclick=x>", "<script>x</script>", "<a href='javascript:x'>"):
        assert wrong_in(text)
    assert wrong_in("<a href='/x'>&lt;script&gt;</a><script src='/s.js'></script>") == []


@pytest.fixture(scope="module")
def nasty(world: World) -> World:
    """Ada's wardrobe with things that are called so."""
    for n, name in enumerate(NASTY):
        for kind in ("scarf", "coat"):
            sent = world.client.post(
                "/items", headers=world.ada, json={"type": kind, "name": f"{n} {name}"[:480]}
            )
            assert sent.status_code < 500, sent.text
    table = io.StringIO()
    csv.writer(table).writerows(
        [["id", "name", "type", "notes", "brand"], *(
            [f"n{n}", name[:100], "scarf", name, name] for n, name in enumerate(NASTY)
        )]
    )  # fmt: skip
    found = world.client.post(
        "/uploads", params={"name": NASTY[0]}, headers={**world.ada, "Content-Type": "text/csv"},
        content=table.getvalue().encode(),
    )  # fmt: skip
    assert found.status_code in {201, 400, 415}, found.text
    if found.status_code == 201:
        world.client.post(f"/uploads/{found.json()['id']}/apply", headers=world.ada)
    return world


def pages(world: World) -> list[str]:
    """Return the paths of the page that need nothing but somebody who looks."""
    found = {path for method, path in routes(world.client.app) if method == "GET"}  # type: ignore[arg-type]
    return sorted(path for path in found if path.startswith("/page/") or path == "/")


def test_no_page_lets_a_text_be_more_than_a_text(nasty: World) -> None:
    assert len(pages(nasty)) > 8
    seen = 0
    items = nasty.client.get("/items", headers=nasty.ada, params={"limit": 100}).json()["items"]
    assert len(items) > 10
    paths = [p for p in pages(nasty) if "{" not in p]
    paths += [f"/page/items/{quote(one['id'], safe='')}" for one in items[:12]]
    for path in paths:
        answer = nasty.client.get(path, headers=nasty.ada, follow_redirects=True)
        assert answer.status_code < 500, (path, answer.text[-500:])
        if "html" in answer.headers["content-type"]:
            seen += 1
            assert wrong_in(answer.text) == [], path
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]
    assert seen > 8


@pytest.mark.parametrize("text", NASTY)
def test_no_page_shows_a_parameter_as_more_than_a_text(nasty: World, text: str) -> None:
    for path in pages(nasty):
        at = path
        for slot in ("{item:path}", "{topic:path}", "{look}", "{node}", "{name}"):
            at = at.replace(slot, quote(text, safe=""))
        given = dict.fromkeys(
            ("text", "slot", "item", "s", "p", "o", "topic", "name", "next", "lang", "theme",
             "done", "wardrobe", "cursor", "term", "look", "calendar", "property", "on", "expected"),
            text,
        )  # fmt: skip
        answer = nasty.client.get(at, params=given, headers=nasty.ada, follow_redirects=False)
        assert answer.status_code < 500, (at, answer.text[-800:])
        if "html" in answer.headers.get("content-type", ""):
            assert wrong_in(answer.text) == [], at
        if answer.is_redirect:
            assert answer.headers["location"].startswith("/")
            assert not answer.headers["location"].startswith(("//", "/\\"))
        for value in answer.headers.values():
            assert "\n" not in value
            assert "\r" not in value


@pytest.mark.parametrize(
    "there",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "/page/\\..//evil.example",
     "javascript:alert(1)", "/page/x\r\nSet-Cookie: a=b", "\t//evil.example", "/page/@evil.example"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(world: World, there: str) -> None:
    answer = world.client.get(
        "/page/sign-in", params={"next": there}, headers=world.ada, follow_redirects=False
    )
    assert "evil" not in answer.headers.get("location", "")
    assert "set-cookie: a" not in str(answer.headers).lower()
    assert wrong_in(answer.text) == []


def test_every_kind_of_drawing_holds_only_drawings(nasty: World) -> None:
    found = nasty.client.post("/recommendations", json={"n": 3}, headers=nasty.ada)
    looks = [one["id"] for one in found.json().get("looks", ())]
    for look in looks:
        for form in ("svg", "mermaid"):
            answer = nasty.client.get(
                f"/explanations/{look}", params={"format": form}, headers=nasty.ada
            )
            assert answer.status_code == 200, answer.text
            if form == "svg":
                assert strange(answer.text) == []
            else:
                assert "click " not in answer.text
                assert f"<{MARK}" not in answer.text
    items = nasty.client.get("/items", headers=nasty.ada, params={"limit": 100}).json()["items"]
    for one in items[:12]:
        at = f"/page/pictures/{quote(one['id'], safe='')}"
        answer = nasty.client.get(at, headers=nasty.ada)
        assert answer.headers["content-type"].startswith("image/"), answer.text
        if "svg" in answer.headers["content-type"]:
            assert strange(answer.text) == []


def strange(svg: str) -> list[str]:
    """Return what of a drawing could run, or reach for something."""
    found = []
    for element in ElementTree.fromstring(svg).iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag in {"script", "foreignObject", "use", "image", "a", "animate", "set", MARK}:
            found.append(tag)
        found += [
            name
            for name, value in element.attrib.items()
            if name.startswith("on") or "href" in name or "javascript" in value or "http" in value
        ]
    return found


ASKED = (
    ("/items", ("text", "kind", "slot", "cursor", "source", "wardrobe", "lang")),
    ("/why", ("subject", "property", "value", "proof")),
    ("/rules", ("what",)),
    ("/revisions", ("cursor", "limit")),
    ("/predictions", ("cursor",)),
    ("/feedback", ("cursor",)),
    ("/sparql", ("query", "default-graph-uri")),
    ("/graphs", ("graph",)),
    ("/audit", ("limit",)),
)


@pytest.mark.parametrize("text", NASTY)
def test_no_parameter_is_more_than_a_text(nasty: World, text: str) -> None:
    before = nasty.service.workspace.revision
    for path, names in ASKED:
        for name in names:
            given = {"subject": "1", "property": "type", "value": "coat"} if path == "/why" else {}
            answer = nasty.client.get(path, params={**given, name: text}, headers=nasty.ada)
            assert answer.status_code < 500, (path, name, answer.text)
            assert "html" not in answer.headers["content-type"]
            assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/items/", "/rules/", "/explanations/", "/wearers/", "/wardrobes/", "/uploads/",
                 "/tasks/", "/keys/", "/sessions/", "/invitations/", "/errors/", "/revisions/"):  # fmt: skip
        answer = nasty.client.get(path + quote(text, safe=""), headers=nasty.ada)
        assert answer.status_code < 500, (path, answer.text)
    for header in ("If-Match", "If-None-Match", "Idempotency-Key", "Accept", "Accept-Language",
                   "X-Request-Id", "Content-Type", "Range", "Cookie"):  # fmt: skip
        said = text.encode("ascii", "ignore").decode()
        answer = nasty.client.get("/items", headers={**nasty.ada, header: said})
        assert answer.status_code < 500, (header, answer.text)
        assert MARK not in str(answer.headers)
    assert nasty.service.workspace.revision == before


@pytest.mark.parametrize("text", NASTY)
def test_no_body_is_more_than_its_texts(nasty: World, text: str) -> None:
    for path, body in (
        ("/recommendations", {"occasions": [text]}),
        ("/recommendations", {"weather": text}),
        ("/recommendations", {"source": f"catalogue:{text}"}),
        ("/recommendations", {"lock": [text], "wearer": text}),
        ("/why-not", {"item": text}),
        ("/completions", {"given": [text]}),
        ("/rules/check", {"text": text, "topic": text}),
        ("/rules/preview", {"topic": text, "text": "x"}),
        ("/rules", {"topic": text, "text": "x"}),
        ("/feedback", {"verb": "like", "things": [text]}),
        ("/items", {"type": text, "name": "x"}),
        ("/wardrobes", {"name": text}),
        ("/invitations", {"wardrobe": text, "role": "viewer"}),
        ("/predictions/confirm", {"item": text, "property": text, "value": text}),
        ("/accounts", {"name": text[:60], "token": text[:100]}),
        ("/sessions", {"name": text[:60], "password": text[:200]}),
    ):
        answer = nasty.client.post(path, json=body, headers=nasty.ada)
        assert 200 <= answer.status_code < 500, (path, answer.text)
        assert "application/" in answer.headers["content-type"]


def test_no_file_appears_outside_of_what_is_ours(nasty: World) -> None:
    folder = nasty.service.folder
    for text in NASTY:
        for topic in (text, "../../escaped", "/tmp/escaped", "..\\escaped", "a/../../../escaped"):
            nasty.client.post(
                "/rules", headers=nasty.ada,
                json={"topic": topic, "text": "PREFIX : <urn:x:> RULE :r { ?s :p 1 } WHERE { ?s :q 1 }"},
            )  # fmt: skip
    assert not [path for path in folder.parent.rglob("*escaped*") if path.is_relative_to(folder.parent)
                and not path.is_relative_to(folder)]  # fmt: skip


def test_no_text_ends_a_line_of_the_log(nasty: World) -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    known, level = list(root.handlers), root.level
    logs.configure("json", "debug", stream)
    try:
        for text in (*NASTY, 'a\r\n{"event": "forged"}', "\x1b[2J\x1b[31mred"):
            for path in (f"/items/{quote(text, safe='')}", f"/{quote(text, safe='')}"):
                nasty.client.get(path, headers={**nasty.ada, "User-Agent": "x"})
            nasty.client.post("/sessions", json={"name": text[:60], "password": "secret-password"})
        nasty.client.get("/items?key=ww_abcdefghijklmnopqrstuvwxyz012345", headers=nasty.ada)
    finally:
        for handler in root.handlers[:]:
            if handler not in known:
                root.removeHandler(handler)
        root.setLevel(level)
    lines = stream.getvalue().splitlines()
    assert len(lines) > 20
    for line in lines:
        told: dict[str, Any] = json.loads(line)
        assert told.get("event") != "forged"
        assert "\x1b" not in line
        assert "secret-password" not in line
        assert "ww_abcdef" not in line
        assert nasty.ada["Authorization"].removeprefix("Bearer ") not in line
