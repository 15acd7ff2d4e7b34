"""Which SPARQL text may reach the parser.

Oxigraph does real HTTP for SERVICE and LOAD and has no switch for it, and ends the process where
a query nests too deep. So text is looked at first: strings, IRIs, names and variables are taken
out, and what is left must not hold a forbidden word. Taking out follows the grammar's own tokens
(SPARQL 1.1 section 19.8), in text that has no codepoint escapes, so that nothing the parser reads
as a keyword can hide in what was taken out; the words of comments are looked at too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from pyoxigraph import BlankNode

from wearwhy.errors import Place, QueryError, nearest
from wearwhy.rdf import PREFIXES, Node

MAX_DEPTH: Final = 200
MAX_OPERATORS: Final = 500
MAX_LENGTH: Final = 200_000
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = (
    "INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"
)  # fmt: skip
_TOKEN: Final = re.compile(
    r"""(?P<comment>\#[^\r\n]*)
    |(?P<string>'''(?:[^'\\]+|\\.|'(?!''))*+'''|\"{3}(?:[^"\\]+|\\.|"(?!""))*+\"{3}
               |(?!'''|\"{3})(?:'(?:[^'\\\r\n]+|\\.)*+'|"(?:[^"\\\r\n]+|\\.)*+"))
    |(?P<quote>["'])
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<variable>[?$]\w+)
    |(?P<name>(?:[^\W\d_][\w-]*)?:(?:[\w-]|%[0-9A-Fa-f]{2})*)
    |(?P<word>[^\W\d_]\w*)
    |(?P<space>\s+)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_DEEPENING: Final = re.compile(
    r"[!|&+*/{-]|\b(?:UNION|OPTIONAL|MINUS|FILTER|BIND|AS)\b", re.IGNORECASE
)
_STEP: Final = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_REACHING_OUT: Final = re.compile(r"service|load", re.IGNORECASE)
_PREFIX: Final = re.compile(r"\bPREFIX\s+([^\s:]*):\s*<([^<>]*)>", re.IGNORECASE)


def guard(text: str, graphs: Collection[str] | None = None) -> None:
    """Check that text is a query that stays in this process and cannot end it.

    Args:
        text: the query.
        graphs: IRIs that FROM and GRAPH-less dataset clauses may name; None for any.

    Raises:
        QueryError: WW-QUERY-ESCAPE, WW-QUERY-REMOTE, WW-QUERY-UPDATE, WW-QUERY-DEPTH,
            WW-QUERY-LENGTH, WW-QUERY-GRAPH.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(
            "WW-QUERY-LENGTH",
            f"The query has {len(text):,} characters, {MAX_LENGTH:,} are allowed.",
        )
    escape = re.search(r"\\[uU]", text)
    if escape:
        raise QueryError(
            "WW-QUERY-ESCAPE",
            "Codepoint escapes (\\u) are not allowed in a query.",
            note="SPARQL replaces them before it reads anything else, keywords included.",
            hint="Write the character itself: queries are UTF-8.",
            place=_place(text, escape.start()),
        )
    tokens = _tokens(text)
    _refuse_reaching_out(text, tokens)
    words = [token for token in tokens if token[0] not in {"comment", "space"}]
    _require_query(text, words)
    _refuse_depth(text, words)
    if graphs is not None:
        _check_graphs(text, words, graphs)


def with_bindings(text: str, bindings: Mapping[str, Node]) -> str:
    """Return the query with terms in place of variables, replaced token by token.

    A term is written as N-Triples writes it and a variable is one token of the grammar, so a
    value can never become syntax. Such a variable cannot be in the SELECT list. (Oxigraph's own
    substitution reaches only variables that are, and a trailing VALUES comes after grouping.)

    Raises:
        QueryError: WW-QUERY-BINDING, for a blank node, or a variable that the text does not have.
    """
    seen = set()

    def replaced(match: re.Match[str]) -> str:
        name = match.group()[1:]
        if match.lastgroup != "variable" or name not in bindings:
            return match.group()
        seen.add(name)
        return f" {bindings[name]} "

    bound = _TOKEN.sub(replaced, text) if bindings else text
    for name, term in bindings.items():
        if name not in seen or isinstance(term, BlankNode):
            raise QueryError(
                "WW-QUERY-BINDING",
                f"?{name} cannot be set to {term} here.",
                note="A bound variable must stand in the query, and its value be an IRI or literal.",
            )
    return bound


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens = []
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "quote":
            raise QueryError(
                "WW-QUERY-SYNTAX",
                "A string begins here and does not end.",
                place=_place(text, match.start()),
            )
        if match.group() == "\\":
            raise QueryError(
                "WW-QUERY-ESCAPE",
                "Escapes in names are not allowed in a query.",
                hint="Write the whole IRI in angle brackets.",
                place=_place(text, match.start()),
            )
        tokens.append((match.lastgroup or "", match.group(), match.start()))
    return tokens


def _refuse_reaching_out(text: str, tokens: list[tuple[str, str, int]]) -> None:
    for kind, token, start in tokens:
        if kind in {"string", "iri", "variable", "space"}:
            continue
        # `ww:occasion-service` is a name; a local part that begins with the word is not trusted.
        seen = token.partition(":")[2][:7] if kind == "name" else token
        if _REACHING_OUT.search(seen) or (kind == "name" and _REACHING_OUT.match(token)):
            raise QueryError(
                "WW-QUERY-REMOTE",
                f"The query says '{token.strip()[:40]}'.",
                note="SERVICE and LOAD reach over the network, which no query here may.",
                hint="If it is part of a comment or a name, word it differently.",
                place=_place(text, start),
            )


def _require_query(text: str, words: list[tuple[str, str, int]]) -> None:
    for kind, token, start in words:
        if kind == "word" and token.upper() in _FORMS:
            return
        if kind == "word" and token.upper() in _UPDATES:
            raise QueryError(
                "WW-QUERY-UPDATE",
                f"'{token}' changes data; a query only asks.",
                hint="Change facts with `wearwhy set`, `add` or `remove`.",
                place=_place(text, start),
            )


def _refuse_depth(text: str, words: list[tuple[str, str, int]]) -> None:
    depth = operators = 0
    for kind, token, start in words:
        if kind == "mark":
            depth += _STEP.get(token, 0)
        operators += kind in {"mark", "word"} and _DEEPENING.fullmatch(token) is not None
        if depth > MAX_DEPTH or operators > MAX_OPERATORS:
            what = (
                f"{MAX_DEPTH} brackets deep" if depth > MAX_DEPTH else f"{MAX_OPERATORS} operators"
            )
            raise QueryError(
                "WW-QUERY-DEPTH",
                f"The query is more than {what}.",
                note="Its reader works by recursion and would end the process.",
                hint="Split it, or list many values with VALUES.",
                place=_place(text, start),
            )


def _check_graphs(text: str, words: list[tuple[str, str, int]], graphs: Collection[str]) -> None:
    prefixes = {**PREFIXES, **dict(_PREFIX.findall(text))}
    for index, (kind, token, _) in enumerate(words[:-1]):
        if kind != "word" or token.upper() != "FROM":
            continue
        at = index + 1 + (words[index + 1][1].upper() == "NAMED" and index + 2 < len(words))
        name = _iri(words[at], prefixes)
        if name not in graphs:
            near = nearest(name, graphs)
            raise QueryError(
                "WW-QUERY-GRAPH",
                f"There is no graph <{name}>.",
                note="FROM names graphs of this workspace; nothing is fetched.",
                hint=f"Did you mean <{near}>?" if near else "Leave FROM out to ask all graphs.",
                place=_place(text, words[at][2]),
            )


def _iri(word: tuple[str, str, int], prefixes: Mapping[str, str]) -> str:
    kind, token, _ = word
    if kind == "name":
        prefix, _, local = token.partition(":")
        return prefixes.get(prefix, prefix + ":") + local
    return token.strip("<>")


def _place(text: str, at: int) -> Place:
    line = text.count("\n", 0, at) + 1
    return Place("query", line, at - text.rfind("\n", 0, at))
