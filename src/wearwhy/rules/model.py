"""The rule model: what a SPARQL-RL document says, apart from how it is written or run.

Source: SPARQL-RL, editor's draft of October 2026 (w3c/data-shapes, commit cb13cd1). Property
paths, blank node property lists, collections, reifiers and annotations are sugar; a reader
expands them, so that a body holds only the four elements below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from wearwhy.errors import Place
from wearwhy.rdf import Fact, Literal, NamedNode, Node


@dataclass(frozen=True, slots=True, order=True)
class Var:
    """A variable; blank nodes of a body are variables whose name starts with a dot."""

    name: str

    def __str__(self) -> str:
        return f"?{self.name}"


@dataclass(frozen=True, slots=True)
class TriplePattern:
    """A triple term that holds at least one variable."""

    subject: Term
    predicate: Term
    object: Term


Term: TypeAlias = Node | Var | TriplePattern


@dataclass(frozen=True, slots=True)
class Atom:
    """A triple pattern of a body, or a template of a head."""

    subject: Term
    predicate: Term
    object: Term


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function applied to expressions.

    `name` is the SPARQL keyword in upper case (`STR`, `IF`, `IN`, `NOT IN`), the operator
    (`||`, `&&`, `!`, `=`, `!=`, `<`, `>`, `<=`, `>=`, `+`, `-`, `*`, `/`, and `u-`, `u+` for the
    unary signs), or the IRI of a function such as a cast.
    """

    name: str
    args: tuple[Expression, ...]


Expression: TypeAlias = Call | Var | Node


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps a solution if the expression's effective boolean value is true; an error drops it."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Assign:
    """`SET(?var := expression)`; an error drops the solution."""

    var: Var
    expression: Expression


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT { … }`: keeps a solution if the inner pattern has no match; `data` reads the base only."""

    body: tuple[Atom | Filter, ...]
    data: bool = False


Element: TypeAlias = Atom | Filter | Assign | Negation


class Verdict(StrEnum):
    """What a rule says of an item, a pair or a look; other rules derive facts."""

    FORBID = "forbid"
    FAVOUR = "favour"
    DISFAVOUR = "disfavour"


@dataclass(frozen=True, slots=True)
class Description:
    """What a DATA block says of a rule, with the defaults of the design.

    Attributes:
        label: a short name by language.
        sentence: what to tell a wearer, by language, with `{?x}` slots.
        author: who signs the rule.
        origin: where it comes from: a book, a standard, a model.
        confidence: of a derive rule, in (0, 1].
        points: of a prefer rule, in log-odds; of a forbid rule, the penalty if it is uncertain.
        hereditary: of a forbid rule: no further item can lift it, so it may cut partial looks.
        reads_guesses: NOT looks at predictions too.
        off: the rule is switched off.
        kept_because: why the rule stays although what people do speaks against it.
        waives: findings of `rules lint` that are meant so: `CODE: reason`.
    """

    label: tuple[tuple[str, str], ...] = ()
    sentence: tuple[tuple[str, str], ...] = ()
    author: str = ""
    origin: str = ""
    confidence: float = 1.0
    points: float = 1.0
    hereditary: bool = False
    reads_guesses: bool = False
    off: bool = False
    kept_because: str = ""
    waives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `iri` is made from file and position where the text gives none."""

    iri: NamedNode
    head: tuple[Atom, ...]
    body: tuple[Element, ...]
    data: bool = False
    description: Description = field(default_factory=Description, compare=False)
    place: Place | None = field(default=None, compare=False)
    text: str = field(default="", compare=False)

    def __hash__(self) -> int:
        return hash(self.iri)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed rule file: its rules and ground data, in written order.

    `named` tells for each rule whether its IRI stands in the text.
    """

    rules: tuple[Rule, ...] = ()
    data: tuple[Fact, ...] = ()
    imports: tuple[NamedNode, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()
    base: str | None = None


_NONE: Final[frozenset[Var]] = frozenset()


def variables(term: object) -> frozenset[Var]:
    """Return every variable in a term, expression, element, or tuple of them."""
    found: set[Var] = set()
    _gather(term, found)
    return frozenset(found) if found else _NONE


def _gather(term: object, found: set[Var]) -> None:
    kind = term.__class__
    if kind is NamedNode or kind is Literal:
        return  # most terms
    if isinstance(term, Var):
        found.add(term)
    elif isinstance(term, TriplePattern | Atom):
        _gather(term.subject, found)
        _gather(term.predicate, found)
        _gather(term.object, found)
    elif isinstance(term, Call):
        _gather(term.args, found)
    elif isinstance(term, Filter):
        _gather(term.expression, found)
    elif isinstance(term, Assign):
        found.add(term.var)
        _gather(term.expression, found)
    elif isinstance(term, Negation):
        _gather(term.body, found)
    elif isinstance(term, tuple) and not isinstance(term, Fact):
        for part in term:
            _gather(part, found)


@dataclass(frozen=True, slots=True)
class Firing:
    """One solution of a rule's body, as the ledger keeps it.

    Attributes:
        rule: the rule (or measure) that fired.
        premises: the facts its atoms matched, in the order of the body.
        absences: the ground-as-far-as-bound patterns whose absence a NOT rested on.
        bindings: the values of its variables, sorted by name.
    """

    rule: NamedNode
    premises: tuple[Fact, ...]
    absences: tuple[tuple[Atom | Filter, ...], ...] = ()
    bindings: tuple[tuple[str, Node], ...] = ()
