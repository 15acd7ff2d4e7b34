"""The embedding witness in training: ComplEx on the graph's own triples, by PyKEEN.

Every setting is pinned: PyKEEN's default initial spread makes ComplEx worse than the majority
class on this kind of graph; a spread of 1e-3, cross-entropy, the N3 norm and Adagrad at 0.1 make
it about as good as logistic regression. What leaves this module is plain arrays; torch and pykeen
are imported here alone, and only when something is trained.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wearwhy.errors import NotInstalled
from wearwhy.learn.plan import Training

Progress = Callable[[str, int, int], None]
CHUNK = 10
"""Epochs between two checkpoints."""


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """Trained vectors, in the order of the entities and relations given."""

    entities: NDArray[np.complex128]
    relations: NDArray[np.complex128]
    loss: float


def neural_parts() -> tuple[Any, Any]:
    """Return the torch and pykeen modules, with one thread set.

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


def _save(path: Path, parts: dict[str, Any], epoch: int, torch: Any) -> None:
    from safetensors.torch import save_file  # noqa: PLC0415

    state = {name: tensor.contiguous() for name, tensor in parts.items()}
    state["rng"] = torch.get_rng_state()
    partial = path.with_suffix(".partial")
    save_file(state, partial, metadata={"epoch": str(epoch)})
    partial.replace(path)


def _parts(model: Any, optimizer: Any, torch: Any) -> dict[str, Any]:
    parts = {f"weight.{name}": value.data for name, value in model.named_parameters()}
    for name, value in model.named_parameters():
        for key, slot in optimizer.state[value].items():
            parts[f"optimizer.{name}.{key}"] = torch.as_tensor(slot)
    return parts


def _restore(path: Path, model: Any, optimizer: Any, torch: Any) -> int:
    from safetensors import safe_open  # noqa: PLC0415

    with safe_open(path, framework="pt") as file:
        for name, value in model.named_parameters():
            value.data.copy_(file.get_tensor(f"weight.{name}"))
            for key, slot in optimizer.state[value].items():
                slot.copy_(file.get_tensor(f"optimizer.{name}.{key}"))
        torch.set_rng_state(file.get_tensor("rng"))
        return int(file.metadata()["epoch"])


def train(
    triples: NDArray[np.int64],
    entities: int,
    relations: int,
    settings: Training,
    *,
    seed: int,
    stage: str = "embedding",
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
) -> Embedding:
    """Return a ComplEx embedding of numbered triples (head, relation, tail).

    The same seed gives the same vectors on one machine. A GPU is used where there is one.

    Args:
        triples: one row a triple.
        entities: how many entities there are.
        relations: how many relations there are.
        settings: dimensions, epochs and the rest.
        seed: of initial values and of the order of batches.
        stage: what progress calls it.
        checkpoint: a file to write every few epochs.
        resume: start from that file where it exists.
        progress: called with stage, epochs done, epochs in all.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    torch, pykeen = neural_parts()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(seed)
    sampled = entities > settings.large
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        factory = pykeen.triples.CoreTriplesFactory(
            torch.as_tensor(triples, dtype=torch.long),
            num_entities=entities,
            num_relations=relations,
        )
        spread = {"mean": 0.0, "std": settings.spread}
        model = pykeen.models.ComplEx(
            triples_factory=factory,
            embedding_dim=settings.dimensions,
            loss="crossentropy" if not sampled else "infonce",
            random_seed=seed,
            regularizer="powersum",
            regularizer_kwargs={"p": 3.0, "weight": settings.n3},
        ).to(device)
        for value in model.parameters():
            torch.nn.init.normal_(value.data, **spread)
        optimizer = torch.optim.Adagrad(model.get_grad_params(), lr=settings.rate)
        kind = pykeen.training.SLCWATrainingLoop if sampled else pykeen.training.LCWATrainingLoop
        more = {"negative_sampler_kwargs": {"num_negs_per_pos": 32}} if sampled else {}
        loop = kind(
            model=model,
            triples_factory=factory,
            optimizer=optimizer,
            automatic_memory_optimization=False,
            **more,
        )
        done = 0
        if checkpoint is not None and resume and checkpoint.is_file():
            done = _restore(checkpoint, model, optimizer, torch)
        loop._epoch = done  # noqa: SLF001 - PyKEEN's own resumption reads a pickle
        loss = float("nan")
        progress(stage, done, settings.epochs)
        while done < settings.epochs:
            done = min(done + CHUNK, settings.epochs)
            losses = loop.train(
                triples_factory=factory,
                num_epochs=done,
                batch_size=settings.batch,
                continue_training=True,
                use_tqdm=False,
                pin_memory=False,
            )
            loss = float(losses[-1])
            if checkpoint is not None:
                _save(checkpoint, _parts(model, optimizer, torch), done, torch)
            progress(stage, done, settings.epochs)
    return Embedding(
        _array(model.entity_representations[0]), _array(model.relation_representations[0]), loss
    )


def _array(representation: Any) -> NDArray[np.complex128]:
    return np.asarray(representation(indices=None).detach().cpu().numpy(), dtype=np.complex128)


def versions() -> dict[str, str]:
    """Return the versions of what trained a model.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    torch, _ = neural_parts()
    from importlib.metadata import version  # noqa: PLC0415

    return {"torch": str(torch.__version__), "pykeen": version("pykeen"), "numpy": np.__version__}


def described(settings: Training) -> dict[str, object]:
    """Return the settings as a model card shows them."""
    return {"model": "ComplEx", "loss": "cross-entropy", "optimizer": "Adagrad", **asdict(settings)}
