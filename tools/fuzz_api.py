"""Every documented operation of the REST interface, fuzzed: a server of its own, and schemathesis.

A small wardrobe is served on a free port of this machine, and `st run` sends it what the OpenAPI
document allows and what it forbids, in all phases: examples, coverage, fuzzing, stateful. What it
sends is from the seed, and names now and then what is there: items, values, looks (`known`). `make fuzz-api SECONDS=600` runs it for long.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from wearwhy.http.app import create_app
from wearwhy.http.server import Server, address_of, listening
from wearwhy.service.caller import Role, Scope
from wearwhy.service.configuration import Configuration
from wearwhy.service.errands import door
from wearwhy.service.service import Service
from wearwhy.workspace import Workspace

ROOT: Final = Path(__file__).parents[1]
CONFIG: Final = ROOT / "tools" / "schemathesis.toml"
QUERIES: Final = (
    "SELECT ?item ?label WHERE { ?item a ww:Item ; rdfs:label ?label } LIMIT 3",
    "ASK { ?item ww:slot ww:slot-top }",
    "DESCRIBE <https://w3id.org/wearwhy/id/mine/w01>",
)
UPDATES: Final = (
    "DELETE DATA { <urn:a> <urn:b> <urn:c> }",
    "INSERT DATA { <urn:a> <urn:b> 'c' }",
)
RULES: Final = (
    "",
    "RULE rule:fuzzed { ?x ww:note 'seen' } WHERE { ?x a ww:Shirt }",
    "RULE rule:fuzzed { ?x ww:note ?y } WHERE { ?x a ww:Shirt }",
)
ROWS: Final = 14
"""Items of the wardrobe: enough for looks, few enough for many requests."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs.

    Attributes:
        address: where it is reached.
        key: of an account that may do everything.
        service: behind it.
    """

    address: str
    key: str
    service: Service


def prepare(folder: Path) -> None:
    """Make a workspace with a small wardrobe."""
    rows = (ROOT / "data" / "wardrobe.csv").read_text("utf-8").splitlines(keepends=True)
    few = [rows[0], *rows[1 :: max(1, (len(rows) - 1) // ROWS)]]
    table = folder / "few.csv"
    table.write_text("".join(few), "utf-8")
    with Workspace.init(folder) as workspace:
        workspace.load(table, "wardrobe", "wardrobe:mine")


@contextlib.contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Serve a workspace on a free port, with one account, for as long as the block lasts."""
    told = Configuration(port=0, requests_per_minute=0, log_level="error")
    service = Service.open(folder, told, door=door)
    zoe = service.accounts.add("zoe-fuzz", password=None, scopes=frozenset(Scope))
    service.accounts.grant("mine", zoe.id, Role.OWNER)
    key = service.accounts.new_key(zoe.id, label="fuzz").secret
    # Thousands of requests come with no key, or a wrong one: to be told so each time is the test.
    service.accounts.guard.begin = lambda *_: None  # type: ignore[method-assign]
    opened = listening("127.0.0.1", 0)
    server = Server(create_app(service, told), told)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    address = address_of(opened)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield Served(address, key, service)
    finally:
        server.should_exit = True
        thread.join(60)


def known(one: Served) -> dict[str, list[str]]:
    """Return names of what a server has: without them, few requests get past the first question."""
    items = [item["id"] for item in _ask(one, "/items?limit=200")["items"]]
    words = _ask(one, "/vocabulary")
    _ask(one, "/wearers/mia", {"covered": ["arms"]}, method="PATCH")
    looks = _ask(one, "/recommendations", {"occasions": ["office"], "weather": "12C"})["looks"]
    return {
        "wardrobes": ["mine"],
        "items": [*items[:6], *(name.rpartition("/")[2] for name in items[:6])],
        "kinds": [kind["label"] for kind in words["types"][:8]],
        "properties": ["colour", "material", "suits season", "formality"],
        "values": ["navy", "wool", "winter", "business"],
        "occasions": ["office", "dinner", "wedding", "hiking"],
        "weathers": ["8C rain", "28C sun", "-5C snow wind 30km/h"],
        "slots": ["top", "feet", "outer", "bag"],
        "looks": [look["id"] for look in looks],
        "topics": ["colour", "warmth", "own"],
        "rules": list(RULES),
        "queries": list(QUERIES),
        "updates": list(UPDATES),
        "sources": ["owned", "both", "catalogue:none"],
        "wearers": ["mia"],
        "facts": ["w01 material linen", "w05 'suits season' winter"],
    }


def _ask(one: Served, path: str, body: object = None, *, method: str | None = None) -> Any:
    request = urllib.request.Request(  # of the server that was started here
        one.address + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {one.key}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def _config(folder: Path, names: dict[str, list[str]]) -> Path:
    """Write what schemathesis is told: the file beside this one, and the names of the day."""
    tables = [f"[dictionaries.{name}]\nvalues = {json.dumps(names[name])}" for name in names]
    path = folder / "schemathesis.toml"
    path.write_text("\n\n".join([CONFIG.read_text("utf-8"), *tables]) + "\n", "utf-8")
    return path


def run(
    folder: Path,
    *,
    examples: int,
    seconds: float | None,
    seed: int,
    phases: Sequence[str] = ("examples", "coverage", "fuzzing", "stateful"),
    more: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Return how `st run` ended against a server of its own.

    Args:
        folder: empty; the workspace is made there.
        examples: of each operation, in the fuzzing phase.
        seconds: for the whole run; None: until all examples are done.
        seed: of what is sent.
        phases: of schemathesis.
        more: words for its command line.
    """
    prepare(folder)
    with served(folder) as one:
        told = _config(folder, known(one))
        words = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(told), "run",
            f"{one.address}/openapi.json", f"--phases={','.join(phases)}",
            f"--max-examples={examples}", f"--seed={seed}", "--workers=1",
            f"--header=Authorization: Bearer {one.key}", "--no-color", *more,
        ]  # fmt: skip
        if seconds is not None:
            words.append(f"--max-time={round(seconds)}")
        return subprocess.run(
            words,
            cwd=folder,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=None if seconds is None else 3 * seconds + 300,
            check=False,
        )


def main() -> int:
    """Run it and print what schemathesis tells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("more", nargs="*", help="words for st run, after --")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wearwhy-fuzz-") as folder:
        ran = run(
            Path(folder),
            examples=told.examples,
            seconds=told.seconds,
            seed=told.seed,
            phases=told.phases.split(","),
            more=told.more,
        )
    print(ran.stdout)
    print(ran.stderr, file=sys.stderr)
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
