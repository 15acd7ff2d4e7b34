"""The workspace: one base closed once, wardrobes over it, and every change a revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from wearwhy import settings
from wearwhy.evidence import Evidence, Kind
from wearwhy.explain.terms import ExplainedLook, explain
from wearwhy.feeds.convert import Progress
from wearwhy.feeds.loaded import Loaded
from wearwhy.feeds.names import Names
from wearwhy.learn.plan import read_plan
from wearwhy.outfit import comfort
from wearwhy.outfit.compose import Recommendation
from wearwhy.outfit.day import Day, dress_day
from wearwhy.outfit.decoding.ways import Decoding
from wearwhy.outfit.index import Resources
from wearwhy.outfit.look import Look
from wearwhy.outfit.request import Request
from wearwhy.rdf import Fact, Node
from wearwhy.rules.budget import Budget
from wearwhy.rules.layer import Change, Layer
from wearwhy.settings import Settings
from wearwhy.store.answer import Answer
from wearwhy.store.database import Store
from wearwhy.store.sparql import Limits, ask, dataset, require_query
from wearwhy.workspace import dataset as seen
from wearwhy.workspace import remembered
from wearwhy.workspace.answers import recommended
from wearwhy.workspace.asking import Asked, Wishes, asked
from wearwhy.workspace.bundle import Bundle, bundle, ontology_layer
from wearwhy.workspace.difference import Difference, between
from wearwhy.workspace.drafts import Draft, drafts
from wearwhy.workspace.edits import Edit, settled
from wearwhy.workspace.layers import Layers, budget_of
from wearwhy.workspace.loading import Source, read_source, target_of
from wearwhy.workspace.model import model_of, outfit_model, pictures, similarity
from wearwhy.workspace.ontology import in_force, ontology_texts
from wearwhy.workspace.owning import Owning
from wearwhy.workspace.shown import ShownLook
from wearwhy.workspace.state import State, patched, read_state, wardrobe_meant
from wearwhy.workspace.week import week
from wearwhy.workspace.why import why_fact
from wearwhy.workspace.whyguess import why_guess

if TYPE_CHECKING:
    import rdflib


_PRUNING: Final = 128  # answers between two looks at how many looks are kept
LEFT_BEHIND: Final = 500_000
"""So many terms of past requests may stay."""


class Workspace(Owning):
    """An open workspace; reads at one revision, writes through `apply` and `undo`.

    Attributes:
        settings: its `wearwhy.toml`.
        bundled: the ontology, rules and data that travel with the engine.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        known: Bundle,
        state: State,
        held: Store | None = None,
    ) -> None:
        super().__init__(folder, state, held)
        self.settings = settings
        self.bundled = known
        self._layers = self._anew(budget_of(settings))
        self._terms = 0
        self._written = 0
        self._datasets: dict[tuple[int, str], ox.Store] = {}

    # -- opening -----------------------------------------------------------------------------

    @classmethod
    def init(cls, path: str | Path) -> Workspace:
        """Make a new workspace in a folder and open it.

        Raises:
            StoreError: WW-STORE-EXISTS, where there is one already.
        """
        folder = Path(path)
        Store.create(folder)
        return cls.open(folder)

    @classmethod
    def open(cls, path: str | Path, *, hold: bool = False) -> Workspace:
        """Open a workspace.

        Args:
            path: the folder.
            hold: keep its store for writing until `close`, as a server does: no other process
                writes meanwhile, and a change costs no opening.

        Raises:
            StoreError: WW-STORE-NONE, where the folder holds none.
            FormatError: where its settings are broken.
            Locked: WW-STORE-LOCKED, where it is to be held and another process writes.
        """
        folder = Path(path)
        said = settings.read(folder)
        store = Store.open(folder, write=hold)
        try:
            state = read_state(store)
        except BaseException:
            store.close()
            raise
        if not hold:
            store.close()
        return cls(folder, said, bundle(), state, store if hold else None)

    @property
    def bundle(self) -> Bundle:
        """What travels with the engine, as this workspace's applied ontology files have it."""
        return in_force(self.bundled, ontology_texts(self.state))

    @property
    def names(self) -> Names:
        """The words of the ontology."""
        return self.bundle.names

    def wardrobes(self) -> list[str]:
        """Return the names of the wardrobes that hold something."""
        return self.state.owners("wardrobe")

    def wardrobe(self, name: str | None = None) -> str:
        """Return the wardrobe that is meant: the named one, the setting's, or the only one.

        Raises:
            InputError: WW-WARDROBE-NONE, WW-WARDROBE-WHICH.
        """
        return wardrobe_meant(self.state, self.settings.default_wardrobe, name)

    # -- layers ------------------------------------------------------------------------------

    @property
    def base(self) -> Layer:
        """The closed base: ontology, rules and catalogues, shared by every wardrobe."""
        return self._layers.base(self.state)

    def layer(self, name: str | None = None) -> Layer:
        """Return a wardrobe's closed layer; the base's, where there is no wardrobe yet."""
        meant = self.meant(name)
        return self.base if meant is None else self._layers.wardrobe(self.state, meant)

    def _anew(self, budget: Budget) -> Layers:
        return Layers(self.bundled, self.folder, budget, left=self._leave)

    def _leave(self, layer: Layer, gone: bool) -> None:
        resources: Resources | None = vars(self).get("resources")
        if resources is not None and gone:
            resources.forget(id(layer))
        elif resources and (found := resources.known(layer)) and found.layer is layer:
            found.cool()

    def meant(self, name: str | None = None) -> str | None:
        """Return the wardrobe that is meant; None where there is none yet."""
        return None if name is None and not self.wardrobes() else self.wardrobe(name)

    @cached_property
    def resources(self) -> Resources:
        """What recommending needs besides the graph: the comfort table, and what was learned."""
        return Resources(
            table=comfort.read(self.bundle.folder / "data" / "comfort.csv"),
            vectors=similarity(self.folder, self.bundle.folder),
            seed=self.settings.seed,
            pairing_model=outfit_model(self.folder),
            pictures=pictures(self.folder),
        )

    def limit(self, seconds: float) -> None:
        """Let one closing take no longer than so many seconds from now on."""
        budget = self._layers.budget
        self._layers.budget = replace(budget, seconds=min(seconds, budget.seconds))

    def tidy(self) -> None:
        """Between two questions, give back the terms of past requests, once they are many."""
        terms = self._layers.terms
        self._terms = self._terms or terms
        grown = terms - self._terms
        if grown > LEFT_BEHIND and grown > 3 * self.state.size:
            ontology_layer.cache_clear()
            self._layers = self._anew(self._layers.budget)
            self._datasets.clear()
            self.answers.forget()
            self.resources.forget_all()
            self._terms = 0

    # -- changing ----------------------------------------------------------------------------

    def read_source(
        self, source: Source, mapping: str, into: str, *, progress: Progress | None = None
    ) -> tuple[Loaded, Edit]:
        """Return what a source says and the edit that would load it; nothing is written.

        Args:
            source: a file, a DataFrame or an rdflib graph.
            mapping: the name of a mapping of `kg/mappings`.
            into: `wardrobe:NAME` or `catalogue:NAME`.
            progress: called with (done, total).

        Raises:
            InputError: where the source is refused; it lists what is wrong.
        """
        target = target_of(into, self.settings.base_iri)
        return read_source(self.state, self.bundle, source, mapping, target, progress=progress)

    def load(
        self,
        source: Source,
        mapping: str = "wardrobe",
        into: str = "wardrobe:mine",
        *,
        progress: Progress | None = None,
    ) -> Loaded:
        """Load a source as one revision and return what it said; arguments as `read_source`."""
        loaded, edit = self.read_source(source, mapping, into, progress=progress)
        self.apply(edit)
        return loaded

    def preview(
        self,
        change: Edit,
        *,
        name: str | None = None,
        requests: Sequence[Request] | None = None,
    ) -> Difference:
        """Return what a change would change in a wardrobe, in facts and in looks.

        Args:
            change: it is not made; `apply` of what is returned makes exactly this.
            name: the wardrobe; the one the edit is about, if None; the base alone, if empty.
            requests: to try; the bundled week, if None.

        Raises:
            RuleError: where the changed rules cannot be used.
        """
        edit = settled(self.state, change)
        name = edit.scope.removeprefix("wardrobe/") if "wardrobe/" in edit.scope else name
        after_state = patched(self.state, edit.patch.add, edit.patch.remove)
        known = self.wardrobes() or after_state.owners("wardrobe")
        usual = self.settings.default_wardrobe
        chosen = (usual if usual in known else next(iter(known), "")) if name is None else name
        before, after = self._layers.trial(self.state, after_state, chosen or None)
        tried = week(self.bundled) if requests is None else requests
        return between(
            before, after, tried, self.resources, self.revision, edit=edit, wardrobe=chosen
        )

    def drafts(self, name: str | None = None) -> list[Draft]:
        """Return the files that differ from what is applied: the base's and the wardrobes'."""
        scopes = ["base", *(f"wardrobe/{n}" for n in ([name] if name else self.wardrobes()))]
        return [d for s in scopes for d in drafts(self.folder, self.state, self.bundled, s)]

    # -- asking ------------------------------------------------------------------------------

    def ask(self, wishes: Wishes, name: str | None = None) -> Asked:
        """Return the requests that wishes in words come to."""
        return asked(wishes, self.layer(name), self.names, self.bundle.folder)

    def suggest(self, request: Request, name: str | None = None) -> Recommendation:
        """Return looks for a request, remembering them so that `why` can be asked.

        Raises:
            NoAnswer: WW-LOOK-NONE, saying what is lacking.
        """
        found = recommended(self, request, name)
        self.remember([found.looks], name)
        return found

    def recommend(self, request: Request, name: str | None = None) -> list[ShownLook]:
        """Return looks for a request, best choice first, each of which can explain itself.

        Raises:
            NoAnswer: WW-LOOK-NONE, saying what is lacking.
        """
        found = self.suggest(request, name).looks
        explained = partial(self.explain, name=name)
        return [ShownLook(look, self.bundle.folder, explained) for look in found]

    def dress(
        self, events: Sequence[Request], name: str | None = None, way: Decoding | None = None
    ) -> Day:
        """Return what to wear through a day of several events."""
        found = dress_day(self.layer(name), events, self.resources, way)
        self.remember((one.looks for one in (found.whole, *found.parts) if one), name)
        return found

    def remember(
        self, answers: Iterable[Iterable[Look]], name: str | None = None, *, ranked: bool = True
    ) -> None:
        """Write looks down, so that `why` can be asked, as `remembered.remember_all` does."""
        folder = self.looks(name)
        remembered.remember_all(folder, answers, self.revision, ranked=ranked)
        self._written += 1
        if self._written % _PRUNING == 0:
            remembered.prune(folder)

    def looks(self, name: str | None = None) -> Path:
        """Return the folder in which the looks of a wardrobe are written down."""
        return remembered.folder_of(self.folder, self.meant(name))

    def explain(self, look: Look, name: str | None = None, *, trials: bool = True) -> ExplainedLook:
        """Return a look's terms with their evidence, as the graph is now."""
        layer = self.layer(name).child(Change(add=look.request.facts()))
        return explain(layer, look, self.resources, trials=trials)

    def look(self, look_id: str, name: str | None = None) -> dict[str, Any]:
        """Return what was remembered of a look, by its id or its place among those shown last.

        Raises:
            UnknownName: WW-LOOK-UNKNOWN.
        """
        return remembered.recall(self.looks(name), look_id)

    def why(self, fact: Fact, name: str | None = None) -> Evidence:
        """Return the proof of a fact, or of a guess what the model weighed.

        Raises:
            NoAnswer: WW-WHY-ABSENT.
        """
        layer = self.layer(name)
        model = model_of(self.folder, self.bundle.folder)
        if model is not None and layer.kind(fact) is Kind.PREDICTED:
            plan = read_plan(self.bundle.folder / "kg" / "learn.toml")
            found = why_guess(layer, fact, model, plan, "model")
            if found is not None:
                return found
        return why_fact(layer, fact)

    # -- as others see it --------------------------------------------------------------------

    def dataset(self, over: str = "all", name: str | None = None) -> ox.Store:
        """Return the visible graph as an in-memory store, one named graph a kind."""
        layer = self.layer(name)
        key = (layer.number, over)
        if key not in self._datasets:
            self._datasets = {key: dataset(seen.graphs(layer, over))}
        return self._datasets[key]

    def query(
        self,
        text: str,
        *,
        over: str = "all",
        name: str | None = None,
        limits: Limits | None = None,
        bindings: Mapping[str, Node] | None = None,
    ) -> Answer:
        """Return the answer to a SPARQL query over a wardrobe and the base.

        Args:
            text: SPARQL 1.1; the project's prefixes need not be declared.
            over: one kind of fact, or `all`.
            name: the wardrobe.
            limits: of time, rows and size.
            bindings: terms to put in the place of variables.

        Raises:
            QueryError: where it is refused, wrong or over its limits.
        """
        require_query(text, bindings)  # a slip is told before anything is reasoned
        graph = self.dataset(over, name)
        return ask(graph, text, limits=limits or Limits(), bindings=bindings)

    def graph(self, over: str = "all", name: str | None = None) -> rdflib.Dataset:
        """Return the visible graph as an rdflib dataset."""
        from wearwhy.store import interchange  # noqa: PLC0415 (imports rdflib and networkx)

        return interchange.to_rdflib(seen.graphs(self.layer(name), over))

    def to_networkx(self, over: str = "all", name: str | None = None) -> Any:
        """Return the visible graph as a networkx MultiDiGraph; edges carry the property."""
        from wearwhy.store import interchange  # noqa: PLC0415

        facts = [f for graph in seen.graphs(self.layer(name), over).values() for f in graph]
        return interchange.to_networkx(facts)

    def ontology(self) -> Any:
        """Return the ontology as owlready2 has it.

        Raises:
            NotInstalled: where owlready2 is missing.
        """
        from wearwhy.store import interchange  # noqa: PLC0415

        return interchange.ontology(self.bundle.folder / "ontology" / "fashion.ttl")
