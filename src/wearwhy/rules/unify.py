"""Whether a head template can yield a triple that a body pattern matches.

Source: SPARQL-RL, editor's draft of October 2026, section "Rule Dependency": values for the
variables of both sides must make them equal, inside triple terms too, and a variable that is
used twice has one value.
"""

from __future__ import annotations

from typing import TypeAlias

from pyoxigraph import BlankNode, NamedNode, Triple

from wearwhy.rules.model import Atom, Term, TriplePattern, Var, variables

# a term of one side: 0 the pattern's, 1 the template's
_Sided: TypeAlias = tuple[int, Term]
_Bindings: TypeAlias = dict[tuple[int, Var], _Sided]


def may_match(pattern: Atom, template: Atom) -> bool:
    """Return whether a pattern of a body depends on a template of a head."""
    simple = True
    seen = 0
    for mine, theirs in (
        (pattern.predicate, template.predicate),
        (pattern.object, template.object),
        (pattern.subject, template.subject),
    ):
        if isinstance(mine, Var) or isinstance(theirs, Var):
            seen += 1
        elif isinstance(theirs, BlankNode):
            return False  # fresh for each solution: equal to nothing but a variable's value
        elif isinstance(mine, TriplePattern) or isinstance(theirs, TriplePattern):
            simple = False
        elif mine != theirs:
            return False
    if simple and (seen < 2 or (_linear(pattern) and _linear(template))):
        return True
    return _unify(pattern, template)


def _linear(atom: Atom) -> bool:
    """Return whether no variable of an atom is used twice."""
    parts = (atom.subject, atom.predicate, atom.object)
    if any(isinstance(part, TriplePattern) for part in parts):
        return False
    names = [part for part in parts if isinstance(part, Var)]
    return len(names) == len(set(names))


def _unify(pattern: Atom, template: Atom) -> bool:
    bindings: _Bindings = {}
    work: list[tuple[_Sided, _Sided]] = [
        ((0, pattern.subject), (1, template.subject)),
        ((0, pattern.predicate), (1, template.predicate)),
        ((0, pattern.object), (1, template.object)),
    ]
    while work:
        left, right = (_walk(side, bindings) for side in work.pop())
        if left == right:
            continue
        if isinstance(left[1], Var) or isinstance(right[1], Var):
            key, value = (left, right) if isinstance(left[1], Var) else (right, left)
            assert isinstance(key[1], Var), "one of the two is a variable"
            if _occurs((key[0], key[1]), value, bindings):
                return False
            bindings[key[0], key[1]] = value
        elif isinstance(left[1], Triple | TriplePattern) and isinstance(
            right[1], Triple | TriplePattern
        ):
            work += [
                ((left[0], left[1].subject), (right[0], right[1].subject)),
                ((left[0], left[1].predicate), (right[0], right[1].predicate)),
                ((left[0], left[1].object), (right[0], right[1].object)),
            ]
        elif left[1] != right[1] or _fresh(left) or _fresh(right):
            return False
    predicate = _walk((0, pattern.predicate), bindings)[1]
    return isinstance(predicate, Var | NamedNode)


def _fresh(side: _Sided) -> bool:
    return side[0] == 1 and isinstance(side[1], BlankNode)


def _walk(side: _Sided, bindings: _Bindings) -> _Sided:
    while isinstance(side[1], Var):
        following = bindings.get((side[0], side[1]))
        if following is None:
            return side
        side = following
    return side


def _occurs(key: tuple[int, Var], value: _Sided, bindings: _Bindings) -> bool:
    # no triple term holds itself
    work = [value]
    while work:
        side = _walk(work.pop(), bindings)
        if isinstance(side[1], TriplePattern):
            work += [(side[0], variable) for variable in variables(side[1])]
        elif side == key:
            return True
    return False
