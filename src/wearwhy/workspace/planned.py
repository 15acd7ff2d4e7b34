"""What a look was planned with, kept with it: earlier wears and washes, and what was packed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, parse

from wearwhy.outfit.index import Resources
from wearwhy.outfit.laundry import Laid
from wearwhy.outfit.look import Look
from wearwhy.outfit.standing import standing
from wearwhy.rdf import Fact, NamedNode, Node
from wearwhy.rules.layer import Layer

OVER: Final = "over"
TAKEN: Final = "taken"


def keep(
    folder: Path, looks: Iterable[Look], over: Laid, taken: Iterable[NamedNode] | None = None
) -> None:
    """Add to the files of remembered looks what they were found over, and what was packed.

    Args:
        folder: of looks.
        looks: that were written down.
        over: the wears and washes planned before them.
        taken: the items that were packed; None where all that is owned is at hand.
    """
    told: dict[str, Any] = {}
    if over.add or over.remove:
        told[OVER] = {"add": _text(over.add), "remove": _text(over.remove)}
    if taken is not None:
        told[TAKEN] = [item.value for item in taken]
    for look in looks if told else ():
        path = folder / f"{look.id}.json"
        said = {**json.loads(path.read_text("utf-8")), **told}
        path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")


def taken(said: dict[str, Any]) -> frozenset[Node] | None:
    """Return what was packed when a remembered look was planned; None where nothing had to be."""
    told = said.get(TAKEN)
    return None if told is None else frozenset(NamedNode(iri) for iri in told)


def over(said: dict[str, Any]) -> Laid:
    """Return what a remembered look was found over; nothing, where it was the wardrobe as it is."""
    told = said.get(OVER)
    return Laid(_facts(told["add"]), _facts(told["remove"])) if told else Laid()


def laid_over(layer: Layer, resources: Resources, said: dict[str, Any]) -> tuple[Layer, Resources]:
    """Return the layer that a remembered look was found over, and resources that read it.

    Args:
        layer: the wardrobe's.
        resources: as for recommending.
        said: what was written down of the look.
    """
    laid = over(said)
    if not (laid.add or laid.remove):
        return layer, resources
    return layer.child(laid.change), standing(resources, resources.index(layer))


def _text(facts: Iterable[Fact]) -> str:
    return "".join(f"{f.subject} {f.predicate} {f.object} .\n" for f in facts)


def _facts(text: str) -> tuple[Fact, ...]:
    found = parse(text, format=RdfFormat.N_TRIPLES)
    return tuple(Fact(q.subject, q.predicate, q.object) for q in found)
