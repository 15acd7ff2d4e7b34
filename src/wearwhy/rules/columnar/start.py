"""From facts and a program to a ground: what arrays can close, and the rules that are left over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from wearwhy.rdf import Fact
from wearwhy.rules.budget import Meter
from wearwhy.rules.columnar.closing import Closing, asserted_batch
from wearwhy.rules.columnar.frozen import Frozen
from wearwhy.rules.columnar.ground import Ground
from wearwhy.rules.columnar.growing import Growing, rising
from wearwhy.rules.columnar.units import Unit, kept_units
from wearwhy.rules.columns import Ints
from wearwhy.rules.compile import Compiled
from wearwhy.rules.model import Atom, Negation, Rule, Term, TriplePattern, Var
from wearwhy.rules.program import Program
from wearwhy.rules.terms import Id, Interner


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Facts as columns of ids."""

    subjects: Ints
    predicates: Ints
    objects: Ints

    def pairs(self) -> dict[Id, Ints]:
        """Return the pairs of each property, sorted, each once."""
        order = self.predicates.argsort(kind="stable")
        keys = ((self.subjects << 32) | self.objects)[order]
        names = self.predicates[order]
        begins = (np.append(True, names[1:] != names[:-1])).nonzero()[0] if len(names) else names
        parts = np.split(keys, begins[1:])
        return {int(name): rising(part) for name, part in zip(names[begins], parts, strict=False)}

    def where(self, predicates: Iterable[Id], types: Iterable[Id], kind: Id) -> list[int]:
        """Return the places of the facts with some properties, or that say a type among some."""
        is_type = self.predicates == kind
        found = np.where(
            is_type,
            np.isin(self.objects, list(types)),
            np.isin(self.predicates, list(predicates)),
        )
        places: list[int] = found.nonzero()[0].tolist()
        return places


def told(interner: Interner, facts: Sequence[Fact]) -> Told:
    """Return facts as columns of ids."""
    s, p, o = (
        np.fromiter(map(interner.id, map(itemgetter(place), facts)), np.int64, len(facts))
        for place in range(3)
    )
    return Told(s, p, o)


def grounded(program: Program, facts: Told, meter: Meter) -> tuple[Ground, tuple[Compiled, ...]]:
    """Return facts closed under the rules that arrays can say, and the rules left over.

    Left over are rules that arrays cannot say, and rules that read what those, or a measure,
    may conclude.

    Raises:
        BudgetExceeded: naming the rule at work.
    """
    cut, left = divided(program)
    every = [unit for members in cut.values() for unit in members]
    numbers = {id(unit): n for n, unit in enumerate(every)}
    properties = {p: Growing(asserted_batch(keys)) for p, keys in facts.pairs().items()}
    closing = Closing(properties, every, program.interner, meter)
    for stratum in program.strata:
        closing.stratum(
            numbers[id(unit)] for compiled in stratum.rules for unit in cut.get(compiled, ())
        )
    relations = {p: Frozen(pairs) for p, pairs in closing.properties.items()}
    return Ground(dict(relations), every, frozenset(range(len(every)))), left


def divided(program: Program) -> tuple[dict[Compiled, list[Unit]], tuple[Compiled, ...]]:
    """Return the units of the rules that may be closed as arrays, and the rules that may not."""
    cut: dict[Compiled, list[Unit]] = {}
    left: list[Compiled] = []
    # What is only known when the rules that are left over have run.
    tainted: set[Term] = {measure.iri for measure in program.measures}
    for compiled in program.compiled.values():
        found = kept_units(compiled)
        if found is None:
            left.append(compiled)
            tainted |= _heads(compiled.rule)
        else:
            cut[compiled] = found
    again = bool(tainted)
    while again:
        again = False
        for compiled in list(cut):
            if tainted & _reads(compiled.rule) or _ANY in tainted:
                del cut[compiled]
                left.append(compiled)
                tainted |= _heads(compiled.rule)
                again = True
    return cut, tuple(left)


_ANY = Var("any")


def _name(predicate: Term) -> Term:
    return _ANY if isinstance(predicate, Var | TriplePattern) else predicate


def _heads(rule: Rule) -> set[Term]:
    return {_name(atom.predicate) for atom in rule.head}


def _reads(rule: Rule) -> set[Term]:
    found: set[Term] = set()
    for element in rule.body:
        if isinstance(element, Atom):
            found.add(_name(element.predicate))
        elif isinstance(element, Negation):
            found |= {_name(e.predicate) for e in element.body if isinstance(e, Atom)}
    return found
