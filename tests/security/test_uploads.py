"""Files sent over HTTP: previewed, applied as one revision, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.security import hostile
from tests.security.world import SECRET, Headers, World

from wearwhy.service.uploads.limits import BOUNDS, LARGEST, WAITING, Kind

ITEM = "https://w3id.org/wearwhy/id/adas/1"
CSV = b"id,name,type,colour\n9,Red scarf,scarf,red\n10,Odd thing,scarf,blurple\n"
FIRST = datetime.now(UTC).date() + timedelta(days=2)
WEEKLY = hostile.calendar(f"DTSTART:{FIRST:%Y%m%d}T190000", "RRULE:FREQ=WEEKLY;COUNT=3")


def send(world: World, who: Headers, data: bytes, name: str, **given: str) -> Any:
    return world.client.post("/uploads", params={"name": name, **given}, content=data, headers=who)


def sent(world: World, who: Headers, data: bytes, name: str, **given: str) -> dict[str, Any]:
    answer = send(world, who, data, name, **given)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/uploads/{found['id']}"
    return found


def refused(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_a_table_is_looked_at_then_applied_as_one_revision(world: World) -> None:
    before = world.service.workspace.revision_of("adas")
    found = sent(world, world.ada, CSV, "mine.csv")
    assert (found["kind"], found["items"], found["state"]) == ("table", 2, "ready")
    assert [one["value"] for one in found["unknown"]] == ["blurple"]
    assert world.service.workspace.revision_of("adas") == before
    at = f"/uploads/{found['id']}"
    seen = world.client.post(f"{at}/preview", headers=world.ada).json()
    assert "https://w3id.org/wearwhy/id/adas/9" in str(seen["facts"]["gained"])
    assert world.service.workspace.revision_of("adas") == before
    stale = {**world.ada, "If-Match": f'"r{before - 1}"'}
    refused(world.client.post(f"{at}/apply", headers=stale), 412, "WW-STORE-MOVED")
    done = world.client.post(f"{at}/apply", headers={**world.ada, "If-Match": f'"r{before}"'})
    assert done.status_code == 200, done.text
    assert done.json()["scope"] == "wardrobe/adas"
    assert world.client.get(at, headers=world.ada).json()["state"] == "applied"
    refused(world.client.post(f"{at}/apply", headers=world.ada), 409, "WW-UPLOAD-APPLIED")


def test_a_form_of_a_browser_is_read_too(world: World) -> None:
    answer = world.client.post(
        "/uploads", files={"file": ("x.csv", CSV, "text/csv")}, headers=world.ada
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "x.csv"


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\na\r\n--x--", "multipart/form-data; boundary=x"),
        (b"\xff" * 200, 'multipart/form-data; boundary=""'),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--", "multipart/form-data; boundary=x; charset=nope"),
    ],
)  # fmt: skip
def test_a_broken_form_is_refused(world: World, body: bytes, media: str) -> None:
    headers = {**world.ada, "Content-Type": media}
    answer = world.client.post("/uploads", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"].startswith("WW-")


def test_an_upload_is_its_senders_alone(world: World) -> None:
    found = sent(world, world.bob, CSV, "bobs.csv")
    at = f"/uploads/{found['id']}"
    for who in (world.ada, world.eve):
        refused(world.client.get(at, headers=who), 404, "WW-UPLOAD-NONE")
        refused(world.client.delete(at, headers=who), 404, "WW-UPLOAD-NONE")
        refused(world.client.post(f"{at}/apply", headers=who), 404, "WW-UPLOAD-NONE")
        assert found["id"] not in world.client.get("/uploads", headers=who).text
    refused(world.client.get(at), 401, "WW-ACCESS-KEY")
    assert world.client.delete(at, headers=world.bob).status_code == 200


def test_nobody_sends_into_a_wardrobe_that_is_not_theirs(world: World) -> None:
    for given in ({"wardrobe": "bobs"}, {"into": "wardrobe:bobs"}, {"wardrobe": "nobodys"}):
        answer = send(world, world.ada, CSV, "x.csv", **given)
        refused(answer, 404, "WW-WARDROBE-NONE")
    refused(send(world, world.bob, CSV, "x.csv", into="catalogue:shop"), 403, "WW-ACCESS-SCOPE")
    refused(send(world, world.ada, CSV, "x.csv", into="base"), 400, "WW-INTO")
    refused(send(world, world.ada, CSV, "x.csv", into="catalogue:../x"), 400, "WW-NAME")


def test_no_mapping_is_a_path(world: World) -> None:
    for name in ("../../../etc/passwd", "/etc/passwd", "wmo-codes", "nothing"):
        answer = send(world, world.ada, CSV, "x.csv", mapping=name)
        refused(answer, 400, "WW-MAPPING-UNKNOWN")


def test_a_photograph_is_kept_under_a_name_of_ours(world: World) -> None:
    found = sent(world, world.ada, hostile.jpeg(comment=b"home"), "../../me.jpg", item=ITEM)
    assert found["name"] == "me.jpg"
    at = f"/uploads/{found['id']}"
    assert world.client.post(f"{at}/apply", headers=world.ada).status_code == 200
    (name,) = photographs(world, "adas")
    answer = world.client.get(f"/photographs/{name}", headers=world.ada)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert b"home" not in answer.content
    for who in (world.bob, world.eve):
        for given in ({}, {"wardrobe": "adas"}):
            other = world.client.get(f"/photographs/{name}", params=given, headers=who)
            assert other.status_code == 404, other.text
    refused(world.client.get(f"/photographs/{name}"), 401, "WW-ACCESS-KEY")


def photographs(world: World, wardrobe: str) -> list[str]:
    folder = world.service.folder / "photographs" / wardrobe
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    "name",
    ["accounts.sqlite", "..%2faccounts.sqlite", "..%2f..%2faccounts.sqlite", "%2fetc%2fpasswd",
     "%00", "x" * 64, "a" * 32 + ".svg", "a" * 32 + ".jpg"],
)  # fmt: skip
def test_no_photograph_is_a_path(world: World, name: str) -> None:
    answer = world.client.get(f"/photographs/{name}", headers=world.ada)
    assert answer.status_code == 404
    assert b"SQLite" not in answer.content


def test_an_image_that_a_table_says_is_never_served(world: World) -> None:
    rows = b"id,name,type,image\n77,Spy,scarf,accounts.sqlite\n78,Spy,scarf,photographs/bobs/x\n"
    found = sent(world, world.ada, rows, "x.csv")
    world.client.post(f"/uploads/{found['id']}/apply", headers=world.ada)
    said = world.client.get("/items", headers=world.ada, params={"limit": 100})
    if said.status_code == 200:
        spies = [one for one in said.json()["items"] if one["label"] == "Spy"]
        assert [one.get("photograph") for one in spies] == [None, None]


def test_a_calendar_is_asked_by_day(world: World) -> None:
    found = sent(world, world.ada, WEEKLY, "mine.ics")
    at = f"/uploads/{found['id']}/entries"

    def asked(days: int) -> Any:
        on = {"on": (FIRST + timedelta(days=days)).isoformat()}
        return world.client.get(at, params=on, headers=world.ada)

    assert [one["summary"] for one in asked(7).json()["entries"]] == ["dinner"]
    assert asked(8).json()["entries"] == []
    far = asked(3650)
    refused(far, 400, "WW-CALENDAR-RANGE")
    applied = world.client.post(f"/uploads/{found['id']}/apply", headers=world.ada)
    refused(applied, 400, "WW-UPLOAD-CALENDAR")


def test_a_file_is_refused_for_its_size_before_it_is_read(world: World) -> None:
    large = b"x" * (BOUNDS[Kind.CALENDAR].size + 1)
    refused(send(world, world.ada, b"BEGIN:VCALENDAR" + large, "x.ics"), 413, "WW-UPLOAD-SIZE")
    endless = (b"," * 2**20 for _ in range(LARGEST // 2**20 + 2))
    answer = world.client.post("/uploads?name=x.csv", content=endless, headers=world.ada)
    assert answer.status_code == 413


def test_an_account_may_not_fill_the_disk(world: World) -> None:
    assert world.client.get("/uploads", headers=world.bob).json() == {"uploads": []}
    for _ in range(WAITING):
        answer = send(world, world.bob, CSV, "x.csv")
        assert answer.status_code == 201
    refused(send(world, world.bob, CSV, "x.csv"), 413, "WW-UPLOAD-WAITING")
    for one in world.client.get("/uploads", headers=world.bob).json()["uploads"]:
        world.client.delete(f"/uploads/{one['id']}", headers=world.bob)
    assert world.client.get("/uploads", headers=world.bob).json() == {"uploads": []}


def test_what_is_kept_can_be_read_by_nobody_else_of_this_machine(world: World) -> None:
    sent(world, world.ada, CSV, "x.csv")
    kept = [p for p in (world.service.folder / "uploads").rglob("*") if p.is_file()]
    assert kept
    for path in (*kept, *(world.service.folder / "photographs").rglob("*.jpg")):
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_bomb_takes_only_its_own_process_with_it(world: World) -> None:
    folder: Path = world.service.folder
    before = sorted((folder / "uploads").rglob("*"))
    for data, name in (
        (hostile.LAUGHS, "x.rdf"),
        (hostile.zip_bomb(hostile.workbook([["name"], ["x"]]), 2**27), "x.xlsx"),
        (hostile.png(60_000, 60_000, b""), "x.png"),
        (b"<urn:x> <urn:p> " + b"[" * 1_000_000, "x.ttl"),
        (b"BEGIN:VCALENDAR\r\n" * 100_000, "x.ics"),
    ):
        answer = send(world, world.ada, data, name, item=ITEM)
        assert 400 <= answer.status_code < 500, (name, answer.text)
    assert sorted((folder / "uploads").rglob("*")) == before
    assert sent(world, world.ada, CSV, "x.csv")["items"] == 2


def test_no_answer_to_an_upload_names_what_is_another_s(world: World) -> None:
    for name in ("x.csv", "x.ttl", "x.ics", "x.jpg", "x.xlsx"):
        for item in ("bobs/1", SECRET):
            answer = send(world, world.ada, CSV, name, item=item, wardrobe="bobs")
            told = answer.text.replace(item, "")
            assert SECRET not in told
