"""A workspace with the bundled wardrobe, and the command line run in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from wearwhy.cli import main

ROOT = Path(__file__).parents[2]
DATA = ROOT / "data"
FILES = ("wardrobe.csv", "catalogue.csv", "outfits.csv", "calendar.ics", "weather.csv")
SHOP = (
    "id,gender,masterCategory,subCategory,articleType,baseColour,season,usage,productDisplayName\n"
    "1,Men,Apparel,Topwear,Tshirts,Navy Blue,Summer,Casual,Acme Men Navy Blue T-shirt\n"
    "2,Women,Footwear,Shoes,Heels,Black,Winter,Party,Acme Women Black Heels\n"
)
# The first two outfits of the bundled log with an item missing, or exchanged.
QUESTIONS = (
    '{"given": ["w01", "w26", "w16"], "options": ["w43", "w48"], "answer": "w43"}\n'
    '{"given": ["w04", "w30", "w21"], "options": ["w43", "w48"], "answer": "w48"}\n'
)
LABELLED = (
    '{"items": ["w01", "w26", "w16", "w43"], "label": 1}\n'
    '{"items": ["w01", "w30", "w16", "w48"], "label": 0}\n'
)
CASES = ("monochrome", "no-repeats")


@dataclass(frozen=True)
class Ran:
    """What a command line printed and answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Run with a folder as the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run(folder: Path, *words: str) -> Ran:
    """Run a command line in a folder, in this process."""
    with inside(folder):
        result = CliRunner().invoke(main, list(words))
    return Ran(result.exit_code, result.stdout, result.stderr)


def prepare(folder: Path) -> None:
    """Make a workspace with the bundled wardrobe, log and guesses, and the bundled files."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copy(DATA / name, folder / name)
    for name in CASES:
        shutil.copytree(ROOT / "tests" / "corpus" / "rules" / name, folder / "cases" / name)
    shutil.copy(ROOT / "tests" / "corpus" / "foreign" / "shapes.ttl", folder / "shapes.ttl")
    # Two rows of a shop, which no model of this workspace has learned: asking says so.
    (folder / "test.csv").write_text(SHOP, encoding="utf-8")
    (folder / "questions.jsonl").write_text(QUESTIONS, encoding="utf-8")
    (folder / "labelled.jsonl").write_text(LABELLED, encoding="utf-8")
    for words in (
        ("init",),
        ("load", "wardrobe.csv", "--as", "wardrobe", "--into", "wardrobe:mine"),
        ("load", "outfits.csv", "--as", "outfits", "--into", "wardrobe:mine"),
        ("reason",),
        # What examples of `compare`, `replay` and `why` call 1, 2 and 3.
        ("recommend", "--occasion", "office", "--date", "2026-11-24", "--evidence", "none"),
        ("account", "add", "ada"),
        ("account", "add", "grace"),
    ):
        ran = run(folder, *words)
        assert ran.code == 0, ran.out + ran.err
