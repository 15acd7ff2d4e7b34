"""Fitting in pieces: PyKEEN's loop, with checkpoints that are safetensors and never a pickle."""

from __future__ import annotations

import gc
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from wearwhy.errors import FormatError, Place
from wearwhy.learn.embeddings.parts import Progress

CHUNK = 5
"""Epochs between two checkpoints."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a training has come.

    Attributes:
        epoch: how many epochs are done.
        loss: of the last of them; NaN before the first.
        digest: of what is trained on, and how.
    """

    epoch: int
    loss: float
    digest: str


def _save(path: Path, model: Any, optimizer: Any, reached: Reached, torch: Any) -> None:
    from safetensors.torch import save_file  # noqa: PLC0415

    state = {f"weight.{name}": value.data for name, value in model.named_parameters()}
    for name, value in model.named_parameters():
        for key, slot in optimizer.state[value].items():
            state[f"optimizer.{name}.{key}"] = torch.as_tensor(slot)
    partial = path.with_suffix(".partial")
    save_file(
        {name: tensor.contiguous().cpu() for name, tensor in state.items()},
        partial,
        metadata={key: str(value) for key, value in asdict(reached).items()},
    )
    partial.replace(path)


def _restore(path: Path, model: Any, optimizer: Any, digest: str) -> Reached:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415

    try:
        with safe_open(path, framework="pt") as file:
            stated = file.metadata()
            if stated["digest"] != digest:
                raise FormatError(
                    "WW-LEARN-CHECKPOINT",
                    f"{path.name} was made from another graph, seed or settings.",
                    hint="Train without --resume.",
                    place=Place(str(path)),
                )
            for name, value in model.named_parameters():
                value.data.copy_(file.get_tensor(f"weight.{name}"))
                for key, slot in optimizer.state[value].items():
                    slot.copy_(file.get_tensor(f"optimizer.{name}.{key}"))
            return Reached(int(stated["epoch"]), float(stated["loss"]), digest)
    except (SafetensorError, KeyError, RuntimeError, ValueError) as error:
        raise FormatError(
            "WW-LEARN-CHECKPOINT",
            f"{path.name} is no checkpoint of this training.",
            note=str(error),
            hint="Train without --resume.",
            place=Place(str(path)),
        ) from error


def fitted(
    loop: Any,
    factory: Any,
    *,
    epochs: int,
    stage: str,
    digest: str,
    checkpoint: Path | None,
    resume: bool,
    progress: Progress,
    torch: Any,
) -> float:
    """Run a PyKEEN training loop to its last epoch; return the last epoch's loss.

    Batches are drawn from the seed and the epoch's number alone, so a run that was cut off and
    resumed ends where an uninterrupted one does.

    Raises:
        FormatError: WW-LEARN-CHECKPOINT, where the checkpoint belongs to another training.
    """
    begun = Reached(0, float("nan"), digest)
    if checkpoint is not None and resume and checkpoint.is_file():
        begun = _restore(checkpoint, loop.model, loop.optimizer, digest)
    done, loss = begun.epoch, begun.loss
    loop._epoch = done  # noqa: SLF001 - PyKEEN's own resumption reads a pickle
    progress(stage, done, epochs)
    # PyKEEN collects garbage after every epoch: what was there before need not be looked at again.
    gc.freeze()
    try:
        while done < epochs:
            done = min(done + CHUNK, epochs)
            losses = loop.train(
                triples_factory=factory,
                num_epochs=done,
                batch_size=loop.batch,
                continue_training=True,
                use_tqdm=False,
                pin_memory=False,
            )
            loss = float(losses[-1])
            if checkpoint is not None:
                reached = Reached(done, loss, digest)
                _save(checkpoint, loop.model, loop.optimizer, reached, torch)
            progress(stage, done, epochs)
    finally:
        gc.unfreeze()
    return loss
