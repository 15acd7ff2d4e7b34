"""What the sentences about some looks tell, found as far as a sentence asks for it.

Of a rule's term a sentence names some variables. Those of its frame are the items that the verdict
is on. For the others the rule is run backwards, in a layer in which the looks stand before the
rules that verdicts rest on, and before no verdict. Where it could be told otherwise, the layer
with the verdicts decides, as it does in a whole explanation.

What a rule says of some items depends on the request only by what the rule reads of it; so it is
kept with the index of the wardrobe, under that (see `rules.memory`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from wearwhy.explain import cited, coupled
from wearwhy.explain.filling import Found, Slots
from wearwhy.explain.resident import Ground
from wearwhy.outfit.index import Index, Resources
from wearwhy.outfit.look import Look, of_items, of_pair, scaffold
from wearwhy.outfit.score import VERDICTS, Term
from wearwhy.rdf import WW, Fact, NamedNode, Node
from wearwhy.rules.bound import Bound, bound
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.memory import signature, told_by_property
from wearwhy.walk.graph import held_out

KEPT: Final = 2048
"""What so many verdicts tell is kept with a wardrobe's index."""
_NOTHING: Slots = {}


def verdicts_of(layer: Layer) -> frozenset[NamedNode]:
    """Return the rules that give verdicts, on which nothing rests; kept with the program."""
    found = layer.program.cache.get("verdicts")
    if not isinstance(found, frozenset):
        reads = layer.program.reads
        found = frozenset[NamedNode]()
        if reads is not None and reads.isdisjoint(VERDICTS):
            found = frozenset(
                rule.iri
                for rule in layer.program.rules
                if all(atom.predicate in VERDICTS for atom in rule.head)
            )
        layer.program.cache["verdicts"] = found
    return found


class Telling:
    """What the terms of some looks of one request tell.

    Args:
        layer: the request's.
        looks: in the order they are shown.
        resources: as they were found with.
    """

    def __init__(self, layer: Layer, looks: Sequence[Look], resources: Resources) -> None:
        index = resources.known(layer)
        assert index is not None, "looks are found with the index of their wardrobe"
        self._layer = layer
        self._looks = looks
        self._iris = [look.iri for look in looks]
        self._request = looks[0].request.iri
        self._resources = resources
        self._index: Index = index
        self._laid: Layer | None = None
        self._grounds: dict[tuple[int, bool], Ground] = {}
        self._aside = held_out(layer) | {
            self._request,
            *self._iris,
        }
        self._said: Mapping[object, tuple[object, ...]] | None = None
        below = layer.below
        self._alone = (
            layer.merged is None and below is index.layer and layer.program is below.program
        )
        # Rules of which something else may be so here than where only verdicts are left out.
        plain = self._alone and bool(verdicts_of(layer))
        self._plain = plain and not any(layer.relation(p).size for p in VERDICTS)

    def words(self, language: str) -> tuple[dict[Node, str], dict[tuple[Node, str], str | bool]]:
        """Return names of what no request speaks of, and their forms, kept with the index."""
        if not self._alone:
            return {}, {}
        once = self._index.once
        return (
            once(("words", language), dict[Node, str]),
            once(("forms", language), dict[tuple[Node, str], str | bool]),
        )

    def slots(self, at: int, term: Term) -> Slots:
        """Return what fills a sentence about a term of one of the looks, given by its place."""
        if term.kind == "rule":
            return self._of_rule(at, term)
        find = partial(self._root, at, term)
        if term.coupled:
            return find()
        if term.kind in ("walk", "pair", "taste"):
            # Their terms are told together by what they are about; figures only where they are told.
            known = {"via": term.via} if term.kind == "walk" else _NOTHING
            return Found(known, find)
        return find()

    def _root(self, at: int, term: Term) -> Slots:
        ground = self._ground(at, whole=term.coupled)
        return _filled(cited.root(ground, term).bindings)

    # -- rules -----------------------------------------------------------------------------

    def _of_rule(self, at: int, term: Term) -> Slots:
        assert term.source is not None
        if not self._plain:
            return self._fired(term)
        asks = bound(self._layer.program, term.source)
        known = asks.known(term.verdict.subject if term.verdict else term.source, term.about)
        if asks.wanted <= known.keys():
            return known
        return Found(known, partial(self._found, at, term, asks))

    def _found(self, at: int, term: Term, asks: Bound) -> Slots:
        """Return what a rule binds, kept or found."""
        assert term.verdict is not None
        own = term.verdict.subject == self._iris[at]
        if asks.rests is None or not (own or asks.alone):
            found = self._solved(at, term, asks)
            return self._fired(term) if found is None else found
        if self._said is None:
            self._said = told_by_property(self._layer, self._layer.interner.id(self._request))
        shelf: OrderedDict[object, Slots] = self._index.once("told", OrderedDict[object, Slots])
        key = (asks, term.about, signature(self._said, asks.rests))
        found = shelf.get(key)
        if found is None:
            solved = self._solved(at, term, asks)
            found = self._fired(term) if solved is None else solved
            # What the looks beside it decide, or what bears the request's name, holds but here.
            if (own and solved is None) or self._passing(found):
                return found
            shelf[key] = found
            while len(shelf) > KEPT:
                shelf.popitem(last=False)
        shelf.move_to_end(key)
        return found

    def _passing(self, found: Slots) -> bool:
        """Return whether slots are filled by the request, by a look or by a pair of one."""
        names = (self._request.value, *(iri.value for iri in self._iris))
        return any(
            isinstance(node, NamedNode) and node.value.startswith(names)
            for nodes in found.values()
            for node in nodes
        )

    def _solved(self, at: int, term: Term, asks: Bound) -> Slots | None:
        """Return what a rule binds, from a layer in which only that holds which it may read.

        None where it binds this in one solution and that in another.
        """
        assert term.verdict is not None
        request, on, own = self._request, term.verdict.subject, self._iris[at]
        if on == own:
            items = self._looks[at].items
            placed = scaffold(request, items) if asks.paired else of_items(request, own, items)
        else:
            placed = tuple(Fact(request, WW.considers, item) for item in term.about)
            if len(term.about) > 1:
                assert isinstance(on, NamedNode)
                placed += of_pair(own, on, *term.about)
        layer = self._layer.child(Change(add=placed), idle=asks.idle)
        return asks.solved(layer, term.verdict)

    def _fired(self, term: Term) -> Slots:
        """Return what the ledger says that a rule bound."""
        assert term.verdict is not None
        fired = self._whole().firing(term.verdict)
        return _filled(fired.bindings) if fired is not None else _NOTHING

    # -- layers ----------------------------------------------------------------------------

    def _whole(self) -> Layer:
        """Return a layer in which the looks stand before all rules that gave one a term."""
        if self._laid is None:
            placed = (f for look in self._looks for f in scaffold(look.request.iri, look.items))
            terms = (term for look in self._looks for term in look.terms)
            asked = {term.source for term in terms if term.kind == "rule"}
            self._laid = self._layer.child(
                Change(add=tuple(dict.fromkeys(placed))), idle=verdicts_of(self._layer) - asked
            )
        return self._laid

    def _ground(self, at: int, *, whole: bool) -> Ground:
        """Return what roots are read from: the index's counts, which no request changes.

        Args:
            at: the look's place.
            whole: whether from a layer in which the looks stand, and with their pairs.
        """
        found = self._grounds.get((at, whole))
        if found is None:
            layer = self._whole() if whole or not self._plain else self._layer
            look, index, resources = self._looks[at], self._index, self._resources
            found = self._grounds[at, whole] = Ground(
                layer,
                look,
                self._request,
                resources,
                index.scoring,
                index.paths,
                index.lifts,
                (),
                self._aside,
                coupled.read(layer, look.items, index.scoring, resources, self._aside)
                if whole
                else coupled.nothing(index.scoring, resources, self._aside),
            )
        return found


def _filled(bindings: Iterable[tuple[str, Node]]) -> Slots:
    return {name.removeprefix("?"): (node,) for name, node in bindings}
