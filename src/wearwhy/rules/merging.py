"""Names merged: what owl:sameAs does to a closed layer.

A layer in which a certain statement of sameness has become visible is closed again with every
name replaced by its representative (`names`), until no statement joins two more. Such a layer's
rows speak of representatives; what it is asked, and what it answers, is told in all names.

- Statements that were asserted merge first; those that rules derive, in rounds after them.
- What is not certain (a guess, or what rests on one) merges nothing.
- A rule sees one thing where names were merged: FILTER, NOT, SET and measures read the
  representative, so that no rule tells two names of one thing apart.
- A derived statement of sameness must not rest on an absence or on a measure, which the merging
  itself could change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

from wearwhy.errors import NotStratified
from wearwhy.evidence import Kind
from wearwhy.rdf import OWL, Fact, Literal, NamedNode, Node, curie
from wearwhy.rules.constants import constants, renamed
from wearwhy.rules.ledger import Change
from wearwhy.rules.model import Firing, Rule
from wearwhy.rules.names import Names, joined
from wearwhy.rules.naming import bracketed
from wearwhy.rules.numbers import value_of

SAME: Final = OWL.sameAs


class Reason(NamedTuple):
    """Why a fact holds that a merging rests on, as it was when the names were merged."""

    kind: Kind | None
    firing: Firing | None
    rule: Rule | None


@dataclass(frozen=True, slots=True)
class Merged:
    """What a layer with merged names knows beside its rows.

    Attributes:
        names: which names are of one thing.
        told: the asserted facts that were moved, by what they became.
        invented: facts of representatives that nobody asserted as they stand.
        guesses: the guesses that became one of representatives, with their probabilities.
        reasons: why the facts hold that a merging rests on.
        cited: the rules of those reasons that are no longer in force as they were, renamed.
        rules: the rules that mention a name which is not the representative, as written.
    """

    names: Names
    told: Mapping[Fact, tuple[Fact, ...]]
    invented: frozenset[Fact]
    guesses: Mapping[Fact, tuple[tuple[Fact, float], ...]]
    reasons: Mapping[Fact, Reason] = field(default_factory=dict)
    cited: Mapping[NamedNode, Rule] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


class Rows(Protocol):
    """What is asked of a layer here; `stored` and `laid` speak of rows as they are kept."""

    sources: tuple[Rule, ...]

    @property
    def merged(self) -> Merged | None:
        """Which names are one in it."""

    def stored(
        self, subject: Node | None, predicate: NamedNode | None, obj: Node | None
    ) -> Iterator[Fact]:
        """Yield the facts that are kept."""

    def stored_kind(self, fact: Fact) -> Kind | None:
        """Return the kind of a fact as it is kept."""

    def stored_firing(self, fact: Fact) -> Firing | None:
        """Return the firing of a fact as it is kept."""

    def stored_probability(self, fact: Fact) -> float | None:
        """Return the probability of a fact that is kept and was predicted."""

    def rule(self, iri: NamedNode) -> Rule | None:
        """Return a rule in force, or one that a reason cites."""

    def confidence(self, fact: Fact) -> float:
        """Return the confidence of a visible fact."""


def statements(layer: Rows, names: Names) -> list[Fact]:
    """Return the certain statements of sameness that join two names which are still apart.

    That two different values are the same is a contradiction: it is left standing, and not spread.
    """
    return [
        fact
        for fact in layer.stored(None, SAME, None)
        if fact.subject != fact.object
        and not names.same(fact.subject, fact.object)
        and layer.stored_kind(fact) is not Kind.PREDICTED
        and layer.confidence(fact) >= 1.0
        and not _contradicts(fact)
    ]


def _contradicts(fact: Fact) -> bool:
    """Return whether a statement says that two values are the same which are not."""
    one, other = fact.subject, fact.object
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return False
    value = value_of(one)
    return value is None or value != value_of(other)


def chosen(layer: Rows, found: list[Fact]) -> list[Fact]:
    """Return those that merge in this round: what was asserted, before what was derived."""
    asserted = [fact for fact in found if layer.stored_kind(fact) is Kind.ASSERTED]
    return sorted(asserted or found, key=str)


def moving(layer: Rows, names: Names, reasons: Mapping[Fact, Reason]) -> tuple[Change, Merged]:
    """Return the change that says a layer's facts of representatives, and what it does.

    Args:
        layer: a layer in which no names are merged.
        names: those to merge.
        reasons: why the derived statements among its steps hold.
    """
    other = {node for node, first in names.first.items() if node != first}
    told: dict[Fact, list[Fact]] = {}
    guesses: dict[Fact, list[tuple[Fact, float]]] = {}
    for fact in _mentioning(layer, other):
        kind = layer.stored_kind(fact)
        probability = layer.stored_probability(fact)
        if kind is Kind.ASSERTED:
            told.setdefault(names.image(fact), []).append(fact)
        if probability is not None:
            guesses.setdefault(names.image(fact), []).append((fact, probability))
    itself = [
        Fact(node, names.image(Fact(node, SAME, node)).predicate, node) for node in names.members
    ]
    for image, guessed in guesses.items():
        own = layer.stored_probability(image)
        if own is not None:
            guessed.append((image, own))
    images = dict.fromkeys((*told, *itself))
    invented = frozenset(f for f in images if layer.stored_kind(f) is not Kind.ASSERTED)
    written = tuple(rule for rule in layer.sources if constants(rule) & other)
    change = Change(
        add=tuple(images),
        remove=tuple(fact for facts in told.values() for fact in facts),
        predict=tuple((f, max(p for _, p in moved)) for f, moved in guesses.items()),
        unpredict=tuple(fact for moved in guesses.values() for fact, _ in moved),
        rules_add=tuple(renamed(rule, names.first) for rule in written),
    )
    return change, Merged(
        names,
        {image: tuple(sorted(facts, key=str)) for image, facts in told.items()},
        invented,
        {image: tuple(moved) for image, moved in guesses.items()},
        reasons,
        rules=written,
    )


def _mentioning(layer: Rows, nodes: Iterable[Node]) -> list[Fact]:
    found: dict[Fact, None] = {}
    for node in sorted(nodes, key=str):
        found.update(dict.fromkeys(layer.stored(node, None, None)))
        found.update(dict.fromkeys(layer.stored(None, None, node)))
        if isinstance(node, NamedNode):
            found.update(dict.fromkeys(layer.stored(None, node, None)))
    return list(found)


def parting(merged: Merged, change: Change) -> Change:
    """Return a change that takes the merging back, and makes another change besides."""
    told = {fact for facts in merged.told.values() for fact in facts} - set(change.remove)
    add = dict.fromkeys((*sorted(told, key=str), *change.add))
    guessed = dict(pair for pairs in merged.guesses.values() for pair in pairs)
    for fact in change.unpredict:
        guessed.pop(fact, None)
    guessed.update(change.predict)
    replaced = {rule.iri for rule in (*change.rules_add,)} | set(change.rules_remove)
    return replace(
        change,
        add=tuple(add),
        remove=tuple(f for f in dict.fromkeys((*merged.invented, *change.remove)) if f not in add),
        predict=tuple(guessed.items()),
        unpredict=tuple(f for f in (*merged.guesses, *change.unpredict) if f not in guessed),
        rules_add=(*change.rules_add, *(r for r in merged.rules if r.iri not in replaced)),
    )


def imaged(layer: Rows, merged: Merged, change: Change) -> tuple[Change, Merged] | None:
    """Return a change of a layer said of representatives; None if it might part names.

    Only what adds facts and guesses leaves the merging as it is.
    """
    if change.remove or change.unpredict or change.rules_add or change.rules_remove:
        return None
    names = merged.names
    if any(f.predicate == SAME and not names.same(f.subject, f.object) for f in change.add):
        return None
    told = dict(merged.told)
    certain = set(change.add)
    invented = set(merged.invented) - certain
    for fact in change.add:
        image = names.image(fact)
        if image != fact and fact not in told.get(image, ()):
            told[image] = (*told.get(image, ()), fact)
            if image not in certain and layer.stored_kind(image) is not Kind.ASSERTED:
                invented.add(image)
    guessed: dict[Fact, dict[Fact, float]] = {}
    for fact, probability in change.predict:
        image = names.image(fact)
        if image not in guessed:
            own = layer.stored_probability(image)
            known = merged.guesses.get(image, () if own is None else ((image, own),))
            guessed[image] = dict(known)
        guessed[image][fact] = probability
    several = {f: tuple(moved.items()) for f, moved in guessed.items() if moved.keys() != {f}}
    moved = replace(
        change,
        add=tuple(dict.fromkeys(map(names.image, change.add))),
        predict=tuple((f, max(moved.values())) for f, moved in guessed.items()),
    )
    return moved, replace(
        merged, told=told, invented=frozenset(invented), guesses={**merged.guesses, **several}
    )


def resting(layer: Rows, steps: Iterable[Fact], reasons: dict[Fact, Reason]) -> None:
    """Keep why derived statements hold, down to the leaves, before names are merged by them.

    Raises:
        NotStratified: WW-RULE-SAMENESS, where one rests on an absence or on a measure.
    """
    for step in steps:
        stack = [step]
        while stack:
            fact = stack.pop()
            if fact in reasons:
                continue
            found = kind(layer, fact)
            why = firing(layer, fact)
            if found is Kind.COMPUTED or (why is not None and why.absences):
                raise NotStratified(
                    "WW-RULE-SAMENESS",
                    f"That {' '.join(map(curie, step))} rests on "
                    f"{'a measure' if found is Kind.COMPUTED else 'an absence'} "
                    f"({curie(why.rule) if why else ''}).",
                    note="To merge names may change what is absent and what is measured, so no "
                    "statement of owl:sameAs may rest on either.",
                    hint="Assert owl:sameAs, or write NOT DATA with a rule that reads asserted facts.",
                )
            rule = None if why is None else layer.rule(why.rule)
            reasons[fact] = Reason(found, why, rule)
            stack += why.premises if why is not None else ()


def confirmed(merged: Merged, layer: Rows) -> Merged:
    """Return what a layer knows, where its reasons cite rules by names that are theirs alone.

    A rule that was in force when names were merged may be another by now, under the same name.
    """
    cited: dict[NamedNode, Rule] = {}
    names: dict[Rule, NamedNode] = {}
    reasons: dict[Fact, Reason] = {}
    for fact, reason in merged.reasons.items():
        rule, why = reason.rule, reason.firing
        if rule is not None and why is not None and layer.rule(rule.iri) != rule:
            name = names.setdefault(rule, bracketed(rule.iri, f"before,{len(cited) + 1}"))
            cited[name] = replace(rule, iri=name)
            reasons[fact] = Reason(reason.kind, replace(why, rule=name), rule)
        else:
            reasons[fact] = reason
    return replace(merged, reasons=reasons, cited=cited)


# -- what a layer with merged names answers ----------------------------------------------------


def kind(layer: Rows, fact: Fact) -> Kind | None:
    """Return what kind of fact it is; SAME where it holds, or is surer, by another name alone."""
    merged = layer.merged
    if merged is None:
        return layer.stored_kind(fact)
    image = merged.names.image(fact)
    if fact in merged.told.get(image, ()):
        return Kind.ASSERTED
    stored = layer.stored_kind(image)
    if stored is None:
        return None
    asserted = stored is Kind.ASSERTED and image == fact and fact not in merged.invented
    if fact in merged.reasons and not asserted:
        return merged.reasons[fact].kind
    if stored is Kind.PREDICTED and image in merged.guesses:
        moved = dict(merged.guesses[image])
        return Kind.PREDICTED if moved.get(fact) == max(moved.values()) else Kind.SAME
    if image == fact and fact not in merged.invented:
        return stored
    return Kind.SAME


def firing(layer: Rows, fact: Fact) -> Firing | None:
    """Return the derivation that is kept; of a fact by another name, the original and the steps."""
    merged = layer.merged
    if merged is None:
        return layer.stored_firing(fact)
    found = kind(layer, fact)
    if fact in merged.reasons and found is not Kind.ASSERTED:
        return merged.reasons[fact].firing
    if found is not Kind.SAME:
        return layer.stored_firing(fact) if found is not Kind.ASSERTED else None
    names = merged.names
    image = names.image(fact)
    if fact.predicate == SAME and names.same(fact.subject, fact.object):
        return Firing(SAME, tuple(names.path(fact.subject, fact.object)))
    original = image
    if layer.stored_kind(image) is Kind.ASSERTED and image in merged.invented:
        # A property that is the same as owl:sameAs says what it says.
        itself = Fact(fact.subject, SAME, fact.object)
        original = merged.told[image][0] if image in merged.told else itself
    elif layer.stored_kind(image) is Kind.PREDICTED and image in merged.guesses:
        original = max(merged.guesses[image], key=itemgetter(1))[0]
    steps: dict[Fact, None] = {}
    for there, here in zip(original, fact, strict=True):
        if there != here:
            steps.update(dict.fromkeys(names.path(there, here)))
    return Firing(SAME, (original, *steps))


def probability(layer: Rows, fact: Fact) -> float | None:
    """Return the probability of a predicted fact."""
    merged = layer.merged
    if merged is None:
        return layer.stored_probability(fact)
    image = merged.names.image(fact)
    moved = dict(merged.guesses.get(image, ()))
    if fact in moved:
        return moved[fact]
    return layer.stored_probability(fact) if image == fact and not moved else None


def match(
    layer: Rows, merged: Merged, subject: Node | None, predicate: NamedNode | None, obj: Node | None
) -> Iterator[Fact]:
    """Yield the visible facts with the given terms, told in all names."""
    names = merged.names
    first = names.first
    named = None if predicate is None else first.get(predicate, predicate)
    assert named is None or isinstance(named, NamedNode)
    s = subject if subject is None else first.get(subject, subject)
    o = obj if obj is None else first.get(obj, obj)
    for fact in layer.stored(s, named, o):
        if not names.mentions(fact):
            yield fact
            continue
        for one in names.expanded(fact):
            if (
                subject in (None, one.subject)
                and predicate in (None, one.predicate)
                and obj in (None, one.object)
            ):
                yield one


def told_apart(layer: Rows, below: Rows, rows: Iterable[Fact]) -> Iterator[Fact]:
    """Yield, each once, the facts that one of two layers may see and the other not.

    Args:
        layer: a layer.
        below: the one it was laid over.
        rows: the facts of which one keeps a row, and the other does not.
    """
    parts = [one.merged.names for one in (layer, below) if one.merged is not None]
    found: dict[Fact, None] = {}
    moved = {node for names in parts for node in names.first}
    for fact in (*rows, *_mentioning(layer, moved), *_mentioning(below, moved)):
        found[fact] = None
        for names in parts:
            found.update(dict.fromkeys(names.expanded(names.image(fact))))
    return iter(found)


def extended(layer: Rows, names: Names, steps: Iterable[Fact]) -> Names:
    """Return a partition extended by some steps, with the rules' names as representatives."""
    named = frozenset[Node]().union(*(constants(rule) for rule in layer.sources))
    return joined(names, steps, lambda node: node in named)
