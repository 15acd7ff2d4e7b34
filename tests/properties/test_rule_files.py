"""Rule files and files of other rule languages, damaged at random: told, never a crash."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from wearwhy.errors import FormatError, RuleError
from wearwhy.rdf import SH, Fact, NamedNode
from wearwhy.rules.descriptions import read
from wearwhy.rules.foreign.read import translate_facts
from wearwhy.rules.syntax import caret, render
from wearwhy.workspace.errorpages import expanded, pages
from wearwhy.workspace.rulefiles import unknown_names

ROOT: Final = Path(__file__).parents[2]
CORPUS: Final = [path.read_text("utf-8") for path in sorted((ROOT / "ontology").rglob("*.srl"))]
LAWS: Final = [
    expanded(example).decode("utf-8", "replace")
    for page in pages().values()
    if page.reads == "srl"
    for example in (page.bad, page.good)
    if 0 < len(example) < 2000 and "{{" not in example
]
FOREIGN: Final = [
    *(page.bad for page in pages().values() if page.reads != "srl"),
    *(page.good for page in pages().values() if page.reads != "srl"),
    (ROOT / "tests" / "corpus" / "foreign" / "shapes.ttl").read_text("utf-8"),
]


def damaged(text: str, dice: random.Random) -> str:
    """Return a text with pieces dropped, doubled, swapped, or put in from elsewhere."""
    words = text.split(" ")
    for _ in range(dice.randint(1, 5)):
        at = dice.randrange(len(words))
        other = dice.choice(LAWS).split(" ")
        change = dice.randrange(4)
        if change == 0 and len(words) > 1:
            del words[at]
        elif change == 1:
            words.insert(at, dice.choice(other))
        elif change == 2:
            words[at] = words[at][: dice.randrange(len(words[at]) + 1)]
        else:
            words[at], words[0] = words[0], words[at]
    return " ".join(words)


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_a_damaged_rule_file_is_read_as_far_as_it_goes_and_every_error_has_its_place(
    seed: int,
) -> None:
    dice = random.Random(seed)
    text = damaged(dice.choice([*LAWS, *(one[:1500] for one in CORPUS)]), dice)
    found = read(text, "damaged.srl")
    for error in (*found.errors, *unknown_names(text, "damaged.srl")):
        assert isinstance(error, RuleError)
        assert error.sentence.endswith((".", "?"))
        if error.place is not None:
            assert error.place.file == "damaged.srl"
            caret(text, error.place)
    again = read(render(found.rules, {}), "damaged.srl")
    assert {rule.iri for rule in again.rules} <= {rule.iri for rule in found.rules}


def triples(text: str) -> list[Fact]:
    return [
        Fact(triple.subject, triple.predicate, triple.object)
        for triple in parse(text, RdfFormat.TURTLE)
    ]


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_damaged_graph_of_foreign_rules_is_translated_or_left_out(seed: int) -> None:
    dice = random.Random(seed)
    facts = triples(dice.choice(FOREIGN))
    others = triples(dice.choice(FOREIGN))
    for _ in range(dice.randint(1, 4)):
        at, other = dice.randrange(len(facts)), dice.choice([*facts, *others])
        change = dice.randrange(4)
        if change == 0 and len(facts) > 1:
            del facts[at]
        elif change == 1:
            facts[at] = facts[at]._replace(object=other.object)
        elif change == 2 and isinstance(other.predicate, NamedNode):
            facts[at] = facts[at]._replace(predicate=other.predicate)
        else:
            facts.append(Fact(facts[at].subject, other.predicate, other.object))
    try:
        found = translate_facts(facts, "damaged.ttl")
    except FormatError:  # neither a sh:rule nor a swrl:Imp is left
        names = {str(part) for fact in facts for part in (fact.predicate, fact.object)}
        assert f"<{SH.rule.value}>" not in names
        return
    again = read(found.text, "damaged.srl")
    assert again.errors == (), found.text
    assert again.rules == found.rules
    assert len(found.rules) + found.left_out > 0


@pytest.mark.parametrize(
    "opening", ["(", "[ :p ", "<<( :s :p ", "RULE { ", "NOT { ", "{| :p ", "!"]
)
@pytest.mark.parametrize("place", ["DATA { :s :p %s", "RULE { } WHERE { FILTER(%s", "%s"])
def test_ten_thousand_openings_are_an_error_and_no_end_of_the_stack(
    opening: str, place: str
) -> None:
    found = read("PREFIX : <http://e/>\n" + place % (opening * 10_000), "deep.srl")
    assert found.errors
    assert all(error.code.startswith("WW-RULE-") for error in found.errors)


def test_every_broken_rule_of_many_is_told() -> None:
    text = "PREFIX : <http://e/>\n" + "".join(
        f"RULE :r{n} {{ ?x :p {n} }} WHERE {{ ?x :q {'' if n % 3 else n} }}\n" for n in range(90)
    )
    found = read(text, "many.srl")
    broken = [n for n in range(90) if n % 3]
    assert [error.place.line for error in found.errors if error.place] == [n + 2 for n in broken]
    assert len(found.rules) == 30


def test_a_misspelt_name_of_a_standard_vocabulary_is_told_with_the_nearest() -> None:
    text = (
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
        "RULE { ?x rdfs:seeAlso ?y } WHERE { ?x rdfs:lable ?y ; rdf:_3 ?z ; rdf:reifies ?t }"
    )
    (warning,) = unknown_names(text, "a.srl")
    assert warning.hint == "Did you mean rdfs:label?"
    assert warning.place is not None
    assert (warning.place.line, warning.place.column, warning.place.end) == (3, 40, 50)
