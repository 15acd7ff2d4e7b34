"""What DATA blocks say of rules, and the reading of whole rule files.

A rule is described by the facts about its IRI in the same file; facts about anything else are
data, and are handed on. `load` reads many files and reports every error at once.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import IllFormedRule, Place, RuleError, RuleSyntaxError, nearest
from wearwhy.rdf import DCTERMS, RDFS, WW, XSD, Fact, Node, curie
from wearwhy.rules.model import Description, Document, Rule, Var, Verdict, variables
from wearwhy.rules.syntax import parse_all
from wearwhy.rules.syntax.lexer import Source, tokenise
from wearwhy.rules.wellformed import check, functions

VERDICTS: Final[Mapping[NamedNode, Verdict]] = {
    WW.violates: Verdict.FORBID,
    WW.favouredBy: Verdict.FAVOUR,
    WW.disfavouredBy: Verdict.DISFAVOUR,
}
_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_NUMERIC: Final = frozenset((XSD.integer, XSD.decimal, XSD.double, XSD.float))
_LAW: Final = "What describes a rule: rdfs:label, ww:sentence, ww:author, ww:origin, ww:confidence, ww:points, ww:hereditary, ww:readsGuesses, ww:off, ww:keptBecause, ww:waives."


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What rule files say: described rules, facts about other things, and what is wrong.

    A rule with an error is not among `rules`.
    """

    rules: tuple[Rule, ...] = ()
    facts: tuple[Fact, ...] = ()
    errors: tuple[RuleError, ...] = ()


def verdict(rule: Rule) -> Verdict | None:
    """Return what a rule says of an item, a pair or a look; None of a rule that derives facts."""
    for atom in rule.head:
        if isinstance(atom.predicate, NamedNode) and atom.predicate in VERDICTS:
            return VERDICTS[atom.predicate]
    return None


def subject(rule: Rule) -> Var | None:
    """Return the variable that a verdict rule judges; None of other rules."""
    if verdict(rule) is None:
        return None
    judged = rule.head[0].subject
    return judged if isinstance(judged, Var) else None


def described(document: Document) -> tuple[Rule, ...]:
    """Return a document's rules with their descriptions.

    Raises:
        RuleError: the first error that `describe` finds.
    """
    found = describe(document)
    if found.errors:
        raise found.errors[0]
    return found.rules


def describe(document: Document) -> RuleSet:
    """Return a document's rules with their descriptions, its other facts, and what is wrong.

    Codes: WW-RULE-DESCRIPTION (an unknown property), WW-RULE-VALUE, WW-RULE-SLOT,
    WW-RULE-VERDICT, WW-RULE-UNKNOWN (facts that describe a rule which is not there).
    """
    rules = {rule.iri: rule for rule in document.rules}
    about: dict[NamedNode, list[Fact]] = defaultdict(list)
    facts: list[Fact] = []
    errors: list[RuleError] = []
    for fact in document.data:
        if isinstance(fact.subject, NamedNode) and fact.subject in rules:
            about[fact.subject].append(fact)
            continue
        facts.append(fact)
        if isinstance(fact.subject, NamedNode) and fact.predicate in _OF_RULES_ONLY:
            near = nearest(fact.subject.value, [iri.value for iri in rules])
            errors.append(
                IllFormedRule(
                    "WW-RULE-UNKNOWN",
                    f"{curie(fact.subject)} is described, but no rule of this file has that name.",
                    note="A rule's description stands in the same file as the rule.",
                    hint=f"Did you mean {curie(NamedNode(near))}?" if near else "",
                )
            )
    good: list[Rule] = []
    for rule in document.rules:
        wrong: list[RuleError] = []
        description = _description(rule, about[rule.iri], facts, wrong)
        whole = replace(rule, description=description)
        wrong += _check_verdict(whole)
        wrong += _check_slots(whole)
        if not wrong:
            good.append(whole)
        errors += wrong
    return RuleSet(tuple(good), tuple(facts), tuple(errors))


def load(paths: Iterable[Path]) -> RuleSet:
    """Return the well-formed, described rules of many files, their facts, and every error.

    Codes beside those of `describe`, `parse_all` and `check`: WW-RULE-IMPORT (imports are not
    supported), WW-RULE-DUPLICATE (two rules of one IRI), WW-RULE-ENCODING, WW-RULE-FILE.
    """
    rules: list[Rule] = []
    facts: list[Fact] = []
    errors: list[RuleError] = []
    for number, path in enumerate(paths):
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            errors.append(_undecodable(path, error))
            continue
        except OSError as error:
            errors.append(
                RuleSyntaxError(
                    "WW-RULE-FILE",
                    f"{path.name} cannot be read.",
                    note=f"{error.strerror or error}.",
                    place=Place(str(path)),
                )
            )
            continue
        found = read(text, str(path))
        rules += found.rules
        facts += (_apart(fact, number) for fact in found.facts)
        errors += found.errors
    return RuleSet(tuple(_distinct(rules, errors)), tuple(facts), tuple(errors))


def read(text: str, file: str = "<text>", *, base: str | None = None) -> RuleSet:
    """Return the well-formed, described rules of one text, its facts, and every error.

    Codes: those of `parse_all`, `check` and `describe`, WW-RULE-IMPORT and WW-RULE-DUPLICATE.
    """
    document, errors = parse_all(text, file, base=base)
    errors += _imports(document, Source(text, file))
    found = describe(document)
    errors += found.errors
    good: list[Rule] = []
    for rule in found.rules:
        wrong = check(rule) or functions(rule)
        if not wrong:
            good.append(rule)
        errors += wrong
    return RuleSet(tuple(_distinct(good, errors)), found.facts, tuple(errors))


def _distinct(rules: Iterable[Rule], errors: list[RuleError]) -> list[Rule]:
    first: dict[NamedNode, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.iri, rule)
        if other is not rule:
            errors.append(
                IllFormedRule(
                    "WW-RULE-DUPLICATE",
                    f"Two rules are called {curie(rule.iri)}.",
                    note="A rule is known by its IRI: in proofs, in overlays, in descriptions.",
                    hint=f"The other stands at {other.place}.",
                    place=rule.place,
                )
            )
    return list(first.values())


def _imports(document: Document, source: Source) -> list[RuleError]:
    if not document.imports:
        return []
    tokens = tokenise(source.text)
    places = [
        source.place(start, start + len(text))
        for kind, text, start in zip(tokens.kinds, tokens.texts, tokens.starts, strict=True)
        if kind == "IMPORTS"
    ]
    return [
        RuleSyntaxError(
            "WW-RULE-IMPORT",
            f"{curie(iri)} cannot be imported.",
            note="Reading a rule file opens no other file and no connection: imports are rejected.",
            hint="Put the rules into a file of their own, beside this one.",
            place=places[number] if number < len(places) else Place(source.file),
        )
        for number, iri in enumerate(document.imports)
    ]


def _undecodable(path: Path, error: UnicodeDecodeError) -> RuleSyntaxError:
    before = error.object[: error.start].decode("utf-8")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return RuleSyntaxError(
        "WW-RULE-ENCODING",
        f"Byte 0x{error.object[error.start]:02X} is not UTF-8.",
        note="Rule files are in UTF-8.",
        hint="Save the file as UTF-8.",
        place=Place(str(path), line, column, column + 1),
    )


def _apart(fact: Fact, number: int) -> Fact:
    """Return a fact with its blank nodes named after the file they stand in."""

    def renamed(node: Node) -> Any:
        if isinstance(node, BlankNode):
            return BlankNode(f"f{number}-{node.value}")
        if isinstance(node, Triple):
            return Triple(renamed(node.subject), node.predicate, renamed(node.object))
        return node

    return Fact(renamed(fact.subject), fact.predicate, renamed(fact.object))


# descriptions


def _description(
    rule: Rule, about: Iterable[Fact], facts: list[Fact], errors: list[RuleError]
) -> Description:
    by_language: dict[str, dict[str, str]] = {"label": {}, "sentence": {}}
    values: dict[str, Any] = {}
    waived: list[str] = []
    for fact in about:
        if fact.predicate == WW.waives and isinstance(fact.object, Literal):
            waived.append(fact.object.value)
            continue
        known = _PROPERTIES.get(fact.predicate)
        if known is None:
            if fact.predicate.value.startswith(WW):
                errors.append(_unknown_property(rule, fact.predicate))
            else:
                facts.append(fact)
            continue
        name, reader, wanted = known
        value = reader(fact.object)
        if name in by_language and isinstance(fact.object, Literal):
            language = fact.object.language or "en"
            if value is not None and language in by_language[name]:
                value, wanted = None, f"given once for each language, and '{language}' stands twice"
            elif value is not None:
                by_language[name][language] = value
        elif name in values:
            value, wanted = None, "given once"
        else:
            values[name] = value
        if value is None:
            errors.append(
                IllFormedRule(
                    "WW-RULE-VALUE",
                    f"{curie(fact.object)} is refused as {curie(fact.predicate)} of {curie(rule.iri)}.",
                    note=f"{curie(fact.predicate)} is {wanted}.",
                    place=rule.place,
                )
            )
    for name, texts in by_language.items():
        values[name] = tuple(sorted(texts.items()))
    values["waives"] = tuple(sorted(waived))
    return Description(**{name: value for name, value in values.items() if value is not None})


def _text(node: Node) -> str | None:
    return node.value if isinstance(node, Literal) else None


def _name(node: Node) -> str | None:
    return node.value if isinstance(node, Literal | NamedNode) else None


def _number(node: Node) -> float | None:
    if not isinstance(node, Literal) or node.datatype not in _NUMERIC:
        return None
    try:
        value = float(node.value)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _share(node: Node) -> float | None:
    value = _number(node)
    return value if value is not None and 0 < value <= 1 else None


def _truth(node: Node) -> bool | None:
    if not isinstance(node, Literal) or node.datatype != XSD.boolean:
        return None
    return {"true": True, "1": True, "false": False, "0": False}.get(node.value)


_TRUTH: Final = "true or false"
_PROPERTIES: Final[dict[NamedNode, tuple[str, Callable[[Node], Any], str]]] = {
    RDFS.label: ("label", _text, "a text"),
    WW.sentence: ("sentence", _text, "a text"),
    WW.author: ("author", _name, "a text or an IRI"),
    WW.origin: ("origin", _name, "a text or an IRI"),
    DCTERMS.creator: ("author", _name, "a text or an IRI"),
    DCTERMS.source: ("origin", _name, "a text or an IRI"),
    WW.confidence: ("confidence", _share, "a number above 0 and at most 1"),
    WW.points: ("points", _number, "a finite number"),
    WW.hereditary: ("hereditary", _truth, _TRUTH),
    WW.readsGuesses: ("reads_guesses", _truth, _TRUTH),
    WW.off: ("off", _truth, _TRUTH),
    WW.keptBecause: ("kept_because", _text, "a text"),
}
_OF_RULES_ONLY: Final = frozenset((WW.points, WW.hereditary, WW.readsGuesses))


def _unknown_property(rule: Rule, predicate: NamedNode) -> RuleError:
    near = nearest(curie(predicate), [curie(known) for known in _PROPERTIES])
    return IllFormedRule(
        "WW-RULE-DESCRIPTION",
        f"{curie(predicate)} does not describe a rule.",
        note=_LAW,
        hint=f"Did you mean {near}?" if near else "",
        place=rule.place,
    )


def _check_verdict(rule: Rule) -> list[RuleError]:
    if verdict(rule) is None:
        return []
    wrong = ""
    if len(rule.head) != 1:
        wrong = "concludes other things beside its verdict"
    elif rule.head[0].object != rule.iri:
        wrong = f"gives its verdict in the name of {_shown(rule.head[0].object)}"
    elif not isinstance(rule.head[0].subject, Var):
        wrong = "judges something that is no variable"
    if not wrong:
        return []
    return [
        IllFormedRule(
            "WW-RULE-VERDICT",
            f"{curie(rule.iri)} {wrong}.",
            note="A verdict is one triple: ?x ww:violates, ww:favouredBy or ww:disfavouredBy the rule itself.",
            hint=f"Write {{ ?x {_shown(rule.head[0].predicate)} {curie(rule.iri)} }}.",
            place=rule.place,
        )
    ]


def _shown(term: object) -> str:
    return curie(term) if isinstance(term, NamedNode | Literal) else str(term)


def _check_slots(rule: Rule) -> list[RuleError]:
    names = {var.name for var in variables(rule.body) if not var.name.startswith(".")}
    errors: list[RuleError] = []
    for language, sentence in rule.description.sentence:
        for slot in _SLOT.findall(sentence):
            if slot.startswith("?") and slot[1:] in names:
                continue
            near = nearest(slot.lstrip("?"), sorted(names))
            errors.append(
                IllFormedRule(
                    "WW-RULE-SLOT",
                    f"The sentence of {curie(rule.iri)} in '{language}' has the slot {{{slot}}}, which names no variable of its body.",
                    note="A slot {?x} is filled with the value that ?x has in a firing.",
                    hint=f"Did you mean {{?{near}}}?" if near else "",
                    place=rule.place,
                )
            )
    return errors
