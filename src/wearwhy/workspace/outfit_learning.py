"""Learning from the outfits of a workspace: which things go together, and what walks are worth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.outfits import OutfitModel, values
from wearwhy.learn.outfits import plan as plans
from wearwhy.learn.outfits.files import save
from wearwhy.learn.outfits.material import Material, Photographs, components, material
from wearwhy.learn.outfits.train import Asked, train
from wearwhy.learn.source_columns import columns
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.together import judged
from wearwhy.outfit.unasked import unasked
from wearwhy.rdf import RDFS, TYPE, WW, Fact, curie
from wearwhy.rules.layer import Layer
from wearwhy.walk import companions
from wearwhy.walk.company import Companions
from wearwhy.walk.graph import Apart, held_out, named, number
from wearwhy.walk.metapaths import MetaPath
from wearwhy.workspace.model import pictures

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
PLAN = "outfits.toml"


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning came to.

    Attributes:
        model: kept in the workspace.
        labels: what each walk is called.
    """

    model: OutfitModel
    labels: Mapping[NamedNode, str]

    def as_dict(self) -> dict[str, Any]:
        """Return it as a document."""
        walks = {curie(walk): weight for walk, weight in self.model.walks.items()}
        return {
            **self.model.card,
            "multipliers": dict(self.model.multipliers),
            "walks": walks,
        }


def learn(
    workspace: Workspace,
    name: str | None = None,
    *,
    without: Collection[str] = (),
    seed: int | None = None,
    resume: bool = False,
    progress: Callable[[str, int, int], None],
) -> Learned:
    """Learn from every outfit of the base and a wardrobe that is not held out; keep the model.

    An outfit counts once, and by the opinions on it: more when it is liked, not at all when it is
    disliked enough.

    Raises:
        InputError: WW-OUTFITS-FEW, WW-OUTFITS-PART.
        FormatError: WW-OUTFITS-PLAN.
        NotInstalled: WW-EXTRA-NEURAL, where the extra `neural` is not installed.
    """
    plan = plans.read(workspace.bundle.folder / "kg" / PLAN)
    layer = workspace.layer(name)
    resources = replace(workspace.resources, pairing_model=None, pictures=None)
    index = resources.index(layer)
    progress("reading", 0, 1)
    found = _material(workspace, layer, index, plan, without)
    progress("reading", 1, 1)
    every = companions.read(layer)
    model = train(
        found,
        plan,
        Asked(
            tuple(path.iri for path in every),
            lambda away: _walked(layer, found, every, away),
            lambda sets: _ruled(layer, index, resources, found, sets),
        ),
        without=without,
        seed=seed,
        folder=workspace.folder / "model" / "checkpoints",
        resume=resume,
        said={"revision": workspace.revision},
        progress=progress,
    )
    save(model, workspace.folder / "model")
    labels = {path.iri: dict(path.label).get("en", curie(path.iri)) for path in every}
    return Learned(model, labels)


def _material(
    workspace: Workspace,
    layer: Layer,
    index: Index,
    plan: plans.Plan,
    without: Collection[str],
) -> Material:
    items = index.items
    read = values.of(layer, items, values.properties([one.iri for one in columns(layer)], plan))
    worn = _outfits(layer)
    return material(
        read,
        values.vocabulary(read, plan),
        worn,
        {outfit: _weight(layer, outfit) for outfit in worn},
        kinds={item: _kind(layer, item) for item in items},
        photographs=None if "photos" in without else _photographs(workspace, items, plan),
        plan=plan,
    )


def _outfits(layer: Layer) -> dict[NamedNode, list[NamedNode]]:
    """Return the items of each outfit that is not held out."""
    held = held_out(layer)
    return {
        outfit: named(layer.objects(outfit, WW.hasItem))
        for outfit in named(layer.subjects(TYPE, WW.Outfit))
        if outfit not in held
    }


def _weight(layer: Layer, outfit: NamedNode) -> float:
    """Return what an outfit counts: 1, and the strength of each opinion on it."""
    given = layer.subjects(WW.about, outfit)
    return max(0.0, 1.0 + sum(number(layer, one, WW.strength) or 0.0 for one in given))


def _kind(layer: Layer, item: NamedNode) -> NamedNode:
    """Return what sort of thing an item is: what its own class is a class of."""
    own = [
        kind
        for kind in named(layer.objects(item, TYPE))
        if kind.value.startswith(WW) and layer.kind(Fact(item, TYPE, kind)) is Kind.ASSERTED
    ]
    if not own:
        return WW.Item
    above = [
        node
        for node in named(layer.objects(own[0], RDFS.subClassOf))
        if node != own[0] and layer.kind(Fact(own[0], RDFS.subClassOf, node)) is Kind.ASSERTED
    ]
    return above[0] if above else own[0]


def _photographs(
    workspace: Workspace, items: Sequence[NamedNode], plan: plans.Plan
) -> Photographs | None:
    found = pictures(workspace.folder)
    if found is None:
        return None
    raw, mask = found.matrix(items)
    return components(raw, mask, plan.training.components)


def _walked(
    layer: Layer,
    found: Material,
    paths: Sequence[MetaPath],
    away: Collection[int],
) -> Callable[[Ints, Ints], Floats]:
    """Return what walks say of pairs, some of the outfits held out besides."""
    outfits = [found.names[n] for n in away]
    company = Companions.of(Apart(layer, held_out(layer) | set(outfits)), found.items, paths)

    def features(firsts: Ints, seconds: Ints) -> Floats:
        return company.features([found.items[n] for n in firsts], [found.items[n] for n in seconds])

    return features


def _ruled(
    layer: Layer,
    index: Index,
    resources: Resources,
    found: Material,
    sets: Sequence[Sequence[int]],
) -> Floats:
    """Return what rules say of sets of items, in points."""
    named_sets = [tuple(found.items[n] for n in one) for one in sets]
    said = judged(
        unasked(layer), index, resources, named_sets, without={"photos", "walks", "neural"}
    )
    return np.asarray(said.rule / index.scoring.multipliers["rule"])
