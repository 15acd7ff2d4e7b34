"""Firings to proofs: the evidence for a fact, down to what was asserted or guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from wearwhy.evidence import Evidence, EvidenceNode, Kind
from wearwhy.proof import merged
from wearwhy.proof.backward import Step, row_of
from wearwhy.proof.checker import ASSERTED, GUESSED, Ground
from wearwhy.proof.nodes import (
    content_id,
    fresh_nodes,
    identified,
    is_axiom,
    reachable,
    valued,
)
from wearwhy.proof.recompute import Declared
from wearwhy.rdf import Fact, Node
from wearwhy.rules import sparql
from wearwhy.rules.firing import firing
from wearwhy.rules.ledger import Because, Computed, Guess
from wearwhy.rules.model import (
    Assign,
    Atom,
    Filter,
    Negation,
    Rule,
    TriplePattern,
    Var,
)
from wearwhy.rules.terms import Row

if TYPE_CHECKING:
    from wearwhy.rules.layer import Layer

__all__ = ["Prover", "ground", "identified", "is_axiom", "prove", "reachable"]

_FIGURES: Final = "None None None"

_Shape: TypeAlias = tuple[tuple[str, int, int], ...]
"""Where a rule's bindings stand in its premises: name, number of the premise, place in it."""


class Prover:
    """Proofs over one layer; what is proved once is kept.

    Args:
        layer: the closed graph.
        source: where an asserted fact or a guess came from, if anybody knows.
        chosen: the last step of the proof of each row; the ledger's, for those it does not name.
    """

    def __init__(
        self,
        layer: Layer,
        source: Callable[[Fact], str | None] = lambda _: None,
        chosen: Mapping[Row, Step | None] | None = None,
    ) -> None:
        self._layer = layer
        self._source = source
        self._chosen = chosen
        self._known: dict[Row, str] = {}
        self._facts: dict[Fact, str] = {}
        self._texts: dict[int, str] = {}
        self._terms = layer.interner.nodes
        shapes = layer.program.cache.setdefault("shapes", {})
        assert isinstance(shapes, dict)
        self._shapes: dict[NamedNode, _Shape | None] = shapes
        self.nodes: dict[str, EvidenceNode] = {}

    def node(self, fact: Fact) -> str:
        """Return the id of a fact's node in `nodes`, proving it first if need be.

        Raises:
            NoAnswer: WW-WHY-ABSENT, the fact does not hold here.
        """
        if self._layer.merged is not None:
            return merged.node_of(self._layer, fact, self.nodes, self._facts, self._source)
        root = row_of(self._layer, fact)
        known = self._known
        stack: list[tuple[Row, Step | None]] = [] if root in known else [(root, self._step(root))]
        opened: set[Row] = set()
        while stack:
            row, step = stack[-1]
            if row in known:
                stack.pop()
                continue
            missing = [] if step is None else [p for p in step.premises if p not in known]
            if missing:
                assert row not in opened, "the ledger is acyclic"
                opened.add(row)
                stack += [(premise, self._step(premise)) for premise in missing]
                continue
            stack.pop()
            known[row] = self._leaf(row) if step is None else self._made(row, step)
        return known[root]

    def evidence(self, fact: Fact) -> Evidence:
        """Return the proof of a fact with every node it rests on.

        Raises:
            NoAnswer: as `node`.
        """
        return reachable(self.node(fact), self.nodes)

    def _step(self, row: Row) -> Step | None:
        if self._chosen is not None and row in self._chosen:
            return self._chosen[row]
        entry = self._layer.entry(row)
        if isinstance(entry, Because):
            return Step(entry.rule.rule.iri, entry.rule.rule, entry.premises)
        if isinstance(entry, Computed):
            return Step(entry.measure.iri, None, entry.premises)
        return None

    def _text(self, term: int) -> str:
        found = self._texts.get(term)
        if found is None:
            found = self._texts[term] = str(self._terms[term])
        return found

    def _stated(self, row: Row) -> str:
        return f"{self._text(row[0])}\t{self._text(row[1])}\t{self._text(row[2])}"

    def _leaf(self, row: Row) -> str:
        fact = self._layer.interner.fact(row)
        if isinstance(self._layer.entry(row), Guess):
            kind, guess = Kind.PREDICTED, self._layer.prediction(row)
        else:
            kind, guess = Kind.AXIOM if is_axiom(fact) else Kind.ASSERTED, None
        figures = f"None None {guess}"
        name = content_id(kind, self._stated(row), "None", "", figures, "", "")
        self.nodes[name] = EvidenceNode(
            name, kind, fact, probability=guess, source=self._source(fact)
        )
        return name

    def _made(self, row: Row, step: Step) -> str:
        fact = self._layer.interner.fact(row)
        premises = tuple([self._known[premise] for premise in step.premises])
        sure = self._confidence(row, step, premises)
        kind = Kind.COMPUTED if step.rule is None else Kind.DERIVED
        bindings, texts = self._bindings(step)
        if step.rule is not None and bindings is None:
            bindings, premises = self._told(fact, step.rule, step, premises)
            texts = "\t".join([f"{name}={value}" for name, value in bindings])
        figures = f"None {sure} None" if sure < 1.0 else _FIGURES
        rule = f"<{step.by.value}>"
        name = content_id(kind, self._stated(row), rule, texts, figures, " ".join(premises), "")
        self.nodes[name] = EvidenceNode(
            name,
            kind,
            fact,
            step.by,
            bindings or (),
            None,
            sure if sure < 1.0 else None,
            None,
            None,
            premises,
        )
        return name

    def _confidence(self, row: Row, step: Step, premises: tuple[str, ...]) -> float:
        """Return the product along the proof: the ledger's own, unless a step was chosen."""
        if self._chosen is None or row not in self._chosen:
            return self._layer.confidence_of(row)
        value = 1.0 if step.rule is None else step.rule.description.confidence
        for name in premises:
            node = self.nodes[name]
            sure = node.probability if node.kind is Kind.PREDICTED else node.confidence
            value *= 1.0 if sure is None else sure
        return value

    def _bindings(self, step: Step) -> tuple[tuple[tuple[str, Node], ...] | None, str]:
        """Return the bindings of a rule of patterns alone, and their text; None for other rules."""
        if step.rule is None:
            return (), ""
        if step.by in self._shapes:
            shape = self._shapes[step.by]
        else:
            shape = self._shapes[step.by] = _shape(step.rule)
        if shape is None:
            return None, ""
        premises, terms = step.premises, self._terms
        ids = [(name, premises[number][place]) for name, number, place in shape]
        text = self._text
        return (
            tuple([(name, terms[term]) for name, term in ids]),
            "\t".join([f"{name}={text(term)}" for name, term in ids]),
        )

    def _told(
        self, fact: Fact, rule: Rule, step: Step, known: tuple[str, ...]
    ) -> tuple[tuple[tuple[str, Node], ...], tuple[str, ...]]:
        """Return the bindings of any rule, and its premises with tests and absences among them."""
        fired = firing(rule, tuple(self._layer.interner.fact(p) for p in step.premises))
        bindings = dict(fired.bindings)
        premises, absences = iter(known), iter(fired.absences)
        steps = [
            next(premises)
            if isinstance(element, Atom)
            else self._absent(next(absences))
            if isinstance(element, Negation)
            else self._builtin(element, bindings)
            for element in rule.body
        ]
        made = fresh_nodes(rule, fact, bindings)
        return tuple(sorted((bindings | made).items())), tuple(steps)

    def _absent(self, pattern: tuple[Atom | Filter, ...]) -> str:
        return self._keep(EvidenceNode("", Kind.ABSENT, note=sparql.pattern(pattern)))

    def _builtin(self, element: Filter | Assign, bindings: dict[str, Node]) -> str:
        note = sparql.expression(valued(element.expression, bindings))
        if isinstance(element, Assign):
            note = f"{sparql.term(bindings[element.var.name])} = {note}"
        return self._keep(EvidenceNode("", Kind.BUILTIN, note=note))

    def _keep(self, node: EvidenceNode) -> str:
        made = identified(node)
        self.nodes[made.id] = made
        return made.id


def _shape(rule: Rule) -> _Shape | None:
    """Return where bindings stand in the premises of a rule of plain patterns, else None."""
    places: dict[str, tuple[int, int]] = {}
    for number, atom in enumerate(rule.body):
        if not isinstance(atom, Atom):
            return None
        for place, term in enumerate((atom.subject, atom.predicate, atom.object)):
            if isinstance(term, Var):
                places.setdefault(term.name, (number, place))
            elif not isinstance(term, Node):
                return None
    # A blank node of a head is made by the firing, and told among the bindings.
    heads = [term for atom in rule.head for term in (atom.subject, atom.predicate, atom.object)]
    if any(isinstance(term, BlankNode | TriplePattern) for term in heads):
        return None
    return tuple((name, *places[name]) for name in sorted(places))


def prove(
    layer: Layer,
    fact: Fact,
    source: Callable[[Fact], str | None] = lambda _: None,
    chosen: Mapping[Row, Step | None] | None = None,
) -> Evidence:
    """Return the evidence for a fact: its firing, a proof for each premise, down to the leaves.

    Premises stand in the order of the rule's body: facts, BUILTIN nodes for FILTER and SET, ABSENT
    nodes for NOT, whose note is the pattern that had no match.

    Args:
        layer: the closed graph.
        fact: to prove.
        source: where a leaf came from, if anybody knows.
        chosen: the last step of each row's proof; without it the derivation that the ledger keeps.

    Raises:
        NoAnswer: WW-WHY-ABSENT, the fact does not hold in the layer.
    """
    return Prover(layer, source, chosen).evidence(fact)


def ground(layer: Layer, rules: Iterable[Rule], measures: Iterable[Declared] = ()) -> Ground:
    """Return what the checker checks against: the layer's facts by kind, and rules and measures.

    Facts about literals, which RDF cannot store, are left out of the store; no NOT sees them.
    """
    asserted: set[Fact] = set()
    predicted: dict[Fact, float] = {}
    quads: list[Quad] = []
    for fact in layer.facts():
        kind = layer.kind(fact)
        graphs: list[NamedNode | None] = [None]
        if kind is Kind.PREDICTED:
            predicted[fact] = layer.probability(fact) or 0.0
            graphs = [GUESSED]
        elif kind is Kind.ASSERTED:
            asserted.add(fact)
            graphs = [None, ASSERTED]
        if isinstance(fact.subject, NamedNode | BlankNode):
            quads += [Quad(fact.subject, fact.predicate, fact.object, graph) for graph in graphs]
    store = Store()
    store.bulk_extend(quads)
    return Ground(
        {rule.iri.value: rule for rule in rules},
        store,
        asserted,
        predicted,
        {measure.iri.value: measure for measure in measures},
    )
