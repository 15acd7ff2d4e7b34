"""The model of a workspace, asked to fill columns of a file that it has never seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wearwhy.errors import NoAnswer
from wearwhy.evaluate.completion import ROUNDS, Ask, Completed, Predicted, completed
from wearwhy.evaluate.controls.trained import Progress, Which
from wearwhy.evaluate.source import Rows, refuse_leaks, rows_of
from wearwhy.feeds import load
from wearwhy.feeds.load import named
from wearwhy.feeds.loaded import Target
from wearwhy.learn.features import Features, Tokens
from wearwhy.learn.metrics import PRECISION
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Plan
from wearwhy.learn.predict import predicted
from wearwhy.learn.table import Graph, Table
from wearwhy.rdf import Fact, NamedNode, Node
from wearwhy.workspace.bundle import ontology_layer
from wearwhy.workspace.guesses import plan_of
from wearwhy.workspace.model import model_of
from wearwhy.workspace.state import owner_of
from wearwhy.workspace.workspace import Workspace

SCRATCH = Target("catalogue", "scratch")


def filled(
    workspace: Workspace,
    path: Path,
    mapping: str,
    attributes: Sequence[str],
    *,
    which: Which = "all",
    rounds: int = ROUNDS,
    seed: int = 0,
    progress: Progress = lambda *_: None,
) -> Iterator[Completed]:
    """Yield the figures of each attribute: the model in force, and controls, on a file's new rows.

    What the file says is read into a graph of its own; nothing is written.

    Args:
        workspace: whose model is asked, and whose items the controls are trained on.
        path: the file.
        mapping: its format, under which the training items were loaded too.
        attributes: names of columns; none: all that are learned.
        which: of the controls.
        rounds: of the bootstrap.
        seed: of the bootstrap.
        progress: told what is done, how far, of how much.

    Raises:
        InputError: WW-LEARN-LEAK, WW-LEARN-ATTRIBUTE, WW-EVALUATE-NOTHING, or where the file
            cannot be read.
        NoAnswer: WW-EVALUATE-UNTRAINED, where nothing was learned of such columns.
    """
    plan, folder = plan_of(workspace), workspace.bundle.folder / "kg" / "mappings"
    refuse_leaks(named(mapping, folder), plan.concepts | plan.names | plan.words)
    loaded = load.read(
        path,
        mapping,
        names=workspace.names,
        into=SCRATCH,
        mappings=folder,
        progress=lambda done, total: progress(path.name, done, total),
    )
    test = rows_of(loaded.facts, plan.words)
    wanted = [test.column(n) for n in attributes] or [c for c in test.columns.values() if c.learned]
    held = loaded_as(workspace, mapping, plan)
    train = held.training()
    model = model_of(workspace.folder, workspace.bundle.folder) if len(train) else None
    by_property = {one.iri: one for one in model.learned.values()} if model else {}
    for column in wanted:
        if column.node not in by_property:
            raise _untrained(mapping, column.name, len(train))
    assert model is not None
    declared = tuple(fact for fact in loaded.facts if fact.subject in test.columns)
    ask = _Ask(model, plan, ontology_layer(workspace.bundle), declared)
    for column in wanted:
        learned = by_property[column.node]
        yield completed(
            train,
            test,
            column,
            ask.of(learned.name),
            known=held,
            cutoff=learned.curves[0].cutoff(PRECISION),
            texts=plan.words,
            which=which,
            rounds=rounds,
            seed=seed,
            progress=lambda what, done, total, name=column.name: progress(  # type: ignore[misc]
                f"{name}: {what}", done, total
            ),
        )


def loaded_as(workspace: Workspace, mapping: str, plan: Plan) -> Rows:
    """Return the rows of a workspace that were loaded in a format, as they were asserted.

    Nothing is closed.
    """
    return rows_of(
        (
            fact
            for graph, said in workspace.state.graphs.items()
            if owner_of(graph)[1:] == ("asserted", mapping)
            for fact in said
        ),
        plan.words,
    )


def _untrained(mapping: str, name: str, rows: int) -> NoAnswer:
    return NoAnswer(
        "WW-EVALUATE-UNTRAINED",
        f"No model in force has learned '{name}'."
        if rows
        else f"Nothing in this workspace was loaded as '{mapping}' to learn from.",
        hint="Train one: wearwhy learn attributes."
        if rows
        else f"Load training rows first: wearwhy load FILE --as {mapping} --into catalogue:NAME.",
    )


class _Over:
    """Some items' facts over the ontology's."""

    def __init__(self, facts: Sequence[Fact], ontology: Graph) -> None:
        self._own, self._ontology = Table(facts), ontology

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit; None fits everything."""
        yield from self._own.match(subject, predicate, object_)
        yield from self._ontology.match(subject, predicate, object_)


@dataclass(frozen=True, slots=True)
class _Ask:
    """A model, and the tokens of the rows that it was asked about already.

    `declared` says which columns the source keeps.
    """

    model: Model
    plan: Plan
    ontology: Graph
    declared: Sequence[Fact]
    _spoken: dict[tuple[Fact, ...], Tokens] = field(default_factory=dict)

    def of(self, name: str) -> Ask:
        """Return the model's answers about one attribute."""

        def ask(rows: Sequence[tuple[Fact, ...]]) -> Predicted:
            new = [facts for facts in rows if facts not in self._spoken]
            features = Features(
                _Over([*self.declared, *(f for facts in new for f in facts)], self.ontology),
                self.plan,
            )
            for facts in new:
                item = facts[0].subject
                assert isinstance(item, NamedNode)
                self._spoken[facts] = features.tokens(item)
            return predicted(self.model, name, [self._spoken[facts] for facts in rows])

        return ask
