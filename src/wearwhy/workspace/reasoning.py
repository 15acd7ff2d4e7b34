"""Which reading closes a workspace's graph, chosen by size; and closing it in bulk."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wearwhy.evidence import Kind
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.measures import Measure
from wearwhy.rules.model import Rule
from wearwhy.workspace.content import Reader
from wearwhy.workspace.layers import budget_of
from wearwhy.workspace.ontology import ground_of, ontology_texts
from wearwhy.workspace.state import owner_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

RESIDENT = "resident"
BULK = "bulk"


@dataclass(frozen=True, slots=True)
class BulkReasoned:
    """What closing in bulk came to.

    Attributes:
        kinds: how many facts of each kind there are; guesses are not among them.
        rounds: that it took.
        seconds: that it took.
        residents: rules that the resident functions help with, and why.
        size: asserted facts, by which the reading was chosen.
        limit: the setting that they went beyond.
    """

    kinds: dict[str, int]
    rounds: int
    seconds: float
    residents: dict[str, str]
    size: int
    limit: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures that stay the same from run to run."""
        return {
            "reading": BULK,
            "asserted": self.size,
            "bulk_from": self.limit,
            "kinds": self.kinds,
            "rounds": self.rounds,
            "resident_rules": self.residents,
        }


def _owners(workspace: Workspace, name: str | None) -> list[str]:
    shops = [f"catalogue/{shop}" for shop in workspace.state.owners("catalogue")]
    return ["base", *shops, *([f"wardrobe/{name}"] if name else [])]


def size(workspace: Workspace, name: str | None = None) -> int:
    """Return how many facts are asserted: the ontology's, the catalogues', a wardrobe's."""
    owners = set(_owners(workspace, name))
    own = (
        len(facts)
        for graph, facts in workspace.state.graphs.items()
        if owner_of(graph)[0] in owners and owner_of(graph)[1] == "asserted"
    )
    return len(workspace.bundle.facts) + sum(own)


def chosen(workspace: Workspace, name: str | None = None) -> str:
    """Return the reading that a graph of that size is closed with: `resident` or `bulk`."""
    return BULK if size(workspace, name) >= workspace.settings.bulk_from else RESIDENT


@dataclass(frozen=True, slots=True)
class Given:
    """What a closure starts from."""

    rules: tuple[Rule, ...]
    measures: tuple[Measure, ...]
    facts: tuple[Fact, ...]


def given_of(workspace: Workspace, name: str | None = None) -> Given:
    """Return the rules in force and what was asserted: base, catalogues and a wardrobe."""
    ground = ground_of(workspace.bundle, ontology_texts(workspace.state))
    reader = Reader(workspace.folder, workspace.bundle)
    content = reader.content(workspace.state, _owners(workspace, name), keep=False)
    facts: dict[Fact, None] = {f: None for f in ground.facts if f not in content.hidden}
    for some in content.asserted.values():
        facts.update(dict.fromkeys(some))
    rules: dict[NamedNode, Rule] = {rule.iri: rule for rule in ground.rules}
    for own in content.rules.values():
        rules.update((rule.iri, rule) for rule in own)
    return Given(tuple(rules.values()), tuple(ground.measures), tuple(facts))


def close_in_bulk(workspace: Workspace, name: str | None = None) -> BulkReasoned:
    """Close base, catalogues and a wardrobe in bulk, and count.

    Args:
        workspace: open.
        name: the wardrobe; None closes the base with the catalogues alone.

    Raises:
        RuleError: where the rules cannot be stratified, or exceed their budget.
        NotInstalled: WW-EXTRA-BULK.
    """
    from wearwhy.rules.bulk import close, reading  # noqa: PLC0415 (duckdb only where it is needed)

    began = time.perf_counter()
    given = given_of(workspace, name)
    rules, facts = given.rules, given.facts
    budget = budget_of(workspace.settings)
    with close(rules, given.measures, facts, budget=budget) as found:
        kinds = Counter({Kind.ASSERTED.value: found.asserted})
        kinds[Kind.COMPUTED.value] = found.computed
        kinds[Kind.DERIVED.value] = found.count - found.asserted - found.computed
        rounds = found.rounds
    residents = {
        rule.iri.value: str(how)
        for rule in rules
        if not rule.description.off and not (how := reading(rule)).sql
    }
    return BulkReasoned(
        dict(kinds),
        rounds,
        time.perf_counter() - began,
        residents,
        len(facts),
        workspace.settings.bulk_from,
    )
