from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.api.cli_given import prepare

from wearwhy.workspace import Workspace


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "w"
    prepare(folder)
    return folder


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the prepared workspace that a test may change."""
    return Path(shutil.copytree(prepared, tmp_path / "w"))


@pytest.fixture(scope="session")
def space(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the prepared workspace, open and closed once; tests ask it and change nothing."""
    return Workspace.open(shutil.copytree(prepared, tmp_path_factory.mktemp("space") / "w"))
