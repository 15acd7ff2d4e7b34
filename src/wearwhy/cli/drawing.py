"""Evidence drawn into a file: as SVG or as a Mermaid chart, by the ending of its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wearwhy.cli.session import Session, Told

if TYPE_CHECKING:
    from wearwhy.evidence import Evidence
    from wearwhy.explain.naming import Names

ENDINGS: Final = (".svg", ".mmd")


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is wanted: the file, and how many steps below the root are drawn; None for all."""

    file: Path
    depth: int | None

    @classmethod
    def of(cls, file: Path | None, depth: int | None) -> Drawing | None:
        """Return what two options want, if they want a picture.

        Raises:
            UsageError: where the file's name says no known format.
        """
        if file is None:
            return None
        if file.suffix.lower() not in ENDINGS:
            raise click.UsageError(f"--picture FILE ends in {' or '.join(ENDINGS)}, not {file}.")
        return cls(file, depth)

    def told(self, session: Session, named: Names, found: Evidence) -> Told:
        """Draw evidence into the file and tell how much of it there is."""
        from wearwhy.explain.document import evidence_json
        from wearwhy.explain.drawing import layout

        drawn = layout(named, found, depth=self.depth)
        title = session.say("picture-title", what=drawn.nodes[0].text)
        if self.file.suffix.lower() == ".svg":
            from wearwhy.explain.evidence_picture import evidence_picture

            text = evidence_picture(named, drawn, title)
        else:
            from wearwhy.explain.mermaid import mermaid

            text = mermaid(drawn, title)
        self.file.write_text(text, "utf-8")
        return Told(
            lambda: evidence_json(found),
            lambda: session.say("drawn", n=len(drawn.nodes), file=str(self.file)),
        )
