"""SWRL rules, as Protégé and owlready2 write them: swrl:Imp with lists of atoms.

Classes and properties become patterns, built-ins FILTER or SET behind them. A rule that reads
what a body cannot say is left out, with a note: without the condition it would conclude more.

Source: SWRL: A Semantic Web Rule Language, W3C member submission of 2004.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from wearwhy.errors import nearest
from wearwhy.rdf import OWL, TYPE, XSD, BlankNode, Fact, Literal, NamedNode, Namespace, Node, curie
from wearwhy.rules.foreign.builtins import NAMES, RESULTS, SWRLB, TESTS, made
from wearwhy.rules.foreign.classes import Classes, Elements
from wearwhy.rules.foreign.graph import Graph, shown
from wearwhy.rules.foreign.queries import MOST, Lost
from wearwhy.rules.foreign.translation import (
    Draft,
    Translation,
    bound,
    local_name,
)
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Description,
    Element,
    Expression,
    Filter,
    Rule,
    Term,
    Var,
    variables,
)

LANGUAGE: Final = "SWRL"
SWRL: Final = Namespace("http://www.w3.org/2003/11/swrl#")
_SWRLA: Final = Namespace("http://swrl.stanford.edu/ontologies/3.3/swrla.owl#")


@dataclass(slots=True)
class _Reader:
    graph: Graph
    draft: Draft
    names: dict[Node, Var] = field(default_factory=dict)

    def read(self) -> None:
        for number, node in enumerate(self.graph.subjects(TYPE, SWRL.Imp), 1):
            name = node if isinstance(node, NamedNode) else self.draft.named(f"swrl-{number}")
            about = self._about(node, number)
            self.names, self.draft.origin = {}, about.origin
            try:
                bodies = self._bodies(self._atoms(node, SWRL.body))
                heads = self._heads(self._atoms(node, SWRL.head), bodies)
                names = self.draft.numbered(name, len(bodies))
                self.draft.conclude(
                    [
                        Rule(iri, heads, body, description=about)
                        for iri, body in zip(names, bodies, strict=True)
                    ]
                )
            except Lost as lost:
                self.draft.leave_out("WW-SWRL-LEFT-OUT", lost)

    def _about(self, node: Node, number: int) -> Description:
        enabled = self.graph.objects(node, _SWRLA.isRuleEnabled)
        named = curie(node) if isinstance(node, NamedNode) else str(number)
        return Description(
            label=self.graph.label(node),
            origin=f"{LANGUAGE} rule {named} in {PurePath(self.draft.file).name}",
            off=Literal("false", datatype=XSD.boolean) in enabled,
        )

    def _atoms(self, node: Node, part: NamedNode) -> list[Node]:
        head = self.graph.one(node, part)
        return [] if head is None else self.graph.items(head)

    # terms

    def _term(self, node: Node | None) -> Node | Var:
        if node is None:
            raise Lost("an atom lacks an argument")
        if SWRL.Variable in self.graph.objects(node, TYPE):
            return self._variable(node)
        if isinstance(node, BlankNode):
            raise Lost("an individual without a name is meant, which a rule cannot name")
        return node

    def _variable(self, node: Node) -> Var:
        known = self.names.get(node)
        if known is None:
            stem = local_name(node.value) if isinstance(node, NamedNode) else "v"
            taken = {var.name for var in self.names.values()}
            name, number = stem, 1
            while name in taken:
                number += 1
                name = f"{stem}_{number}"
            known = self.names[node] = Var(name)
        return known

    def _arguments(self, atom: Node) -> tuple[Node | Var, Node | Var]:
        one, two = self.graph.one(atom, SWRL.argument1), self.graph.one(atom, SWRL.argument2)
        return self._term(one), self._term(two)

    def _property(self, atom: Node) -> tuple[NamedNode, bool]:
        node = self.graph.one(atom, SWRL.propertyPredicate)
        back = False
        if isinstance(node, BlankNode):
            node, back = self.graph.one(node, OWL.inverseOf), True
        if not isinstance(node, NamedNode):
            raise Lost("an atom names no property")
        return node, back

    # bodies

    def _bodies(self, atoms: list[Node]) -> list[Elements]:
        classes = Classes(self.graph, self.draft)
        patterns: list[Elements] = [()]
        tests: list[Node] = []
        for atom in atoms:
            options = self._patterns(atom, classes)
            if options is None:
                tests.append(atom)
                continue
            patterns = [(*one, *more) for one in patterns for more in options]
            if len(patterns) > MOST:
                raise Lost(f"it has more than {MOST} alternatives")
        return [self._tested(_settled(found), tests) for found in patterns]

    def _patterns(self, atom: Node, classes: Classes) -> list[Elements] | None:
        """Return the ways for an atom to hold; None of built-ins, which wait for their values."""
        graph = self.graph
        if graph.is_a(atom, SWRL.ClassAtom):
            kind = graph.one(atom, SWRL.classPredicate)
            return classes.holds(kind, self._term(graph.one(atom, SWRL.argument1)))
        if graph.is_a(atom, SWRL.DataRangeAtom):
            kind = graph.one(atom, SWRL.dataRange)
            return [classes.in_range(kind, self._term(graph.one(atom, SWRL.argument1)))]
        if graph.is_a(atom, SWRL.IndividualPropertyAtom) or graph.is_a(
            atom, SWRL.DatavaluedPropertyAtom
        ):
            name, back = self._property(atom)
            one, two = self._arguments(atom)
            return [(Atom(two, name, one) if back else Atom(one, name, two),)]
        if graph.is_a(atom, SWRL.SameIndividualAtom):
            one, two = self._arguments(atom)
            return [(Filter(Call("SAMETERM", (one, two))),), (Atom(one, OWL.sameAs, two),)]
        if graph.is_a(atom, SWRL.DifferentIndividualsAtom):
            one, two = self._arguments(atom)
            self.draft.note(
                "WW-SWRL-DIFFERENT",
                "Individuals differ where owl:differentFrom says so.",
                note="OWL also derives that things differ; two names alone do not make two things.",
            )
            return [(Atom(one, OWL.differentFrom, two),), (Atom(two, OWL.differentFrom, one),)]
        if graph.is_a(atom, SWRL.BuiltinAtom):
            return None
        raise Lost("an atom of its body is of no kind that SWRL knows")

    def _tested(self, found: Elements, tests: list[Node]) -> Elements:
        """Return a body with its built-ins, each as soon as its arguments have values."""
        elements = list(found)
        known = set(bound(elements)) | _set(found)
        waiting = list(tests)
        while waiting:
            for atom in waiting:
                element = self._builtin(atom, known)
                if element is not None:
                    elements.append(element)
                    known |= variables(element) if isinstance(element, Assign) else set()
                    waiting.remove(atom)
                    break
            else:
                missing = sorted(
                    f"{v}"
                    for atom in waiting
                    for v in self._given(atom)
                    if v not in known
                    if isinstance(v, Var)
                )
                raise Lost(f"nothing gives {', '.join(dict.fromkeys(missing))} a value")
        return tuple(elements)

    def _given(self, atom: Node) -> list[Node | Var]:
        head = self.graph.one(atom, SWRL.arguments)
        return [] if head is None else [self._term(node) for node in self.graph.items(head)]

    def _builtin(self, atom: Node, known: set[Var]) -> Element | None:
        """Return a built-in as FILTER or SET; None if it must wait.

        Raises:
            Lost: an expression cannot say it.
        """
        builtin = self.graph.one(atom, SWRL.builtin)
        name = builtin.value.removeprefix(SWRLB) if isinstance(builtin, NamedNode) else ""
        if name not in NAMES:
            near = nearest(name, NAMES)
            hint = f"; did you mean {near}?" if near else ""
            raise Lost(
                f"the built-in {shown(builtin) if builtin else 'without a name'} has no counterpart{hint}"
            )
        args: list[Expression] = list(self._given(atom))
        if not args:
            raise Lost(f"the built-in {name} has no arguments")
        free = [arg for arg in args if isinstance(arg, Var) and arg not in known]
        if not free:
            test = made(TESTS, name, args)
            if test is None and (result := made(RESULTS, name, args[1:])) is not None:
                test = Call("=", (args[0], result))
            if test is not None:
                return Filter(test)
        elif free == [args[0]] and isinstance(args[0], Var):
            result = made(RESULTS, name, args[1:])
            if result is not None:
                return Assign(args[0], result)
            raise Lost(f"the built-in {name} gives {args[0]} no value")
        elif name == "equal" and free == [args[1]] and isinstance(args[1], Var):
            return Assign(args[1], args[0])
        else:
            return None
        raise Lost(f"the built-in {name} takes another number of arguments than {len(args)}")

    # heads

    def _heads(self, atoms: list[Node], bodies: list[Elements]) -> tuple[Atom, ...]:
        known = set.intersection(*(set(bound(body)) | _set(body) for body in bodies))
        found: list[Atom] = []
        for atom in atoms:
            try:
                said = tuple(self._head(atom))
                if free := sorted(variables(said) - known):
                    raise Lost(f"nothing gives {free[0]} a value")  # noqa: TRY301
                found += said
            except Lost as lost:
                self.draft.note(
                    "WW-SWRL-HEAD",
                    f"One conclusion is dropped: {lost}.",
                    note="The others stand: they do not rest on it.",
                )
        if not found:
            raise Lost("nothing that it concludes can be said")
        return tuple(found)

    def _head(self, atom: Node) -> Iterator[Atom]:
        graph = self.graph
        if graph.is_a(atom, SWRL.ClassAtom):
            kind = graph.one(atom, SWRL.classPredicate)
            term = self._term(graph.one(atom, SWRL.argument1))
            yield from Classes(graph, self.draft).concluded(kind, term)
            return
        one: Term
        two: Term
        for kind, name in (
            (SWRL.SameIndividualAtom, OWL.sameAs),
            (SWRL.DifferentIndividualsAtom, OWL.differentFrom),
        ):
            if graph.is_a(atom, kind):
                one, two = self._arguments(atom)
                yield Atom(one, name, two)
                return
        if graph.is_a(atom, SWRL.BuiltinAtom) or graph.is_a(atom, SWRL.DataRangeAtom):
            raise Lost("a built-in or data range stands in its head")
        name, back = self._property(atom)
        one, two = self._arguments(atom)
        yield Atom(two, name, one) if back else Atom(one, name, two)


def _set(body: Elements) -> set[Var]:
    return {element.var for element in body if isinstance(element, Assign)}


def _settled(found: Elements) -> Elements:
    """Return elements with their filters behind the patterns, which bind what they read."""
    patterns = [one for one in found if isinstance(one, Atom)]
    known = set(bound(patterns))
    rest: list[Element] = []
    for one in found:
        if isinstance(one, Atom):
            continue
        free = sorted(variables(one) - known)
        other = _equal(one, free)
        if other is not None:
            rest.append(Assign(free[0], other))
            known.add(free[0])
            continue
        if free:
            raise Lost(f"nothing gives {free[0]} a value")
        rest.append(one)
    return (*patterns, *rest)


def _equal(one: Element, free: list[Var]) -> Node | Var | None:
    """Return what a test of sameness gives the one variable that has no value yet."""
    test = one.expression if isinstance(one, Filter) else None
    if not isinstance(test, Call) or test.name != "SAMETERM" or len(free) != 1:
        return None
    others = [arg for arg in test.args if arg != free[0]]
    if free[0] not in test.args or len(others) != 1 or isinstance(others[0], Call):
        return None
    return others[0]


def read_swrl(facts: Iterable[Fact], file: str, prefixes: Mapping[str, str]) -> Translation:
    """Return the SWRL rules of an ontology, and what was lost.

    Args:
        facts: the ontology.
        file: its name, for places and names.
        prefixes: of the file, to print with.
    """
    graph = Graph(facts)
    draft = Draft(file, LANGUAGE)
    _Reader(graph, draft).read()
    return draft.finished(prefixes)
