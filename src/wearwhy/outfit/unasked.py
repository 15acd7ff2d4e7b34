"""Clothes judged whatever the occasion: where nobody asks for looks, no occasion is assumed."""

from __future__ import annotations

from typing import Final

from wearwhy.outfit.request import Request
from wearwhy.rdf import WW, XSD, Fact, Literal
from wearwhy.rules.layer import Change, Layer

_TRUE: Final = Literal("true", datatype=XSD.boolean)
_NOTHING: Final = Request()


def unasked(layer: Layer, request: Request = _NOTHING) -> Layer:
    """Return a layer over this one in which a request stands for no occasion, not for a plain day.

    A request that names no occasion is read as an ordinary day. Outfits that somebody composed or
    wore are held against a request, too, but what they were for is not known.
    """
    return layer.child(Change(add=(Fact(request.iri, WW.anyOccasion, _TRUE),)))
