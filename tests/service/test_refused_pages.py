"""Who visits a page and is refused before any route is asked reads a page, in their language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.responses import Response
from starlette.testclient import TestClient
from tests.security.world import HERE, made, running

from wearwhy.http.limits import SMALL_BYTES
from wearwhy.http.page.frame import Frame
from wearwhy.service.configuration import Configuration

VISIT = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
ZH = {**VISIT, "Accept-Language": "zh-CN,zh;q=0.9"}
LARGE = {"name": "ada", "password": "x" * SMALL_BYTES}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    told = Configuration(requests_per_minute=60)
    with running(made(tmp_path_factory.mktemp("refused") / "w"), told) as world:
        yield TestClient(world.client.app, base_url=HERE, client=("127.0.0.1", 1))


@pytest.mark.parametrize(
    ("headers", "lang", "words"),
    [(VISIT, "en", "is larger than this path takes"), (ZH, "zh-Hans", "太")],
    ids=["English", "Chinese"],
)
def test_too_large_a_form_is_told_as_a_page(
    client: TestClient, headers: dict[str, str], lang: str, words: str
) -> None:
    answer = client.post("/page/sign-in", data=LARGE, headers=headers)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{lang}"' in answer.text
    assert words in answer.text
    assert "WW-HTTP-BODY" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_who_comes_too_often_reads_when_to_come_again(client: TestClient) -> None:
    far = {**ZH, "X-Forwarded-For": "203.0.113.9"}
    found = [client.get("/page/sign-in?next=/private", headers=far) for _ in range(100)]
    last = found[-1]
    assert (found[0].status_code, last.status_code) == (200, 429)
    wait = last.headers["retry-after"]
    assert last.headers["content-type"].startswith("text/html")
    assert f"{wait}秒" in last.text
    assert "private" not in last.text


def test_a_refusal_is_drawn_once_for_whoever_meets_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    show = Frame.show

    def counted(frame: Frame, template: str, *given: Any, **about: Any) -> Response:
        drawn.append(frame.language)
        return show(frame, template, *given, **about)

    monkeypatch.setattr(Frame, "show", counted)
    told = []
    for headers in (VISIT, ZH) * 3:
        private = {**headers, "Cookie": "ww_theme=dark; wearwhy=secret"}
        told.append(client.post("/page/sign-in?next=/private", data=LARGE, headers=private))
    assert drawn == ["en", "zh"]
    assert len({one.text for one in told}) == 2
    assert all("private" not in one.text and "secret" not in one.text for one in told)
    assert all('<meta name="csrf" content="">' in one.text for one in told)
    assert len({one.headers["x-request-id"] for one in told}) == 6


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/page/sign-in", {**VISIT, "X-Part": "1"}),
        ("/page/sign-in", {"Accept": "application/json"}),
        ("/sessions", VISIT),
    ],
    ids=["a script", "a program", "another path"],
)
def test_programs_read_the_problem(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.post(path, data=LARGE, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "WW-HTTP-BODY"
