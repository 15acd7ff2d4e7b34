"""Reading a file of another rule language: which it is, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from wearwhy.errors import FormatError, Place
from wearwhy.rdf import SH, TYPE, Fact
from wearwhy.rules.foreign.shacl import read_shacl
from wearwhy.rules.foreign.swrl import SWRL, read_swrl
from wearwhy.rules.foreign.translation import Translation
from wearwhy.store.exchange import read_rdf

SUFFIXES: Final = (".ttl", ".rdf", ".owl", ".xml", ".nt", ".trig", ".jsonld")
"""The ends of the names of files that may hold rules of other languages."""

_TURTLE: Final = re.compile(
    r"^[ \t]*@?prefix[ \t]+([A-Za-z][\w.-]*)?:[ \t]*<([^<>\s]*)>", re.IGNORECASE | re.MULTILINE
)
_XML: Final = re.compile(r"""\bxmlns(?::([A-Za-z][\w.-]*))?\s*=\s*["']([^"'<>\s]+)["']""")


def is_foreign(path: Path) -> bool:
    """Return whether a file's name says that it is RDF, not a rule file of ours."""
    return path.suffix.lower() in SUFFIXES


def translate(path: Path) -> Translation:
    """Return the SHACL-AF or SWRL rules of an RDF file, and what was lost.

    Raises:
        FormatError: WW-FOREIGN-NONE, it holds neither; else as `store.exchange.read_rdf`.
        InputError: WW-RDF-FILE, the file cannot be read.
    """
    form = "rdf-xml" if path.suffix.lower() in {".owl", ".xml"} else None
    facts = [quad.fact for quad in read_rdf(path, form, base=path.absolute().as_uri())]
    return translate_facts(facts, str(path), path.read_text("utf-8", errors="replace"))


def translate_facts(facts: Iterable[Fact], file: str = "<graph>", text: str = "") -> Translation:
    """Return the rules of a graph, and what was lost.

    Args:
        facts: the graph.
        file: its name, for places and names.
        text: its text, for the prefixes declared there.

    Raises:
        FormatError: WW-FOREIGN-NONE, it holds neither SHACL-AF rules nor SWRL.
    """
    known = list(facts)
    prefixes = {
        name or "": base for name, base in (*_TURTLE.findall(text), *_XML.findall(text)) if base
    }
    found = []
    if any(fact.predicate == SH.rule for fact in known):
        found.append(read_shacl(known, file, prefixes))
    if any(fact.predicate == TYPE and fact.object == SWRL.Imp for fact in known):
        found.append(read_swrl(known, file, prefixes))
    if found:
        return found[0] if len(found) == 1 else _together(*found)
    raise FormatError(
        "WW-FOREIGN-NONE",
        "The file holds no rules that can be read.",
        note="Beside .srl files, SHACL-AF rules (sh:rule) and SWRL (swrl:Imp) are read.",
        place=Place(file),
    )


def _together(one: Translation, two: Translation) -> Translation:
    return Translation(
        f"{one.language} and {two.language}",
        (*one.rules, *two.rules),
        (*one.notes, *two.notes),
        one.left_out + two.left_out,
        {**one.about, **two.about},
        one.prefixes,
    )
