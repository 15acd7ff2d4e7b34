"""A rule body as an order of steps.

SPARQL-RL evaluates a body in written order. A variable that NOT sees before any element binds
it is existential there; once such variables are renamed apart, every element means the same
wherever it stands after its inputs, and the cheapest order may be taken: tests as soon as they
can run, then the atom with the most bound places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from wearwhy.rules.model import (
    Assign,
    Atom,
    Element,
    Filter,
    Negation,
    Var,
    variables,
)
from wearwhy.rules.substitute import in_element


@dataclass(frozen=True, slots=True)
class Match:
    """Match the body's atom number `index` (in written order, atoms only)."""

    index: int
    atom: Atom


Step: TypeAlias = Match | Filter | Assign | Negation


def apart(body: Sequence[Element]) -> tuple[Element, ...]:
    """Return the body with the variables local to each NOT renamed to names of their own."""
    bound: set[Var] = set()
    result: list[Element] = []
    for number, element in enumerate(body):
        if isinstance(element, Negation):
            local = {
                var: Var(f"{var.name}.not{number}")
                for var in variables(element)
                if var not in bound
            }
            result.append(in_element(element, local))
        else:
            bound |= variables(element)
            result.append(element)
    return tuple(result)


def outer(negation: Negation, body: Sequence[Element]) -> frozenset[Var]:
    """Return the variables a NOT (renamed apart) shares with the rest of the body."""
    others = [e for e in body if e is not negation and not isinstance(e, Negation)]
    return variables(negation) & frozenset().union(*(variables(e) for e in others))


@dataclass(slots=True, eq=False)
class _Waiting:
    """A step not yet placed: what it needs before it can run, and what it binds."""

    step: Step
    needs: frozenset[Var]
    binds: frozenset[Var]
    places: tuple[frozenset[Var], frozenset[Var], frozenset[Var]] | None = None

    def cost(self, known: set[Var]) -> tuple[int, int]:
        """Rank an atom: fewer free places first; a bound subject beats a bound object."""
        assert self.places is not None
        assert isinstance(self.step, Match)
        subject, predicate, obj = (not places <= known for places in self.places)
        weight = subject * 4 + obj * 2 + predicate * 8
        # An object that is only a constant (a class, `true`) selects less than one bound by a join.
        if subject and not obj and not isinstance(self.step.atom.object, Var):
            weight += 1
        return weight, self.step.index


def _waiting(body: Sequence[Element], done: int | None) -> Iterator[_Waiting]:
    index = 0
    for element in body:
        if isinstance(element, Atom):
            if index != done:
                places = (
                    variables(element.subject),
                    variables(element.predicate),
                    variables(element.object),
                )
                binds = places[0] | places[1] | places[2]
                yield _Waiting(Match(index, element), frozenset(), binds, places)
            index += 1
        elif isinstance(element, Filter):
            yield _Waiting(element, variables(element), frozenset())
        elif isinstance(element, Assign):
            yield _Waiting(element, variables(element.expression), frozenset((element.var,)))
        else:
            yield _Waiting(element, outer(element, body), frozenset())


def order(
    body: Sequence[Element],
    bound: Iterable[Var] = (),
    *,
    done: int | None = None,
) -> list[Step]:
    """Return the steps that solve a body (renamed apart) when `bound` variables have values.

    Args:
        body: elements in written order.
        bound: variables that have a value at the start.
        done: index of an atom that is already matched, counting atoms only.
    """
    known = set(bound)
    left = list(_waiting(body, done))
    steps: list[Step] = []
    while left:
        ready = next((w for w in left if w.places is None and w.needs <= known), None)
        if ready is None:
            # A value that SET will compute is cheaper computed than searched for.
            pending = {s.step.var for s in left if isinstance(s.step, Assign)} - known
            ready = min(
                (w for w in left if w.places is not None),
                key=lambda w: (not w.binds.isdisjoint(pending), w.cost(known)),
            )
        left.remove(ready)
        steps.append(ready.step)
        known |= ready.binds
    return steps
