"""Names of rules that are made of rules: `rule:prp-spo1[liningMaterial]`."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from wearwhy.rdf import Literal, NamedNode, Node

_LOCAL: Final = re.compile(r"[^#/:]*\Z")


def bracketed(iri: NamedNode, what: str) -> NamedNode:
    """Return a rule's name with what it was made for, in brackets as an IRI may have them."""
    return NamedNode(f"{iri.value}%5B{what}%5D")


def local(node: Node) -> str:
    """Return the last part of a term's name, fit for an IRI."""
    if isinstance(node, NamedNode):
        match = _LOCAL.search(node.value)
        return quote(match[0] if match else "", safe="%")
    return quote(node.value if isinstance(node, Literal) else str(node), safe="")
