"""The verb `evaluate paths`: how good the walks are that explain looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.paths import Paths


@verb(
    "paths",
    examples=("wearwhy evaluate paths --sample 3", "wearwhy evaluate paths --sample 2 --json"),
)
@click.option(
    "--requests",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of requests; otherwise what the log was dressed for.",
)
@click.option(
    "--sample",
    default=50,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many requests, at most.",
)
@click.option(
    "-k", "most", default=5, show_default=True, type=click.IntRange(1, 100), help="Walks a look."
)
@click.option(
    "--beta",
    default=0.3,
    show_default=True,
    type=click.FloatRange(0.0, 1.0, min_open=True),
    help="The weight of the next in the moving averages.",
)
@click.option("--seed", default=0, show_default=True, help="Of random walks and the bootstrap.")
def paths(
    session: Session, *, file: Path | None, sample: int, most: int, beta: float, seed: int
) -> Told:
    """Print how recent, well known and diverse the walks are that looks cite.

    LIR, SEP and ETD are those of Balloccu et al. (SIGIR 2022), from 0 to 1; beside the walks that a
    look's weightiest terms cite stand those that sentences tell, and random ones of the same look. Intervals are 95 %,
    by bootstrap over looks.
    """
    from wearwhy.evaluate.paths import paths as measured
    from wearwhy.workspace.requests import read_requests

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        layer = workspace.layer(session.named)
    asked = (
        read_requests(file, layer, workspace.names, workspace.bundle.folder)
        if file is not None
        else ()
    )
    with working(session.say("searching")):
        found = measured(
            workspace,
            session.named,
            requests=asked,
            sample=sample,
            most=most,
            beta=beta,
            seed=seed,
        )
    return Told(found.as_dict, lambda: _table(session, found))


def _table(session: Session, found: Paths) -> str:
    lines = [
        session.say("paths-head", looks=found.looks, requests=found.requests, k=found.most),
        "",
        session.say("paths-columns"),
    ]
    for name, one in found.measures.items():
        said = session.say(f"paths-{name}")
        figures = "  ".join(f"{figure!s:24}" for figure in (one.cited, one.told, one.random))
        lines.append(f"{name.upper()}  {figures}  {one.more!s:24}  {said}")
    return "\n".join(lines)
