"""Reading triples, and expanding their sugar into plain ones.

Property lists, collections, blank node property lists, paths of `/` and `^`, reified triples,
reifiers and annotations all become triples of the model. Source: productions [25]–[88] of the
SPARQL-RL grammar; reification as in RDF 1.2 Turtle, section 2.8.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from pyoxigraph import NamedNode

from wearwhy.rdf import RDF, TYPE
from wearwhy.rules.model import Atom, Term
from wearwhy.rules.syntax.lexer import Source
from wearwhy.rules.syntax.terms import NIL, WHERE_TERM, Terms

Step: TypeAlias = tuple[bool, NamedNode]
"""One step of a path: whether it goes backwards, and its property."""

_VERBS: Final = frozenset(("a", "VAR", "PNAME", "IRIREF", "^", "("))
_ONE_STEP: Final = "Only a plain predicate can be annotated: a path names no single triple."


class Triples(Terms):
    """Reads blocks of triples into `atoms`."""

    def __init__(self, source: Source, base: str | None) -> None:
        super().__init__(source, base)
        self.atoms: list[Atom] = []

    def triples_block(self) -> None:
        """Read triples with dots between, up to what opens no triple."""
        while True:
            self.triples_same_subject()
            if self.kinds[self.at] != ".":
                return
            self.at += 1
            if self.kinds[self.at] in {"}", "FILTER", "NOT", "SET"}:
                return

    def triples_same_subject(self) -> None:
        """Read one subject with its property list."""
        kind = self.kinds[self.at]
        optional = kind in {"[", "(", "<<"}
        subject = self._node("a triple")
        if optional and self.kinds[self.at] not in _VERBS:
            return
        self.property_list(subject)

    def property_list(self, subject: Term) -> None:
        """Read predicates with their objects, and emit their triples."""
        while True:
            verb = self._verb()
            while True:
                self._object(subject, verb)
                if self.kinds[self.at] != ",":
                    break
                self.at += 1
            if self.kinds[self.at] != ";":
                return
            while self.accept(";"):
                pass
            if self.kinds[self.at] not in _VERBS:
                return

    def _object(self, subject: Term, verb: Term | tuple[Step, ...]) -> None:
        first = self.at
        found = self._node("an object")
        if isinstance(verb, tuple):
            self._emit_path(subject, verb, found)
            if self.kinds[self.at] in {"~", "{|"}:
                self.error("WW-RULE-PATH", "A path cannot be annotated.", note=_ONE_STEP)
            return
        self.atoms.append(Atom(subject, verb, found))
        reifier: Term | None = None
        while True:
            kind = self.kinds[self.at]
            if kind == "~":
                self.at += 1
                reifier = self._reifier()
                self._reify(reifier, subject, verb, found, first)
            elif kind == "{|":
                if reifier is None:
                    reifier = self.fresh()
                    self._reify(reifier, subject, verb, found, first)
                self.enter()
                self.at += 1
                self.property_list(reifier)
                self.expect("|}", "An annotation is {| predicate object ; … |}.")
                self.depth -= 1
                reifier = None
            else:
                return

    def _reify(self, reifier: Term, subject: Term, verb: Term, found: Term, at: int) -> None:
        self.atoms.append(Atom(reifier, RDF.reifies, self.quoted(subject, verb, found, at)))

    def _reifier(self) -> Term:
        kind = self.kinds[self.at]
        if kind in {"PNAME", "IRIREF", "BLANK", "ANON"} or (kind == "VAR" and self.mode != "data"):
            found = self.reference()
            if found is not None:
                return found
        if kind == "VAR":
            self.fail("a ground term", WHERE_TERM["data"])
        return self.fresh()

    def _node(self, expected: str) -> Term:
        """Read a subject or object, sugar included; return the term that stands for it."""
        kind = self.kinds[self.at]
        if kind in {"[", "(", "<<"}:
            self.enter()
            first = self.at
            self.at += 1
            found: Term
            if kind == "[":
                found = self.fresh()
                self.property_list(found)
                self.expect("]", "A blank node property list is [ predicate object ; … ].")
            elif kind == "(":
                found = self._collection()
            else:
                found = self._reified(first)
            self.depth -= 1
            return found
        if kind == "NIL":
            self.at += 1
            return NIL
        if kind == "<<(":
            return self.triple_term()
        term = self.reference()
        if term is None:
            self.fail(expected, WHERE_TERM[self.mode])
        return term

    def _collection(self) -> Term:
        items = [self._node("an element of a list")]
        while self.kinds[self.at] != ")":
            items.append(self._node("an element of a list, or ')'"))
        self.at += 1
        cells: list[Term] = [*(self.fresh() for _ in items), NIL]
        for index, item in enumerate(items):
            self.atoms.append(Atom(cells[index], RDF.first, item))
            self.atoms.append(Atom(cells[index], RDF.rest, cells[index + 1]))
        return cells[0]

    def _reified(self, first: int) -> Term:
        subject = self._reified_part("the subject of a reified triple")
        verb = self.verb_name()
        found = self._reified_part("the object of a reified triple")
        reifier = self._reifier() if self.accept("~") else self.fresh()
        self.expect(">>", "A reified triple is << subject predicate object ~ reifier >>.")
        self._reify(reifier, subject, verb, found, first)
        return reifier

    def _reified_part(self, expected: str) -> Term:
        if self.kinds[self.at] in {"[", "(", "NIL"}:
            self.fail(expected, "A reified triple holds no lists and no property lists.")
        return self._node(expected)

    # paths

    def _verb(self) -> Term | tuple[Step, ...]:
        kind = self.kinds[self.at]
        stepwise = kind in {"a", "PNAME", "IRIREF"} and self.kinds[self.at + 1] == "/"
        if stepwise or kind in {"^", "("}:
            if self.mode != "body":
                self.error(
                    "WW-RULE-PATH",
                    "A path stands only in a body.",
                    note=WHERE_TERM[self.mode],
                    at=self.at + stepwise,
                )
            steps = self._path()
            return steps[0][1] if len(steps) == 1 and not steps[0][0] else steps
        return self.verb_name()

    def _path(self) -> tuple[Step, ...]:
        steps = list(self._path_element())
        while self.accept("/"):
            steps.extend(self._path_element())
        return tuple(steps)

    def _path_element(self) -> tuple[Step, ...]:
        backwards = self.accept("^")
        kind = self.kinds[self.at]
        steps: tuple[Step, ...]
        if kind == "(":
            self.enter()
            self.at += 1
            steps = self._path()
            self.expect(")", "A path is built of IRIs, '/', '^' and brackets.")
            self.depth -= 1
        elif kind == "a":
            self.at += 1
            steps = ((False, TYPE),)
        elif kind in {"PNAME", "IRIREF"}:
            steps = ((False, self.iri("")),)
        else:
            self.fail("a step of a path", "A path is built of IRIs, '/', '^' and brackets.")
        if backwards:
            return tuple((not back, name) for back, name in reversed(steps))
        return steps

    def _emit_path(self, subject: Term, steps: tuple[Step, ...], found: Term) -> None:
        here = subject
        for index, (back, name) in enumerate(steps):
            there = found if index == len(steps) - 1 else self.fresh("p")
            self.atoms.append(Atom(there, name, here) if back else Atom(here, name, there))
            here = there
