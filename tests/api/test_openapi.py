"""The OpenAPI document and the pages that show it: examples that work, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pytest
from tests.api.rest_given import Rest, served

from wearwhy.cli import main
from wearwhy.http.documentation.pages import page
from wearwhy.service.tasks.kinds import NAMES

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_PLACES: Final = {
    "name": "mine",
    "item": "w03",
    "topic": "colour",
    "who": "ines",
    "number": "1",
}
"""What stands in paths that take the examples."""
_OURS: Final = frozenset(
    ("wardrobes", "items", "looks", "rules", "revisions", "predictions", "feedback", "wearers")
)


@pytest.fixture(scope="module")
def rest(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    folder = tmp_path_factory.mktemp("documented") / "w"
    with served(Path(shutil.copytree(prepared, folder))) as found:
        yield found


@pytest.fixture(scope="module")
def document(rest: Rest) -> Any:
    return rest.client.get("/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, ways in document["paths"].items():
        for method in _METHODS:
            if method in ways:
                yield path, method, ways[method]


def test_every_operation_is_described_and_tells_its_problems(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    ids = [way["operationId"] for _, _, way in operations(document)]
    assert len(ids) == len(set(ids))
    tags = {tag["name"] for tag in document["tags"]}
    for path, method, way in operations(document):
        where = f"{method} {path}"
        assert way["summary"], where
        assert way["description"], where
        assert set(way["tags"]) <= tags, where
        assert {"400", "401", "404"} <= set(way["responses"]), where
        assert "422" not in way["responses"], where


def test_every_change_of_ours_takes_a_key_that_makes_it_once(document: Any) -> None:
    for path, method, way in operations(document):
        named = [one["name"] for one in way.get("parameters", ())]
        if set(way["tags"]) & _OURS and path not in (
            "/recommendations",
            "/completions",
            "/why-not",
        ):
            assert ("Idempotency-Key" in named) is (method != "get"), f"{method} {path}"


def test_what_can_be_previewed_says_that_a_preview_makes_nothing(document: Any) -> None:
    previewed = [
        (f"{method} {path}", way)
        for path, method, way in operations(document)
        if any(one["name"] == "preview" for one in way.get("parameters", ()))
    ]
    assert {"post /items", "patch /items/{item}"} <= {where for where, _ in previewed}
    for where, way in previewed:
        assert "content" in way["responses"].get("200", {}), where


def test_every_reference_of_the_document_leads_somewhere(document: Any) -> None:
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', str(document).replace("'", '"'))):
        assert name in document["components"]["schemas"]


def test_nothing_in_the_document_is_declared_that_a_422_would_tell(document: Any) -> None:
    assert not {"HTTPValidationError", "ValidationError"} & set(document["components"]["schemas"])


def examples(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield path, method and body of each example of our routes, changing ones as previews."""
    for path, method, way in operations(document):
        body = way.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None or not set(way["tags"]) & _OURS:
            continue
        name = body["schema"]["$ref"].rpartition("/")[2]
        for example in document["components"]["schemas"][name].get("examples", ()):
            yield re.sub(r"\{(\w+)\}", lambda m: _PLACES[m[1]], path), method, example


def test_examples_of_bodies_are_true(rest: Rest, document: Any) -> None:
    tried = 0
    for path, method, body in examples(document):
        if path in ("/why-not", "/completions") or "rules" in path:
            continue  # slow ones: see below
        answer = rest(method.upper(), f"{path}?wardrobe=mine", json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        tried += 1
    assert tried >= 5


@pytest.mark.slow
def test_examples_of_bodies_that_take_long_are_true(rest: Rest, document: Any) -> None:
    tried = 0
    for path, method, body in examples(document):
        if path in ("/why-not", "/completions") or "rules" in path:
            answer = rest(method.upper(), f"{path}?wardrobe=mine", json=body)
            assert answer.is_success, f"{method} {path}: {answer.text}"
            if path == "/rules":  # so that the example of its preview finds what it is about
                rest.document("POST", "/revisions/undo?wardrobe=mine")
            tried += 1
    assert tried >= 4


def test_the_page_shows_every_operation_and_fetches_nothing_from_elsewhere(
    rest: Rest, document: Any
) -> None:
    answer = rest.client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    for _, _, way in operations(document):
        assert f'id="{way["operationId"]}"' in answer.text
    assert not re.findall(r'(?:src|href)="(?!/|#)[^"]*"', answer.text)
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert rest.client.get("/docs/docs.css").status_code == 200


def test_the_page_quotes_what_it_shows(document: Any) -> None:
    hostile = {
        **document,
        "info": {**document["info"], "description": "<script>alert(1)</script> `<b>`"},
    }
    shown = page(hostile)
    assert "<script>" not in shown
    assert "<code>&lt;b&gt;</code>" in shown


def test_a_problems_type_leads_to_a_page_about_its_code(rest: Rest) -> None:
    for body in ({"topic": "mine", "text": "RULE ?x"}, {"topic": "a b", "text": ""}):
        problem = rest("POST", "/rules?wardrobe=mine", json=body).json()
        shown = rest.client.get(problem["type"])
        assert shown.status_code == 200
        assert problem["code"] in shown.text
    assert rest.client.get("/errors/WW-<b>").status_code == 404


def test_the_guide_names_what_there_is(rest: Rest, document: Any) -> None:
    text = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")
    there = [
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/ ?]+", path)))
        for path, method, _ in operations(document)
    ]
    # A task or an upload is `id` to the reader, whatever the path item calls it.
    named = re.findall(r"`(GET|POST|PATCH|PUT|DELETE) (/[^`?]*)", text)
    assert len(named) > 15
    for method, path in named:
        assert any(m == method and p.fullmatch(path) for m, p in there), f"{method} {path}"
    sent = re.findall(r"-X POST http://127.0.0.1:8000(/\w+).*?-d '(.*?)'", text, re.DOTALL)
    assert {path for path, _ in sent} == {"/recommendations", "/tasks"}
    for path, body in sent:
        if "upload" in body:  # the id is the reader's own
            continue
        answer = rest("POST", f"{path}?wardrobe=mine", json=json.loads(body))
        assert answer.is_success, answer.text


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield every command below a group, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None
        if isinstance(one, click.Group):
            yield from commands(one, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def listed(text: str) -> list[str]:
    """Return the commands that the guide's tables say where to find, or why nowhere."""
    part = text.partition("## The command line, REST and agents")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`([a-z][a-z -]*)`", row)]


def test_the_guide_says_of_every_command_where_it_is_over_http_or_why_not() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")
    found = listed(text)
    assert sorted(found) == sorted(commands(main))  # each once, and none that there is not
    kinds = set(re.findall(r"`POST /tasks`: `(\w+)`", text))
    assert kinds == {*NAMES, "load"}
    tools = set(re.findall(r"\| `(\w+)` \|$", text.partition("tool of an agent")[2], re.MULTILINE))
    assert tools == {
        "recommend", "complete", "explain", "why_not", "sparql", "preview_rule", "apply_rule",
    }  # fmt: skip


def test_a_command_without_a_line_is_noticed() -> None:
    text = (Path(__file__).parents[2] / "docs" / "rest.md").read_text("utf-8")
    fewer = text.replace("| `compare` |", "| compare |")
    assert sorted(listed(fewer)) != sorted(commands(main))
