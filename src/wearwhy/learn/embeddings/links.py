"""PyKEEN's bundled graphs: whether our training is as good as it should be on known ground.

The same loop that trains on items runs here with every entity as a candidate and with inverse
relations, as such graphs are measured: filtered, both sides, realistic ranks.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wearwhy.errors import InputError
from wearwhy.learn.additive import Floats
from wearwhy.learn.embeddings.parts import Progress, neural_parts, silent
from wearwhy.learn.embeddings.settings import Fitting, table
from wearwhy.learn.embeddings.training import Embedding, train

Side = Literal["head", "tail"]
Triples = NDArray[np.int64]
Scorer = Callable[[Triples, Side], Floats]
NAMES = ("nations", "kinships", "umls")


@dataclass(frozen=True, slots=True)
class LinkGraph:
    """A graph to complete, in numbers.

    Attributes:
        name: PyKEEN's.
        entities: names by number.
        relations: names by number.
        train: rows (head, relation, tail).
        valid: likewise, to choose by.
        test: likewise, to report.
    """

    name: str
    entities: tuple[str, ...]
    relations: tuple[str, ...]
    train: Triples
    valid: Triples
    test: Triples

    @property
    def known(self) -> Triples:
        """Every triple: what a filtered rank does not count against the true one."""
        return np.vstack([self.train, self.valid, self.test])


def link_graph(name: str) -> LinkGraph:
    """Return one of the graphs that come inside PyKEEN.

    Raises:
        InputError: WW-LEARN-GRAPH, where none has the name: all others would be downloaded.
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    if name not in NAMES:
        raise InputError(
            "WW-LEARN-GRAPH",
            f"'{name}' does not come with PyKEEN.",
            hint=f"One of {', '.join(NAMES)}.",
        )
    neural_parts()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pykeen.datasets import get_dataset  # noqa: PLC0415

        data = get_dataset(dataset=name)
        parts = (data.training, data.validation, data.testing)
        train_part, valid, test = (np.array(p.mapped_triples.numpy(), np.int64) for p in parts)

    def names(numbers: dict[str, int]) -> tuple[str, ...]:
        return tuple(sorted(numbers, key=lambda key: numbers[key]))

    entities, relations = names(data.entity_to_id), names(data.relation_to_id)
    return LinkGraph(name, entities, relations, train_part, valid, test)


@dataclass(frozen=True, slots=True)
class LinkModel:
    """ComplEx with inverse relations, trained on a graph."""

    embedding: Embedding

    def scores(self, triples: Triples, side: Side) -> Floats:
        """Return the scores of every entity in the place of one side: triples × entities.

        A head is asked for as the tail of the relation's inverse.
        """
        found = self.embedding
        known, relations = (
            (triples[:, 0], found.relations) if side == "tail" else (triples[:, 2], found.inverses)
        )
        left = found.entities[known] * relations[triples[:, 1]]
        return np.asarray((left @ found.entities.conj().T).real)


def link_settings(name: str, path: Path | None = None) -> Fitting:
    """Return the settings of a bundled graph, from `kg/embeddings.toml`."""
    return table(Fitting, "links", name, path=path)


def link_model(
    name: str, seed: int, *, settings: Fitting | None = None, progress: Progress = silent
) -> LinkModel:
    """Return a model trained on the training part of a bundled graph, with its pinned settings.

    Raises:
        InputError: WW-LEARN-GRAPH, where no bundled graph has the name.
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    graph = link_graph(name)
    return LinkModel(
        train(
            graph.train,
            len(graph.entities),
            len(graph.relations),
            link_settings(name) if settings is None else settings,
            seed=seed,
            stage=name,
            inverses=True,
            ranged=False,
            progress=progress,
        )
    )


def filtered_mrr(
    graph: LinkGraph, scores: Scorer, part: Literal["valid", "test"] = "test"
) -> float:
    """Return the filtered mean reciprocal rank of both sides, ties counted as they fall on average.

    Args:
        graph: whose triples are asked for.
        scores: of every entity in the place of a side; larger is better.
        part: which triples.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    torch, _ = neural_parts()
    from pykeen.evaluation import RankBasedEvaluator  # noqa: PLC0415

    asked = graph.test if part == "test" else graph.valid
    evaluator = RankBasedEvaluator()
    rows = np.arange(len(asked))
    for side, column in (("head", 0), ("tail", 2)):
        given = np.array(scores(asked, side), dtype=np.float64)  # type: ignore[arg-type]
        true = given[rows, asked[:, column]].copy()
        others: dict[tuple[int, int], list[int]] = {}
        for triple in graph.known.tolist():
            others.setdefault((triple[2 - column], triple[1]), []).append(triple[column])
        for n, triple in enumerate(asked.tolist()):
            given[n, others[triple[2 - column], triple[1]]] = np.nan
        given[rows, asked[:, column]] = true
        evaluator.process_scores_(
            hrt_batch=torch.as_tensor(asked),
            target=side,
            scores=torch.as_tensor(given),
            true_scores=torch.as_tensor(true)[:, None],
        )
    return float(evaluator.finalize().get_metric("both.realistic.inverse_harmonic_mean_rank"))
