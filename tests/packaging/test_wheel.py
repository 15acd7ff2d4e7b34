"""The wheel by itself: what travels in it, and the demo in an environment that holds nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TRAVELLING = ("ontology", "kg", "data")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "WEARWHY"))}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**own, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--wheel-dir", folder)
    run(*pip, ROOT, cwd=folder)
    (built,) = folder.glob("wearwhy-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "-qq", "-c", ROOT / "constraints.txt", wheel, cwd=folder)
    return folder


def shown(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        run(folder / "env" / "bin" / "wearwhy", "demo", "--json", cwd=folder)
    )
    return said


def test_ontology_mappings_data_and_model_travel_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    kept = [
        path
        for part in TRAVELLING
        for path in (ROOT / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert any("model" in path.parts for path in kept)
    missing = [p for p in kept if f"wearwhy/assets/{p.relative_to(ROOT)}" not in inside]
    assert missing == []
    assert "wearwhy/py.typed" in inside


def test_the_page_travels_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    source = ROOT / "src"
    wanted = {
        str(path.relative_to(source))
        for path in (source / "wearwhy" / "http").rglob("*")
        if path.suffix in {".html", ".css", ".js", ".svg"}
    }
    assert wanted
    assert wanted <= inside


def test_nothing_but_the_package_travels_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"wearwhy"}
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyc")]


def test_the_core_brings_no_torch(installed: Path) -> None:
    listed = run(installed / "env" / "bin" / "python", "-m", "pip", "list", cwd=installed)
    names = {line.split()[0] for line in listed.splitlines() if line.strip()}
    assert names.isdisjoint({"torch", "pykeen", "fastapi", "marimo", "pytest"})


def test_the_wheel_alone_shows_the_demo_and_shows_the_same_twice(installed: Path) -> None:
    first = shown(installed)
    assert len(first["looks"]) >= 3
    for look in first["looks"]:
        assert abs(sum(term["value"] for term in look["terms"]) - look["score"]) < 1e-9
    kinds = {node["kind"] for node in first["proof"]["nodes"].values()}
    assert kinds >= {"asserted", "derived", "computed", "predicted"}
    assert shown(installed) == first
