"""The pattern of a SPARQL query as bodies of rules, token by token.

A body has no UNION and no OPTIONAL, so one pattern can become several bodies. FILTER goes to the
end of its group, where SPARQL evaluates it; NOT EXISTS and MINUS become NOT, BIND becomes SET.
What a body cannot say is refused: nothing is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from wearwhy.rules.syntax.lexer import Tokens, tokenise

MOST: Final = 64
"""The most bodies that one pattern may become."""

DEEPEST: Final = 50
"""The most groups within groups."""

_OPENERS: Final = frozenset(("(", "[", "<<", "<<(", "{|"))
_CLOSERS: Final = frozenset((")", "]", ">>", ")>>", "|}"))
_WORDS: Final = frozenset(
    ("BIND", "OPTIONAL", "MINUS", "VALUES", "GRAPH", "SERVICE", "UNION", "SELECT")
)
_VARIABLE: Final = re.compile(r"[?$](\w+)")
_TEST: Final = re.compile(r"FILTER\b|NOT\b|SET\b")
_SUBCLASSES: Final = re.compile(r"\b(a|rdf:type)\s*/\s*rdfs:subClassOf\s*\*")


class Lost(Exception):
    """Something that the language of rules cannot say."""


@dataclass(frozen=True, slots=True)
class Body:
    """One way for a pattern to match: texts of triples and SET, then of FILTER and NOT."""

    parts: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body as it stands between the braces of WHERE."""
        return " ".join((*self.parts, *self.filters))

    def joined(self, other: Body) -> Body:
        """Return the join with a group, whose filters see the group alone."""
        return Body((*self.parts, *other.parts, *other.filters), self.filters)


@dataclass(frozen=True, slots=True)
class Query:
    """A query in parts.

    Attributes:
        form: SELECT, ASK or CONSTRUCT.
        prologue: its PREFIX and BASE declarations.
        head: the template of CONSTRUCT, or what SELECT lists.
        bodies: the ways for its pattern to match.
        subclasses: whether a path to superclasses was cut to `a`.
    """

    form: str
    prologue: str
    head: str
    bodies: tuple[Body, ...]
    subclasses: bool = False


@dataclass(slots=True)
class _Reader:
    text: str
    tokens: Tokens
    at: int = 0
    depth: int = 0
    sets: bool = False  # whether only the facts count that are concluded, not the solutions
    uses: dict[str, int] = field(default_factory=dict)

    # tokens

    def kind(self, ahead: int = 0) -> str:
        place = min(self.at + ahead, len(self.tokens.kinds) - 1)
        kind = self.tokens.kinds[place]
        return self.tokens.texts[place].upper() if kind == "WORD" else kind

    def slice(self, first: int, end: int) -> str:
        starts = self.tokens.starts
        return self.text[starts[first] : starts[end]] if first < end else ""

    def variables(self, first: int, end: int) -> list[str]:
        kinds, texts = self.tokens.kinds, self.tokens.texts
        return [texts[i][1:] for i in range(first, end) if kinds[i] == "VAR"]

    def expect(self, kind: str) -> None:
        if self.kind() != kind:
            raise Lost(f"'{kind}' is expected where {self._shown()} stands")
        self.at += 1

    def _shown(self) -> str:
        text = self.tokens.texts[min(self.at, len(self.tokens.texts) - 1)]
        return f"'{text}'" if text else "the end"

    def closing(self) -> int:
        """Return the place of the token that closes the one that opens here."""
        depth = 0
        for place in range(self.at, len(self.tokens.kinds)):
            kind = self.tokens.kinds[place]
            depth += (kind in _OPENERS or kind == "{") - (kind in _CLOSERS or kind == "}")
            if depth == 0:
                return place
        raise Lost("a bracket is not closed")

    # groups

    def group(self) -> list[Body]:
        """Read `{ … }`."""
        self.expect("{")
        self.depth += 1
        if self.depth > DEEPEST:
            raise Lost(f"its groups are nested more than {DEEPEST} deep")
        found = [Body()]
        while (kind := self.kind()) != "}":
            if kind in {"END", "BAD"}:
                raise Lost(f"{self._shown()} is not in the language of rules")
            found = self._element(kind, found)
            if len(found) > MOST:
                raise Lost(f"it has more than {MOST} alternatives")
        self.at += 1
        self.depth -= 1
        return found

    def _element(self, kind: str, found: list[Body]) -> list[Body]:
        if kind == "{":
            options = self._apart()
            while self.kind() == "UNION":
                self.at += 1
                options += self._apart()
            return self._dot([body.joined(one) for body in found for one in options])
        if kind == "FILTER":
            return self._dot(self._filter(found))
        if kind == "BIND":
            return self._dot(self._bind(found))
        if kind == "OPTIONAL":
            return self._dot(self._optional(found))
        if kind == "MINUS":
            return self._dot(self._minus(found))
        if kind == "VALUES":
            return self._dot(self._values(found))
        if kind in _WORDS:
            raise Lost(f"{kind} has no counterpart in a rule's body")
        return self._triples(found)

    def _apart(self) -> list[Body]:
        """Read a group within a group: what it computes and tests sees its own patterns only."""
        first = self.at
        options = self.group()
        inside = self.variables(first, self.at)
        for body in options:
            own = {name for part in body.parts for name in _bound(part)}
            read = {
                name
                for part in (*body.parts, *body.filters)
                for name in _VARIABLE.findall(part)
                if _TEST.match(part)
            }
            if any(self.uses[name] > inside.count(name) for name in read - own):
                raise Lost("a group within a group reads a variable from outside of it")
        return options

    def _dot(self, found: list[Body]) -> list[Body]:
        if self.kind() == ".":
            self.at += 1
        return found

    def _triples(self, found: list[Body]) -> list[Body]:
        first = self.at
        depth = 0
        while True:
            kind = self.kind()
            depth += (kind in _OPENERS) - (kind in _CLOSERS)
            if depth <= 0 and (kind in {"{", "}", "FILTER", "END", "BAD"} or kind in _WORDS):
                break
            if kind in {"END", "BAD"}:
                break
            self.at += 1
        if self.at == first:
            raise Lost(f"{self._shown()} is not in the language of rules")
        text = self.slice(first, self.at).strip().rstrip(".").strip()
        return [replace(body, parts=(*body.parts, f"{text} .")) for body in found]

    def _filter(self, found: list[Body]) -> list[Body]:
        self.at += 1
        if self.kind() == "NOT" and self.kind(1) == "EXISTS":
            self.at += 2
            text = self._inner()
            return [replace(body, filters=(*body.filters, text)) for body in found]
        if self.kind() == "EXISTS":
            return self._exists(found)
        if self.kind() == "(" and "EXISTS" in (self.kind(1), self.kind(2)):
            close = self.closing()
            self.at += 1
            if self.kind() == "NOT":
                self.at += 1
                self.expect("EXISTS")
                text = self._inner()
                found = [replace(body, filters=(*body.filters, text)) for body in found]
            else:
                found = self._exists(found)
            if self.at != close:
                raise Lost("EXISTS within an expression has no counterpart in a rule's body")
            self.at += 1
            return found
        first = self.at
        if self.kind() != "(":
            self.at += 1
        if self.kind() == "NIL":
            self.at += 1
        else:
            self.at = self.closing() + 1
        text = f"FILTER {self.slice(first, self.at).strip()}"
        return [replace(body, filters=(*body.filters, text)) for body in found]

    def _inner(self) -> str:
        """Read a group that is negated: patterns and filters only."""
        options = self.group()
        if any(
            re.match(r"NOT\b|SET\b", part)
            for body in options
            for part in (*body.parts, *body.filters)
        ):
            raise Lost("what is negated holds another negation or a BIND")
        return " ".join(f"NOT {{ {body.text} }}" for body in options)

    def _exists(self, found: list[Body]) -> list[Body]:
        self.at += 1
        first = self.at
        options = self.group()
        inside = self.variables(first, self.at)
        # What is seen nowhere else is local to the group, and stays so under a name of its own.
        local = {name for name in inside if self.uses[name] == inside.count(name)}
        shared = set(inside) - local
        for body in found:
            bound = {m for part in body.parts for m in _VARIABLE.findall(part)}
            if shared - bound - _before(body):
                raise Lost("EXISTS names a variable that stands for another thing outside of it")
        return [
            replace(body, filters=(*body.filters, *one.parts, *one.filters))
            for body in found
            for one in options
        ]

    def _bind(self, found: list[Body]) -> list[Body]:
        self.at += 1
        if self.kind() != "(":
            raise Lost("BIND has no brackets")
        end = self.closing()
        kinds, texts = self.tokens.kinds, self.tokens.texts
        if end < self.at + 3 or kinds[end - 1] != "VAR" or texts[end - 2].upper() != "AS":
            raise Lost("BIND( expression AS ?variable ) is expected")
        text = f"SET({texts[end - 1]} := {self.slice(self.at + 1, end - 2).strip()})"
        self.at = end + 1
        return [replace(body, parts=(*body.parts, text)) for body in found]

    def _optional(self, found: list[Body]) -> list[Body]:
        self.at += 1
        first = self.at
        options = self.group()
        names = self.variables(first, self.at)
        with_it = [body.joined(one) for body in found for one in options]
        read = any(
            self.uses[name] > names.count(name)
            and not any(re.search(rf"[?$]{name}\b", part) for part in body.parts)
            for name in set(names)
            for body in found
        )
        if not read and self.sets:
            return with_it + found
        self.at = first
        absent = self._inner()
        return with_it + [replace(body, parts=(*body.parts, absent)) for body in found]

    def _minus(self, found: list[Body]) -> list[Body]:
        self.at += 1
        first = self.at
        text = self._inner()
        names = set(self.variables(first, self.at))
        return [
            replace(body, parts=(*body.parts, text))
            if any(re.search(rf"[?$]{name}\b", part) for name in names for part in body.parts)
            else body  # without a shared variable MINUS takes nothing away
            for body in found
        ]

    def _values(self, found: list[Body]) -> list[Body]:
        self.at += 1
        if self.kind() != "VAR" or self.kind(1) != "{":
            raise Lost("VALUES of several variables has no counterpart in a rule's body")
        name = self.tokens.texts[self.at]
        self.at += 1
        end = self.closing()
        terms: list[str] = []
        self.at += 1
        while self.at < end:
            if self.kind() == "UNDEF":
                raise Lost("UNDEF has no counterpart in a rule's body")
            first = self.at
            self.at += 1
            if self.kind() in {"LANG", "^^"}:
                self.at += 1 if self.kind() == "LANG" else 2
            terms.append(self.slice(first, self.at).strip())
        self.at = end + 1
        test = " || ".join(f"sameTerm({name}, {term})" for term in terms) or "false"
        return [replace(body, filters=(*body.filters, f"FILTER({test})")) for body in found]


def _bound(part: str) -> list[str]:
    """Return the variables that a part of a body binds."""
    if part.startswith("SET("):
        return _VARIABLE.findall(part)[:1]
    return [] if _TEST.match(part) else _VARIABLE.findall(part)


def _before(body: Body) -> set[str]:
    return {m for part in body.filters for m in _VARIABLE.findall(part)}


def _counted(tokens: Tokens, first: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for kind, text in zip(tokens.kinds[first:], tokens.texts[first:], strict=True):
        if kind == "VAR":
            found[text[1:]] = found.get(text[1:], 0) + 1
    return found


def read_query(text: str) -> Query:
    """Return a SPARQL SELECT, ASK or CONSTRUCT query in parts, its pattern as bodies of rules.

    Raises:
        Lost: the pattern, or what follows it, has no counterpart in a rule.
    """
    plain, cut = _SUBCLASSES.subn(r"\1", text)
    reader = _Reader(plain, tokenise(plain))
    while reader.kind() not in {"CONSTRUCT", "SELECT", "ASK"}:
        if reader.kind() in {"END", "BAD"}:
            raise Lost("it is no SELECT, ASK or CONSTRUCT query")
        reader.at += 1
    form, prologue = reader.kind(), reader.slice(0, reader.at)
    reader.sets = form == "CONSTRUCT"
    reader.at += 1
    first = reader.at
    head = ""
    if form == "CONSTRUCT" and reader.kind() == "{":
        end = reader.closing()
        head = reader.slice(first + 1, end)
        reader.at = end + 1
    elif form == "CONSTRUCT":
        reader.expect("WHERE")
        end = reader.closing()
        head = reader.slice(reader.at + 1, end)
    else:
        while reader.kind() not in {"WHERE", "{"}:
            if reader.kind() in {"FROM", "END", "BAD"}:
                raise Lost(f"{reader.kind()} has no counterpart in a rule")
            reader.at = reader.closing() + 1 if reader.kind() == "(" else reader.at + 1
        head = reader.slice(first, reader.at)
    if reader.kind() == "WHERE":
        reader.at += 1
    reader.uses = _counted(reader.tokens, reader.at)
    bodies = reader.group()
    if reader.kind() != "END":
        raise Lost(f"{reader.kind()} after the pattern has no counterpart in a rule")
    return Query(form, prologue, head, tuple(bodies), bool(cut))


def columns(listed: str) -> Iterator[tuple[str, str]]:
    """Yield what SELECT lists: a variable's name, and its expression or an empty text.

    Raises:
        Lost: something else is listed.
    """
    reader = _Reader(listed, tokenise(listed))
    while (kind := reader.kind()) != "END":
        if kind == "VAR":
            yield reader.tokens.texts[reader.at][1:], ""
            reader.at += 1
        elif kind == "(":
            end = reader.closing()
            texts = reader.tokens.texts
            if texts[end - 2].upper() != "AS":
                raise Lost("( expression AS ?variable ) is expected")
            yield texts[end - 1][1:], reader.slice(reader.at + 1, end - 2).strip()
            reader.at = end + 1
        elif kind in {"DISTINCT", "REDUCED", "*"}:
            reader.at += 1
        else:
            raise Lost(f"'{reader.tokens.texts[reader.at]}' cannot be listed")
