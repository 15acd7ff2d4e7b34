"""What one's own wardrobe says of another's things: the same as of things that there are not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.security.world import HAT, SECRET, World

pytestmark = pytest.mark.slow
ID = "https://w3id.org/wearwhy/id/"
HIDDEN, ABSENT = "bobs", "zobs"
"""Bob's wardrobe, and one that nobody has, with a name as long."""
BODIES: tuple[tuple[str, str, Any], ...] = (
    ("PATCH", "/items/{iri}", {"values": {"colour": "red"}}),
    ("PATCH", "/items/1", {"values": {"pairsWith": "{iri}"}}),
    ("POST", "/items", {"type": "hat", "name": "its {name}", "id": "{iri}"}),
    ("POST", "/items", {"type": "{iri}", "name": "of {name}"}),
    ("POST", "/completions", {"given": ["{iri}"]}),
    ("POST", "/completions", {"given": ["1"], "lacking": ["{iri}"]}),
    ("POST", "/recommendations", {"without": ["{iri}"]}),
    ("POST", "/recommendations", {"locked": ["{iri}"]}),
    ("POST", "/recommendations", {"wearer": "{iri}"}),
    ("POST", "/why-not", {"item": "{iri}"}),
    ("POST", "/rules/preview", {"asserted": ["{iri} colour red"]}),
    ("POST", "/rules/preview", {"asserted": ["1 colour {iri}"]}),
    ("POST", "/rules/preview", {"retracted": ["{iri} type coat"]}),
    ("POST", "/rules/check", {"text": "RULE x: IF <{iri}> type coat THEN <{iri}> colour red"}),
    ("POST", "/feedback", {"verb": "like", "things": ["{iri}"]}),
    ("POST", "/feedback", {"verb": "wore", "things": ["{iri}"], "date": "2026-11-20"}),
    ("POST", "/predictions/confirm", dict(zip(("item", "property", "value"),
                                              ("{iri}", "colour", "red"), strict=True))),
    ("POST", "/predictions/reject", dict(zip(("item", "property", "value"),
                                             ("{iri}", "colour", "red"), strict=True))),
    ("PATCH", "/wearers/{name}", {"name": "Bob", "sizes": ["{iri}"]}),
    ("POST", "/tasks", {"kind": "gap", "items": ["{iri}"]}),
    ("POST", "/invitations", {"wardrobe": "{name}", "role": "viewer"}),
    ("POST", "/keys", {"label": "{iri}", "scopes": ["read"], "wardrobe": "{name}"}),
)  # fmt: skip
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("/items/{iri}", {}),
    ("/items/{short}", {}),
    ("/items", {"type": "{iri}"}),
    ("/items", {"cursor": "{iri}"}),
    ("/why", {"subject": "{iri}", "property": "type", "value": "coat"}),
    ("/why", {"subject": "1", "property": "pairsWith", "value": "{iri}"}),
    ("/rules/{iri}", {}),
    ("/wearers/{name}", {}),
    ("/wearers/{iri}", {}),
    ("/compare", {"first": "{iri}", "second": "{iri}"}),
    ("/replay", {"look": "{iri}"}),
    ("/explanations/{name}", {}),
    ("/feedback", {"about": "{iri}"}),
    ("/predictions", {"item": "{iri}"}),
    ("/photographs/{name}", {}),
    ("/wardrobes/{name}", {}),
    ("/wardrobes/{name}/members", {}),
    ("/wardrobes/{name}/sparql", {"query": "ASK {{}}"}),
    ("/graphs", {"graph": "https://w3id.org/wearwhy/graph/wardrobe/{name}/asserted/edits"}),
    ("/sparql", {"query": "SELECT * {{ <{iri}> ?p ?o }}"}),
    (
        "/sparql",
        {"query": "SELECT (COUNT(*) AS ?n) {{ {{ <{iri}> ?p ?o }} UNION {{ ?s ?q <{iri}> }} }}"},
    ),
    ("/sparql", {"query": "DESCRIBE <{iri}>"}),
    ("/sparql", {"query": "SELECT * FROM <{iri}> {{ ?s ?p ?o"}),
    ("/page/item", {"item": "{iri}"}),
    ("/page/why", {"item": "{iri}"}),
    ("/page/wardrobe", {"wardrobe": "{name}"}),
)


def put(given: Any, of: str) -> Any:
    """Return what is sent, with the place of a wardrobe in it."""
    if isinstance(given, str):
        return given.format(iri=f"{ID}{of}/1", short=f"{of}/1", name=of)
    if isinstance(given, dict):
        return {name: put(value, of) for name, value in given.items()}
    return [put(one, of) for one in given] if isinstance(given, list) else given


def plain(text: str) -> str:
    """Return an answer without the name that was asked for, times and numbers of requests."""
    text = text.replace(HIDDEN, "X").replace(ABSENT, "X")
    # Ids that are made of what was asked, or at random, and the order that follows them.
    text = re.sub(
        r"\b[0-9a-f]{12,64}\b|[0-9a-f]{8}-[0-9a-f-]{27}|_[0-9a-f]{16}|ww_[\w-]+|invite_[\w-]+",
        "N",
        text,
    )
    text = re.sub(r'\d{4}-\d\d-\d\dT[\d:.+Z-]+|"r?\d+(-[a-z]+)?"|"revision":\d+', "T", text)
    text = re.sub(r'"(seconds|preview)":("[^"]*"|[\d.e-]+)', "S", text)
    return "\n".join(sorted(re.split(r",?[{}\[\]]+,?", text)))


def told(world: World, method: str, path: str, of: str, **given: Any) -> tuple[int, str]:
    answer = world.client.request(
        method,
        put(path, of),
        headers=world.ada,
        follow_redirects=False,
        **{name: put(value, of) for name, value in given.items()},
    )
    assert SECRET not in answer.text
    assert HAT not in answer.text
    assert answer.status_code < 500, (method, path, answer.text)
    return answer.status_code, plain(answer.text)


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=str)
def test_a_change_that_names_a_hidden_thing_is_as_of_an_absent_one(
    world: World, method: str, path: str, body: Any
) -> None:
    before = world.service.workspace.revision_of("bobs")
    assert told(world, method, path, HIDDEN, json=body) == told(
        world, method, path, ABSENT, json=body
    )
    assert world.service.workspace.revision_of("bobs") == before


@pytest.mark.parametrize(("path", "params"), ASKED, ids=str)
def test_a_question_that_names_a_hidden_thing_is_as_of_an_absent_one(
    world: World, path: str, params: dict[str, str]
) -> None:
    assert told(world, "GET", path, HIDDEN, params=params) == told(
        world, "GET", path, ABSENT, params=params
    )


def test_a_table_that_names_a_hidden_thing_is_as_one_of_an_absent_one(world: World) -> None:
    def sent(of: str) -> list[tuple[int, str]]:
        rows = f"id,name,type\n{ID}{of}/1,Scarf,scarf\n".encode()
        said = world.client.post(
            "/uploads", headers=world.ada, params={"name": "x.csv"}, content=rows
        )
        found = [(said.status_code, plain(said.text))]
        if said.status_code < 300:
            seen = world.client.post(f"/uploads/{said.json()['id']}/preview", headers=world.ada)
            assert SECRET not in seen.text
            found.append((seen.status_code, ""))  # its facts stand in the order of their ids
            world.client.delete(f"/uploads/{said.json()['id']}", headers=world.ada)
        return found

    assert sent(HIDDEN) == sent(ABSENT)


@pytest.mark.parametrize("name", [SECRET[:-2] + "le", HAT[:-1] + "d", "bos/1", "bob"])
def test_no_hint_completes_a_name_of_anothers(world: World, name: str) -> None:
    for method, path, body in BODIES:
        text = str(body).replace("{iri}", name).replace("{name}", name)
        answer = world.client.request(
            method,
            path.replace("{iri}", name).replace("{name}", name),
            headers=world.ada,
            content=text.replace("'", '"').encode(),
        )
        for leak in (SECRET, HAT):
            assert leak not in answer.text, (method, path)
    for path, params in ASKED:
        given = {
            key: text.replace("{iri}", name).replace("{name}", name) for key, text in params.items()
        }
        answer = world.client.get(
            path.replace("{iri}", name).replace("{short}", name).replace("{name}", name),
            params=given, headers=world.ada, follow_redirects=False,
        )  # fmt: skip
        for leak in (SECRET, HAT):
            assert leak not in answer.text, (path, given)
