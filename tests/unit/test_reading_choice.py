"""`reason` picks the reading by size, and both come to the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy import Workspace
from wearwhy.settings import FILE, assets
from wearwhy.workspace import reasoning
from wearwhy.workspace.guesses import kinds_of
from wearwhy.workspace.rulebook import readings, shown

pytest.importorskip("duckdb")


def test_a_graph_beyond_the_setting_is_closed_in_bulk_to_the_same_facts(tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "ws")
    workspace.load(assets() / "data" / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    assert reasoning.chosen(workspace, "mine") == reasoning.RESIDENT
    resident = kinds_of(workspace.layer("mine"))
    (tmp_path / "ws" / FILE).write_text("bulk_from = 100\n", encoding="utf-8")
    workspace = Workspace.open(tmp_path / "ws")
    assert reasoning.chosen(workspace, "mine") == reasoning.BULK
    found = reasoning.close_in_bulk(workspace, "mine")
    for kind in ("asserted", "derived", "computed"):
        assert found.kinds[kind] == resident[kind]
    assert found.as_dict()["reading"] == "bulk"
    assert any("resident" in why for why in found.residents.values())


def test_a_rule_tells_how_each_reading_takes_it(tmp_path: Path) -> None:
    workspace = Workspace.init(tmp_path / "ws")
    (rule,) = shown(workspace, "monochrome").rules
    assert readings(rule) == {"resident": "generated functions", "bulk": "SQL"}
