"""RDF in: items described in the project's words, or in others that the mapping names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from pyoxigraph import BlankNode, Literal, NamedNode

from wearwhy.errors import FormatError, Place, UnknownName, ValueRefused, nearest
from wearwhy.feeds import values
from wearwhy.feeds.cells import suggestion
from wearwhy.feeds.classes import class_of, class_suggestion
from wearwhy.feeds.doctype import refuse_doctype
from wearwhy.feeds.loaded import Findings, Loaded, Skipped, Target
from wearwhy.feeds.mapping import Mapping
from wearwhy.feeds.names import CLASSES, Names
from wearwhy.feeds.tables import read_bytes
from wearwhy.feeds.words import slug
from wearwhy.rdf import SCHEMA, TYPE, WW, XSD, Fact, Node, curie

if TYPE_CHECKING:
    import rdflib

DEPTH_LIMIT: Final = 200

_FORMATS: Final = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".n3": ox.RdfFormat.N3,
}
_QUOTED: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|\'\'\'(?:[^\'\\]|\\.|\'(?!\'\'))*\'\'\''
    r'|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|<[^<>\s]*>|#[^\n]*',
    re.DOTALL,
)


def read_graph(path: Path) -> list[Fact]:
    """Return the statements of an RDF file; the names of its graphs are not kept.

    Raises:
        FormatError: WW-RDF-SYNTAX, WW-RDF-DEPTH, WW-RDF-FORMAT, WW-XML-DOCTYPE.
    """
    data = read_bytes(path)
    form = _FORMATS.get(path.suffix.lower())
    if form is None:
        raise FormatError(
            "WW-RDF-FORMAT",
            f"'{path.suffix}' is no ending of an RDF file.",
            hint="Known: " + ", ".join(_FORMATS) + ".",
            place=Place(path.name),
        )
    if form == ox.RdfFormat.RDF_XML:
        refuse_doctype(data, path.name)
    else:
        check_depth(data.decode("utf-8", "replace"), path.name, json=form == ox.RdfFormat.JSON_LD)
    try:
        return _facts(ox.parse(data, form))
    except (SyntaxError, ValueError) as error:
        raise FormatError(
            "WW-RDF-SYNTAX",
            "The file is not well-formed RDF.",
            note=str(error),
            place=Place(path.name, getattr(error, "lineno", 0) or 0),
        ) from error


def check_depth(text: str, file: str, *, json: bool = False) -> None:
    """Raise WW-RDF-DEPTH where brackets nest deeper than the parser's stack bears."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", text) if json else _QUOTED.sub("", text)
    depth = 0
    for hit in re.finditer(r"[\[\](){}]", plain):
        depth += 1 if hit[0] in "[({" else -1
        if depth > DEPTH_LIMIT:
            raise FormatError(
                "WW-RDF-DEPTH",
                f"Brackets are nested deeper than {DEPTH_LIMIT}.",
                place=Place(file),
            )


def from_graph(graph: rdflib.Graph) -> list[Fact]:
    """Return the statements of an rdflib graph."""
    text = graph.serialize(format="nt", encoding="utf-8")
    return _facts(ox.parse(text, ox.RdfFormat.N_TRIPLES))


def _facts(quads: Iterable[ox.Quad]) -> list[Fact]:
    return [Fact(quad.subject, quad.predicate, quad.object) for quad in quads]


def resolve(
    facts: Sequence[Fact], mapping: Mapping, *, names: Names, into: Target, file: str = "graph"
) -> Loaded:
    """Return a graph's facts in the project's words, its items put into the target.

    A subject is an item where its class lies below `ww:Item`, or where the mapping finds a class
    in the texts of the properties its `class` lists. A text where a concept is due becomes the
    concept of that name, or is reported.

    Raises:
        InputError: values that their property does not allow, all of them.
    """
    found = Findings()
    known = set(mapping.ignored)
    renamed = _rename(facts, mapping, into)
    classes: dict[Node, NamedNode] = {}
    texts: dict[Node, list[tuple[str, str]]] = {}
    for subject, predicate, value in renamed:
        if predicate == TYPE and isinstance(value, NamedNode) and names.is_a(value, CLASSES):
            classes.setdefault(subject, value)
        if curie(predicate) in mapping.classes and isinstance(value, Literal):
            texts.setdefault(subject, []).append((curie(predicate), value.value))
    out: list[Fact] = []
    wanted = {key for key, to in mapping.properties.items() if to == WW.Item}
    products = dict.fromkeys(
        f.subject for f in renamed if f.predicate == TYPE and f.object in wanted
    )
    for subject in products:
        if subject not in classes and subject in texts:
            order = sorted(texts[subject], key=lambda pair: mapping.classes.index(pair[0]))
            kind = class_of(order, mapping, names).node
            if kind is None:
                near = class_suggestion([text for _, text in order], names)
                found.report(order[0][0], order[0][1], 0, near)
                found.skipped.append(
                    Skipped(0, order[0][0], order[0][1], "nothing says what it is")
                )
            else:
                classes[subject] = kind
                out.append(Fact(subject, TYPE, kind))
    found.problems.extend(_strange_classes(renamed, names, file))
    for fact in renamed:
        if curie(fact.predicate) not in known:
            out.extend(_resolved(fact, names, found, file, item=fact.subject in classes))
    out += [Fact(item, into.membership, into.node) for item in classes]
    found.check(file)
    return found.loaded(out, len(classes))


def _strange_classes(facts: Sequence[Fact], names: Names, file: str) -> list[UnknownName]:
    """Return a refusal for each class of our namespace that the ontology does not declare."""
    strange = dict.fromkeys(
        f.object
        for f in facts
        if f.predicate == TYPE
        and isinstance(f.object, NamedNode)
        and f.object.value.startswith(WW)
        and f.object not in names.facts
    )
    problems: list[UnknownName] = []
    for kind in strange:
        near = nearest(curie(kind), (curie(known) for known in names.supers))
        hint = f"Did you mean '{near}'?" if near else ""
        sentence = f"'{curie(kind)}' is no class of the ontology."
        problems.append(UnknownName("WW-CLASS-UNKNOWN", sentence, hint=hint, place=Place(file)))
    return problems


def _rename(facts: Sequence[Fact], mapping: Mapping, into: Target) -> list[Fact]:
    """Rename the mapping's properties and give blank nodes IRIs, in the order they appear."""
    steps: dict[str, NamedNode] = {}

    def node(term: Node) -> Node:
        if isinstance(term, BlankNode):
            return steps.setdefault(term.value, into.item(f"node-{len(steps)}"))
        return term

    return [Fact(node(s), mapping.properties.get(p, p), node(o)) for s, p, o in facts]


def _resolved(fact: Fact, names: Names, found: Findings, file: str, *, item: bool) -> list[Fact]:
    subject, predicate, value = fact
    if predicate == SCHEMA.price and isinstance(value, Literal):
        return _typed(fact, XSD.decimal, found, file)
    if not isinstance(value, Literal):
        return [fact]
    scope = names.scope(predicate)
    if scope is None:
        datatype = names.datatype(predicate)
        if datatype is not None and datatype != XSD.string:
            return _typed(fact, datatype, found, file)
        if item and predicate.value.startswith(WW) and not names.knows(predicate):
            near = nearest(curie(predicate), (curie(known) for known in names.facts))
            found.report(curie(predicate), value.value, 0, near)
        return [fact]
    node = names.find(value.value, scope)
    if node is not None:
        return [Fact(subject, predicate, node)]
    hits = names.within(value.value, scope)
    if not hits:
        near = suggestion(value.value, (predicate,), names)
        found.report(curie(predicate), value.value, 0, near)
    return [Fact(subject, predicate, hit.node) for hit in hits]


def _typed(fact: Fact, datatype: NamedNode, found: Findings, file: str) -> list[Fact]:
    subject, predicate, value = fact
    assert isinstance(value, Literal)
    try:
        if predicate == SCHEMA.price and value.datatype != XSD.decimal:
            return [Fact(subject, predicate, values.money(value.value)[0])]
        reader = values.READERS.get(datatype.value)
        return [Fact(subject, predicate, reader(value.value) if reader else value)]
    except ValueRefused as refused:
        sentence = f"{curie(subject)}, {curie(predicate)}: {refused.sentence}"
        found.problems.append(
            ValueRefused(refused.code, sentence, hint=refused.hint, place=Place(file))
        )
        return []


def step_of(node: NamedNode) -> str:
    """Return the last step of an item's IRI."""
    return slug(node.value.rsplit("/", 1)[-1])
