"""Ctrl-C and budgets at the command line: a sentence, a status, and a workspace as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.api.cli_given import ROOT, run

from wearwhy.rdf import ID, TYPE, WW, Fact, Literal
from wearwhy.store.database import Store
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import Workspace
from wearwhy.workspace.edits import Edit

SLOW = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
DATA { rule:search-all rdfs:label "search everything"@en }
RULE rule:search-all { ?x ww:near ?z } WHERE { ?x a ?a . ?y a ?b . ?z a ?c FILTER(STR(?x) = CONCAT(STR(?y), STR(?z))) }
"""


def slow_workspace(folder: Path, settings: str) -> Path:
    """Make a workspace that has a slow rule and has never been closed."""
    space = Workspace.init(folder)
    item = Fact(ID["mine/shirt"], TYPE, WW.Shirt)
    owned = Quad(graph_name("wardrobe/mine", "asserted", "edits"), item)
    graph = graph_name("base", "rules", "own")
    text = Quad(graph, Fact(graph, WW.text, Literal(SLOW)))
    space.apply(Edit(Patch(add=(owned, text)), "a slow rule", "base"))
    (folder / "wearwhy.toml").write_text(settings, "utf-8")
    return folder


def busy(process: subprocess.Popen[bytes], told: Path) -> None:
    """Wait until a process has told that it is at work."""
    for _ in range(6000):
        assert process.poll() is None, process.communicate()
        if told.exists():
            return
        time.sleep(0.05)
    pytest.fail("it did not get to work")


# Whoever runs the tests in the background may have told them to ignore Ctrl-C. That it runs rules
# is told once it is seen to do so for a while.
HEEDING = """
import runpy, signal, sys, threading, time, traceback
from pathlib import Path

def tell(told, main):
    seen = 0
    while seen < 10:
        time.sleep(0.05)
        frames = traceback.walk_stack(sys._current_frames()[main])
        seen = seen + 1 if any(one.f_code.co_filename == "<rule>" for one, _ in frames) else 0
    Path(told).touch()

signal.signal(signal.SIGINT, signal.default_int_handler)
told = sys.argv.pop(1)
threading.Thread(target=tell, args=(told, threading.get_ident()), daemon=True).start()
runpy.run_module("wearwhy", run_name="__main__")
"""


@pytest.mark.parametrize("words", [("reason",), ("--json", "reason")])
def test_ctrl_c_while_reasoning_ends_with_a_sentence_and_changes_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = slow_workspace(tmp_path / "W", "budget_seconds = 600\n")
    with Store.open(folder, write=False) as store:
        before = {graph: set(store.facts(graph)) for graph in store.graphs()}
    process = subprocess.Popen(
        (sys.executable, "-c", HEEDING, str(tmp_path / "told"), "--workspace", str(folder), *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    try:
        busy(process, tmp_path / "told")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130
    assert b"Traceback" not in err
    if "--json" in words:
        assert json.loads(out)["error"]["code"] == "WW-STOPPED"
    else:
        assert b"error[WW-STOPPED]: Stopped before the end." in err
    with Store.open(folder, write=True) as store:
        assert store.revision == 1
        assert {graph: set(store.facts(graph)) for graph in store.graphs()} == before


@pytest.mark.parametrize("verb", [("reason",), ("recommend", "--occasion", "office")])
def test_a_program_over_its_budget_is_told_with_its_rule_and_changes_nothing(
    tmp_path: Path, verb: tuple[str, ...]
) -> None:
    folder = slow_workspace(tmp_path / "W", "budget_seconds = 4\n")
    ran = run(folder, *verb)
    assert ran.code == 2
    assert "WW-BUDGET-TIME" in ran.err
    assert "rule:search-all (search everything) takes more than 4 seconds." in ran.err
    assert "own.srl:5" in ran.err
    assert Workspace.open(folder).revision == 1
