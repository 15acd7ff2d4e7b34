"""A syntactic check of the OWL 2 RL profile (OWL 2 Profiles, section 4.2) over RDF.

It reads the axioms of a graph and returns a sentence for each that leaves the profile. Covered
is all that may stand in an ontology without class expressions in data: subclass, equivalent and
disjoint classes, domains and ranges, property axioms, datatypes.
"""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

DATATYPES = {
    RDF.PlainLiteral,
    RDF.XMLLiteral,
    RDFS.Literal,
    RDF.langString,
    *(
        XSD[name]
        for name in (
            "decimal",
            "integer",
            "nonNegativeInteger",
            "nonPositiveInteger",
            "positiveInteger",
            "negativeInteger",
            "long",
            "int",
            "short",
            "byte",
            "unsignedLong",
            "unsignedInt",
            "unsignedShort",
            "unsignedByte",
            "float",
            "double",
            "string",
            "normalizedString",
            "token",
            "language",
            "Name",
            "NCName",
            "NMTOKEN",
            "boolean",
            "hexBinary",
            "base64Binary",
            "anyURI",
            "dateTime",
            "dateTimeStamp",
        )
    ),
}
FORBIDDEN = {
    OWL.ReflexiveProperty: "a reflexive property",
    OWL.disjointUnionOf: "a disjoint union",
    OWL.hasSelf: "a self restriction",
    OWL.onDataRange: "a qualified data cardinality",
}


def _list(graph: Graph, node: Node | None) -> list[Node]:
    return list(Collection(graph, node)) if node is not None else []


def _named(node: Node) -> bool:
    return isinstance(node, URIRef)


def is_subclass_expression(graph: Graph, node: Node) -> bool:
    """Say whether a class expression may stand on the left of a subclass axiom."""
    if _named(node):
        return node != OWL.Thing
    for operator in (OWL.intersectionOf, OWL.unionOf):
        parts = graph.value(node, operator)
        if parts is not None:
            return all(is_subclass_expression(graph, part) for part in _list(graph, parts))
    if graph.value(node, OWL.oneOf) is not None:
        return True
    filler = graph.value(node, OWL.someValuesFrom)
    if filler is not None:
        return filler == OWL.Thing or filler in DATATYPES or is_subclass_expression(graph, filler)
    return graph.value(node, OWL.hasValue) is not None


def is_superclass_expression(graph: Graph, node: Node) -> bool:
    """Say whether a class expression may stand on the right of a subclass axiom."""
    if _named(node):
        return node != OWL.Thing
    parts = graph.value(node, OWL.intersectionOf)
    if parts is not None:
        return all(is_superclass_expression(graph, part) for part in _list(graph, parts))
    negated = graph.value(node, OWL.complementOf)
    if negated is not None:
        return is_subclass_expression(graph, negated)
    filler = graph.value(node, OWL.allValuesFrom)
    if filler is not None:
        return filler in DATATYPES or is_superclass_expression(graph, filler)
    if graph.value(node, OWL.hasValue) is not None:
        return True
    for most in (OWL.maxCardinality, OWL.maxQualifiedCardinality):
        count = graph.value(node, most)
        if isinstance(count, Literal):
            return int(count) in {0, 1}
    return False


def is_equivalent_expression(graph: Graph, node: Node) -> bool:
    """Say whether a class expression may stand in an axiom of equivalent classes."""
    if _named(node):
        return node != OWL.Thing
    parts = graph.value(node, OWL.intersectionOf)
    if parts is not None:
        return all(is_equivalent_expression(graph, part) for part in _list(graph, parts))
    return graph.value(node, OWL.hasValue) is not None


def _class_axioms(graph: Graph) -> Iterator[str]:
    for left, right in graph.subject_objects(RDFS.subClassOf):
        if not is_subclass_expression(graph, left):
            yield f"{left} may not stand left of a subclass axiom"
        if not is_superclass_expression(graph, right):
            yield f"{left} has a superclass that leaves the profile"
    for left, right in graph.subject_objects(OWL.equivalentClass):
        for side in (left, right):
            if not is_equivalent_expression(graph, side):
                yield f"{left}: an equivalent class leaves the profile"
    for left, right in graph.subject_objects(OWL.disjointWith):
        for side in (left, right):
            if not is_subclass_expression(graph, side):
                yield f"{left}: a disjoint class leaves the profile"
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for member in _list(graph, graph.value(axiom, OWL.members)):
            if not is_subclass_expression(graph, member):
                yield f"{member} may not stand among disjoint classes"


def _property_axioms(graph: Graph) -> Iterator[str]:
    objects = set(graph.subjects(RDF.type, OWL.ObjectProperty))
    data = set(graph.subjects(RDF.type, OWL.DatatypeProperty))
    annotations = set(graph.subjects(RDF.type, OWL.AnnotationProperty))
    for twice in (objects & data) | (objects & annotations) | (data & annotations):
        yield f"{twice} is a property of two kinds"
    for prop, domain in graph.subject_objects(RDFS.domain):
        if not is_superclass_expression(graph, domain):
            yield f"{prop} has a domain that leaves the profile"
    for prop, range_ in graph.subject_objects(RDFS.range):
        if prop in data and range_ not in DATATYPES:
            yield f"{prop} has a range that is no datatype"
        if prop in objects and not is_superclass_expression(graph, range_):
            yield f"{prop} has a range that leaves the profile"
    for kind in (OWL.TransitiveProperty, OWL.SymmetricProperty, OWL.InverseFunctionalProperty):
        for prop in graph.subjects(RDF.type, kind):
            if prop not in objects:
                yield f"{prop} is no object property, yet {kind}"
    for prop, chain in graph.subject_objects(OWL.propertyChainAxiom):
        if any(link not in objects for link in (prop, *_list(graph, chain))):
            yield f"{prop} has a chain through what is no object property"
    composite = set(graph.subjects(RDF.type, OWL.TransitiveProperty)) | set(
        graph.subjects(OWL.propertyChainAxiom, None)
    )
    for prop in graph.subjects(RDF.type, OWL.FunctionalProperty):
        if prop in composite:
            yield f"{prop} is composite, so it may not be functional"


def deviations(graph: Graph) -> list[str]:
    """Return a sentence for every axiom outside OWL 2 RL, sorted; none where it is in it."""
    found = [*_class_axioms(graph), *_property_axioms(graph)]
    found.extend(
        f"the ontology has {name}"
        for term, name in FORBIDDEN.items()
        if (None, RDF.type, term) in graph or (None, term, None) in graph
    )
    return sorted(found)
