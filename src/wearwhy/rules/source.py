"""Python source under construction: names, nesting, and the few forms a join needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wearwhy.rdf import BlankNode
from wearwhy.rules.model import Atom, Expression, Term, TriplePattern, Var, variables
from wearwhy.rules.relation import EMPTY
from wearwhy.rules.terms import Interner
from wearwhy.rules.values import Values


class Source:
    """Lines of one generated function and the variables bound so far."""

    __slots__ = ("_blanks", "_depth", "_fresh", "_interner", "_lines", "_names", "_scope", "_values")

    def __init__(self, interner: Interner, values: Values) -> None:
        self._interner = interner
        self._values = values
        self._lines: list[str] = []
        self._depth = 0
        self._fresh = 0
        self._names: dict[Var, str] = {}
        self._blanks: dict[BlankNode, str] = {}
        self._scope: dict[str, Any] = {
            "EMPTY": EMPTY,
            "PARTS": interner.parts,
            "TRIPLE": values.triple,
        }

    @property
    def bound(self) -> frozenset[Var]:
        """The variables that have a value at this point."""
        return frozenset(self._names)

    def line(self, text: str) -> None:
        """Add a line at the current depth."""
        self._lines.append("    " * self._depth + text)

    def indent(self) -> None:
        """Open a block."""
        self._depth += 1

    def dedent_all(self) -> None:
        """Close every block."""
        self._depth = 0

    def when(self, condition: str) -> None:
        """Go on only where a condition holds."""
        self.line(f"if {condition}:")
        self.indent()

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
        self._fresh = 1000 * (1 + self._depth)

    def blank(self, node: BlankNode, name: str) -> None:
        """Name the fresh node that a blank node of the head stands for."""
        self._blanks[node] = name

    def constant(self, value: object) -> str:
        """Return a name for a Python value."""
        name = f"C{len(self._scope)}"
        self._scope[name] = value
        return name

    def value(self, term: Term) -> str:
        """Return an expression for the id of a term whose variables are bound."""
        if isinstance(term, Var):
            return self._names[term]
        if isinstance(term, TriplePattern):
            parts = ", ".join(self.value(p) for p in (term.subject, term.predicate, term.object))
            return f"TRIPLE({parts})"
        if isinstance(term, BlankNode) and term in self._blanks:
            return self._blanks[term]
        return str(self._interner.id(term))

    def unify(self, term: Term, name: str) -> None:
        """Bind or compare: the id in `name` must be the term's."""
        if isinstance(term, Var) and term not in self._names:
            self._names[term] = own = self.new()
            self.line(f"{own} = {name}")
        elif isinstance(term, TriplePattern) and not variables(term) <= self.bound:
            parts = self.new()
            self.line(f"{parts} = PARTS({name})")
            self.when(f"{parts} is not None")
            for position, part in enumerate((term.subject, term.predicate, term.object)):
                inner = self.new()
                self.line(f"{inner} = {parts}[{position}]")
                self.unify(part, inner)
        else:
            self.when(f"{name} == {self.value(term)}")

    def match(self, atom: Atom) -> str:
        """Open the loops over an atom's matches; return the name of the matched row."""
        relation = self.new()
        predicate = atom.predicate
        if isinstance(predicate, Var) and predicate not in self._names:
            self._names[predicate] = p = self.new()
            self.line(f"for {p}, {relation} in list(R.items()):")
            self.indent()
        else:
            p = self.value(predicate)
            self.line(f"{relation} = R.get({p}, EMPTY)")
        s_known = variables(atom.subject) <= self.bound
        o_known = variables(atom.object) <= self.bound
        if s_known and o_known:
            s, o = self._held(atom.subject), self._held(atom.object)
            self.when(f"{relation}.has({s}, {o})")
        elif s_known:
            s, o = self._held(atom.subject), self.new()
            found = self._watched(f"{relation}.objects({s})", atom)
            self.line(f"for {o} in {found}:")
            self.indent()
            self.unify(atom.object, o)
        elif o_known:
            s, o = self.new(), self._held(atom.object)
            found = self._watched(f"{relation}.subjects({o})", atom)
            self.line(f"for {s} in {found}:")
            self.indent()
            self.unify(atom.subject, s)
        else:
            s, o = self.new(), self.new()
            found = self._watched(f"{relation}.pairs()", atom)
            self.line(f"for {s}, {o} in {found}:")
            self.indent()
            self.unify(atom.subject, s)
            self.unify(atom.object, o)
        row = self.new()
        self.line(f"{row} = ({s}, {p}, {o})")
        return row

    def _watched(self, loop: str, atom: Atom) -> str:
        """Put a loop that no earlier binding narrows, inside another, under the time budget."""
        return f"K.watch({loop})" if self._depth > 1 and not variables(atom) & self.bound else loop

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
            self.when(f"{result} == {self._names[var]}")
        else:
            self.when(f"{result} >= 0")
            self._names[var] = result

    def function(self, name: str, rule: str) -> Callable[..., Any]:
        """Compile the lines; tracebacks name the rule."""
        # The text is made from numbers and names of ours alone; terms enter as constants.
        exec(compile("\n".join(self._lines), f"<rule {rule}>", "exec"), self._scope)  # noqa: S102
        made: Callable[..., Any] = self._scope[name]
        return made
