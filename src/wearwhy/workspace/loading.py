"""A source as an edit: what it says, and which of it is new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from wearwhy.errors import InputError
from wearwhy.feeds import load
from wearwhy.feeds.convert import Progress
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.photographs import lie_beside
from wearwhy.workspace.state import State

if TYPE_CHECKING:
    import pandas as pd
    import rdflib

Source: TypeAlias = Union[str, Path, "pd.DataFrame", "rdflib.Graph"]


def read_source(
    state: State,
    bundle: Bundle,
    source: Source,
    mapping: str,
    target: Target,
    *,
    progress: Progress | None = None,
) -> tuple[Loaded, Edit]:
    """Return what a source says and the edit that would load it.

    Raises:
        InputError: where the source is refused; it lists what is wrong.
    """
    owner = f"{target.kind}/{target.name}"
    known = [f for facts in state.of(owner, "asserted").values() for f in facts]
    loaded = load.read(
        Path(source) if isinstance(source, str) else source,
        mapping,
        names=bundle.names,
        into=target,
        known=known,
        mappings=bundle.folder / "kg" / "mappings",
        progress=progress,
    )
    graph = graph_name(owner, "asserted", mapping)
    held = set(known)
    add = tuple(Quad(graph, f) for f in loaded.facts if f not in held)
    name = Path(source).name if isinstance(source, str | Path) else type(source).__name__
    beside = lie_beside(source, loaded.facts)
    return loaded, Edit(Patch(add=add), f"load {name} as {mapping}", owner, beside)


def target_of(text: str, base: str) -> Target:
    """Return the wardrobe or catalogue that `wardrobe:NAME` or `catalogue:NAME` names.

    Raises:
        InputError: WW-INTO, WW-NAME.
    """
    kind, colon, name = text.partition(":")
    if kind not in ("wardrobe", "catalogue") or not colon or not name:
        raise InputError(
            "WW-INTO",
            f"'{text}' is not where something can be loaded into.",
            hint="Write wardrobe:NAME or catalogue:NAME.",
        )
    if not name.replace("-", "").replace("_", "").isalnum():
        raise InputError(
            "WW-NAME",
            f"'{name}' cannot be the name of a {kind}.",
            hint="Use letters, digits, - and _.",
        )
    target = Target("wardrobe" if kind == "wardrobe" else "catalogue", name)
    return replace(target, base=base)
