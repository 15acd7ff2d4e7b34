"""Reasons as sentences: made from the evidence, so that behind each word stands a fact."""

from __future__ import annotations

import tomllib
from pathlib import Path

from wearwhy.errors import FormatError, Place
from wearwhy.explain.choosing import choose
from wearwhy.explain.naming import Names, Templates, names
from wearwhy.explain.reasons import clause, reason
from wearwhy.explain.reasons import sentence as tell
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm
from wearwhy.outfit.look import Told
from wearwhy.outfit.refusal import Shortage
from wearwhy.outfit.score import Term

LANGUAGES = ("en", "zh")


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
    return label_of(named, term.term)


def label_of(named: Names, of: Term) -> str:
    """Return a short name of a term that is not explained."""
    if of.kind == "rule" and of.source is not None:
        return named.of(of.source)
    if of.coupled:
        both = " + ".join(named.of(node) for node in of.via)
        return both if of.source is None else f"{named.of(of.source)}: {both}"
    if of.kind == "walk" and of.source is not None:
        return f"{named.of(of.source)}: {named.of(of.via[0])}"
    if of.kind == "pair":
        return f"{named.of(of.via[1])} + {named.of(of.via[2])}"
    if of.kind == "taste":
        return named.of(of.via[0])
    return named.say(f"term-{of.kind}")


def sentence(named: Names, term: ExplainedTerm) -> str:
    """Return what a term tells a wearer."""
    return tell(named, reason(named, term))


def reasons(
    look: ExplainedLook, templates: Templates, language: str, words: Names | None = None
) -> list[str]:
    """Return the reasons a wearer is told, after what a locked item is forbidden by.

    Which they are is declared: see `wearwhy.explain.reasons`. One that speaks against the look
    says so.

    Args:
        look: that is told of.
        templates: of sentences.
        language: of them.
        words: the names for the look in that language, where they are at hand.
    """
    named = words or names(look.layer, look.look, templates, language)
    told = [told_sentence(named, told, templates) for told in look.look.told]
    found = []
    for one in choose(named, look):
        if one.value < 0 and not one.template.startswith("comfort"):
            found.append(named.say("against-it", sentence=clause(named, one)))
        else:
            found.append(tell(named, one))
    return [*dict.fromkeys((*told, *found))]


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
