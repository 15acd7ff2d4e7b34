"""Rules as generated Python: one function for each way a rule can be entered.

A rule can be entered by a new fact that one of its atoms matches (`trigger`), by a fact to be
derived again (`backward`), by a fact whose coming breaks or whose going fulfils one of its NOTs
(`broken`, `fulfilled`), or from nothing (`full`). Each function joins what is left of the body by
nested loops over relations of integers and emits a head row with its premises in written order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from wearwhy.errors import IllFormedRule
from wearwhy.rdf import BlankNode, Triple
from wearwhy.rules.expressions.nodes import per_solution
from wearwhy.rules.model import (
    Assign,
    Atom,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
    variables,
)
from wearwhy.rules.plan import Match, Step, apart, order, outer
from wearwhy.rules.source import Source
from wearwhy.rules.terms import Id, Interner
from wearwhy.rules.values import Values, volatile

Entry: TypeAlias = Callable[..., None]
Constants: TypeAlias = tuple[Id | None, Id | None, Id | None]
_OPEN = (Var, TriplePattern, BlankNode)

# Python nests at most 20 loops in one function.
_DEEPEST = 18


class Compiled:
    """A rule's functions, generated when first asked for.

    Every function takes the relations its patterns are matched in, the layer's keeper (what is
    asserted, guessed, fresh, and the relations a NOT looks at), the entering row (not for `full`)
    and the sink of conclusions.
    """

    __slots__ = (
        "_made",
        "arrays",
        "body",
        "interner",
        "listening",
        "negations",
        "positives",
        "rule",
        "values",
        "volatile",
    )

    def __init__(self, rule: Rule, interner: Interner) -> None:
        self.rule = rule
        self.interner = interner
        self.body = per_solution(apart(rule.body))
        self.positives = tuple(e for e in self.body if isinstance(e, Atom))
        self.negations = tuple(e for e in self.body if isinstance(e, Negation))
        self.values = Values(interner)
        # What a program makes of the rule, once; None until it is asked.
        self.listening: Any = None
        # What closing whole properties at once makes of the rule; False until it is asked.
        self.arrays: Any = False
        # Whether it may find something else each time it is run.
        self.volatile = any(
            volatile(e.expression) for e in self.body if isinstance(e, Filter | Assign)
        )
        self._made: dict[tuple[str, int, int], Entry] = {}
        # A loop binds a variable; a cell of an axiom's list, or a test of what is bound, opens none.
        if len(variables(self.positives)) > _DEEPEST:
            raise IllFormedRule(
                "WW-RULE-TOO-LONG",
                f"{rule.iri} has patterns of {len(variables(self.positives))} variables; "
                f"the engine joins {_DEEPEST}.",
                hint="Split it: derive an intermediate property first.",
                place=rule.place,
            )

    def constants(self, atom: Atom) -> Constants:
        """Return the ids of an atom's subject, predicate and object, None for what is open."""
        s, p, o = (
            None if isinstance(part, _OPEN) else self.interner.id(part)
            for part in (atom.subject, atom.predicate, atom.object)
        )
        return s, p, o

    def full(self) -> Entry:
        """Return the function that finds every solution."""
        return self._get("full", 0, 0, lambda: self._function(None, (), None))

    def trigger(self, atom: int) -> Entry:
        """Return the function entered by a row that body atom number `atom` matches."""
        pattern = self.positives[atom]
        return self._get("trigger", atom, 0, lambda: self._function(pattern, pattern, atom))

    def resting(self, atom: int) -> Entry:
        """Return the function entered by a row, emitting what was concluded from it at any time.

        It looks past the rule's NOTs: what was absent then may have come since.
        """
        if not self.negations:
            return self.trigger(atom)
        body = tuple(e for e in self.body if not isinstance(e, Negation))
        pattern = self.positives[atom]
        return self._get(
            "resting", atom, 0, lambda: self._function(pattern, pattern, atom, body=body)
        )

    def backward(self, head: int) -> Entry:
        """Return the function entered by a row that head template number `head` may have made."""
        template = self.rule.head[head]
        return self._get("backward", head, 0, lambda: self._function(template, template, None))

    def fulfilled(self, negation: int, atom: int) -> Entry:
        """Return the function entered by a row that has gone and that a NOT may have matched."""
        return self._get(
            "fulfilled", negation, atom, lambda: self._negative(negation, atom, broken=False)
        )

    def broken(self, negation: int, atom: int) -> Entry:
        """Return the function entered by a new row, emitting the solutions that it blocks."""
        return self._get(
            "broken", negation, atom, lambda: self._negative(negation, atom, broken=True)
        )

    def seen_by(self, negation: int, atom: int) -> tuple[int, ...]:
        """Return which places of a row bind variables of the body, for an atom inside a NOT."""
        inner = [e for e in self.negations[negation].body if isinstance(e, Atom)][atom]
        keep = outer(self.negations[negation], self.body)
        parts = (inner.subject, inner.predicate, inner.object)
        return tuple(n for n, part in enumerate(parts) if variables(part) & keep)

    def _get(self, kind: str, first: int, second: int, make: Callable[[], Entry]) -> Entry:
        key = (kind, first, second)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = make()
        return found

    def _negative(self, number: int, atom: int, *, broken: bool) -> Entry:
        negation = self.negations[number]
        inner = [e for e in negation.body if isinstance(e, Atom)][atom]
        keep = tuple(sorted(outer(negation, self.body)))
        if broken:
            body = tuple(e for e in self.body if not isinstance(e, Negation) or e is negation)
            return self._function(inner, keep, None, body=body, invert=negation)
        return self._function(inner, keep, None)

    def _function(
        self,
        entry: Atom | None,
        bind: object,
        done: int | None,
        *,
        body: tuple[Any, ...] | None = None,
        invert: Negation | None = None,
    ) -> Entry:
        """Generate one function.

        Args:
            entry: the pattern that the entering row is taken apart by; None without a row.
            bind: only variables in it are bound from the row.
            done: the body atom that the entering row itself matches.
            body: the body to solve, if not the rule's.
            invert: a NOT that must fail rather than hold.
        """
        body = self.body if body is None else body
        source = Source(self.interner, self.values)
        wanted = variables(bind)
        source.start("R", "K", *(() if entry is None else ("f",)), "emit")
        if entry is not None:
            self._unpack(source, entry, wanted)
        if done is not None and self.rule.data:
            source.when("K.asserted(f)")
        premises: dict[int, str] = {} if done is None else {done: "f"}
        for step in order(body, source.bound, done=done):
            self._step(source, step, body, premises, invert)
        self._conclude(source, premises)
        return source.function()

    def _unpack(self, source: Source, entry: Atom, wanted: frozenset[Var]) -> None:
        source.line("s, p, o = f")
        for part, name in ((entry.subject, "s"), (entry.predicate, "p"), (entry.object, "o")):
            if isinstance(part, BlankNode):
                continue
            # Variables outside `wanted` are existential: the row's value does not bind them.
            if isinstance(part, Var) and part not in wanted:
                continue
            if isinstance(part, TriplePattern) and not variables(part) <= wanted:
                continue
            source.unify(part, name)

    def _step(
        self,
        source: Source,
        step: Step,
        body: tuple[Any, ...],
        premises: dict[int, str],
        invert: Negation | None,
    ) -> None:
        if isinstance(step, Match):
            row = source.match(step.atom)
            if self.rule.data:
                source.when(f"K.asserted({row})")
            premises[step.index] = row
        elif isinstance(step, Filter):
            source.when(source.truth(step.expression))
        elif isinstance(step, Assign):
            source.assign(step.var, step.expression)
        else:
            call = self._negation(source, step, body)
            source.when(call if step is invert else f"(not {call})")

    def _negation(self, source: Source, negation: Negation, body: tuple[Any, ...]) -> str:
        """Generate the search for a NOT's inner pattern; return the call that runs it."""
        shared = sorted(outer(negation, body) & source.bound)
        inner = Source(self.interner, self.values)
        names = [source.name(var) for var in shared]
        inner.adopt(shared, names)
        inner.start("R", "K", *names)
        guesses = self.rule.description.reads_guesses
        for step in order(negation.body, shared):
            if isinstance(step, Match):
                row = inner.match(step.atom)
                if negation.data or self.rule.data:
                    inner.when(f"K.asserted({row})")
                elif not guesses:
                    inner.when(f"K.firm({row})")
            elif isinstance(step, Filter):
                inner.when(inner.truth(step.expression))
        inner.line("return True")
        inner.close()
        inner.line("return False")
        function = source.constant(inner.function())
        return f"{function}({', '.join(['K.relations', 'K', *names])})"

    def _conclude(self, source: Source, premises: dict[int, str]) -> None:
        rows = [premises[i] for i in range(len(self.positives))]
        source.line(f"because = ({''.join(r + ', ' for r in rows)})")
        labels = sorted({b for atom in self.rule.head for b in _blank(atom)}, key=str)
        for number, blank in enumerate(labels):
            iri = source.constant(self.rule.iri.value)
            source.line(f"b{number} = K.fresh({iri}, {source.constant(str(blank))}, because)")
            source.blank(blank, f"b{number}")
        rule = source.constant(self)
        for atom in self.rule.head:
            parts = [source.value(p) for p in (atom.subject, atom.predicate, atom.object)]
            emit = f"emit({rule}, ({', '.join(parts)}), because)"
            made = [p for p in (atom.subject, atom.object) if isinstance(p, TriplePattern)]
            # A triple term about a literal is none: the template is left out.
            guard = " and ".join(f"{source.value(p)} >= 0" for p in made)
            source.line(f"if {guard}: {emit}" if guard else emit)


def _blank(term: Atom | Term) -> list[BlankNode]:
    if isinstance(term, BlankNode):
        return [term]
    if isinstance(term, Atom | TriplePattern):
        return [b for p in (term.subject, term.predicate, term.object) for b in _blank(p)]
    if isinstance(term, Triple):
        return [b for p in (term.subject, term.object) for b in _blank(p)]
    return []
