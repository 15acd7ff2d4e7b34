"""How outfits are learned from: `kg/outfits.toml` as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, Place, nearest
from wearwhy.rdf import expand


@dataclass(frozen=True, slots=True)
class Training:
    """The settings of fitting item vectors; see the comments of `kg/outfits.toml`."""

    dimensions: int
    epochs: int
    batch: int
    wrong: int
    rate: float
    decay: float
    decay_rare: float
    decay_residual: float
    decay_image: float
    forget_residual: float
    forget_rare: float
    forget_image: float
    whole: float
    components: int
    spread: float
    seeds: int
    seed: int
    fewest: int


@dataclass(frozen=True, slots=True)
class Weighing:
    """The settings of fitting what kinds and walks are weighed by."""

    held: float
    options: int
    ridge: float
    sets: int
    asked: int
    beside: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole of `kg/outfits.toml`.

    Attributes:
        properties: whose values items are described by.
        columns: whether source columns are read besides.
        rare: properties whose values few items share.
        least: how many items a value must stand in.
        common: in what part of the items it may stand at most.
    """

    properties: tuple[NamedNode, ...]
    columns: bool
    rare: frozenset[NamedNode]
    least: int
    common: float
    training: Training
    weighing: Weighing


def read(path: Path) -> Plan:
    """Return the plan in a file.

    Raises:
        FormatError: WW-OUTFITS-PLAN, where it is no TOML, or a setting is missing, unknown or of
            another kind.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"))
        values = said["values"]
        return Plan(
            tuple(expand(name) for name in values["properties"]),
            bool(values["columns"]),
            frozenset(expand(name) for name in values["rare"]),
            int(values["least"]),
            float(values["common"]),
            Training(**_section(said["training"], Training, path)),
            Weighing(**_section(said["weighing"], Weighing, path)),
        )
    except tomllib.TOMLDecodeError as error:
        raise FormatError(
            "WW-OUTFITS-PLAN", f"{path.name} is not TOML.", note=str(error), place=Place(str(path))
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            "WW-OUTFITS-PLAN",
            f"{path.name} lacks a setting, or has one of another kind: {error}.",
            place=Place(str(path)),
        ) from error


def _section(said: dict[str, Any], of: type[Any], path: Path) -> dict[str, Any]:
    kinds = {field.name: float if field.type == "float" else int for field in fields(of)}
    for name in said.keys() - kinds.keys():
        near = nearest(name, kinds)
        raise FormatError(
            "WW-OUTFITS-PLAN",
            f"'{name}' is no setting of {of.__name__.lower()}.",
            hint=f"Did you mean '{near}'?" if near else "",
            place=Place(str(path)),
        )
    return {name: kind(said[name]) for name, kind in kinds.items()}
