"""Embedding photographs: each once, none in vain, and what is not to be had is only counted."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import numpy as np
import pytest
from tests.unit.images_given import (
    COLOURS,
    NAMES,
    Glance,
    draw_all,
    drawn,
    embedded,
    encoded,
    item,
    said,
    silent,
)

from wearwhy.errors import FormatError, NotInstalled
from wearwhy.learn.images import embedding, files, journal, parts, photographs
from wearwhy.learn.images.photographs import Photograph, is_relative
from wearwhy.learn.images.pictures import Pictures
from wearwhy.rdf import Literal, NamedNode

pytest.importorskip("PIL", reason="pillow comes with the extra `images`")


def pictures(folder: Path) -> Pictures:
    found = Pictures.load(folder)
    assert found is not None
    return found


def test_each_photograph_becomes_the_vector_of_its_item(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    found = embedded(given, tmp_path / "model", Glance())
    assert (found.said, found.embedded, found.items, found.left_out) == (4, 4, 4, {})
    held = pictures(tmp_path / "model")
    assert held.items == tuple(item(name) for name in sorted(NAMES))
    rows, mask = held.matrix([item("shoe"), item("nothing"), item("coat")])
    assert mask.tolist() == [True, False, True]
    assert rows.shape == (3, parts.WIDTH)
    assert rows.dtype == np.float32
    assert not rows[1].any()
    own = held.vector(item("coat"))
    assert own is not None
    assert (own == rows[2]).all()
    assert held.vector(item("nothing")) is None
    assert held.photographs(item("coat")) == ("photos/coat.png",)
    assert held.photographs(item("nothing")) == ()
    centred, _ = held.centred([item("nothing"), item("coat")])
    assert not centred[0].any()
    assert (centred[1] != own).any()
    assert held.digest == found.digest
    card = json.loads((tmp_path / "model" / files.CARD).read_text())
    assert card["items"] == 4
    assert str(tmp_path) not in (tmp_path / "model" / files.CARD).read_text()


def test_an_item_of_two_photographs_has_their_mean(tmp_path: Path) -> None:
    draw_all(tmp_path)
    two = [said(tmp_path, "suit", f"photos/{name}.png") for name in ("coat", "skirt")]
    one = [said(tmp_path, name, f"photos/{name}.png") for name in ("coat", "skirt")]
    found = embedded([*two, *one], tmp_path / "model", Glance())
    assert (found.embedded, found.unchanged, found.items) == (2, 2, 3)
    rows, _ = pictures(tmp_path / "model").matrix([item("suit"), item("coat"), item("skirt")])
    assert rows[0] == pytest.approx((rows[1] + rows[2]) / 2, abs=1e-6)


def test_neighbours_look_alike_best_first(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    (tmp_path / "photos" / "parka.png").write_bytes(encoded(drawn("coat", (40, 40, 110))))
    given += [
        said(tmp_path, "parka", "photos/parka.png"),
        said(tmp_path, "twin", "photos/coat.png"),
    ]
    embedded(given, tmp_path / "model", Glance())
    held = pictures(tmp_path / "model")
    near = held.neighbours(item("coat"), 10)
    assert [one.item for one in near[:2]] == [item("twin"), item("parka")]
    assert len(near) == 5
    assert near[0].cosine == pytest.approx(1, abs=1e-3)
    assert [one.cosine for one in near] == sorted((one.cosine for one in near), reverse=True)
    for one in near:
        assert held.cosine(item("coat"), one.item) == pytest.approx(one.cosine, abs=1e-5)
        assert held.cosine(one.item, item("coat")) == pytest.approx(one.cosine, abs=1e-5)
    some = held.neighbours(item("coat"), 1, among=[item("shoe"), item("coat"), item("nothing")])
    assert [one.item for one in some] == [item("shoe")]
    assert held.neighbours(item("nothing")) == ()
    assert held.neighbours(item("coat"), 3, among=[]) == ()
    assert held.cosine(item("coat"), item("nothing")) == 0.0


@pytest.mark.parametrize("names", [NAMES[:1], NAMES[:2]])
def test_one_or_two_photographs_are_enough(tmp_path: Path, names: tuple[str, ...]) -> None:
    embedded(draw_all(tmp_path, names), tmp_path / "model", Glance())
    near = pictures(tmp_path / "model").neighbours(item(names[0]))
    assert len(near) == len(names) - 1
    assert all(np.isfinite(one.cosine) for one in near)


def test_what_is_not_to_be_had_is_counted_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be fetched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(photographs, "MOST_BYTES", 5_000)
    given = draw_all(tmp_path)
    (tmp_path / "photos" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (tmp_path / "photos" / "long.png").write_bytes(bytes(5_001))
    os.mkfifo(tmp_path / "photos" / "pipe.png")
    (tmp_path.parent / f"{tmp_path.name}.png").write_bytes(encoded(drawn("coat", (1, 2, 3))))
    wrong = {
        "WW-IMAGE-ABSENT": ["photos/none.png", "photos", "photos/pipe.png", "x" * 5000, "a\0b", ""],
        "WW-IMAGE-BROKEN": ["photos/broken.png"],
        "WW-IMAGE-BYTES": ["photos/long.png"],
        "WW-IMAGE-ADDRESS": [
            "https://example.org/a.jpg",
            "data:image/png;base64,AAAA",
            "file:///a",
        ],
        "WW-IMAGE-OUTSIDE": [
            f"../{tmp_path.name}.png",
            f"photos/../../{tmp_path.name}.png",
            str(tmp_path / "photos" / "coat.png"),
            "C:\\photos\\coat.png",
            "..\\coat.png",
        ],
    }
    wrong["WW-IMAGE-OUTSIDE"].append(wrong["WW-IMAGE-ABSENT"].pop())
    more = [
        said(tmp_path, f"{code}-{n}", path)
        for code, paths in wrong.items()
        for n, path in enumerate(paths)
    ]
    iri = Photograph(item("iri"), NamedNode("https://example.org/b.jpg"), (tmp_path,))
    found = embedded([*more, iri, *given], tmp_path / "model", Glance())
    wrong["WW-IMAGE-ADDRESS"].append("the IRI")
    assert {code: len(left) for code, left in found.left_out.items()} == {
        code: len(paths) for code, paths in wrong.items()
    }
    assert (found.embedded, found.items) == (4, 4)
    told = json.loads(json.dumps(found.as_dict()))
    assert told["left_out"]["WW-IMAGE-BROKEN"]["n"] == 1


def test_paths_of_either_slash_are_relative_and_nothing_else_is() -> None:
    assert is_relative(Literal("photos/a.jpg"))
    assert is_relative(Literal("photos\\a.jpg"))
    for text in ("/a.jpg", "C:/a.jpg", "https://example.org/a.jpg", "", "\\\\host\\a.jpg"):
        assert not is_relative(Literal(text))
    assert not is_relative(NamedNode("urn:a"))


def test_a_backslash_is_a_step_of_a_path(tmp_path: Path) -> None:
    draw_all(tmp_path)
    found = embedded([said(tmp_path, "coat", "photos\\coat.png")], tmp_path / "model", Glance())
    assert found.embedded == 1


def test_the_folder_named_first_is_asked_first(tmp_path: Path) -> None:
    for name, colour in (("old", (9, 9, 9)), ("new", (250, 9, 9))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.png").write_bytes(encoded(drawn("coat", colour)))
    (tmp_path / "old" / "b.png").write_bytes(encoded(drawn("shoe", (9, 9, 9))))
    at = (tmp_path / "new", tmp_path / "old", tmp_path / "gone")
    assert photographs.located(Photograph(item("a"), Literal("a.png"), at)).parent.name == "new"
    assert photographs.located(Photograph(item("b"), Literal("b.png"), at)).parent.name == "old"


def test_unchanged_photographs_are_not_looked_at_again(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    model = tmp_path / "model"
    embedded(given, model, Glance())
    before = (model / files.ARRAYS).read_bytes()
    again = embedded(given, model, Glance(0))
    assert (again.embedded, again.unchanged) == (0, 4)
    assert (model / files.ARRAYS).read_bytes() == before
    # Under another name the bytes are the same; another drawing under the same name is another.
    (tmp_path / "photos" / "coat.png").rename(tmp_path / "photos" / "jacket.png")
    (tmp_path / "photos" / "shoe.png").write_bytes(encoded(drawn("shoe", (1, 99, 1))))
    see = Glance()
    found = embedded([said(tmp_path, "coat", "photos/jacket.png"), *given[1:]], model, see)
    assert (see.seen, found.embedded, found.unchanged) == (1, 1, 3)
    assert len(pictures(model)) == 4


def test_a_photograph_that_is_gone_counts_as_before_until_nothing_names_it(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    model = tmp_path / "model"
    first = embedded(given, model, Glance())
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    found = embedded(given, model, Glance(0))
    assert (found.kept, found.items, found.digest) == (4, 4, first.digest)
    fewer = embedded(given[:2], model, Glance(0))
    assert fewer.items == 2
    assert item("shoe") not in pictures(model)
    assert embedded([], model, Glance(0)).items == 0
    assert Pictures.load(model) is None


def test_a_run_that_is_cut_off_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    model, whole = tmp_path / "model", tmp_path / "whole"
    with pytest.raises(KeyboardInterrupt):
        embedded(given, model, Glance(2))
    assert len(journal.read(model)) == 2
    assert Pictures.load(model) is None
    see = Glance()
    found = embedded(given, model, see)
    assert (see.seen, found.embedded, found.unchanged) == (2, 2, 2)
    assert not (model / journal.FILE).exists()
    embedded(given, whole, Glance())
    assert (model / files.ARRAYS).read_bytes() == (whole / files.ARRAYS).read_bytes()


def test_the_rest_of_a_record_is_passed_over(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    model = tmp_path / "model"
    with pytest.raises(KeyboardInterrupt):
        embedded(given, model, Glance(3))
    path = model / journal.FILE
    sound = path.read_bytes()
    for cut in (len(sound) - 1, len(sound) - 2_000, 40, 10, 0):
        path.write_bytes(sound[:cut])
        left = len(journal.read(model))
        with pytest.raises(KeyboardInterrupt):
            embedded(given, model, Glance(1))
        assert len(journal.read(model)) == left + 1
    flipped = bytearray(sound)
    flipped[100] ^= 1
    path.write_bytes(bytes(flipped))
    assert len(journal.read(model)) == 2
    assert embedded(given, model, Glance()).embedded == 2


def test_the_file_does_not_depend_on_the_order_of_what_is_said(tmp_path: Path) -> None:
    given = draw_all(tmp_path)
    for name, order in (("a", given), ("b", given[::-1])):
        embedded(order, tmp_path / name, Glance())
    for file in (files.ARRAYS, files.CARD):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_damaged_file_is_told_where_it_is_read_and_made_anew_where_it_is_written(
    tmp_path: Path,
) -> None:
    given = draw_all(tmp_path)
    model = tmp_path / "model"
    embedded(given, model, Glance())
    path = model / files.ARRAYS
    sound = path.read_bytes()
    other = sound.replace(b"efficientnet-lite0", b"efficientnet-lite9")
    for data in (b"", b"nothing", sound[: len(sound) // 2], other):
        path.write_bytes(data)
        with pytest.raises(FormatError) as caught:
            Pictures.load(model)
        assert caught.value.code == "WW-IMAGES-FORMAT"
        assert embedded(given, model, Glance()).embedded == 4
        assert path.read_bytes() == sound


def test_without_the_extra_only_a_new_photograph_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = draw_all(tmp_path)
    model = tmp_path / "model"
    embedded(given[:3], model, Glance())

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(parts, "import_module", missing)
    gone = said(tmp_path, "hat", "photos/hat.png")
    assert embedding.embed([*given[:3], gone], model, progress=silent).unchanged == 3
    with pytest.raises(NotInstalled) as caught:
        embedding.embed(given, model, progress=silent)
    assert caught.value.code == "WW-EXTRA-IMAGES"


def test_progress_is_told_photograph_by_photograph(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    embedding.embed(
        draw_all(tmp_path),
        tmp_path / "model",
        progress=lambda *one: told.append(one),
        network=Glance,
    )
    assert told == [("photographs", n, 4) for n in range(5)]
    assert set(COLOURS) == set(NAMES)
