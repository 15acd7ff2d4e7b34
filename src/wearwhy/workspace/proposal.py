"""From what a person names to the edit that is meant: drafts, files anywhere, single facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wearwhy.errors import InputError, Moved, NoAnswer, Place, nearest
from wearwhy.rdf import NamedNode, curie
from wearwhy.store.quads import Patch
from wearwhy.workspace.drafts import (
    ENDINGS,
    ONTOLOGY,
    RULES,
    Draft,
    apply_edit,
    folder_of,
    known_texts,
    read_text,
    require_base,
    topic_of,
)
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.ontology import OWNER
from wearwhy.workspace.patchfile import read_patch
from wearwhy.workspace.state import owner_of
from wearwhy.workspace.statements import stated

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

PATCH = ".trig"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change in a person's words.

    Attributes:
        files: topics, rule files, ontology files or a patch; with nothing else named, none of
            them means every draft.
        asserted: facts to assert: three words, or a file of RDF.
        retracted: facts to retract, likewise.
        scope: `base` or `wardrobe`; None: the wardrobe's that is named, else what is usual.
        wardrobe: the one named.
    """

    files: tuple[str, ...] = ()
    asserted: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    scope: str | None = None
    wardrobe: str | None = None


def proposed(workspace: Workspace, wanted: Wanted) -> Edit:
    """Return the edit that is meant; nothing is written.

    Raises:
        NoAnswer: WW-DRAFT-NONE, WW-DRAFT-UNKNOWN, WW-FACT-ABSENT, WW-FACT-BUNDLED.
        InputError, RuleError: where a file, a name or a fact is not understood.
        Moved: WW-PATCH-MOVED, a patch was made for another revision.
    """
    patches = [word for word in wanted.files if word.endswith(PATCH)]
    if patches:
        return _patch(workspace, wanted)
    edits: list[Edit] = []
    if wanted.files or not (wanted.asserted or wanted.retracted):
        edits.append(_filed(workspace, wanted))
    if wanted.asserted or wanted.retracted:
        edits.append(_stated(workspace, wanted))
    if len(edits) == 1:
        return edits[0]
    add = tuple(quad for edit in edits for quad in edit.patch.add)
    remove = tuple(quad for edit in edits for quad in edit.patch.remove)
    scopes = {edit.scope for edit in edits}
    scope = scopes.pop() if len(scopes) == 1 else OWNER
    return Edit(Patch(add, remove), "; ".join(edit.message for edit in edits), scope)


def _stated(workspace: Workspace, wanted: Wanted) -> Edit:
    known, usual = workspace.wardrobes(), workspace.settings.default_wardrobe
    owner = None
    if wanted.scope or wanted.wardrobe:
        owner = (
            OWNER if wanted.scope == OWNER else f"wardrobe/{workspace.wardrobe(wanted.wardrobe)}"
        )
    one = wanted.wardrobe or len(known) == 1 or usual in known
    layer = workspace.layer(wanted.wardrobe) if one else workspace.base
    return stated(workspace, layer, wanted.asserted, wanted.retracted, owner)


def rule_scope(workspace: Workspace, wanted: Wanted) -> str:
    """Return whose rules are meant; who names a wardrobe means its own."""
    chosen = wanted.scope or ("wardrobe" if wanted.wardrobe else OWNER)
    return chosen if chosen == OWNER else f"wardrobe/{workspace.wardrobe(wanted.wardrobe)}"


# -- files


def _filed(workspace: Workspace, wanted: Wanted) -> Edit:
    scope = rule_scope(workspace, wanted)
    known = [d for d in workspace.drafts(wanted.wardrobe) if d.scope in (scope, OWNER)]
    if not wanted.files:
        found = [d for d in known if d.scope == scope]
    else:
        found = [_draft(workspace, word, wanted, scope, known) for word in wanted.files]
    scopes = {draft.scope for draft in found}
    return apply_edit(workspace.state, scopes.pop() if len(scopes) == 1 else scope, found)


def _draft(
    workspace: Workspace, word: str, wanted: Wanted, scope: str, known: Sequence[Draft]
) -> Draft:
    """Return the file that a word names: of the workspace by its topic or path, or any other."""
    path = Path(word)
    kind = next((k for k, ending in ENDINGS.items() if word.endswith(ending)), "")
    inside = _inside(workspace, path, kind) if kind else None
    if inside is None and kind and path.is_file():
        return _given(workspace, path, kind, wanted, scope)
    topic, owner = inside or (word.removesuffix(ENDINGS.get(kind, "")), None)
    for draft in known:
        whose = owner or (OWNER if draft.kind == ONTOLOGY else scope)
        same = draft.topic == topic or (kind == ONTOLOGY and draft.path.stem == topic)
        if same and draft.scope == whose and kind in ("", draft.kind):
            if draft.kind == ONTOLOGY and wanted.scope:
                require_base(scope)
            return draft
    if kind and not path.is_file() and inside is None and "/" in word:
        raise InputError("WW-DRAFT-FILE", f"There is no file '{word}'.", place=Place(word))
    name = topic + ENDINGS[ONTOLOGY] if kind == ONTOLOGY else topic
    near = nearest(name, [draft.name for draft in known])
    raise NoAnswer(
        "WW-DRAFT-UNKNOWN",
        f"'{name}' does not differ from what is applied.",
        hint=f"Did you mean '{near}'?" if near else "`wearwhy rules edit TOPIC` makes a copy.",
    )


def _inside(workspace: Workspace, path: Path, kind: str) -> tuple[str, str] | None:
    """Return topic and scope of a file that stands where the workspace keeps such files."""
    folder = folder_of(workspace.folder, OWNER, kind).resolve()
    if not path.resolve().is_relative_to(folder):
        return None
    topic = path.resolve().relative_to(folder).with_suffix("").as_posix()
    parts = topic.split("/")
    if kind == RULES and parts[0] == "wardrobe" and len(parts) > 2:
        return "/".join(parts[2:]), "/".join(parts[:2])
    return topic, OWNER


def _given(workspace: Workspace, path: Path, kind: str, wanted: Wanted, scope: str) -> Draft:
    """Return a file that stands anywhere, as if it stood in the workspace under its name."""
    if kind == ONTOLOGY:
        if wanted.scope:
            require_base(scope)
        scope = OWNER
    known = known_texts(workspace.state, workspace.bundled, scope, kind)
    topic = topic_of(path, kind, known)
    return Draft(topic, path, read_text(path), known.get(topic), kind, scope)


def _patch(workspace: Workspace, wanted: Wanted) -> Edit:
    if len(wanted.files) > 1 or wanted.asserted or wanted.retracted:
        raise InputError(
            "WW-PATCH-ALONE",
            "A patch is a whole change: nothing else can be named beside it.",
            hint="Apply one after the other.",
        )
    found = read_patch(Path(wanted.files[0]))
    if found.revision != workspace.revision:
        raise Moved(
            "WW-PATCH-MOVED",
            f"The patch was made for revision {found.revision}; the graph is at {workspace.revision}.",
            note="A patch holds what follows from it, which another graph may not have.",
            hint="Preview the change again, and write the patch anew.",
        )
    return Edit(found.patch, found.message, found.scope)


def targets(edit: Edit) -> tuple[str, ...]:
    """Return what an edit is about: the graphs of its texts, and its facts, sorted."""
    found: set[str] = set()
    for quad in (*edit.patch.add, *edit.patch.remove):
        owner, kind, source = owner_of(quad.graph)
        if kind in (RULES, ONTOLOGY):
            found.add(f"{owner} {kind}/{source}{ENDINGS[kind]}")
        else:
            subject = quad.fact.subject
            name = curie(subject) if isinstance(subject, NamedNode) else str(subject)
            found.add(f"{owner} {name} {curie(quad.fact.predicate)}")
    return tuple(sorted(found))
