"""Reasons as sentences: made from the evidence, so that behind each word stands a fact."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from wearwhy.errors import FormatError, Place
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm
from wearwhy.outfit.labels import chosen
from wearwhy.outfit.look import Told
from wearwhy.outfit.refusal import Shortage
from wearwhy.rdf import Node
from wearwhy.walk.graph import as_number

LANGUAGES = ("en", "zh")
_SLOT = re.compile(r"\{\?(\w+)\}")


def read(path: Path) -> Templates:
    """Return the sentence templates of a TOML file: by name, by language.

    Raises:
        FormatError: WW-SENTENCES, where the file is no TOML, or a template lacks a language.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(
            "WW-SENTENCES",
            "The sentence templates are no TOML.",
            note=str(error),
            place=Place(path.name),
        ) from error
    for name, texts in found.items():
        missing = [language for language in LANGUAGES if language not in texts]
        if missing:
            raise FormatError(
                "WW-SENTENCES",
                f"The sentence '{name}' is missing in {', '.join(missing)}.",
                place=Place(path.name),
            )
    return found


def term_label(named: Names, term: ExplainedTerm) -> str:
    """Return a short name of a term: its rule's, its walk's, its value pair's."""
    of = term.term
    if of.kind == "rule" and of.source is not None:
        return named.of(of.source)
    if of.kind == "walk" and of.source is not None:
        return f"{named.of(of.source)}: {named.of(of.via[0])}"
    if of.kind == "pair":
        return f"{named.of(of.via[1])} + {named.of(of.via[2])}"
    if of.kind == "taste":
        return named.of(of.via[0])
    return of.kind


def sentence(named: Names, term: ExplainedTerm, templates: Templates) -> str:
    """Return what a term tells a wearer."""
    of = term.term
    root = term.evidence.nodes[term.evidence.root]
    bindings = {name.removeprefix("?"): node for name, node in root.bindings}
    if of.kind == "rule":
        return _rule_sentence(named, term, bindings)
    slots = {name: named.of(node) for name, node in bindings.items()}
    slots["items"] = templates["list"][named.language].join(named.of(item) for item in of.about)
    if of.kind == "walk" and of.source is not None:
        slots["path"] = named.of(of.source)
    return templates[_template(term, bindings)][named.language].format_map(slots)


def _rule_sentence(named: Names, term: ExplainedTerm, bindings: Mapping[str, Node]) -> str:
    rule = named.layer.rule(term.term.source) if term.term.source is not None else None
    said = chosen(rule.description.sentence, named.language) if rule else ""
    if not said:
        return f"{term_label(named, term)}."

    def filled(match: re.Match[str]) -> str:
        node = bindings.get(match.group(1))
        return match.group(0) if node is None else named.of(node)

    text = _SLOT.sub(filled, said)
    return text[:1].upper() + text[1:]


def _template(term: ExplainedTerm, bindings: Mapping[str, Node]) -> str:
    of = term.term
    if of.kind == "pair":
        return "pair-more" if of.value > 0 else "pair-less"
    if of.kind == "taste":
        return "taste-like" if of.value > 0 else "taste-dislike"
    if of.kind == "comfort":
        clo, least, most = (as_number(bindings[name]) or 0.0 for name in ("clo", "least", "most"))
        if clo < least:
            return "comfort-cold"
        return "comfort-warm" if clo > most else "comfort-inside"
    return of.kind


def reasons(look: ExplainedLook, templates: Templates, language: str, most: int = 4) -> list[str]:
    """Return the reasons that weigh most, each once, after what a locked item is forbidden by."""
    named = names(look.layer, look.look, templates, language)
    told = [told_sentence(named, told, templates) for told in look.look.told]
    found = [sentence(named, term, templates) for term in look.terms if term.term.kind != "neural"]
    return [*dict.fromkeys(told), *list(dict.fromkeys(found))[:most]]


def told_sentence(named: Names, told: Told, templates: Templates) -> str:
    """Return what speaks against an item that was locked all the same."""
    return templates["told"][named.language].format(
        items=templates["list"][named.language].join(named.of(item) for item in told.about),
        rule=named.of(told.rule),
    )


def shortage_sentence(named: Names, shortage: Shortage, templates: Templates) -> str:
    """Return what is lacking, what is ruled out, and what would come nearest."""
    lang = named.language
    parts = [
        templates["shortage"][lang].format(
            slot=named.of(shortage.slot), by=named.of(shortage.demanded_by)
        )
    ]
    for item, rule in shortage.barred[:1]:
        said = templates["shortage-barred"][lang]
        parts.append(said.format(item=named.of(item), rule=named.of(rule)))
    if shortage.nearest is not None:
        said = templates["shortage-nearest"][lang]
        parts.append(said.format(item=named.of(shortage.nearest)))
    return " ".join(parts)
