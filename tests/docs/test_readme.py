"""The README's commands and programs run as they stand, one after the other."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
NO = re.compile(r"wearwhy why-not ")
"""Commands whose honest answer is no: they exit 1."""


def blocks(language: str) -> list[str]:
    text = re.sub(r"<!-- demo -->.*?<!-- /demo -->", "", README, flags=re.DOTALL)
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands() -> list[str]:
    lines = "".join(blocks("console")).splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def free_port() -> str:
    """Return a port that nobody has now, and that the system gives to nobody who asks for any."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as found, suppress(OSError):
            found.bind(("127.0.0.1", port))
            return str(port)


def script() -> str:
    port = free_port()
    ready = f"curl -sf http://127.0.0.1:{port}/readyz > ready.json"
    lines = ["set -eu", "trap 'test -z \"${served:-}\" || kill $served' EXIT"]
    for said in commands():
        command = said.replace("8000", port)
        if " serve " in command:
            lines += [f"{command} > served.log 2>&1 &", "served=$!"]
            lines.append(f"for n in $(seq 1500); do if {ready}; then break; fi; sleep 0.2; done")
            continue
        if command.startswith("curl "):
            command = command.replace("curl -s ", "curl -sf ", 1)
        checked = f"{{ {command}; }} || [ $? = 1 ]" if NO.match(command) else command
        lines += [f"echo '##' {command.split()[0]} >&2", checked]
    return "\n".join(lines)


def environment(folder: Path) -> dict[str, str]:
    own = folder / "bin"
    own.mkdir()
    shim = own / "wearwhy"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wearwhy "$@"\n', encoding="utf-8")
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "WEARWHY_WORKSPACE": "",
    }


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
def test_the_commands_and_the_program_of_the_readme_run(tmp_path: Path) -> None:
    given = environment(tmp_path)
    ran = subprocess.run(
        ["sh", "-c", script()],
        cwd=tmp_path,
        env=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=900,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    assert (tmp_path / "looks.svg").read_text("utf-8").lstrip().startswith("<")
    for program in blocks("python"):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            cwd=tmp_path,
            env=given,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_the_commands_named_first_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", README):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "CONFORMANCE.md"],
)
def test_links_to_files_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []
