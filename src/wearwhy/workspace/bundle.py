"""What travels with the engine: the ontology, its rules and measures, and the sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from wearwhy.errors import FormatError, Place
from wearwhy.feeds.names import Names
from wearwhy.rdf import ID, BlankNode, Fact, NamedNode, Node, Triple
from wearwhy.rules.descriptions import load
from wearwhy.rules.layer import Layer
from wearwhy.rules.measures import Measure, read_measures
from wearwhy.rules.model import Rule
from wearwhy.settings import assets

GENID = str(ID) + ".well-known/genid/"


@dataclass(frozen=True, slots=True, eq=False)
class OntologyFile:
    """One file of the ontology: its text, and its facts with the blank nodes named."""

    text: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """The bundled knowledge, read once.

    Attributes:
        folder: holds `ontology/`, `kg/` and `data/`.
        facts: the ontology's, with its blank nodes named, and the facts of rule files.
        rules: the bundled rules, in the order of their files.
        measures: the declared measures.
        topics: the text of each rule file by its path under `ontology/rules`, without ending.
        ontology: the other files by their path under `ontology`, without ending; no shapes.
    """

    folder: Path
    facts: tuple[Fact, ...]
    rules: tuple[Rule, ...]
    measures: tuple[Measure, ...]
    topics: dict[str, str]
    ontology: Mapping[str, OntologyFile] = field(default_factory=dict)

    @property
    def names(self) -> Names:
        """The words of the ontology."""
        return _names(self)


def read_ontology(folder: Path) -> Iterator[Fact]:
    """Yield the facts of every Turtle file of an ontology but its shapes.

    Raises:
        FormatError: WW-ONTOLOGY, where a file is not Turtle.
    """
    for file in ontology_files(folder).values():
        yield from file.facts


def ontology_files(folder: Path) -> dict[str, OntologyFile]:
    """Return every Turtle file of an ontology but its shapes, by its path without ending.

    Raises:
        FormatError: WW-ONTOLOGY, where a file is not Turtle.
    """
    found = {}
    for path in sorted(folder.rglob("*.ttl")):
        if path.parent.name != "shapes":
            text = path.read_text("utf-8")
            stem, numbers = path.stem, dict[str, int]()
            facts = tuple(
                Fact(_named(s, stem, numbers), p, _named(o, stem, numbers))
                for s, p, o in turtle_facts(text, str(path))
            )
            found[path.relative_to(folder).with_suffix("").as_posix()] = OntologyFile(text, facts)
    return found


def turtle_facts(text: str, file: str) -> Iterator[Fact]:
    """Yield the facts of an ontology file's text; blank nodes stay as the parser labels them.

    Raises:
        FormatError: WW-ONTOLOGY, where it is not Turtle.
    """
    try:
        quads = list(parse(text, format=RdfFormat.TURTLE, rename_blank_nodes=False))
    except SyntaxError as error:
        raise FormatError(
            "WW-ONTOLOGY",
            f"{Path(file).name} is not valid Turtle.",
            note=str(error),
            place=Place(file, error.lineno or 0, error.offset or 0),
        ) from error
    for quad in quads:
        yield Fact(quad.subject, quad.predicate, quad.object)


def _named(node: Node, stem: str, numbers: dict[str, int]) -> Node:
    """Return a term whose blank nodes have names, so that rules and proofs can cite them.

    They are numbered as they appear in their file: the parser's own labels change from run to run.
    """
    if isinstance(node, BlankNode):
        return NamedNode(f"{GENID}{stem}-{numbers.setdefault(node.value, len(numbers))}")
    if isinstance(node, Triple):
        subject = _named(node.subject, stem, numbers)
        obj = _named(node.object, stem, numbers)
        assert isinstance(subject, NamedNode | Triple)
        return Triple(subject, node.predicate, obj)
    return node


@lru_cache(maxsize=4)
def bundle(folder: Path | None = None) -> Bundle:
    """Return the bundled knowledge; read once a process.

    Raises:
        FormatError, RuleError: where a bundled file is broken.
    """
    where = folder or assets()
    rule_folder = where / "ontology" / "rules"
    paths = sorted(rule_folder.rglob("*.srl"))
    found = load(paths)
    if found.errors:
        raise found.errors[0]
    ontology = ontology_files(where / "ontology")
    facts = (*(fact for file in ontology.values() for fact in file.facts), *found.facts)
    topics = {
        str(p.relative_to(rule_folder).with_suffix("")).replace("\\", "/"): p.read_text("utf-8")
        for p in paths
    }
    return Bundle(where, facts, found.rules, read_measures(facts), topics, ontology)


@lru_cache(maxsize=4)
def _names(of: Bundle) -> Names:
    return Names.from_facts(of.facts)


@lru_cache(maxsize=4)
def ontology_layer(of: Bundle) -> Layer:
    """Return the closed layer of the ontology under the bundled rules; closed once a process."""
    return Layer.root(of.rules, of.measures, of.facts)
