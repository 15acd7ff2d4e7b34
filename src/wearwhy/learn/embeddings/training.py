"""Training: arrays in, arrays out; torch and pykeen in between."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from wearwhy.learn.additive import Ints
from wearwhy.learn.embeddings.checkpoints import fitted
from wearwhy.learn.embeddings.composed import Composed, composed_of
from wearwhy.learn.embeddings.parts import Progress, neural_parts, silent
from wearwhy.learn.embeddings.settings import Composing, Fitting


@dataclass(frozen=True, slots=True)
class Embedding:
    """Trained vectors, in the order of the entities and relations given.

    Attributes:
        entities: one vector an entity.
        relations: one vector a relation.
        inverses: one vector a relation's inverse; ones where none was learned.
        loss: of the last epoch.
    """

    entities: NDArray[np.complex128]
    relations: NDArray[np.complex128]
    inverses: NDArray[np.complex128]
    loss: float


def _model(
    entities: int, relations: int, settings: Fitting, *, seed: int, torch: Any, pykeen: Any
) -> tuple[Any, Any]:
    """Return PyKEEN's ComplEx and its triples factory: relation r is row 2r, its inverse 2r + 1.

    The loops draw their own triples, so the factory holds none but one.
    """
    factory = pykeen.triples.CoreTriplesFactory(
        torch.zeros((1, 3), dtype=torch.long),
        num_entities=entities,
        num_relations=relations,
        create_inverse_triples=True,
    )
    torch.manual_seed(seed)
    model = pykeen.models.ComplEx(
        triples_factory=factory,
        embedding_dim=settings.dimensions,
        loss="crossentropy",
        random_seed=seed,
        regularizer=None,
    )
    with torch.no_grad():
        for value in model.parameters():
            value.normal_(0.0, settings.spread)
    return model.to("cuda" if torch.cuda.is_available() else "cpu"), factory


def _digest(*parts: object) -> str:
    made = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            made.update(np.ascontiguousarray(part).tobytes())
        made.update(repr(getattr(part, "shape", part)).encode())
    return made.hexdigest()


def _array(representation: Any) -> NDArray[np.complex128]:
    return np.asarray(representation(indices=None).detach().cpu().numpy(), dtype=np.complex128)


def _lasting(settings: Fitting) -> tuple[object, ...]:
    """Return what two trainings must have in common for one to go on from the other."""
    return (settings.dimensions, settings.batch, settings.spread, settings.n3, settings.rate)


def _trained(
    loop: Callable[..., Any],
    shape: tuple[int, int],
    settings: Fitting,
    digest: str,
    *,
    seed: int,
    stage: str,
    checkpoint: Path | None,
    resume: bool,
    progress: Progress,
    neural: tuple[Any, Any],
) -> tuple[Any, float]:
    """Return a trained ComplEx and its last loss.

    Args:
        loop: makes the training loop; given `model` and what `loops.Drawn` takes.
        shape: how many entities and relations there are.
        settings: dimensions, epochs and the rest.
        digest: of what is trained on, and how.
        seed: of initial values and of the order of batches.
        stage: what progress calls it.
        checkpoint: a file to write every few epochs.
        resume: start from that file where it exists.
        progress: called with stage, epochs done, epochs in all.
        neural: torch and pykeen.
    """
    torch, pykeen = neural
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, factory = _model(*shape, settings, seed=seed, torch=torch, pykeen=pykeen)
        made = loop(
            model=model,
            factory=factory,
            rate=settings.rate,
            n3=settings.n3,
            batch=settings.batch,
            drawn=settings.candidates,
            seed=seed,
        )
        loss = fitted(
            made,
            factory,
            epochs=settings.epochs,
            stage=stage,
            digest=digest,
            checkpoint=checkpoint,
            resume=resume,
            progress=progress,
            torch=torch,
        )
    return model, loss


def train(
    triples: NDArray[np.int64],
    entities: int,
    relations: int,
    settings: Fitting,
    *,
    seed: int,
    stage: str = "embedding",
    inverses: bool = False,
    ranged: bool = True,
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
        inverses: learn each relation's inverse too, so that heads can be asked for.
        ranged: a tail is told from the tails of its relation, not from all entities.
        checkpoint: a file to write every few epochs.
        resume: start from that file where it exists.
        progress: called with stage, epochs done, epochs in all.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
        FormatError: WW-LEARN-CHECKPOINT, where the checkpoint belongs to another training.
    """
    torch, pykeen = neural_parts()
    from wearwhy.learn.embeddings import loops  # noqa: PLC0415

    given = np.asarray(triples, dtype=np.int64)
    forward = given * np.array([1, 2, 1])
    if inverses:
        backward = given[:, [2, 1, 0]] * np.array([1, 2, 1]) + np.array([0, 1, 0])
        forward = np.vstack([forward, backward])
    ranges: list[tuple[Ints, loops.Range]] = []
    spans = (
        [np.flatnonzero(forward[:, 1] == r) for r in np.unique(forward[:, 1])]
        if ranged
        else [np.arange(len(forward))]
    )
    for numbers in spans:
        counts = np.bincount(forward[numbers, 2], minlength=entities)
        values = np.flatnonzero(counts) if ranged else np.arange(entities)
        ranges.append((numbers, loops.range_of(values, counts[values])))

    def loop(model: Any, **more: Any) -> Any:
        return loops.Ranged(forward, ranges, model=model, **more)

    model, loss = _trained(
        loop,
        (entities, relations),
        settings,
        _digest(forward, seed, entities, relations, _lasting(settings)),
        seed=seed,
        stage=stage,
        checkpoint=checkpoint,
        resume=resume,
        progress=progress,
        neural=(torch, pykeen),
    )
    rows = _array(model.relation_representations[0])
    return Embedding(
        _array(model.entity_representations[0]),
        rows[0::2],
        rows[1::2] if inverses else np.ones_like(rows[1::2]),
        loss,
    )


def compose(
    design: csr_matrix,
    groups: Ints,
    settings: Composing,
    *,
    seed: int,
    hides: Mapping[int, Collection[int]],
    apart: Collection[int] = (),
    links: NDArray[np.int64] | None = None,
    stage: str = "embedding",
    checkpoint: Path | None = None,
    resume: bool = False,
    progress: Progress = silent,
) -> Composed:
    """Return a ComplEx embedding whose items are composed of their triples.

    The same seed gives the same vectors on one machine. A GPU is used where there is one.

    Args:
        design: items × tokens, 0 or 1. Items that must not be learned from are left out.
        groups: relation number of each token, from 0.
        settings: dimensions, epochs and the rest.
        seed: of initial values and of the order of batches.
        hides: for a relation that will be guessed, the relations whose tokens its guess does not
            see; itself is always among them. A relation that is not a key is asked for one token
            at a time, with its others seen.
        apart: relations that are never asked for: they only speak.
        links: triples (token, relation, token) among values, e.g. that a blazer is a jacket;
            their relations' numbers go on after those of `groups`.
        stage: what progress calls it.
        checkpoint: a file to write every few epochs.
        resume: start from that file where it exists.
        progress: called with stage, epochs done, epochs in all.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
        FormatError: WW-LEARN-CHECKPOINT, where the checkpoint belongs to another training.
    """
    torch, pykeen = neural_parts()
    from wearwhy.learn.embeddings import composing, loops  # noqa: PLC0415

    tokens, kinds = len(groups), int(groups.max()) + 1
    counts = np.bincount(design.indices, minlength=tokens)
    ranges = []
    for kind in range(kinds):
        values = np.flatnonzero(groups == kind)
        ranges.append(loops.range_of(values, counts[values]))
    hidden = tuple(
        np.array(sorted({kind, *hides[kind]}), dtype=np.int64) if kind in hides else None
        for kind in range(kinds)
    )
    # Of one value there is nothing to ask.
    asked = tuple(k for k in range(kinds) if k not in apart and len(ranges[k].values) > 1)
    among = np.zeros((0, 3), np.int64) if links is None else np.asarray(links, np.int64).copy()
    # The relation to the node that all items share stands between theirs and the links'.
    among[:, 1] += 1
    relations = 1 + max(kinds, int(among[:, 1].max(initial=0)))

    def loop(model: Any, **more: Any) -> Any:
        with torch.no_grad():
            for value in model.relation_representations[0].parameters():
                torch.view_as_complex(value.view(2 * relations, -1, 2)).add_(1.0)
        return composing.Composing(
            design.tocsr(),
            np.asarray(groups, dtype=np.int64),
            composing.Questions(tuple(ranges), hidden, asked),
            links=among,
            hiding=settings.hiding,
            weight=settings.links,
            model=model,
            **more,
        )

    told = sorted((k, tuple(sorted(v))) for k, v in hides.items())
    model, loss = _trained(
        loop,
        (tokens + 1, relations),
        settings,
        _digest(
            design.indices,
            design.indptr,
            groups,
            among,
            told,
            sorted(apart),
            seed,
            _lasting(settings),
            settings.hiding,
            settings.links,
        ),
        seed=seed,
        stage=stage,
        checkpoint=checkpoint,
        resume=resume,
        progress=progress,
        neural=(torch, pykeen),
    )
    rows = _array(model.relation_representations[0])
    entities = _array(model.entity_representations[0])
    keep = np.arange(kinds + 1)
    return composed_of(entities, rows[2 * keep], rows[2 * keep + 1], groups, loss)
