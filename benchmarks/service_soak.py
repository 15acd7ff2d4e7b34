"""Mixed load on a server that is killed now and then: nothing acknowledged may be lost.

    python -m benchmarks.service_soak [--minutes 60] [--kill 300]

Five owners, each with a wardrobe of 60 items, read and write: four by HTTP, where they edit rules,
too, and one at a terminal, by the command line beside the server. Each has a stranger on their
heels, whose key may read only, with hostile queries and other people's names. The server's process
gets `kill -9` every so many seconds and is started again. While it is down the store is
read, and compared with all that was acknowledged:

- every acknowledged change is a revision of the history, of that wardrobe, with what it was about;
- the graph is what the patches of all revisions come to, so none is half applied;
- of two statements written by one update, both are there or neither.

Every answer is searched for what is another's. Exit 1 where anything is lost or leaks.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks import wardrobes
from benchmarks.serving import Running
from benchmarks.soak_people import (
    AT_TERMINAL,
    NAMES,
    SOAK,
    Acknowledged,
    Actor,
    Reader,
    RuleWriter,
    Seen,
    Stranger,
    World,
    Writer,
    label,
    wardrobe,
)
from benchmarks.soak_terminal import Terminal

from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.caller import Role, Scope
from wearwhy.store.database import Store
from wearwhy.store.quads import Quad, Revision, to_text
from wearwhy.workspace import Workspace

ITEMS = 60


def prepare(folder: Path) -> dict[str, tuple[str, str]]:
    """Make a workspace with a wardrobe for each name; return each one's keys: owner's, stranger's."""
    workspace = Workspace.init(folder)
    for number, name in enumerate(NAMES):
        rows = wardrobes.table(ITEMS, seed=number)
        rows["title"] = label(name) + " " + rows["title"]
        loaded = workspace.load(rows, "catalogue", f"wardrobe:{wardrobe(name)}")
        assert loaded.items == ITEMS
    accounts = Accounts.open(folder)
    keys: dict[str, tuple[str, str]] = {}
    for name in NAMES:
        account = accounts.add(
            name, password=None, scopes=frozenset((Scope.READ, Scope.WRITE, Scope.RULES))
        )
        accounts.grant(wardrobe(name), account.id, Role.OWNER)
        own = accounts.new_key(account.id, label="soak").secret
        read = accounts.new_key(account.id, label="read", scopes=frozenset((Scope.READ,))).secret
        keys[name] = (own, read)
    accounts.close()
    return keys


class Record:
    """What the store must hold: every revision so far, and the graph that they come to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.revisions: dict[int, Revision] = {}
        self.graph: set[Quad] = set()
        self.checked = 0
        self.wrong: list[str] = []

    def check(self, acknowledged: list[Acknowledged]) -> None:
        """Read the store, which nobody writes to now, and compare."""
        with Store.open(self.folder, write=False) as store:
            new = store.history(max(store.revision - len(self.revisions), 0) or None)
            quads = set(store.quads())
            newest = store.revision
        for revision in reversed(new):
            if revision.number in self.revisions:
                continue
            self.revisions[revision.number] = revision
            self.graph.difference_update(revision.patch.remove)
            self.graph.update(revision.patch.add)
        if sorted(self.revisions) != list(range(1, newest + 1)):
            self.wrong.append(f"the history up to {newest} has gaps")
        if self.graph != quads:
            self.wrong.append(f"the graph is not what its {newest} patches come to")
        for change in acknowledged[self.checked :]:
            self._require(change)
        self.checked = len(acknowledged)
        pairs = Counter(
            str(quad.fact.subject) for quad in quads if str(quad.fact.subject)[1:].startswith(SOAK)
        )
        self.wrong += [f"{node} is half there" for node, count in pairs.items() if count != 2]

    def _require(self, change: Acknowledged) -> None:
        revision = self.revisions.get(change.revision)
        if revision is None:
            self.wrong.append(f"lost: {change}")
            return
        text = to_text(revision.patch.add) + to_text(revision.patch.remove)
        if revision.scope != f"wardrobe/{wardrobe(change.name)}":
            self.wrong.append(f"of another wardrobe, {revision.scope}: {change}")
        elif change.holds not in text:
            self.wrong.append(f"not what it was about: {change}")


class Served:
    """The server that runs now; replaced after each kill.

    Attributes:
        alone: held by a command of the terminal, and while the store is compared.
    """

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.alone = threading.Lock()
        self.log = log.open("w", encoding="utf-8")
        self.starts: list[float] = []
        self.running = self._start(0)
        self.port = int(self.running.url.rpartition(":")[2])

    def _start(self, port: int) -> Running:
        # Two owners' worth of writing must not be held up by limits meant for one client.
        running = Running.start(self.folder, port=port, log=self.log)
        self.starts.append(running.ready_seconds)
        return running

    def now(self) -> Running:
        """Return the server to ask."""
        return self.running

    def killed(self, between: Record, seen: Seen) -> None:
        """Kill the server, look at what it left, and start another on the same port."""
        self.running.kill()
        time.sleep(1.0)  # answers that were under way reach who asked, and are written down
        with self.alone:
            time.sleep(0.2)  # what the last command said is written down, too
            with seen.lock:
                acknowledged = list(seen.acknowledged)
            between.check(acknowledged)
            self.running = self._start(self.port)


def crowd(keys: dict[str, tuple[str, str]], world: World) -> list[Actor]:
    """Return everybody who will ask."""
    actors: list[Actor] = []
    for name, (own, read) in keys.items():
        actors += [Reader(name, own, world, 0.05), Stranger(name, read, world, 0.5)]
        if name != AT_TERMINAL:
            actors += [Writer(name, own, world, 0.2), RuleWriter(name, own, world, 8.0)]
    return actors


def summary(seen: Seen, record: Record, served: Served, minutes: float, kills: int) -> str:
    """Return what happened as one JSON document."""
    slowest = {
        what: {
            "n": len(times),
            "p50_ms": round(1000 * statistics.median(times)),
            "p99_ms": round(1000 * sorted(times)[int(len(times) * 0.99)]),
        }
        for what, times in sorted(seen.seconds.items())
    }
    document = {
        "minutes": round(minutes, 1),
        "kills": kills,
        "requests": sum(seen.statuses.values()),
        "acknowledged": len(seen.acknowledged),
        "revisions": len(record.revisions),
        "lost_or_half_applied": len(record.wrong),
        "leaks": len(seen.leaks),
        "faults": len(seen.faults),
        "start_seconds": [round(one, 1) for one in served.starts],
        "times": slowest,
        "statuses": dict(sorted(seen.statuses.items())),
        "load": os.getloadavg(),
    }
    return json.dumps(document, indent=1)


def main() -> int:
    """Run, and exit 1 where anything was lost, leaked or answered by a fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--kill", type=float, default=300.0, help="seconds between kills")
    parser.add_argument("--log", type=Path, default=None, help="the server's own log")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wearwhy-soak-") as made:
        folder = Path(made) / "workspace"
        keys = prepare(folder)
        seen, record, stop = Seen(), Record(folder), threading.Event()
        served = Served(folder, options.log or Path(made) / "log")
        world = World(seen, served.now, stop)
        actors = [*crowd(keys, world), Terminal(AT_TERMINAL, world, folder, served.alone)]
        begun, kills = time.monotonic(), 0
        for actor in actors:
            actor.start()
        while (left := begun + 60 * options.minutes - time.monotonic()) > 0:
            time.sleep(min(options.kill, left))
            if time.monotonic() < begun + 60 * options.minutes - 1:
                served.killed(record, seen)
                kills += 1
                print(
                    f"{(time.monotonic() - begun) / 60:.1f} min, kill {kills}: "
                    f"{len(seen.acknowledged)} acknowledged, {len(record.wrong)} lost, "
                    f"{len(seen.leaks)} leaks, {len(seen.faults)} faults, "
                    f"started in {served.starts[-1]:.1f} s",
                    file=sys.stderr,
                    flush=True,
                )
        stop.set()
        for actor in actors:
            actor.join(90)
        status = served.now().stop()
        record.check(seen.acknowledged)
        print(summary(seen, record, served, (time.monotonic() - begun) / 60, kills))
        for kind, found in (("lost", record.wrong), ("leak", seen.leaks), ("fault", seen.faults)):
            for one in found[:20]:
                print(f"{kind}: {one}", file=sys.stderr)
    return int(bool(record.wrong or seen.leaks or seen.faults or status))


if __name__ == "__main__":
    sys.exit(main())
