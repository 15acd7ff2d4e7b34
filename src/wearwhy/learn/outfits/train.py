"""Training a model of outfits: vectors, then weights, then vectors again on everything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyoxigraph import NamedNode
from safetensors.numpy import load_file, save_file

from wearwhy.errors import InputError, nearest
from wearwhy.learn.outfits.fit import Fitted, fit
from wearwhy.learn.outfits.material import Ints, Material, rivals
from wearwhy.learn.outfits.model import Floats32, OutfitModel, Projection
from wearwhy.learn.outfits.plan import Plan
from wearwhy.learn.outfits.weigh import Floats, Ruled, Walked, Weights, weigh

PARTS = ("photos", "walks", "neural", "rules")
"""What can be left out."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What learning asks of the graph, which other rooms read.

    Attributes:
        paths: the walks between items that may be weighed.
        walked: features of pairs by walks that pass through none of some outfits (by number).
        ruled: what rules say of sets of items, in points.
    """

    paths: tuple[NamedNode, ...]
    walked: Callable[[Collection[int]], Walked]
    ruled: Ruled


def train(
    found: Material,
    plan: Plan,
    asked: Asked,
    *,
    without: Collection[str] = (),
    seed: int | None = None,
    folder: Path | None = None,
    resume: bool = False,
    said: Mapping[str, Any] | None = None,
    progress: Progress,
) -> OutfitModel:
    """Return a model of what goes together.

    Args:
        found: items and outfits.
        plan: settings.
        asked: walks and rules over the same items.
        without: any of `PARTS`.
        seed: in place of the plan's.
        folder: where each fitted model is kept until all are done; None: nowhere.
        resume: take over what an interrupted run of the same graph and settings has kept.
        said: for the card: where the graph comes from.
        progress: told the stage, what is done of it, and of how much.

    Raises:
        InputError: WW-OUTFITS-FEW, where there are too few outfits; WW-OUTFITS-PART.
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    check(without)
    settings = plan.training
    if len(found.outfits) < settings.fewest:
        raise InputError(
            "WW-OUTFITS-FEW",
            f"There are {len(found.outfits)} outfits of two items or more to learn from; it takes {settings.fewest}.",
            note="Until then pairs are counted: what was worn together how often.",
            hint="Load outfits that somebody composed, or tell what was worn: wearwhy wore.",
        )
    first = settings.seed if seed is None else seed
    rng = np.random.default_rng(first)
    neural, walks = "neural" not in without, "walks" not in without
    runs = settings.seeds if neural else 0
    kept = _Kept(folder, _digest(found, plan), resume=resume)

    def fitted(which: Material, name: str, number: int, place: int) -> Fitted:
        def told(epoch: int, epochs: int) -> None:
            progress("outfits", place * epochs + epoch, (runs + 1) * epochs)

        return kept.of(f"{name}-{number}", lambda: fit(which, settings, number, told))

    order = rng.permutation(len(found.outfits))
    away = sorted(order[: max(1, round(plan.weighing.held * len(order)))].tolist())
    rest = found.of(sorted(set(range(len(order))) - set(away)))
    interim = fitted(rest, "interim", first, 0) if neural else None
    progress("weights", 0, 1)
    walked = asked.walked(away) if walks else _no_walks
    weights = weigh(
        None if interim is None else interim.vectors(rest),
        found.of(away),
        rivals(rest),
        walked=walked,
        ruled=None if "rules" in without else asked.ruled,
        settings=plan.weighing,
        rng=rng,
    )
    progress("weights", 1, 1)
    models = [fitted(found, "whole", first + n, n + 1) for n in range(runs)]
    kept.clear()
    return _joined(
        found,
        models,
        weights,
        asked.paths if walks else (),
        _card(found, plan, weights, without=without, seed=first, said=said or {}),
    )


def check(without: Collection[str]) -> None:
    """Refuse to leave out what is no part.

    Raises:
        InputError: WW-OUTFITS-PART.
    """
    for part in sorted(set(without) - set(PARTS)):
        near = nearest(part, PARTS)
        raise InputError(
            "WW-OUTFITS-PART",
            f"'{part}' is no part of what is learned from outfits.",
            hint=f"Did you mean '{near}'?" if near else "Parts are " + ", ".join(PARTS) + ".",
        )


def _no_walks(firsts: Ints, _: Ints) -> Floats:
    return np.zeros((len(firsts), 0))


def _joined(
    found: Material,
    models: list[Fitted],
    weights: Weights,
    paths: tuple[NamedNode, ...],
    card: dict[str, Any],
) -> OutfitModel:
    """Return models as one: their vectors side by side, so that products are means of products."""
    share = np.float32(1 / np.sqrt(max(1, len(models))))

    def wide(parts: list[Floats32], rows: int) -> Floats32:
        return np.concatenate([*parts, np.zeros((rows, 0), np.float32)], axis=1) * share

    residuals = wide([m.residuals for m in models], len(found.items))
    projection, photographs = None, found.photographs
    if photographs is not None and models:
        into = wide(
            [m.photographs for m in models if m.photographs is not None], photographs.basis.shape[1]
        )
        projection = Projection(photographs.mean, photographs.basis @ into)
    seen = sorted({int(n) for outfit in found.outfits for n in outfit}) if models else []
    return OutfitModel(
        found.tokens if models else (),
        wide([m.tokens for m in models], len(found.tokens))
        if models
        else np.zeros((0, 1), np.float32),
        projection,
        {found.items[n]: residuals[n] for n in seen},
        {"pair": weights.pair, "rule": weights.rule, "neural": 0.0},
        dict(zip(paths, weights.walks, strict=True)),
        card,
    )


def _card(
    found: Material,
    plan: Plan,
    weights: Weights,
    *,
    without: Collection[str],
    seed: int,
    said: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        **said,
        "items": len(found.items),
        "outfits": len(found.outfits),
        "values": len(found.tokens),
        "photographs": 0
        if found.photographs is None
        else int(found.photographs.rows.any(axis=1).sum()),
        "without": sorted(without),
        "seed": seed,
        "training": asdict(plan.training),
        "weighing": {
            **asdict(plan.weighing),
            "questions": weights.questions,
            "accuracy": weights.accuracy,
        },
    }


def _digest(found: Material, plan: Plan) -> str:
    """Return a name of what is learned from, and how."""
    content = hashlib.sha256(json.dumps([asdict(plan.training), asdict(plan.weighing)]).encode())
    for item in found.items:
        content.update(item.value.encode())
    content.update(str(found.tokens).encode())
    arrays = [found.has.indices, found.has.indptr, found.kind, found.weights, *found.outfits]
    for array in arrays:
        content.update(np.ascontiguousarray(array).tobytes())
    if found.photographs is not None:
        content.update(np.ascontiguousarray(found.photographs.rows).tobytes())
    return content.hexdigest()[:16]


class _Kept:
    """Fitted models of one run, kept until all are done, so that it can be taken up again."""

    def __init__(self, folder: Path | None, digest: str, *, resume: bool) -> None:
        self.folder, self.digest = folder, digest
        if not resume:
            self.clear()

    def of(self, name: str, make: Callable[[], Fitted]) -> Fitted:
        """Return a fitted model: the kept one, or one made now."""
        if self.folder is None:
            return make()
        path = self.folder / f"outfits-{self.digest}-{name}.safetensors"
        if path.is_file():
            arrays = load_file(path)
            return Fitted(arrays["tokens"], arrays.get("photographs"), arrays["residuals"])
        found = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {"tokens": found.tokens, "residuals": found.residuals}
        if found.photographs is not None:
            arrays["photographs"] = found.photographs
        partial = path.with_suffix(".partial")
        save_file(arrays, partial)
        partial.replace(path)
        return found

    def clear(self) -> None:
        """Forget what was kept."""
        if self.folder is not None and self.folder.is_dir():
            for path in self.folder.glob("outfits-*"):
                path.unlink()
