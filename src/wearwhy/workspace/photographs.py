"""Photographs of a workspace's items: where they lie, and embedding them.

The graph says of an item what its table said: a path relative to the table (`schema:image`). Where
that table lay is this computer's own affair: it stands in `photographs.json` beside the graph, by
owner, is written when the table is loaded, and goes into no revision and no export. On another
computer `--photos DIR` says it anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wearwhy.errors import FormatError, InputError, Place
from wearwhy.learn.images import embedding
from wearwhy.learn.images.embedding import Summary
from wearwhy.learn.images.photographs import Photograph, is_relative
from wearwhy.rdf import SCHEMA, Fact, NamedNode
from wearwhy.store.faults import disk
from wearwhy.workspace.state import owner_of

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

FILE: Final = "photographs.json"
ANY: Final = "*"
"""The owner under which `--photos` is kept: it is asked first, for all."""
_MODEL: Final = "model"


def lie_beside(source: object, facts: Iterable[Fact]) -> Path | None:
    """Return the folder in which what facts say of photographs is to be looked for.

    None, where the source is no file, or none of its facts names a photograph by its path.
    """
    if not isinstance(source, str | Path):
        return None
    named = any(f.predicate == SCHEMA.image and is_relative(f.object) for f in facts)
    return Path(source).absolute().parent if named else None


def keep(workspace: Path, owner: str, folder: Path) -> None:
    """Write down where an owner's photographs lie; the folder written last is asked first.

    Raises:
        FormatError: WW-PHOTOGRAPHS-FILE.
    """
    known = kept(workspace)
    of = [folder.absolute(), *known.get(owner, ())]
    if known.get(owner, ())[:1] == (of[0],):
        return
    known[owner] = tuple(dict.fromkeys(of))
    said = {who: [_written(workspace, one) for one in at] for who, at in sorted(known.items())}
    path = workspace / FILE
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps({"folders": said}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    partial.replace(path)


def _written(workspace: Path, folder: Path) -> str:
    """Return a folder as it is written: relative where it lies in the workspace, which may move."""
    home = workspace.absolute()
    return str(folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def kept(workspace: Path) -> dict[str, tuple[Path, ...]]:
    """Return where photographs lie, by owner.

    Raises:
        FormatError: WW-PHOTOGRAPHS-FILE, where the file that says it is damaged.
    """
    path = workspace / FILE
    try:
        said = json.loads(path.read_text("utf-8"))["folders"]
        home = workspace.absolute()
        return {who: tuple(home / one for one in at) for who, at in said.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "WW-PHOTOGRAPHS-FILE",
            f"{FILE} does not say where photographs lie.",
            note=f"{type(error).__name__}: {error}",
            hint="Remove it, and name the folder: `wearwhy learn images --photos DIR`.",
            place=Place(FILE),
        ) from error


def found(workspace: Workspace) -> list[Photograph]:
    """Return what the asserted graphs of every owner say that items look like, sorted."""
    folders = kept(workspace.folder)
    said: dict[tuple[str, str], Photograph] = {}
    for graph, fact in workspace.state.matching(None, SCHEMA.image):
        if isinstance(fact.subject, NamedNode):
            owner = owner_of(graph)[0]
            # Last the workspace itself, for what was said of an item by hand.
            at = (*folders.get(ANY, ()), *folders.get(owner, ()), workspace.folder.absolute())
            one = Photograph(fact.subject, fact.object, at)
            said.setdefault((one.item.value, one.said), one)
    return [said[key] for key in sorted(said)]


def learn(
    workspace: Workspace,
    photos: Path | None = None,
    *,
    progress: Callable[[str, int, int], None],
) -> Summary:
    """Embed the photographs of a workspace's items, as far as they are to be had.

    Args:
        workspace: its base and every wardrobe.
        photos: a folder that paths start from, kept and asked first.
        progress: called with stage, photographs done, photographs in all.

    Raises:
        InputError: WW-PHOTOGRAPHS-FOLDER, where `photos` is no folder.
        NotInstalled: WW-EXTRA-IMAGES, where there are new photographs and nothing to see them with.
        DiskFull: WW-STORE-FULL; what was embedded stays.
    """
    if photos is not None:
        if not photos.is_dir():
            raise InputError(
                "WW-PHOTOGRAPHS-FOLDER",
                f"'{photos}' is no folder.",
                hint="Name the folder that the paths of the photographs start from.",
            )
        keep(workspace.folder, ANY, photos)
    with disk("embedding photographs"):
        return embedding.embed(found(workspace), workspace.folder / _MODEL, progress=progress)
