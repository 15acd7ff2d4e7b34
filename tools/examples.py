"""Writes down the examples of the OpenAPI document: a walk through the demo wardrobe.

Usage: `python -m tools.examples` starts a service over a new workspace with the bundled wardrobe,
sends each request of `TOUR`, and writes requests and answers to
`src/wearwhy/http/documentation/examples.json`. Long lists and texts are cut; secrets are left out.
"""

from __future__ import annotations

import json
import re
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zlib import compress, crc32

from wearwhy.http.documentation.examples import FILE
from wearwhy.http.sparql.asked import FORM

OFFICE: Final = {
    "occasions": ["office"],
    "date": "2026-11-24",
    "weather": "8C rain wind 20km/h",
}
LINEN: Final = {"retracted": ["w03 material silk"], "asserted": ["w03 material linen"]}
TABLE: Final = "name,type,material,colour\nGreen scarf,scarf,wool,green\n"
CALENDAR: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example//EN\r\nBEGIN:VEVENT\r\nUID:1@example\r\n"
    "DTSTAMP:20261101T000000Z\r\nDTSTART:20261124T090000\r\nDTEND:20261124T170000\r\n"
    "SUMMARY:Office\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
NOTES: Final = "http://example.org/notes"
TRIPLE: Final = (
    '<http://example.org/coat> <http://www.w3.org/2000/01/rdf-schema#comment> "warm"@en .'
)
UPDATE: Final = f"INSERT DATA {{ GRAPH <{NOTES}> {{ {TRIPLE} }} }}"
SELECT: Final = "SELECT ?item ?name { ?item a ww:Coat ; schema:name ?name } ORDER BY ?name LIMIT 2"
HELLO: Final = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
}
PASSWORD: Final = "violet-teapot-seventeen-stairs"
Found = dict[str, Any]
Send = Callable[..., Any]


@dataclass(frozen=True)
class Step:
    """One request of the walk.

    Attributes:
        way: method and path, as the document has them.
        status: that must be answered.
        path, query, headers: by name; `$name` is what an earlier step found.
        body: JSON, or the text of `media`.
        media: of the body.
        finds: what later steps need: a name, and the steps through the answer that lead to it.
        who: who asks; empty: nobody.
    """

    way: str
    status: int = 200
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    media: str = "application/json"
    finds: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    who: str = "ada"


def _sparql(at: str, path: Mapping[str, str]) -> Iterator[Step]:
    graph, turtle = {"graph": NOTES}, {"Accept": "text/turtle"}
    csv = {"Accept": "text/csv"}
    yield Step(f"GET {at}/sparql", path=path, query={"query": SELECT})
    yield Step(f"POST {at}/sparql", path=path, headers=csv, body={"query": SELECT}, media=FORM)
    yield Step(f"POST {at}/update", 204, path=path, body={"update": UPDATE}, media=FORM)
    yield Step(f"GET {at}/graphs", path=path, query=graph, headers=turtle)
    yield Step(f"PUT {at}/graphs", 204, path=path, query=graph, body=TRIPLE, media="text/turtle")
    yield Step(f"POST {at}/graphs", 204, path=path, query=graph, body=TRIPLE, media="text/turtle")
    yield Step(f"DELETE {at}/graphs", 204, path=path, query=graph)


def picture() -> bytes:
    """Return a small grey picture as PNG."""
    rows = (b"\0" + b"\x80" * 16) * 16

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", crc32(kind + data))

    head = struct.pack("!IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(part(*one) for one in parts)


TOUR: Final[tuple[Step, ...]] = (
    Step("GET /wardrobes"),
    Step("POST /wardrobes", 201, body={"name": "ines", "label": "What Ines wears"}),
    Step("GET /wardrobes/{name}", path={"name": "mine"}),
    Step("DELETE /wardrobes/{name}", path={"name": "ines"}),
    Step("GET /items", query={"limit": "2"}),
    Step(
        "POST /items",
        201,
        body={"type": "blazer", "name": "Green velvet blazer", "values": {"colour": "green"}},
    ),
    Step("GET /items/{item}", path={"item": "w03"}),
    Step("PATCH /items/{item}", path={"item": "w03"}, body={"values": {"pattern": "plain"}}),
    Step("DELETE /items/{item}", path={"item": "w60"}),
    Step("GET /vocabulary"),
    Step("GET /validation"),
    Step(
        "POST /recommendations",
        body=OFFICE,
        finds={"look": ("looks", 0, "id"), "other": ("looks", 1, "id")},
    ),
    Step("POST /completions", body={**OFFICE, "given": ["w16", "w26"], "n": 2}),
    Step("GET /explanations/{look}", path={"look": "$look"}),
    Step("GET /why", query={"subject": "w03", "property": "suits season", "value": "winter"}),
    Step("POST /why-not", body={**OFFICE, "item": "w46"}),
    Step("GET /compare", query={"first": "$look", "second": "$other"}),
    Step("GET /replay", query={"look": "$look", "without": "walks"}),
    Step("GET /rules", query={"what": "colour"}),
    Step("POST /rules/check", body={"text": "RULE <#r> { ?x ww:likes } WHERE { ?x a ww:Item }"}),
    Step("POST /rules/preview", body={**LINEN, "request": OFFICE}, finds={"token": ("preview",)}),
    Step("POST /rules", body={**LINEN, "preview": "$token"}),
    Step("GET /rules/{topic}", path={"topic": "colour"}),
    Step("POST /revisions/undo"),
    Step("GET /revisions", query={"limit": "2"}, finds={"number": ("revisions", 0, "revision")}),
    Step("GET /revisions/{number}", path={"number": "$number"}),
    Step(
        "GET /predictions",
        query={"limit": "2"},
        finds={
            "item": ("guesses", 0, "item", "id"),
            "property": ("guesses", 0, "property", "id"),
            "value": ("guesses", 0, "object", "value"),
            "item2": ("guesses", 1, "item", "id"),
            "property2": ("guesses", 1, "property", "id"),
            "value2": ("guesses", 1, "object", "value"),
        },
    ),
    Step(
        "POST /predictions/confirm",
        body={"item": "$item", "property": "$property", "value": "$value"},
    ),
    Step(
        "POST /predictions/reject",
        body={"item": "$item2", "property": "$property2", "value": "$value2"},
    ),
    Step(
        "POST /feedback",
        body={"verb": "wore", "things": ["w01", "w26", "w45"], "date": "2026-11-20"},
    ),
    Step("GET /feedback", query={"limit": "2"}),
    Step(
        "PATCH /wearers/{who}",
        path={"who": "ines"},
        body={"sizes": ["top=M", "feet=38"], "covered": ["arms"], "warmth": -3},
    ),
    Step("GET /wearers"),
    Step("GET /wearers/{who}", path={"who": "ines"}),
    Step("DELETE /wearers/{who}", path={"who": "ines"}),
    Step("POST /tasks", 202, body={"kind": "lint"}, finds={"task": ("id",)}),
    Step("GET /tasks/{task}/events", path={"task": "$task"}),
    Step("GET /tasks/{task}", path={"task": "$task"}),
    Step("GET /tasks"),
    Step("DELETE /tasks/{task}", path={"task": "$task"}),
    Step(
        "POST /uploads",
        201,
        query={"name": "diary.ics"},
        body=CALENDAR,
        media="text/calendar",
        finds={"calendar": ("id",)},
    ),
    Step("GET /uploads/{id}/entries", path={"id": "$calendar"}, query={"on": "2026-11-24"}),
    Step(
        "POST /uploads",
        201,
        query={"name": "coat.png", "item": "w03"},
        body=picture(),
        media="image/png",
        finds={"picture": ("id",)},
    ),
    Step("POST /uploads/{id}/apply", path={"id": "$picture"}),
    Step("GET /items/{item}", path={"item": "w03"}, finds={"photograph": ("photograph",)}),
    Step("GET /photographs/{name}", path={"name": "$photograph"}),
    Step(
        "POST /uploads",
        201,
        query={"name": "scarves.csv"},
        body=TABLE,
        media="text/csv",
        finds={"upload": ("id",)},
    ),
    Step("GET /uploads"),
    Step("GET /uploads/{id}", path={"id": "$upload"}),
    Step("POST /uploads/{id}/preview", path={"id": "$upload"}),
    Step("POST /uploads/{id}/apply", path={"id": "$upload"}),
    Step("DELETE /uploads/{id}", path={"id": "$upload"}),
    *_sparql("", {}),
    *_sparql("/wardrobes/{wardrobe}", {"wardrobe": "mine"}),
    Step("GET /.well-known/void", headers={"Accept": "text/turtle"}),
    Step("POST /mcp", headers={"Accept": "application/json, text/event-stream"}, body=HELLO),
    Step("GET /me"),
    Step("GET /me/export"),
    Step("POST /accounts", 201, body={"name": "mary", "password": PASSWORD, "scopes": ["read"]}),
    Step("GET /accounts"),
    Step("PATCH /accounts/{name}", path={"name": "mary"}, body={"scopes": ["read", "write"]}),
    Step("GET /audit", query={"limit": "2"}),
    Step(
        "POST /keys",
        201,
        body={"label": "phone", "scopes": ["read"], "days": 90},
        finds={"key": ("id",)},
    ),
    Step("GET /keys"),
    Step("DELETE /keys/{key}", 204, path={"key": "$key"}),
    Step("PUT /me/password", 204, body={"new": PASSWORD}, who="eve"),
    Step("POST /sessions", 201, body={"name": "eve-of-rest", "password": PASSWORD}, who=""),
    Step("GET /sessions", finds={"session": ("sessions", 0, "id")}, who="eve"),
    Step("DELETE /sessions/{session}", 204, path={"session": "$session"}, who="eve"),
    Step(
        "POST /invitations",
        201,
        body={"wardrobe": "mine", "role": "viewer", "hours": 48},
        finds={"token": ("token",), "invitation": ("id",)},
    ),
    Step("GET /invitations"),
    Step("POST /invitations/accept", body={"token": "$token"}, who="eve"),
    Step("GET /wardrobes/{wardrobe}/members", path={"wardrobe": "mine"}),
    Step(
        "DELETE /wardrobes/{wardrobe}/members/{name}",
        204,
        path={"wardrobe": "mine", "name": "eve-of-rest"},
    ),
    Step("DELETE /invitations/{invitation}", 204, path={"invitation": "$invitation"}),
    Step("DELETE /accounts/{name}", path={"name": "mary"}),
    Step("DELETE /sessions/current", 204),
    Step(
        "POST /me/forget",
        body={"confirm": "eve-of-rest", "password": PASSWORD},
        who="eve",
    ),
    Step("GET /healthz"),
    Step("GET /readyz"),
)
MOST: Final = 2
LONGEST: Final = 400
_SECRETS: Final = frozenset(("key", "token", "csrf", "password", "old", "new"))
_BARE: Final = ("application/zip", "image/png", "image/jpeg")


def walked(send: Send) -> Iterator[tuple[Step, dict[str, Any], Any]]:
    """Send each request; yield the step, the request as it was sent, and the answer.

    Args:
        send: takes method, path, `who`, and what `TestClient.request` takes.
    """
    known: dict[str, str] = {}
    for step in TOUR:
        method, _, template = step.way.partition(" ")
        said = {part: _filled(getattr(step, part), known) for part in ("path", "query", "headers")}
        body = _filled(step.body, known)
        path = _path(template, said["path"])
        given: dict[str, Any] = {"params": said["query"], "headers": dict(said["headers"])}
        request = {part: found for part, found in said.items() if found}
        if step.body is not None:
            request |= {"media": step.media, "body": body if isinstance(body, str | dict) else "…"}
            given["headers"]["Content-Type"] = step.media
            given["content"] = _encoded(step.media, body)
        answer = send(method, path, who=step.who, **given)
        assert answer.status_code == step.status, f"{step.way}: {answer.status_code} {answer.text}"
        for name, steps in step.finds.items():
            found = answer.json()
            for one in steps:
                found = found[one]
            # A path takes the last step of what says where a photograph is.
            known[name] = str(found).rpartition("/")[2] if name == "photograph" else str(found)
        yield step, request, answer


def _encoded(media: str, body: Any) -> Any:
    if isinstance(body, dict):
        return urlencode(body) if media == FORM else json.dumps(body)
    return body


def _path(template: str, places: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], template)


def _filled(said: Any, known: Mapping[str, str]) -> Any:
    if isinstance(said, Mapping):
        return {key: _filled(value, known) for key, value in said.items()}
    return known[said[1:]] if isinstance(said, str) and said.startswith("$") else said


def written(send: Send) -> dict[str, Found]:
    """Return the examples of a walk, as `documentation.examples` reads them."""
    found: dict[str, Found] = {}
    for step, request, answer in walked(send):
        one: Found = {"request": _cut(request), "status": step.status}
        media = answer.headers.get("content-type", "").partition(";")[0]
        if media and answer.content:
            one["media"] = media
            if media in _BARE:
                one["body"] = "…"
            elif media.endswith("json"):
                one["body"] = _cut(answer.json())
            else:
                one["body"] = _short(answer.text)
        found[step.way] = one
    return found


def _cut(said: Any, name: str = "") -> Any:
    """Return a document with the first of what is long, and without what is secret."""
    if isinstance(said, Mapping):
        many = name in {"nodes", "attributes", "by_kind"}
        kept = list(said.items())[:MOST] if many else said.items()
        return {key: _cut(value, key) for key, value in kept}
    if isinstance(said, list):
        return [_cut(one) for one in said[:MOST]]
    if isinstance(said, str):
        return "…" if name in _SECRETS and said else _short(said)
    return said


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rpartition(' ')[0]} …"


def main() -> None:
    """Write the examples anew."""
    from tests.api.cli_given import prepare  # noqa: PLC0415  # the workspace that the tests have
    from tests.api.rest_given import served  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder) / "w")
        with served(Path(folder) / "w") as rest:

            def send(method: str, path: str, *, who: str, **given: Any) -> Any:
                if who:
                    return rest(method, path, who=who, **given)
                return rest.client.request(method, path, **given)

            found = written(send)
    FILE.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{len(found)} examples, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
