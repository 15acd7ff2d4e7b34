"""Every route, asked by somebody for what is another's.

An attack is what the owner himself would send: `test_theirs.py` lets the owner send each of them
first, so that one which nobody could succeed with is noticed. A route that is not listed here
fails a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI

THEIRS = "https://w3id.org/wearwhy/id/bobs/1"
GRAPH = "https://w3id.org/wearwhy/graph/wardrobe/bobs/asserted/edits"
IN_BOBS = {"wardrobe": "bobs"}
TODAY = datetime.now(UTC).date()
"""A day that a calendar which is sent now is read for."""
OPEN = frozenset(
    {
        ("GET", "/openapi.json"),
        ("GET", "/.well-known/void"),
        ("GET", "/docs/docs.css"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/docs"),
        ("GET", "/errors"),
        ("GET", "/errors/{code}"),
        ("POST", "/sessions"),
        ("POST", "/accounts"),
        ("POST", "/invitations/accept"),
        ("GET", "/static/{path:path}"),
    }
)
"""Routes that say and change nothing of anybody's, or that ask for another secret than a key."""
OWN = frozenset(
    {
        ("GET", "/wardrobes"),
        ("POST", "/wardrobes"),
        ("GET", "/tasks"),
        ("GET", "/me"),
        ("PUT", "/me/password"),
        ("GET", "/me/export"),
        ("POST", "/me/forget"),
        ("POST", "/keys"),
        ("GET", "/keys"),
        ("GET", "/sessions"),
        ("DELETE", "/sessions/current"),
        ("GET", "/invitations"),
        ("GET", "/uploads"),
    }
)
"""Routes that take no reference to anything: they speak of who asks."""
ADMIN = frozenset(
    {
        ("GET", "/accounts"),
        ("PATCH", "/accounts/{name}"),
        ("DELETE", "/accounts/{name}"),
        ("GET", "/audit"),
    }
)
"""Routes that need the scope `admin`, whose holders see accounts and no wardrobes."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A request for what is Bob's; texts may have the slots of `references`.

    Attributes:
        method: of the request.
        template: the route's path.
        path: what is asked; the template, if empty.
        params: the query.
        json: the body.
        content: the body, where it is no JSON.
        headers: beside the key.
        owner: statuses that the owner himself may get.
    """

    method: str
    template: str
    path: str = ""
    params: dict[str, str] = field(default_factory=dict)
    json: Any = None
    content: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    owner: tuple[int, ...] = (200, 201, 202, 204)

    def __str__(self) -> str:
        return f"{self.method} {self.path or self.template} {self.params or ''}"


def _in_its_path() -> Iterator[Attack]:
    """Yield the same attacks by the addresses that have the wardrobe in their path."""
    for attack in _sparql():
        params = {name: text for name, text in attack.params.items() if name != "wardrobe"}
        at = attack.path or attack.template
        yield replace(
            attack,
            template=f"/wardrobes/{{wardrobe}}{attack.template}",
            path=f"/wardrobes/bobs{at}",
            params=params,
            owner=(*attack.owner, 400, 404),
        )


def _sparql() -> Iterator[Attack]:
    asked = "SELECT * { ?s ?p ?o }"
    queries = (
        asked,
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        f"SELECT * {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}",
        f"SELECT * FROM <{GRAPH}> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{GRAPH}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"DESCRIBE <{THEIRS}>",
        f"CONSTRUCT WHERE {{ <{THEIRS}> ?p ?o }}",
        f"SELECT * {{ <{THEIRS}> (!<urn:x>|^!<urn:x>)* ?o }}",
        "SELECT (GROUP_CONCAT(STR(?o)) AS ?all) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }",
        f"ASK {{ <{THEIRS}> ?p ?o }}",
    )
    for text in queries:
        yield Attack("GET", "/sparql", params={"query": text, **IN_BOBS})
        yield Attack("QUERY", "/sparql", params=IN_BOBS, content=text,
                     headers={"Content-Type": "application/sparql-query"})  # fmt: skip
    yield Attack("POST", "/sparql", params=IN_BOBS, content=asked,
                 headers={"Content-Type": "application/sparql-query"})  # fmt: skip
    for name in ("default-graph-uri", "named-graph-uri"):
        yield Attack("GET", "/sparql", params={"query": asked, name: GRAPH, **IN_BOBS})
    updates = (
        f'INSERT DATA {{ <{THEIRS}> <urn:p> "q" }}',
        f'INSERT DATA {{ GRAPH <{GRAPH}> {{ <{THEIRS}> <urn:p> "r" }} }}',
        f"DELETE WHERE {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}",
        f"CLEAR GRAPH <{GRAPH}>",
    )
    for text in updates:
        yield Attack("POST", "/update", params=IN_BOBS, content=text,
                     headers={"Content-Type": "application/sparql-update"}, owner=(200, 204, 400))  # fmt: skip
    turtle = {"Content-Type": "text/turtle"}
    for at in ({"graph": GRAPH}, {"default": ""}):
        for template in ("/graphs", "/graphs/{path:path}"):
            path = "/graphs" if template == "/graphs" else f"/graphs/{GRAPH}"
            given = {**(at if template == "/graphs" else {}), **IN_BOBS}
            yield Attack("GET", template, path, params=given, owner=(200, 400, 404))
            for method in ("POST", "PUT"):
                yield Attack(
                    method, template, path, params=given, content="<urn:a> <urn:b> <urn:c> .",
                    headers=turtle, owner=(200, 201, 204, 400, 403, 404),
                )  # fmt: skip
            yield Attack("DELETE", template, path, params=given, owner=(200, 204, 400, 403, 404))


ATTACKS: tuple[Attack, ...] = (
    Attack("GET", "/wardrobes/{name}", "/wardrobes/bobs"),
    Attack("GET", "/items", params=IN_BOBS),
    Attack("GET", "/items/{item:path}", f"/items/{THEIRS}", params=IN_BOBS),
    Attack("GET", "/vocabulary", params=IN_BOBS),
    Attack("POST", "/recommendations", params=IN_BOBS, json={}, owner=(200, 404)),
    Attack("POST", "/completions", params=IN_BOBS, json={"given": ["1"]}, owner=(200, 404)),
    Attack("GET", "/explanations/{look}", "/explanations/{look}", owner=(200, 404)),
    Attack("GET", "/explanations/{look}", "/explanations/1", params=IN_BOBS, owner=(200, 404)),
    Attack("GET", "/why", params={"subject": THEIRS, "property": "type", "value": "coat",
                                  **IN_BOBS}),
    Attack("POST", "/why-not", params=IN_BOBS, json={"item": THEIRS}, owner=(200, 404)),
    Attack("GET", "/compare", params={"first": "1", "second": "1", **IN_BOBS},
           owner=(200, 404)),
    Attack("GET", "/replay", params={"look": "1", **IN_BOBS}, owner=(200, 404)),
    Attack("GET", "/validation", params=IN_BOBS),
    Attack("GET", "/rules", params=IN_BOBS),
    Attack("POST", "/rules/preview", params=IN_BOBS, json={"asserted": ["1 colour red"]}),
    Attack("POST", "/rules/check", params=IN_BOBS, json={"text": "RULE"}),
    Attack("GET", "/rules/{topic:path}", "/rules/colour", params=IN_BOBS, owner=(200, 404)),
    Attack("GET", "/revisions", params=IN_BOBS),
    Attack("GET", "/revisions/{number}", "/revisions/{revision}", params=IN_BOBS),
    Attack("GET", "/predictions", params=IN_BOBS),
    Attack("POST", "/predictions/confirm", params=IN_BOBS,
           json={"item": THEIRS, "property": "colour", "value": "red"}, owner=(200, 201, 400, 404)),
    Attack("POST", "/predictions/reject", params=IN_BOBS,
           json={"item": THEIRS, "property": "colour", "value": "red"}, owner=(200, 201, 400, 404)),
    Attack("GET", "/feedback", params=IN_BOBS),
    Attack("GET", "/wearers", params=IN_BOBS),
    Attack("GET", "/wearers/{who:path}", "/wearers/me", params=IN_BOBS, owner=(200, 404)),
    Attack("GET", "/tasks/{task}", "/tasks/{job}"),
    Attack("GET", "/wardrobes/{wardrobe}/members", "/wardrobes/bobs/members"),
    Attack("GET", "/uploads/{id}", "/uploads/{upload}"),
    Attack("GET", "/uploads/{id}/entries", "/uploads/{calendar}/entries",
           params={"on": TODAY.isoformat()}),
    Attack("GET", "/photographs/{name}", "/photographs/{photograph}", params=IN_BOBS),
    Attack("GET", "/photographs/{name}", "/photographs/{photograph}"),
    # What changes something, so that the owner's own try leaves something for the next.
    Attack("POST", "/items", params=IN_BOBS, json={"type": "hat", "name": "Another"}),
    Attack("PATCH", "/items/{item:path}", f"/items/{THEIRS}", params=IN_BOBS,
           json={"values": {"colour": "red"}}),
    Attack("POST", "/rules", params=IN_BOBS, json={"asserted": ["2 colour red"]}),
    Attack("POST", "/feedback", params=IN_BOBS, json={"verb": "like", "things": ["2"]}),
    Attack("PATCH", "/wearers/{who:path}", "/wearers/bob", params=IN_BOBS,
           json={"name": "Bob", "sizes": ["top=M"]}),
    Attack("DELETE", "/wearers/{who:path}", "/wearers/bob", params=IN_BOBS, owner=(200, 404)),
    *_sparql(),
    Attack("POST", "/revisions/undo", params=IN_BOBS),
    Attack("POST", "/tasks", params=IN_BOBS, json={"kind": "week"}),
    Attack("GET", "/tasks/{task}/events", "/tasks/{job}/events"),
    Attack("DELETE", "/tasks/{task}", "/tasks/{job}"),
    Attack("POST", "/uploads", params={"name": "x.csv", **IN_BOBS},
           content="id,name,type\n5,Scarf,scarf\n"),
    Attack("POST", "/uploads/{id}/preview", "/uploads/{upload}/preview"),
    Attack("POST", "/uploads/{id}/apply", "/uploads/{upload}/apply"),
    Attack("DELETE", "/uploads/{id}", "/uploads/{upload}"),
    Attack("DELETE", "/items/{item:path}", f"/items/{THEIRS}", params=IN_BOBS, owner=(200, 404)),
    Attack("POST", "/invitations", json={"wardrobe": "bobs", "role": "viewer"}),
    Attack("DELETE", "/invitations/{invitation}", "/invitations/{invitation}"),
    Attack("DELETE", "/wardrobes/{wardrobe}/members/{name}", "/wardrobes/bobs/members/carol",
           owner=(200, 404)),
    *_in_its_path(),
    Attack("DELETE", "/sessions/{session}", "/sessions/{session}"),
    Attack("DELETE", "/keys/{key}", "/keys/{key}"),
    Attack("DELETE", "/wardrobes/{name}", "/wardrobes/bobs"),
)  # fmt: skip


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Return the method and path of every route of an application."""
    found: set[tuple[str, str]] = set()

    def walk(those: Any, before: str) -> None:
        for route in those:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                walk(inner.routes, before)
            elif getattr(route, "methods", None):
                found.update((method, before + route.path) for method in route.methods)
            elif getattr(route, "routes", None):
                walk(route.routes, before + route.path)
            else:
                found.add(("GET", before + getattr(route, "path", "?")))

    walk(app.routes, "")
    return {(method, path) for method, path in found if method not in {"HEAD", "OPTIONS"}}
