"""Learning from what a workspace holds: a model, shares, and a report of what they are worth."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wearwhy.evidence import Kind
from wearwhy.learn.features import Features
from wearwhy.learn.model_files import save
from wearwhy.learn.plan import Attribute
from wearwhy.learn.report import as_json, comparison, coverage, coverage_text, shares_text
from wearwhy.learn.shares import files as shares_files
from wearwhy.learn.shares import fit as shares_fit
from wearwhy.learn.table import Graph, Table
from wearwhy.learn.train import train
from wearwhy.rdf import Fact, NamedNode, Node
from wearwhy.rules.layer import Change, Layer
from wearwhy.workspace import reasoning
from wearwhy.workspace.guesses import plan_of, unguessed
from wearwhy.workspace.layers import budget_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning came to, as a document and as text."""

    document: dict[str, Any]
    text: str


class Closed:
    """Stated facts, and what rules conclude beyond them."""

    def __init__(self, said: Table, concluded: Iterable[Fact]) -> None:
        self._said, self._more = said, Table(concluded)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit; None fits everything."""
        yield from self._said.match(subject, predicate, object_)
        yield from self._more.match(subject, predicate, object_)

    def kind(self, fact: Fact, /) -> Kind:
        """Return the kind of a fact."""
        return Kind.DERIVED if fact in self._more else Kind.ASSERTED


@dataclass(frozen=True, slots=True)
class Resident:
    """Rules asked over the layer that is kept closed: a wardrobe, a shop of some thousand items.

    Attributes:
        layer: without guesses: what rules conclude from one is the model's word, not the stylist's.
    """

    layer: Layer

    def unstated(self, attribute: Attribute) -> Graph:
        """Return the closed facts in which nobody states an attribute."""
        found = self.layer.match(None, attribute.iri, None)
        stated = tuple(fact for fact in found if self.layer.kind(fact) is Kind.ASSERTED)
        return self.layer.child(Change(remove=stated))


@dataclass(frozen=True, slots=True)
class InBulk:
    """Rules asked in bulk: a catalogue too large to be kept closed."""

    workspace: Workspace
    given: reasoning.Given

    def unstated(self, attribute: Attribute) -> Graph | None:
        """Return the conclusions about an attribute where nobody states it."""
        left = [fact for fact in self.given.facts if fact.predicate != attribute.iri]
        return Closed(Table(()), self.concluded(left, {attribute.iri}))

    def concluded(self, facts: Collection[Fact], about: Collection[NamedNode]) -> list[Fact]:
        """Return what rules conclude with some properties, beyond what is stated."""
        from wearwhy.rules.bulk import close  # noqa: PLC0415 (duckdb only where it is needed)

        stated = set(facts)
        budget = budget_of(self.workspace.settings)
        with close(self.given.rules, self.given.measures, facts, budget=budget) as found:
            return [
                fact for one in about for fact in found.match(None, one, None) if fact not in stated
            ]


def learn(
    workspace: Workspace,
    name: str | None = None,
    *,
    without: Collection[str] = (),
    seed: int | None = None,
    resume: bool = False,
    threshold: float | None = None,
    progress: Callable[[str, int, int], None],
) -> Learned:
    """Train on every item of the base and a wardrobe, keep the model in the workspace, report.

    Only what somebody stated is learned from. Rules are asked over the layer that is kept closed,
    or in bulk where the graph is too large for that.

    Raises:
        NotInstalled: WW-EXTRA-NEURAL, where torch and pykeen are not installed.
        InputError: WW-LEARN-NOTHING, where nothing has enough labels; WW-LEARN-WITNESS.
    """
    plan = plan_of(workspace)
    owner = workspace.wardrobe(name) if workspace.wardrobes() else None
    given = reasoning.given_of(workspace, owner)
    said = Table(given.facts)
    features = Features(said, plan)
    large = reasoning.chosen(workspace, owner) == reasoning.BULK
    asked = InBulk(workspace, given) if large else Resident(unguessed(workspace, name))
    folder = workspace.folder / "model"
    shares = shares_fit.learned(features, seed=seed or 0, progress=progress)
    if shares and not features.labelled():
        shares_files.save(shares, folder)
        return Learned({"shares": {k: s.as_dict() for k, s in shares.items()}}, shares_text(shares))
    model = train(
        features,
        seed=seed,
        without=without,
        revision=str(workspace.revision),
        checkpoints=folder / "checkpoints",
        resume=resume,
        ruled=asked.unstated,
        progress=progress,
    )
    save(model, folder)
    shares_files.save(shares, folder)
    bar = workspace.settings.guess_threshold if threshold is None else threshold
    progress("coverage", 0, 1)
    rows = coverage(
        _now(workspace, asked, said),
        model,
        features.items(),
        features.attributes(),
        plan,
        threshold=bar,
    )
    progress("coverage", 1, 1)
    document = as_json(model, rows, threshold=bar, floor=plan.floor)
    text = coverage_text(rows) + "\n\n" + comparison(model)
    if shares:
        document["shares"] = {key: found.as_dict() for key, found in shares.items()}
        text += "\n\n" + shares_text(shares)
    return Learned(document, text)


def _now(workspace: Workspace, asked: Resident | InBulk, said: Table) -> Graph:
    """Return the closed facts without guesses."""
    if isinstance(asked, InBulk):
        about = {a.iri for a in plan_of(workspace).attributes}
        return Closed(said, asked.concluded(asked.given.facts, about))
    return asked.layer
