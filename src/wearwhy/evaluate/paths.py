"""How good the walks are that explain looks: how recent, how well known, how diverse.

The measures are those of Balloccu, Boratto, Fenu and Marras, "Post Processing Recommender Systems
with Knowledge Graphs for Recency, Popularity, and Diversity of Explanations" (SIGIR 2022), each
from 0 to 1:

- *LIR*, linking interaction recency: of the dated outfits that walks lead through. Outfits are
  taken from the oldest to the newest, r₁ = t₁ and rᵢ = (1 − β) rᵢ₋₁ + β tᵢ, brought to 0 … 1.
- *SEP*, shared entity popularity: of the node that tells a walk, by how many nodes its next step
  leads to; the same average over the nodes of its kind from the least known to the best known.
- *ETD*, explanation type diversity: the different meta-paths among k walks, of the most that
  there could be: the smaller of k and the number of declared ones.

Beside the walks that a look's weightiest terms cite stand those that sentences tell, one a meta-path
through its newest outfit, and as many drawn at random of the same look as are cited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wearwhy.errors import NoAnswer
from wearwhy.evaluate.walked import Walk, cited, declared, told, walks
from wearwhy.explain.sentences import read
from wearwhy.learn.metrics import Figure
from wearwhy.outfit.request import Request
from wearwhy.rdf import Node
from wearwhy.rules.layer import Layer
from wearwhy.walk.graph import held_out
from wearwhy.walk.metapaths import MetaPath
from wearwhy.wearer.log import worn

if TYPE_CHECKING:
    from wearwhy.workspace import Workspace

BETA = 0.3
DRAWS = 20
ROUNDS = 2000
MEASURES = ("lir", "sep", "etd")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Beside:
    """A measure of cited walks, of told and random ones, and how much more the cited have."""

    looks: int
    cited: Figure
    told: Figure
    random: Figure
    more: Figure

    def as_dict(self) -> dict[str, object]:
        """Return the figures as they are printed in JSON."""
        return {
            "n": self.looks,
            "cited": self.cited.as_dict(),
            "told": self.told.as_dict(),
            "random": self.random.as_dict(),
            "more": self.more.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Paths:
    """What was measured; a measure that no look has is left out.

    Attributes:
        requests: that were answered.
        looks: with at least one cited walk.
        most: walks that were measured of a look.
        beta: the weight of the next in the moving averages.
        measures: by name.
    """

    requests: int
    looks: int
    most: int
    beta: float
    measures: Mapping[str, Beside]

    def as_dict(self) -> dict[str, Any]:
        """Return what `evaluate paths --json` prints."""
        return {
            "requests": self.requests,
            "looks": self.looks,
            "walks": self.most,
            "beta": self.beta,
            **{name: one.as_dict() for name, one in self.measures.items()},
        }


@dataclass(frozen=True, slots=True)
class Scales:
    """What recency and popularity are read from: one number a dated outfit, one a node and path."""

    recency: Mapping[Node, float]
    popularity: Mapping[tuple[Node, Node], float]
    kinds: int

    def of(self, those: Sequence[Walk], most: int) -> tuple[float, float, float]:
        """Return LIR, SEP and ETD of some walks; NaN where no walk leads through a dated outfit."""
        recent = [
            max(self.recency[node] for node in one.nodes if node in self.recency)
            for one in those
            if any(node in self.recency for node in one.nodes)
        ]
        known = [self.popularity[one.path, one.via] for one in those]
        kinds = len({one.path for one in those}) / min(most, self.kinds)
        return (
            float(np.mean(recent)) if recent else float("nan"),
            float(np.mean(known)),
            kinds,
        )


def smoothed(values: Mapping[Any, float], beta: float) -> dict[Node, float]:
    """Return values averaged from the least to the greatest, and brought to 0 … 1.

    What has one value has one average: the last of its run. Where all are one, it is 1.
    """
    found: dict[float, float] = {}
    average = 0.0
    for number, (value, times) in enumerate(sorted(Counter(values.values()).items())):
        for _ in range(times):
            average = value if not found and not number else (1 - beta) * average + beta * value
        found[value] = average
    low, high = min(found.values(), default=0.0), max(found.values(), default=0.0)
    span = high - low
    return {
        node: (found[value] - low) / span if span else 1.0
        for node, value in sorted(values.items(), key=lambda one: str(one[0]))
    }


def scales(layer: Layer, paths: Sequence[MetaPath], met: Sequence[Walk], beta: float) -> Scales:
    """Return the scales of a wardrobe, for the nodes that some walks are told by."""
    aside = held_out(layer)
    days = {
        one.outfit: float(one.on.toordinal())
        for one in worn(layer)
        if one.on is not None and one.outfit not in aside
    }
    popularity: dict[tuple[Node, Node], float] = {}
    by_path = {path.iri: path for path in paths}
    for iri in dict.fromkeys(one.path for one in met):
        path = by_path[iri]
        nodes = {one.via for one in met if one.path == iri}
        at = next(one.nodes.index(one.via) for one in met if one.path == iri)
        step = path.steps[at]
        reached = {node: float(len(step.targets(layer, node))) for node in nodes}
        for node, value in smoothed(reached, beta).items():
            popularity[iri, node] = value
    return Scales(smoothed(days, beta), popularity, len(paths))


def requests_of(layer: Layer, most: int) -> tuple[Request, ...]:
    """Return a request for each set of occasions that was dressed for, the most frequent first.

    They are dated the day after the last outfit of the log.
    """
    found = [one for one in worn(layer) if one.on is not None and one.occasions]
    if not found:
        return ()
    after = max(one.on for one in found if one.on is not None) + timedelta(days=1)
    counted = Counter(one.occasions for one in found)
    ranked = sorted(counted, key=lambda those: (-counted[those], [o.value for o in those]))
    return tuple(Request(occasions=those, date=after) for those in ranked[:most])


def paths(
    workspace: Workspace,
    name: str | None = None,
    *,
    requests: Sequence[Request] = (),
    sample: int = 50,
    most: int = 5,
    beta: float = BETA,
    seed: int = 0,
) -> Paths:
    """Return how good the walks are that a wardrobe's looks cite, beside random ones.

    Args:
        workspace: open.
        name: the wardrobe.
        requests: to recommend for; those of its log, if none are given.
        sample: how many of these at most.
        most: how many walks of a look are measured.
        beta: the weight of the next in the moving averages, above 0 and up to 1.
        seed: of the random walks and of the bootstrap over looks.

    Raises:
        NoAnswer: WW-PATHS-NONE, where no look cites a walk.
    """
    layer = workspace.layer(name)
    kinds = declared(layer)
    asked = (requests or requests_of(layer, sample))[:sample]
    of_looks: list[Walked] = []
    templates = read(workspace.bundle.folder / "kg" / "sentences.toml")
    answered = 0
    for request in asked:
        try:
            found = workspace.suggest(request, name)
        except NoAnswer:
            continue
        answered += 1
        for look in found.looks:
            explained = workspace.explain(look, name, trials=False)
            among = walks(explained, kinds)
            mine = cited(explained, among, most)
            if mine:
                of_looks.append(Walked(mine, told(explained, among, templates)[:most], among))
    if not of_looks:
        raise NoAnswer(
            "WW-PATHS-NONE",
            "No look cites a walk, so there is nothing to measure.",
            note="Walks lead through what was worn for an occasion, or through what is locked.",
            hint="Load a log of outfits, or give requests with locked items: --requests FILE.",
        )
    measured = scales(layer, kinds, [walk for one in of_looks for walk in one.among], beta)
    rng = np.random.default_rng(seed)
    rows = np.array([_row(measured, one, most, rng) for one in of_looks])
    return Paths(answered, len(of_looks), most, beta, _beside(rows, rng))


@dataclass(frozen=True, slots=True)
class Walked:
    """The walks of a look: those cited, those told, and all that there are."""

    cited: list[Walk]
    told: list[Walk]
    among: list[Walk]


def _row(measured: Scales, one: Walked, most: int, rng: np.random.Generator) -> Floats:
    """Return the measures of cited and of told walks, and their means over random draws."""
    draws = []
    for _ in range(DRAWS):
        size = min(len(one.cited), len(one.among))
        picked = rng.choice(len(one.among), size=size, replace=False)
        draws.append(measured.of([one.among[n] for n in picked], most))
    found = np.array(draws)
    seen = ~np.isnan(found)
    random = np.where(seen, found, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    random[~seen.any(axis=0)] = np.nan
    nothing = (np.nan,) * len(MEASURES)
    told_ = measured.of(one.told, most) if one.told else nothing
    return np.stack([np.array(measured.of(one.cited, most)), np.array(told_), random])


def _beside(rows: Floats, rng: np.random.Generator) -> dict[str, Beside]:
    found = {}
    for n, measure in enumerate(MEASURES):
        all_ = rows[:, :, n]
        all_ = all_[~np.isnan(all_).any(axis=1)]
        if len(all_):
            mine, told_, others = all_.T
            picked = rng.integers(len(all_), size=(ROUNDS, len(all_)))
            of = [_figure(values, picked) for values in (mine, told_, others, mine - others)]
            found[measure] = Beside(len(all_), *of)
    return found


def _figure(values: Floats, picked: NDArray[np.int64]) -> Figure:
    low, high = np.quantile(values[picked].mean(axis=1), [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high))
