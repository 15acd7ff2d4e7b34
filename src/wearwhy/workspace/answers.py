"""Answers kept from one question to the next, and dropped by the changes that touch them.

An answer stands for a request, a wardrobe and a model. A change touches it where it adds or takes
a fact that something behind the answer reads: a condition of a rule, a walk, a pair's attributes,
a filter of the request, an opinion, a name; or where it changes rules, guesses or the ontology.
What nothing reads (a price where no filter asks for one, a stock level, a description) and what
stands in another wardrobe touches it not: no rule can conclude anything from it either.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from wearwhy.outfit import filters
from wearwhy.outfit.compose import Recommendation, recommend
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.request import Request
from wearwhy.rdf import OWL, RDF, RDFS, SCHEMA, SKOS, TYPE, WW, NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.store.quads import Patch, Quad
from wearwhy.walk import metapaths
from wearwhy.workspace.state import owner_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

T = TypeVar("T")

MOST: Final = 512
"""So many answers are kept; the one that was asked for longest ago goes first."""
NAMES: Final = frozenset((SCHEMA.name, RDFS.label, SKOS.prefLabel, SKOS.altLabel))
OPINIONS: Final = frozenset(
    (WW.about, WW.strength, WW.givenOn, WW.givenAs, WW.wearer, WW["split"], WW.hasItem, TYPE)
)
SCHEMAS: Final = (str(OWL), str(RDF), str(RDFS))

Reads = frozenset[NamedNode]


def reads_of(index: Index, request: Request) -> Reads | None:
    """Return the properties that an answer to a request reads; None: any may be read.

    Args:
        index: of the layer that is asked.
        request: whose filters count.
    """
    ruled = index.layer.program.reads
    if ruled is None:
        return None
    found = ruled | NAMES | OPINIONS | {p for p, _ in index.scoring.attributes}
    found |= metapaths.properties((*index.paths, *index.companions.paths))
    if index.pairing is not None:
        found |= {*index.pairing.model.properties, SCHEMA.image}
    if request.filters:
        found |= {filters.PRICE, filters.STOCK, filters.SIZE, filters.BRAND}
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """An answer, and what would touch it."""

    answer: object
    resources: Resources
    owner: str
    reads: Reads | None
    liked: frozenset[object]

    def touched(self, quad: Quad) -> bool:
        """Return whether a quad, added or taken, touches the answer."""
        owner, kind, _ = owner_of(quad.graph)
        if owner.startswith("wardrobe/") and owner != self.owner:
            return False
        fact = quad.fact
        return (
            kind != "asserted"
            or owner == "base"
            or self.reads is None
            or fact.predicate in self.reads
            or fact.predicate.value.startswith(SCHEMAS)
            or fact.object in self.liked
        )


@dataclass(slots=True)
class Answers:
    """The answers of one workspace; see the module.

    Attributes:
        most: how many are kept.
        found: how many were kept when they were asked for.
        made: how many were not.
    """

    most: int = MOST
    found: int = 0
    made: int = 0
    _kept: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._kept)

    def of(
        self,
        question: Hashable,
        request: Request,
        resources: Resources,
        *,
        wardrobe: str | None,
        layer: Callable[[], Layer],
        make: Callable[[Layer, Request, Resources], T],
    ) -> T:
        """Return the answer to a question, made where it is not kept.

        Args:
            question: what is asked besides the request; equal ones have equal answers.
            request: that is answered.
            resources: the model; an answer by another one is not given.
            wardrobe: that is asked; None: the base alone.
            layer: returns the wardrobe's layer.
            make: returns the answer.
        """
        key = (question, wardrobe, request)
        kept = self._kept.get(key)
        if kept is None or kept.resources is not resources:
            over = layer()
            answer, index = make(over, request, resources), resources.index(over)
            self.made += 1
            kept = _Kept(
                answer,
                resources,
                f"wardrobe/{wardrobe}",
                reads_of(index, request),
                frozenset(f.object for f in index.layer.match(None, WW.about, None)),
            )
            self._kept[key] = kept
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        else:
            self.found += 1
        self._kept.move_to_end(key)
        found: T = kept.answer  # type: ignore[assignment]
        return found

    def follow(self, patch: Patch) -> None:
        """Drop the answers that a change touches."""
        self._drop((*patch.add, *patch.remove))

    def _drop(self, quads: Iterable[Quad]) -> None:
        changed = tuple(quads)
        for key in [k for k, kept in self._kept.items() if any(map(kept.touched, changed))]:
            del self._kept[key]

    def forget(self) -> None:
        """Drop every answer."""
        self._kept.clear()


def recommended(workspace: Workspace, request: Request, name: str | None) -> Recommendation:
    """Return the looks for a request, kept or found.

    Raises:
        NoAnswer: WW-LOOK-NONE, saying what is lacking.
    """
    return workspace.answers.of(
        "recommend",
        request,
        workspace.resources,
        wardrobe=workspace.meant(name),
        layer=partial(workspace.layer, name),
        make=recommend,
    )
