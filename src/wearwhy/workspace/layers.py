"""The closed graphs of a workspace, kept and followed from one state to the next.

A state that differs from the last one by little costs little: what changed in a graph's effective
content becomes one thin layer over the graph as it was closed last. A wardrobe first lies on the
base; when the base moves on, it stays on the base it was closed over and takes the base's change
as a change of its own, so that neither is closed anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Final

from wearwhy.errors import BudgetExceeded, RuleError
from wearwhy.rules.budget import Budget, Interrupted
from wearwhy.rules.layer import Layer
from wearwhy.settings import Settings
from wearwhy.workspace.atrest import Held
from wearwhy.workspace.bundle import Bundle, ontology_layer
from wearwhy.workspace.content import Content, Reader, difference
from wearwhy.workspace.ontology import ground_of, ontology_texts
from wearwhy.workspace.state import State

ROOM: Final = 1650 << 20
"""Bytes that closed wardrobes may take, about: 760 of sixty items, of 4,000 rows each."""
_A_ROW: Final = 570
"""Bytes of a row of a closed wardrobe, with its entry, its part of the index and its terms: what
594 wardrobes took over the base, by their rows."""
HOT: Final = 64
"""Of how many, those asked for last, what was computed or read for them is kept too."""

AGAIN: Final = 60.0
"""Seconds after which closing is tried again: the machine may only have been busy."""


@dataclass(frozen=True, slots=True, eq=False)
class _Refused:
    """What could not be closed, and why."""

    base: Layer
    content: Content
    error: RuleError
    until: float


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

    @property
    def size(self) -> int:
        """About how many bytes its own layers take."""
        return size_of(self.layers[1:])

    def cool(self) -> None:
        """Give up what can be computed, or read, again."""
        for layer in self.layers[1:]:
            layer.cache.clear()
        for facts in self.content.asserted.values():
            if isinstance(facts, Held):
                facts.drop()


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


def size_of(layers: Iterable[Layer]) -> int:
    """Return about how many bytes layers take, apart from what they lie on."""
    return _A_ROW * sum(map(rows, layers))


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


def _endless(name: str) -> BudgetExceeded:
    return BudgetExceeded(
        "WW-BUDGET-STOPPED",
        f"What follows from the wardrobe '{name}' was not found in the time that there is.",
        note="It was stopped so that others need not wait, and is not begun again as it stands.",
        hint="Undo the last change, or switch off the rule that joins too much.",
    )


@dataclass(slots=True)
class Layers:
    """The closed layers of a workspace.

    Nothing is kept of a closing that fails or is interrupted: the next question finds what the
    last whole one left.

    Attributes:
        bundle: the ontology and rules that travel with the engine.
        folder: of the workspace.
        budget: what each closing may cost, those of requests and trials over it included.
        room: bytes that closed wardrobes may take; the one asked for longest ago goes first.
        left: is told of a wardrobe's layer that nobody has asked for in some time, and whether it
            is gone.
    """

    bundle: Bundle
    folder: Path
    budget: Budget = field(default_factory=Budget)
    room: int = ROOM
    left: Callable[[Layer, bool], None] | None = None
    _reader: Reader = field(init=False)
    _base: _Closed | None = field(init=False, default=None)
    _wardrobes: OrderedDict[str, _Closed] = field(init=False, default_factory=OrderedDict)
    _refused: dict[str, _Refused] = field(init=False, default_factory=dict)
    _taken: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._reader = Reader(self.folder, self.bundle)

    @property
    def terms(self) -> int:
        """How many terms have a number; 0 while nothing is closed."""
        return 0 if self._base is None else len(self._base.layer.interner.nodes)

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
            self._wardrobes.move_to_end(name)
            self._cool()
            return known.layer
        content = self._content(state, name)
        self._require(name, base, content)
        # What the base wrote since, the wardrobe has written too: not more than its own.
        if known is None or 2 * (base.wrote - known.base) > sum(map(rows, known.layers[1:])):
            known = _Closed(state, base.content, (base.layer,), base=base.wrote)
        try:
            found = self._followed(known, state, content)
        except RuleError as error:
            self._refused[name] = _Refused(base.layer, content, error, monotonic() + AGAIN)
            raise
        except Interrupted:
            self._refused[name] = _Refused(base.layer, content, _endless(name), monotonic() + AGAIN)
            raise
        self._keep(name, found)
        return found.layer

    def _require(self, name: str, base: _Closed, content: Content) -> None:
        """Refuse at once what was refused before: a budget is not spent twice on the same."""
        refused = self._refused.get(name)
        if refused is None:
            return
        same = difference(base.layers[0], refused.content, content) is None
        if refused.base is base.layer and same and monotonic() < refused.until:
            raise refused.error
        del self._refused[name]

    def _keep(self, name: str, found: _Closed) -> None:
        """Keep a closed wardrobe, and others while there is room."""
        self._drop(name, found.layer)
        self._wardrobes[name] = found
        self._taken += found.size
        while self._taken > self.room and len(self._wardrobes) > 1:
            self._drop(next(iter(self._wardrobes)))
        self._cool()

    def _cool(self) -> None:
        """Keep of the wardrobe that was asked for some time ago only what it is."""
        if len(self._wardrobes) > HOT:
            cooled = next(islice(reversed(self._wardrobes.values()), HOT, None))
            cooled.cool()
            if self.left is not None:
                self.left(cooled.layer, False)

    def _drop(self, name: str, after: Layer | None = None) -> None:
        """Keep a wardrobe no more as it was; after it comes a layer, which may be the same."""
        gone = self._wardrobes.pop(name, None)
        if gone is not None:
            self._taken -= gone.size
            if self.left is not None and gone.layer is not after:
                self.left(gone.layer, True)

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
            for name in [*self._wardrobes]:
                self._drop(name)
            known = _Closed(state, Content(), (root,))
        self._base = known = self._followed(known, state, self._content(state))
        return known

    def _followed(self, known: _Closed, state: State, content: Content) -> _Closed:
        change = difference(self._root(state), known.content, content)
        if change is None:
            return replace(known, state=state, content=content)
        top = known.layer.child(change, budget=self.budget)
        top.settle()
        return _Closed(state, content, laid(known.layers, top), known.wrote + rows(top), known.base)
