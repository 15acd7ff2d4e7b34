"""Which SPARQL text may reach the parser.

Oxigraph does real HTTP for SERVICE and LOAD and has no switch for it, and ends the process where
a query nests too deep. So text is looked at first: strings, IRIs, names and variables are taken
out, and what is left must not hold a forbidden word. Taking out follows the grammar's own tokens
(SPARQL 1.1 section 19.8), in text whose codepoint escapes have been replaced, so that nothing the
parser reads as a keyword can hide in what was taken out; the words of comments are looked at too.
What passed is returned, and only that may be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple
from urllib.parse import urljoin

from pyoxigraph import BlankNode

from wearwhy.errors import Place, QueryError, nearest
from wearwhy.rdf import PREFIXES, Node
from wearwhy.store.effort import MAX_DEPTH, MAX_JOINED, MAX_OPERATORS, MAX_SELECTS, Effort

MAX_LENGTH: Final = 200_000
MAX_UPDATE: Final = 4_000_000
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
    |(?P<name>(?:[^\W\d_][\w-]*)?:(?:[\w-]|%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-])*)
    |(?P<word>[^\W\d_]\w*)
    |(?P<number>[0-9]+)
    |(?P<space>\s+)
    |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
# What there may be too much of: how much, why that is, and what else one could write.
_EFFORTS: Final = {
    "depth": (
        f"{MAX_DEPTH} brackets deep",
        "Its reader works by recursion and would end the process.",
        "Split it, or list many values with VALUES.",
    ),
    "operators": (
        f"{MAX_OPERATORS} operators",
        "Its reader works by recursion and would end the process.",
        "Split it, or list many values with VALUES.",
    ),
    "joined": (
        f"{MAX_JOINED} triple patterns that are joined, or as much work in several groups",
        "Finding an order to join them in takes time with the fourth power of their number.",
        "Split it, or ask for any property with a variable and list the properties with VALUES.",
    ),
    "selects": (
        f"{MAX_SELECTS} SELECTs deep",
        "Each that groups is planned twice for every SELECT around it.",
        "Split it, or ask for several figures in one SELECT.",
    ),
}
_REACHING_OUT: Final = re.compile(r"service|load", re.IGNORECASE)
_PREFIX: Final = re.compile(r"\bPREFIX\s+([^\s:]*):\s*<([^<>]*)>", re.IGNORECASE)
_BASE: Final = re.compile(r"\bBASE\s*<([^<>]*)>", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_ANY_ESCAPE: Final = re.compile(r"\\[uU]")
# What must be looked at token by token: words that reach out, names of graphs, escapes.
_RISKY: Final = ("service", "load", "from", "\\", "insert", "delete", "clear", "drop")


class Token(NamedTuple):
    """A token of the grammar: its kind, its text, and where it starts."""

    kind: str
    text: str
    start: int


def guard(text: str, graphs: Collection[str] | None = None, base: str | None = None) -> str:
    """Return the query that may be parsed: it stays in this process and cannot end it.

    Args:
        text: the query.
        graphs: IRIs that FROM and FROM NAMED may name; None for any.
        base: the IRI that relative ones are resolved against.

    Returns:
        The text with its codepoint escapes replaced; nothing else of it may be parsed.

    Raises:
        QueryError: WW-QUERY-ESCAPE, WW-QUERY-REMOTE, WW-QUERY-UPDATE, WW-QUERY-DEPTH,
            WW-QUERY-LENGTH, WW-QUERY-GRAPH, WW-QUERY-SYNTAX.
    """
    if is_simple(text):
        return text
    text, words = _looked_at(text, MAX_LENGTH)
    _require_query(text, words)
    if graphs is not None:
        _check_graphs(text, words, graphs, base)
    return text


def guard_update(text: str) -> tuple[str, list[Token]]:
    """Return the update that may be parsed, and its tokens without spaces and comments.

    Raises:
        QueryError: WW-QUERY-NOT-UPDATE, where it is a query; those of `guard`.
    """
    text, words = _looked_at(text, MAX_UPDATE)
    for kind, token, start in words:
        if kind != "word":
            continue
        if token.upper() in _FORMS:
            raise QueryError(
                "WW-QUERY-NOT-UPDATE",
                f"'{token}' asks; an update changes.",
                hint="Send queries to the query endpoint.",
                place=_place(text, start),
            )
        if token.upper() in _UPDATES:
            break
    return text, words


def is_simple(text: str) -> bool:
    """Return whether a text is so short and plain that there is nothing in it to look for.

    It holds no word that could reach out or name a graph, whatever it stands in, no escape, and
    fewer characters than what there may be too much of would take.
    """
    small = text.lower()
    return (
        len(text) < 2 * MAX_JOINED
        and "~" not in text
        and not any(word in small for word in _RISKY)
        and text.count("(") + text.count("[") + text.count("{") < MAX_DEPTH
    )


def dataset_of(text: str, base: str | None = None) -> tuple[list[str], list[str]] | None:
    """Return the graphs that a query's FROM and FROM NAMED name; None where it has neither.

    Relative ones are resolved against the text's own base, or the given one.

    Raises:
        QueryError: as `guard`.
    """
    if "from" not in text.lower() and "\\" not in text:
        return None
    text, words = _looked_at(text, MAX_LENGTH)
    default: list[str] = []
    named: list[str] = []
    for is_named, name, _ in _from(text, words, base):
        (named if is_named else default).append(name)
    return (default, named) if default or named else None


def unescaped(text: str) -> str:
    """Return the text with its codepoint escapes replaced, which SPARQL does before all else.

    Raises:
        QueryError: WW-QUERY-ESCAPE, for an escape that names no character, or that one remains.
    """
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        number = int(match[1] or match[2], 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF or number == 0:
            raise _escape(text, match.start())
        return chr(number)

    replaced = _ESCAPE.sub(character, text)
    left = _ANY_ESCAPE.search(replaced)
    if left:
        raise _escape(replaced, left.start())
    return replaced


def _escape(text: str, at: int) -> QueryError:
    return QueryError(
        "WW-QUERY-ESCAPE",
        "A codepoint escape (\\u) stands here that names no character.",
        note="SPARQL replaces them before it reads anything else, in strings and keywords alike.",
        hint="Write the character itself: queries are UTF-8.",
        place=_place(text, at),
    )


def _looked_at(text: str, longest: int) -> tuple[str, list[Token]]:
    """Return the text that may be parsed, and its tokens without spaces and comments."""
    if len(text) > longest:
        raise QueryError(
            "WW-QUERY-LENGTH",
            f"The query has {len(text):,} characters, {longest:,} are allowed.",
        )
    text = unescaped(text)
    tokens = _tokens(text)
    _refuse_reaching_out(text, tokens)
    return text, [token for token in tokens if token.kind not in {"comment", "space"}]


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


def _tokens(text: str) -> list[Token]:
    """Return the tokens of a text, if it can be read without the reader's stack running out."""
    tokens: list[Token] = []
    effort = Effort()
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "", match.group()
        start, end = match.span()
        if kind == "mark" and token == "\\":  # noqa: S105  # of the grammar
            raise QueryError(
                "WW-QUERY-ESCAPE",
                "A backslash stands where none may.",
                hint="Write the whole IRI in angle brackets.",
                place=_place(text, start),
            )
        if kind == "quote":
            raise QueryError(
                "WW-QUERY-SYNTAX",
                "A string begins here and does not end.",
                place=_place(text, start),
            )
        if kind not in {"comment", "space"}:
            exceeded = effort.exceeded(kind, token, text[start - 1 : start], text[end : end + 1])
            if exceeded:
                raise _too_much(text, start, exceeded)
        tokens.append(Token(kind, token, start))
    return tokens


def _too_much(text: str, at: int, what: str) -> QueryError:
    said, note, hint = _EFFORTS[what]
    return QueryError(
        "WW-QUERY-DEPTH",
        f"The query is more than {said}.",
        note=note,
        hint=hint,
        place=_place(text, at),
    )


def _refuse_reaching_out(text: str, tokens: list[Token]) -> None:
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


def _require_query(text: str, words: list[Token]) -> None:
    for kind, token, start in words:
        if kind == "word" and token.upper() in _FORMS:
            return
        if kind == "word" and token.upper() in _UPDATES:
            raise QueryError(
                "WW-QUERY-UPDATE",
                f"'{token}' changes data; a query only asks.",
                hint="Facts are changed elsewhere; ask with SELECT, ASK, CONSTRUCT or DESCRIBE.",
                command="`wearwhy set`, `add` and `remove` change them.",
                place=_place(text, start),
            )


def _check_graphs(text: str, words: list[Token], graphs: Collection[str], base: str | None) -> None:
    for _, name, start in _from(text, words, base):
        if name not in graphs:
            near = nearest(name, graphs)
            raise QueryError(
                "WW-QUERY-GRAPH",
                f"There is no graph <{name}>.",
                note="FROM names graphs of this workspace; nothing is fetched.",
                hint=f"Did you mean <{near}>?" if near else "Leave FROM out to ask all graphs.",
                place=_place(text, start),
            )


def _from(text: str, words: list[Token], base: str | None) -> Iterator[tuple[bool, str, int]]:
    """Yield, for each graph of a dataset clause, whether it is a named one, its IRI and place."""
    prefixes = {**PREFIXES, **dict(_PREFIX.findall(text))}
    for stated in _BASE.findall(text):
        base = urljoin(base or "", stated)
    for index, (kind, token, _) in enumerate(words[:-1]):
        if kind != "word" or token.upper() != "FROM":
            continue
        named = words[index + 1].text.upper() == "NAMED" and index + 2 < len(words)
        at = index + 1 + named
        name = _iri(words[at], prefixes)
        if base is not None and words[at].kind == "iri":
            name = urljoin(base, name)
        yield named, name, words[at].start


def _iri(word: Token, prefixes: Mapping[str, str]) -> str:
    kind, token, _ = word
    if kind == "name":
        prefix, _, local = token.partition(":")
        return prefixes.get(prefix, prefix + ":") + local.replace("\\", "")
    return token.strip("<>")


def _place(text: str, at: int) -> Place:
    line = text.count("\n", 0, at) + 1
    return Place("query", line, at - text.rfind("\n", 0, at))
