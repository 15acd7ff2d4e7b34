"""What goes wrong on the page is told in Chinese to who reads Chinese, and marked where it is not."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from tools.codes import codes

from wearwhy.errors import InputError, NotAllowed, TooMany
from wearwhy.evidence import Kind
from wearwhy.http.app import create_app
from wearwhy.http.page import problems, words
from wearwhy.service.configuration import Configuration
from wearwhy.service.errands import door
from wearwhy.service.service import Service
from wearwhy.settings import assets
from wearwhy.workspace.demo import demonstrate

PASSWORD = "correct horse battery"
SAID = tomllib.loads((assets() / "kg" / "problems.toml").read_text("utf-8"))
RAISED = {one.code: one for one in codes(Path(problems.__file__).parents[2])}
HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")
"""Three words in a row: names and examples have fewer."""
# Put together from the kind of thing that is named, which the sources' reader does not follow.
COMPOSED = {"WW-ITEM-UNKNOWN", "WW-ITEM-AMBIGUOUS"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Ada on the page of the demonstration's wardrobe, in Chinese."""
    folder = tmp_path_factory.mktemp("problems") / "w"
    demonstrate(folder, tried=0)
    told = Configuration(requests_per_minute=0, aside_seconds=300.0, request_seconds=400.0)
    service = Service.open(folder, told, door=door)
    with TestClient(create_app(service), base_url="http://127.0.0.1") as visitor:
        visitor.cookies.set("ww_lang", "zh")
        token = service.accounts.first_token()
        made = {"name": "ada", "password": PASSWORD, "token": token}
        assert visitor.post("/page/first-account", data=made).url.path == "/page/wardrobe"
        yield visitor


def _token(client: TestClient) -> str:
    found = re.search(r'<meta name="csrf" content="([^"]+)"', client.get("/page/keys").text)
    assert found is not None
    return found[1]


def _file(name: str, text: bytes, media: str = "text/csv") -> dict[str, Any]:
    return {"files": {"file": (name, text, media)}, "data": {"do": "preview"}}


ASKED = "/page/looks?go=1&date=2026-11-24"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nEND:VCALENDAR\r\n"
WRONG: dict[str, tuple[str, str, dict[str, Any]]] = {
    "no such item": ("WW-ITEM-UNKNOWN", "/page/items/no-such-thing", {}),
    "no such page": ("WW-PAGE-NONE", "/page/no-such-page", {}),
    "degrees in words": ("WW-PAGE-NUMBER", f"{ASKED}&degrees=warm", {}),
    "no day": ("WW-DATE", "/page/looks?go=1&date=someday", {}),
    "a lock on nothing": ("WW-ITEM-UNKNOWN", f"{ASKED}&lock=w999", {}),
    "no such occasion": ("WW-REQUEST-CONCEPT", f"{ASKED}&occasion=ww:occasion-none", {}),
    "a calendar that is gone": ("WW-UPLOAD-NONE", f"{ASKED}&calendar=gone", {}),
    "an unearthly day": ("WW-WEATHER-RANGE", f"{ASKED}&degrees=900", {}),
    "nothing fits": ("WW-LOOK-NONE", f"{ASKED}&lock=w33&lock=w26", {}),
    "no such look": ("WW-LOOK-UNKNOWN", "/page/looks/look-000000000000", {}),
    "what does not hold": ("WW-WHY-ABSENT", "/page/why?s=w09&p=ww:colour&o=ww:colour-red", {}),
    "no such property": ("WW-PROPERTY-UNKNOWN", "/page/why?s=w09&p=flavour&o=sweet", {}),
    "too many chosen": (
        "WW-PAGE-CHOSEN",
        "/page/complete?" + "&".join(f"given=w{n:02}" for n in range(1, 30)),
        {},
    ),
    "a plan that is gone": ("WW-TASK-NONE", "/page/week?task=gone", {}),
    "no such rules": ("WW-TOPIC-NONE", "/page/rules/no-such-rules", {}),
    "no name for rules": ("WW-PAGE-TOPIC", "/page/new-rules?topic=A!", {}),
    "no such question": ("WW-NAMED-QUERY-UNKNOWN", "/page/ask?name=none", {}),
    "a page of a list that is none": ("WW-CURSOR", "/page/history?cursor=x", {}),
    "the wrong password": (
        "WW-ACCESS-PASSWORD",
        "/page/sign-in",
        {"data": {"name": "ada", "password": "not it"}},
    ),
    "an old token": (
        "WW-INVITATION-OVER",
        "/page/first-account",
        {"data": {"name": "bob", "password": PASSWORD, "token": "first_none"}},
    ),
    "a form of elsewhere": ("WW-ACCESS-CSRF", "/page/keys", {"data": {"csrf": "x"}}),
    "nothing filled in": ("WW-PAGE-EMPTY", "/page/items/w09", {"data": {"do": "preview"}}),
    "no such value": (
        "WW-VALUE-UNKNOWN",
        "/page/items/w09",
        {"data": {"do": "preview", "property": "ww:material", "value": "wooll"}},
    ),
    "changed meanwhile": (
        "WW-STORE-MOVED",
        "/page/items/w09",
        {"data": {"do": "save", "property": "ww:material", "value": "wool", "expected": "1"}},
    ),
    "an item without a kind": (
        "WW-CLASS-UNKNOWN",
        "/page/add",
        {"data": {"do": "preview", "name": "Hat", "kind": "no-such-kind"}},
    ),
    "a size of nothing": (
        "WW-WEARER-SIZE",
        "/page/wearers",
        {"data": {"do": "preview", "who": "ines", "sizes": "xx"}},
    ),
    "warmth in words": (
        "WW-PAGE-NUMBER",
        "/page/wearers",
        {"data": {"do": "preview", "who": "ines", "warmth": "cold"}},
    ),
    "too many days": ("WW-PAGE-DAYS", "/page/week", {"data": {"days": "99"}}),
    "a key for nothing": ("WW-PAGE-SCOPE", "/page/keys", {"data": {"days": "90"}}),
    "no such key": ("WW-KEY-UNKNOWN", "/page/keys", {"data": {"do": "revoke", "key": "none"}}),
    "no such invitation": (
        "WW-INVITATION-OVER",
        "/page/sharing",
        {"data": {"do": "accept", "token": "none"}},
    ),
    "nobody's part": (
        "WW-MEMBER-UNKNOWN",
        "/page/sharing",
        {"data": {"do": "end", "name": "nobody"}},
    ),
    "a name that is taken": (
        "WW-WARDROBE-EXISTS",
        "/page/wardrobe/new",
        {"data": {"name": "demo"}},
    ),
    "no file": ("WW-PAGE-FILE", "/page/upload", {"data": {"do": "preview"}}),
    "a file of no kind": ("WW-UPLOAD-KIND", "/page/upload", _file("a.pdf", b"%PDF-1.4", "x/y")),
    "an empty table": ("WW-FILE-EMPTY", "/page/upload", _file("a.csv", b"")),
    "a broken RDF file": ("WW-RDF-SYNTAX", "/page/upload", _file("a.ttl", b"<x", "text/turtle")),
    "a calendar as a table": (
        "WW-PAGE-CALENDAR",
        "/page/upload",
        _file("a.ics", CALENDAR, "text/calendar"),
    ),
    "no query": ("WW-QUERY-SYNTAX", "/page/ask", {"data": {"text": "SELEKT *"}}),
    "a query that changes": (
        "WW-QUERY-UPDATE",
        "/page/ask",
        {"data": {"text": "DELETE WHERE { ?s ?p ?o }"}},
    ),
    "a query of elsewhere": (
        "WW-QUERY-REMOTE",
        "/page/ask",
        {"data": {"text": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"}},
    ),
    "the wrong name to forget": (
        "WW-FORGET-CONFIRM",
        "/page/forget",
        {"data": {"confirm": "eve", "password": PASSWORD}},
    ),
}


def _told(client: TestClient, path: str, given: dict[str, Any]) -> str:
    if not given:
        return client.get(path).text
    data = {"csrf": _token(client), "wardrobe": "demo", **given["data"]}
    return client.post(path, **{**given, "data": data}).text


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_told_in_chinese(client: TestClient, mistake: str) -> None:
    code, path, given = WRONG[mistake]
    page = _told(client, path, given)
    block = re.search(r'<div class="problem".*?<p class="code">([^<]*)</p>', page, re.DOTALL)
    assert block is not None, page[:2000]
    assert block[1] == code
    assert code in SAID
    own = re.sub(r'<p class="(?:original" lang="en|code)">.*?</p>', "", block[0], flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", own)
    assert HAN.search(text)
    assert not ENGLISH.search(text), text


def test_what_is_wrong_in_a_rule_is_told_in_chinese_with_its_english_marked(
    client: TestClient,
) -> None:
    page = _told(client, "/page/check", {"data": {"text": "RUEL { } WHERE { }"}})
    assert "这里不符合规则的语法。" in page
    assert re.search(r'<span class="original" lang="en">[^<]*RUEL', page)


def test_every_sentence_is_of_a_code_that_there_is() -> None:
    assert set(SAID) - set(RAISED) - COMPOSED == set()


def test_every_sentence_is_chinese_and_every_step_is_told_in_both_languages() -> None:
    assert [code for code, one in SAID.items() if not HAN.search(one["zh"])] == []
    steps = {code: one["step"] for code, one in SAID.items() if "step" in one}
    assert [code for code, one in steps.items() if not HAN.search(one["zh"])] == []
    assert [code for code, one in steps.items() if HAN.search(one["en"]) or not one["en"]] == []
    known = {"zh", "step", "whole"}
    assert [code for code, one in SAID.items() if set(one) - known] == []


def test_no_value_that_an_error_names_is_lost() -> None:
    lost = [code for code, one in SAID.items() if one.get("whole") and "…" in _sentence(code)]
    assert lost == ["WW-PAGE-NONE"]  # the address says it


def _sentence(code: str) -> str:
    return RAISED[code].sentence if code in RAISED else "…"


def test_a_code_without_a_sentence_stands_in_english_under_a_headline() -> None:
    error = InputError("WW-NO-SUCH-CODE", "A thing is amiss.", note="So.", hint="Mend it.")
    told = problems.told(error, words.Words("zh"))
    assert told.head == words.Words("zh")("problem-input")
    assert told.english == "A thing is amiss. So. Mend it."
    assert problems.told(error, words.Words("en")).english == ""
    refused = NotAllowed("WW-NO-SUCH-CODE", "Not you.")
    assert problems.told(refused, words.Words("zh")).head == words.Words("zh")("problem-allowed")


def test_how_long_to_wait_is_told() -> None:
    told = problems.told(TooMany("WW-LIMIT-RATE", "More.", retry_after=41.2), words.Words("zh"))
    assert "41秒" in told.head
    assert told.english == ""


def test_every_kind_of_evidence_has_a_plain_word() -> None:
    said = words.sentences()
    assert [kind for kind in Kind if f"kind-{kind.value}" not in said] == []
    jargon = {"absent", "path", "opaque", "axiom", "builtin", "asserted"}
    assert {said[f"kind-{kind.value}"]["en"] for kind in Kind} & jargon == set()
