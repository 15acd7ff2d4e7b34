"""A look that was shown before, replayed: as the graph is now, as it was, or less something.

Where nothing is left out and nothing has changed, what is replayed is what was shown, byte by byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wearwhy.errors import NoAnswer
from wearwhy.explain.compare import SAME, Key, key_of
from wearwhy.explain.terms import ExplainedLook, explain, explain_terms, in_a_row
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look, Placed, look_layer
from wearwhy.outfit.score import Term, total
from wearwhy.rdf import NamedNode, curie
from wearwhy.rules.layer import Change, Layer
from wearwhy.store.database import Store
from wearwhy.workspace.layers import Layers, budget_of
from wearwhy.workspace.leaving import left_out, meant
from wearwhy.workspace.planned import laid_over, taken
from wearwhy.workspace.remembered import request_from, terms_from
from wearwhy.workspace.state import State

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Moved:
    """A term that is worth something else than it was shown with; None: there is no such term."""

    term: Term
    shown: float | None
    now: float | None

    @property
    def difference(self) -> float:
        """What it is worth more now, in points."""
        return (self.now or 0.0) - (self.shown or 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """A remembered look, replayed.

    Attributes:
        look: explained, on the graph that it was replayed on.
        said: what was written down when it was shown.
        revision: of that graph.
        without: what was left out.
        moved: the terms that changed since it was shown, the largest change first; None where
            what it was shown with was not written down.
        place: among the looks that its request gets now, from 1; None where it is not among them.
    """

    look: ExplainedLook
    said: dict[str, Any]
    revision: int
    without: tuple[str | NamedNode, ...]
    moved: tuple[Moved, ...] | None
    place: int | None

    @property
    def same(self) -> bool:
        """Whether every term is worth what it was shown with, and the look stands where it did."""
        return self.moved == () and self.place == self.said.get("place", self.place)


def replay(workspace: Workspace, look_id: str, name: str | None = None) -> ExplainedLook:
    """Return a remembered look with the evidence of each term, as the graph has it now.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN.
        NoAnswer: WW-REPLAY-GONE, where an item of it is no longer there.
    """
    said = workspace.look(look_id, name)
    return _explained(workspace, said, workspace.layer(name), workspace.resources, name)


def replayed(
    workspace: Workspace,
    look_id: str,
    name: str | None = None,
    *,
    without: Sequence[str] = (),
    as_of: int | None = None,
) -> Replayed:
    """Return a remembered look as it is now, or as of a revision, or without something.

    Args:
        workspace: open.
        look_id: its id, or its place among the looks that were shown last.
        name: the wardrobe.
        without: kinds of `leaving.WORDS`, and rules.
        as_of: a revision of the store's history; what is at rest beside the store, such as a
            model, has no history and is as it is now. None: as the graph is now.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN; WW-WITHOUT-UNKNOWN.
        InputError: WW-WITHOUT-AMBIGUOUS.
        StoreError: WW-STORE-REVISION, there is no such revision.
        NoAnswer: WW-REPLAY-GONE, where an item of the look is not in that graph.
    """
    said = workspace.look(look_id, name)
    layer = _layer(workspace, name, as_of)
    left = meant(layer, without)
    resources = workspace.resources
    if left:
        layer, resources = left_out(layer, resources, left)
    look = _explained(workspace, said, layer, resources, name)
    return Replayed(
        look,
        said,
        workspace.revision if as_of is None else as_of,
        left,
        _moved(look, terms_from(said)),
        _place(look.look, *laid_over(layer, resources, said)),
    )


def _layer(workspace: Workspace, name: str | None, as_of: int | None) -> Layer:
    if as_of is None or as_of == workspace.revision:
        return workspace.layer(name)
    layers = Layers(workspace.bundled, workspace.folder, budget_of(workspace.settings))
    state = state_at(workspace, as_of)
    if name is None and not state.owners("wardrobe"):
        return layers.base(state)
    return layers.wardrobe(state, workspace.wardrobe(name))


def state_at(workspace: Workspace, revision: int) -> State:
    """Return what a workspace held at a revision of its history.

    Raises:
        StoreError: WW-STORE-REVISION, there is no such revision.
    """
    with Store.open(workspace.folder, write=False) as store:
        quads = store.at(revision)
    graphs: dict[NamedNode, list[Any]] = {}
    for quad in sorted(quads, key=lambda q: (q.graph.value, *map(str, q.fact))):
        graphs.setdefault(quad.graph, []).append(quad.fact)
    return State(revision, {graph: tuple(facts) for graph, facts in graphs.items()})


def _explained(
    workspace: Workspace,
    said: dict[str, Any],
    layer: Layer,
    resources: Resources,
    name: str | None,
) -> ExplainedLook:
    """Return a look explained, knowing the looks that were shown above it."""
    _require(said, layer, resources)
    above = [
        one
        for one in (workspace.look(look_id, name) for look_id in said.get("before", ()))
        if not _gone(one, layer, resources)
    ]
    looks = [_one(one, layer, resources, trials=False) for one in above]
    return in_a_row([*looks, _one(said, layer, resources, trials=True)])[-1]


def _one(
    said: dict[str, Any], layer: Layer, resources: Resources, *, trials: bool
) -> ExplainedLook:
    layer, resources = laid_over(layer, resources, said)
    look = look_from(said, len(resources.index(layer).items))
    request_layer = layer.child(Change(add=look.request.facts()))
    terms = explain_terms(look_layer(request_layer, look), look, resources)
    full = replace(look, terms=terms, score=total(terms))
    found = explain(request_layer, full, resources, trials=trials)
    return replace(found, taken=taken(said))


def _gone(said: dict[str, Any], layer: Layer, resources: Resources) -> list[NamedNode]:
    at = resources.index(layer).at
    items = (NamedNode(placed["item"]) for placed in said["items"])
    return [item for item in items if item not in at]


def _require(said: dict[str, Any], layer: Layer, resources: Resources) -> None:
    gone = _gone(said, layer, resources)
    if gone:
        raise NoAnswer(
            "WW-REPLAY-GONE",
            f"{curie(gone[0])} of {said['id']} is not in this graph.",
            note="A look is replayed with the very items that it was shown with.",
            hint=f"It was shown at revision {said['revision']}: replay it as of that.",
            command=f"--as-of {said['revision']} does.",
        )


def _moved(look: ExplainedLook, shown: tuple[Term, ...] | None) -> tuple[Moved, ...] | None:
    if shown is None:
        return None
    before, after = _by_key(look.look, shown), _by_key(look.look, (t.term for t in look.terms))
    found = []
    for key in dict.fromkeys([*before, *after]):
        was, now = before.get(key, ()), after.get(key, ())
        told = Moved((*now, *was)[0], total(was) if was else None, total(now) if now else None)
        if abs(told.difference) > SAME:
            found.append((key, told))
    found.sort(key=lambda one: (-round(abs(one[1].difference), 9), one[0]))
    return tuple(told for _, told in found)


def _by_key(look: Look, terms: Iterable[Term]) -> dict[Key, list[Term]]:
    found: dict[Key, list[Term]] = {}
    for term in terms:
        found.setdefault(key_of(look, term), []).append(term)
    return found


def _place(look: Look, layer: Layer, resources: Resources) -> int | None:
    try:
        looks = recommend(layer, look.request, resources).looks
    except NoAnswer:
        return None
    places = [n for n, one in enumerate(looks, 1) if set(one.items) == set(look.items)]
    return places[0] if places else None


def look_from(said: dict[str, Any], collection: int) -> Look:
    """Return the look that was written down, its terms still to be counted."""
    return Look(
        request=request_from(said["request"]),
        template=NamedNode(said["template"]),
        placed=tuple(Placed(NamedNode(p["item"]), NamedNode(p["slot"])) for p in said["items"]),
        score=0.0,
        terms=(),
        seed=said["seed"],
        collection=collection,
    )
