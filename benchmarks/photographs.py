"""What a photograph costs: decoding, seeing by onnxruntime beside torch, and asking afterwards.

    python -m benchmarks.photographs [--times 40]

Needs the extra `images`; torch and `efficientnet_lite_pytorch` 0.1.0, which the weights were
published for, are measured where they are installed. Processor time, the least of several: with
other work on the machine the clock says little.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from benchmarks.measure import MILLI, Figure, as_json, as_table
from PIL import Image

from wearwhy.learn.images import files
from wearwhy.learn.images.network import CENTRE, SPREAD, Network
from wearwhy.learn.images.parts import WIDTH, weights_file
from wearwhy.learn.images.pictures import Pictures
from wearwhy.learn.images.pixels import pixels
from wearwhy.rdf import ID

SHOP = 10_000
"""Photographs of a shop that neighbours are looked for in."""


def least(work: Callable[[], object], times: int) -> float:
    """Return the least processor time of several calls, in milliseconds, after one uncounted."""
    work()
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found) * MILLI


def jpeg(wide: int, high: int) -> bytes:
    """Return a photograph of smooth noise."""
    rng = np.random.default_rng(1)
    small = Image.fromarray(rng.integers(0, 256, (high // 20, wide // 20, 3), dtype=np.uint8))
    out = io.BytesIO()
    small.resize((wide, high), Image.Resampling.BICUBIC).save(out, "JPEG", quality=85)
    return out.getvalue()


def seeing(times: int) -> Iterator[Figure]:
    """Yield what decoding and seeing cost."""
    for wide, high in ((160, 224), (1200, 1600), (3000, 4000)):
        data = jpeg(wide, high)
        note = f"JPEG of {len(data) / 1000:,.0f} kB"
        cost = least(partial(pixels, data, "drawn"), times)
        yield Figure(f"decode {wide} × {high}", cost, "ms", note)
    view = pixels(jpeg(160, 224), "drawn")
    ours = least(partial(Network(), view), times)
    yield Figure("see, onnxruntime", ours, "ms", "one photograph, one thread")
    if importlib.util.find_spec("efficientnet_lite_pytorch") is None:
        return
    theirs = least(_by_torch(view), times)
    yield Figure("see, torch", theirs, "ms", "the same weights, inference mode")
    yield Figure("torch / onnxruntime", theirs / ours, "×")


def _by_torch(view: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Callable[[], object]:
    import torch  # noqa: PLC0415 (a peer)
    from efficientnet_lite_pytorch import EfficientNet  # noqa: PLC0415

    torch.set_num_threads(1)
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(weights_file(), weights_only=True))
    model.eval()
    x = torch.tensor(((view - CENTRE) / SPREAD).transpose(2, 0, 1)[None])

    def see() -> object:
        with torch.inference_mode():
            return model.extract_features(x).mean((2, 3))

    return see


def asking(folder: Path, times: int) -> Iterator[Figure]:
    """Yield what asking of a shop's photographs costs."""
    rng = np.random.default_rng(2)
    vectors = np.abs(rng.normal(size=(SHOP, WIDTH))).astype(np.float16)
    names = [n.to_bytes(32, "big") for n in range(SHOP)]
    shown = {(f"{ID}shop/{n}", f"{n}.jpg"): name for n, name in enumerate(names)}
    start = time.process_time()
    files.write(folder, shown, dict(zip(names, vectors, strict=True)), {})
    yield Figure("write the file", time.process_time() - start, "s", f"{SHOP:,} photographs")
    yield Figure("open it", least(lambda: Pictures.load(folder), 5), "ms")
    held = Pictures.load(folder)
    assert held is not None
    ten = held.items[:10]
    yield Figure("vectors of ten items", least(lambda: held.matrix(ten), times), "ms")
    yield Figure("vectors of all", least(lambda: held.matrix(held.items), 5), "ms")
    yield Figure("neighbours of one item", least(lambda: held.neighbours(ten[0]), times), "ms")


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="benchmarks.photographs", description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="of which the least counts")
    times = parser.parse_args(arguments).times
    with tempfile.TemporaryDirectory(prefix="wearwhy-bench-") as made:
        found = [*seeing(times), *asking(Path(made), times)]
    print(as_table(found))
    print(as_json(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
