"""Documents that were answered, kept as long as what they are about stands where it stood.

A document ends with the first change of its wardrobe, or of what all wardrobes share; a change in
another wardrobe does not touch it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]
MOST: Final = 2048
"""So many documents are kept; one has some 20 kB."""


@dataclass(slots=True)
class Answered:
    """The documents that were answered last; touched by the event loop alone.

    Attributes:
        found: how often one was at hand.
        made: how often it was not.
    """

    found: int = 0
    made: int = 0
    _kept: OrderedDict[Hashable, tuple[int, Json]] = field(default_factory=OrderedDict)

    def at(self, key: Hashable, revision: int) -> Json | None:
        """Return the document of a question, if it was made at a revision."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != revision:
            return None
        self._kept.move_to_end(key)
        self.found += 1
        return kept[1]

    def keep(self, key: Hashable, document: Json) -> None:
        """Keep a document for its revision."""
        self._kept[key] = (document["revision"], document)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """Drop every document."""
        self._kept.clear()
