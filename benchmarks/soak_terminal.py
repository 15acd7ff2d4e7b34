"""The owner at a terminal in the soak: `wearwhy` beside the server that holds the store.

Where the server is killed while a command runs, the command fails, or finds the store free and
changes it itself; what it said it had done must be there in either case.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final

from benchmarks.soak_people import NAMES, Acknowledged, Actor, World, label, wardrobe

# What a refusal ends with: the server went away, or somebody else changed the wardrobe meanwhile.
REFUSED: Final = 2


class Terminal(Actor):
    """Adds items, undoes and asks by the command line, one command after another.

    Args:
        name: whose wardrobe.
        world: what all actors share.
        folder: the workspace.
        alone: held while a command runs; who holds it knows that none does.
    """

    number = 0

    def __init__(self, name: str, world: World, folder: Path, alone: threading.Lock) -> None:
        super().__init__(name, "", world, 3.0)
        self.folder = folder
        self.alone = alone

    def turn(self) -> None:
        """Run one command."""
        self.number += 1
        chosen = self.random.random()
        if chosen < 0.6:
            name = f"{label(self.who)} soak terminal {self.number}"
            self.command("terminal add", ("add", "shirt", name, "--colour", "navy"), name)
        elif chosen < 0.75:
            self.command("terminal undo", ("undo",), "")
        else:
            query = "SELECT * { GRAPH ?g { ?s ?p ?o } } LIMIT 500"
            self.command("terminal query", ("query", query), None)

    def command(self, what: str, words: tuple[str, ...], holds: str | None) -> None:
        """Run a command; remember a change that it says it has made.

        Args:
            what: the kind of command.
            words: of the command line.
            holds: a text that the change's patch must hold; None: it changes nothing.
        """
        options = ("--workspace", str(self.folder), "--wardrobe", wardrobe(self.who), "--json")
        begun = time.perf_counter()
        with self.alone:
            run = subprocess.run(
                (sys.executable, "-m", "wearwhy", *words, *options),
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
        good = run.returncode == 0
        self.seen.told(what, 200 if good else run.returncode, time.perf_counter() - begun)
        told = run.stdout + run.stderr
        with self.seen.lock:
            for other in NAMES:
                if other != self.who and (wardrobe(other) in told or label(other) in told):
                    self.seen.leaks.append(f"{self.who} {what}: {told[:300]}")
            if run.returncode not in (0, REFUSED) or "Traceback" in told:
                self.seen.faults.append(f"{what} {run.returncode}: {told[-300:]}")
        if good and holds is not None:
            document = json.loads(run.stdout)
            if document["added"] or document["removed"]:
                change = Acknowledged(self.who, document["revision"], holds, what)
                with self.seen.lock:
                    self.seen.acknowledged.append(change)
