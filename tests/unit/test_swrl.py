"""SWRL rules, hand-made and as owlready2 writes them: what they conclude, and what is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from wearwhy.errors import FormatError
from wearwhy.rdf import Fact, curie
from wearwhy.rules.descriptions import read
from wearwhy.rules.foreign import Translation, translate
from wearwhy.rules.foreign.read import translate_facts
from wearwhy.rules.reference import infer

CORPUS = Path(__file__).parents[1] / "corpus" / "foreign"
PROLOGUE = """
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX swrl: <http://www.w3.org/2003/11/swrl#>
PREFIX swrlb: <http://www.w3.org/2003/11/swrlb#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX : <https://w3id.org/wearwhy/id/>
:x a swrl:Variable . :y a swrl:Variable . :z a swrl:Variable . :w a swrl:Variable .
"""


def graph(text: str) -> list[Fact]:
    return [
        Fact(triple.subject, triple.predicate, triple.object)
        for triple in parse(PROLOGUE + text, RdfFormat.TURTLE)
    ]


def atom(text: str) -> str:
    """Return an atom from a short form: `Coat(x)`, `over(x y)`, `swrlb:add(z w 1)`, `same(x y)`."""
    name, _, rest = text.strip().removesuffix(")").partition("(")
    args = [f":{word}" if word.isidentifier() else word for word in rest.split()]
    if name.startswith("swrlb:"):
        return f"[ a swrl:BuiltinAtom ; swrl:builtin {name} ; swrl:arguments ( {' '.join(args)} ) ]"
    kind = {"same": "SameIndividualAtom", "different": "DifferentIndividualsAtom"}.get(name)
    if kind:
        return f"[ a swrl:{kind} ; swrl:argument1 {args[0]} ; swrl:argument2 {args[1]} ]"
    if name.startswith("range "):
        return f"[ a swrl:DataRangeAtom ; swrl:dataRange {name[6:]} ; swrl:argument1 {args[0]} ]"
    if len(args) == 1:
        name = name if name.startswith("[") else f":{name}"
        return f"[ a swrl:ClassAtom ; swrl:classPredicate {name} ; swrl:argument1 {args[0]} ]"
    return (
        f"[ a swrl:IndividualPropertyAtom ; swrl:propertyPredicate :{name} ; "
        f"swrl:argument1 {args[0]} ; swrl:argument2 {args[1]} ]"
    )


def rule(body: str, head: str) -> Translation:
    lists = (" ".join(map(atom, part.split(" , "))) for part in (body, head))
    union = (
        ":both rdf:first :Coat ; rdf:rest :rest . :rest rdf:first :Parka ; rdf:rest rdf:nil . "
        if ":both" in body
        else ""
    )
    text = union + ":r a swrl:Imp ; swrl:body ( {} ) ; swrl:head ( {} ) .".format(*lists)
    return translate_facts(graph(text), "rules.ttl", PROLOGUE)


def concluded(found: Translation, data: str) -> set[str]:
    again = read(found.text, "rules.srl")
    assert again.errors == ()
    assert again.rules == found.rules
    given = graph(data)[4:]
    return {
        " ".join(curie(part).removeprefix("id:") for part in fact)
        for fact in infer(again.rules, given)
    }


@pytest.mark.parametrize(
    ("body", "head", "data", "expected"),
    [
        ("Coat(x)", "Warm(x)", ":a a :Coat .", {"a rdf:type Warm"}),
        ("over(x y) , over(y z)", "over(x z)", ":a :over :b . :b :over :c .", {"a over c"}),
        (
            "warmth(x w) , swrlb:greaterThan(w 2)",
            "Warm(x)",
            ":a :warmth 3 . :b :warmth 2 .",
            {"a rdf:type Warm"},
        ),
        (
            "swrlb:greaterThan(w 2) , warmth(x w)",
            "Warm(x)",
            ":a :warmth 3 .",
            {"a rdf:type Warm"},
        ),
        ("warmth(x w) , swrlb:add(z w 1)", "next(x z)", ":a :warmth 3 .", {"a next 4"}),
        ("warmth(x w) , swrlb:add(4 w 1)", "Right(x)", ":a :warmth 3 .", {"a rdf:type Right"}),
        (
            "warmth(x w) , swrlb:multiply(z y 2) , swrlb:subtract(y w 1)",
            "is(x z)",
            ":a :warmth 3 .",
            {"a is 4"},
        ),
        ("warmth(x w) , swrlb:mod(z w 3)", "rest(x z)", ":a :warmth 7 .", {"a rest 1"}),
        (
            "warmth(x w) , swrlb:integerDivide(z w 2)",
            "half(x z)",
            ":a :warmth -7 .",
            {"a half -3"},
        ),
        (
            'label(x w) , swrlb:stringConcat(z w "!")',
            "said(x z)",
            ':a :label "wool" .',
            {'a said "wool!"'},
        ),
        (
            "label(x w) , swrlb:normalizeSpace(z w)",
            "said(x z)",
            ':a :label "  wool   coat " .',
            {'a said "wool coat"'},
        ),
        (
            'label(x w) , swrlb:containsIgnoreCase(w "WOOL")',
            "Warm(x)",
            ':a :label "Lambswool" . :b :label "cotton" .',
            {"a rdf:type Warm"},
        ),
        (
            "worn(x w) , worn(y w) , different(x y)",
            "clash(x y)",
            ":a :worn :d . :b :worn :d . :b owl:differentFrom :a .",
            {"a clash b", "b clash a"},
        ),
        ("Coat(x) , same(x y)", "Known(y)", ":a a :Coat .", {"a rdf:type Known"}),
        ("Coat(x)", "same(x a)", ":b a :Coat .", {"b owl:sameAs a"}),
        (
            "warmth(x w) , range xsd:integer(w)",
            "Rated(x)",
            ':a :warmth 3 . :b :warmth "much" .',
            {"a rdf:type Rated"},
        ),
        (
            "[ a owl:Restriction ; owl:onProperty :part ; owl:someValuesFrom :Lining ](x)",
            "Lined(x)",
            ":a :part :p . :p a :Lining . :b :part :q .",
            {"a rdf:type Lined"},
        ),
        (
            "[ a owl:Class ; owl:unionOf :both ](x)",
            "Outer(x)",
            ":a a :Coat . :b a :Parka . :c a :Shirt .",
            {"a rdf:type Outer", "b rdf:type Outer"},
        ),
        (
            "Coat(x)",
            "[ a owl:Restriction ; owl:onProperty :slot ; owl:hasValue :outer ](x)",
            ":a a :Coat .",
            {"a slot outer"},
        ),
    ],
)
def test_a_rule_concludes_what_it_says(body: str, head: str, data: str, expected: set[str]) -> None:
    found = rule(body, head)
    assert found.left_out == 0, found.notes
    assert concluded(found, data) == expected


@pytest.mark.parametrize(
    ("body", "head", "why"),
    [
        ("warmth(x w) , swrlb:sin(z w)", "is(x z)", "has no counterpart"),
        ("warmth(x w) , swrlb:greaterThn(w 1)", "Warm(x)", "did you mean greaterThan?"),
        ("warmth(x w) , swrlb:greaterThan(w z)", "Warm(x)", "nothing gives ?z a value"),
        ("warmth(x w) , swrlb:greaterThan(w)", "Warm(x)", "number of arguments"),
        ("[ a owl:Class ; owl:complementOf :Coat ](x)", "Thin(x)", "owl:complementOf"),
        (
            "[ a owl:Restriction ; owl:onProperty :p ; owl:allValuesFrom :Coat ](x)",
            "Thin(x)",
            "owl:allValuesFrom",
        ),
        ("Coat(x)", "over(x y)", "nothing that it concludes can be said"),
    ],
)
def test_a_rule_that_cannot_be_said_is_left_out_with_the_reason(
    body: str, head: str, why: str
) -> None:
    found = rule(body, head)
    assert found.rules == ()
    assert found.left_out == 1
    assert found.notes[-1].code == "WW-SWRL-LEFT-OUT"
    assert why in found.notes[-1].sentence
    assert found.notes[-1].sentence in found.text
    assert read(found.text).errors == ()


def test_a_conclusion_that_cannot_be_said_leaves_the_others() -> None:
    some = "[ a owl:Restriction ; owl:onProperty :part ; owl:someValuesFrom :Lining ](x)"
    found = rule("Coat(x)", f"Warm(x) , {some}")
    assert [note.code for note in found.notes] == ["WW-SWRL-HEAD"]
    assert concluded(found, ":a a :Coat .") == {"a rdf:type Warm"}


def test_a_file_of_owlready2_is_read() -> None:
    found = translate(CORPUS / "owlready.owl")
    assert found.language == "SWRL"
    assert found.left_out == 1
    assert len(found.rules) == 3
    assert read(found.text).rules == found.rules
    assert all("owlready.owl" in rule.description.origin for rule in found.rules)


def test_a_rule_that_protege_disabled_is_off() -> None:
    text = (
        ':r a swrl:Imp ; rdfs:label "warm"@en ; '
        "<http://swrl.stanford.edu/ontologies/3.3/swrla.owl#isRuleEnabled> false ; "
        f"swrl:body ( {atom('Coat(x)')} ) ; swrl:head ( {atom('Warm(x)')} ) ."
    )
    found = translate_facts(graph(text), "rules.ttl", PROLOGUE)
    (again,) = read(found.text).rules
    assert again.description.off
    assert again.description.label == (("en", "warm"),)


def test_a_graph_without_rules_is_refused() -> None:
    with pytest.raises(FormatError) as refusal:
        translate_facts(graph(":a a :Coat ."))
    assert refusal.value.code == "WW-FOREIGN-NONE"


def test_lists_without_an_end_are_refused_not_walked_for_ever() -> None:
    text = (
        ":r a swrl:Imp ; swrl:body :l ; swrl:head :l . "
        f":l rdf:first {atom('Coat(x)')} ; rdf:rest :l ."
    )
    found = translate_facts(graph(text))
    assert found.left_out == 1
    assert "is no list" in found.notes[0].sentence
