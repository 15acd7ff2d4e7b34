from __future__ import annotations

import pytest

from wearwhy.rules.descriptions import read
from wearwhy.rules.model import Rule
from wearwhy.rules.mutate import Direction, as_diff, mutants, without

PREFIXES = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
"""


def rule(body: str, head: str = "?x ww:favouredBy rule:a") -> Rule:
    found = read(f"{PREFIXES}RULE rule:a {{ {head} }} WHERE {{ {body} }}")
    assert not found.errors, found.errors[0]
    return found.rules[0]


def changed(body: str, operator: str, direction: Direction | None = None) -> list[str]:
    """Return the lines that mutants of an operator add."""
    return [
        line[1:].strip()
        for one in mutants(rule(body))
        if one.operator == operator and direction in (None, one.direction)
        for line in as_diff(one).splitlines()
        if line.startswith("+")
    ]


@pytest.mark.parametrize(
    ("condition", "looser", "tighter"),
    [
        ("?n >= 3", "?n >= 2", "?n > 3"),
        ("?n > 3", "?n >= 3", "?n > 4"),
        ("?n <= 0.12", "?n <= 0.13", "?n < 0.12"),
        ("?n < 20", "?n <= 20", "?n < 19"),
        ("3 < ?n", "3 <= ?n", "4 < ?n"),
        ("!(?n < 3)", "!(?n < 2)", "!(?n <= 3)"),
    ],
)
def test_a_threshold_moves_over_its_boundary_one_way_and_by_a_unit_the_other(
    condition: str, looser: str, tighter: str
) -> None:
    body = f"?x ww:p ?n . FILTER({condition})"
    assert changed(body, "loosen") == [f"FILTER({looser})"]
    assert changed(body, "tighten") == [f"FILTER({tighter})"]


def test_a_list_loses_each_of_its_members_in_turn() -> None:
    body = "?x ww:p ?c . FILTER(?c IN (ww:a, ww:b))"
    assert changed(body, "tighten") == ["FILTER(?c IN (ww:b))", "FILTER(?c IN (ww:a))"]
    body = "?x ww:p ?c . FILTER(?c NOT IN (ww:a, ww:b))"
    assert changed(body, "loosen") == ["FILTER(?c NOT IN (ww:b))", "FILTER(?c NOT IN (ww:a))"]


def test_leaving_a_pattern_out_takes_along_what_reads_what_it_binds() -> None:
    found = without(rule("?x ww:p ?n . FILTER(?n > 3) ?x ww:q ww:a . NOT { ?n ww:r ?x }"), 0)
    assert found is not None
    assert found.body == rule("?x ww:q ww:a .").body


def test_a_pattern_that_binds_what_the_head_says_cannot_be_left_out() -> None:
    assert without(rule("?x ww:p ww:a ."), 0) is None


def test_a_not_is_dropped_broadened_and_narrowed() -> None:
    body = "?x ww:p ww:a . NOT { ?x ww:q ?n . FILTER(?n >= 3) }"
    assert [one.operator for one in mutants(rule(body)) if "not" in one.operator] == [
        "drop-not",
        "broaden-not",
        "broaden-not",
        "narrow-not",
    ]
    assert changed(body, "broaden-not", Direction.STRONGER) == [
        "NOT { ?x ww:q ?n . }",
        "NOT { ?x ww:q ?n . FILTER(?n >= 2) }",
    ]
    assert changed(body, "narrow-not", Direction.WEAKER) == ["NOT { ?x ww:q ?n . FILTER(?n > 3) }"]


def test_a_verdict_is_turned_round_and_the_rule_taken_away() -> None:
    found = {one.operator: one for one in mutants(rule("?x ww:p ww:a ."))}
    assert found["remove"].rule is None
    assert "+RULE rule:a { ?x ww:disfavouredBy rule:a }" in as_diff(found["turn"])


def test_every_conclusion_of_a_rule_and_every_computed_number_is_changed() -> None:
    found = [
        one.operator
        for one in mutants(rule("?x ww:p ?n . SET(?m := ?n + 1)", "?x ww:q ?m . ?x ww:r ww:a"))
    ]
    assert found.count("drop-head") == 2
    assert found.count("move") == 1


def test_no_mutant_is_the_rule_itself_or_stands_twice() -> None:
    one = rule("?x ww:p ?n . FILTER(?n > 3 && ?n > 3) ?x ww:q ww:a . ?x ww:q ww:a")
    found = [(mutant.rule.head, mutant.rule.body) for mutant in mutants(one) if mutant.rule]
    assert (one.head, one.body) not in found
    assert len(found) == len(set(found))
