"""Training: both witnesses, their combination, and what they are worth on items they never saw.

Everything that is measured is cross-fitted. Each fold's items are absent from the graph that the
fold's embedding and additive model learn from, are folded in like new items, and are then judged;
the combination that judges them is fitted on the other folds' held-out predictions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wearwhy.errors import InputError
from wearwhy.learn import additive, embeddings
from wearwhy.learn.additive import Additive, Floats, Ints
from wearwhy.learn.corpus import Corpus, Target, corpus, target, triples
from wearwhy.learn.embeddings import Progress, silent
from wearwhy.learn.features import Features, Token
from wearwhy.learn.folding import Folder, Folding, folding_of
from wearwhy.learn.metrics import Curve, Scores, curve, scores
from wearwhy.learn.model_files import Learned, Model
from wearwhy.learn.verdict import Combination, centred, combine, probabilities

STRENGTHS = (0.5, 1.0, 2.0)
"""Weights of the L2 prior that are tried; the best on held-out log-loss is kept."""
WITNESSES = frozenset({"additive", "embeddings"})


@dataclass(frozen=True, slots=True)
class Held:
    """Held-out predictions of every labelled item of one attribute."""

    target: Target
    additive: Floats
    embedding: Floats
    plain: Floats
    majority: Floats
    verdict: Floats
    lone: Floats
    l2: float


def _vectors(
    data: Corpus,
    which: Ints,
    *,
    seed: int,
    stage: str,
    checkpoints: Path | None,
    resume: bool,
    progress: Progress,
) -> tuple[Folding, float]:
    graph = triples(data, which)
    trained = embeddings.train(
        graph.triples,
        graph.entities,
        graph.relations,
        data.plan.training,
        seed=seed,
        stage=stage,
        checkpoint=None
        if checkpoints is None
        else checkpoints / f"{stage.replace(' ', '-')}.safetensors",
        resume=resume,
        progress=progress,
    )
    groups = data.groups()
    return (
        folding_of(trained.entities, trained.relations, graph.heads, graph.token_nodes, groups),
        trained.loss,
    )


def _embedded(data: Corpus, aim: Target, folding: Folding, folder: Folder, which: Ints) -> Floats:
    """Return the embedding's scores of items for an attribute's values, folded without it."""
    vectors = folder.fold(data.rows(aim.attribute, which))
    return centred(folding.scores(vectors, value_tokens(data, aim)), many=aim.attribute.many)


def value_tokens(data: Corpus, aim: Target) -> Ints:
    """Return the numbers of the tokens that stand for an attribute's values."""
    from wearwhy.rdf import curie  # noqa: PLC0415

    relation = curie(aim.attribute.iri)
    return np.array([data.number[Token(relation, v)] for v in aim.values], dtype=np.int64)


def _plain(data: Corpus, rows: list[Ints]) -> list[Ints]:
    """Return rows without what the hierarchy adds: the columns a data scientist would take."""
    keep = np.array(["/" not in t.relation for t in data.tokens])
    return [row[keep[row]] for row in rows]


def _held(
    data: Corpus, aim: Target, folded: list[tuple[Folding, Folder] | None], use: tuple[bool, bool]
) -> Held:
    many, width = aim.attribute.many, len(data.tokens)
    rows = data.rows(aim.attribute, aim.items)
    plain = _plain(data, rows)
    fold_of = data.folds[aim.items]
    empty = np.zeros_like(aim.table)
    by_strength = {l2: empty.copy() for l2 in STRENGTHS}
    control, majority, embedding = empty.copy(), empty.copy(), empty.copy()
    for k in np.unique(fold_of):
        out, into = np.flatnonzero(fold_of == k), np.flatnonzero(fold_of != k)
        known = aim.table[into]

        def fitted(
            table: list[Ints], l2: float, into: Ints = into, known: Floats = known
        ) -> Additive:
            return additive.fit([table[n] for n in into], width, known, many=many, l2=l2)

        for l2 in STRENGTHS:
            by_strength[l2][out] = fitted(rows, l2).logits([rows[n] for n in out])
        control[out] = fitted(plain, 1.0).logits([plain[n] for n in out])
        majority[out] = (known.sum(axis=0) + 1) / (len(known) + (2 if many else known.shape[1]))
        pair = folded[int(k)]
        if pair is not None:
            embedding[out] = _embedded(data, aim, *pair, aim.items[out])

    def loss(l2: float) -> float:
        p = probabilities(by_strength[l2], many=many)
        return scores(p, aim.table, many=many, rounds=2).log_loss.value

    best = min(STRENGTHS, key=loss)
    chosen = by_strength[best]
    verdict, lone = empty.copy(), empty.copy()
    for k in np.unique(fold_of):
        out, into = fold_of == k, fold_of != k
        mix = combine(chosen[into], embedding[into], aim.table[into], many=many, use=use)
        verdict[out] = probabilities(mix.logits(chosen[out], embedding[out]), many=many)
        one = combine(chosen[into], embedding[into], aim.table[into], many=many, use=(False, True))
        lone[out] = probabilities(one.logits(chosen[out], embedding[out]), many=many)
    return Held(
        aim, chosen, embedding, probabilities(control, many=many), majority, verdict, lone, best
    )


def measured(held: Held, seed: int) -> dict[str, Scores]:
    """Return what each model is worth on items held out from it."""
    many, table = held.target.attribute.many, held.target.table

    tried = {
        "verdict": held.verdict,
        "additive alone": probabilities(held.additive, many=many),
        "embedding alone": held.lone,
        "logistic regression": held.plain,
        "majority": held.majority,
    }
    return {name: scores(p, table, many=many, seed=seed) for name, p in tried.items()}


def _curves(held: Held) -> tuple[Curve, ...]:
    table = held.target.table > 0.5
    if held.target.attribute.many:
        return tuple(curve(held.verdict[:, n], table[:, n]) for n in range(table.shape[1]))
    top = held.verdict.argmax(axis=1)
    rows = np.arange(len(top))
    return (curve(held.verdict[rows, top], table[rows, top]),)


def _learned(data: Corpus, held: Held, use: tuple[bool, bool]) -> Learned:
    aim = held.target
    many = aim.attribute.many
    weights = additive.fit(
        data.rows(aim.attribute, aim.items), len(data.tokens), aim.table, many=many, l2=held.l2
    )
    mix = combine(held.additive, held.embedding, aim.table, many=many, use=use)
    return Learned(
        aim.attribute.name,
        aim.attribute.iri,
        many,
        aim.values,
        weights,
        mix,
        _curves(held),
    )


def shares(held: Held, mix: Combination) -> dict[str, float]:
    """Return each witness's mean share of what is said about the value that is ahead."""
    top = held.verdict.argmax(axis=1)
    rows = np.arange(len(top))
    a = np.abs(mix.additive * (held.additive - held.additive.mean(axis=0)))[rows, top]
    b = np.abs(mix.embedding * (held.embedding - held.embedding.mean(axis=0)))[rows, top]
    share = float((a / np.maximum(a + b, 1e-12)).mean())
    return {"additive": round(share, 4), "embedding": round(1 - share, 4)}


def train(
    features: Features,
    *,
    seed: int | None = None,
    without: Collection[str] = (),
    revision: str = "",
    checkpoints: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
) -> Model:
    """Return a model trained on a graph, with its held-out figures on its card.

    Args:
        features: the graph and the plan.
        seed: in place of the plan's.
        without: witnesses to leave out: `additive`, `embeddings`.
        revision: of the workspace, for the card.
        checkpoints: a folder for the embeddings' checkpoints.
        resume: go on from checkpoints found there.
        progress: called with stage, steps done, steps in all.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
        InputError: WW-LEARN-NOTHING, where no attribute has enough labels; WW-LEARN-WITNESS, where
            `without` names no witness or leaves none.
    """
    if not set(without) < WITNESSES:
        raise InputError(
            "WW-LEARN-WITNESS",
            f"Cannot learn without {', '.join(sorted(without))}.",
            hint="The trained witnesses are 'additive' and 'embeddings'; one must stay.",
        )
    settings = features.plan.training
    drawn = settings.seed if seed is None else seed
    data = corpus(features, drawn)
    aims = [aim for a in features.plan.attributes if (aim := target(data, a)) is not None]
    if not aims:
        raise InputError(
            "WW-LEARN-NOTHING",
            "No attribute has enough labelled items to learn from.",
            note=f"{len(data.items)} items were read.",
            hint="Load a catalogue with labels, or use the bundled model.",
        )
    use = ("additive" not in without, "embeddings" not in without)
    everything = np.arange(len(data.items))
    if checkpoints is not None:
        checkpoints.mkdir(parents=True, exist_ok=True)
    if resume and checkpoints is not None:
        _same(data, checkpoints)
    folded: list[tuple[Folding, Folder] | None] = []
    for k in range(settings.folds):
        pair = None
        if use[1]:
            kept = np.flatnonzero(data.folds != k)
            folding, _ = _vectors(
                data,
                kept,
                seed=drawn + k,
                stage=f"fold {k + 1} of {settings.folds}",
                checkpoints=checkpoints,
                resume=resume,
                progress=progress,
            )
            pair = (folding, Folder.of(folding))
        folded.append(pair)
    folding, loss = _vectors(
        data,
        everything,
        seed=drawn,
        stage="all items",
        checkpoints=checkpoints,
        resume=resume,
        progress=progress,
    )
    folder = Folder.of(folding)
    learned: dict[str, Learned] = {}
    metrics: dict[str, Any] = {}
    for n, aim in enumerate(aims):
        progress("verdicts", n, len(aims))
        held = _held(data, aim, folded, use)
        learned[aim.attribute.name] = _learned(data, held, use)
        metrics[aim.attribute.name] = {
            "labelled": len(aim.items),
            "l2": held.l2,
            "shares": shares(held, learned[aim.attribute.name].combination),
            **{name: found.as_dict() for name, found in measured(held, drawn).items()},
        }
    progress("verdicts", len(aims), len(aims))
    return Model(
        data.tokens,
        data.number,
        folding,
        folder,
        learned,
        data.items,
        folder.fold(data.rows(None, everything)),
        {
            name: {n: tuple(sorted(v)) for n, v in enumerate(data.labels[name]) if v}
            for name in learned
        },
        {
            "made_from": {
                "triples": data.digest,
                "revision": revision,
                "items": len(data.items),
                "duplicate_titles": _repeated(data),
            },
            "versions": embeddings.versions(),
            "seed": drawn,
            "settings": embeddings.described(replace(settings, seed=drawn)),
            "witnesses": sorted(WITNESSES - set(without)),
            "loss": round(loss, 6),
            "metrics": metrics,
        },
    )


def _repeated(data: Corpus) -> int:
    titles = [tuple(sorted(t.value for t in said if t.relation == "word")) for said in data.spoken]
    return len(titles) - len(set(titles))


def _same(data: Corpus, checkpoints: Path) -> None:
    mark = checkpoints / "made-from"
    if mark.is_file() and mark.read_text(encoding="ascii") != data.digest:
        raise InputError(
            "WW-LEARN-RESUME",
            "The graph has changed since these checkpoints were written.",
            hint="Train without --resume.",
        )
    mark.write_text(data.digest, encoding="ascii")
