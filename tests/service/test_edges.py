"""What stands around the routes, over an application that has none of ours."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry import trace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message

from wearwhy.http import logging as logs
from wearwhy.http import telemetry
from wearwhy.http.cors import shared
from wearwhy.http.limits import Bounded
from wearwhy.http.metrics import Metrics
from wearwhy.http.observing import Observed
from wearwhy.http.problems import HANDLERS
from wearwhy.http.rating import Rated
from wearwhy.http.security import Secured
from wearwhy.service.configuration import Configuration

TOLD = Configuration(body_bytes=100, upload_bytes=1000, in_flight=2)
HASTY = replace(TOLD, request_seconds=0.2)
KEY = "ww_abcdefghijklmnopqrstuvwxyz0123456789"


async def read(request: Request) -> Response:
    return JSONResponse({"bytes": len(await request.body())})


async def slow(request: Request) -> Response:
    await asyncio.sleep(600)
    return PlainTextResponse("late")


async def fails(request: Request) -> Response:
    raise RuntimeError(f"a secret: {KEY}\nand another line")


async def item(request: Request) -> Response:
    return PlainTextResponse(request.path_params["name"], headers={"cache-control": "max-age=9"})


async def half(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"some"
        raise RuntimeError("cut")

    return StreamingResponse(pieces())


ROUTES = [
    Route("/read", read, methods=["POST"]),
    Route("/uploads", read, methods=["POST"]),
    Route("/uploadsx", read, methods=["POST"]),
    Route("/wardrobes/mine/graphs", read, methods=["POST"]),
    Route("/wardrobes/mine/items", read, methods=["POST"]),
    Route("/slow", slow),
    Route("/fails", fails),
    Route("/items/{name}", item),
    Route("/half", half),
]


def stacked(told: Configuration = TOLD) -> tuple[ASGIApp, Metrics]:
    metrics = Metrics("0", dict)
    inner = shared(Bounded(Starlette(routes=ROUTES, exception_handlers=HANDLERS), told), told)
    return Observed(Secured(Rated(inner, told), told), metrics), metrics


def asking(told: Configuration = TOLD, client: str = "127.0.0.1") -> TestClient:
    app, _ = stacked(told)
    return TestClient(
        app, base_url="http://127.0.0.1", client=(client, 5000), raise_server_exceptions=False
    )


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root, level = logging.getLogger(), logging.getLogger("wearwhy").level
    before = root.level
    logs.configure("json", "info", stream)
    yield stream
    for handler in [one for one in root.handlers if one.get_name() == "wearwhy"]:
        root.removeHandler(handler)
    root.setLevel(before)
    logging.getLogger("wearwhy").setLevel(level)


def test_every_answer_forbids_what_a_page_does_not_need() -> None:
    found = asking().get("/nothing").headers
    policy = found["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert found["x-content-type-options"] == "nosniff"
    assert found["x-frame-options"] == "DENY"
    assert found["cache-control"] == "no-store"
    assert "strict-transport-security" not in found
    assert "server" not in found


def test_a_route_may_say_itself_that_its_answer_can_be_kept() -> None:
    assert asking().get("/items/a").headers["cache-control"] == "max-age=9"


def test_https_only_is_said_where_people_come_by_https() -> None:
    told = replace(TOLD, public_url="https://wear.example.org")
    found = asking(told).get("/items/a", headers={"host": "wear.example.org"})
    assert found.status_code == 200
    assert found.headers["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1.evil.example", "", "[::2]", "[::1", "[::1]evil", "localhost.",
        "127.0.0.1:80@evil.example", "127.0.0.1@evil.example", "127.0.0.1:x", "127.0.0.1/x",
        "127.0.0.1, evil.example", "evil.example:127.0.0.1", "0.0.0.0", "127.1", "2130706433",
    ],
)  # fmt: skip
def test_a_name_that_is_not_ours_is_not_answered_to(host: str) -> None:
    found = asking().get("/items/a", headers={"host": host})
    assert found.status_code == 421
    assert found.json()["code"] == "WW-HTTP-HOST"
    assert "content-security-policy" in found.headers


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "[::1]"]
)
def test_loopback_names_are_answered_to(host: str) -> None:
    assert asking().get("/items/a", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/read", 100, 200),
        ("/read", 101, 413),
        ("/uploads", 1000, 200),
        ("/uploads", 1001, 413),
        ("/uploadsx", 101, 413),
        ("/wardrobes/mine/graphs", 1000, 200),
        ("/wardrobes/mine/items", 101, 413),
    ],
)
def test_a_body_has_a_bound(path: str, size: int, status: int) -> None:
    found = asking().post(path, content=b"x" * size)
    assert found.status_code == status
    if status == 413:
        assert found.json()["code"] == "WW-HTTP-BODY"


def test_a_body_that_states_no_length_is_counted_as_it_comes() -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(60):
            yield b"xx"

    found = asking().post("/read", content=pieces())
    assert found.status_code == 413
    assert found.headers["content-type"] == "application/problem+json"


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    found = asking(HASTY).get("/slow")
    assert (found.status_code, found.json()["code"]) == (503, "WW-HTTP-SLOW")
    assert found.headers["retry-after"] == "1"


async def asked_at_once(app: ASGIApp, path: str, times: int) -> list[str]:
    """Return the code of each problem, in the order in which they were answered."""
    told: list[str] = []

    async def once() -> None:
        async def send(message: Message) -> None:
            if message["type"] == "http.response.body":
                told.append(json.loads(message["body"])["code"])

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": [(b"host", b"localhost")],
            "query_string": b"",
            "client": ("127.0.0.1", 1),
            "scheme": "http",
        }
        await app(scope, receive, send)

    await asyncio.gather(*(once() for _ in range(times)))
    return told


def test_more_than_can_be_worked_on_are_told_to_come_again() -> None:
    app, metrics = stacked(HASTY)
    told = asyncio.run(asked_at_once(app, "/slow", 5))
    assert told == ["WW-HTTP-BUSY"] * 3 + ["WW-HTTP-SLOW"] * 2
    assert "wearwhy_requests_in_flight 0.0" in metrics.text().decode()
    again = asyncio.run(asked_at_once(app, "/slow", 2))
    assert again == ["WW-HTTP-SLOW"] * 2


def test_a_fault_is_told_without_a_word_of_it(log: io.StringIO) -> None:
    found = asking().get("/fails")
    said = found.json()
    assert (found.status_code, said["code"]) == (500, "WW-INTERNAL")
    assert "secret" not in found.text
    assert said["instance"] == f"urn:uuid:{found.headers['x-request-id']}"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    failed = next(line for line in lines if line["event"] == "failed")
    assert failed["request"] == found.headers["x-request-id"]
    assert failed["error"]["type"] == "RuntimeError"
    assert any(
        "in fails" in frame or frame.endswith(" fails") for frame in failed["error"]["frames"]
    )


def test_a_fault_in_the_middle_of_an_answer_ends_the_connection() -> None:
    app, metrics = stacked()
    with pytest.raises(RuntimeError, match="cut"):
        TestClient(app, base_url="http://localhost").get("/half")
    assert 'route="/half"' in metrics.text().decode()


def test_a_line_of_the_log_has_neither_keys_nor_another_line(log: io.StringIO) -> None:
    client = asking()
    client.get("/fails", headers={"authorization": f"Bearer {KEY}"})
    client.get(f"/{KEY}?token={KEY}")
    client.get("/a%0d%0a%7b%22event%22%3a%22forged%22%7d\u2028\u0085")
    client.get("/items/secret-item?q=%0a")
    text = log.getvalue()
    assert KEY not in text
    assert "secret-item" not in text
    lines = text.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["failed", *["request"] * 4]
    assert json.loads(lines[3])["path"].startswith('/a\r\n{"event":"forged"}')
    assert json.loads(lines[4])["route"] == "/items/{name}"


def test_plain_lines_are_one_line_too() -> None:
    record = logging.makeLogRecord({"msg": "one\ntwo", "name": "n", "note": f'a "b"\r\n{KEY}'})
    line = logs.PlainLines().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert KEY not in line
    assert '"one\\ntwo"' in line


def test_labels_come_from_closed_lists_only() -> None:
    app, metrics = stacked()
    client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
    for path in ("/items/private-name", "/private-path", "/fails"):
        client.get(path)
    client.request("BREW", "/items/private-name")
    text = metrics.text().decode()
    assert "private" not in text
    assert "BREW" not in text
    assert 'wearwhy_requests_total{method="GET",route="/items/{name}",status="200"} 1.0' in text
    assert 'wearwhy_requests_total{method="other",route="/items/{name}",status="405"} 1.0' in text
    assert 'wearwhy_problems_total{code="WW-INTERNAL"} 1.0' in text
    assert "wearwhy_requests_in_flight 0.0" in text


def test_an_address_may_ask_so_often() -> None:
    told = replace(TOLD, requests_per_minute=6)  # two at once, then one in ten seconds
    client = asking(told, client="203.0.113.7")
    found = [client.get("/items/a", headers={"host": "localhost"}) for _ in range(4)]
    assert [one.status_code for one in found] == [200] * 2 + [429] * 2
    assert int(found[-1].headers["retry-after"]) >= 1
    assert found[-1].json()["code"] == "WW-LIMIT-RATE"
    # What a proxy passes on is counted, what is asked on this machine itself is not.
    near = asking(told)
    passed_on = [near.get("/items/a", headers={"x-forwarded-for": "1.2.3.4"}) for _ in range(3)]
    assert passed_on[-1].status_code == 429
    assert {near.get("/items/a").status_code for _ in range(5)} == {200}


def test_pages_of_other_origins_may_not_ask_unless_they_are_named() -> None:
    asked = {"origin": "https://yasgui.example", "access-control-request-method": "POST"}
    closed = asking().options("/read", headers=asked)
    assert "access-control-allow-origin" not in closed.headers
    told = replace(TOLD, origins=("https://yasgui.example",))
    wanted = {**asked, "access-control-request-headers": "content-type,x-requested-with"}
    opened = asking(told).options("/read", headers=wanted)
    assert opened.status_code == 200
    assert opened.headers["access-control-allow-origin"] == "https://yasgui.example"
    assert "QUERY" in opened.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in opened.headers
    other = asking(told).get("/items/a", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers


def test_a_method_that_a_path_does_not_take_is_answered_by_those_it_takes() -> None:
    router = APIRouter()
    router.add_api_route("/things/{name:path}", item, methods=["GET"])
    router.add_api_route("/things/{name:path}", read, methods=["POST"])
    app = FastAPI(exception_handlers=dict(HANDLERS))
    app.include_router(router)
    found = TestClient(app).put("/things/a/b")
    assert (found.status_code, found.json()["code"]) == (405, "WW-HTTP-METHOD")
    assert found.headers["allow"] == "GET, POST"


class Recorded(trace.NonRecordingSpan):
    """A span that remembers, as a provider's would."""

    def __init__(self, name: str, parent: trace.SpanContext) -> None:
        super().__init__(trace.INVALID_SPAN_CONTEXT)
        self.said: dict[str, object] = {"name": name, "parent": format(parent.trace_id, "032x")}

    def update_name(self, name: str) -> None:
        self.said["name"] = name

    def set_attribute(self, key: str, value: object) -> None:
        self.said[key] = value

    def set_status(self, status: object, description: str | None = None) -> None:
        self.said["status"] = status


class Provider(trace.TracerProvider, trace.Tracer):
    """A provider, and the one tracer that it has."""

    def __init__(self) -> None:
        self.spans: list[Recorded] = []

    def get_tracer(self, *args: object, **given: object) -> trace.Tracer:
        return self

    def start_span(self, name: str, *args: Any, **given: Any) -> trace.Span:
        raise NotImplementedError

    @contextmanager
    def start_as_current_span(  # type: ignore[override]  # what the server gives it, no more
        self, name: str, context: Any = None, **given: Any
    ) -> Iterator[Any]:
        parent = trace.get_current_span(context).get_span_context()
        self.spans.append(Recorded(name, parent))
        yield self.spans[-1]


def test_a_request_is_a_span_where_somebody_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider()
    assert not telemetry.traced()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    client = asking()
    of = "4bf92f3577b34da6a3ce929d0e0e4736"
    client.get("/items/secret", headers={"traceparent": f"00-{of}-00f067aa0ba902b7-01"})
    client.get("/fails")
    first, second = [span.said for span in provider.spans]
    assert first == {
        "name": "GET /items/{name}",
        "parent": of,
        "http.route": "/items/{name}",
        "http.response.status_code": 200,
    }
    assert second["http.response.status_code"] == 500
    assert second["status"] is trace.StatusCode.ERROR
