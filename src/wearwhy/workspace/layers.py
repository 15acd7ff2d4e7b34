"""The closed graphs of a workspace, kept and followed from one state to the next.

A state that differs from the last one by little costs little: what changed in a graph's effective
content becomes one thin layer over the graph as it was closed last. A wardrobe first lies on the
base; when the base moves on, it stays on the base it was closed over and takes the base's change
as a change of its own, so that neither is closed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wearwhy.rules.budget import Budget
from wearwhy.rules.layer import Layer
from wearwhy.settings import Settings
from wearwhy.workspace.bundle import Bundle, ontology_layer
from wearwhy.workspace.content import Content, Reader, difference
from wearwhy.workspace.ontology import ground_of, ontology_texts
from wearwhy.workspace.state import State


@dataclass(frozen=True, slots=True, eq=False)
class _Closed:
    """A closed graph and the state it was last found to stand for.

    Attributes:
        state: the state that was asked about last.
        content: what it was closed over.
        layers: what it lies on, which is not its own; then its own layers, the last one on top.
        wrote: rows written since it was first closed, that closing included.
        base: for a wardrobe, what the base had written when the wardrobe was laid on it.
    """

    state: State
    content: Content
    layers: tuple[Layer, ...]
    wrote: int = 0
    base: int = 0

    @property
    def layer(self) -> Layer:
        """The closed graph."""
        return self.layers[-1]


def budget_of(settings: Settings) -> Budget:
    """Return what a workspace's settings let one closing cost."""
    return Budget(
        conclusions=settings.budget_conclusions,
        seconds=settings.budget_seconds,
        rounds=settings.budget_rounds,
        memory=settings.budget_memory,
    )


def rows(layer: Layer) -> int:
    """Return how many rows a layer is kept as: its changes, and its ground if it has its own."""
    own = len(layer.entries) + len(layer.gone)
    if layer.under is None and layer.ground is not None:
        own += len(layer.ground)
    return own


def laid(layers: tuple[Layer, ...], top: Layer) -> tuple[Layer, ...]:
    """Return layers with one more over them, made few again where they have become many.

    Each layer but the lowest two has less than half the rows of the one below it, so that there
    are no more than the logarithm of all edits, and a row is moved no oftener than that.

    Args:
        layers: the first is left alone.
        top: lies on the last.
    """
    own = list(layers[1:])
    while own and 2 * rows(top) >= rows(own[-1]):
        own.pop()
        top = top.flattened(own[-1] if own else layers[0])
    return (layers[0], *own, top)


@dataclass(slots=True)
class Layers:
    """The closed layers of a workspace.

    Nothing is kept of a closing that fails or is interrupted: the next question finds what the
    last whole one left.

    Attributes:
        bundle: the ontology and rules that travel with the engine.
        folder: of the workspace.
        budget: what each closing may cost, those of requests and trials over it included.
    """

    bundle: Bundle
    folder: Path
    budget: Budget = field(default_factory=Budget)
    _reader: Reader = field(init=False)
    _base: _Closed | None = field(init=False, default=None)
    _wardrobes: dict[str, _Closed] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._reader = Reader(self.folder, self.bundle)

    def base(self, state: State) -> Layer:
        """Return the ontology with the base's rules and every catalogue.

        Raises:
            RuleError: where the rules cannot be stratified, or exceed their budget.
        """
        return self._closed_base(state).layer

    def wardrobe(self, state: State, name: str) -> Layer:
        """Return a wardrobe: a thin overlay on the base with its own facts, guesses and rules.

        Raises:
            RuleError: where the rules cannot be stratified, or exceed their budget.
        """
        base = self._closed_base(state)
        known = self._wardrobes.get(name)
        if known is not None and known.state is state:
            return known.layer
        content = self._content(state, name)
        # What the base wrote since, the wardrobe has written too: not more than its own.
        if known is None or 2 * (base.wrote - known.base) > sum(map(rows, known.layers[1:])):
            known = _Closed(state, base.content, (base.layer,), base=base.wrote)
        found = self._wardrobes[name] = self._followed(known, state, content)
        return found.layer

    def trial(self, state: State, after: State, name: str | None = None) -> tuple[Layer, Layer]:
        """Return a graph as it is, and as it would be; the second is kept nowhere.

        Args:
            state: what the workspace holds.
            after: what it would hold.
            name: a wardrobe; None for the base.

        Returns:
            The layer of the state, and a layer over it (the same, where nothing differs).

        Raises:
            RuleError: where the changed rules cannot be stratified, or exceed their budget.
        """
        before = self.base(state) if name is None else self.wardrobe(state, name)
        root = self._root(after)
        if root is not self._root(state):
            # Measures belong to a program as a whole: other ones make another graph.
            other = Layers(self.bundle, self.folder, self.budget)
            return before, other.base(after) if name is None else other.wardrobe(after, name)
        change = difference(
            root, self._content(state, name), self._content(after, name, keep=False)
        )
        return before, before.child(change, budget=self.budget) if change is not None else before

    def _root(self, state: State) -> Layer:
        return ontology_layer(ground_of(self.bundle, ontology_texts(state)))

    def _content(self, state: State, name: str | None = None, *, keep: bool = True) -> Content:
        own: Sequence[str] = () if name is None else (f"wardrobe/{name}",)
        shops = (f"catalogue/{shop}" for shop in state.owners("catalogue"))
        return self._reader.content(state, ("base", *shops, *own), keep=keep)

    def _closed_base(self, state: State) -> _Closed:
        if self._base is not None and self._base.state is state:
            return self._base
        root = self._root(state)
        known = self._base
        if known is None or known.layers[0] is not root:
            self._wardrobes.clear()
            known = _Closed(state, Content(), (root,))
        self._base = known = self._followed(known, state, self._content(state))
        return known

    def _followed(self, known: _Closed, state: State, content: Content) -> _Closed:
        change = difference(self._root(state), known.content, content)
        if change is None:
            return replace(known, state=state, content=content)
        top = known.layer.child(change, budget=self.budget)
        return _Closed(state, content, laid(known.layers, top), known.wrote + rows(top), known.base)
