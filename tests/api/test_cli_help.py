from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from tests.api.cli_given import run

from wearwhy.cli import main
from wearwhy.cli.session import Verb

VERBS = [
    "demo",
    "init",
    "load",
    "add",
    "set",
    "remove",
    "wore",
    "wash",
    "like",
    "dislike",
    "view",
    "skip",
    "wearer",
    "guesses",
    "reason",
    "learn",
    "recommend",
    "complete",
    "week",
    "pack",
    "gap",
    "compare",
    "replay",
    "why",
    "why-not",
    "rules",
    "ontology",
    "query",
    "evaluate",
    "validate",
    "history",
    "undo",
    "export",
    "backup",
    "restore",
    "serve",
    "account",
    "mcp",
]
ELSEWHERE = ("serve", "restore", "mcp")
"""Verbs whose examples end with no answer of their own here: tests/service runs them."""
MAY_BE_NO = (
    "evaluate completion",
    "gap",
    "guesses",
    "rules apply",
    "rules mine",
    "rules preview",
    "why-not",
)
"""Examples that may find nothing in the bundled wardrobe, or answer that something is not so."""
SLOW = (
    "demo",
    "--preview",
    "rules preview --",
    "why-not",
    "wearwhy week",
    "wearwhy pack",
    "rules test",
    "--picture",
    "ontology check",  # of the whole ontology, which tests/ontology closes as well
    "--mutation",
    "--calendar",
    "evaluate rules",
)


def verbs(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Verb]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from verbs(command, (*path, name))
        else:
            assert isinstance(command, Verb), f"{name} was not made by `verb`"
            yield (*path, name), command


def examples() -> list[Any]:
    return [
        pytest.param(example, id=example, marks=[pytest.mark.slow] if slow else [])
        for path, command in verbs(main)
        if path[0] not in ELSEWHERE
        for example in command.examples
        for slow in [any(word in example for word in SLOW)]
    ]


def test_every_promised_verb_is_there() -> None:
    assert list(main.commands) == VERBS


@pytest.mark.parametrize(("path", "command"), list(verbs(main)), ids=str)
def test_help_ends_with_the_examples(path: tuple[str, ...], command: Verb, tmp_path: Path) -> None:
    ran = run(tmp_path, *path, "--help")
    assert ran.code == 0
    assert command.examples
    assert all(example in ran.out for example in command.examples)
    assert "--json" in ran.out
    assert "--lang" in ran.out


@pytest.mark.parametrize("example", examples())
def test_examples_of_the_help_run(example: str, place: Path) -> None:
    program, *words = shlex.split(example)
    assert program == "wearwhy"
    ran = run(place, *words)
    no = " ".join(words).startswith(MAY_BE_NO)
    assert ran.code in ((0, 1) if no else (0,)), ran.err or ran.out
    assert "Traceback" not in ran.err
    if "--json" in words:
        assert ran.document is not None


def test_a_group_without_a_verb_shows_its_help(tmp_path: Path) -> None:
    ran = run(tmp_path, "rules")
    assert "preview" in ran.out + ran.err
