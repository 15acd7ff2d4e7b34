"""What a preview says is what two closings say, and what happens once it is applied."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.cli_given import prepare

from wearwhy.errors import NoAnswer
from wearwhy.evidence import Kind
from wearwhy.outfit.compose import recommend
from wearwhy.outfit.request import Request
from wearwhy.rdf import PREFIXES, RDFS, WW, Fact, Literal, NamedNode, literal
from wearwhy.rules.descriptions import read
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.model import Document, Rule
from wearwhy.rules.syntax.printer import render
from wearwhy.rules.wellformed import check
from wearwhy.workspace import Workspace, edits
from wearwhy.workspace.bundle import bundle
from wearwhy.workspace.difference import Difference
from wearwhy.workspace.drafts import Draft, apply_edit
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.ontology import facts_of
from wearwhy.workspace.state import State, asserted, patched, predicted, rule_texts
from wearwhy.workspace.week import week

KNOWN = bundle()
# Rules of OWL are written into other ones when axioms are; a topic of the stylist is edited here.
RULES = tuple(
    rule for rule in KNOWN.rules if rule.place and "owl2-rl" not in rule.place.file
)  # fmt: skip
KINDS = ("points", "off", "condition", "confidence")
THOROUGH = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
Shown = dict[Request, list[tuple[tuple[NamedNode, ...], float]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("previewed") / "w"
    prepare(folder)
    return folder


def edited(rule: Rule, kind: str, random: Random) -> Rule:
    """A rule with other points, switched off, or without one of its conditions."""
    about = rule.description
    if kind == "points":
        return replace(rule, description=replace(about, points=random.choice([0.1, 1.5, 4.0])))
    if kind == "confidence":
        return replace(rule, description=replace(about, confidence=random.choice([0.4, 0.85])))
    if not kind:
        return rule
    if kind == "condition":
        body = list(rule.body)
        for number in random.sample(range(len(body)), len(body)):
            less = replace(rule, body=tuple(body[:number] + body[number + 1 :]))
            if less.body and not check(less):
                return less
    return replace(rule, description=replace(about, off=True))


def text_of(rule: Rule) -> str:
    about = rule.description
    said: list[tuple[NamedNode, Literal]] = [
        (WW.points, literal(about.points)),
        (WW.confidence, literal(about.confidence)),
        (WW.hereditary, Literal(about.hereditary)),
        (WW.readsGuesses, Literal(about.reads_guesses)),
        (WW.off, Literal(about.off)),
        *((RDFS.label, Literal(text, language=name)) for name, text in about.label),
    ]
    data = tuple(Fact(rule.iri, predicate, value) for predicate, value in said)
    text = render(Document((rule,), data, prefixes=tuple(PREFIXES.items())))
    found = read(text)
    assert not found.errors, found.errors
    return text


def edit_of(workspace: Workspace, rules: list[Rule]) -> Edit:
    drafts = [
        Draft(f"edit-{n}", Path(f"edit-{n}.srl"), text_of(rule), None)
        for n, rule in enumerate(rules)
    ]
    return apply_edit(workspace.state, "base", drafts)


def changed(workspace: Workspace, chosen: list[Rule], kind: str, seed: int) -> Edit:
    random = Random(seed)
    return edit_of(workspace, [edited(rule, kind, random) for rule in chosen])


def closed(state: State) -> Layer:
    """The graph of the wardrobe, closed from nothing."""
    rules = {rule.iri: rule for rule in KNOWN.rules}
    for text in rule_texts(state, "base").values():
        rules.update((rule.iri, rule) for rule in read(text).rules)
    facts = [*KNOWN.facts, *asserted(state, "base"), *asserted(state, "wardrobe/mine")]
    root = Layer.root(tuple(rules.values()), KNOWN.measures, dict.fromkeys(facts))
    return root.child(Change(predict=predicted(state, "wardrobe/mine")))


def looks(workspace: Workspace, requests: tuple[Request, ...]) -> Shown:
    found: Shown = {}
    for request in requests:
        try:
            told = recommend(workspace.layer("mine"), request, workspace.resources).looks
        except NoAnswer:
            told = ()
        found[request] = [(look.items, look.score) for look in told]
    return found


def promised(before: Shown, seen: Difference) -> Shown:
    """The looks of each request as a preview has them."""
    found: Shown = {}
    for request, old in before.items():
        gone = {one.items for one in seen.looks_lost if one.request == request}
        moved = {one.items: one for one in seen.reranked if one.request == request}
        new = [one for one in seen.looks_gained if one.request == request]
        places = {
            moved[i].after if i in moved else n: i
            for n, (i, _) in enumerate(old, 1)
            if i not in gone
        }
        places |= {one.after: one.items for one in new}
        scores = dict(old)
        scores |= {one.items: one.score or 0.0 for one in (*moved.values(), *new)}
        found[request] = [(places[n], scores[places[n]]) for n in sorted(places)]
    return found


@pytest.mark.slow
@THOROUGH
@given(
    chosen=st.lists(st.sampled_from(RULES), min_size=1, max_size=3, unique_by=lambda r: r.iri),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 9),
)
def test_a_previewed_rule_edit_is_the_difference_of_two_closings(
    made: Path, chosen: list[Rule], kind: str, seed: int
) -> None:
    compare(made, chosen, kind, seed)


@pytest.mark.parametrize("kind", ["condition", "off"])
def test_an_edited_rule_gains_and_loses_what_two_closings_do(made: Path, kind: str) -> None:
    layer = Workspace.open(made).layer("mine")
    used = Counter(
        firing.rule
        for fact in layer.match(None, WW.suitsSeason, None)
        if (firing := layer.firing(fact)) is not None
    )
    chosen = [rule for rule in RULES if rule.iri in dict(used.most_common(3))]
    workspace = Workspace.open(made)
    telling = (
        seed
        for seed in range(9)
        if _moves(workspace.preview(changed(workspace, chosen, kind, seed), requests=()))
    )
    seen = compare(made, chosen, kind, next(telling))
    assert seen.rules


def _moves(seen: Difference) -> bool:
    return bool(seen.gained or seen.lost)


def compare(made: Path, chosen: list[Rule], kind: str, seed: int) -> Difference:
    workspace = Workspace.open(made)
    edit = changed(workspace, chosen, kind, seed)
    seen = workspace.preview(edit, requests=())
    old = closed(workspace.state)
    new = closed(patched(workspace.state, edit.patch.add, edit.patch.remove))
    before, after = set(old.facts()), set(new.facts())
    assert set(seen.gained) == after - before
    assert set(seen.lost) == before - after
    assert shifted(seen) == apart(old, new)
    names, nodes = seen.proofs()
    for fact in (*seen.gained, *seen.lost):
        assert nodes[names[fact]].statement == fact
    return seen


def stance(layer: Layer, fact: Fact) -> tuple[Kind | None, float]:
    """The kind of a fact, and how sure it is."""
    kind = layer.kind(fact)
    sure = layer.probability(fact) if kind is Kind.PREDICTED else None
    return kind, round(layer.confidence(fact) if sure is None else sure, 6)


def apart(old: Layer, new: Layer) -> dict[Fact, tuple[object, object]]:
    """The facts that both have, and that do not stand alike in them."""
    return {
        fact: (stance(old, fact), stance(new, fact))
        for fact in old.facts()
        if new.holds(fact) and stance(old, fact) != stance(new, fact)
    }


def shifted(seen: Difference) -> dict[Fact, tuple[object, object]]:
    """The same as a preview has it."""
    return {
        one.fact: ((one.before.kind, one.before.sure), (one.after.kind, one.after.sure))
        for one in seen.shifts
    }


STATED = (
    (WW.suitsSeason, "season"),
    (WW.formality, "dress-code"),
    (WW.suitsOccasion, "occasion"),
    (WW.warmth, "warmth"),
)


def one_edit(workspace: Workspace, random: Random) -> Edit:
    """A value set, an item added or an item taken out."""
    layer = workspace.layer("mine")
    items = sorted(workspace.resources.index(layer).items, key=str)
    item = random.choice(items)
    verb = random.choice(["set", "set", "set", "add", "remove"])
    if verb == "remove":
        return edits.remove_item(workspace.state, "mine", item)
    prop, scheme = random.choice(STATED)
    value = random.choice(list(workspace.names.members(WW[f"{scheme}-scheme"])))
    if verb == "set":
        return edits.set_value(workspace.state, "mine", item, prop, value)
    return edits.add_item(workspace.state, "mine", WW.Blazer, "New blazer", [(prop, value)])


@pytest.mark.slow
@settings(THOROUGH, max_examples=8)
@given(seed=st.integers(0, 99))
def test_what_is_previewed_of_an_edit_is_what_is_seen_once_it_is_applied(
    made: Path, tmp_path: Path, seed: int
) -> None:
    previewed(made, tmp_path, lambda workspace: one_edit(workspace, Random(seed)))


@pytest.mark.slow
def test_stating_what_a_rule_concluded_is_no_change_of_nothing(made: Path, tmp_path: Path) -> None:
    """A value that is stated in place of a derived one, where others were derived, and guessed."""

    def stating(workspace: Workspace) -> Edit:
        layer = workspace.layer("mine")
        fact = next(
            fact
            for item in workspace.resources.index(layer).items
            for fact in sorted(layer.match(item, WW.suitsSeason, None), key=str)
            if layer.kind(fact) is Kind.DERIVED and len(layer.objects(item, WW.suitsSeason)) > 1
        )
        value = fact.object
        assert isinstance(fact.subject, NamedNode)
        return edits.set_value(workspace.state, "mine", fact.subject, WW.suitsSeason, value)

    seen = previewed(made, tmp_path, stating)
    assert seen.lost
    assert [(one.before.kind, one.after.kind) for one in seen.shifts] == [
        (Kind.DERIVED, Kind.ASSERTED)
    ]


def previewed(made: Path, tmp_path: Path, choose: Callable[[Workspace], Edit]) -> Difference:
    folder = tmp_path / "edited"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder)
    workspace = Workspace.open(folder)
    edit = choose(workspace)
    before = {
        fact: stance(workspace.layer("mine"), fact) for fact in workspace.layer("mine").facts()
    }
    seen = workspace.preview(edit, requests=())
    workspace.apply(seen)
    layer = Workspace.open(folder).layer("mine")
    after = {fact: stance(layer, fact) for fact in layer.facts()}
    assert set(seen.gained) == set(after) - set(before)
    assert set(seen.lost) == set(before) - set(after)
    assert shifted(seen) == {
        fact: (stood, after[fact])
        for fact, stood in before.items()
        if fact in after and after[fact] != stood
    }
    return seen


@pytest.mark.slow
@settings(THOROUGH, max_examples=6)
@given(
    chosen=st.lists(st.sampled_from(RULES), min_size=1, max_size=3, unique_by=lambda r: r.iri),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 9),
)
def test_what_is_applied_shows_the_looks_that_were_previewed(
    made: Path, tmp_path: Path, chosen: list[Rule], kind: str, seed: int
) -> None:
    follow(made, tmp_path, chosen, kind, seed)


@pytest.mark.slow
def test_other_points_show_the_looks_that_were_previewed(made: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(made)
    look = workspace.suggest(week(KNOWN)[3], "mine").looks[0]
    told = {term.source for term in look.terms if term.kind == "rule" and term.value > 0}
    chosen = [r for r in RULES if r.iri in told]
    worse = [replace(r, description=replace(r.description, points=-3.0)) for r in chosen]
    seen = follow(made, tmp_path, worse, "", 0)
    assert seen.shown


def follow(made: Path, tmp_path: Path, chosen: list[Rule], kind: str, seed: int) -> Difference:
    folder = tmp_path / "followed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, folder)
    workspace = Workspace.open(folder)
    requests = week(KNOWN)[:4]
    before = looks(workspace, requests)
    edit = changed(workspace, chosen, kind, seed)
    seen = workspace.preview(edit, requests=requests)
    workspace.apply(seen)
    wanted = promised(before, seen)
    for request in seen.strayed:
        # Nothing that was shown changed: which of such looks are come upon is not foretold.
        del wanted[request]
    requests = tuple(request for request in requests if request not in seen.strayed)
    for after in (looks(workspace, requests), looks(Workspace.open(folder), requests)):
        assert {r: [items for items, _ in those] for r, those in after.items()} == {
            r: [items for items, _ in those] for r, those in wanted.items()
        }
        moved = {(one.request, one.items) for one in (*seen.looks_gained, *seen.reranked)}
        for request, those in after.items():
            for (items, score), (_, told) in zip(those, wanted[request], strict=True):
                if (request, items) in moved:
                    assert score == pytest.approx(told, abs=1e-9)
    return seen


@pytest.mark.slow
@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_an_edited_ontology_file_keeps_the_names_of_what_it_does_not_change(seed: int) -> None:
    random = Random(seed)
    file = KNOWN.ontology["fashion"]
    blocks = file.text.split("\n\n")
    head, classes = blocks[:4], blocks[4:]
    random.shuffle(classes)
    assert set(facts_of(KNOWN, "fashion", "\n\n".join([*head, *classes]))) == set(file.facts)


def test_an_ontology_edit_is_the_difference_of_two_closings(made: Path) -> None:
    workspace = Workspace.open(made)
    text = KNOWN.ontology["fashion"].text
    new = text.replace("rdfs:subClassOf     ww:MidLayer ;", "rdfs:subClassOf     ww:Top ;", 1)
    assert new != text
    draft = Draft("fashion", Path("fashion.ttl"), new, text, "ontology")
    seen = workspace.preview(apply_edit(workspace.state, "base", [draft]), requests=())
    before = set(closed(workspace.state).facts())
    facts = set(KNOWN.facts) - set(KNOWN.ontology["fashion"].facts) | set(
        facts_of(KNOWN, "fashion", new)
    )
    own = asserted(workspace.state, "wardrobe/mine")
    root = Layer.root(KNOWN.rules, KNOWN.measures, dict.fromkeys([*facts, *own]))
    layer = root.child(Change(predict=predicted(workspace.state, "wardrobe/mine")))
    after = set(layer.facts())
    assert seen.lost
    assert set(seen.gained) == after - before
    assert set(seen.lost) == before - after
    assert {layer.kind(fact) for fact in seen.gained} >= {Kind.ASSERTED, Kind.DERIVED}
    workspace.preview(apply_edit(workspace.state, "base", [draft]), requests=())
    assert set(workspace.layer("mine").facts()) == before
