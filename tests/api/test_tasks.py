"""Long work: done in a process of its own, followed over server-sent events, stopped for good."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.api.cli_given import run
from tests.api.rest_given import Rest, served
from tests.browser.visit_given import calendar_of

from wearwhy.errors import UnknownName, ValueRefused, WearwhyError
from wearwhy.service.tasks.kinds import KINDS, kind_of, words
from wearwhy.service.tasks.registry import WAITING

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def rest(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    folder = tmp_path_factory.mktemp("tasks") / "w"
    with served(Path(shutil.copytree(prepared, folder))) as found:
        yield found


# -- words


def test_each_value_is_one_word_of_an_option_that_the_kind_takes() -> None:
    given = {"date": "2026-11-24", "days": 2, "occasions": ["office", "--help"], "wash": []}
    assert words(kind_of("week"), given) == [
        "week",
        "--date=2026-11-24",
        "--days=2",
        "--occasion=office",
        "--occasion=--help",
    ]
    assert words(kind_of("mine"), {"n": 3})[-1] == "-n3"
    assert words(kind_of("pack"), {"rested": True})[-1] == "--rested"
    said = {"item": "-x", "property": "season", "value": "--help", "deny": True}
    assert words(kind_of("answer"), said) == [
        *("learn", "answer", "--not", "--", "-x", "season", "--help")
    ]


@pytest.mark.parametrize(
    ("kind", "given", "error"),
    [
        ("week", {"calendar": "x.ics"}, UnknownName),
        ("week", {"days": 32}, ValueRefused),
        ("week", {"days": True}, ValueRefused),
        ("week", {"days": "2"}, ValueRefused),
        ("week", {"date": "tomorrow"}, ValueRefused),
        ("week", {"occasions": ["a\nb"]}, ValueRefused),
        ("week", {"occasions": ["a\0b"]}, ValueRefused),
        ("week", {"occasions": [""]}, ValueRefused),
        ("mine", {"promote": "r1"}, UnknownName),
        ("mine", {"into": "/tmp/x"}, UnknownName),
        ("guess", {"threshold": float("nan")}, ValueRefused),
        ("answer", {"item": "w15", "property": "season"}, ValueRefused),
        ("answer", {"item": "w15", "property": "", "value": "x"}, ValueRefused),
        ("images", {"photos": "/etc"}, UnknownName),
        ("lint", {"files": ["x.srl"]}, UnknownName),
    ],
)
def test_nothing_else_reaches_the_command_line(
    kind: str, given: dict[str, Any], error: type[WearwhyError]
) -> None:
    with pytest.raises(error):
        words(kind_of(kind), given)


def test_no_kind_takes_the_name_of_a_file() -> None:
    flags = {option.flag for kind in KINDS.values() for option in kind.takes.values()}
    assert not flags & {"--calendar", "--requests", "--into", "--promote", "--picture", "--patch"}


# -- who may


def test_a_task_needs_what_its_kind_needs(rest: Rest) -> None:
    for who, kind, code in (
        ("reader", "guess", "WW-ACCESS-SCOPE"),
        ("bob", "guess", "WW-ACCESS-ROLE"),
        ("bob", "learn", "WW-ACCESS-SCOPE"),
        ("eve", "mine", "WW-WARDROBE-NONE"),
    ):
        answer = rest("POST", "/tasks", json={"kind": kind}, who=who)
        assert answer.json()["code"] == code, answer.text


def test_the_weather_of_a_task_names_no_file(rest: Rest) -> None:
    for text in ("/etc/passwd", "weather.csv", "8C weather.json"):
        answer = rest("POST", "/tasks", json={"kind": "week", "weather": text})
        assert (answer.status_code, answer.json()["code"]) == (400, "WW-WEATHER-WORD")
        body = {"kind": "pack", "day": [f"2026-11-24=office: {text}"]}
        answer = rest("POST", "/tasks", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "WW-WEATHER-WORD")


# -- running


def followed(rest: Rest, task: str, **headers: str) -> list[tuple[str, int, Any]]:
    """Return the events of a task: name, number, document."""
    text = rest("GET", f"/tasks/{task}/events", headers=headers).text
    found = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if lines:
            found.append((lines["event"], int(lines["id"]), json.loads(lines["data"])))
    return found


@pytest.mark.slow
def test_guessing_is_followed_to_its_end_and_changes_the_wardrobe(rest: Rest) -> None:
    guess = rest.document("GET", "/predictions?limit=1")["guesses"][0]
    body = {
        "item": guess["item"]["id"],
        "property": guess["property"]["id"],
        "value": guess["object"]["value"],
    }
    rest.document("PATCH", f"/items/{guess['item']['label']}", json={"values": {"brand": "Acme"}})
    before = rest.document("POST", "/predictions/confirm", json=body)["revision"]
    task = rest("POST", "/tasks", json={"kind": "guess", "threshold": 0.5})  # more pass than before
    assert task.status_code == 202
    events = followed(rest, task.json()["id"])
    name, number, last = events[-1]
    assert (name, last["state"]) == ("end", "done"), last
    assert [event[1] for event in events] == sorted({event[1] for event in events})
    assert any(event[2]["progress"] for event in events)
    assert last["result"]["guessed"] >= 1
    assert last["result"]["revision"] >= before
    assert rest.document("GET", task.headers["location"]) == last
    seen = {"Last-Event-ID": str(number - 1)}
    assert [event[1] for event in followed(rest, last["id"], **seen)] == [number]
    assert newest(rest) == ("reason:", "ada-of-rest")


def newest(rest: Rest) -> tuple[str, str | None]:
    """Return the first word of the newest change, and who made it."""
    one = rest.document("GET", "/revisions?limit=1")["revisions"][0]
    return one["message"].split()[0], one.get("by")


@pytest.mark.slow
def test_a_question_that_is_answered_is_answered_by_who_asked_for_it(rest: Rest) -> None:
    question = rest.document("POST", "/tasks", json={"kind": "ask", "n": 1})["id"]
    first = followed(rest, question)[-1][2]["result"]["questions"][0]
    body = {"kind": "answer", "item": first["item"]["id"], "property": first["property"]}
    body["value"] = first["options"][0]["value"]["value"]
    _, _, last = followed(rest, rest.document("POST", "/tasks", json=body)["id"])[-1]
    assert last["state"] == "done", last
    assert newest(rest) == ("answer:", "ada-of-rest")


@pytest.mark.slow
def test_a_week_is_the_one_that_the_command_line_prints(rest: Rest, place: Path) -> None:
    body = {"kind": "week", "date": "2026-11-24", "days": 2, "weather": "8C rain"}
    task = rest.document("POST", "/tasks", json=body)["id"]
    _, _, last = followed(rest, task)[-1]
    assert last["state"] == "done", last
    told = run(
        place, "week", "--date", "2026-11-24", "--days", "2", "--weather", "8C rain", "--json"
    )
    assert [day["date"] for day in last["result"]["days"]] == ["2026-11-24", "2026-11-25"]
    assert last["result"].keys() == told.document.keys()


def sent(rest: Rest, name: str, data: bytes, who: str = "ada") -> str:
    """Send a file and return its id."""
    answer = rest("POST", "/uploads", params={"name": name}, content=data, who=who)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_plan_takes_ones_own_calendar_alone(rest: Rest) -> None:
    calendar = sent(rest, "days.ics", (DATA / "calendar.ics").read_bytes())
    table = sent(rest, "x.csv", b"id,name,type\n7,Scarf,scarf\n")
    for who, kind, named, code in (
        ("ada", "week", "upload-1", "WW-UPLOAD-NONE"),
        ("bob", "pack", calendar, "WW-UPLOAD-NONE"),
        ("ada", "pack", table, "WW-UPLOAD-NO-CALENDAR"),
    ):
        body = {"kind": kind, "date": "2026-11-24", "days": 1, "calendar": named}
        answer = rest("POST", "/tasks", json=body, who=who)
        assert answer.json()["code"] == code, answer.text
    far = {"kind": "week", "date": "2036-11-24", "days": 1, "calendar": calendar}
    assert rest("POST", "/tasks", json=far).json()["code"] == "WW-CALENDAR-RANGE"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["week", "pack"])
def test_days_of_a_calendar_that_was_sent_are_planned_as_the_command_line_plans_them(
    rest: Rest, place: Path, kind: str
) -> None:
    first = datetime.now(UTC).date() + timedelta(days=2)  # such days are read, whenever it runs
    calendar = place / "days.ics"
    calendar.write_bytes(
        calendar_of(
            (first, 9, 17, "Office"),
            (first + timedelta(days=1), 8, 12, "Hiking"),
            (first + timedelta(days=1), 19, 22, "Dinner with friends"),
        )
    )
    days = {"date": first.isoformat(), "days": 2, "weather": "8C rain"}
    body = {"kind": kind, **days, "calendar": sent(rest, "days.ics", calendar.read_bytes())}
    _, _, last = followed(rest, rest.document("POST", "/tasks", json=body)["id"])[-1]
    assert last["state"] == "done", last
    told = run(
        *(place, kind, "--date", first.isoformat(), "--days", "2", "--weather", "8C rain"),
        *("--calendar", str(calendar), "--json"),
    )
    occasions = [
        [[request.get("occasions") for request in day["requests"]] for day in document["days"]]
        for document in (last["result"], told.document)
    ]
    assert occasions[0] == occasions[1]
    assert occasions[0][0] != [["https://w3id.org/wearwhy#occasion-everyday"]]


@pytest.mark.slow
def test_packing_by_day_and_a_question_are_the_command_lines(rest: Rest, place: Path) -> None:
    days = ("2026-11-24=office, dinner: 8C rain", "2026-11-25=hiking: 4C sun")
    packed = rest.document("POST", "/tasks", json={"kind": "pack", "day": days})["id"]
    asking = rest.document("POST", "/tasks", json={"kind": "ask", "n": 1})["id"]
    _, _, last = followed(rest, packed)[-1]
    assert last["state"] == "done", last
    assert [day["date"] for day in last["result"]["days"]] == ["2026-11-24", "2026-11-25"]
    _, _, last = followed(rest, asking)[-1]
    assert last["state"] == "done", last
    assert last["result"].keys() == run(place, "learn", "ask", "-n", "1", "--json").document.keys()
    lint = rest.document("POST", "/tasks", json={"kind": "lint"})["id"]
    assert followed(rest, lint)[-1][2]["state"] == "done"


@pytest.mark.slow
def test_what_fails_says_why_and_another_account_sees_no_task(rest: Rest) -> None:
    body = {"kind": "gap", "days": 1, "source": "catalogue:nothing-there"}
    task = rest.document("POST", "/tasks", json=body)["id"]
    _, _, last = followed(rest, task)[-1]
    assert last["state"] == "failed"
    assert last["problem"]["code"].startswith("WW-")
    for path in (f"/tasks/{task}", f"/tasks/{task}/events"):
        answer = rest("GET", path, who="bob")
        assert (answer.status_code, answer.json()["code"]) == (404, "WW-TASK-NONE")
    assert task not in str(rest.document("GET", "/tasks", who="bob"))


@pytest.mark.slow
def test_a_task_that_is_stopped_leaves_no_process(rest: Rest) -> None:
    before = _working()
    task = rest.document("POST", "/tasks", json={"kind": "worn"})["id"]
    begun: set[int] = set()
    for _ in range(2400):
        begun = _working() - before
        if begun:
            break
        time.sleep(0.05)
    assert begun
    assert rest.document("DELETE", f"/tasks/{task}")["state"] == "stopped"
    assert not any(psutil.pid_exists(pid) for pid in begun)
    assert rest.document("DELETE", f"/tasks/{task}")["state"] == "stopped"


def _working() -> set[int]:
    """Return the processes of tasks; others begin and end beside them."""
    found: set[int] = set()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "--workspace" in child.cmdline():
                found.add(child.pid)
    return found


@pytest.mark.slow
def test_an_account_has_a_few_tasks_at_once(rest: Rest) -> None:
    sent = {"kind": "worn"}
    begun = [rest.document("POST", "/tasks", json=sent)["id"] for _ in range(WAITING)]
    answer = rest("POST", "/tasks", json={"kind": "worn"})
    assert (answer.status_code, answer.json()["code"]) == (429, "WW-TASK-MANY")
    assert int(answer.headers["retry-after"]) > 0
    for task in begun:
        rest.document("DELETE", f"/tasks/{task}")
