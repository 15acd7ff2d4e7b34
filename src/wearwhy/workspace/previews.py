"""Previews, kept beside the store until they are applied, so that what was seen is what is done.

A preview is named by what it was a preview of: the revision, the change, and the engine and
bundled knowledge that drew the conclusions. The name is a hash, so that the same change seen from
the same graph has the same name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import wearwhy
from wearwhy.errors import FormatError, Moved, Place, UnknownName, nearest
from wearwhy.store.quads import Patch, from_text, order, to_text
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.proposal import Wanted, targets

FOLDER: Final = "previews"
KEPT: Final = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """One change as it was previewed.

    Attributes:
        token: its name.
        revision: of the graph that it was seen from.
        engine: a hash of the engine and the bundled knowledge.
        edit: the change, as it would be recorded.
        wanted: the change in the words that were given.
    """

    token: str
    revision: int
    engine: str
    edit: Edit
    wanted: Wanted


@lru_cache(maxsize=4)
def engine_of(known: Bundle) -> str:
    """Return a hash of what conclusions depend on besides the graph: the engine, its knowledge."""
    texts = [wearwhy.__version__]
    texts += [f"{topic}\n{text}" for topic, text in sorted(known.topics.items())]
    texts += [f"{topic}\n{file.text}" for topic, file in sorted(known.ontology.items())]
    return _hash(*texts)


def _hash(*texts: str) -> str:
    digest = sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(f"{len(encoded)} ".encode() + encoded)
    return digest.hexdigest()[:12]


def token_of(revision: int, edit: Edit, engine: str) -> str:
    """Return the name of a preview of an edit."""
    added, removed = _texts(edit.patch)
    return "preview-" + _hash(str(revision), engine, edit.scope, added, removed)


def _texts(patch: Patch) -> tuple[str, str]:
    return to_text(sorted(patch.add, key=order)), to_text(sorted(patch.remove, key=order))


def keep(workspace: Path, one: Preview) -> None:
    """Write a preview down; the oldest ones beyond a few are forgotten."""
    folder = workspace / FOLDER
    folder.mkdir(exist_ok=True)
    added, removed = _texts(one.edit.patch)
    said = {
        "token": one.token,
        "revision": one.revision,
        "engine": one.engine,
        "message": one.edit.message,
        "scope": one.edit.scope,
        "wanted": {
            "files": one.wanted.files,
            "assert": one.wanted.asserted,
            "retract": one.wanted.retracted,
            "scope": one.wanted.scope,
            "wardrobe": one.wanted.wardrobe,
        },
        "added": added,
        "removed": removed,
    }
    known = _paths(folder)
    number = int(known[-1].stem.partition("-")[0]) + 1 if known else 1
    path = folder / f"{number:06}-{one.token}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")
    fresh.replace(path)
    for old in [
        *known[: max(0, len(known) + 1 - KEPT)],
        *(p for p in known if one.token in p.name),
    ]:
        old.unlink(missing_ok=True)


def kept(workspace: Path) -> list[Preview]:
    """Return the previews that are kept, the newest first.

    Raises:
        FormatError: WW-PREVIEW-FILE, where a file is broken.
    """
    return [_read(path) for path in reversed(_paths(workspace / FOLDER))]


def forget(workspace: Path, token: str) -> None:
    """Forget a preview: it was applied."""
    for path in _paths(workspace / FOLDER):
        if path.stem.endswith(token):
            path.unlink(missing_ok=True)


def _paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*-preview-*.json")) if folder.is_dir() else []


def _read(path: Path) -> Preview:
    try:
        said: dict[str, Any] = json.loads(path.read_text("utf-8"))
        words = said["wanted"]
        wanted = Wanted(
            tuple(words["files"]),
            tuple(words["assert"]),
            tuple(words["retract"]),
            words["scope"],
            words["wardrobe"],
        )
        patch = Patch(from_text(said["added"]), from_text(said["removed"]))
        edit = Edit(patch, said["message"], said["scope"])
        return Preview(said["token"], said["revision"], said["engine"], edit, wanted)
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(
            "WW-PREVIEW-FILE",
            f"{path.name} is no preview.",
            note=f"{type(error).__name__}: {error}",
            hint="Remove the file, and preview again.",
            place=Place(str(path)),
        ) from error


def named(workspace: Path, token: str) -> Preview:
    """Return the preview of a name.

    Raises:
        UnknownName: WW-PREVIEW-UNKNOWN, with the nearest name.
    """
    known = {one.token: one for one in kept(workspace)}
    if token not in known:
        near = nearest(token, known)
        raise UnknownName(
            "WW-PREVIEW-UNKNOWN",
            f"No preview '{token}' is kept here.",
            note="A preview is kept until it is applied, and the latest few only.",
            hint=f"Did you mean '{near}'?" if near else "Preview the change; the answer names it.",
            command="" if near else "`wearwhy rules preview` prints the name.",
        )
    return known[token]


def standing(workspace: Path, edit: Edit) -> Preview | None:
    """Return the newest preview that is about anything that an edit is about, or None."""
    about = set(targets(edit))
    return next((one for one in kept(workspace) if about & set(targets(one.edit))), None)


def require_same(seen: Preview, revision: int, engine: str, edit: Edit | None) -> None:
    """Refuse to apply what is not what was previewed.

    Args:
        seen: the preview.
        revision: of the graph now.
        engine: the engine's hash now.
        edit: what would be applied now; None: its words alone were not understood any more.

    Raises:
        Moved: WW-PREVIEW-MOVED, naming what moved.
    """
    told = []
    if revision != seen.revision:
        told.append(f"The graph is at revision {revision}; the preview was of {seen.revision}.")
    if engine != seen.engine:
        told.append("wearwhy, or the ontology and rules that come with it, are others now.")
    if edit is not None and token_of(seen.revision, edit, seen.engine) != seen.token:
        told += _apart(seen.edit, edit)
    if told:
        raise Moved(
            "WW-PREVIEW-MOVED",
            "What would be applied is not what was previewed.",
            note=" ".join(told),
            hint="Preview again; then apply.",
        )


def _apart(seen: Edit, now: Edit) -> list[str]:
    """Return which files and facts are not as they were previewed."""
    then, today = targets(seen), targets(now)
    told = [f"{name} was previewed too." for name in then if name not in today]
    told += [f"{name} was not previewed." for name in today if name not in then]
    if not told:
        old, new = set(seen.patch.add), set(now.patch.add)
        old_gone, new_gone = set(seen.patch.remove), set(now.patch.remove)
        differ = Edit(Patch(tuple(old ^ new), tuple(old_gone ^ new_gone)), "", "")
        told = [f"{name} says something else now." for name in targets(differ)]
    return told or ["The scope is another one."]
