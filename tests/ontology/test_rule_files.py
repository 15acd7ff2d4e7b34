"""The rule files and measures as texts: complete, described, and speaking the ontology's words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from wearwhy.rdf import RULE, WW, Fact, Node
from wearwhy.rules.descriptions import RuleSet, load, verdict
from wearwhy.rules.equality import SAMENESS
from wearwhy.rules.measures import Measure, read_measures
from wearwhy.rules.model import Assign, Atom, Call, Filter, Negation, Rule, TriplePattern, Verdict

ROOT = Path(__file__).parents[2]
ONTOLOGY = ROOT / "ontology"
CORPUS = ROOT / "tests" / "corpus" / "rules"
LANGUAGES = {"en", "zh"}


@cache
def rule_set() -> RuleSet:
    return load(sorted((ONTOLOGY / "rules").rglob("*.srl")))


@cache
def ontology() -> tuple[Fact, ...]:
    paths = [*sorted(ONTOLOGY.glob("*.ttl")), *sorted((ONTOLOGY / "schemes").glob("*.ttl"))]
    return tuple(
        Fact(quad.subject, quad.predicate, quad.object)
        for path in paths
        for quad in parse(path=str(path), format=RdfFormat.TURTLE)
    )


@cache
def measures() -> tuple[Measure, ...]:
    return read_measures(ontology())


def nodes(part: object) -> Iterator[Node]:
    """Yield every RDF term written in a part of a rule."""
    if isinstance(part, Atom | TriplePattern):
        yield from nodes((part.subject, part.predicate, part.object))
    elif isinstance(part, Filter | Assign):
        yield from nodes(part.expression)
    elif isinstance(part, Call):
        yield from nodes(part.args)
    elif isinstance(part, Negation):
        yield from nodes(part.body)
    elif isinstance(part, tuple):
        for inner in part:
            yield from nodes(inner)
    elif isinstance(part, NamedNode):
        yield part


def words() -> set[object]:
    """Return what the ontology tells something about and what rules conclude with."""
    stated: set[object] = {fact.subject for fact in ontology()}
    return stated | {atom.predicate for rule in rule_set().rules for atom in rule.head}


def local(rule: Rule) -> str:
    return rule.iri.value.removeprefix(RULE)


def in_rule_namespace() -> list[Rule]:
    return [rule for rule in rule_set().rules if rule.iri.value.startswith(RULE)]


def test_every_rule_file_is_well_formed() -> None:
    assert [str(error) for error in rule_set().errors] == []


def test_there_are_more_stylists_rules_than_eighty() -> None:
    stylists = [rule for rule in rule_set().rules if rule.description.author != "W3C"]
    assert len(stylists) >= 80


def test_every_rule_has_a_name_a_sentence_in_each_language_and_somebody_who_signs_it() -> None:
    for rule in rule_set().rules:
        described = rule.description
        assert rule.iri.value.startswith(RULE), rule.iri
        assert {language for language, _ in described.label} == LANGUAGES, rule.iri
        assert {language for language, _ in described.sentence} == LANGUAGES, rule.iri
        assert described.author, rule.iri
        assert described.origin, rule.iri


def test_every_slot_of_a_sentence_is_written_as_a_variable() -> None:
    for rule in rule_set().rules:
        for _, text in rule.description.sentence:
            assert text.count("{") == text.count("}"), (rule.iri, text)
            assert text.count("{") == text.count("{?"), (rule.iri, text)


def test_every_judgement_weighs_something_but_not_too_much() -> None:
    for rule in rule_set().rules:
        kind = verdict(rule)
        if kind is Verdict.FORBID:
            assert 1.0 <= rule.description.points <= 3.0, rule.iri
        elif kind is not None:
            assert 0.1 <= rule.description.points <= 2.0, rule.iri
            assert not rule.description.hereditary, rule.iri


def test_every_word_of_ours_in_a_rule_is_of_the_ontology_or_concluded_by_a_rule() -> None:
    known = words()
    unknown = {
        (node.value.removeprefix(WW), local(rule))
        for rule in rule_set().rules
        for node in nodes((*rule.head, *rule.body))
        if isinstance(node, NamedNode) and node.value.startswith(WW) and node not in known
    }
    assert unknown == set()


def test_every_rule_has_a_case_where_it_speaks_and_one_where_it_must_not() -> None:
    for rule in in_rule_namespace():
        # What is off here is tested where it is on: by the suites of OWL and RDFS.
        if rule.description.off or rule.iri.value in SAMENESS:
            continue
        folder = CORPUS / local(rule)
        assert list(folder.glob("*.expected.ttl")), rule.iri
        assert list(folder.glob("*.forbidden.ttl")), rule.iri


def test_every_case_belongs_to_a_rule_and_has_data() -> None:
    names = {local(rule) for rule in in_rule_namespace()}
    for folder in CORPUS.iterdir():
        assert folder.name in names, f"{folder.name} is no rule"
        for claim in (*folder.glob("*.expected.ttl"), *folder.glob("*.forbidden.ttl")):
            case = claim.name.split(".", 1)[0]
            assert (folder / f"{case}.data.ttl").exists(), claim


def test_every_case_is_turtle_that_says_something() -> None:
    for path in CORPUS.glob("*/*.ttl"):
        assert list(parse(path=str(path), format=RdfFormat.TURTLE)), path


def test_every_measure_is_described_in_each_language() -> None:
    assert measures()
    labels: dict[Node, set[str]] = {}
    sentences: dict[Node, set[str]] = {}
    for fact in ontology():
        for predicate, found in (("label", labels), ("sentence", sentences)):
            if fact.predicate.value.endswith(f"#{predicate}"):
                language = getattr(fact.object, "language", None)
                found.setdefault(fact.subject, set()).add(language or "")
    for measure in measures():
        assert labels.get(measure.iri) == LANGUAGES, measure.iri
        assert sentences.get(measure.iri) == LANGUAGES, measure.iri


def test_every_measure_walks_along_known_properties() -> None:
    known = words()
    for measure in measures():
        for predicate in measure.reads:
            assert not predicate.value.startswith(WW) or predicate in known, measure.iri
