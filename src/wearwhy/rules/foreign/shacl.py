"""SHACL-AF rules: sh:TripleRule and sh:SPARQLRule with their shapes' targets and conditions.

A target binds the focus node, a condition tests it, and what the rule says is its head. SHACL runs
rules once, in the order of sh:order; here rules run until nothing new follows. Where that could
make a difference, a note says so.

Source: SHACL Advanced Features, sections 3 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import Final

from wearwhy.errors import NotStratified, RuleError
from wearwhy.rdf import OWL, RDFS, SH, TYPE, Fact, Literal, NamedNode, Node, curie
from wearwhy.rules.foreign.graph import Graph, shown
from wearwhy.rules.foreign.nodes import Nodes
from wearwhy.rules.foreign.paths import Walker
from wearwhy.rules.foreign.queries import Lost, Query, read_query
from wearwhy.rules.foreign.shapes import Conditions, Elements
from wearwhy.rules.foreign.translation import Draft, Translation, bound, flag
from wearwhy.rules.foreign.values import constant
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Description,
    Expression,
    Filter,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.stratify import dependency_graph, stratify
from wearwhy.rules.substitute import in_atom, in_element
from wearwhy.rules.syntax import parse
from wearwhy.rules.wellformed import check

LANGUAGE: Final = "SHACL-AF"
THIS: Final = Var("this")
_PREFIX: Final = re.compile(r"[A-Za-z][\w.-]*|")
_TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to reach a focus node: a term, and what binds it."""

    this: Term
    elements: Elements


@dataclass(slots=True)
class _Reader:
    graph: Graph
    draft: Draft
    prefixes: Mapping[str, str]
    orders: dict[NamedNode, Decimal] = field(default_factory=dict)

    def read(self) -> None:
        pairs = list(self.graph.pairs(SH.rule))
        for number, (shape, node) in enumerate(pairs, 1):
            name = node if isinstance(node, NamedNode) else self.draft.named(f"shacl-{number}")
            about = self._about(shape, node, number)
            self.draft.origin = about.origin
            try:
                made = self._rule(shape, node)
                order = self._order(shape, node)
                rules = [
                    replace(rule, iri=iri, description=about)
                    for rule, iri in zip(made, self.draft.numbered(name, len(made)), strict=True)
                ]
                helpers = list(self.draft.helpers)
                self.draft.conclude(rules)
            except Lost as lost:
                self.draft.leave_out("WW-SHACL-LEFT-OUT", lost)
                continue
            self.orders.update((rule.iri, order) for rule in (*rules, *helpers))

    def _about(self, shape: Node, node: Node, number: int) -> Description:
        label = self.graph.label(node)
        off = flag() in (
            *self.graph.objects(node, SH.deactivated),
            *self.graph.objects(shape, SH.deactivated),
        )
        named = curie(node) if isinstance(node, NamedNode) else str(number)
        file = PurePath(self.draft.file).name
        origin = f"{LANGUAGE} rule {named} of {shown(shape)} in {file}"
        return Description(label=label, origin=origin, off=off)

    def _order(self, shape: Node, node: Node) -> Decimal:
        found = self.graph.one(node, SH.order) or self.graph.one(shape, SH.order)
        try:
            return Decimal(found.value) if isinstance(found, Literal) else Decimal(0)
        except InvalidOperation:
            raise Lost("its sh:order is no number") from None

    def _rule(self, shape: Node, node: Node) -> list[Rule]:
        graph, draft = self.graph, self.draft
        walker = Walker(draft)
        conditions = Conditions(graph, draft, walker)
        listed: list[Node] = []
        for one in graph.objects(node, SH.condition):
            listed += graph.items(one) if graph.objects(one, NamedNode(_FIRST)) else [one]
        ways: list[_Way] = []
        for target in self._targets(shape):
            found: list[Elements] = [target.elements]
            for one in listed:
                found = [
                    (*before, *more)
                    for before in found
                    for more in conditions.holds(one, target.this, before)
                ]
            ways += (_Way(target.this, elements) for elements in found)
        if not ways:
            raise Lost("its shape has no target")
        if graph.is_a(node, SH.TripleRule) or graph.objects(node, SH.subject):
            nodes = Nodes(graph, draft, walker, conditions)
            return [rule for way in ways for rule in self._triples(node, way, nodes)]
        texts = graph.objects(node, SH.construct)
        if graph.is_a(node, SH.SPARQLRule) and not texts:
            raise Lost("it has no sh:construct")
        if texts:
            return [rule for text in texts for way in ways for rule in self._query(node, text, way)]
        kinds = ", ".join(shown(kind) for kind in graph.objects(node, TYPE)) or "of no kind"
        raise Lost(f"it is {kinds}, not a sh:TripleRule or a sh:SPARQLRule")

    # targets

    def _targets(self, shape: Node) -> Iterator[_Way]:
        graph = self.graph
        classes = graph.objects(shape, SH.targetClass)
        if graph.is_a(shape, RDFS.Class) or graph.is_a(shape, OWL.Class):
            classes.append(shape)
        for kind in dict.fromkeys(classes):
            self.draft.note(
                "WW-SHACL-SUBCLASS",
                "Instances of subclasses count by the rule cax-sco, which derives their types.",
                note="SHACL walks rdfs:subClassOf itself; wearwhy's bundled OWL 2 RL rules do it for every rule.",
            )
            yield _Way(THIS, (Atom(THIS, TYPE, constant(kind)),))
        for one in graph.objects(shape, SH.targetNode):
            yield _Way(constant(one), ())
        for name in graph.objects(shape, SH.targetSubjectsOf):
            yield _Way(THIS, (Atom(THIS, constant(name), self.draft.fresh()),))
        for name in graph.objects(shape, SH.targetObjectsOf):
            yield _Way(THIS, (Atom(self.draft.fresh(), constant(name), THIS),))
        for target in graph.objects(shape, SH.target):
            select = graph.one(target, SH.select)
            if not isinstance(select, Literal):
                raise Lost("a target of its shape is neither a class, a node, nor a SELECT")
            query = self._parsed(target, select)
            for rule in _bodies(query):
                yield _Way(THIS, rule.body)

    # what a rule says

    def _triples(self, node: Node, way: _Way, nodes: Nodes) -> list[Rule]:
        found: list[tuple[Elements, tuple[Term, ...]]] = [(way.elements, ())]
        for name in (SH.subject, SH.predicate, SH.object):
            part = self.graph.one(node, name)
            if part is None:
                raise Lost(f"it has no {curie(name)}")
            found = [
                ((*before, *more), (*terms, to))
                for before, terms in found
                for more, to in nodes.ways(part, way.this, before)
            ]
        return [
            Rule(_NOBODY, (Atom(terms[0], terms[1], terms[2]),), elements)
            for elements, terms in found
        ]

    def _query(self, node: Node, text: Node, way: _Way) -> list[Rule]:
        if not isinstance(text, Literal):
            raise Lost("its sh:construct is no text")
        query = self._parsed(node, text)
        if query.form != "CONSTRUCT":
            raise Lost("its sh:construct is no CONSTRUCT query")
        found = []
        for rule in _bodies(query):
            body, head = rule.body, rule.head
            if not isinstance(way.this, Var | TriplePattern):
                values = {THIS: way.this}
                body = tuple(in_element(element, values) for element in body)
                head = tuple(in_atom(atom, values) for atom in head)
            whole = Rule(_NOBODY, head, (*way.elements, *body))
            errors = check(whole)
            if errors and (len(query.bodies) == 1 or _forgiving(whole)):
                raise Lost(errors[0].sentence.rstrip("."))
            self._note_binds(whole)
            if not errors:  # else what OPTIONAL left unbound makes the alternative fail
                found.append(whole)
        if not found:
            raise Lost("none of its alternatives has a value for all that it reads")
        return found

    def _note_binds(self, rule: Rule) -> None:
        for number, element in enumerate(rule.body):
            if isinstance(element, Assign) and not (
                all(element.var in variables(atom) for atom in rule.head)
                and element.var not in bound(rule.body[number + 1 :])
            ):
                self.draft.note(
                    "WW-SHACL-BIND",
                    f"Where the BIND of {element.var} fails, the rule does not fire.",
                    note="SPARQL goes on with the variable unbound; SET drops the solution.",
                )

    def _parsed(self, node: Node, text: Literal) -> Query:
        known = dict(self.prefixes)
        for holder in self.graph.objects(node, SH.prefixes):
            known.update(self._declared(holder, set()))
        lines = [
            f"PREFIX {name}: <{base}>"
            for name, base in known.items()
            if _PREFIX.fullmatch(name) and not re.search(r'[\x00-\x20<>"{}|^`\\]', base)
        ]
        query = read_query(text.value)
        if query.subclasses:
            self.draft.note(
                "WW-SHACL-SUBCLASS",
                "Instances of subclasses count by the rule cax-sco, which derives their types.",
                note="SHACL walks rdfs:subClassOf itself; wearwhy's bundled OWL 2 RL rules do it for every rule.",
            )
        return replace(query, prologue="\n".join(lines) + "\n" + query.prologue)

    def _declared(self, holder: Node, seen: set[Node]) -> dict[str, str]:
        if holder in seen or len(seen) > 100:
            return {}
        seen.add(holder)
        found: dict[str, str] = {}
        for one in self.graph.objects(holder, OWL.imports):
            found.update(self._declared(one, seen))
        for one in self.graph.objects(holder, SH.declare):
            name, base = self.graph.one(one, SH.prefix), self.graph.one(one, SH.namespace)
            if isinstance(name, Literal) and isinstance(base, Literal):
                found[name.value] = base.value
        return found


_FIRST: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
_NOBODY: Final = NamedNode("urn:wearwhy:unnamed")


def _bodies(query: Query) -> Iterator[Rule]:
    """Yield the rules that a query's alternatives are; templates without a value fall away.

    Raises:
        Lost: the language of rules cannot say one of them.
    """
    for body in query.bodies:
        head = query.head if query.form == "CONSTRUCT" else ""
        try:
            (rule,) = parse(f"{query.prologue} RULE {{ {head} }} WHERE {{ {body.text} }}").rules
        except RuleError as error:
            raise Lost(f"{error.sentence.rstrip('.')} ({error.code})") from None
        known = variables(rule.body) | {THIS}
        yield replace(rule, head=tuple(atom for atom in rule.head if variables(atom) <= known))


def _forgiving(rule: Rule) -> bool:
    """Return whether an error within an expression might not make it fail."""

    def within(expression: Expression) -> bool:
        return isinstance(expression, Call) and (
            expression.name in {"||", "&&", "IN", "NOT IN", "IF"}
            or any(within(arg) for arg in expression.args)
        )

    parts = (one for one in rule.body if isinstance(one, Filter | Assign))
    return any(within(one.expression) for one in parts)


def read_shacl(facts: Iterable[Fact], file: str, prefixes: Mapping[str, str]) -> Translation:
    """Return the rules of a shapes graph, and what was lost.

    Args:
        facts: the shapes graph.
        file: its name, for places and names.
        prefixes: of the file; queries may use them beside those that sh:prefixes declares.
    """
    graph = Graph(facts)
    draft = Draft(file, LANGUAGE)
    reader = _Reader(graph, draft, prefixes)
    reader.read()
    _note_order(draft, reader.orders)
    return draft.finished(prefixes)


def _note_order(draft: Draft, orders: Mapping[NamedNode, Decimal]) -> None:
    """Note the rules that could conclude more, or otherwise, than in one pass by sh:order."""
    active = [rule for rule in draft.rules if not rule.description.off]
    order = [orders.get(rule.iri, Decimal(0)) for rule in active]
    helps = [rule.description.origin.startswith("helps ") for rule in active]
    ranks = [None if is_help else one for one, is_help in zip(order, helps, strict=True)]
    latest = dependency_graph(active).foremost(ranks)
    for number, rule in enumerate(active):
        other = latest[number]
        if other is not None and order[other] >= order[number]:
            draft.note(
                "WW-SHACL-ORDER",
                f"{curie(rule.iri)} also fires on what {curie(active[other].iri)} concludes.",
                note="SHACL runs each rule once, in the order of sh:order; here rules run until nothing new follows.",
            )
            draft.about.setdefault(rule.iri, []).extend(draft.settle())
    try:
        stratify(active)
    except NotStratified as error:
        draft.note(
            "WW-SHACL-STRATA",
            f"Together the rules cannot be run: {error.sentence}",
            note=error.note,
            hint=error.hint,
        )
        draft.settle()
