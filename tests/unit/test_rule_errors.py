"""Errors in rule files: their codes, their places, and what they advise."""

from __future__ import annotations

from pathlib import Path

import pytest

from wearwhy.errors import Place, RuleError, RuleSyntaxError
from wearwhy.rules.descriptions import load, read
from wearwhy.rules.syntax import caret, parse, parse_all
from wearwhy.rules.wellformed import check

PROLOGUE = "PREFIX : <http://e/>\n"


def refused(text: str) -> RuleSyntaxError:
    with pytest.raises(RuleSyntaxError) as caught:
        parse(PROLOGUE + text, "r.srl")
    return caught.value


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "end"),
    [
        ("RUEL :r { } WHERE { }", "WW-RULE-SYNTAX", 2, 1, 5),
        ("RULE :r { } WHERE { :s :p }", "WW-RULE-SYNTAX", 2, 27, 28),
        ("RULE :r { } WHERE { :s :p :o", "WW-RULE-SYNTAX", 2, 29, 30),
        ("RULE :r { } WHERE {\n  :s :p :o\n  :t :p :o }", "WW-RULE-SYNTAX", 4, 3, 5),
        ("DATA { ww:a :p :o }", "WW-RULE-PREFIX", 2, 8, 12),
        ('DATA { :s :p "abc }\n', "WW-RULE-STRING", 2, 14, 20),
        ('DATA { :s :p """abc }\n', "WW-RULE-STRING", 2, 14, 22),
        (r'DATA { :s :p "a\qb" }', "WW-RULE-ESCAPE", 2, 16, 18),
        (r'DATA { :s :p "\uD800" }', "WW-RULE-ESCAPE", 2, 14, 22),
        ('DATA { :s :p "a"@en--LTR }', "WW-RULE-DIRECTION", 2, 17, 25),
        ('DATA { :s :p "a"@abcdefghij }', "WW-RULE-LITERAL", 2, 17, 28),
        ("DATA { <rel> :p :o }", "WW-RULE-BASE", 2, 8, 13),
        ("DATA { <a://b:c/> :p :o }", "WW-RULE-IRI", 2, 8, 18),
        ("DATA { :s :p/:q :o }", "WW-RULE-PATH", 2, 13, 14),
        ("RULE { } WHERE { ?s :p/:q ?o {| :r 1 |} }", "WW-RULE-PATH", 2, 30, 32),
        ("RULE { } WHERE { NOT { NOT { ?s :p ?o } } }", "WW-RULE-NOT", 2, 24, 27),
        ("RULE { } WHERE { FILTER(STR(1, 2)) }", "WW-RULE-ARITY", 2, 25, 28),
        ("RULE { } WHERE { FILTER(1 = 2 = 3) }", "WW-RULE-SYNTAX", 2, 31, 32),
        ("RULE { } WHERE { FILTER(COALESCE(1)) }", "WW-RULE-SYNTAX", 2, 25, 33),
        ("DATA { :s :p <<( 1 :p :o )>> }", "WW-RULE-TRIPLE-TERM", 2, 14, 17),
        ("DATA { :s & :o }", "WW-RULE-CHARACTER", 2, 11, 12),
        ("RULE { } WHERE { FILTER(" + "(" * 5000 + " }", "WW-RULE-DEPTH", 2, 224, 225),
        ("DATA { :s :p " + "( " * 5000 + " }", "WW-RULE-DEPTH", 2, 414, 415),
        ("DATA { :s :p " + "[ :p " * 5000 + " }", "WW-RULE-DEPTH", 2, 1014, 1015),
        ("RULE { } WHERE { FILTER(1" + "+1" * 5000 + ") }", "WW-RULE-DEPTH", 2, 24, 25),
    ],
)
def test_a_syntax_error_has_its_code_and_its_place(
    text: str, code: str, line: int, column: int, end: int
) -> None:
    error = refused(text)
    assert error.code == code
    assert error.place == Place("r.srl", line, column, end)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("RUEL :r { } WHERE { }", "Did you mean RULE?"),
        ("RULE :r { } WEHRE { }", "Did you mean WHERE?"),
        ("PREFIX colour: <http://c/>\nDATA { color:a :p :o }", "Did you mean colour:?"),
        ("DATA { ww:a :p :o }", "Add PREFIX ww: <https://w3id.org/wearwhy/ns#>."),
        ("DATA { :s :p <a b> }", 'An IRI in <…> holds no space and none of <>"{}|^`\\.'),
        ("DATA { :s :p ?o }", "Say it with a rule: RULE { … } WHERE { … }."),
        ('DATA { :s :p "a"@en--LTR }', "Did you mean --ltr?"),
    ],
)
def test_a_syntax_error_advises(text: str, hint: str) -> None:
    assert refused(text).hint == hint


def test_nesting_of_two_hundred_brackets_is_read() -> None:
    text = "RULE { } WHERE { FILTER" + "(" * 200 + "1" + ")" * 200 + " }"
    assert len(parse(text).rules) == 1


def test_a_file_of_ten_megabytes_is_refused_at_once() -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        parse("#" * 10_000_000)
    assert caught.value.code == "WW-RULE-SIZE"


def test_reading_goes_on_after_an_error_so_that_all_are_reported() -> None:
    document, errors = parse_all(
        PROLOGUE
        + "RULE :a { ?x :p } WHERE { ?x :q 1 }\n"
        + "RULE :b { ?x :p 1 } WHERE { ?x :q 1 }\n"
        + 'DATA { :s :p "open }\n'
        + "RULE :c { ?x :p 1 } WHERE DATA { ?x :q 1 . . }\n"
        + "DATA { :s :p :o }\n"
    )
    assert [(e.code, e.place.line if e.place else 0) for e in errors] == [
        ("WW-RULE-SYNTAX", 2),
        ("WW-RULE-STRING", 4),
        ("WW-RULE-SYNTAX", 5),
    ]
    assert [rule.iri.value for rule in document.rules] == ["http://e/b"]
    assert len(document.data) == 1


def test_carets_stand_under_the_span() -> None:
    text = PROLOGUE + "\tDATA { ww:a :p :o }"
    error = refused("\tDATA { ww:a :p :o }")
    assert error.place is not None
    assert caret(text, error.place) == ("   2 |  DATA { ww:a :p :o }\n" + " " * 15 + "^^^^")
    assert caret(text, Place("r.srl", 99, 1, 2)) == ""


@pytest.mark.parametrize(
    ("text", "code", "column", "hint"),
    [
        (
            "RULE { ?itme :p 1 } WHERE { ?item :q 1 }",
            "WW-RULE-UNSAFE-HEAD",
            8,
            "Did you mean ?item?",
        ),
        (
            "RULE { ?x :p 1 } WHERE { NOT { ?x :q 1 } }",
            "WW-RULE-UNSAFE-HEAD",
            8,
            "Nothing is bound here.",
        ),
        (
            "RULE { :s :p 1 } WHERE { ?item :q 1 FILTER(?itm > 1) }",
            "WW-RULE-UNBOUND-FILTER",
            44,
            "Did you mean ?item?",
        ),
        (
            "RULE { :s :p ?x } WHERE { FILTER(?x > 1) ?x :q 1 }",
            "WW-RULE-UNBOUND-FILTER",
            34,
            "Move the FILTER behind the pattern that binds ?x.",
        ),
        (
            "RULE { :s :p 1 } WHERE { NOT { ?x :q 1 } FILTER(?x > 1) }",
            "WW-RULE-UNBOUND-FILTER",
            49,
            "Nothing is bound here.",
        ),
        (
            "RULE { :s :p 1 } WHERE { SET(?y := ?x) }",
            "WW-RULE-UNBOUND-SET",
            36,
            "Nothing is bound here.",
        ),
        (
            "RULE { :s :p 1 } WHERE { ?y :q 1 SET(?y := 1) }",
            "WW-RULE-SET-REBINDS",
            38,
            "Take another name and compare: FILTER(?y = ?new).",
        ),
    ],
)
def test_an_ill_formed_rule_points_at_the_variable(
    text: str, code: str, column: int, hint: str
) -> None:
    (rule,) = parse(PROLOGUE + text, "r.srl").rules
    (error,) = check(rule)
    assert error.code == code
    assert error.place is not None
    assert (error.place.line, error.place.column) == (2, column)
    assert error.hint == hint


def test_a_variable_local_to_not_may_be_filtered_there() -> None:
    (rule,) = parse(
        PROLOGUE + "RULE { ?x :p 1 } WHERE { ?x :q ?n NOT { ?x :r ?m FILTER(?m > ?n) } }"
    ).rules
    assert check(rule) == []


VERDICT = """PREFIX ww: <https://w3id.org/wearwhy/ns#>
PREFIX rule: <https://w3id.org/wearwhy/rules#>
DATA { rule:a %s }
RULE rule:a { ?x ww:violates rule:%s } WHERE { ?r ww:considers ?x }
"""


@pytest.mark.parametrize(
    ("facts", "name", "code", "hint"),
    [
        ("ww:hereditery true", "a", "WW-RULE-DESCRIPTION", "Did you mean ww:hereditary?"),
        ("ww:confidence 1.5", "a", "WW-RULE-VALUE", ""),
        ("ww:points 1e999", "a", "WW-RULE-VALUE", ""),
        ("ww:points 1 , 2", "a", "WW-RULE-VALUE", ""),
        ("ww:hereditary 2", "a", "WW-RULE-VALUE", ""),
        ('ww:sentence "a"@en , "b"@en', "a", "WW-RULE-VALUE", ""),
        ('ww:sentence "{?xx} is"@en', "a", "WW-RULE-SLOT", "Did you mean {?x}?"),
        ('ww:sentence "{x} is"@en', "a", "WW-RULE-SLOT", "Did you mean {?x}?"),
        ("ww:points 1", "b", "WW-RULE-VERDICT", "Write { ?x ww:violates rule:a }."),
        ("ww:points 1 . rule:ab ww:points 1", "a", "WW-RULE-UNKNOWN", "Did you mean rule:a?"),
    ],
)
def test_a_wrong_description_is_refused(facts: str, name: str, code: str, hint: str) -> None:
    (error,) = read(VERDICT % (facts, name), "r.srl").errors
    assert error.code == code
    assert error.hint == hint


def test_imports_are_rejected_where_they_stand() -> None:
    (error,) = read("PREFIX : <http://e/>\nIMPORTS :other\n", "r.srl").errors
    assert error.code == "WW-RULE-IMPORT"
    assert error.place == Place("r.srl", 2, 1, 8)


def test_files_are_read_together_and_all_errors_come_at_once(tmp_path: Path) -> None:
    texts = {
        "a.srl": b"PREFIX : <http://e/>\nRULE :r { _:b :p 1 } WHERE { }\nDATA { _:b :p 1 }\n",
        "b.srl": b"PREFIX : <http://e/>\nRULE :r { :s :p 2 } WHERE { }\nDATA { _:b :p 2 }\n",
        "c.srl": b"# \xff\n",
        "d.srl": b"RULE :x",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
    paths = [*sorted(tmp_path.iterdir()), tmp_path / "absent.srl"]
    found = load(paths)
    errors: list[RuleError] = list(found.errors)
    assert sorted(error.code for error in errors) == [
        "WW-RULE-DUPLICATE",
        "WW-RULE-ENCODING",
        "WW-RULE-FILE",
        "WW-RULE-PREFIX",
    ]
    assert len(found.rules) == 1
    assert len({str(fact.subject) for fact in found.facts}) == 2
