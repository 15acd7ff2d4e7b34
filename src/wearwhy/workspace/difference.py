"""What a change would change: facts gained and lost, looks gained, lost and re-ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Evidence, EvidenceNode
from wearwhy.outfit.index import Resources
from wearwhy.outfit.request import Request
from wearwhy.proof.prove import Prover, reachable
from wearwhy.rdf import Fact, NamedNode
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Rule
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.ranked import Ranked, Silenced, answer, ranked, silenced, untouched
from wearwhy.workspace.shifts import Shift, shifts_between


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that comes, goes or changes; `before` or `after` is None where it is not in force."""

    rule: NamedNode
    before: Rule | None
    after: Rule | None

    @property
    def parts(self) -> tuple[str, ...]:
        """What of the rule changes, in the words of its file; empty where it comes or goes."""
        if self.before is None or self.after is None:
            return ()
        old, new = self.before, self.after
        found = [name for name in ("head", "body") if getattr(old, name) != getattr(new, name)]
        found += [
            name
            for name in (*_WEIGHED, *_TOLD)
            if getattr(old.description, name) != getattr(new.description, name)
        ]
        return tuple(found)

    @property
    def weighs(self) -> bool:
        """Whether it says something else than words: whether any fact or score may differ."""
        return not self.parts or not set(self.parts) <= set(_TOLD)


# What decides of conclusions and scores, and what is only told.
_WEIGHED = ("confidence", "points", "hereditary", "reads_guesses", "off")
_TOLD = ("label", "sentence", "author", "origin")


@dataclass(frozen=True, slots=True)
class Difference:
    """What one graph has and shows that another does not.

    Attributes:
        revision: the revision that the change was looked at from.
        gained, lost: facts, asserted ones among them, sorted.
        shifts: facts that stay and are of another kind, or surer or less sure, sorted.
        looks_gained, looks_lost, reranked: over the requests tried.
        silenced: requests that have an answer on one side only.
        strayed: requests for which other looks are found though the change touches none of them.
        rules: that come, go or change, by IRI.
        tried: how many requests were tried.
        wardrobe: whose facts and looks they are; empty for the base alone.
        edit: the change, as it would be recorded.
        before, after: the closed graphs, which prove what is gained and lost.
    """

    revision: int
    gained: tuple[Fact, ...]
    lost: tuple[Fact, ...]
    shifts: tuple[Shift, ...] = ()
    looks_gained: tuple[Ranked, ...] = ()
    looks_lost: tuple[Ranked, ...] = ()
    reranked: tuple[Ranked, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    rules: tuple[RuleChange, ...] = ()
    tried: int = 0
    wardrobe: str = ""
    edit: Edit | None = field(default=None, compare=False)
    before: Layer | None = field(default=None, compare=False, repr=False)
    after: Layer | None = field(default=None, compare=False, repr=False)
    strayed: tuple[Request, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost or self.shifts or self.rules or self.shown)

    @property
    def shown(self) -> bool:
        """Whether any look, or any answer, differs."""
        return bool(self.looks_gained or self.looks_lost or self.reranked or self.silenced)

    @property
    def required(self) -> Edit:
        """The change that this is a difference of.

        Raises:
            NoAnswer: WW-DIFFERENCE-EDIT, where two graphs were compared and no change was.
        """
        if self.edit is None:
            raise NoAnswer(
                "WW-DIFFERENCE-EDIT",
                "This difference is of no change that could be applied.",
                hint="Apply what `Workspace.preview(change)` returned.",
            )
        return self.edit

    def why(self, fact: Fact) -> Evidence:
        """Return the proof that comes with a gained fact, or goes with a lost one.

        Raises:
            NoAnswer: WW-DIFFERENCE-FACT, where the fact is neither.
        """
        names, nodes = self.proofs((fact,))
        if fact not in names:
            raise NoAnswer("WW-DIFFERENCE-FACT", "This fact is neither gained nor lost.")
        return reachable(names[fact], nodes)

    def proofs(
        self, facts: Iterable[Fact] | None = None
    ) -> tuple[dict[Fact, str], dict[str, EvidenceNode]]:
        """Return the node of each gained and lost fact, and every node of their proofs.

        Args:
            facts: of these alone; None for all.
        """
        wanted = None if facts is None else set(facts)
        names: dict[Fact, str] = {}
        nodes: dict[str, EvidenceNode] = {}
        for those, layer in ((self.gained, self.after), (self.lost, self.before)):
            if layer is not None:
                prover = Prover(layer)
                chosen = those if wanted is None else [f for f in those if f in wanted]
                names.update({fact: prover.node(fact) for fact in chosen})
                nodes.update(prover.nodes)
        return names, nodes


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: tuple(str(part) for part in fact)))


def facts_between(before: Layer, after: Layer) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Return the facts gained and lost from one layer to another, sorted."""
    if after is before:
        return (), ()
    if after.below is before:
        gained, lost = after.changes()
        return _sorted(gained), _sorted(lost)
    old, new = set(before.facts()), set(after.facts())
    return _sorted(new - old), _sorted(old - new)


def rules_between(before: Layer, after: Layer) -> tuple[RuleChange, ...]:
    """Return the rules that come, go or change, by IRI; where they stand in a file is no matter."""
    if before.sources is after.sources:
        return ()
    old = {rule.iri: rule for rule in before.sources}
    new = {rule.iri: rule for rule in after.sources}
    changed = [
        RuleChange(iri, old.get(iri), new.get(iri))
        for iri in sorted({*old, *new}, key=lambda iri: iri.value)
        if old.get(iri) is not new.get(iri)
    ]
    return tuple(c for c in changed if c.before is None or c.after is None or c.parts)


def between(
    before: Layer,
    after: Layer,
    requests: Sequence[Request],
    resources: Resources,
    revision: int,
    *,
    edit: Edit | None = None,
    wardrobe: str = "",
) -> Difference:
    """Return what changes from one layer to another, in facts and in looks.

    Where no fact, neither its kind nor how sure it is, no measure and no rule but its words changes, looks are the same and none is
    sought: a look is a function of these alone.

    Args:
        before: a closed graph.
        after: another, of the same wardrobe.
        requests: to try.
        resources: comfort table and vectors.
        revision: that the change is looked at from.
        edit: the change.
        wardrobe: whose graphs they are.
    """
    gained, lost = facts_between(before, after)
    shifts = shifts_between(before, after)
    rules = rules_between(before, after)
    same = not (gained or lost or shifts or any(rule.weighs for rule in rules))
    same = same and before.program.measures == after.program.measures
    found: list[Ranked] = []
    quiet: list[Silenced] = []
    strayed: list[Request] = []
    for request in () if same else requests:
        old, new = answer(before, request, resources), answer(after, request, resources)
        moved = tuple(ranked(old, new, resources))
        if moved and untouched(old, new, moved):
            # What is shown differs by what the search came upon, and not by the change.
            strayed.append(request)
            continue
        found += moved
        quiet += silenced(old, new)
    return Difference(
        revision,
        gained,
        lost,
        shifts,
        tuple(one for one in found if not one.before),
        tuple(one for one in found if not one.after),
        tuple(one for one in found if one.before and one.after),
        tuple(quiet),
        rules,
        len(requests),
        wardrobe,
        edit,
        before,
        after,
        tuple(strayed),
    )
