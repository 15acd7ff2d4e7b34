"""What `deploy/` and docs/proxy.md say a server may be told is what it takes."""

from __future__ import annotations

import configparser
import re
import shlex
from dataclasses import fields
from pathlib import Path

import click
import pytest

from wearwhy.cli import main
from wearwhy.http.metrics import Metrics
from wearwhy.service.configuration import PREFIX, Configuration, read

ROOT = Path(__file__).parents[2]
PAGES = ["deploy/wearwhy.service", "deploy/Containerfile", "docs/proxy.md", "docs/serve.md"]
KEYS = {one.name for one in fields(Configuration)}


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_settings_of_the_proxy_page_are_taken(tmp_path: Path) -> None:
    block = re.search(r"```toml\n(.*?)```", text("docs/proxy.md"), re.DOTALL)
    assert block
    (tmp_path / "serve.toml").write_text(block[1], "utf-8")
    told = read(tmp_path, {})
    assert told.names > {"wear.example.org"}
    assert told.secure
    assert told.proxies
    assert not told.private


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_that_is_named_is_one(page: str) -> None:
    named = re.findall(rf"{PREFIX}([A-Z_]+)", text(page))
    assert {name.lower() for name in named} <= KEYS
    assert len(named) >= len(KEYS) or page != "docs/serve.md"


def test_the_container_is_told_what_the_server_takes(tmp_path: Path) -> None:
    said = dict(re.findall(rf"({PREFIX}[A-Z_]+)=(\S+?)(?= \\|\n|$)", text("deploy/Containerfile")))
    told = read(tmp_path, {name: value for name, value in said.items() if "URL" not in name})
    assert (told.host, told.port) == ("0.0.0.0", 8000)
    assert not told.private


def command_of(words: list[str]) -> click.Command:
    """Return the command that a line of the command line comes to."""
    context = main.make_context("wearwhy", list(words), resilient_parsing=True)
    name, found, _ = main.resolve_command(context, [*context._protected_args, *context.args])  # noqa: SLF001
    assert found is not None, name
    return found


def test_the_unit_runs_a_command_that_there_is() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text("deploy/wearwhy.service"))
    program, *words = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/wearwhy")
    assert command_of(words).name == "serve"
    stop = int(unit["Service"]["TimeoutStopSec"])
    assert stop > Configuration().stop_seconds
    for hardening in ("NoNewPrivileges", "ProtectSystem", "MemoryDenyWriteExecute", "PrivateTmp"):
        assert unit["Service"][hardening] in ("yes", "strict")
    assert unit["Service"]["IPAddressDeny"] == "any"
    assert unit["Service"]["CapabilityBoundingSet"] == ""


def test_the_figures_that_the_proxy_page_names_are_there() -> None:
    named = set(re.findall(r"`(wearwhy_[a-z_]+)", text("docs/proxy.md")))
    metrics = Metrics("0", lambda: {"ready": 1.0, "workers_waited_for": 0.0})
    metrics.answered("GET", "/items", 500, 0.1, "WW-INTERNAL")
    told = set(re.findall(r"^(wearwhy_[a-z_]+)", metrics.text().decode(), re.MULTILINE))
    assert named <= told
    assert len(named) >= 4
