"""Reading terms: names, literals, variables, blank nodes, triple terms.

Source: productions [77]–[102] and [114]–[116] of the SPARQL-RL grammar.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn
from typing import Literal as OneOf

from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import nearest
from wearwhy.rdf import PREFIXES, RDF, TYPE, XSD
from wearwhy.rules.model import Term, TriplePattern, Var
from wearwhy.rules.syntax.cursor import Cursor
from wearwhy.rules.syntax.lexer import Source, shortened

Mode = OneOf["data", "head", "body"]

NIL: Final = RDF.nil
NUMBERS: Final = {"INTEGER": XSD.integer, "DECIMAL": XSD.decimal, "DOUBLE": XSD.double}
_BOOLEANS: Final = {
    "true": Literal("true", datatype=XSD.boolean),
    "false": Literal("false", datatype=XSD.boolean),
}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_PLAIN: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")
_IRI_PARTS: Final = re.compile(
    r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
WHERE_TERM: Final[dict[Mode, str]] = {
    "data": "DATA holds ground triples: IRIs, literals and blank nodes, no variables and no paths.",
    "head": "A head is a list of triples of variables, IRIs, literals and blank nodes, without paths.",
    "body": "A body is a list of triple patterns, FILTER, NOT and SET.",
}


class Terms(Cursor):
    """Reads terms; in a body a blank node becomes a variable whose name starts with a dot."""

    def __init__(self, source: Source, base: str | None) -> None:
        super().__init__(source)
        self.base = base
        self.prefixes: dict[str, str] = {}
        self.mode: Mode = "data"
        self._names: dict[str, NamedNode] = {}
        self._labels = {m[1] for m in re.finditer(r"_:([\w.-]+)", source.text)}
        self._fresh = 0
        self._fresh_data = 0

    # names

    def iri(self, where: str) -> NamedNode:
        """Read an IRI or prefixed name.

        Raises:
            RuleSyntaxError: it is neither, its prefix is not declared, or it is no valid IRI.
        """
        text = self.texts[self.at]
        found = self._names.get(text)
        if found is None:
            kind = self.kinds[self.at]
            if kind == "PNAME":
                found = self._prefixed(text)
            elif kind == "IRIREF":
                found = self.named(self.resolved(text))
            else:
                self.fail("an IRI", where)
            self._names[text] = found
        self.at += 1
        return found

    def _prefixed(self, text: str) -> NamedNode:
        prefix, _, local = text.partition(":")
        base = self.prefixes.get(prefix)
        if base is None:
            near = nearest(prefix, self.prefixes)
            known = PREFIXES.get(prefix)
            hint = f"Did you mean {near}:?" if near is not None else ""
            if known is not None:
                hint = f"Add PREFIX {prefix}: <{known}>."
            elif not hint:
                hint = "Declared: " + (", ".join(f"{p}:" for p in self.prefixes) or "none") + "."
            self.error(
                "WW-RULE-PREFIX",
                f"The prefix '{prefix}:' is not declared.",
                note="A prefix is declared by PREFIX before its first use.",
                hint=hint,
            )
        if "\\" in local:
            local = _LOCAL_ESCAPE.sub(r"\1", local)
        return self.named(base + local)

    def named(self, value: str) -> NamedNode:
        """Return the named node of an absolute IRI.

        Raises:
            RuleSyntaxError: WW-RULE-IRI, if it is none.
        """
        try:
            return NamedNode(value)
        except ValueError as error:
            self.error("WW-RULE-IRI", f"<{shortened(value)}> is not a valid IRI.", note=f"{error}.")

    def resolved(self, token: str) -> str:
        """Return what an IRIREF token names, relative to the base.

        Raises:
            RuleSyntaxError: WW-RULE-BASE, if it is relative and no base is known.
        """
        reference = token[1:-1]
        if "\\" in reference:
            reference = self.unescaped(reference)
        if _SCHEME.match(reference):
            return reference
        if self.base is None:
            self.error(
                "WW-RULE-BASE",
                f"{shortened(token)} is relative, and there is no base to resolve it against.",
                note="A relative IRI needs a BASE.",
                hint="Write the IRI whole, or put BASE <https://…/> first.",
            )
        return resolve(self.base, reference)

    def unescaped(self, text: str) -> str:
        r"""Return text with \u, \U and character escapes replaced.

        Raises:
            RuleSyntaxError: WW-RULE-ESCAPE, for a code that is no Unicode scalar value.
        """

        def character(match: re.Match[str]) -> str:
            code = match[1] or match[2]
            if code is None:
                return _PLAIN.get(match[3], match[3])
            number = int(code, 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                self.error(
                    "WW-RULE-ESCAPE",
                    f"'{match[0]}' is no Unicode scalar value.",
                    note="\\u and \\U name characters up to U+10FFFF, without surrogates.",
                )
            return chr(number)

        return _ESCAPE.sub(character, text)

    # literals

    def literal(self) -> Literal | None:
        """Read a literal, or return None where there is none."""
        kind, text = self.kinds[self.at], self.texts[self.at]
        if kind == "STRING":
            return self._string()
        datatype = NUMBERS.get(kind)
        if datatype is not None:
            self.at += 1
            return Literal(text, datatype=datatype)
        if kind == "BOOLEAN":
            self.at += 1
            return _BOOLEANS[text.lower()]
        return None

    def _string(self) -> Literal:
        value = self.string()
        kind, text = self.kinds[self.at], self.texts[self.at]
        start = self.at
        try:
            if kind == "LANG":
                self.at += 1
                language, _, direction = text[1:].partition("--")
                if direction not in {"", "ltr", "rtl"}:
                    self._bad_direction(direction, start)
                return Literal(
                    value,
                    language=language,
                    direction=BaseDirection(direction) if direction else None,
                )
            if kind == "^^":
                self.at += 1
                return Literal(value, datatype=self.iri("After ^^ stands the datatype's IRI."))
        except ValueError as error:
            self.error(
                "WW-RULE-LITERAL", "This is not a valid literal.", note=f"{error}.", at=start
            )
        return Literal(value)

    def _bad_direction(self, direction: str, at: int) -> NoReturn:
        near = nearest(direction.lower(), ("ltr", "rtl"))
        self.error(
            "WW-RULE-DIRECTION",
            f"'--{direction}' is no base direction.",
            note="A base direction is --ltr or --rtl, in lower case.",
            hint=f"Did you mean --{near}?" if near else "",
            at=at,
        )

    def string(self) -> str:
        """Read a quoted string, whose token stands here; return its value."""
        text = self.texts[self.at]
        size = 3 if len(text) >= 6 and text[:3] == text[0] * 3 else 1
        value = text[size:-size]
        if "\\" in value:
            value = self.unescaped(value)
        self.at += 1
        return value

    # variables and blank nodes

    def start_rule(self) -> None:
        """Forget the anonymous blank nodes of the rule before."""
        self._fresh = 0

    def fresh(self, letter: str = "b") -> Var | BlankNode:
        """Return a new blank node, or the variable that stands for it in a body."""
        while True:
            if self.mode == "data":
                label = f"{letter}{self._fresh_data}"
                self._fresh_data += 1
            else:
                label = f"{letter}{self._fresh}"
                self._fresh += 1
            if label not in self._labels:
                return Var(f".{label}") if self.mode == "body" else BlankNode(label)

    def reference(self) -> Term | None:
        """Read a variable, IRI, literal or blank node; None where there is none."""
        kind, text = self.kinds[self.at], self.texts[self.at]
        if kind == "VAR":
            if self.mode == "data":
                self.fail("a ground term", WHERE_TERM["data"])
            self.at += 1
            return Var(text[1:])
        if kind in {"PNAME", "IRIREF"}:
            return self.iri("")
        if kind == "BLANK":
            self.at += 1
            return Var("." + text[2:]) if self.mode == "body" else BlankNode(text[2:])
        if kind == "ANON":
            self.at += 1
            return self.fresh()
        return self.literal()

    def verb_name(self) -> Term:
        """Read a predicate without a path: an IRI, `a`, or (not in DATA) a variable."""
        kind = self.kinds[self.at]
        if kind == "a":
            self.at += 1
            return TYPE
        if kind == "VAR" and self.mode != "data":
            self.at += 1
            return Var(self.texts[self.at - 1][1:])
        if kind not in {"PNAME", "IRIREF"}:
            names = "an IRI or 'a'" if self.mode == "data" else "an IRI, a variable or 'a'"
            self.fail(f"a predicate ({names})", WHERE_TERM[self.mode])
        return self.iri("")

    def triple_term(self) -> Term:
        """Read `<<( s p o )>>`; the opening token stands here."""
        opening = self.at
        self.enter()
        self.at += 1
        subject = self._inner("the subject of a triple term")
        predicate = self.verb_name()
        object_ = self._inner("the object of a triple term")
        self.expect(")>>", "A triple term is <<( subject predicate object )>>.")
        self.depth -= 1
        return self.quoted(subject, predicate, object_, opening)

    def _inner(self, expected: str) -> Term:
        if self.kinds[self.at] == "<<(":
            return self.triple_term()
        found = self.reference()
        if found is None:
            self.fail(expected, "A triple term is <<( subject predicate object )>>.")
        return found

    def quoted(self, subject: Term, predicate: Term, object_: Term, at: int) -> Term:
        """Return a triple as a term: a pattern where it has variables or fresh blank nodes.

        A literal or triple subject, which the grammar allows and RDF does not, stays a pattern
        too: it matches nothing that a graph can hold.

        Raises:
            RuleSyntaxError: WW-RULE-TRIPLE-TERM, in DATA, if the subject is no IRI or blank node.
        """
        template = self.mode == "head" and any(
            isinstance(part, BlankNode) for part in (subject, object_)
        )
        if (
            not template
            and isinstance(subject, NamedNode | BlankNode)
            and isinstance(predicate, NamedNode)
            and not isinstance(object_, Var | TriplePattern)
        ):
            return Triple(subject, predicate, object_)
        if self.mode == "data":
            self.error(
                "WW-RULE-TRIPLE-TERM",
                "The subject of a triple term in DATA is an IRI or a blank node.",
                note="RDF 1.2 has no triple term with a literal or a triple term as its subject.",
                at=at,
            )
        return TriplePattern(subject, predicate, object_)


def resolve(base: str, reference: str) -> str:
    """Return a relative reference resolved against an absolute base (RFC 3986, section 5.2)."""
    scheme, authority, path, query, _ = _parts(base)
    r_scheme, r_authority, r_path, r_query, fragment = _parts(reference)
    if r_scheme is not None:
        return reference
    if r_authority is not None:
        authority, path, query = r_authority, _without_dots(r_path), r_query
    elif not r_path:
        query = query if r_query is None else r_query
    else:
        if r_path.startswith("/"):
            path = _without_dots(r_path)
        elif authority is not None and not path:
            path = _without_dots("/" + r_path)
        else:
            path = _without_dots(path[: path.rfind("/") + 1] + r_path)
        query = r_query
    return (
        f"{scheme}:"
        + (f"//{authority}" if authority is not None else "")
        + path
        + (f"?{query}" if query is not None else "")
        + (f"#{fragment}" if fragment is not None else "")
    )


def _parts(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _IRI_PARTS.fullmatch(iri)
    assert match is not None, "the expression matches every string"
    return match[1], match[2], match[3], match[4], match[5]


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1 or (kept and kept[0]):
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)
