"""OWL class expressions and data ranges in the atoms of SWRL rules.

Source: OWL 2 mapping to RDF graphs, section 3.2; what has an open-world reading that no pattern
has (complements, universal restrictions, counts) is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wearwhy.rdf import OWL, RDFS, TYPE, XSD, BlankNode, Literal, NamedNode, Node, curie
from wearwhy.rules.foreign.graph import Graph, shown
from wearwhy.rules.foreign.queries import MOST, Lost
from wearwhy.rules.foreign.translation import Draft
from wearwhy.rules.foreign.values import constant, either, same
from wearwhy.rules.model import Atom, Call, Element, Expression, Filter, Term, Var

Elements = tuple[Element, ...]
DEEPEST: Final = 12
_INTEGERS: Final = frozenset(
    XSD[name]
    for name in ("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger")
)
_START: Final = Literal("^(?:")
_END: Final = Literal(")$")
_FACETS: Final = {
    XSD.minInclusive: ">=",
    XSD.minExclusive: ">",
    XSD.maxInclusive: "<=",
    XSD.maxExclusive: "<",
}
_OTHER: Final = (
    OWL.complementOf,
    OWL.allValuesFrom,
    OWL.minCardinality,
    OWL.maxCardinality,
    OWL.cardinality,
    OWL.qualifiedCardinality,
    OWL.minQualifiedCardinality,
    OWL.maxQualifiedCardinality,
)


@dataclass(slots=True)
class Classes:
    """Turns class expressions into patterns."""

    graph: Graph
    draft: Draft

    def holds(self, kind: Node | None, term: Node | Var, depth: int = 0) -> list[Elements]:
        """Return the ways for a term to be of a class.

        Raises:
            Lost: no pattern can say it.
        """
        graph = self.graph
        if depth > DEEPEST:
            raise Lost(f"a class is nested more than {DEEPEST} deep")
        if isinstance(kind, NamedNode):
            return (
                [()]
                if kind == OWL.Thing and isinstance(term, NamedNode)
                else [(Atom(term, TYPE, kind),)]
            )
        if kind is None:
            raise Lost("an atom names no class")
        if (head := graph.one(kind, OWL.intersectionOf)) is not None:
            found: list[Elements] = [()]
            for part in graph.items(head):
                options = self.holds(part, term, depth + 1)
                found = [(*one, *more) for one in found for more in options]
                self._few(found)
            return found
        if (head := graph.one(kind, OWL.unionOf)) is not None:
            found = [way for part in graph.items(head) for way in self.holds(part, term, depth + 1)]
            self._few(found)
            return found
        if (head := graph.one(kind, OWL.oneOf)) is not None:
            members: list[Expression] = [constant(one) for one in graph.items(head)]
            return [(Filter(either([same(term, member) for member in members])),)]
        return self._restriction(kind, term, depth)

    def _restriction(self, kind: Node, term: Node | Var, depth: int) -> list[Elements]:
        graph = self.graph
        if graph.one(kind, OWL.onProperty) is None:
            self._refuse(kind)
        if (wanted := graph.one(kind, OWL.hasValue)) is not None:
            return [(self._pattern(kind, term, constant(wanted)),)]
        if (inner := graph.one(kind, OWL.someValuesFrom)) is not None:
            there = self.draft.fresh()
            first = self._pattern(kind, term, there)
            if inner in (OWL.Thing, RDFS.Literal):
                return [(first,)]
            if self._is_range(inner):
                return [(first, *self.in_range(inner, there))]
            return [(first, *more) for more in self.holds(inner, there, depth + 1)]
        return self._refuse(kind)

    def _refuse(self, kind: Node) -> list[Elements]:
        for name in _OTHER:
            if self.graph.objects(kind, name):
                raise Lost(f"{curie(name)} in a class has no counterpart in a rule's body")
        raise Lost(f"the class {shown(kind)} has no counterpart in a rule's body")

    def _pattern(self, kind: Node, term: Term, value: Term) -> Atom:
        name = self.graph.one(kind, OWL.onProperty)
        back = False
        if isinstance(name, BlankNode):
            name, back = self.graph.one(name, OWL.inverseOf), True
        if not isinstance(name, NamedNode):
            raise Lost("a restriction names no property")
        return Atom(value, name, term) if back else Atom(term, name, value)

    def _few(self, found: list[Elements]) -> None:
        if len(found) > MOST:
            raise Lost(f"a class has more than {MOST} alternatives")

    # data ranges

    def _is_range(self, kind: Node) -> bool:
        return (
            (isinstance(kind, NamedNode) and kind.value.startswith(XSD))
            or self.graph.is_a(kind, RDFS.Datatype)
            or self.graph.is_a(kind, OWL.DataRange)
        )

    def in_range(self, kind: Node | None, term: Node | Var) -> Elements:
        """Return that a term is a value of a data range.

        Raises:
            Lost: no expression can say it.
        """
        graph = self.graph
        if isinstance(kind, NamedNode):
            return (Filter(self._typed(kind, term)),)
        if kind is None:
            raise Lost("an atom names no data range")
        if (head := graph.one(kind, OWL.oneOf)) is not None:
            return (Filter(Call("IN", (term, *(constant(one) for one in graph.items(head))))),)
        base = graph.one(kind, OWL.onDatatype)
        head = graph.one(kind, OWL.withRestrictions)
        if not isinstance(base, NamedNode) or head is None:
            raise Lost("a data range has no counterpart in a rule's body")
        tests: list[Element] = [Filter(self._typed(base, term))]
        for facet in graph.items(head):
            for name in graph.predicates(facet):
                limit = graph.one(facet, name)
                assert limit is not None, "a property that a node has, has a value"
                if name in _FACETS:
                    tests.append(Filter(Call(_FACETS[name], (term, limit))))
                elif name == XSD.pattern:
                    pattern = Call("CONCAT", (_START, limit, _END))
                    tests.append(Filter(Call("REGEX", (Call("STR", (term,)), pattern))))
                else:
                    raise Lost(f"the facet {curie(name)} has no counterpart in a rule's body")
        return tuple(tests)

    def _typed(self, kind: NamedNode, term: Node | Var) -> Expression:
        if kind == RDFS.Literal:
            return Call("ISLITERAL", (term,))
        if kind in _INTEGERS or kind == XSD.decimal:
            self.draft.note(
                "WW-SWRL-DATATYPE",
                f"A value is of {curie(kind)} if its literal carries this datatype.",
                note="OWL goes by values: a literal of a narrower or wider datatype can lie in the range too.",
            )
        return same(Call("DATATYPE", (term,)), kind)

    # heads

    def concluded(self, kind: Node | None, term: Node | Var, depth: int = 0) -> Iterator[Atom]:
        """Yield what it says that a term is of a class.

        Raises:
            Lost: a head cannot say it.
        """
        if depth > DEEPEST:
            raise Lost(f"a class is nested more than {DEEPEST} deep")
        if isinstance(kind, NamedNode):
            yield Atom(term, TYPE, kind)
            return
        if kind is None:
            raise Lost("an atom names no class")
        if (head := self.graph.one(kind, OWL.intersectionOf)) is not None:
            for part in self.graph.items(head):
                yield from self.concluded(part, term, depth + 1)
            return
        wanted = self.graph.one(kind, OWL.hasValue)
        if wanted is None:
            raise Lost("a head cannot say this class")
        yield self._pattern(kind, term, constant(wanted))
