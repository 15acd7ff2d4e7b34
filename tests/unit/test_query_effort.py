"""What would end or hold up the process that reads a query is refused, and nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wearwhy.errors import QueryError
from wearwhy.store.effort import MAX_DEPTH, MAX_JOINED, MAX_OPERATORS, MAX_SELECTS
from wearwhy.store.guard import guard, guard_update
from wearwhy.store.named import catalogue

ROOT = Path(__file__).parents[2]
SPACE = " " * 2 * MAX_JOINED  # what is shorter is not looked at
READ = """
import json, sys
import pyoxigraph
for text in json.load(sys.stdin):
    try:
        list(pyoxigraph.Store().query(text))
    except (SyntaxError, RuntimeError):
        pass
print("read")
"""


def asked(pattern: str) -> str:
    return f"SELECT * {{ {pattern} }}{SPACE}"


def filtered(expression: str) -> str:
    return asked(f"?s ?p ?o FILTER({expression})")


def refusal(text: str) -> str:
    with pytest.raises(QueryError) as caught:
        guard(text)
    error = caught.value
    assert error.code == "WW-QUERY-DEPTH"
    assert error.note
    assert error.hint
    assert error.place is not None
    return error.sentence


DEEP = MAX_DEPTH + 1
NESTED = {
    "groups": asked("OPTIONAL {" * DEEP + "}" * DEEP),
    "functions": filtered("STR(" * DEEP + "?o" + ")" * DEEP),
    "expressions": filtered("(" * DEEP + "?o" + ")" * DEEP),
    "conditions": asked("FILTER EXISTS {" * DEEP + "}" * DEEP),
    "triple terms": asked("VALUES ?x {" + "<<(<a:a> <a:a> " * DEEP + "1" + ")>>" * DEEP + "}"),
    "never closed": filtered("STR(" * DEEP),
}
MANY = MAX_OPERATORS + 1
CHAINED = {
    "sums": filtered("?o" + "+1" * MANY),
    "conjunctions": filtered("?o" + "&&?o" * MANY),
    "negations": filtered("!" * MANY + "?o"),
    "alternatives": asked("?s <a:p>" + "|<a:p>" * MANY + " ?o"),
    "unions": asked("{}" + "UNION{}" * MANY),
    "options": asked("OPTIONAL{}" * MANY),
    "filters": asked("FILTER bound(?x)" * MANY),
    "columns": "SELECT " + "".join(f"(1 AS ?v{n})" for n in range(MANY)) + " {}",
    "keys": "SELECT (1 AS ?y) { ?x ?p ?o } GROUP BY " + "STR(?x)" * MANY,
    "conditions of groups": "SELECT ?x { ?x ?p ?o } GROUP BY ?x HAVING " + "(1)" * MANY,
    "described": "DESCRIBE " + "<a:b>" * MANY,
}
WIDE = MAX_JOINED + 1
JOINED = {
    "a chain": asked("".join(f"?v{n} <a:p> ?v{n + 1} ." for n in range(WIDE))),
    "a star": asked("".join(f"?v <a:p{n}> ?v{n} ." for n in range(WIDE))),
    "properties": asked("?s <a:p> 1" + ";<a:p> 1" * WIDE),
    "objects": asked("?s <a:p> 1" + ",1" * WIDE),
    "decimals": asked("?s <a:p> 1.5 ." * WIDE),
    "blank nodes": asked("[] <a:p> 1 ." * WIDE),
    "within blank nodes": asked("[<a:p> " * 2 + "[<a:p> 1] , " * WIDE),
    "a list": asked("?s <a:p> (" + "1 " * WIDE + ")"),
    "lists in lists": asked("?s <a:p> " + "(" * WIDE + "1" + ")" * WIDE),
    "a path": asked("?s <a:p>" + "/<a:p>" * WIDE + " ?o"),
    "groups": asked("?s ?p ?o ." + "{?s ?p ?o}" * WIDE),
    "groups in groups": asked("{?s ?p ?o" * WIDE + "}" * WIDE),
    "graphs": asked("GRAPH ?g {?s ?p ?o}" * WIDE),
    "values": asked("VALUES ?x {1}" * WIDE),
    "statements": asked("<<?a ?b ?c>> ?p ?o ." * (WIDE // 3 + 1)),
    "statements without spaces": asked("<<?a?b?c>>?p?o." * (WIDE // 3 + 1)),
    "annotations": asked("?s ?p ?o" + "{|<a:p> 1|}" * (WIDE // 2 + 1)),
    "reifiers": asked("?s ?p ?o" + "~" * (WIDE // 2 + 1)),
    "several groups": asked(("OPTIONAL {" + "?s ?p ?o ." * 120 + "} ") * 3),
    "a template's where": "CONSTRUCT WHERE {" + "?s <a:p> 1 ." * WIDE + "}",
}


@pytest.mark.parametrize("text", NESTED.values(), ids=NESTED)
def test_brackets_are_only_so_deep(text: str) -> None:
    assert refusal(text) == f"The query is more than {MAX_DEPTH} brackets deep."


@pytest.mark.parametrize("text", CHAINED.values(), ids=CHAINED)
def test_operators_are_only_so_many(text: str) -> None:
    assert refusal(text) == f"The query is more than {MAX_OPERATORS} operators."


@pytest.mark.parametrize("text", JOINED.values(), ids=JOINED)
def test_only_so_many_triple_patterns_are_joined(text: str) -> None:
    assert f"more than {MAX_JOINED} triple patterns that are joined" in refusal(text)


@pytest.mark.parametrize("inner", ["?x", "(COUNT(*) AS ?n)"])
def test_selects_are_only_so_deep(inner: str) -> None:
    def nested(times: int) -> str:
        return f"{{SELECT {inner} {{" * times + "}}" * times

    guard(f"SELECT * {{ {nested(MAX_SELECTS - 1)} {nested(MAX_SELECTS - 1)} }}{SPACE}")
    assert "SELECTs deep" in refusal(asked(nested(MAX_SELECTS)))


@pytest.mark.parametrize(
    "hiding",
    [
        "?s ?p <a:b> . ?s ?p a:b.values{%s}",
        "?s ?p 'x'@en-data {%s}",
        "?s ?p 'x'@values {%s}",
        "?s ?p _:b.construct{%s}",
        "?s ?p ?o FILTER(?s <<a:b>) %s",
        "?s ?p ?o FILTER(?s<<a:b>) FILTER(?s <<a:b>) {%s}",
    ],
)
def test_what_only_looks_like_a_word_or_a_bracket_hides_no_patterns(hiding: str) -> None:
    prefix = "PREFIX a: <urn:a:> "
    assert "are joined" in refusal(prefix + asked(hiding % ("?s ?p ?o ." * WIDE)))


def test_patterns_in_what_only_looks_like_an_option_count_in_the_group_around() -> None:
    some = "?s ?p a:b.optional{" + "?s ?p ?o ." * (MAX_JOINED // 3) + "} "
    assert "are joined" in refusal("PREFIX a: <urn:a:> " + asked(some * 3))
    true = "?s ?p a:b OPTIONAL {" + "?s ?p ?o ." * (MAX_JOINED // 3) + "} "
    guard("PREFIX a: <urn:a:> " + asked(true * 3))


REASONABLE = {
    "negative values": asked("VALUES ?x {" + " -1" * 5000 + "}"),
    "decimal values": asked("VALUES ?x {" + " 1.5" * 5000 + "}"),
    "pairs of values": asked("?x ?p ?y VALUES (?x ?y) {" + "(<a:b> 1)" * 5000 + "}"),
    "values at the end": "SELECT * { ?x ?p ?y } VALUES ?x {" + "<a:b>" * 5000 + "}",
    "a long IN": filtered("?o IN (1" + ", 'x'" * 5000 + ")"),
    "a long COALESCE": filtered("COALESCE(?o" + ", ?o" * 1000 + ")"),
    "many patterns": asked("".join(f"?v <a:p{n}> ?v{n} ." for n in range(100))),
    "many unions": asked("{}" + " UNION { ?s <a:p> ?o ; <a:q> 1 , 2 . ?o ?p ?q }" * 80),
    "many options": asked("?s ?p ?o" + " OPTIONAL { ?s <a:p> ?o ; <a:q> ?q }" * 100),
    "many filters": asked("?s ?p ?o" + " FILTER(?o < 1.5 || (?s > 2))" * 60),
    "many columns": "SELECT " + "?a " * 1000 + "{ ?a ?p ?o }" + SPACE,
    "a large template": "CONSTRUCT {" + "?s <a:p> 1, 2 ; <a:q> [] ." * 200 + "} WHERE { ?s ?p ?o }",
    "figures": "SELECT " + " ".join(f"(SUM(?v) AS ?v{n})" for n in range(100)) + " { ?v ?p ?o }",
}


@pytest.mark.parametrize("text", REASONABLE.values(), ids=REASONABLE)
def test_long_lists_and_wide_questions_are_read(text: str) -> None:
    assert guard(text) == text


def test_all_that_is_asked_by_name_is_read() -> None:
    for query in catalogue(ROOT / "kg" / "queries").values():
        guard(query.text + SPACE)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA {" + "<a:a> <a:p> -1, 1.5, [ <a:q> (1 2 3) ] .\n" * 2000 + "}",
        "INSERT DATA {" + "GRAPH <a:g> { <a:a> <a:p> 1 }" * 2000 + "}",
        "INSERT DATA {" + "<<<a:a> <a:p> 1>> <a:q> 2 ." * 2000 + "}",
        "DELETE {" + "?s <a:p> 1 ." * 2000 + "} INSERT { ?s <a:q> 1 } WHERE { ?s ?p ?o }",
        ";\n".join(["DELETE { ?s <a:p> ?o } WHERE { ?s <a:p> ?o FILTER(?o > 1) }"] * 400),
    ],
)
def test_long_updates_are_read(text: str) -> None:
    guard_update(text)


def test_a_long_where_of_an_update_is_refused() -> None:
    with pytest.raises(QueryError, match="are joined"):
        guard_update("DELETE WHERE {" + "?s <a:p> 1 ." * WIDE + "}")


def test_what_is_just_not_refused_does_not_end_the_process_that_reads_it() -> None:
    deep, many = MAX_DEPTH // 2 - 10, MAX_OPERATORS // 4 - 10
    texts = [
        filtered("STR(" * 2 * deep + "?o" + ")" * 2 * deep),
        filtered("(" * 2 * deep + "?o" + ")" * 2 * deep),
        filtered("IF(1," * deep + "?o" + ",1)" * deep),
        asked("FILTER EXISTS {" * 2 * deep + "}" * 2 * deep),
        asked("OPTIONAL {?s ?p ?o " * deep + "}" * deep),
        asked("VALUES ?x {" + "<<(<a:a> <a:a> " * deep + "1" + ")>>" * deep + "}"),
        filtered("?o" + "+1" * 4 * many),
        filtered("?o" + "&&?o" * 2 * many),
        filtered("!" * 4 * many + "?o"),
        asked("?s <a:p>" + "|<a:p>" * 4 * many + " ?o"),
        asked("{}" + "UNION{}" * 2 * many),
        asked("MINUS{}" * 2 * many),
        "SELECT " + "".join(f"(1 AS ?v{n})" for n in range(2 * many)) + " {}",
        "SELECT (1 AS ?y) { ?x ?p ?o } GROUP BY " + "STR(?x)" * 4 * many,
        "DESCRIBE " + "<a:b>" * 4 * many,
        *REASONABLE.values(),
    ]
    for text in texts:
        guard(text)
    command = (sys.executable, "-c", READ)
    done = subprocess.run(
        command, input=json.dumps(texts).encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"read\n"), done.stderr[-500:]
