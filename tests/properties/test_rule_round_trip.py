"""Printing and reading rules: what is printed reads back as the same, and nothing read crashes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import RuleError
from wearwhy.rdf import RDF, RULE, WW, XSD, Fact, Node
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Document,
    Element,
    Expression,
    Filter,
    Negation,
    Rule,
    Term,
    TriplePattern,
    Var,
)
from wearwhy.rules.syntax import caret, parse, parse_all, render
from wearwhy.rules.syntax.expressions import PRECEDENCE
from wearwhy.rules.syntax.lexer import FUNCTIONS

SHARED: Final = Path(__file__).parents[2].parent / "shared" / "suites" / "sparql-rl" / "suite"
RULES: Final = Path(__file__).parents[2] / "ontology" / "rules"

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_named = st.one_of(
    st.sampled_from([WW.colour, WW["colour-navy"], RDF.type, XSD.integer, RDF.nil]),
    st.from_regex(r"https://e\.example/[a-z0-9/#.~()é%-]{0,8}\Z", fullmatch=True)
    .filter(lambda iri: "%" not in iri and iri.count("#") < 2)
    .map(NamedNode),
    st.sampled_from(
        ["urn:x:a", "https://w3id.org/wearwhy/ns#a.b", "https://w3id.org/wearwhy/ns#"]
    ).map(NamedNode),
)
_literals = st.one_of(
    _text.map(Literal),
    st.tuples(_text, st.sampled_from(["en", "zh", "de-at"])).map(
        lambda pair: Literal(pair[0], language=pair[1])
    ),
    _text.map(lambda value: Literal(value, language="ar", direction=BaseDirection.RTL)),
    st.tuples(
        st.one_of(_text, st.sampled_from(["1", "-1", "+1", "1.5", "-.5", "1e3", "true", "1.", ""])),
        st.sampled_from([XSD.integer, XSD.decimal, XSD.double, XSD.boolean, XSD.date]),
    ).map(lambda pair: Literal(pair[0], datatype=pair[1])),
)
_variables = st.sampled_from([Var(name) for name in ("x", "y", "item", "x1", "été", "0")])
_local = st.sampled_from([Var(name) for name in (".b0", ".p0", ".b1", ".label")])
_blanks = st.sampled_from([BlankNode(name) for name in ("b0", "b1", "a.b")])
_verbs = st.one_of(_named, _variables)


def _quoted(parts: tuple[Term, Term, Term]) -> Term:
    subject, predicate, found = parts
    if (
        isinstance(subject, NamedNode)
        and isinstance(predicate, NamedNode)
        and not isinstance(found, Var | TriplePattern | BlankNode)
    ):
        return Triple(subject, predicate, found)
    return TriplePattern(subject, predicate, found)


def _terms(*more: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    leaves: st.SearchStrategy[Term] = st.one_of(_named, _literals, _variables, *more)
    return st.recursive(
        leaves, lambda inner: st.tuples(inner, _verbs, inner).map(_quoted), max_leaves=4
    )


def _atoms(*more: st.SearchStrategy[Term]) -> st.SearchStrategy[Atom]:
    return st.builds(Atom, _terms(*more), _verbs, _terms(*more))


def _calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    def built_in(name: str) -> st.SearchStrategy[Expression]:
        least, most = FUNCTIONS[name]
        size = st.lists(inner, min_size=least, max_size=min(most, 4))
        return size.map(lambda args: Call(name, tuple(args)))

    binary = sorted(set(PRECEDENCE) - {"IN", "NOT IN"})
    names = sorted(set(FUNCTIONS) - {"URI", "ISURI"})
    return st.one_of(
        st.tuples(st.sampled_from(binary), inner, inner).map(lambda c: Call(c[0], (c[1], c[2]))),
        st.tuples(st.sampled_from(["!", "u-", "u+"]), inner).map(lambda c: Call(c[0], (c[1],))),
        st.tuples(st.sampled_from(["IN", "NOT IN"]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda c: Call(c[0], tuple(c[1]))
        ),
        st.sampled_from(names).flatmap(built_in),
        st.lists(inner, max_size=2).map(lambda args: Call(XSD.decimal.value, tuple(args))),
    )


_expressions: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(_named, _literals, _variables), _calls, max_leaves=8
)
_filters = st.builds(Filter, _expressions)
_elements: st.SearchStrategy[Element] = st.one_of(
    _atoms(_local),
    _filters,
    st.builds(Assign, _variables, _expressions),
    st.builds(
        Negation,
        st.lists(st.one_of(_atoms(_local), _filters), max_size=3).map(tuple),
        st.booleans(),
    ),
)
_rules = st.builds(
    Rule,
    st.sampled_from([RULE["no-suede-in-rain"], NamedNode("urn:r"), RULE["a%5Bb%5D"]]),
    st.lists(_atoms(_blanks), max_size=4).map(tuple),
    st.lists(_elements, max_size=6).map(tuple),
    st.booleans(),
)


_resources: st.SearchStrategy[NamedNode | BlankNode] = st.one_of(_named, _blanks)
_ground: st.SearchStrategy[Node] = st.recursive(
    st.one_of(_resources, _literals),
    lambda inner: st.builds(Triple, _resources, _named, inner),
    max_leaves=3,
)


@given(_rules)
def test_a_printed_rule_reads_back_as_the_same_rule(rule: Rule) -> None:
    text = "PREFIX ww: <https://w3id.org/wearwhy/ns#>\nPREFIX : <https://e.example/>\n" + render(
        rule, {"ww": WW, "": "https://e.example/"}
    )
    assert parse(text).rules == (rule,)


@given(st.lists(st.builds(Fact, _ground, _named, _ground), max_size=5))
def test_printed_data_reads_back_as_the_same_facts(facts: list[Fact]) -> None:
    document = Document(data=tuple(dict.fromkeys(facts)), prefixes=(("ww", str(WW)),))
    assert parse(render(document)).data == document.data


def _corpus() -> list[str]:
    files = sorted(SHARED.glob("*/*.srl")) + sorted(RULES.rglob("*.srl"))
    return [file.read_bytes().decode("utf-8") for file in files]


CORPUS: Final = _corpus()


@pytest.mark.skipif(not RULES.is_dir(), reason="there are no bundled rules beside the tests")
def test_every_bundled_rule_file_reads_back_from_print() -> None:
    for file in sorted(RULES.rglob("*.srl")):
        document = parse(file.read_text("utf-8"), file.name)
        again = parse(render(document), file.name)
        assert again.rules == document.rules
        assert again.data == document.data


@settings(max_examples=200)
@given(
    st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
)
@example("\ud800")
@example("\ufeff")
@example("RULE{}WHERE{FILTER(1 NOT")
@example('DATA { <a:b> <a:b> "x"^^<a:b')
@example("PREFIX : <a:>\nDATA { :s :p <<( 1 :p :o )>> , 'a'@abcdefghijk }")
@example("BASE <a:b> DATA { <../../..//> <#> <?> }")
def test_random_text_is_read_or_refused_with_a_rule_error(text: str) -> None:
    _refused_cleanly(text)


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_mutated_rule_file_is_read_or_refused_with_a_rule_error(seed: int) -> None:
    if not CORPUS:
        pytest.skip("there is no corpus to mutate")
    dice = random.Random(seed)
    text = dice.choice(CORPUS)
    if len(text) > 1500:
        begin = dice.randrange(len(text) - 1500)
        text = text[begin : begin + 1500]
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(text) + 1)
        other = dice.choice(CORPUS)
        begin = dice.randrange(len(other) + 1)
        insert = dice.choice(
            [
                other[begin : begin + dice.randint(0, 12)],
                dice.choice("(){}[]<>|\\\"'@^~.,;:?_&!#\0"),
                "",
            ]
        )
        text = text[:at] + insert + text[at + dice.randint(0, 6) :]
    _refused_cleanly(text)


def _refused_cleanly(text: str) -> None:
    first: RuleError | None = None
    try:
        parse(text, "fuzz.srl")
    except RuleError as error:
        first = error
    document, errors = parse_all(text, "fuzz.srl")
    assert (first is None) is (not errors)
    for found in errors:
        assert found.place is not None
        assert found.code.startswith("WW-RULE-")
        assert found.sentence.endswith((".", "?"))
        caret(text, found.place)
    if first is None:
        assert parse(render(document), "fuzz.srl").rules == document.rules
