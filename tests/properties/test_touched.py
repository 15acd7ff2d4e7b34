"""An edit of the bundled wardrobe touches what depends on it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median

import pytest

from wearwhy.evidence import Kind
from wearwhy.rdf import WW, Fact
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Firing, Rule
from wearwhy.workspace import Workspace

DATA = Path(__file__).parents[2] / "data"
Told = tuple[Kind | None, float, Firing | None]


@pytest.fixture(scope="module")
def wardrobe(tmp_path_factory: pytest.TempPathFactory) -> Layer:
    space = Workspace.init(tmp_path_factory.mktemp("touched") / "W")
    space.load(DATA / "wardrobe.csv", "wardrobe", "wardrobe:mine")
    return space.layer()


def told(layer: Layer, fact: Fact) -> Told:
    return layer.kind(fact), layer.confidence(fact), layer.firing(fact)


def without_cause(before: Layer, after: Layer) -> Iterator[Fact]:
    """Yield what a layer wrote though it stands as before and rests on nothing that differs."""
    assert after.below is before
    wrote = {*after.own(), *after.changes()[1]}
    differs = {fact for fact in wrote if told(before, fact) != told(after, fact)}
    # Written again as it was: then it was taken away meanwhile, with something that it rests on.
    for fact in wrote - differs:
        firing = after.firing(fact)
        if firing is None or wrote.isdisjoint(firing.premises):
            yield fact


def sizes(before: Layer, changes: list[Change]) -> list[int]:
    found = []
    for change in changes:
        after = before.child(change)
        assert list(without_cause(before, after)) == []
        found.append(len(set(after.own())) + len(after.changes()[1]))
    return found


def asserted(layer: Layer, random: Random, number: int) -> list[Fact]:
    """Return some of the facts that somebody asserted about items."""
    items = {membership.subject for membership in layer.match(None, WW.inWardrobe, None)}
    facts = [
        fact
        for item in items
        for fact in layer.match(item, None, None)
        if layer.kind(fact) is Kind.ASSERTED
    ]
    return random.sample(sorted(facts, key=str), number)


def test_a_fact_retracted_or_asserted_again_touches_what_rests_on_it(wardrobe: Layer) -> None:
    facts = asserted(wardrobe, Random(1), 40)
    for fact in facts:
        taken = wardrobe.child(Change(remove=(fact,)))
        assert list(without_cause(wardrobe, taken)) == []
        back = taken.child(Change(add=(fact,)))
        assert list(without_cause(taken, back)) == []
        assert back.kind(fact) is Kind.ASSERTED
    touched = sizes(wardrobe, [Change(remove=(fact,)) for fact in facts])
    whole = sum(1 for _ in wardrobe.facts())
    assert 1 <= median(touched) <= 20
    assert max(touched) < whole / 20


def test_a_fact_corrected_touches_what_rests_on_either_value(wardrobe: Layer) -> None:
    facts = asserted(wardrobe, Random(2), 40)
    others = asserted(wardrobe, Random(3), 40)
    changes = [
        Change(remove=(fact,), add=(Fact(fact.subject, other.predicate, other.object),))
        for fact, other in zip(facts, others, strict=True)
    ]
    assert median(sizes(wardrobe, changes)) <= 40


@pytest.mark.slow
def test_a_rule_taken_out_or_edited_touches_what_it_concluded(wardrobe: Layer) -> None:
    rules = Random(4).sample(wardrobe.program.rules, 25)

    def concluded(rule: Rule) -> int:
        firings = (wardrobe.firing(fact) for fact in wardrobe.facts())
        return sum(1 for firing in firings if firing is not None and firing.rule == rule.iri)

    for rule in rules[:10]:
        unsure = replace(rule, description=replace(rule.description, confidence=0.5))
        for change in (Change(rules_remove=(rule.iri,)), Change(rules_add=(unsure,))):
            if rule.iri not in {source.iri for source in wardrobe.sources}:
                continue  # an instance of a rule about properties
            after = wardrobe.child(change)
            assert list(without_cause(wardrobe, after)) == []
            if not concluded(rule):
                assert not list(after.own())
    changes = [Change(rules_remove=(rule.iri,)) for rule in rules]
    assert median(sizes(wardrobe, changes)) <= 50


def test_words_about_a_rule_touch_nothing_and_are_seen(wardrobe: Layer) -> None:
    rule = next(r for r in wardrobe.sources if not r.description.off and r.place)
    assert rule.place is not None
    moved = replace(
        rule,
        text="# written anew",
        place=replace(rule.place, line=rule.place.line + 7),
        description=replace(rule.description, sentence=(("en", "A new sentence."),), points=0.25),
    )
    after = wardrobe.child(Change(rules_add=(moved,)))
    assert not list(after.own())
    assert after.changes() == ([], [])
    found = after.rule(rule.iri)
    assert found is not None
    assert (found.text, found.place) == (moved.text, moved.place)
    assert found.description == moved.description
    assert moved in after.program.rules
    assert wardrobe.rule(rule.iri) is rule
