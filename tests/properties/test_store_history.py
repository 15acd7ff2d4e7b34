"""Any sequence of changes, undos and redos: the store equals a set of quads kept beside it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pyoxigraph import Literal

from wearwhy.rdf import ID, WW, XSD, Fact
from wearwhy.store import Patch, Quad, Store, graph_name

GRAPHS = [graph_name("base", "asserted", "a"), graph_name("wardrobe/w", "rules", "b")]
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=6).map(Literal),
    st.sampled_from("ab").map(lambda text: Literal(text, language="en")),
    st.integers(-3, 3).map(lambda n: Literal(f"{n}.0", datatype=XSD.decimal)),
)
QUADS = st.builds(
    Quad,
    st.sampled_from(GRAPHS),
    st.builds(Fact, st.sampled_from([ID.a, ID.b]), st.just(WW.note), VALUES | st.just(ID.c)),
)
PATCHES = st.builds(
    Patch, st.lists(QUADS, max_size=4).map(tuple), st.lists(QUADS, max_size=4).map(tuple)
)


class History(RuleBasedStateMachine):
    """The model: every state in order, and the stacks of what stands and what was undone."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "w"
        Store.create(self.path)
        self.store = Store.open(self.path, write=True)
        self.states = [frozenset(self.store.quads())]
        self.done: list[frozenset[Quad]] = []
        self.undone: list[frozenset[Quad]] = []

    @rule(patch=PATCHES, more=st.booleans())
    def commit(self, patch: Patch, more: bool) -> None:
        if more:  # take out something that is there
            patch = Patch(patch.add, (*patch.remove, *sorted(self.states[-1], key=str)[:2]))
        before = self.states[-1]
        made = self.store.commit(patch, message="change")
        if made.patch:
            self.done.append(before)
            self.undone.clear()
            self.states.append((before - set(made.patch.remove)) | set(made.patch.add))

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        self.store.undo()
        self.undone.append(self.states[-1])
        self.states.append(self.done.pop())

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        self.store.redo()
        self.done.append(self.states[-1])
        self.states.append(self.undone.pop())

    @rule()
    def reopen(self) -> None:
        self.store.close()
        with Store.open(self.path, write=False) as reader:
            assert frozenset(reader.quads()) == self.states[-1]
        self.store = Store.open(self.path, write=True)

    @invariant()
    def the_store_equals_the_model_at_every_revision(self) -> None:
        assert self.store.revision == len(self.states) - 1
        for number, state in enumerate(self.states):
            assert self.store.at(number) == state

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=5,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
