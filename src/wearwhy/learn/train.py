"""Training: the witnesses, their combination, and what they are worth on items they never saw.

Each fold's items are absent from the graph that the fold's embedding, own facts and rules learn
from, are folded in like new items, and are then judged. The combination that judges them is fitted
on held-out predictions of others: those of the other folds or, where one part alone is held out (a
source's own split, a large graph), of its other half. Not cross-fitted are the strength of the
prior, one of four that the verdicts' log-loss chooses, and the curves of precision, which are read
off the same verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from pyoxigraph import NamedNode

from wearwhy.errors import InputError
from wearwhy.learn import embeddings
from wearwhy.learn.additive import Floats, Ints
from wearwhy.learn.corpus import Corpus, Target, asked, corpus, linked, target
from wearwhy.learn.embeddings import Composed, Progress, silent
from wearwhy.learn.features import Features
from wearwhy.learn.heldout import Held, held_out, speakers
from wearwhy.learn.jointly import fitted, prepared
from wearwhy.learn.metrics import Curve, Scores, curve, scores
from wearwhy.learn.mined.stars import Mining
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.plan import Attribute
from wearwhy.learn.source_columns import spelt
from wearwhy.learn.table import Graph, asserted
from wearwhy.learn.verdict import WITNESSES, Combination, combine

MINING: Final = Mining()


def measured(held: Held, use: Collection[str], seed: int) -> dict[str, Scores]:
    """Return what the verdict, each witness and the controls are worth on held-out items.

    `without NAME` is a verdict that one witness has no part in.
    """
    many = held.target.attribute.many
    spoken = [name for name in WITNESSES if name in held.scores and name in use]
    tried = {"verdict": held.verdict(use)}
    if len(spoken) > 1:
        for name in spoken:
            tried[f"without {name}"] = held.verdict([one for one in spoken if one != name])
    tried |= {f"{name} alone": held.verdict([name]) for name in spoken}
    if held.plain is not None:
        tried["logistic regression"] = held.plain
    tried["majority"] = held.majority
    return {
        name: scores(p, held.table, many=many, seed=seed, rounds=200) for name, p in tried.items()
    }


def _curves(held: Held, use: Collection[str]) -> tuple[Curve, ...]:
    verdict, table = held.verdict(use), held.table > 0.5
    if held.target.attribute.many:
        return tuple(curve(verdict[:, n], table[:, n]) for n in range(table.shape[1]))
    top = verdict.argmax(axis=1)
    rows = np.arange(len(top))
    return (curve(verdict[rows, top], table[rows, top]),)


def _learned(data: Corpus, held: Held, use: Collection[str], mining: Mining) -> Learned:
    aim = held.target
    many = aim.attribute.many
    if data.split:
        joint = held.last
    else:
        ready = prepared(
            data.matrix(aim.attribute, aim.items),
            aim.table,
            speakers(data),
            many=many,
            mining=mining if "mined" in use else None,
        )
        joint = fitted(ready, held.strength, own="additive" in use)
    mined = joint.mined
    unseen = np.zeros(len(aim.values))
    counted = [held.counted.get(tuple(body), unseen) for body in mined.bodies.tolist()]
    return Learned(
        aim.attribute.name,
        aim.attribute.iri,
        many,
        aim.attribute.said,
        aim.attribute.label,
        aim.attribute.hides,
        aim.values,
        joint.additive,
        replace(mined, held=np.array(counted).reshape(-1, len(aim.values))),
        combine(held.scores, held.table, many=many, use=use),
        _curves(held, use),
    )


def shares(held: Held, mix: Combination) -> dict[str, float]:
    """Return each witness's mean share of what is said about the value that is ahead."""
    top = mix.logits(held.scores).argmax(axis=1)
    rows = np.arange(len(top))
    said = {
        name: np.abs(mix.weights[name] * (held.scores[name] - held.scores[name].mean(axis=0)))[
            rows, top
        ]
        for name in mix.weights
    }
    whole = np.maximum(sum(said.values()), 1e-12)
    return {name: round(float((one / whole).mean()), 4) for name, one in said.items()}


Ruled = Callable[[Attribute], Graph | None]
"""Gives the closed facts in which nobody states an attribute; None where no rule concludes it."""


def _conclusions(data: Corpus, aim: Target, ruled: Ruled | None) -> Floats | None:
    graph = None if ruled is None or aim.attribute.said else ruled(aim.attribute)
    if graph is None:
        return None
    out = np.zeros_like(aim.table)
    row = {data.items[n]: k for k, n in enumerate(aim.items)}
    column = {value: n for n, value in enumerate(aim.values)}
    for fact in graph.match(None, aim.attribute.iri, None):
        at = row.get(fact.subject) if isinstance(fact.subject, NamedNode) else None
        value = column.get(spelt(fact.object))
        if at is not None and value is not None and not asserted(graph, fact):
            out[at, value] = 1.0
    return out if out.any() else None


def train(
    features: Features,
    *,
    seed: int | None = None,
    without: Collection[str] = (),
    revision: str = "",
    checkpoints: Path | None = None,
    resume: bool = False,
    ruled: Ruled | None = None,
    progress: Progress = silent,
) -> Model:
    """Return a model trained on a graph, with its held-out figures on its card.

    Args:
        features: the graph and the plan.
        seed: in place of the plan's.
        without: witnesses to leave out: `rules`, `mined`, `additive`, `embeddings`.
        revision: of the workspace, for the card.
        checkpoints: a folder for the embeddings' checkpoints.
        resume: go on from checkpoints found there.
        ruled: where the stylist's rules are asked; None for nowhere.
        progress: called with stage, steps done, steps in all.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
        InputError: WW-LEARN-NOTHING, where no attribute has enough labels; WW-LEARN-WITNESS, where
            `without` names no witness or leaves none that learns.
    """
    use = tuple(name for name in WITNESSES if name not in without)
    if not set(without) <= set(WITNESSES) or not {"mined", "additive", "embeddings"} & set(use):
        raise InputError(
            "WW-LEARN-WITNESS",
            f"Cannot learn without {', '.join(sorted(without))}.",
            hint=f"The witnesses are {', '.join(WITNESSES)}; one that learns must stay.",
        )
    settings = features.plan.training
    drawn = settings.seed if seed is None else seed
    data = corpus(features, drawn, progress)
    aims = [aim for a in data.attributes if (aim := target(data, a)) is not None]
    if not aims:
        raise InputError(
            "WW-LEARN-NOTHING",
            "No attribute has enough labelled items to learn from.",
            note=f"{len(data.items)} items were read.",
            hint="Load a catalogue with labels, or use the bundled model.",
        )
    if checkpoints is not None:
        checkpoints.mkdir(parents=True, exist_ok=True)
        _same(data, checkpoints, resume=resume)
    far = Run(data, drawn, checkpoints, resume=resume, progress=progress)
    folded, embedding = far.embedded() if "embeddings" in use else ({}, silent_of(data.embedded))
    learned: dict[str, Learned] = {}
    metrics: dict[str, Any] = {}
    for aim in aims:
        name = aim.attribute.name
        held = held_out(
            data,
            aim,
            folded,
            use=use,
            mining=MINING,
            ruled=_conclusions(data, aim, ruled) if "rules" in use else None,
            progress=lambda done, total, name=name: progress(name, done, total),  # type: ignore[misc]
        )
        learned[name] = _learned(data, held, use, MINING)
        metrics[name] = {
            "labelled": len(aim.items),
            "held_out": len(held.judged),
            "strength": list(held.strength),
            "rules": len(learned[name].mined.bodies),
            "shares": shares(held, learned[name].combination),
            **{kind: found.as_dict() for kind, found in measured(held, use, drawn).items()},
        }
    whole = data.rows(None, np.arange(len(data.items)))
    return Model(
        data.tokens,
        data.number,
        embedding,
        learned,
        data.items,
        embedding.fold([row[row < data.embedded] for row in whole]),
        {aim.attribute.name: _labels(data, aim) for aim in aims},
        {
            "made_from": {
                "triples": data.digest,
                "tokens_read": int(data.design.nnz),
                "revision": revision,
                "items": len(data.items),
                "fitted": len(data.fitted),
                "duplicate_titles": len(data.items) - int(data.titles.max()) - 1,
            },
            "versions": embeddings.versions() if "embeddings" in use else {"numpy": np.__version__},
            "seed": drawn,
            "settings": embeddings.described(embeddings.settings()),
            "witnesses": list(use),
            "loss": None if np.isnan(embedding.loss) else round(embedding.loss, 6),
            "metrics": metrics,
        },
    )


def silent_of(tokens: int) -> Composed:
    """Return the embedding of no width, which says nothing."""
    empty = np.zeros((tokens, 0))
    return Composed(np.zeros(0), empty, empty)


def _labels(data: Corpus, aim: Target) -> Ints:
    """Return pairs of a fitted item and a value it has."""
    row, value = np.nonzero(aim.table)
    pairs = np.column_stack([aim.items[row], value])
    return pairs[np.isin(pairs[:, 0], data.fitted)]


@dataclass(frozen=True, slots=True)
class Run:
    """The embeddings of one training run."""

    data: Corpus
    seed: int
    checkpoints: Path | None
    resume: bool
    progress: Progress

    def embedded(self) -> tuple[dict[int, Composed], Composed]:
        """Return the embedding trained without each fold that is judged, and the final one.

        A large graph is embedded once: items that it was not trained on are folded in, as every
        item is.
        """
        data, folds = self.data, {}
        once = len(data.judged) == 1
        for k in data.judged:
            stage = "embedding" if once else f"fold {k + 1} of {len(data.judged)}"
            folds[k] = self._one(np.flatnonzero(data.folds != k), self.seed + k, stage)
        if once:
            return folds, folds[data.judged[0]]
        return folds, self._one(np.arange(len(data.items)), self.seed, "all items")

    def _one(self, which: Ints, seed: int, stage: str) -> Composed:
        data, file = self.data, f"{stage.replace(' ', '-')}.safetensors"
        return embeddings.compose(
            data.design[which][:, : data.embedded],
            data.groups(),
            embeddings.settings().of(len(which)),
            seed=seed,
            hides=asked(data),
            links=linked(data),
            stage=stage,
            checkpoint=None if self.checkpoints is None else self.checkpoints / file,
            resume=self.resume,
            progress=self.progress,
        )


def _same(data: Corpus, checkpoints: Path, *, resume: bool) -> None:
    mark = checkpoints / "made-from"
    if resume and mark.is_file() and mark.read_text(encoding="ascii") != data.digest:
        raise InputError(
            "WW-LEARN-RESUME",
            "The graph has changed since these checkpoints were written.",
            hint="Train without --resume.",
        )
    mark.write_text(data.digest, encoding="ascii")
