"""Who visits a page and is refused before any route is asked reads a page, in their language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from tests.security.world import HERE, made, running

from wearwhy.http.limits import SMALL_BYTES
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
    found = [client.get("/page/sign-in", headers=far) for _ in range(100)]
    last = found[-1]
    assert (found[0].status_code, last.status_code) == (200, 429)
    wait = last.headers["retry-after"]
    assert last.headers["content-type"].startswith("text/html")
    assert f"{wait}秒" in last.text


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
