"""Changes and facts as a person or a program reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from wearwhy.cli.difference import difference_json, difference_text
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.rdf import Fact
    from wearwhy.rules.layer import Layer
    from wearwhy.store.quads import Revision
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.edits import Edit

Json = dict[str, Any]


def fact_line(named: Names, fact: Fact) -> str:
    """Return a fact in one line, by labels."""
    from wearwhy.explain.wording import said

    return said(named, fact)


def revision_json(revision: Revision) -> Json:
    """Return what a change did."""
    from wearwhy.service.documents import revision_json as document

    return document(revision)


def revision_text(session: Session, revision: Revision) -> str:
    """Return what a change did, in one line."""
    if not revision.patch:
        return session.say("nothing-changed", revision=revision.number)
    return session.say(
        "changed",
        revision=revision.number,
        message=revision.message,
        added=len(revision.patch.add),
        removed=len(revision.patch.remove),
    )


def changed(
    session: Session,
    workspace: Workspace,
    edit: Edit,
    *,
    preview: bool,
    make: Callable[[], Revision] | None = None,
    extra: Json | None = None,
    lines: Sequence[str] = (),
) -> Told:
    """Make a change, or say what it would change; tell either.

    Args:
        session: of the call.
        workspace: that the change is about.
        edit: the change.
        preview: whether only to look.
        make: what makes it; by default it is applied at the revision it was made for.
        extra: entries of the document that the verb adds.
        lines: of the text that the verb adds.
    """
    if preview:
        with working(session.say("looking")):
            found = workspace.preview(edit)
        return Told(
            lambda: {**(extra or {}), **difference_json(session, found)},
            lambda: "\n".join([*lines, difference_text(session, found)]),
        )
    revision = make() if make else applied(workspace, edit)
    return Told(
        lambda: {**(extra or {}), **revision_json(revision)},
        lambda: "\n".join([*lines, revision_text(session, revision)]),
    )


def applied(workspace: Workspace, edit: Edit) -> Revision:
    """Make a change of what was read; of one wardrobe, whatever others did meanwhile in theirs."""
    owner, _, name = edit.scope.partition("/")
    if owner == "wardrobe" and name:
        return workspace.apply(edit, expected=workspace.revision_of(name), of=name)
    return workspace.apply(edit, expected=workspace.revision)


def ground(session: Session, workspace: Workspace) -> Layer:
    """Return the layer whose labels are shown: the wardrobe's, or the base's."""
    known = workspace.wardrobes()
    if not known or (len(known) > 1 and session.named is None):
        usual = workspace.settings.default_wardrobe
        return workspace.layer(usual) if usual in known else workspace.base
    return workspace.layer(session.named)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a head, columns aligned."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )
