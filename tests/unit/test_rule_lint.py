from __future__ import annotations

import pytest

from wearwhy.errors import RuleWarning
from wearwhy.rdf import OWL, RDFS, TYPE, WW, Fact
from wearwhy.rules.descriptions import read
from wearwhy.rules.lint import unused_prefixes
from wearwhy.rules.measures import Measure
from wearwhy.rules.syntax import parse_all
from wearwhy.workspace.linting import _unwaived, findings

PREFIXES = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
KNOWN = [
    *(
        Fact(WW[name], TYPE, OWL.ObjectProperty)
        for name in ("p", "q", "made", "weight", "one", "considers")
    ),
    Fact(WW.one, TYPE, OWL.FunctionalProperty),
    Fact(WW.Boot, RDFS.subClassOf, WW.Shoe),
    Fact(WW.Shoe, OWL.disjointWith, WW.Hat),
    Fact(WW.Shoe, TYPE, OWL.Class),
    Fact(WW.Hat, TYPE, OWL.Class),
    *(Fact(WW[name], TYPE, WW.Concept) for name in ("wool", "linen", "red", "blue")),
    Fact(WW.Concept, TYPE, OWL.Class),
]
MEASURES: tuple[Measure, ...] = ()


def rule(name: str, body: str, head: str | None = None, more: str = "") -> str:
    return f"""
DATA {{ rule:{name} rdfs:label "{name}"@en ; ww:sentence "It is so."@en {more} . }}
RULE rule:{name} {{ {head or f"?x ww:favouredBy rule:{name}"} }}
WHERE {{ {body} }}
"""


def lint(*texts: str) -> list[RuleWarning]:
    text = PREFIXES + "".join(texts)
    read_rules = read(text, "own.srl")
    assert not read_rules.errors, read_rules.errors[0]
    found = findings(read_rules.rules, KNOWN, MEASURES, {"own.srl": text})
    return _unwaived(found, read_rules.rules, set())[0]


def codes(*texts: str) -> list[str]:
    return [one.code.removeprefix("WW-LINT-") for one in lint(*texts)]


def test_sound_rules_that_say_different_things_are_clean() -> None:
    assert codes(rule("a", "?x ww:made ww:wool ."), rule("b", "?x ww:made ww:linen .")) == []


def test_rules_equal_up_to_names_and_order_are_duplicates() -> None:
    one = rule("a", "?x ww:p ?y . ?y ww:q ww:red .", "?x ww:made ?y")
    other = rule("b", "?b ww:q ww:red . ?a ww:p ?b .", "?a ww:made ?b")
    assert codes(one, other) == ["DUPLICATE"]


def test_verdicts_on_the_same_grounds_are_likely_double_counting() -> None:
    (found,) = lint(rule("a", "?x ww:made ww:wool ."), rule("b", "?y ww:made ww:wool .", "?y ww:favouredBy rule:b"))  # fmt: skip
    assert found.code == "WW-LINT-DUPLICATE"
    assert "twice" in found.note


def test_a_rule_is_subsumed_by_one_that_asks_less() -> None:
    narrow = rule("a", "?x ww:made ww:wool . ?x ww:p ww:red .", "?x ww:q ww:blue")
    wide = rule("b", "?x ww:made ww:wool .", "?x ww:q ww:blue")
    (found,) = lint(narrow, wide)
    assert found.code == "WW-LINT-SUBSUMED"
    assert found.sentence.startswith("rule:a concludes nothing that rule:b")
    assert found.place is not None
    assert found.place.line == 6


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("?x ww:weight ?n . FILTER(?n > 5)", "?x ww:weight ?n . FILTER(?n >= 5)"),
        ("?x ww:weight ?n . FILTER(?n = 5)", "?x ww:weight ?n . FILTER(3 < ?n)"),
        ("?x ww:p ?c . FILTER(?c = ww:red)", "?x ww:p ?c . FILTER(?c IN (ww:red, ww:blue))"),
        ("?x ww:p ww:red .", "?x ww:p ?c . FILTER(?c IN (ww:red, ww:blue))"),
        ("?x a ww:Boot .", "?x a ww:Shoe ."),
        ("?x ww:p ww:red . NOT { ?x ww:q ?anyQ }", "?x ww:p ww:red . NOT { ?x ww:q ww:blue }"),
        ("?x ww:p ww:red . NOT { ?x ww:q ?anyQ }", "?x ww:p ww:red . NOT DATA { ?x ww:q ?anyQ }"),
    ],
)  # fmt: skip
def test_subsumption_sees_through_thresholds_lists_classes_and_nots(narrow: str, wide: str) -> None:
    assert codes(rule("a", narrow, "?x ww:made ww:wool"), rule("b", wide, "?x ww:made ww:wool")) == ["SUBSUMED"]  # fmt: skip
    assert codes(rule("b", wide, "?x ww:made ww:wool")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("?x ww:weight ?n . FILTER(?n > 5)", "?x ww:weight ?n . FILTER(?n > 6 || ?n < 2)"),
        ("?x ww:p ww:red . NOT { ?x ww:q ww:red }", "?x ww:p ww:red . NOT { ?x ww:q ww:blue }"),
        ("?x ww:p ww:red . NOT DATA { ?x ww:q ww:blue }", "?x ww:p ww:blue . NOT { ?x ww:q ww:blue }"),
    ],
)  # fmt: skip
def test_rules_that_overlap_are_not_said_to_be_subsumed(one: str, other: str) -> None:
    assert "SUBSUMED" not in codes(rule("a", one), rule("b", other))


def test_one_rule_favours_what_another_forbids_on_the_same_ground() -> None:
    found = lint(
        rule("a", "?x ww:made ww:wool .", "?x ww:violates rule:a", "; ww:points 2.0"),
        rule("b", "?x ww:made ww:wool . ?x ww:p ww:red ."),
    )
    assert [one.code for one in found] == ["WW-LINT-CONTRADICTION"]
    assert "rule:b speaks to favour, rule:a speaks to forbid" in found[0].sentence


def test_two_values_of_a_functional_property_contradict_unless_conditions_keep_them_apart() -> None:
    one = rule("a", "?x ww:weight ?n . FILTER(?n > 5)", "?x ww:one ww:red")
    near = rule("b", "?x ww:weight ?n . FILTER(?n > 3)", "?x ww:one ww:blue")
    far = rule("c", "?x ww:weight ?n . FILTER(?n > 3) NOT { ?x ww:p ww:red }", "?x ww:one ww:blue")
    kept = rule("d", "?x ww:weight ?n . ?x ww:p ww:red . FILTER(?n > 5)", "?x ww:one ww:red")
    assert codes(one, near) == ["CONTRADICTION"]
    assert codes(kept, far) == []


def test_a_rule_that_puts_a_thing_into_disjoint_classes_is_told() -> None:
    assert codes(rule("a", "?x a ww:Boot .", "?x a ww:Hat")) == ["DISJOINT"]


def test_a_condition_on_what_nothing_supplies_is_unreachable_and_so_is_what_rests_on_it() -> None:
    found = lint(
        rule("a", "?x ww:weigth ww:red .", "?x ww:fed ww:red"), rule("b", "?x ww:fed ww:red .")
    )
    assert [one.code for one in found] == ["WW-LINT-UNREACHABLE"] * 2
    assert "Did you mean ww:weight?" in found[0].hint


def test_a_not_that_nothing_breaks_is_idle() -> None:
    assert codes(rule("a", "?x ww:made ww:wool . NOT { ?x ww:nothing ww:red }")) == ["IDLE-NOT"]


@pytest.mark.parametrize(
    "body",
    [
        "?x ww:weight ?n . FILTER(?n > 3 && ?n < 2)",
        "?x ww:made ww:wool . FILTER(1 > 2)",
        "?x ww:p ?c . FILTER(?c = ww:red) FILTER(?c IN (ww:blue, ww:wool))",
        "?x ww:p ?c . FILTER(?c = ww:red) NOT { ?x ww:q ?anyQ . FILTER(?c = ww:blue) }",
    ],
)
def test_filters_that_are_never_true_are_told(body: str) -> None:
    assert "NEVER" in codes(rule("a", body))


def test_conditions_that_others_imply_are_told() -> None:
    assert codes(rule("a", "?x ww:weight ?n . FILTER(?n > 3 && ?n > 2)")) == ["ALWAYS"]
    assert codes(rule("a", "?x a ww:Boot . ?x a ww:Shoe .")) == ["SUPERFLUOUS"]


def test_a_variable_used_once_is_told_at_its_place_with_the_nearest_name() -> None:
    (found,) = lint(rule("a", "?x ww:weight ?weight . ?x ww:p ?wieght . FILTER(?weight > 2)"))
    assert found.code == "WW-LINT-ONCE"
    assert found.hint == "Did you mean ?weight?"
    assert found.place is not None
    assert (found.place.line, found.place.column) == (7, 40)
    assert codes(rule("a", "?x ww:weight ?anyWeight .")) == []


def test_a_rule_without_label_and_sentence_and_a_prefix_without_use_are_told() -> None:
    text = PREFIXES + "RULE rule:a { ?x ww:made ww:wool } WHERE { ?x ww:p ww:red }"
    rules = read(text, "own.srl").rules
    assert [one.code for one in findings(rules, KNOWN, MEASURES, {"own.srl": text})] == [
        "WW-LINT-PREFIX",
        "WW-LINT-LABEL",
        "WW-LINT-SENTENCE",
    ]
    document, _ = parse_all(text, "own.srl")
    (unused,) = unused_prefixes(document, text, "own.srl")
    assert unused.place is not None
    assert unused.place.line == 3


def test_a_waiver_with_a_reason_answers_a_finding_and_only_that() -> None:
    wide = rule("b", "?x ww:made ww:wool .")

    def narrow(waiver: str) -> str:
        return rule("a", "?x ww:made ww:wool . ?x ww:p ww:red .", more=f'; ww:waives "{waiver}"')

    assert codes(narrow("WW-LINT-SUBSUMED: a surcharge"), wide) == []
    assert codes(narrow("WW-LINT-SUBSUMED"), wide) == ["SUBSUMED", "WAIVER"]
    assert codes(narrow("WW-LINT-ONCE: not there"), wide) == ["SUBSUMED", "WAIVER"]
