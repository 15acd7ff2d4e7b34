"""Which workspace is meant: the word on the command line, else the environment, else this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.api.cli_given import Ran, run

from wearwhy.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number, name in enumerate(("named", "surrounding", "here")):
        made = Workspace.init(tmp_path / name)
        table = tmp_path / f"{name}.csv"
        rows = "".join(f"Shirt {n},shirt\n" for n in range(number + 1))
        table.write_text(f"name,type\n{rows}", encoding="utf-8")
        made.load(table, "wardrobe", "wardrobe:mine")
    monkeypatch.setenv("WEARWHY_WORKSPACE", str(tmp_path / "surrounding"))
    return tmp_path


def owned(ran: Ran) -> int:
    return len(ran.document["results"]["bindings"])


ASKED = ("query", "SELECT ?i { ?i ww:inWardrobe ?w }", "--json")


def test_the_environment_names_the_workspace(folder: Path) -> None:
    assert owned(run(folder / "here", *ASKED)) == 2


def test_a_workspace_named_before_the_command_goes_before_the_environment(folder: Path) -> None:
    assert owned(run(folder / "here", "--workspace", str(folder / "named"), *ASKED)) == 1


def test_a_workspace_named_after_the_command_goes_before_all(folder: Path) -> None:
    named, surrounding = str(folder / "named"), str(folder / "surrounding")
    assert owned(run(folder, "--workspace", surrounding, *ASKED, "--workspace", named)) == 1


def test_without_either_the_folder_is_this_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEARWHY_WORKSPACE")
    assert owned(run(folder / "here", *ASKED)) == 3
