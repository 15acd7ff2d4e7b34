"""A layer's facts as lines of N-Quads: the fact in the graph of its kind, and why it holds.

The lines of a fact depend on the fact and what the layer says of it, on nothing else, so that what
changed between two layers is found by looking at the facts that they differ in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Final

from wearwhy.evidence import Kind
from wearwhy.rdf import RDF, RDFS, WW, BlankNode, Fact, Literal, NamedNode, Node, Triple, literal
from wearwhy.rules.layer import Layer
from wearwhy.rules.ledger import Ledger
from wearwhy.rules.terms import Row
from wearwhy.service.workers.naming import is_skolem
from wearwhy.store.skolem import GENID
from wearwhy.workspace.dataset import KINDS, WHY, graph_of

_GRAPHS: Final = {kind: f" {graph_of(kind)} ." for kind in KINDS} | {
    # What holds by another name follows from what was said by the first.
    Kind.SAME: f" {graph_of(Kind.DERIVED)} ."
}
_WHY: Final = f" {WHY} ."
_MOST_TEXTS: Final = 150_000


class Writer:
    """Writes facts; it keeps the text of the terms that it has met."""

    def __init__(self) -> None:
        self._texts: dict[Node, str] = {}

    def text(self, node: Node) -> str:
        """Return a term as N-Quads writes it; a Skolem name is a blank node."""
        found = self._texts.get(node)
        if found is None:
            if len(self._texts) > _MOST_TEXTS:
                self._texts.clear()
            found = self._texts[node] = self._text(node)
        return found

    def _text(self, node: Node) -> str:
        if isinstance(node, NamedNode):
            return f"_:sk{node.value[len(GENID) :]}" if is_skolem(node) else str(node)
        if isinstance(node, BlankNode):
            return f"_:n{node.value}"
        if isinstance(node, Triple):
            return f"<<( {self.triple(node.subject, node.predicate, node.object)} )>>"
        return str(node)

    def triple(self, subject: Node, predicate: Node, value: Node) -> str:
        """Return three terms in a line."""
        return f"{self.text(subject)} {self.text(predicate)} {self.text(value)}"

    def line(self, graph: NamedNode, fact: Fact) -> bytes:
        """Return a fact in a graph."""
        return f"{self.triple(*fact)} {graph} .".encode()

    def lines(self, layer: Layer, fact: Fact) -> Iterator[bytes]:
        """Yield the lines of a fact that a layer shows; none for one that RDF does not allow."""
        if not isinstance(fact.subject, NamedNode | BlankNode):
            return
        kind = layer.kind(fact)
        graph = _GRAPHS.get(kind) if kind is not None else None
        if graph is None:
            return
        said = self.triple(*fact)
        yield f"{said}{graph}".encode()
        if kind is Kind.ASSERTED or not isinstance(fact.subject, NamedNode):
            return
        node = f"_:w{blake2b(said.encode(), digest_size=12).hexdigest()}"
        for predicate, value in self._reasons(layer, fact, said, str(kind)):
            yield f"{node} {predicate} {value}{_WHY}".encode()

    def _reasons(
        self, layer: Layer, fact: Fact, said: str, kind: str
    ) -> Iterator[tuple[NamedNode, str]]:
        yield RDF.reifies, f"<<( {said} )>>"
        yield WW.about, self.text(fact.subject)
        yield WW.kind, str(Literal(kind))
        if kind == Kind.PREDICTED:
            yield WW.probability, str(literal(layer.probability(fact) or 0.0))
            return
        firing = layer.firing(fact)
        if firing is not None:
            yield WW.byRule, str(firing.rule)
        confidence = layer.confidence(fact)
        if confidence < 1.0:
            yield WW.confidence, str(literal(round(confidence, 6)))

    def labels(self, layer: Layer) -> Iterator[bytes]:
        """Yield what the rules in force are called."""
        for rule in layer.program.rules:
            for language, text in rule.description.label:
                label = Literal(text, language=language)
                yield f"{rule.iri} {RDFS.label} {label}{_WHY}".encode()

    def all_lines(self, layer: Layer) -> Iterator[bytes]:
        """Yield every line of a layer."""
        for fact in layer.facts():
            yield from self.lines(layer, fact)
        yield from self.labels(layer)

    def differing(
        self, layer: Layer, base: Layer, rows: Iterable[Row]
    ) -> tuple[set[bytes], set[bytes]]:
        """Return the lines that only a layer has, and those that only its base has.

        Args:
            layer: lies on the base.
            base: the other one.
            rows: all in which they may differ.
        """
        own, gone = set(self.labels(layer)), set(self.labels(base))
        both = own & gone
        own -= both
        gone -= both
        for row in rows:
            fact = layer.interner.fact(row)
            here = set(self.lines(layer, fact)) if layer.sees(row) else set()
            there = set(self.lines(base, fact)) if base.sees(row) else set()
            own |= here - there
            gone |= there - here
        return own, gone


def touched(layer: Layer, base: Layer) -> dict[Row, None] | None:
    """Return every row of which a layer may say anything else than its base.

    None, where the layers between do not tell: names are merged, or one was closed as a whole.
    """
    rows: dict[Row, None] = {}
    at: Ledger | None = layer
    if base.merged is not None:
        return None
    while at is not base:
        if at is None or at.under is not at.below or getattr(at, "merged", None) is not None:
            return None
        for part in (at.entries, at.gone, at.predictions):
            rows.update(dict.fromkeys(part))
        at = at.below
    return rows
