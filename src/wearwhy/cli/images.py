"""The verb that embeds photographs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.learn.images.embedding import Summary

SHOWN = 3


@verb("images", examples=("wearwhy learn images", "wearwhy learn images --json"))
@click.option(
    "--photos",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder that paths start from; kept (default: of the file they were loaded from).",
)
def images(session: Session, photos: Path | None) -> Told:
    """Embed the photographs of items, so that looking alike counts and is shown.

    Each photograph is embedded once, by weights that come inside a package. A run that is
    interrupted loses nothing; what is absent or broken is counted and left out.
    """
    from wearwhy.workspace import photographs

    workspace = session.open()
    with working(session.say("learning")) as bar:
        found = photographs.learn(workspace, photos, progress=bar.stage)
    return Told(
        lambda: {"revision": workspace.revision, **found.as_dict()},
        lambda: "\n".join(_lines(session, found)),
    )


def _lines(session: Session, found: Summary) -> list[str]:
    if not found.said:
        return [session.say("images-none")]
    lines = [
        session.say(
            "images-embedded",
            photographs=found.said,
            embedded=found.embedded,
            unchanged=found.unchanged,
            kept=found.kept,
            items=found.items,
        )
    ]
    for code, left in sorted(found.left_out.items()):
        lines.append(session.say("images-left-out", n=len(left), code=code))
        lines += [f"    {one.sentence}" for one in left[:SHOWN]]
        if left[0].hint:
            lines.append(f"    {left[0].hint}")
    return lines
