"""`why --proof`, `why --break`, `why-not` of a fact, and `query --explain`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.api.cli_given import run

FACT = ("w03", "suits season", "winter")


def test_every_kind_of_proof_ends_in_the_same_conclusion(prepared: Path) -> None:
    for kind in ("first", "shortest", "surest"):
        found = json.loads(run(prepared, "why", *FACT, "--proof", kind, "--json").out)
        root = found["nodes"][found["root"]]
        assert root["statement"]["object"]["value"].endswith("season-winter")
    every = json.loads(run(prepared, "why", *FACT, "--proof", "all", "--json").out)
    assert every["proofs"]
    assert every["complete"] is True


def test_what_breaks_a_fact_is_told_in_text_and_json(prepared: Path) -> None:
    found = json.loads(run(prepared, "why", *FACT, "--break", "--json").out)
    assert found["exact"] is True
    assert found["sets"]
    text = run(prepared, "why", *FACT, "--break").out
    assert "falls without" in text
    assert "不成立" in run(prepared, "--lang", "zh", "why", *FACT, "--break").out


def test_a_fact_that_does_not_hold_is_told_with_what_is_lacking(prepared: Path) -> None:
    asked = ("why-not", "w03", "suits season", "winter")
    holds = run(prepared, *asked)
    assert holds.code == 0
    lacking = run(prepared, "why-not", "w03", "ww:slot", "ww:slot-feet", "--json")
    assert lacking.code == 1
    found = json.loads(lacking.out)
    assert found["holds"] is False
    assert found["nearest"]
    nearest = found["nearest"][0]
    assert nearest["unmet"] >= 1
    assert any(premise["met"] is False for premise in nearest["premises"])
    for premise in nearest["premises"]:
        if "node" in premise:
            assert premise["node"] in found["nodes"]


def test_the_firings_behind_facts_come_as_a_graph(prepared: Path) -> None:
    text = "CONSTRUCT WHERE { ?i ww:suitsSeason ww:season-winter }"
    told = run(prepared, "query", "--explain", text, "--format", "trig")
    assert told.code == 0
    assert "graph/explanations" in told.out
    assert "prov:wasGeneratedBy" in told.out
    assert run(prepared, "query", "--explain", "nonsense").code == 2
