"""Python source under construction: names, nesting, and the few forms a join needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

from wearwhy.rdf import BlankNode, Node
from wearwhy.rules.model import Atom, Expression, Term, TriplePattern, Var, variables
from wearwhy.rules.relation import EMPTY
from wearwhy.rules.terms import Id, Interner
from wearwhy.rules.values import Values

# Rounds of inner loops between two looks at the clock.
_ROUNDS = 50_000


@lru_cache(maxsize=4096)
def _code(text: str) -> CodeType:
    """Compile a text; rules of one shape differ in constants only and share it."""
    return compile(text, "<rule>", "exec")


class Source:
    """Lines of one generated function and the variables bound so far.

    A test that fails leaves by `continue`, or returns where no loop is open: so that only loops
    nest, of which Python allows twenty.
    """

    __slots__ = (
        "_blanks",
        "_counting",
        "_fresh",
        "_interner",
        "_known",
        "_lines",
        "_loops",
        "_names",
        "_scope",
        "_values",
    )

    def __init__(self, interner: Interner, values: Values) -> None:
        self._interner = interner
        self._values = values
        self._lines: list[str] = []
        self._loops = 0
        self._fresh = 0
        self._counting = False
        self._names: dict[Var, str] = {}
        self._blanks: dict[BlankNode, str] = {}
        self._known: dict[Id, str] = {}
        self._scope: dict[str, Any] = {
            "EMPTY": EMPTY,
            "PARTS": interner.parts,
            "TRIPLE": values.triple,
        }

    @property
    def bound(self) -> frozenset[Var]:
        """The variables that have a value at this point."""
        return frozenset(self._names)

    def start(self, *arguments: str) -> None:
        """Open the function, which is named `entry`."""
        self._lines.append(f"def entry({', '.join(arguments)}):")

    def line(self, text: str) -> None:
        """Add a line inside the loops that are open."""
        self._lines.append("    " * (1 + self._loops) + text)

    def loop(self, text: str) -> None:
        """Open a loop."""
        self.line(text)
        self._loops += 1
        if self._loops > 2:
            # Deep joins may go round for long without a conclusion: look at the clock.
            self._counting = True
            self.line("n += 1")
            self.line(f"if n > {_ROUNDS}: n = K.rest()")

    def close(self) -> None:
        """Close every loop."""
        self._loops = 0

    def when(self, condition: str) -> None:
        """Go on only where a condition holds."""
        leave = "continue" if self._loops else "return False"
        self.line(f"if not {condition}: {leave}")

    def new(self) -> str:
        """Return an unused name."""
        self._fresh += 1
        return f"v{self._fresh}"

    def name(self, var: Var) -> str:
        """Return the Python name of a bound variable."""
        return self._names[var]

    def adopt(self, bound: Sequence[Var], names: Sequence[str]) -> None:
        """Bind variables to names that a caller passes in."""
        self._names.update(zip(bound, names, strict=True))
        # Fresh names must not shadow a caller's.
        self._fresh = 1000

    def blank(self, node: BlankNode, name: str) -> None:
        """Name the fresh node that a blank node of the head stands for."""
        self._blanks[node] = name

    def constant(self, value: object) -> str:
        """Return a name for a Python value."""
        name = f"C{len(self._scope)}"
        self._scope[name] = value
        return name

    def id(self, term: Node) -> str:
        """Return a name for the id of a term."""
        number = self._interner.id(term)
        name = self._known.get(number)
        if name is None:
            name = self._known[number] = self.constant(number)
        return name

    def binds(self, term: Term) -> bool:
        """Return whether every variable in a term has a value."""
        if isinstance(term, Var):
            return term in self._names
        if isinstance(term, TriplePattern):
            return all(map(self.binds, (term.subject, term.predicate, term.object)))
        return True

    def value(self, term: Term) -> str:
        """Return an expression for the id of a term whose variables are bound."""
        if isinstance(term, Var):
            return self._names[term]
        if isinstance(term, TriplePattern):
            parts = ", ".join(self.value(p) for p in (term.subject, term.predicate, term.object))
            return f"TRIPLE({parts})"
        if isinstance(term, BlankNode) and term in self._blanks:
            return self._blanks[term]
        return self.id(term)

    def unify(self, term: Term, name: str) -> None:
        """Bind or compare: the id in `name` must be the term's."""
        if isinstance(term, Var) and term not in self._names:
            self._names[term] = own = self.new()
            self.line(f"{own} = {name}")
        elif isinstance(term, TriplePattern) and not self.binds(term):
            parts = self.new()
            self.line(f"{parts} = PARTS({name})")
            self.when(f"({parts} is not None)")
            for position, part in enumerate((term.subject, term.predicate, term.object)):
                inner = self.new()
                self.line(f"{inner} = {parts}[{position}]")
                self.unify(part, inner)
        else:
            self.when(f"({name} == {self.value(term)})")

    def match(self, atom: Atom) -> str:
        """Open the loops over an atom's matches; return the name of the matched row."""
        relation = self.new()
        predicate = atom.predicate
        if isinstance(predicate, Var) and predicate not in self._names:
            self._names[predicate] = p = self.new()
            self.loop(f"for {p}, {relation} in list(R.items()):")
        else:
            p = self.value(predicate)
            self.line(f"{relation} = R.get({p}, EMPTY)")
        s_known, o_known = self.binds(atom.subject), self.binds(atom.object)
        if s_known and o_known:
            s, o = self._held(atom.subject), self._held(atom.object)
            self.when(f"{relation}.has({s}, {o})")
        elif s_known:
            s, o = self._held(atom.subject), self.new()
            self.loop(f"for {o} in {self._watched(f'{relation}.objects({s})', atom)}:")
            self.unify(atom.object, o)
        elif o_known:
            s, o = self.new(), self._held(atom.object)
            self.loop(f"for {s} in {self._watched(f'{relation}.subjects({o})', atom)}:")
            self.unify(atom.subject, s)
        else:
            s, o = self.new(), self.new()
            self.loop(f"for {s}, {o} in {self._watched(f'{relation}.pairs()', atom)}:")
            self.unify(atom.subject, s)
            self.unify(atom.object, o)
        row = self.new()
        self.line(f"{row} = ({s}, {p}, {o})")
        return row

    def _watched(self, loop: str, atom: Atom) -> str:
        """Put a loop that no earlier binding narrows, inside another, under the time budget."""
        return f"K.watch({loop})" if self._loops and not variables(atom) & self.bound else loop

    def _held(self, term: Term) -> str:
        """Return a name or number for a term, computed once."""
        if isinstance(term, TriplePattern):
            name = self.new()
            self.line(f"{name} = {self.value(term)}")
            return name
        return self.value(term)

    def _arguments(self, expression: Expression) -> tuple[tuple[Var, ...], str]:
        used = tuple(sorted(variables(expression)))
        return used, ", ".join(self._names[var] for var in used)

    def truth(self, expression: Expression) -> str:
        """Return a call that is true where a FILTER's expression is."""
        used, given = self._arguments(expression)
        return f"{self.constant(self._values.truth(expression, used))}({given})"

    def assign(self, var: Var, expression: Expression) -> None:
        """SET a variable, or compare where the join already bound it; errors drop the solution."""
        used, given = self._arguments(expression)
        result = self.new()
        self.line(f"{result} = {self.constant(self._values.value(expression, used))}({given})")
        if var in self._names:
            self.when(f"({result} == {self._names[var]})")
        else:
            self.when(f"({result} >= 0)")
            self._names[var] = result

    def function(self) -> Callable[..., Any]:
        """Return the function that the lines are."""
        first, *rest = self._lines
        begin = ["    n = 0"] if self._counting else []
        # The text is made from numbers and names of ours alone; terms enter as constants.
        exec(_code("\n".join([first, *begin, *rest])), self._scope)  # noqa: S102
        made: Callable[..., Any] = self._scope["entry"]
        return made
