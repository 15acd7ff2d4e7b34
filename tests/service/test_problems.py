"""Each kind of error as HTTP tells it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from wearwhy.errors import (
    BudgetExceeded,
    DiskFull,
    FormatError,
    Locked,
    Moved,
    NoAnswer,
    NotAllowed,
    NotInstalled,
    NotSignedIn,
    Place,
    QueryError,
    Refused,
    RuleSyntaxError,
    StoreError,
    TooLarge,
    TooMany,
    Unavailable,
    UnknownName,
    WearwhyError,
)
from wearwhy.http import logging as logs
from wearwhy.http.models.wishes import Entry, WishBody
from wearwhy.http.problems import HANDLERS
from wearwhy.service.caller import Caller, Scope

TOLD: list[tuple[WearwhyError, int]] = [
    (NotSignedIn("WW-ACCESS-KEY", "a"), 401),
    (NotAllowed("WW-ACCESS-SCOPE", "a"), 403),
    (UnknownName("WW-WARDROBE-NONE", "a"), 404),
    (UnknownName("WW-GRAPH-NONE", "a"), 404),
    (NoAnswer("WW-UNDO-NOTHING", "a"), 404),
    (UnknownName("WW-CLASS-UNKNOWN", "a"), 400),
    (FormatError("WW-TABLE", "a"), 400),
    (QueryError("WW-QUERY-SYNTAX", "a"), 400),
    (QueryError("WW-QUERY-ACCEPT", "a"), 406),
    (RuleSyntaxError("WW-RULE-SYNTAX", "a"), 400),
    (BudgetExceeded("WW-BUDGET", "a"), 400),
    (Moved("WW-STORE-MOVED", "a"), 409),
    (TooLarge("WW-HTTP-BODY", "a"), 413),
    (Unavailable("WW-SERVICE-TIME", "a"), 413),
    (Refused("WW-HTTP-MEDIA", "a", 415), 415),
    (TooMany("WW-LIMIT-RATE", "a", retry_after=7.4), 429),
    (NotInstalled("WW-NOT-INSTALLED", "a"), 501),
    (Unavailable("WW-HTTP-BUSY", "a"), 503),
    (Locked("WW-STORE-LOCKED", "a"), 503),
    (DiskFull("WW-STORE-FULL", "a"), 507),
]


def asking(error: Exception) -> TestClient:
    async def raises(request: Request) -> Response:
        raise error

    app = Starlette(routes=[Route("/", raises)], exception_handlers=dict(HANDLERS))
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Where the log goes while a test runs."""
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.level, logging.getLogger("wearwhy").level
    logs.configure("json", "info", stream)
    yield stream
    for handler in [one for one in root.handlers if one.get_name() == "wearwhy"]:
        root.removeHandler(handler)
    root.setLevel(before)
    logging.getLogger("wearwhy").setLevel(level)


@pytest.mark.parametrize(("error", "status"), TOLD, ids=[one.code for one, _ in TOLD])
def test_an_error_has_the_status_of_its_kind(error: WearwhyError, status: int) -> None:
    found = asking(error).get("/")
    said = found.json()
    assert found.status_code == said["status"] == status
    assert found.headers["content-type"] == "application/problem+json"
    assert said["code"] == error.code
    assert said["type"] == f"/errors/{error.code}"
    assert said["title"] == "a"
    assert ("retry-after" in found.headers) == (status in (429, 503))
    assert ("www-authenticate" in found.headers) == (status == 401)


def test_who_asked_too_often_is_told_when_to_come_again() -> None:
    found = asking(TooMany("WW-LIMIT-RATE", "a", retry_after=7.4)).get("/")
    assert found.headers["retry-after"] == "7"


def test_a_change_for_another_revision_failed_its_condition_where_there_was_one() -> None:
    client = asking(Moved("WW-STORE-MOVED", "a"))
    assert client.get("/", headers={"If-Match": '"r1"'}).status_code == 412


def test_note_hint_and_place_are_told() -> None:
    error = QueryError(
        "WW-QUERY-SYNTAX", "a", note="the law", hint="the way", place=Place("query", 2, 3, 9)
    )
    said = asking(error).get("/").json()
    assert said["note"] == said["detail"] == "the law"
    assert said["hint"] == "the way"
    assert said["place"] == {"file": "query", "line": 2, "column": 3, "end": 9}


@pytest.mark.parametrize(
    "error",
    [
        StoreError("WW-STORE-DISK", "It is in '/srv/private'.", note="/srv/private/store"),
        WearwhyError("WW-ODD", "It is in '/srv/private'."),
        RuntimeError("/srv/private"),
    ],
)
def test_a_fault_of_ours_is_logged_and_told_without_a_word(
    error: Exception, log: io.StringIO
) -> None:
    found = asking(error).get("/")
    assert (found.status_code, found.json()["code"]) == (500, "WW-INTERNAL")
    assert "private" not in found.text
    if isinstance(error, WearwhyError):
        line = json.loads(log.getvalue().splitlines()[0])
        assert line["code"] == error.code
        assert "private" in line["error"]["text"]


class Body(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": 1}', "WW-HTTP-INPUT"),
        (b"{", "WW-HTTP-INPUT"),
        (b'{"name": "secret-value", "name": {}}', "WW-HTTP-INPUT"),
        (b'{"name": "\xff"}', "WW-HTTP-BODY-WRONG"),
        (b"[" * 90_000, "WW-HTTP-BODY-WRONG"),
    ],
)
def test_a_body_that_is_not_what_is_needed_is_told_with_its_place(body: bytes, code: str) -> None:
    app = FastAPI(exception_handlers=dict(HANDLERS))

    @app.post("/things")
    async def made(said: Body) -> Body:
        return said

    found = TestClient(app).post(
        "/things", content=body, headers={"content-type": "application/json"}
    )
    assert (found.status_code, found.json()["code"]) == (400, code)
    assert "secret-value" not in found.text
    if code == "WW-HTTP-INPUT":
        assert found.json()["errors"][0]["place"].startswith("body")


@pytest.mark.parametrize(
    ("body", "place", "hint"),
    [
        ({"occasion": ["office"]}, "body.occasion", "Did you mean 'occasions'?"),
        ({"on": "2026-11-24"}, "body.on", "Did you mean 'date'?"),
        ({"lock": [], "n": "x"}, "body.lock", "Did you mean 'locked'?"),
        ({"filters": {"size": ["M"]}}, "body.filters.size", "Did you mean 'sizes'?"),
        ({"surprise": 1}, "body.surprise", "It takes: occasions, date, weather"),
        ({"n": "x"}, "body.n", "/docs shows what each request takes."),
        ({"date": 0}, "body.date", "/docs shows what each request takes."),
        ({"date": "1763942400"}, "body.date", "/docs shows what each request takes."),
        ({"date": "2026-02-30"}, "body.date", "/docs shows what each request takes."),
    ],
)
def test_what_a_field_should_be_is_told_with_the_nearest_name(
    body: dict[str, Any], place: str, hint: str
) -> None:
    app = FastAPI(exception_handlers=dict(HANDLERS))
    router = APIRouter()

    @router.post("/looks")
    async def made(said: WishBody) -> None:
        raise AssertionError(said)

    app.include_router(router, prefix="/v1")
    found = TestClient(app).post("/v1/looks", json=body).json()
    assert found["code"] == "WW-HTTP-INPUT"
    assert found["note"].startswith(f"{place}: ")
    assert found["hint"].startswith(hint)
    assert found["errors"][0]["place"] == place


def test_a_hint_for_the_command_line_is_not_told_over_http() -> None:
    app = FastAPI(exception_handlers=dict(HANDLERS))

    @app.get("/item")
    async def item() -> None:
        raise UnknownName("WW-ITEM-UNKNOWN", "No.", hint="Look.", command="`wearwhy query items`")

    assert TestClient(app).get("/item").json()["hint"] == "Look."


def test_who_can_never_have_a_scope_is_not_told_to_make_a_key() -> None:
    own = frozenset((Scope.READ, Scope.WRITE))
    caller = Caller("ada", "ada", frozenset((Scope.READ,)), most=own)
    with pytest.raises(NotAllowed) as fewer:
        caller.require(Scope.WRITE)
    assert "Make a key" in fewer.value.hint
    with pytest.raises(NotAllowed) as never:
        caller.require(Scope.ADMIN)
    assert "Make a key" not in never.value.hint
    assert "administers" in never.value.hint


@pytest.mark.parametrize("wrong", [0, 1763942400, True, "0", "1763942400.5", "noon"])
def test_a_moment_is_text_and_no_number(wrong: object) -> None:
    with pytest.raises(ValidationError):
        Entry.model_validate({"summary": "dinner", "start": wrong})


def test_a_moment_is_read_with_and_without_its_zone() -> None:
    said = {"summary": "dinner", "start": "2026-11-24T19:00:00Z", "end": "2026-11-24T21:00"}
    found = Entry.model_validate(said).event()
    assert (found.start, found.end) == (
        datetime(2026, 11, 24, 19, tzinfo=UTC),
        datetime(2026, 11, 24, 21),  # noqa: DTZ001  # as it stands
    )
