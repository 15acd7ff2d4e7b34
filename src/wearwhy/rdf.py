"""RDF terms, prefixes and compact names.

Terms are pyoxigraph's: immutable, hashable, RDF 1.2. A `Fact` is a plain triple of them that
also admits what a rule may conclude beyond RDF, a literal subject.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from wearwhy.errors import InputError

__all__ = [
    "DCTERMS",
    "GS1",
    "ID",
    "OWL",
    "PREFIXES",
    "PROV",
    "RDF",
    "RDFS",
    "RULE",
    "SCHEMA",
    "SH",
    "SKOS",
    "TYPE",
    "WW",
    "XSD",
    "BlankNode",
    "Fact",
    "Literal",
    "NamedNode",
    "Namespace",
    "Node",
    "Triple",
    "curie",
    "expand",
    "literal",
]

Node: TypeAlias = NamedNode | BlankNode | Literal | Triple


class Fact(NamedTuple):
    """One statement: subject, predicate, object."""

    subject: Node
    predicate: NamedNode
    object: Node


class Namespace(str):
    """A prefix of IRIs: `WW.colour` and `WW["colour-navy"]` are named nodes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> NamedNode:
        """Return the named node of this namespace with the given local name."""
        if name.startswith("__"):
            raise AttributeError(name)
        return NamedNode(str(self) + name)

    def __getitem__(self, name: object) -> NamedNode:  # type: ignore[override]
        """Return the named node of this namespace with the given local name."""
        return NamedNode(str(self) + str(name))


WW: Final = Namespace("https://w3id.org/wearwhy/ns#")
ID: Final = Namespace("https://w3id.org/wearwhy/id/")
RULE: Final = Namespace("https://w3id.org/wearwhy/rules#")
RDF: Final = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS: Final = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL: Final = Namespace("http://www.w3.org/2002/07/owl#")
XSD: Final = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS: Final = Namespace("http://www.w3.org/2004/02/skos/core#")
SCHEMA: Final = Namespace("https://schema.org/")
PROV: Final = Namespace("http://www.w3.org/ns/prov#")
DCTERMS: Final = Namespace("http://purl.org/dc/terms/")
SH: Final = Namespace("http://www.w3.org/ns/shacl#")
GS1: Final = Namespace("https://ref.gs1.org/voc/")

PREFIXES: Final[dict[str, str]] = {
    "ww": WW,
    "id": ID,
    "rule": RULE,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "schema": SCHEMA,
    "prov": PROV,
    "dcterms": DCTERMS,
    "sh": SH,
    "gs1": GS1,
}

TYPE: Final = RDF["type"]


def curie(node: Node) -> str:
    """Return a compact, readable form of a term: `ww:colour`, `"4"`, `_:b0`."""
    if isinstance(node, NamedNode):
        for prefix, base in PREFIXES.items():
            if node.value.startswith(base):
                return f"{prefix}:{node.value[len(base) :]}"
        return f"<{node.value}>"
    if isinstance(node, Literal):
        if node.datatype.value.startswith(XSD) and node.datatype != XSD.string:
            return node.value
        return f'"{node.value}"' + (f"@{node.language}" if node.language else "")
    return str(node)


def expand(text: str) -> NamedNode:
    """Return the named node that an IRI or CURIE names.

    Raises:
        InputError: WW-IRI, where the prefix is not one of `PREFIXES` or the IRI is malformed.
    """
    plain = text.strip().removeprefix("<").removesuffix(">")
    prefix, colon, local = plain.partition(":")
    if colon and not local.startswith("//") and prefix in PREFIXES:
        plain = PREFIXES[prefix] + local
    elif "://" not in plain and not plain.startswith("urn:"):
        raise InputError(
            "WW-IRI",
            f"'{text}' is neither an IRI nor a name with a known prefix.",
            hint="Known prefixes: " + ", ".join(PREFIXES) + ".",
        )
    try:
        return NamedNode(plain)
    except ValueError as error:
        raise InputError("WW-IRI", f"'{text}' is not a valid IRI.", note=str(error)) from error


def literal(value: str | bool | float, datatype: NamedNode | None = None) -> Literal:
    """Return a literal of a Python value; floats become xsd:decimal in their shortest form."""
    if isinstance(value, float):
        text = format(value, "f").rstrip("0").rstrip(".") if value == value else "NaN"  # noqa: PLR0124
        return Literal(text or "0", datatype=XSD.decimal)
    if datatype is not None and isinstance(value, str):
        return Literal(value, datatype=datatype)
    return Literal(value)
