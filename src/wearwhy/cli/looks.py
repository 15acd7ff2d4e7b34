"""The verbs `evaluate decoding` and `evaluate diversity`: how looks are found and chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.outfit.request import Request
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def _with_requests(function: F) -> F:
    options = (
        click.option(
            "--requests",
            "file",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="A file of requests; otherwise what the log was dressed for.",
        ),
        click.option(
            "--sample",
            default=50,
            show_default=True,
            type=click.IntRange(min=1),
            help="How many requests, at most.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _asked(
    session: Session, file: Path | None, sample: int
) -> tuple[Workspace, Layer, Sequence[Request]]:
    from wearwhy.errors import InputError
    from wearwhy.evaluate.paths import requests_of
    from wearwhy.workspace.requests import read_requests

    workspace = session.open(usual=True)
    with working(session.say("reasoning")):
        layer = workspace.layer(session.named)
    asked = (
        read_requests(file, layer, workspace.names, workspace.bundle.folder)
        if file is not None
        else requests_of(layer, sample)
    )
    if not asked:
        raise InputError(
            "WW-EVALUATE-REQUESTS",
            "There is nothing to recommend for.",
            note="No outfit of the log says when it was worn and for what.",
            hint="Give requests with --requests FILE.",
        )
    return workspace, layer, tuple(asked)[:sample]


@verb(
    "decoding",
    examples=(
        "wearwhy evaluate decoding --sample 2",
        "wearwhy evaluate decoding --sample 2 --temperature 0.3 --json",
    ),
)
@_with_requests
@click.option(
    "--temperature",
    default=0.1,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="Of drawing, in points.",
)
@click.option("--seed", default=0, show_default=True, help="Of drawing.")
def decoding(
    session: Session, *, file: Path | None, sample: int, temperature: float, seed: int
) -> Told:
    """Compare ways to find looks: by beam, greedily, drawn, and drawn at random as the control.

    Printed of each: the mean score of the best look and of all, intra-list diversity, the share of
    the items shown, the median time; and how like the looks are to the outfits of the log for the
    same occasions: items in common, BLEU over attribute sequences, cosine of attribute counts.
    """
    from wearwhy.evaluate.decodings import decodings, ways

    workspace, layer, asked = _asked(session, file, sample)
    with working(session.say("searching")):
        found = decodings(layer, asked, workspace.resources, ways(temperature, seed))

    def text() -> str:
        lines = [
            session.say("decoding-head", n=found.requests),
            "",
            session.say("decoding-columns"),
        ]
        for name, way in found.ways.items():
            like = way.like
            figures = (
                f"{way.best:7.3f}  {way.variety.score:7.3f}  {way.variety.ild:5.3f}  "
                f"{way.variety.coverage:5.3f}  {way.seconds * 1000:7.1f}"
            )
            alike = f"  {like.items:5.3f}  {like.bleu:5.3f}  {like.cosine:5.3f}" if like else ""
            lines.append(f"{session.say(f'decoding-{name}'):10}{figures}{alike}")
        return "\n".join(lines)

    return Told(found.as_dict, text)


@verb(
    "diversity",
    examples=(
        "wearwhy evaluate diversity --sample 2",
        "wearwhy evaluate diversity --sample 2 --picture curve.svg",
    ),
)
@_with_requests
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Draw the curves into an .svg file.",
)
def diversity(session: Session, *, file: Path | None, sample: int, picture: Path | None) -> Told:
    """Print what choosing for difference costs: quality and variety of looks at each λ.

    λ is how much of a choice is a look's score rather than its difference from those chosen before
    (maximal marginal relevance). Coverage, Gini and entropy are of the items shown; novelty is
    their surprise, from how often they were worn.
    """
    from wearwhy.evaluate.variety import curve

    workspace, layer, asked = _asked(session, file, sample)
    with working(session.say("searching")):
        found = curve(layer, asked, workspace.resources)
    if picture is not None:
        title, score, spread = (
            session.say(f"diversity-{name}") for name in ("title", "score", "spread")
        )
        picture.write_text(found.picture(title, "λ", score, spread), "utf-8")

    def text() -> str:
        lines = [
            session.say("diversity-head", n=found.requests),
            "",
            session.say("diversity-columns"),
        ]
        for x, one in found.at.items():
            mark = "*" if abs(x - found.now) < 1e-9 else " "
            lines.append(
                f"{mark}{x:4.1f}  {one.score:7.3f}  {one.ild:5.3f}  {one.coverage:8.3f}  "
                f"{one.gini:5.3f}  {one.entropy:7.3f}  {one.novelty:7.3f}"
            )
        lines += ["", session.say("diversity-now")]
        return "\n".join(lines)

    return Told(found.as_dict, text)
