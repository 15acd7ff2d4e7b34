"""`wearwhy serve` as a process: it starts, refuses, stops in order, and survives a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.serving import Running

from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.caller import Role, Scope
from wearwhy.settings import assets
from wearwhy.store.database import Store
from wearwhy.workspace import Workspace

WISH = {"occasions": ["office"], "date": "2026-11-24", "weather": "8C rain wind 20km/h"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("served") / "w"
    workspace = Workspace.init(made)
    workspace.load(assets() / "data" / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    return made


def called(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wearwhy", "--workspace", str(folder), *words],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("--host", "0.0.0.0"), {}),
        (("--host", "::"), {}),
        ((), {"WEARWHY_SERVE_PUBLIC_URL": "https://wear.example.org"}),
        ((), {"WEARWHY_SERVE_HOSTS": "wear.example.org"}),
    ],
)
def test_nobody_from_elsewhere_is_let_in_before_there_is_an_account(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    Workspace.init(tmp_path / "w")
    ran = called(tmp_path / "w", "--json", "serve", "--port", "0", *words, **environment)
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["error"]["code"] == "WW-SERVE-ACCOUNTS"


@pytest.mark.slow
def test_what_is_wrong_is_told_before_anything_listens(folder: Path, tmp_path: Path) -> None:
    ran = called(folder, "--json", "serve", WEARWHY_SERVE_PROT="1")
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (2, "WW-SERVE-KEY")
    ran = called(tmp_path, "--json", "serve", "--port", "0")
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (2, "WW-STORE-NONE")


@pytest.fixture(scope="module")
def running(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Running, Path]]:
    """A server without accounts, and its log; tests only read."""
    path = tmp_path_factory.mktemp("log") / "log"
    with path.open("w", encoding="utf-8") as log:
        server = Running.start(folder, log=log)
        yield server, path
        assert server.stop() == 0


@pytest.mark.slow
def test_a_server_without_accounts_lets_who_works_here_read(running: tuple[Running, Path]) -> None:
    server, _ = running
    assert server.ask("GET", "/healthz") == (200, {"status": "ok"})
    status, ready = server.ask("GET", "/readyz")
    assert (status, ready["ready"], set(ready["parts"])) == (
        200,
        True,
        {"base", "workers", "taking"},
    )
    assert server.ask("GET", "/items")[1]["total"] == 66
    assert len(server.ask("POST", "/recommendations", WISH)[1]["looks"]) == 3
    status, told = server.ask("POST", "/items", {"type": "shirt", "name": "New"})
    assert (status, told["code"]) == (401, "WW-ACCESS-KEY")
    # What a proxy passes on was not asked by who works here.
    assert server.ask("GET", "/items", headers={"X-Forwarded-For": "1.2.3.4"})[0] == 401


@pytest.mark.slow
def test_figures_are_for_this_machine(running: tuple[Running, Path]) -> None:
    server, _ = running
    status, text = server.ask("GET", "/metrics")
    assert status == 200
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["wearwhy_ready"] == "1.0"
    assert float(lines["wearwhy_revision"]) == 1
    assert server.ask("GET", "/metrics", headers={"X-Forwarded-For": "1.2.3.4"})[0] == 404


@pytest.mark.slow
def test_every_line_of_the_log_is_a_document_and_tells_no_secret(
    running: tuple[Running, Path],
) -> None:
    server, path = running
    secret = "ww_" + "s" * 43
    server.ask("GET", f"/items?key={secret}", headers={"Authorization": f"Bearer {secret}"})
    server.ask("GET", "/nowhere%0d%0aevent")
    assert server.token
    text = path.read_text("utf-8")
    assert "ssssssss" not in text
    assert server.token not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"ready", "request"} <= {line["event"] for line in lines}
    assert all(line["request"] for line in lines if line["event"] == "request")


@pytest.mark.slow
def test_another_server_on_the_same_workspace_names_the_first(
    running: tuple[Running, Path], folder: Path
) -> None:
    del running
    ran = called(folder, "--json", "serve", "--port", "0")
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["error"]["code"] == "WW-STORE-LOCKED"


def working(server: Running) -> float:
    """Return how many requests a server works on."""
    _, text = server.ask("GET", "/metrics")
    (line,) = re.findall(r"^wearwhy_requests_in_flight (\S+)$", text, re.MULTILINE)
    return float(line)


def owned(folder: Path) -> str:
    """Return a key of an account that owns the wardrobe."""
    accounts = Accounts.open(folder)
    ada = accounts.add("ada", password=None, scopes=frozenset(Scope))
    accounts.grant("mine", ada.id, Role.OWNER)
    key: str = accounts.new_key(ada.id, label="test").secret
    accounts.close()
    return key


@pytest.mark.slow
def test_what_runs_is_finished_and_what_was_acknowledged_is_kept(
    folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "w"
    assert called(folder, "backup", str(tmp_path / "b")).returncode == 0
    assert called(copy, "restore", str(tmp_path / "b")).returncode == 0
    key = owned(copy)
    server = Running.start(copy)
    acknowledged: list[int] = []
    for number in range(5):
        body = {"type": "shirt", "name": f"Shirt {number}"}
        status, document = server.ask("POST", "/items?wardrobe=mine", body, key=key)
        assert status == 201
        acknowledged.append(document["revision"])
    # The first look of a wardrobe that has changed takes a while: the stop comes in the middle.
    found: list[int] = []
    asked = threading.Thread(
        target=lambda: found.append(server.ask("POST", "/recommendations", WISH, key=key)[0])
    )
    asked.start()
    while asked.is_alive() and working(server) < 2:  # who asks how many is one of them
        time.sleep(0.01)
    assert server.stop() == 0
    asked.join()
    assert found == [200]

    again = Running.start(copy, port=int(server.url.rpartition(":")[2]))
    assert again.ask("GET", "/items?wardrobe=mine", key=key)[1]["total"] == 71
    body = {"type": "shirt", "name": "Shirt 5"}
    acknowledged.append(again.ask("POST", "/items?wardrobe=mine", body, key=key)[1]["revision"])
    again.kill()
    with Store.open(copy, write=False) as store:
        assert [r.number for r in store.history()][::-1] == list(range(1, 8))
        assert acknowledged == list(range(2, 8))
    third = Running.start(copy)
    assert third.ask("GET", "/items?wardrobe=mine", key=key)[1]["total"] == 72
    # Ctrl-C is a stop like another.
    third.process.send_signal(signal.SIGINT)
    assert third.process.wait(120) == 0
    third._closed()  # noqa: SLF001  # its pipe
