"""torch and pykeen, imported late, quietly, and with a stated number of threads."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from wearwhy.errors import NotInstalled

Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


def neural_parts() -> tuple[Any, Any]:
    """Return the torch and pykeen modules, with the threads set.

    One thread, unless OMP_NUM_THREADS says otherwise: on a busy machine two can be a hundred
    times slower than one.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pykeen.models  # noqa: PLC0415
            import pykeen.training  # noqa: PLC0415
            import pykeen.triples  # noqa: PLC0415
            import torch  # noqa: PLC0415
    except ImportError as error:
        raise NotInstalled(
            "WW-EXTRA-NEURAL",
            "Training needs torch and pykeen, and they are not installed.",
            note="Guessing and recommending do without them, on the bundled or a trained model.",
            hint="pip install -c constraints.txt 'wearwhy[neural]'",
        ) from error
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    logging.getLogger("pykeen").setLevel(logging.ERROR)
    return torch, pykeen


def versions() -> dict[str, str]:
    """Return the versions of what trained a model.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    torch, _ = neural_parts()
    from importlib.metadata import version  # noqa: PLC0415

    return {"torch": str(torch.__version__), "pykeen": version("pykeen"), "numpy": np.__version__}
