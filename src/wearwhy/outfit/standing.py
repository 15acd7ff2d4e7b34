"""Resources that read one layer's index whatever layer over it they are asked about.

A plan lays wears and washes over a wardrobe, a purchase one more owned item: none of it changes
what an index holds of the items, and an index is dear to build. What walks and counts read stays
that of the wardrobe: nobody has worn what is only planned.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from wearwhy.outfit.index import Index, Resources
from wearwhy.rules.layer import Layer


@dataclass(frozen=True, slots=True, eq=False)
class Standing(Resources):
    """Resources with one index.

    Attributes:
        given: the index of the layer below.
    """

    given: Index | None = None

    def index(self, layer: Layer) -> Index:
        """Return the index that was given; that of the layer, where none was."""
        # A dataclass with slots is made anew, so that the short form of super does not find it.
        return self.given if self.given is not None else Resources.index(self, layer)


def standing(resources: Resources, index: Index) -> Standing:
    """Return the same resources, reading one index."""
    held = {field.name: getattr(resources, field.name) for field in fields(Resources)}
    return Standing(**held, given=index)
