"""A recommended look in the hands of a caller: its terms, its reasons, its whole evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from wearwhy.evidence import Evidence
from wearwhy.explain.sentences import read, reasons
from wearwhy.explain.terms import ExplainedLook
from wearwhy.explain.whole import evidence_of
from wearwhy.outfit.look import Look
from wearwhy.outfit.score import Term
from wearwhy.rdf import NamedNode


@dataclass(frozen=True, slots=True, eq=False)
class ShownLook:
    """One look of an answer.

    Attributes:
        look: its items, slots, score and terms.
        folder: holds the sentences that reasons are told in.
    """

    look: Look
    folder: Path
    _explain: Callable[[Look], ExplainedLook]

    @property
    def id(self) -> str:
        """A short name made from the request and the items; `why` takes it."""
        return self.look.id

    @property
    def score(self) -> float:
        """The sum of its terms, in log-odds."""
        return self.look.score

    @property
    def items(self) -> tuple[NamedNode, ...]:
        """Its items in look order."""
        return self.look.items

    @property
    def terms(self) -> tuple[Term, ...]:
        """The addends of its score, by falling magnitude."""
        return self.look.terms

    def reasons(self, language: str = "en") -> list[str]:
        """Return the few reasons that weigh most, as sentences in `en` or `zh`."""
        templates = read(self.folder / "kg" / "sentences.toml")
        return reasons(self._explain(self.look), templates, language)

    def explain(self) -> Evidence:
        """Return the evidence of the whole look; its root adds up the terms."""
        return evidence_of(self._explain(self.look))
