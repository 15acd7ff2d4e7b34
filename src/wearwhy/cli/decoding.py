"""The options that say how looks are decoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from wearwhy.outfit.decoding.ways import Decoding

F = TypeVar("F", bound=Callable[..., Any])


def with_decoding(function: F) -> F:
    """Add `--decode`, `--temperature` and `--seed`."""
    options = (
        click.option(
            "--decode",
            type=click.Choice(("beam", "greedy", "sample")),
            default="beam",
            show_default=True,
            help="How looks are found: by search, slot by slot, or drawn.",
        ),
        click.option(
            "--temperature",
            type=click.FloatRange(min=0, min_open=True),
            default=0.1,
            show_default=True,
            help="Of drawing, in points: the higher, the more different the looks.",
        ),
        click.option("--seed", default=0, show_default=True, help="Of drawing."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def decoding_of(given: dict[str, Any]) -> Decoding | None:
    """Return the decoding that options ask for, and take them out; None for the default."""
    from wearwhy.outfit.decoding.ways import Decoding

    way, temperature, seed = (given.pop(name) for name in ("decode", "temperature", "seed"))
    return None if way == "beam" else Decoding(way, temperature, seed)
