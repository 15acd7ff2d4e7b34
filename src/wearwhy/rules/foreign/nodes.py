"""SHACL node expressions: what a triple rule's subject, predicate and object stand for.

Source: SHACL Advanced Features, section 5. Expressions that count, order or compute have no
counterpart in a body, save casts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wearwhy.rdf import SH, BlankNode, NamedNode, Node
from wearwhy.rules.expressions.casts import CASTS
from wearwhy.rules.foreign.graph import Graph
from wearwhy.rules.foreign.paths import Walker, Way, read_path
from wearwhy.rules.foreign.queries import MOST, Lost
from wearwhy.rules.foreign.shapes import Conditions, Elements
from wearwhy.rules.foreign.translation import Draft
from wearwhy.rules.foreign.values import same, value
from wearwhy.rules.model import Assign, Atom, Call, Filter, Negation, Term

DEEPEST: Final = 12


@dataclass(slots=True)
class Nodes:
    """Turns node expressions into patterns and the term they lead to."""

    graph: Graph
    draft: Draft
    walker: Walker
    conditions: Conditions

    def ways(self, node: Node, this: Term, before: Elements, depth: int = 0) -> list[Way]:
        """Return the ways for a node expression to have a value.

        Args:
            node: the expression.
            this: the focus node.
            before: what binds the focus node.
            depth: of expressions within expressions.

        Raises:
            Lost: no body can say it.
        """
        if depth > DEEPEST:
            raise Lost(f"node expressions are nested more than {DEEPEST} deep")
        if node == SH.this:
            return [((), this)]
        if not isinstance(node, BlankNode):
            return [((), node)]
        found = self._of(node, this, before, depth + 1)
        if len(found) > MOST:
            raise Lost(f"a node expression has more than {MOST} alternatives")
        return found

    def _of(self, node: Node, this: Term, before: Elements, depth: int) -> list[Way]:
        graph = self.graph
        inner = graph.one(node, SH.nodes)
        starts: list[Way] = [((), this)] if inner is None else self.ways(inner, this, before, depth)
        if (head := graph.one(node, SH.path)) is not None:
            path = read_path(graph, head)
            return [
                ((*first, *then), to)
                for first, start in starts
                for then, to in self.walker.ways(path, start)
            ]
        if (shape := graph.one(node, SH.filterShape)) is not None:
            return [
                ((*first, *then), to)
                for first, to in starts
                for then in self.conditions.holds(shape, to, (*before, *first))
            ]
        if (head := graph.one(node, SH.union)) is not None:
            parts = graph.items(head)
            return [way for part in parts for way in self.ways(part, this, before, depth)]
        if (head := graph.one(node, SH.intersection)) is not None:
            return self._common(graph.items(head), this, before, depth)
        if (part := graph.one(node, SH.minus)) is not None:
            return self._without(starts, self.ways(part, this, before, depth))
        return self._call(node, this, before, depth)

    def _common(self, parts: list[Node], this: Term, before: Elements, depth: int) -> list[Way]:
        if not parts:
            raise Lost("sh:intersection lists nothing")
        found = self.ways(parts[0], this, before, depth)
        for part in parts[1:]:
            more = self.ways(part, this, before, depth)
            found = [
                ((*one, *two, Filter(same(value(left), value(right)))), left)
                for one, left in found
                for two, right in more
            ]
            if len(found) > MOST:
                raise Lost(f"a node expression has more than {MOST} alternatives")
        return found

    def _without(self, starts: list[Way], taken: list[Way]) -> list[Way]:
        found: list[Way] = []
        for first, to in starts:
            gone = []
            for way, end in taken:
                if any(not isinstance(element, Atom | Filter) for element in way):
                    raise Lost("what sh:minus takes away holds a negation")
                plain = tuple(e for e in way if isinstance(e, Atom | Filter))
                gone.append(Negation((*plain, Filter(same(value(to), value(end))))))
            found.append(((*first, *gone), to))
        return found

    def _call(self, node: Node, this: Term, before: Elements, depth: int) -> list[Way]:
        graph = self.graph
        names = [name for name in graph.predicates(node) if name.value in CASTS]
        if len(names) != 1 or len(graph.predicates(node)) != 1:
            given = ", ".join(sorted(_local(name) for name in graph.predicates(node))) or "nothing"
            raise Lost(f"the node expression {given} has no counterpart in a rule's body")
        parts = [part for head in graph.objects(node, names[0]) for part in graph.items(head)]
        if len(parts) != 1:
            raise Lost("a cast takes one argument")
        found: list[Way] = []
        for way, to in self.ways(parts[0], this, before, depth):
            result = self.draft.fresh()
            found.append(((*way, Assign(result, Call(names[0].value, (value(to),)))), result))
        return found


def _local(name: NamedNode) -> str:
    return name.value.rpartition("#")[2].rpartition("/")[2]
