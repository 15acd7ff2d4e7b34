"""Reading a rule file: prologue, rules, data blocks; and going on after an error.

Source: productions [1]–[24] of the SPARQL-RL grammar, editor's draft of October 2026
(w3c/data-shapes, commit cb13cd1).
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from wearwhy.errors import RuleError, RuleSyntaxError
from wearwhy.rdf import RULE, Fact
from wearwhy.rules.model import (
    Assign,
    Atom,
    Document,
    Element,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
)
from wearwhy.rules.syntax.expressions import Expressions
from wearwhy.rules.syntax.lexer import ANCHORS, Source, resume
from wearwhy.rules.syntax.triples import Triples

MAX_ERRORS: Final = 100
_FILE: Final = (
    "A rule file is a sequence of PREFIX, BASE, VERSION, IMPORTS, DATA { … } and RULE … WHERE …."
)
_RULE: Final = "A rule is RULE iri { head } WHERE { body }."
_SET: Final = "An assignment is SET( ?new := expression )."


class Parser(Triples, Expressions):
    """Reads one rule file."""

    def __init__(self, source: Source, base: str | None) -> None:
        super().__init__(source, base)
        self.rules: list[Rule] = []
        self.data: list[Fact] = []
        self.imports: list[NamedNode] = []

    def document(self) -> Document:
        """Return what was read so far."""
        return Document(
            rules=tuple(self.rules),
            data=tuple(dict.fromkeys(self.data)),
            imports=tuple(self.imports),
            prefixes=tuple(self.prefixes.items()),
            base=self.base,
        )

    def read(self) -> None:
        """Read up to the end of the file.

        Raises:
            RuleSyntaxError: at the first token that the grammar has no place for.
        """
        while True:
            kind = self.kinds[self.at]
            if kind == "RULE":
                self._rule()
            elif kind == "DATA":
                self._data()
            elif kind == "END":
                return
            elif kind in ANCHORS:
                self._prologue(kind)
            else:
                self.fail("RULE, DATA or PREFIX", _FILE)

    def recover(self, begun: int) -> bool:
        """Step to the next token after `begun` that can open a statement; False if there is none."""
        self.depth = 0
        self.at = max(self.at, begun + 1)
        kinds = self.kinds
        while self.at < len(kinds):
            kind = kinds[self.at]
            if kind in ANCHORS and not (kind == "DATA" and kinds[self.at - 1] in {"WHERE", "NOT"}):
                return True
            self.at += 1
        if kinds[-1] != "BAD":
            return False
        offset = resume(self.source.text, self.starts[-1] + 1)
        if offset is None:
            return False
        self.start_at(offset)
        return True

    def _prologue(self, kind: str) -> None:
        self.at += 1
        if kind == "BASE":
            self.base = self._iriref()
        elif kind == "PREFIX":
            name = self.texts[self.at]
            if self.kinds[self.at] != "PNAME" or not name.endswith(":") or name.count(":") > 1:
                self.fail("a prefix with its colon", "A prefix declaration is PREFIX name: <iri>.")
            self.at += 1
            self.prefixes[name[:-1]] = self._iriref()
        elif kind == "VERSION":
            text = self.texts[self.at]
            if self.kinds[self.at] != "STRING" or (len(text) >= 6 and text[:3] == text[0] * 3):
                self.fail("a short string", 'A version is VERSION "1.2".')
            self.string()
            return
        else:
            self.imports.append(self.iri("An import is IMPORTS iri."))
            return
        self._names.clear()

    def _iriref(self) -> str:
        if self.kinds[self.at] != "IRIREF":
            self.fail("an IRI in <…>", "PREFIX and BASE take a whole IRI in angle brackets.")
        value = self.named(self.resolved(self.texts[self.at])).value
        self.at += 1
        return value

    def _data(self) -> None:
        self.at += 1
        self.mode, self.atoms = "data", []
        self.expect("{", "A data block is DATA { triples }.")
        if self.kinds[self.at] != "}":
            self.triples_block()
        if self.kinds[self.at] != "}":
            self.fail("'.', ';' or '}'", "A data block is DATA { triples }.")
        self.at += 1
        self.data.extend(_fact(atom) for atom in self.atoms)

    def _rule(self) -> None:
        first = self.at
        begin = self.starts[first]
        self.start_rule()
        self.at += 1
        iri = None
        if self.kinds[self.at] in {"PNAME", "IRIREF"}:
            iri = self.iri("")
        last = self.at - 1
        head = self._head()
        self.expect("WHERE", _RULE)
        data = self.accept("DATA")
        self.mode = "body"
        body = self._body()
        end = self.starts[self.at - 1] + 1
        stop = self.starts[last] + len(self.texts[last])
        self.rules.append(
            Rule(
                iri=iri or self._made_iri(),
                head=head,
                body=body,
                data=data,
                place=self.source.place(begin, stop),
                text=self.source.text[begin:end],
            )
        )

    def _made_iri(self) -> NamedNode:
        stem = PurePath(self.source.file).name.partition(".")[0].strip("<>") or "rule"
        return RULE[f"{quote(stem, safe='', errors='replace')}-{len(self.rules) + 1}"]

    def _head(self) -> tuple[Atom, ...]:
        self.mode, self.atoms = "head", []
        self.expect("{", _RULE)
        if self.kinds[self.at] != "}":
            self.triples_block()
        if self.kinds[self.at] != "}":
            self.fail("'.', ';' or '}'", "A head is { triples }.")
        self.at += 1
        return tuple(self.atoms)

    def _body(self) -> tuple[Element, ...]:
        elements: list[Element] = []
        self.expect("{", _RULE)
        while self._elements(elements):
            kind = self.kinds[self.at]
            if kind == "NOT":
                elements.append(self._negation())
            else:
                elements.append(self._assignment())
            self.accept(".")
        return tuple(elements)

    def _elements(self, elements: list[Element]) -> bool:
        """Read patterns and filters up to NOT or SET (then True) or over `}` (then False)."""
        ended = True  # whether a triple may stand here
        while True:
            kind = self.kinds[self.at]
            if kind == "}":
                self.at += 1
                return False
            if kind == "FILTER":
                self.at += 1
                elements.append(Filter(self.constraint()))
                self.accept(".")
                ended = True
            elif kind in {"NOT", "SET"}:
                return True
            elif ended:
                self.atoms = []
                self.triples_block()
                elements.extend(self.atoms)
                ended = False
            else:
                self.fail("'.', ';', FILTER, NOT, SET or '}'", "Triples have dots between them.")

    def _negation(self) -> Negation:
        self.at += 1
        data = self.accept("DATA")
        inner: list[Element] = []
        self.expect("{", "A negation is NOT { patterns and filters } or NOT DATA { … }.")
        if self._elements(inner):
            self.error(
                "WW-RULE-NOT",
                f"{self.kinds[self.at]} cannot stand inside NOT.",
                note="NOT holds triple patterns and FILTER only.",
                hint="Derive what is negated by a rule of its own, and negate that.",
            )
        body = tuple(part for part in inner if isinstance(part, Atom | Filter))
        return Negation(body, data)

    def _assignment(self) -> Assign:
        self.at += 1
        self.expect("(", _SET)
        if self.kinds[self.at] != "VAR":
            self.fail("a variable", _SET)
        variable = Var(self.texts[self.at][1:])
        self.at += 1
        self.expect(":=", _SET)
        first = self.at
        self.enter()
        value = self.expression()
        self.depth -= 1
        self.check_height(value, first)
        self.expect(")", _SET)
        return Assign(variable, value)


def _fact(atom: Atom) -> Fact:
    return Fact(_ground(atom.subject), _predicate(atom.predicate), _ground(atom.object))


def _ground(term: Term) -> NamedNode:
    assert not isinstance(term, Var | TriplePattern), "DATA is read without variables"
    return term  # type: ignore[return-value]


def _predicate(term: Term) -> NamedNode:
    assert isinstance(term, NamedNode), "DATA is read without variables"
    return term


def parse(text: str, file: str = "<text>", *, base: str | None = None) -> Document:
    """Return the document that a rule file's text says.

    Args:
        text: the text, in SPARQL-RL.
        file: the file's name, for places and for the IRIs of rules without one.
        base: the absolute IRI against which relative ones are resolved.

    Raises:
        RuleSyntaxError: the grammar does not derive the text; carries the place.
    """
    source = Source(text, file)
    source.check()
    parser = Parser(source, base)
    parser.read()
    return parser.document()


def parse_all(
    text: str, file: str = "<text>", *, base: str | None = None
) -> tuple[Document, list[RuleError]]:
    """Return what can be read of a text, and every error in it, up to `MAX_ERRORS`.

    After an error, reading goes on at the next statement.
    """
    source = Source(text, file)
    try:
        source.check()
    except RuleSyntaxError as error:
        return Document(), [error]
    parser = Parser(source, base)
    errors: list[RuleError] = []
    while len(errors) < MAX_ERRORS:
        begun = parser.at
        try:
            parser.read()
        except RuleSyntaxError as error:
            errors.append(error)
            if not parser.recover(begun):
                break
        else:
            break
    return parser.document(), errors
