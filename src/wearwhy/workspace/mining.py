"""Rules mined from what a workspace holds: by attribute, with examples, and what is known already.

Only what somebody stated is read, and nothing of it is closed, so that a shop of tens of thousands
of items takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from pyoxigraph import Literal, NamedNode

from wearwhy.errors import NoAnswer, UnknownName, nearest
from wearwhy.evidence import Kind
from wearwhy.learn.additive import Ints
from wearwhy.learn.corpus import Corpus, corpus, target
from wearwhy.learn.embeddings import Progress, silent
from wearwhy.learn.features import Features, Token
from wearwhy.learn.mined.stars_rules import ItemRule, item_rules
from wearwhy.learn.plan import Attribute
from wearwhy.learn.source_columns import PREFIX
from wearwhy.learn.table import Table
from wearwhy.rdf import ID, SCHEMA, TYPE, WW, Fact, Node, expand
from wearwhy.rules.layer import Change
from wearwhy.workspace.bundle import ontology_layer
from wearwhy.workspace.guesses import plan_of
from wearwhy.workspace.reasoning import Given, given_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

SHOWN = 3
"""Examples for a rule, and against it."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Items that a rule speaks of.

    Attributes:
        right: some it is right about, of those it was mined from.
        wrong: some it errs on, of those it was mined from.
        new: how many items it would say its value of of whom nobody has said it: of those that
            are said to have another, where only one can be, it says nothing.
    """

    right: tuple[NamedNode, ...]
    wrong: tuple[NamedNode, ...]
    new: int


@dataclass(frozen=True)
class Mined:
    """What was mined.

    Attributes:
        rules: those that gain most first.
        given: what a closure of the workspace starts from.
        said: the asserted facts, to match in.
        features: as they were read.
        data: the items as numbers.
        attributes: that were mined for.
    """

    rules: tuple[ItemRule, ...]
    given: Given
    said: Table
    features: Features
    data: Corpus
    attributes: tuple[Attribute, ...]
    _columns: dict[int, Ints] = field(default_factory=dict)

    def rule(self, name: str) -> ItemRule:
        """Return the rule of an ID.

        Raises:
            UnknownName: WW-MINE-UNKNOWN, with the nearest ID.
        """
        known = {rule.id: rule for rule in self.rules}
        if name not in known:
            near = nearest(name, known)
            raise UnknownName(
                "WW-MINE-UNKNOWN",
                f"No rule '{name}' is mined here.",
                note="A rule has its ID by what it says; other limits, or other facts, mine others.",
                hint=f"Did you mean '{near}'?"
                if near
                else "Mine again with the same limits, and take an ID of those.",
                command="" if near else "`wearwhy rules mine` lists them.",
            )
        return known[name]

    def items(self, rule: ItemRule) -> Ints:
        """Return the numbers of all items on which a rule's body holds, labelled or not."""
        held = [self._with(self.data.number[token]) for token in rule.body]
        found = held[0]
        for other in held[1:]:
            found = np.intersect1d(found, other, assume_unique=True)
        return found

    def _with(self, token: int) -> Ints:
        if token not in self._columns:
            column = self.data.design[:, [token]].tocoo()
            self._columns[token] = np.sort(column.row.astype(np.int64))
        return self._columns[token]

    def concluded(self, rule: ItemRule) -> list[NamedNode]:
        """Return the items that a rule says something new of, sorted."""
        about = [self.data.items[n] for n in self.items(rule)]
        stated: set[Node] = {
            fact.subject
            for fact in self.said.match(None, rule.attribute.iri, None)
            if not rule.attribute.many or fact.object == value_of(rule)
        }
        return [item for item in about if item not in stated]

    def examples(self, rule: ItemRule) -> Examples:
        """Return some items that a rule is right about, and some that it errs on."""
        labels = self.data.labels[rule.attribute.name]
        aim = target(self.data, rule.attribute)
        assert aim is not None, "rules are mined where there are labels"
        mined = np.intersect1d(self.items(rule), aim.items[self.data.folds[aim.items] != 0])
        right = [n for n in mined if rule.value in labels[n]]
        wrong = [n for n in mined if rule.value not in labels[n]]
        return Examples(
            tuple(self.data.items[n] for n in right[:SHOWN]),
            tuple(self.data.items[n] for n in wrong[:SHOWN]),
            len(self.concluded(rule)),
        )


def value_of(rule: ItemRule) -> NamedNode | Literal:
    """Return the value of a rule's head, as facts have it."""
    return Literal(rule.value) if rule.attribute.said else expand(rule.value)


def mined(
    workspace: Workspace,
    name: str | None = None,
    *,
    attribute: str | None = None,
    least: int | None = None,
    confidence: float = 0.6,
    progress: Progress = silent,
) -> Mined:
    """Return the rules about one item that the base's and a wardrobe's facts bear out.

    Args:
        workspace: open.
        name: the wardrobe.
        attribute: to mine for, by its name or a source column's; each that has labels, if None.
        least: items that a body must hold for; by the number of items, if None.
        confidence: that a rule must have.
        progress: called with what is done, and how far it is.

    Raises:
        UnknownName: WW-MINE-ATTRIBUTE, with the nearest name.
        NoAnswer: WW-MINE-NOTHING, where too few items have a value.
    """
    owner = workspace.wardrobe(name) if workspace.wardrobes() else None
    given = given_of(workspace, owner)
    said = Table(given.facts)
    features = Features(said, plan_of(workspace))
    wanted = _wanted(features.attributes(), attribute)
    data = corpus(features, progress=progress)
    aims = [aim for one in wanted if (aim := target(data, one)) is not None]
    if not aims:
        raise NoAnswer(
            "WW-MINE-NOTHING",
            f"Too few items have a value of {attribute or 'anything that is guessed'}.",
            note="Two of an attribute's values need examples that somebody stated.",
            hint="Load a catalogue that states it.",
        )
    rules: list[ItemRule] = []
    for n, aim in enumerate(aims):
        progress("mining", n, len(aims))
        rules += item_rules(data, aim, least=least, confidence=confidence)
    rules.sort(key=lambda rule: (-rule.gain, rule.attribute.name, rule.body, rule.value))
    return Mined(tuple(rules), given, said, features, data, wanted)


def _wanted(known: Sequence[Attribute], name: str | None) -> tuple[Attribute, ...]:
    if name is None:
        return tuple(known)
    plain = name.removeprefix("ww:").casefold()
    found = tuple(a for a in known if plain in (a.name.casefold(), a.label.casefold()))
    if found:
        return found
    names = sorted({a.label or a.name for a in known})
    near = nearest(plain, names)
    raise UnknownName(
        "WW-MINE-ATTRIBUTE",
        f"'{name}' is not an attribute that rules are mined for.",
        note="Rules are mined for what is guessed: what kg/learn.toml names, and source columns.",
        hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(names) + ".",
    )


def followed(workspace: Workspace, found: Mined, rules: Sequence[ItemRule]) -> set[ItemRule]:
    """Return the rules whose head the rules in force derive of an item that is just their body.

    That is asked of the ontology with one made-up item a rule, whatever the size of the shop. A
    source column's cell stands for itself there: not for what its mapping read it into.
    """
    bundled = {rule.iri: rule for rule in workspace.bundle.rules}
    own = tuple(r for r in found.given.rules if bundled.get(r.iri) is not r)
    probes = [ID[f".well-known/mined/{n}"] for n in range(len(rules))]
    facts = [
        fact
        for probe, rule in zip(probes, rules, strict=True)
        for fact in (
            Fact(probe, WW.inCatalogue, ID[".well-known/mined"]),
            *(_told(probe, token) for token in rule.body),
        )
    ]
    layer = ontology_layer(workspace.bundle).child(Change(add=tuple(facts), rules_add=own))
    return {
        rule
        for probe, rule in zip(probes, rules, strict=True)
        if layer.kind(Fact(probe, rule.attribute.iri, value_of(rule))) is Kind.DERIVED
    }


def _told(item: NamedNode, token: Token) -> Fact:
    """Return a fact of an item that carries a token."""
    relation, value = token
    if relation.startswith(PREFIX):
        return Fact(item, WW[relation.removeprefix("ww:")], Literal(value))
    if relation in ("word", "opening"):
        return Fact(item, SCHEMA.name, Literal(value))
    if ":" not in value:
        return Fact(item, expand(relation), Literal(value))
    first = relation.split("/", maxsplit=1)[0]
    return Fact(item, TYPE if first == "rdf:type" else expand(first), expand(value))
