"""What in a workspace is a person's: the quads, and the files beside the graph."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from wearwhy.learn.images import files as pictures
from wearwhy.rdf import WW, NamedNode
from wearwhy.service.uploads import keeping
from wearwhy.service.uploads import photographs as sent
from wearwhy.store.forgetting import Forgettable
from wearwhy.store.quads import GRAPHS, Quad, Revision, order
from wearwhy.workspace import drafts, photographs, previews, remembered
from wearwhy.workspace.state import WARDROBE, State, owner_of
from wearwhy.workspace.workspace import Workspace

_MODEL: Final = "model"
_LOG: Final = "/asserted/log"
"""How the name of a graph ends in which a wardrobe's events are recorded."""


@dataclass(frozen=True, slots=True)
class Belongings:
    """What is a person's.

    Attributes:
        account: its id.
        wearer: the node under which they are spoken of in wardrobes of others.
        wardrobes: their own, by name.
        events: what they wore and liked in wardrobes of others: the graph and the node of each.
    """

    account: str
    wearer: NamedNode
    wardrobes: frozenset[str]
    events: frozenset[tuple[str, str]]

    @property
    def quads(self) -> Forgettable:
        """Those of their quads, wherever they stand."""
        before = tuple(f"{GRAPHS}wardrobe/{name}/" for name in sorted(self.wardrobes))
        return Forgettable(before, frozenset({self.wearer.value}), self.events, self.account)

    def joined(self, other: Belongings) -> Belongings:
        """Return what is the person's by this or by another finding."""
        return replace(
            self, wardrobes=self.wardrobes | other.wardrobes, events=self.events | other.events
        )


def belongings(workspace: Workspace, account: str, wardrobes: Collection[str]) -> Belongings:
    """Return what is a person's, now and in the history.

    Args:
        workspace: open.
        account: its id.
        wardrobes: that are or were their own.
    """
    wearer = wearer_of(workspace, account)
    # What anybody says in a graph of theirs makes nothing of another's an event of their own.
    events = {
        (graph.value, fact.subject.value)
        for graph, fact in _worn_by(workspace, wearer)
        if graph.value.endswith(_LOG)
        and fact.predicate == WW.wearer
        and fact.object == wearer
        and isinstance(fact.subject, NamedNode)
    }
    return Belongings(account, wearer, frozenset(wardrobes), frozenset(events))


def wearer_of(workspace: Workspace, account: str) -> NamedNode:
    """Return the node of an account's person, where they dress from a wardrobe of another's."""
    return NamedNode(f"{workspace.settings.base_iri}wearer/{account}")


def _worn_by(workspace: Workspace, wearer: NamedNode) -> Iterator[Quad]:
    """Yield what names somebody as a wearer now, and what of the history names them at all."""
    yield from workspace.state.matching(None, WW.wearer, wearer)
    for revision in workspace.naming(wearer.value):
        yield from (*revision.patch.add, *revision.patch.remove)


def said(state: State, theirs: Belongings) -> dict[str, list[Quad]]:
    """Return a person's quads by the wardrobe of theirs they stand in; by "" what stands elsewhere.

    Wardrobes of others are not read for it: the store is asked for what names the person.
    """
    found: dict[str, list[Quad]] = {}
    for name in theirs.wardrobes:
        graphs = state.owned.get(f"{WARDROBE}{name}", ())
        if graphs:
            found[name] = [Quad(graph, fact) for graph in graphs for fact in state.graphs[graph]]
    about = [
        *state.matching(theirs.wearer, kind=None),
        *state.matching(None, None, theirs.wearer, kind=None),
        *(
            quad
            for node in sorted({node for _, node in theirs.events})
            for quad in state.matching(NamedNode(node), kind=None)
            if (quad.graph.value, node) in theirs.events
        ),
    ]
    elsewhere = {quad for quad in about if _wardrobe_of(quad.graph) not in theirs.wardrobes}
    if elsewhere:
        found[""] = sorted(elsewhere, key=order)
    return found


def items(state: State, theirs: Belongings) -> frozenset[str]:
    """Return the items that are in a person's wardrobes, and in nobody else's."""
    own, others = set[str](), set[str]()
    for graph, (item, _, _) in state.matching(None, WW.inWardrobe, kind=None):
        if isinstance(item, NamedNode):
            part = own if _wardrobe_of(graph) in theirs.wardrobes else others
            part.add(item.value)
    return frozenset(own - others)


def _wardrobe_of(graph: NamedNode) -> str:
    owner = owner_of(graph)[0]
    return owner.removeprefix(WARDROBE) if owner.startswith(WARDROBE) else ""


def histories(workspace: Workspace, wardrobes: Iterable[str]) -> dict[str, list[Revision]]:
    """Return the revisions of wardrobes, by name, the newest first."""
    return {name: workspace.history(scope=f"wardrobe/{name}") for name in wardrobes}


def looks(folder: Path, wardrobe: str) -> list[Path]:
    """Return the files of the looks that a wardrobe was shown."""
    held = remembered.folder_of(folder, wardrobe)
    return sorted(held.glob("*.json")) if held.is_dir() else []


def rules_folder(folder: Path, wardrobe: str) -> Path:
    """Return where the rule files of a wardrobe stand."""
    return drafts.folder_of(folder, f"wardrobe/{wardrobe}")


def rule_files(folder: Path, wardrobe: str) -> list[Path]:
    """Return the rule files of a wardrobe, applied or not."""
    held = rules_folder(folder, wardrobe)
    return sorted(path for path in held.rglob("*") if path.is_file()) if held.is_dir() else []


# -- forgetting files ----------------------------------------------------------------------------


def forget_files(folder: Path, account: str, wardrobes: Iterable[str]) -> dict[str, int]:
    """Delete a person's files, and return how many there were of each kind."""
    told = {"looks": 0, "photographs": 0, "rule_files": 0, "previews": 0}
    for name in wardrobes:
        told["looks"] += len(looks(folder, name))
        shutil.rmtree(remembered.folder_of(folder, name), ignore_errors=True)
        told["rule_files"] += len(rule_files(folder, name))
        shutil.rmtree(rules_folder(folder, name), ignore_errors=True)
        told["photographs"] += sent.forget(folder, name)
        told["previews"] += _forget_previews(folder, name)
        _forget_place(folder, f"wardrobe/{name}")
    told["uploads"] = keeping.forget(folder, account)
    return told


def _forget_previews(folder: Path, name: str) -> int:
    theirs = [
        one.token
        for one in previews.kept(folder)
        if one.edit.scope == f"wardrobe/{name}" or one.wanted.wardrobe == name
    ]
    for token in theirs:
        previews.forget(folder, token)
    return len(theirs)


def _forget_place(folder: Path, owner: str) -> None:
    """Strike out where an owner's photographs lay on this computer."""
    path = folder / photographs.FILE
    if owner not in photographs.kept(folder):
        return
    said = json.loads(path.read_text("utf-8"))
    del said["folders"][owner]
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")
    partial.replace(path)


def forget_learned(folder: Path, items: Collection[str], since: datetime | None) -> list[str]:
    """Delete what was learned from a person's things, and return the names of the files.

    A model cannot be made to unlearn, so one that was trained when their things were there goes
    whole: until the next `wearwhy learn` the bundled one is in force. Embedded photographs are
    struck out one by one.

    Args:
        folder: of the workspace.
        items: IRIs of their items.
        since: when they first had anything; None: never.
    """
    held = folder / _MODEL
    if since is None or not held.is_dir():
        return []
    gone = []
    for path in sorted(held.rglob("*")):
        if path.name in (pictures.ARRAYS, pictures.CARD) or not path.is_file():
            continue
        if path.stat().st_mtime >= since.timestamp():
            path.unlink()
            gone.append(path.relative_to(held).as_posix())
    return gone + _forget_pictures(held, frozenset(items))


def _forget_pictures(held: Path, items: frozenset[str]) -> list[str]:
    known = pictures.read(held)
    if known is None or not items & set(known.items):
        return []
    left = {key: digest for key, digest in known.shown().items() if key[0] not in items}
    if left:
        card = json.loads((held / pictures.CARD).read_text("utf-8"))
        pictures.write(held, left, known.known(), card.get("versions", {}))
    else:
        for name in (pictures.ARRAYS, pictures.CARD):
            (held / name).unlink(missing_ok=True)
    return [pictures.ARRAYS]
