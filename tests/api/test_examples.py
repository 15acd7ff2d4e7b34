"""The examples of the OpenAPI document: every operation has them, and they are what is answered."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from tests.api.rest_given import served
from tools.examples import written

from wearwhy.http.app import ROUTERS
from wearwhy.http.documentation.examples import examples
from wearwhy.http.documentation.openapi import made

_METHODS: Final = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The routes, without a service behind them."""
    found = FastAPI(version="test")
    for name in ROUTERS:
        module = import_module(f"wearwhy.http.{name}")
        if hasattr(module, "routes"):
            found.router.routes.extend(module.routes)
        else:
            found.include_router(module.router)
    return found


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Any:
    return made(app)


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, ways in document["paths"].items():
        for method in _METHODS:
            if method in ways:
                yield f"{method.upper()} {path}", ways[method]


def without(document: Any) -> list[str]:
    """Return what lacks an example: operations, parameters that are required, bodies, answers."""
    found = []
    for name, way in operations(document):
        found += [
            f"{name} {one['name']}"
            for one in way.get("parameters", ())
            if one.get("required") and "example" not in one
        ]
        content = way.get("requestBody", {}).get("content", {})
        if content and not any("example" in one for one in content.values()):
            found.append(f"{name} body")
        done = {status: one for status, one in way["responses"].items() if status < "300"}
        shown = [one for told in done.values() for one in told.get("content", {}).values()]
        if "204" not in done and not any("example" in one for one in shown):
            found.append(f"{name} answer")
    return found


def test_every_operation_has_examples_of_its_request_and_of_its_answer(document: Any) -> None:
    assert without(document) == []
    assert {name for name, _ in operations(document)} == set(examples())
    assert len(examples()) > 80


def test_a_missing_example_is_noticed(document: Any) -> None:
    lacking = copy.deepcopy(document)
    del lacking["paths"]["/items"]["get"]["responses"]["200"]["content"]["application/json"][
        "example"
    ]
    del lacking["paths"]["/items"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert without(lacking) == ["GET /items answer", "POST /items body"]


def routes(app: FastAPI) -> dict[str, APIRoute]:
    found: dict[str, APIRoute] = {}

    def walk(those: Any) -> None:
        for route in those:
            if isinstance(route, APIRoute):
                path = re.sub(r"\{(\w+):path\}", r"{\1}", route.path)
                found.update((f"{method} {path}", route) for method in route.methods or ())
            else:
                inner = getattr(route, "original_router", route)
                walk(getattr(inner, "routes", ()))

    walk(app.routes)
    return found


def test_the_examples_are_as_the_models_say(app: FastAPI) -> None:
    bodies = answers = 0
    for name, route in routes(app).items():
        if name not in examples():
            continue
        one = examples()[name]
        model = route.response_model
        if model is not None and one.get("media") == "application/json":
            TypeAdapter(model).validate_python(one["body"])
            with pytest.raises(ValidationError):
                TypeAdapter(model).validate_python("nothing of this kind")
            answers += 1
        for field in route.dependant.body_params:
            assert field.field_info.annotation is not None
            TypeAdapter(field.field_info.annotation).validate_python(one["request"]["body"])
            bodies += 1
    assert answers > 50
    assert bodies > 15


def test_no_example_says_a_secret_or_where_it_was_made() -> None:
    text = str(examples())
    assert not re.search(r"ww_[A-Za-z0-9]{8}|invite_[A-Za-z0-9]{8}", text)
    assert "/tmp" not in text  # where the examples are made
    assert "teapot" not in text


def shape(said: Any, depth: int = 2) -> Any:
    """Return what a document consists of, down to a depth."""
    if isinstance(said, dict) and depth:
        return {key: shape(value, depth - 1) for key, value in said.items()}
    if isinstance(said, list) and depth:
        return [shape(one, depth - 1) for one in said[:1]]
    return "something"


@pytest.mark.slow
def test_what_is_answered_now_is_what_the_examples_show(prepared: Path, tmp_path: Path) -> None:
    with served(Path(shutil.copytree(prepared, tmp_path / "w"))) as rest:

        def send(method: str, path: str, *, who: str, **given: Any) -> Any:
            if who:
                return rest(method, path, who=who, **given)
            return rest.client.request(method, path, **given)

        found = written(send)
    assert found.keys() == examples().keys()
    for name, one in found.items():
        known = examples()[name]
        assert (one["status"], one.get("media")) == (known["status"], known.get("media")), name
        assert one["request"].keys() == known["request"].keys(), name
        if name not in ("GET /tasks/{task}", "GET /tasks"):  # how far it is depends on the machine
            assert shape(one.get("body")) == shape(known.get("body")), name
