"""Items, outfits, events and wearers held against the SHACL shapes of `ontology/shapes`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wearwhy.errors import NotInstalled
from wearwhy.evidence import Kind
from wearwhy.rdf import TYPE, WW, Fact, Literal, NamedNode, Node, curie
from wearwhy.rules.layer import Layer

FOCUS = (WW.Item, WW.Outfit, WW.WashEvent, WW.Opinion, WW.Wearer, WW.Sizing)


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one thing: which property, which value, in a sentence."""

    focus: Node
    path: NamedNode | None
    value: Node | None
    message: str
    severity: str

    def as_dict(self) -> dict[str, Any]:
        """Return the violation as `validate --json` prints it."""
        from wearwhy.explain.document import term_json  # noqa: PLC0415

        return {
            "focus": term_json(self.focus),
            "path": None if self.path is None else self.path.value,
            "value": None if self.value is None else term_json(self.value),
            "message": self.message,
            "severity": self.severity,
        }


def validate(layer: Layer, folder: Path, lang: str = "en") -> tuple[Violation, ...]:
    """Return what breaks a shape, sorted by focus and path.

    The shapes see what is asserted of items, outfits, events and wearers, with the classes that the
    ontology gives them; concepts bring their schemes along.

    Args:
        layer: the wardrobe's.
        folder: holds `ontology/shapes`.
        lang: of the sentences.

    Raises:
        NotInstalled: WW-EXTRA-SHACL, without pyshacl.
    """
    try:
        import pyshacl  # noqa: PLC0415  # heavy, and only this verb needs it
    except ImportError as error:
        raise NotInstalled(
            "WW-EXTRA-SHACL",
            "Checking shapes needs pyshacl.",
            hint="pip install pyshacl",
        ) from error
    import rdflib  # noqa: PLC0415

    data = rdflib.Graph()
    data.parse(data=_turtle(_seen(layer)), format="nt")
    shapes = rdflib.Graph()
    for path in sorted((folder / "ontology" / "shapes").glob("*.ttl")):
        shapes.parse(path, format="turtle")
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=True, inference="none")
    focus = _focus(layer)
    return tuple(
        sorted((one for one in _violations(report, lang) if one.focus in focus), key=_order)
    )


def _focus(layer: Layer) -> dict[Node, None]:
    """Return the wardrobe's items, outfits, events and wearers; the ontology has checks of its own."""
    return dict.fromkeys(node for cls in FOCUS for node in layer.instances(cls))


def _seen(layer: Layer) -> set[Fact]:
    facts: set[Fact] = set()
    values: set[Node] = set()
    focus = _focus(layer)
    for node in focus:
        for fact in layer.match(node, None, None):
            if fact.predicate == TYPE or layer.kind(fact) is Kind.ASSERTED:
                facts.add(fact)
                values.add(fact.object)
    # A value is judged by its own shape, so all that is known of it comes along.
    for value in values:
        if isinstance(value, NamedNode) and value not in focus:
            facts.update(layer.match(value, None, None))
    return facts


def _turtle(facts: Iterable[Fact]) -> str:
    return "".join(
        f"{s} {p} {o} .\n" for s, p, o in sorted(facts, key=lambda f: tuple(str(t) for t in f))
    )


def _violations(report: Any, lang: str) -> list[Violation]:
    from rdflib import SH  # noqa: PLC0415

    found = []
    for result in report.objects(None, SH.result):
        messages = list(report.objects(result, SH.resultMessage))
        best = min(
            messages, key=lambda m: (m.language != lang, m.language != "en", str(m)), default=""
        )
        path = report.value(result, SH.resultPath)
        severity = report.value(result, SH.resultSeverity)
        found.append(
            Violation(
                _ours(report.value(result, SH.focusNode)),
                NamedNode(str(path)) if type(path).__name__ == "URIRef" else None,
                None if (value := report.value(result, SH.value)) is None else _ours(value),
                str(best),
                str(severity).rpartition("#")[2].lower(),
            )
        )
    return found


def _ours(node: Any) -> Node:
    if type(node).__name__ == "URIRef":
        return NamedNode(str(node))
    if type(node).__name__ == "Literal":
        if node.language:
            return Literal(str(node), language=node.language)
        datatype = NamedNode(str(node.datatype)) if node.datatype else None
        return Literal(str(node), datatype=datatype)
    return Literal(str(node))


def _order(one: Violation) -> tuple[str, str, str]:
    return curie(one.focus), one.path.value if one.path else "", one.message
