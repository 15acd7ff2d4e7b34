"""The ontology as a workspace edits it: a file in the place of a bundled one, or one more.

A file `ontology/TOPIC.ttl` of a workspace, once it is applied, says everything that the bundled
file of that name says no longer; a name that no bundled file has adds to the ontology. The
ontology belongs to the base: a wardrobe's own axioms are facts of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from wearwhy.errors import FormatError, Place
from wearwhy.rdf import WW, Fact, Literal, NamedNode
from wearwhy.rules.descriptions import read
from wearwhy.rules.measures import read_measures
from wearwhy.store.exchange import read_rdf
from wearwhy.store.quads import Quad, graph_name
from wearwhy.store.skolem import skolemise
from wearwhy.workspace.blanks import named_like
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.state import State

KIND = "ontology"
OWNER = "base"
_BESIDE = graph_name(OWNER, "rules", "facts")


def ontology_texts(state: State) -> dict[str, str]:
    """Return the applied ontology texts by topic."""
    found = {}
    for topic, facts in state.of(OWNER, KIND).items():
        texts = [f.object for f in facts if f.predicate == WW.text]
        if texts and isinstance(texts[0], Literal):
            found[topic] = texts[0].value
    return found


def ontology_graph(topic: str) -> NamedNode:
    """Return the graph that keeps the applied text of an ontology file."""
    return graph_name(OWNER, KIND, topic)


@lru_cache(maxsize=64)
def facts_of(known: Bundle, topic: str, text: str, file: str = "") -> tuple[Fact, ...]:
    """Return what an ontology file says.

    Args:
        known: whose file of the same topic lends its names to blank nodes.
        topic: the file's path below `ontology`, without ending.
        text: of the file; an empty one says nothing.
        file: to name in errors.

    Raises:
        FormatError: WW-RDF-SYNTAX, WW-RDF-DEPTH and others of `read_rdf`.
    """
    said = parsed(text, file or f"{topic}.ttl")
    bundled = known.ontology.get(topic)
    return named_like(said, bundled.facts if bundled else (), topic.rpartition("/")[2])


def parsed(text: str, file: str) -> tuple[Fact, ...]:
    """Return what a Turtle text says, its blank nodes without names.

    Raises:
        FormatError: WW-RDF-SYNTAX, WW-RDF-DEPTH and others of `read_rdf`.
    """
    if not text.strip():
        return ()
    try:
        return tuple(quad.fact for quad in read_rdf(text.encode(), "turtle"))
    except FormatError as error:
        error.place = replace(error.place or Place(""), file=file)
        raise


@lru_cache(maxsize=64)
def facts_beside(text: str) -> tuple[Fact, ...]:
    """Return what an applied rule file says of other things than its rules."""
    said = read(text).facts
    if not said:
        return ()
    return tuple(quad.fact for quad in skolemise(Quad(_BESIDE, fact) for fact in said))


@lru_cache(maxsize=16)
def hidden(known: Bundle, topics: frozenset[str]) -> frozenset[Fact]:
    """Return what bundled files of some topics say and nothing else that is bundled does."""
    replaced = [topic for topic in known.ontology if topic in topics]
    if not replaced:
        return frozenset()
    gone = {fact for topic in replaced for fact in known.ontology[topic].facts}
    kept = {
        fact for topic, file in known.ontology.items() if topic not in topics for fact in file.facts
    }
    whole = {fact for file in known.ontology.values() for fact in file.facts}
    kept.update(fact for fact in known.facts if fact not in whole)  # what rule files say
    return frozenset(gone - kept)


def in_force(known: Bundle, texts: Mapping[str, str]) -> Bundle:
    """Return the bundle as applied ontology texts have it.

    Raises:
        FormatError: where a text is not Turtle.
        IllFormedRule: WW-MEASURE, where a measure is broken.
    """
    return _in_force(known, tuple(sorted(texts.items()))) if texts else known


@lru_cache(maxsize=4)
def _in_force(known: Bundle, texts: tuple[tuple[str, str], ...]) -> Bundle:
    gone = hidden(known, frozenset(topic for topic, _ in texts))
    said = [fact for topic, text in texts for fact in facts_of(known, topic, text)]
    facts = tuple(dict.fromkeys([*(f for f in known.facts if f not in gone), *said]))
    return replace(known, facts=facts, measures=read_measures(facts))


def ground_of(known: Bundle, texts: Mapping[str, str]) -> Bundle:
    """Return the bundle that the closed layers stand on: its facts, and the measures in force.

    It is the same one as long as no text declares a measure anew.
    """
    measures = in_force(known, texts).measures
    return known if measures == known.measures else _measured(known, tuple(sorted(texts.items())))


@lru_cache(maxsize=2)
def _measured(known: Bundle, texts: tuple[tuple[str, str], ...]) -> Bundle:
    return replace(known, measures=_in_force(known, texts).measures)
