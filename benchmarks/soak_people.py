"""Who uses the server in the soak, and with what intent: owners, a reader, strangers.

Every wardrobe has a marker in its name, so in its items' IRIs, and another in its items' labels;
neither stands anywhere else. What answers somebody and holds a marker of another's is a leak.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import quote

from benchmarks.serving import Running

NAMES: Final = ("ada", "bob", "cyd", "dee", "eve")
AT_TERMINAL: Final = "eve"
SOAK: Final = "urn:soak:"
COLOURS: Final = ("navy", "white", "burgundy", "camel", "black", "grey")
_RULE: Final = """\
PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA {{ rule:soak rdfs:label "{label} soak {number}"@en, "{label} {number}"@zh ;
  ww:sentence "{{?i}} is {label}."@en, "{{?i}}。"@zh ; ww:author "soak" ; ww:origin "soak" ;
  ww:points {points} . }}
RULE rule:soak {{ ?i ww:favouredBy rule:soak }}
WHERE {{ ?r a ww:Request . ?i ww:primaryColour ?c . FILTER(?c = ww:{colour}) }}
"""


def wardrobe(name: str) -> str:
    """Return the name of somebody's wardrobe: the first marker."""
    return f"zq{name}"


def label(name: str) -> str:
    """Return what every label of their items begins with: the second marker."""
    return f"lq{name}"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A change that the server said it had made: the revision, and a text that its patch holds."""

    name: str
    revision: int
    holds: str
    what: str


@dataclass(slots=True)
class Seen:
    """What all actors saw; shared, guarded by `lock`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    statuses: Counter[str] = field(default_factory=Counter)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def told(self, what: str, status: int, seconds: float) -> None:
        """Count an answer; 0 stands for a connection that the kill took."""
        with self.lock:
            self.statuses[f"{what} {status}"] += 1
            if 200 <= status < 300:
                self.seconds.setdefault(what, []).append(seconds)


@dataclass(frozen=True, slots=True)
class World:
    """What all actors share: what they saw, the server of now, and the word to stop."""

    seen: Seen
    server: Callable[[], Running]
    stop: threading.Event


class Actor(threading.Thread):
    """Somebody who asks one thing after another until told to stop."""

    def __init__(self, name: str, key: str, world: World, pause: float) -> None:
        super().__init__(daemon=True)
        self.who = name
        self.key = key
        self.seen = world.seen
        self.server = world.server
        self.stop = world.stop
        self.pause = pause
        self.random = random.Random(f"{type(self).__name__} {name}")

    def run(self) -> None:
        """Ask until told to stop; a server that is away is waited for."""
        while not self.stop.is_set():
            try:
                self.turn()
            except OSError:
                self.seen.told(f"{type(self).__name__}", 0, 0.0)
                time.sleep(0.3)
            except Exception as error:  # noqa: BLE001  # an actor that dies would tell nothing
                with self.seen.lock:
                    self.seen.faults.append(f"{type(self).__name__}: {error!r}")
            self.stop.wait(self.pause)

    def turn(self) -> None:
        """Ask one thing."""
        raise NotImplementedError

    def ask(
        self, what: str, method: str, path: str, body: Any = None, *, told: str = "", **more: Any
    ) -> tuple[int, Any]:
        """Return status and document; count them, and look for what is another's.

        Args:
            what: the kind of thing that is asked.
            method: of HTTP.
            path: with its query.
            body: to send.
            told: what was sent and may be told back: another's name that was guessed.
            more: as `Running.ask`.
        """
        begun = time.perf_counter()
        try:
            status, document = self.server().ask(method, path, body, key=self.key, **more)
        except HTTPException as error:
            raise ConnectionError(str(error)) from error
        self.seen.told(what, status, time.perf_counter() - begun)
        text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
        if told:
            text = text.replace(told, "")
        for other in NAMES:
            if other != self.who and (wardrobe(other) in text or label(other) in text):
                with self.seen.lock:
                    self.seen.leaks.append(f"{self.who} {method} {path}: {text[:300]}")
        if status == 500 or (status > 500 and status != 503):
            with self.seen.lock:
                self.seen.faults.append(f"{method} {path} {status}: {text[:300]}")
        return status, document


class Reader(Actor):
    """Reads their own wardrobe: items, looks, why, rules, history, SPARQL."""

    look = ""

    def turn(self) -> None:
        """Read one thing."""
        mine = f"wardrobe={wardrobe(self.who)}"
        chosen = self.random.random()
        if chosen < 0.35:
            wish = {
                "occasions": [self.random.choice(["office", "dinner", "party", "everyday"])],
                "date": f"2026-11-{self.random.randint(10, 28)}",
                "weather": self.random.choice(["8C rain", "19C sun", "-2C snow"]),
            }
            status, found = self.ask("recommend", "POST", f"/recommendations?{mine}", wish)
            if status == 200 and found["looks"]:
                self.look = found["looks"][0]["id"]
        elif chosen < 0.55:
            self.ask("items", "GET", f"/items?{mine}&limit=20")
        elif chosen < 0.62 and self.look:
            self.ask("explain", "GET", f"/explanations/{quote(self.look, safe='')}?{mine}")
        elif chosen < 0.7:
            self.ask("history", "GET", f"/revisions?{mine}&limit=20")
        elif chosen < 0.75:
            self.ask("rules", "GET", f"/rules?{mine}")
        else:
            query = self.random.choice(
                [
                    "SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 200",
                    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
                    "PREFIX ww: <https://w3id.org/wearwhy/ns#> DESCRIBE ?i { ?i a ww:Item } LIMIT 5",
                    "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }",
                ]
            )
            self.ask("sparql", "GET", f"/sparql?{mine}&query={quote(query)}")


class Writer(Actor):
    """Changes their own wardrobe, and remembers what was acknowledged."""

    number = 0
    items: tuple[str, ...] = ()

    def turn(self) -> None:
        """Make one change."""
        type(self).number += 1
        number, mine = type(self).number, f"wardrobe={wardrobe(self.who)}"
        chosen = self.random.random()
        if chosen < 0.35:
            name = f"{label(self.who)} soak {number}"
            body = {
                "type": "shirt",
                "name": name,
                "values": {"colour": self.random.choice(COLOURS), "material": "cotton"},
            }
            found = self.change("add", "POST", f"/items?{mine}", body, name)
            if found:
                self.items = (*self.items, found["item"])
        elif chosen < 0.5 and self.items:
            item = self.random.choice(self.items)
            body = {"values": {"colour": self.random.choice(COLOURS)}}
            self.change("correct", "PATCH", f"/items/{quote(item, safe='')}?{mine}", body, item)
        elif chosen < 0.6 and len(self.items) > 5:
            item, *rest = self.items
            self.items = tuple(rest)
            self.change("remove", "DELETE", f"/items/{quote(item, safe='')}?{mine}", None, item)
        elif chosen < 0.75 and self.items:
            body = {"verb": "wore", "things": [self.items[-1]], "date": "2026-11-20"}
            self.change("wore", "POST", f"/feedback?{mine}", body, self.items[-1])
        elif chosen < 0.95:
            self.update(number, mine)
        else:
            self.change("undo", "POST", f"/revisions/undo?{mine}", None, "")

    def change(self, what: str, method: str, path: str, body: Any, holds: str) -> Any:
        """Ask for a change; return its document if it was made and changed something."""
        status, document = self.ask(what, method, path, body)
        if status not in (200, 201) or not (document["added"] or document["removed"]):
            return None
        self.keep(Acknowledged(self.who, document["revision"], holds, what))
        return document

    def update(self, number: int, mine: str) -> None:
        """Write two statements that must both be there, or neither."""
        node = f"{SOAK}{self.who}:{number}"
        text = (
            f"INSERT DATA {{ GRAPH <{SOAK}graph> {{ <{node}> <{SOAK}one> {number} . }} }} ;\n"
            f"INSERT DATA {{ GRAPH <{SOAK}graph> {{ <{node}> <{SOAK}two> {number} . }} }}"
        )
        begun = time.perf_counter()
        status, etag = self.posted(f"/update?{mine}", text)
        self.seen.told("update", status, time.perf_counter() - begun)
        if status == 204 and etag:
            self.keep(Acknowledged(self.who, etag, node, "update"))

    def posted(self, path: str, text: str) -> tuple[int, int]:
        """Return the status and the revision of an update."""
        status, headers = self.server().ask_headers(
            "POST",
            path,
            text.encode(),
            key=self.key,
            headers={"Content-Type": "application/sparql-update"},
        )
        digits = "".join(c for c in headers.get("etag", "") if c.isdigit())
        return status, int(digits or 0)

    def keep(self, change: Acknowledged) -> None:
        """Remember what was acknowledged."""
        with self.seen.lock:
            self.seen.acknowledged.append(change)


class RuleWriter(Writer):
    """Edits the rules of their own wardrobe."""

    def turn(self) -> None:
        """Preview now and then, and apply a rule text."""
        type(self).number += 1
        number, mine = type(self).number, f"wardrobe={wardrobe(self.who)}"
        text = _RULE.format(
            label=label(self.who),
            number=number,
            points=round(self.random.uniform(0.1, 0.9), 2),
            colour=self.random.choice(COLOURS),
        )
        body: dict[str, Any] = {"topic": "soak", "text": text}
        if self.random.random() < 0.2:
            wish = {"occasions": ["office"], "date": "2026-11-24", "weather": "8C rain"}
            self.ask("preview", "POST", f"/rules/preview?{mine}", {**body, "request": wish})
        self.change("rule", "POST", f"/rules?{mine}", body, f"soak {number}")


def strangers(me: str, other: str) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """Yield requests that mean no good: method, path, body, headers."""
    deep = 4000
    queries = [
        "{" * deep,
        "SELECT * {" + "{" * deep + "}" * deep + "}",
        "SELECT * { FILTER(" + "(" * deep + "1" + ")" * deep + ") }",
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?f ?i",
        'SELECT * { ?s ?p ?o FILTER REGEX(STR(?o), "^(([a-z])+.)+[A-Z]([a-z])+$") }',
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { BIND(1 AS ?x) FILTER(?x = 1SERVICE<http://127.0.0.1:9/>{}) }",
        "SELECT * { ?a (<urn:p>|!<urn:p>)* ?b . ?b (<urn:q>|!<urn:q>)* ?c }",
        f"SELECT * FROM <https://w3id.org/wearwhy/id/wardrobe/{wardrobe(other)}> {{ ?s ?p ?o }}",
        f'SELECT * {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(CONTAINS(STR(?g), "{other}")) }}',
        f"DESCRIBE <https://w3id.org/wearwhy/id/{wardrobe(other)}/w01>",
        "CONSTRUCT { ?s ?p ?o . ?d ?e ?f } { ?s ?p ?o . ?d ?e ?f }",
    ]
    for query in queries:
        yield "GET", f"/sparql?wardrobe={wardrobe(me)}&query={quote(query)}", None, {}
    theirs = f"wardrobe={wardrobe(other)}"
    item = quote(f"https://w3id.org/wearwhy/id/{wardrobe(other)}/w01", safe="")
    yield "GET", f"/items?{theirs}", None, {}
    yield "GET", f"/items/{item}?wardrobe={wardrobe(me)}", None, {}
    yield "POST", f"/items?{theirs}", {"type": "shirt", "name": "intruder"}, {}
    yield "DELETE", f"/items/{item}?{theirs}", None, {}
    yield "POST", f"/revisions/undo?{theirs}", None, {}
    yield "GET", f"/revisions?{theirs}", None, {}
    yield "GET", f"/explanations/1?{theirs}", None, {}
    yield "GET", f"/sparql?{theirs}&query=ASK%7B%7D", None, {}
    sparql = {"Content-Type": "application/sparql-update"}
    yield "POST", f"/update?{theirs}", b"DELETE WHERE { ?s ?p ?o }", sparql
    yield "POST", f"/update?wardrobe={wardrobe(me)}", b"LOAD <file:///etc/passwd>", sparql
    yield "POST", "/recommendations", b"[" * 100_000, {}
    yield "POST", "/items", b"\xff\xfe{", {}
    yield "POST", "/items", b"x" * 2_000_000, {}
    yield "GET", "/items?cursor=%00%ff&limit=999999999999", None, {}
    yield "GET", "/../../etc/passwd", None, {}
    yield "GET", "/items", None, {"Host": "evil.example"}
    yield "GET", "/items", None, {"Authorization": "Bearer ww_" + "a" * 43}


class Stranger(Actor):
    """Has a key that reads one wardrobe, and tries everything else."""

    allowed: Final = frozenset(
        (200, 204, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 421, 429, 431, 503)
    )

    def turn(self) -> None:
        """Try one thing; nothing of it may be answered by a fault of the server."""
        other = self.random.choice([name for name in NAMES if name != self.who])
        method, path, body, headers = self.random.choice(list(strangers(self.who, other)))
        own = f"wardrobe={wardrobe(self.who)}" in path
        # The name that was guessed may be told back; a label or a fact may not.
        status, document = self.ask(
            "hostile", method, path, body, told=wardrobe(other), headers=headers
        )
        wrong = status not in self.allowed
        if method in ("POST", "DELETE", "PATCH") and not own and 200 <= status < 300:
            wrong = True
        if f"wardrobe={wardrobe(other)}" in path and 200 <= status < 300:
            wrong = True
        if wrong:
            with self.seen.lock:
                self.seen.faults.append(f"{method} {path[:200]} → {status}: {str(document)[:200]}")
