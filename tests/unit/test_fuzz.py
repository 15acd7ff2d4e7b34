"""The plugin of `make fuzz`: more examples of every property, fresh ones, and no other tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

def log(word):
    with open("log.txt", "a") as file:
        print(word, file=file)

@settings(max_examples=7)
@given(st.integers())
def test_a_property(number):
    log(f"property {number}")

class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        log("machine")

    @rule()
    def nothing(self):
        pass

TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=2, stateful_step_count=1)

def test_an_example():
    log("example")
"""


def fuzzed(folder: Path) -> list[str]:
    (folder / "test_here.py").write_text(TESTS)
    given = {"TIMES": "4", "CI": "true", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.fuzz", "test_here.py"]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "log.txt").read_text().splitlines()


def test_every_property_has_as_many_more_examples_and_other_tests_are_left_out(
    tmp_path: Path,
) -> None:
    said = fuzzed(tmp_path)
    assert 28 <= sum(line.startswith("property") for line in said) < 56
    assert 8 <= said.count("machine") < 24
    assert "example" not in said


@pytest.mark.slow
def test_the_examples_are_other_ones_each_time(tmp_path: Path) -> None:
    tried = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        tried.append({line for line in fuzzed(tmp_path / name) if line.startswith("property")})
    assert tried[0] != tried[1]
