"""Which workspace and which of its wardrobes are meant: by a word, else by the environment, else
by what is usual.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.api.cli_given import Ran, run

from wearwhy.workspace import Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for number, name in enumerate(("named", "surrounding", "here")):
        found = Workspace.init(folder / name)
        table = folder / f"{name}.csv"
        rows = "".join(f"Shirt {n},shirt\n" for n in range(number + 1))
        table.write_text(f"name,type\n{rows}", encoding="utf-8")
        found.load(table, "wardrobe", "wardrobe:mine")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = Path(shutil.copytree(made, tmp_path / "made"))
    monkeypatch.setenv("WEARWHY_WORKSPACE", str(found / "surrounding"))
    return found


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


@pytest.fixture
def several(folder: Path) -> Path:
    """A workspace of which `mine` has three items, and `hers` one."""
    place = folder / "here"
    (place / "hers.csv").write_text("name,type\nHat,hat\n", encoding="utf-8")
    Workspace.open(place).load(place / "hers.csv", "wardrobe", "wardrobe:hers")
    return place


ITEMS = ("query", "SELECT ?i { ?i ww:inWardrobe ?w }", "--json")


def there(place: Path, *words: str) -> Ran:
    return run(place, "--workspace", str(place), *words)


def test_of_several_wardrobes_the_usual_one_is_taken_and_a_line_says_so(several: Path) -> None:
    ran = there(several, "set", "Shirt 0", "colour", "red", "--preview", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["wardrobe"] == "mine"
    assert ran.err.count("the wardrobe 'mine'") == 1
    assert "hers" in ran.err


@pytest.mark.parametrize("words", [("history",), ("query",), ("rules", "show", "no-suede-in-rain")])
def test_a_verb_that_is_about_no_wardrobe_names_none(several: Path, words: tuple[str, ...]) -> None:
    ran = there(several, *words)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("words", "environment", "setting"),
    [
        (("--wardrobe", "mine"), "", ""),
        ((), "mine", ""),
        ((), "", 'default_wardrobe = "hers"\n'),
    ],
)
def test_who_chose_a_wardrobe_is_told_nothing_of_others(
    several: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    environment: str,
    setting: str,
) -> None:
    if environment:
        monkeypatch.setenv("WEARWHY_WARDROBE", environment)
    (several / "wearwhy.toml").write_text(setting, encoding="utf-8")
    ran = there(several, *words, *ITEMS)
    assert (ran.code, ran.err) == (0, "")
    assert owned(ran) == (1 if "hers" in setting else 3)
    if setting:  # the one that was usual before, now by somebody's choice
        (several / "wearwhy.toml").write_text('default_wardrobe = "mine"\n', encoding="utf-8")
        assert there(several, *ITEMS).err == ""


def test_the_only_wardrobe_is_taken_and_nothing_need_be_said(folder: Path) -> None:
    ran = there(folder / "here", *ITEMS)
    assert (owned(ran), ran.err) == (3, "")


def test_where_the_usual_one_holds_nothing_the_others_are_asked_for(several: Path) -> None:
    (several / "theirs.csv").write_text("name,type\nCoat,coat\n", encoding="utf-8")
    workspace = Workspace.open(several)
    workspace.load(several / "theirs.csv", "wardrobe", "wardrobe:theirs")
    workspace.undo("wardrobe/mine")
    for words in (ITEMS, ("remove", "Hat")):
        ran = there(several, *words)
        assert (ran.code, "WW-WARDROBE-WHICH" in ran.out + ran.err) == (2, True)
        assert "--wardrobe hers" in ran.out + ran.err


def test_what_is_about_no_single_wardrobe_says_nothing_of_any(several: Path) -> None:
    for words in (("history",), ("undo", "--preview"), ("rules", "show")):
        assert there(several, *words).err == ""
