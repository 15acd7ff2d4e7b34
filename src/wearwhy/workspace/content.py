"""What a closed graph is a function of, and the least change that leads from one to another.

A graph is decided by its *effective* content: the facts that some source of it asserts, one
probability for each guess, one rule for each IRI. Neither the order of edits nor the layer that a
piece came with matters, so that two contents can be compared piece by piece; what is the same
object on both sides is not looked into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import is_
from pathlib import Path

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Rule
from wearwhy.workspace.atrest import Facts
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.ontology import facts_beside, facts_of, hidden
from wearwhy.workspace.state import State, guesses_in, owner_of, rules_of, text_in

Guesses = Mapping[Fact, float]
Rules = tuple[Rule, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The graphs that decide a closed graph; where they disagree, the later one holds.

    Attributes:
        asserted: facts by graph.
        guesses: probabilities by graph.
        rules: rules by graph.
        hidden: facts of the layer below that applied ontology files say no longer.
    """

    asserted: Mapping[NamedNode, Facts] = field(default_factory=dict)
    guesses: Mapping[NamedNode, Guesses] = field(default_factory=dict)
    rules: Mapping[NamedNode, Rules] = field(default_factory=dict)
    hidden: frozenset[Fact] = frozenset()


@dataclass(slots=True)
class Reader:
    """Reads the contents of states; a graph that is the same object is read once.

    Attributes:
        folder: of the workspace, where rules say they stand.
        bundle: whose ontology files an applied one stands in the place of.
    """

    folder: Path
    bundle: Bundle
    _guesses: dict[NamedNode, tuple[Facts, Guesses]] = field(default_factory=dict)
    _rules: dict[NamedNode, tuple[Facts, Rules]] = field(default_factory=dict)

    def content(self, state: State, owners: Sequence[str], *, keep: bool = True) -> Content:
        """Return what some owners say, those named later prevailing.

        Args:
            state: what the workspace holds, or would hold.
            owners: `base`, `catalogue/NAME`, `wardrobe/NAME`.
            keep: remember what was read anew.

        Raises:
            RuleError: where an applied text does not parse.
        """
        rank = {owner: number for number, owner in enumerate(owners)}
        found = []
        for owner, number in rank.items():
            for graph in state.owned.get(owner, ()):
                _, kind, source = owner_of(graph)
                found.append((number, source, kind, graph))
        asserted: dict[NamedNode, Facts] = {}
        guesses: dict[NamedNode, Guesses] = {}
        rules: dict[NamedNode, Rules] = {}
        replaced: set[str] = set()
        for _, _, kind, graph in sorted(found, key=lambda one: one[:2]):
            facts = state.graphs[graph]
            if kind == "asserted":
                asserted[graph] = facts
            elif kind == "predicted":
                guesses[graph] = self._guessed(graph, facts, keep=keep)
            elif kind == "rules":
                rules[graph] = self._ruled(graph, facts, keep=keep)
                asserted[graph] = facts_beside(text_in(facts) or "")
            elif kind == "ontology":
                topic = owner_of(graph)[2]
                asserted[graph] = facts_of(self.bundle, topic, text_in(facts) or "")
                replaced.add(topic)
        gone = hidden(self.bundle, frozenset(replaced)) if replaced else frozenset()
        return Content(asserted, guesses, rules, gone)

    def _guessed(self, graph: NamedNode, facts: Facts, *, keep: bool) -> Guesses:
        known = self._guesses.get(graph)
        if known is None or known[0] is not facts:
            known = (facts, guesses_in(facts))
            if keep:
                self._guesses[graph] = known
        return known[1]

    def _ruled(self, graph: NamedNode, facts: Facts, *, keep: bool) -> Rules:
        known = self._rules.get(graph)
        if known is None or known[0] is not facts:
            owner, _, topic = owner_of(graph)
            text = text_in(facts)
            folder = self.folder / "rules"
            folder = folder if owner == "base" else folder / owner
            known = (facts, rules_of({topic: text}, folder) if text is not None else ())
            if keep:
                self._rules[graph] = known
        return known[1]


def difference(root: Layer, before: Content, after: Content) -> Change | None:
    """Return the least change that leads from one content to another; None if there is none.

    Args:
        root: the layer below both contents: a fact that it asserts, or a rule that it has, is
            there whatever the contents say.
        before: what a layer was closed over.
        after: what it shall be closed over.
    """
    add, remove = _facts(root, before, after)
    predict, unpredict = _guesses(before.guesses, after.guesses)
    rules_add, rules_remove = _rules(root, before.rules, after.rules)
    if not (add or remove or predict or unpredict or rules_add or rules_remove):
        return None
    return Change(add, remove, predict, unpredict, rules_add, rules_remove)


def size(change: Change | None) -> int:
    """Return how many pieces a change is made of."""
    if change is None:
        return 0
    facts = len(change.add) + len(change.remove) + len(change.predict) + len(change.unpredict)
    return facts + len(change.rules_add) + len(change.rules_remove)


def _facts(
    root: Layer, before: Content, after: Content
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    new: dict[Fact, None] = {}
    lost: dict[Fact, None] = {}
    for graph in dict.fromkeys((*before.asserted, *after.asserted)):
        came, went = _between(before.asserted.get(graph, ()), after.asserted.get(graph, ()))
        new.update(dict.fromkeys(came))
        lost.update(dict.fromkeys(went))
    new.update(dict.fromkeys(sorted(before.hidden - after.hidden, key=str)))
    lost.update(dict.fromkeys(sorted(after.hidden - before.hidden, key=str)))
    for fact in _held(new, before.asserted.values()):
        del new[fact]
    for fact in _held(lost, after.asserted.values()):
        del lost[fact]

    def below(fact: Fact, content: Content) -> bool:
        return fact not in content.hidden and root.kind(fact) is Kind.ASSERTED

    add = tuple(fact for fact in new if not below(fact, before))
    return add, tuple(fact for fact in lost if not below(fact, after))


def _between(before: Facts, after: Facts) -> tuple[Iterable[Fact], Iterable[Fact]]:
    """Return what came and what went; facts that are the same object are not compared."""
    if before is after:
        return (), ()
    was, now = set(map(id, before)), set(map(id, after))
    came = dict.fromkeys(fact for fact in after if id(fact) not in was)
    went = dict.fromkeys(fact for fact in before if id(fact) not in now)
    if came and went:
        return [f for f in came if f not in went], [f for f in went if f not in came]
    return came, went


def _held(facts: Mapping[Fact, None], graphs: Iterable[Facts]) -> list[Fact]:
    """Return those of some facts that stand in some graph."""
    if not facts:
        return []
    if len(facts) <= _FEW:
        among = list(graphs)
        return [fact for fact in facts if any(fact in graph for graph in among)]
    return list({fact for graph in graphs for fact in graph if fact in facts})


# Up to so many facts are looked for one by one: comparing is quicker than hashing.
_FEW = 4


def _same(before: Iterable[object], after: Iterable[object]) -> bool:
    one, other = list(before), list(after)
    return len(one) == len(other) and all(map(is_, one, other))


def _guesses(
    before: Mapping[NamedNode, Guesses], after: Mapping[NamedNode, Guesses]
) -> tuple[tuple[tuple[Fact, float], ...], tuple[Fact, ...]]:
    if _same(before.values(), after.values()):
        return (), ()
    old = {fact: sure for graph in before.values() for fact, sure in graph.items()}
    new = {fact: sure for graph in after.values() for fact, sure in graph.items()}
    predict = tuple((fact, sure) for fact, sure in new.items() if old.get(fact) != sure)
    return predict, tuple(fact for fact in old if fact not in new)


def _rules(
    root: Layer, before: Mapping[NamedNode, Rules], after: Mapping[NamedNode, Rules]
) -> tuple[Rules, tuple[NamedNode, ...]]:
    if _same(before.values(), after.values()):
        return (), ()
    old = {rule.iri: rule for rules in before.values() for rule in rules}
    new = {rule.iri: rule for rules in after.values() for rule in rules}
    if not old and not new:
        return (), ()
    bundled = {rule.iri: rule for rule in root.sources}
    add = [rule for iri, rule in new.items() if not _alike(old.get(iri, bundled.get(iri)), rule)]
    gone = [rule for iri, rule in old.items() if iri not in new]
    add += [bundled[r.iri] for r in gone if r.iri in bundled and not _alike(bundled[r.iri], r)]
    return tuple(add), tuple(rule.iri for rule in gone if rule.iri not in bundled)


def _alike(one: Rule | None, other: Rule) -> bool:
    """Return whether two rules are the same in what they mean, say and show."""
    return one is other or (
        one is not None
        and one == other
        and one.description == other.description
        and one.text == other.text
        and one.place == other.place
    )
