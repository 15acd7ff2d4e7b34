"""Rule files as an editor checks them: every error and warning of one text, each with its place.

What a text alone shows comes from reading it; what shows beside the bundled rules (cycles, names
that nobody declares) from comparing it with them. RDF files with SHACL-AF rules or SWRL are
translated first, and their notes are among what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from wearwhy.errors import RuleError, RuleWarning, WearwhyError, nearest
from wearwhy.rdf import OWL, RDF, RDFS, SKOS, WW, Fact, NamedNode, Node, Triple, curie
from wearwhy.rules.descriptions import load, read
from wearwhy.rules.foreign import Translation, translate
from wearwhy.rules.foreign.read import is_foreign
from wearwhy.rules.layer import Change
from wearwhy.rules.model import Rule, Term, TriplePattern
from wearwhy.rules.syntax import parse_all
from wearwhy.rules.syntax.lexer import Source, tokenise
from wearwhy.settings import assets
from wearwhy.workspace import rulebook
from wearwhy.workspace.bundle import bundle, ontology_layer
from wearwhy.workspace.rulebook import Checked

_STANDARD: Final = tuple(map(str, (RDF, RDFS, OWL, SKOS)))
_CHECKED: Final = (str(WW), *_STANDARD)
_MEMBER: Final = re.compile(rf"{re.escape(RDF)}_[1-9][0-9]*")

MOST: Final = 100
"""The most warnings about unknown names in one file."""


def check(path: Path) -> Checked:
    """Return what is wrong with one file: a rule file, or RDF with rules of another language.

    Raises:
        FormatError, InputError: an RDF file cannot be read, or holds no rules.
    """
    if is_foreign(path):
        return _translated(translate(path), path)
    found = rulebook.check_file(path)
    texts = found.texts.get(str(path), "")
    return replace(found, errors=(*found.errors, *unknown_names(texts, str(path))))


def check_text(text: str, name: str = "<stdin>") -> Checked:
    """Return what is wrong with a text that an editor holds, as `name`.

    Errors of single rules hide none of the others; a cycle is looked for among the sound rules.
    """
    found = read(text, name)
    errors: list[WearwhyError] = list(found.errors)
    try:
        ontology_layer(bundle()).child(Change(rules_add=found.rules))
    except RuleError as error:
        errors.append(error)
    errors += unknown_names(text, name)
    return Checked(tuple(_ordered(errors)), len(found.rules), 1, {name: text})


def check_all(workspace: Path) -> Checked:
    """Return what is wrong with the bundled rules and a workspace's own, unknown names included."""
    found = rulebook.check_all(workspace)
    names = [warning for file, text in found.texts.items() for warning in unknown_names(text, file)]
    return replace(found, errors=(*found.errors, *names))


def _translated(found: Translation, path: Path) -> Checked:
    text = path.read_text("utf-8", errors="replace")
    return Checked(tuple(found.notes), len(found.rules), 1, {str(path): text})


def rules_of(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file.

    Raises:
        RuleError: the first of what is wrong with a rule file.
        FormatError, InputError: an RDF file cannot be read, or holds no rules.
    """
    if is_foreign(path):
        return translate(path).rules
    found = load([path])
    if found.errors:
        raise found.errors[0]
    return found.rules


def _ordered(errors: Iterable[WearwhyError]) -> list[WearwhyError]:
    return sorted(
        errors, key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0)
    )


# names


def unknown_names(text: str, file: str) -> list[RuleWarning]:
    """Return a warning for each name of wearwhy's or a standard vocabulary that nothing declares."""
    own = _own(text, file)
    found: list[RuleWarning] = []
    source = Source(text, file)
    seen: set[str] = set()
    for iri, start, end in _mentioned(text):
        if iri in own or iri in seen:
            continue
        if not iri.startswith(WW):
            known = _standard(next(base for base in _STANDARD if iri.startswith(base)))
        else:
            known = _declared()
        if iri in known or _MEMBER.fullmatch(iri):
            continue
        seen.add(iri)
        near = nearest(curie(NamedNode(iri)), [curie(NamedNode(name)) for name in (*known, *own)])
        found.append(
            RuleWarning(
                "WW-RULE-NAME",
                f"{curie(NamedNode(iri))} is not known: nothing declares, states or concludes it.",
                note="A pattern with a name that nobody uses never matches.",
                hint=f"Did you mean {near}?" if near else "",
                place=source.place(start, end),
            )
        )
        if len(found) >= MOST:
            break
    return found


def _mentioned(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the names of the vocabularies that are checked in a rule file, with their spans."""
    tokens = tokenise(text)
    prefixes: dict[str, str] = {}
    kinds, texts, starts = tokens.kinds, tokens.texts, tokens.starts
    for number, (kind, word) in enumerate(zip(kinds, texts, strict=True)):
        declares = number > 0 and kinds[number - 1] == "PREFIX"
        if kind == "PNAME" and declares:
            prefixes[word[:-1]] = texts[number + 1][1:-1] if number + 1 < len(texts) else ""
        elif kind == "PNAME":
            prefix, _, local = word.partition(":")
            iri = prefixes.get(prefix, "") + local
            if local and iri.startswith(_CHECKED) and "\\" not in local:
                yield iri, starts[number], starts[number] + len(word)


def _own(text: str, file: str) -> set[str]:
    """Return the names that a file itself states or concludes."""
    found, _ = parse_all(text, file)
    names = {part for fact in found.data for part in _names(fact)}
    for rule in found.rules:
        names.add(rule.iri.value)
        names |= {part for atom in rule.head for part in _names((atom.predicate, atom.object))}
    return names


@lru_cache(maxsize=1)
def _declared() -> frozenset[str]:
    known = bundle()
    names = {part for fact in known.facts for part in _names(fact)}
    names |= {measure.iri.value for measure in known.measures}
    for rule in known.rules:
        for atom in rule.head:
            names.update(_names((atom.predicate, atom.object)))
    return frozenset(name for name in names | _spoken() if name.startswith(WW))


@lru_cache
def _standard(base: str) -> frozenset[str]:
    """Return the names of a vocabulary that the W3C closed."""
    import rdflib.namespace  # noqa: PLC0415  (it takes a while, and is needed for a wrong name only)

    (found,) = (
        one
        for one in (
            rdflib.namespace.RDF,
            rdflib.namespace.RDFS,
            rdflib.namespace.OWL,
            rdflib.namespace.SKOS,
        )
        if str(one) == base
    )
    names = (str(name).removeprefix(base) for name in dir(found))
    return frozenset(
        f"{base}{name}" for name in (*names, "reifies", "dirLangString") if name.isidentifier()
    )


def _spoken() -> frozenset[str]:
    """Return the names that what travels with the engine uses elsewhere: shapes, queries, lists."""
    folder = assets()
    names: set[str] = set()
    for path in (*(folder / "ontology").rglob("*.ttl"), *(folder / "kg").rglob("*")):
        if path.suffix in {".ttl", ".rq", ".toml"} and path.name != "errors.toml":
            names.update(iri for iri, _, _ in _mentioned(_prefixed(path.read_text("utf-8"))))
    return frozenset(names)


def _prefixed(text: str) -> str:
    return f"PREFIX ww: <{WW}>\n{text}"


def _names(parts: Fact | Iterable[Node | Term]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, NamedNode):
            yield part.value
        elif isinstance(part, Triple | TriplePattern):
            yield from _names((part.subject, part.predicate, part.object))


def severities(errors: Iterable[WearwhyError]) -> Mapping[str, int]:
    """Return how many there are of each severity."""
    found = {"error": 0, "warning": 0}
    for one in errors:
        found[one.severity] += 1
    return found
