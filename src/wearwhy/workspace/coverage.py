"""What a corpus of cases, and a week of looks, exercise of the rules.

A condition *decides* where the rule without it concludes something that does not hold with it; a
rule none of whose cases shows that is not tested for the condition, or has one too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from wearwhy.errors import NoAnswer
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.look import look_layer
from wearwhy.outfit.request import Request
from wearwhy.rules.descriptions import verdict
from wearwhy.rules.implied import Background
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Atom, Rule, Verdict
from wearwhy.rules.mutate import element_text, without
from wearwhy.rules.subsume import subsumes
from wearwhy.rules.wellformed import check
from wearwhy.workspace.corpus import Corpus, Progress, fired, is_plain
from wearwhy.workspace.deciding import Scene, decides, scenes
from wearwhy.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Condition:
    """An element of a rule's body.

    Attributes:
        number: counted from 0.
        text: as a rule file has it.
        decides: in some case; None where it cannot: the rule cannot do without it, because it
            binds what the head says, or is shown to conclude the same without it in every valid
            graph.
        in_week: in the week; None as before, or where no week was looked at.
        judged: False where `decides` is None because telling would have cost too much, or the
            program without the condition is refused.
    """

    number: int
    text: str
    decides: bool | None
    in_week: bool | None
    judged: bool = True


@dataclass(frozen=True, slots=True)
class Covered:
    """What is known of one rule.

    Attributes:
        rule: the rule.
        cases: in how many cases of the corpus it concludes something.
        week: in how many requests of the week; None where no week was looked at.
        conditions: of its body, in written order.
    """

    rule: Rule
    cases: int
    week: int | None
    conditions: tuple[Condition, ...]

    @property
    def undecided(self) -> tuple[Condition, ...]:
        """The conditions that decide in no case."""
        return tuple(one for one in self.conditions if one.decides is False)

    @property
    def unjudged(self) -> tuple[Condition, ...]:
        """The conditions of which it is not known."""
        return tuple(one for one in self.conditions if not one.judged)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of every rule, and of how many requests the week consists."""

    rules: tuple[Covered, ...]
    requests: int | None = None

    def never(self, *kinds: Verdict | None, week: bool = False) -> tuple[Covered, ...]:
        """Return the rules of some kinds (None: derive rules) that never fire.

        Args:
            kinds: all kinds, if none is given.
            week: in the week rather than in the corpus.
        """
        return tuple(
            one
            for one in self.rules
            if (not kinds or verdict(one.rule) in kinds)
            and (one.week == 0 if week else one.cases == 0)
        )


def covered(
    corpus: Corpus,
    rules: Iterable[Rule],
    known: Background,
    week: Sequence[Layer] | None = None,
    *,
    progress: Progress | None = None,
) -> Coverage:
    """Return what a corpus and the layers of a week exercise of some rules.

    Args:
        corpus: the closed cases.
        rules: those asked about.
        known: what may be taken for granted of a valid graph.
        week: a closed layer for each request, with looks in it; None if there is none.
        progress: called with (done, total).
    """
    todo = [rule for rule in rules if not rule.description.off]
    laid = {id(one): Scene(one.layer, corpus.base) for one in corpus.laid}
    spoken_in_week = None if week is None else [fired(layer) for layer in week]
    of_week = None if week is None else scenes(week)
    found = []
    for done, rule in enumerate(todo, 1):
        cases = corpus.about(rule)
        plain = is_plain(rule)
        spoken = sum(
            rule.iri in one.fired or (plain and laid[id(one)].speaks(rule)) for one in cases
        )
        weeks = None if spoken_in_week is None else sum(rule.iri in n for n in spoken_in_week)
        among = [laid[id(one)] for one in cases]
        conditions = tuple(_conditions(rule, known, among, of_week))
        found.append(Covered(rule, spoken, weeks, conditions))
        if progress:
            progress(done, len(todo))
    return Coverage(tuple(found), None if week is None else len(week))


def _conditions(
    rule: Rule, known: Background, cases: Sequence[Scene], week: Sequence[Scene] | None
) -> Iterable[Condition]:
    for number, element in enumerate(rule.body):
        looser = (
            without(rule, number)
            if isinstance(element, Atom)
            else replace(rule, body=(*rule.body[:number], *rule.body[number + 1 :]), text="")
        )
        text = element_text(element)
        if looser is None or check(looser) or subsumes(rule, looser, known):
            yield Condition(number, text, None, None)
            continue
        decided = decides(rule, looser, cases)
        then = None if week is None else decides(rule, looser, week)
        yield Condition(number, text, decided, then, judged=decided is not None)


def week_layers(
    workspace: Workspace,
    requests: Sequence[Request],
    name: str | None = None,
    *,
    progress: Progress | None = None,
) -> list[Layer]:
    """Return a closed layer for each request that has looks, the best of them laid out in it.

    Args:
        workspace: whose wardrobe dresses.
        requests: what for.
        name: of the wardrobe.
        progress: called with (done, total).
    """
    found = []
    for done, request in enumerate(requests, 1):
        layer = workspace.layer(name)
        try:
            looks = recommend(layer, request, workspace.resources).looks
        except NoAnswer:
            looks = ()
        inside = layer.child(Change(add=request.facts()))
        found.append(look_layer(inside, looks[0]) if looks else inside)
        if progress:
            progress(done, len(requests))
    return found
