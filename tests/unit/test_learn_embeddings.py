"""Embeddings: what they must learn, that they repeat themselves, and how they stand on UMLS."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from wearwhy.errors import FormatError, InputError
from wearwhy.learn import embeddings
from wearwhy.learn.additive import Floats
from wearwhy.learn.embeddings import links
from wearwhy.learn.embeddings.composed import Composed, composed_of
from wearwhy.learn.embeddings.settings import Fitting, table

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None or importlib.util.find_spec("pykeen") is None,
    reason="the extra `neural` (torch, pykeen) is not installed",
)
SMALL = replace(embeddings.settings(), dimensions=8, epochs=10, batch=16, links=0.0)
GROUPS = np.array([0, 0, 1, 1, 2, 2])


def planted() -> csr_matrix:
    """Cloth (0–1) and cut (2–3) mean a season (4–5) together; neither does alone."""
    cloth, cut = np.arange(64) % 2, np.arange(64) // 2 % 2
    rows = np.column_stack([cloth, 2 + cut, 4 + (cloth ^ cut)])
    return csr_matrix(
        (np.ones(rows.size), rows.ravel(), np.arange(0, rows.size + 1, 3)), shape=(64, 6)
    )


def composed(epochs: int = 10, seed: int = 1, **more: object) -> Composed:
    settings = replace(SMALL, epochs=epochs, spread=0.3, n3=1e-4, hiding=0.0)
    return embeddings.compose(
        planted(),
        GROUPS,
        settings,
        seed=seed,
        hides={2: [2]},
        **more,  # type: ignore[arg-type]
    )


def test_every_setting_is_pinned_and_a_graph_without_settings_is_refused(tmp_path: Path) -> None:
    assert embeddings.settings().spread < 0.01
    assert links.link_settings("umls").n3 > 0
    with pytest.raises(FormatError) as caught:
        table(Fitting, "links", "wordnet")
    assert caught.value.code == "WW-LEARN-PLAN"
    broken = tmp_path / "embeddings.toml"
    broken.write_text("[items", encoding="utf-8")
    with pytest.raises(FormatError):
        embeddings.settings(broken)


def test_a_graph_that_would_be_downloaded_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        links.link_graph("fb15k237")
    assert caught.value.code == "WW-LEARN-GRAPH"


def test_a_composed_items_score_is_that_of_complex() -> None:
    rng = np.random.default_rng(0)

    def drawn(rows: int) -> np.ndarray[tuple[int, int], np.dtype[np.complex128]]:
        return rng.normal(size=(rows, 3)) + 1j * rng.normal(size=(rows, 3))

    entities, relations, inverses = drawn(7), drawn(4), drawn(4)
    model = composed_of(entities, relations, inverses, GROUPS, 0.0)
    vectors = model.fold([np.array([0, 3]), np.array([], dtype=np.int64)])
    said = entities[6] * inverses[3] + entities[0] * inverses[0] + entities[3] * inverses[1]
    item = np.tanh(said.real) + 1j * np.tanh(said.imag)
    for token in (4, 5):
        score = (item * relations[2] * entities[token].conj()).real.sum()
        assert model.scores(vectors, np.array([token]))[0, 0] == pytest.approx(score)


@needs_torch
@pytest.mark.slow
def test_two_facts_mean_together_what_neither_means_alone() -> None:
    model = composed(epochs=100)
    rows = [np.array([cloth, 2 + cut]) for cloth in (0, 1) for cut in (0, 1)]
    found = model.scores(model.fold(rows), np.array([4, 5])).argmax(axis=1)
    assert found.tolist() == [0, 1, 1, 0]


@needs_torch
@pytest.mark.slow
def test_the_same_seed_gives_the_same_vectors_and_resuming_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "half.safetensors"
    whole = composed()
    composed(epochs=5, checkpoint=file)
    rest = composed(checkpoint=file, resume=True)
    assert np.array_equal(whole.rows, rest.rows)
    assert np.array_equal(whole.into, rest.into)
    assert not np.array_equal(whole.rows, composed(seed=2).rows)
    with pytest.raises(FormatError) as caught:
        composed(seed=2, checkpoint=file, resume=True)
    assert caught.value.code == "WW-LEARN-CHECKPOINT"


@needs_torch
@pytest.mark.slow
def test_resuming_what_is_finished_gives_the_same_loss(tmp_path: Path) -> None:
    file = tmp_path / "whole.safetensors"
    whole = composed(checkpoint=file)
    again = composed(checkpoint=file, resume=True)
    assert again.loss == whole.loss == composed().loss
    assert np.array_equal(whole.rows, again.rows)


@needs_torch
@pytest.mark.slow
def test_a_large_range_is_learned_from_a_sample_of_it() -> None:
    """Items of one kind share 40 words, those of the other kind the other 40."""
    rng = np.random.default_rng(3)
    kind = np.arange(200) % 2
    rows = np.array([[k, *(2 + 40 * k + rng.permutation(40)[:5])] for k in kind])
    design = csr_matrix(
        (np.ones(rows.size), rows.ravel(), np.arange(0, rows.size + 1, 6)), shape=(200, 82)
    )
    groups = np.repeat([0, 1], [2, 80])
    model = embeddings.compose(
        design, groups, replace(SMALL, candidates=16, epochs=20), seed=1, hides={0: [0]}
    )
    scores = model.scores(model.fold([np.array([0]), np.array([1])]), np.arange(2, 82))
    assert scores[0, :40].min() > scores[0, 40:].max()
    assert scores[1, 40:].min() > scores[1, :40].max()


@needs_torch
@pytest.mark.slow
def test_links_among_values_tell_of_a_value_that_no_item_has() -> None:
    """Cloths 0 and 1 mean seasons 3 and 4; no item has cloth 2, which is a kind of cloth 1."""
    cloth = np.arange(64) % 2
    rows = np.column_stack([cloth, 3 + cloth, 5 + cloth])
    design = csr_matrix(
        (np.ones(rows.size), rows.ravel(), np.arange(0, rows.size + 1, 3)), shape=(64, 7)
    )
    among = np.array([[0, 3, 5], [1, 3, 6], [2, 3, 6]])
    model = embeddings.compose(
        design,
        np.array([0, 0, 0, 1, 1, 2, 2]),
        replace(SMALL, epochs=60, links=1.0),
        seed=1,
        hides={1: [1], 2: [2]},
        links=among,
    )
    scores = model.scores(model.fold([np.array([2])]), np.array([3, 4]))
    assert scores[0, 1] > scores[0, 0]


@needs_torch
@pytest.mark.slow
def test_the_loops_scores_are_pykeens() -> None:
    import torch

    from wearwhy.learn.embeddings.loops import choice_loss, range_of
    from wearwhy.learn.embeddings.training import _model

    _, pykeen = embeddings.neural_parts()
    settings = replace(SMALL, spread=0.5)
    model, _ = _model(9, 3, settings, seed=1, torch=torch, pykeen=pykeen)
    asked = torch.as_tensor([[0, 2], [3, 4]])
    values, relations = model.entity_representations[0], model.relation_representations[0]
    span = np.array([1, 4, 6, 8])
    found = choice_loss(
        values(asked[:, 0]) * relations(asked[:, 1]),
        values,
        np.array([4, 8]),
        range_of(span, np.ones(4, int)),
        drawn=10,
        rng=np.random.default_rng(0),
    )
    scores = model.score_t(asked, tails=torch.as_tensor(span))
    wanted = torch.nn.functional.cross_entropy(scores, torch.as_tensor([1, 3]))
    assert found.item() == pytest.approx(wanted.item(), rel=1e-5)


@needs_torch
@pytest.mark.slow
def test_complex_completes_umls() -> None:
    """The whole training reaches .95; what a third of it reaches holds the bound."""
    graph = links.link_graph("umls")
    settings = replace(links.link_settings("umls"), epochs=7)
    model = links.link_model("umls", 1, settings=settings)
    assert links.filtered_mrr(graph, model.scores) > 0.90


@needs_torch
@pytest.mark.slow
def test_ties_are_worth_their_mean_rank() -> None:
    graph = links.link_graph("nations")

    def same(triples: links.Triples, side: links.Side) -> Floats:
        return np.zeros((len(triples), len(graph.entities)))

    assert 0.1 < links.filtered_mrr(graph, same) < 0.6
