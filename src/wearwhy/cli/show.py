"""Changes and facts as a person or a program reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.rdf import Fact
    from wearwhy.rules.layer import Layer
    from wearwhy.store.quads import Revision
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.difference import Difference, Ranked
    from wearwhy.workspace.edits import Edit

SHOWN = 12

Json = dict[str, Any]


def fact_line(named: Names, fact: Fact) -> str:
    """Return a fact in one line, by labels."""
    from wearwhy.explain.wording import said

    return said(named, fact)


def difference_json(found: Difference, named: Names) -> Json:
    """Return a difference in the shape that `--preview --json` has."""
    from wearwhy.explain.document import fact_json

    def looks(ranked: Sequence[Ranked]) -> list[Json]:
        return [_ranked_json(one, named) for one in ranked]

    return {
        "revision": found.revision,
        "facts": {
            "gained": [fact_json(fact) for fact in found.gained],
            "lost": [fact_json(fact) for fact in found.lost],
        },
        "looks": {
            "gained": looks(found.looks_gained),
            "lost": looks(found.looks_lost),
            "reranked": looks(found.reranked),
        },
    }


def _ranked_json(one: Ranked, named: Names) -> Json:
    from wearwhy.explain.document import request_json

    return {
        "request": request_json(one.request),
        "items": [{"id": item.value, "label": named.of(item)} for item in one.items],
        "before": one.before or None,
        "after": one.after or None,
        "score": one.score,
    }


def difference_text(session: Session, found: Difference, named: Names) -> str:
    """Return a difference as text: what is gained and lost, a dozen of each at most."""
    if not found:
        return session.say("preview-nothing")
    lines = [session.say("preview-head", revision=found.revision)]
    for key, facts in (("facts-gained", found.gained), ("facts-lost", found.lost)):
        if facts:
            lines.append(session.say(key, n=len(facts)))
            told = [fact_line(named, fact) for fact in sorted(facts, key=_nameless)]
            lines += _few(session, told, key[6] == "g")
    for key, looks in (
        ("looks-gained", found.looks_gained),
        ("looks-lost", found.looks_lost),
        ("looks-reranked", found.reranked),
    ):
        if looks:
            lines.append(session.say(key, n=len(looks)))
            lines += _few(session, [_ranked_text(session, one, named) for one in looks], None)
    if not (found.looks_gained or found.looks_lost or found.reranked):
        lines.append(session.say("looks-same"))
    return "\n".join(lines)


def _nameless(fact: Fact) -> bool:
    """Return whether a fact is about what has no name, such as a restriction: told last."""
    return any("/.well-known/genid/" in str(part) for part in fact)


def _few(session: Session, lines: Sequence[str], gained: bool | None) -> list[str]:
    mark = {True: "+", False: "−", None: "•"}[gained]
    shown = [f"  {mark} {line}" for line in lines[:SHOWN]]
    if len(lines) > SHOWN:
        shown.append("  " + session.say("and-more", n=len(lines) - SHOWN))
    return shown


def _ranked_text(session: Session, one: Ranked, named: Names) -> str:
    items = ", ".join(named.of(item) for item in one.items)
    about = ", ".join(named.of(occasion) for occasion in one.request.occasions)
    place = f"{one.before or '–'} → {one.after or '–'}"
    day = one.request.date.isoformat() if one.request.date else session.say("any-day")
    return f"{day} {about}: {items} ({place})"


def revision_json(revision: Revision) -> Json:
    """Return what a change did."""
    found: Json = {
        "revision": revision.number,
        "message": revision.message,
        "scope": revision.scope,
        "added": len(revision.patch.add),
        "removed": len(revision.patch.remove),
    }
    if revision.undoes is not None:
        found["undoes"] = revision.undoes
    return found


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
        named = session.names(_about(session, workspace, edit))
        return Told(
            lambda: {**(extra or {}), **difference_json(found, named)},
            lambda: "\n".join([*lines, difference_text(session, found, named)]),
        )
    revision = make() if make else workspace.apply(edit, expected=workspace.revision)
    return Told(
        lambda: {**(extra or {}), **revision_json(revision)},
        lambda: "\n".join([*lines, revision_text(session, revision)]),
    )


def _about(session: Session, workspace: Workspace, edit: Edit) -> Layer:
    """Return the layer whose labels tell of an edit: of the wardrobe that it is about."""
    kind, _, name = edit.scope.partition("/")
    known = kind == "wardrobe" and name in workspace.wardrobes()
    return workspace.layer(name) if known else ground(session, workspace)


def ground(session: Session, workspace: Workspace) -> Layer:
    """Return the layer whose labels are shown: the wardrobe's, or the base's."""
    known = workspace.wardrobes()
    if not known or (len(known) > 1 and session.wardrobe is None):
        usual = workspace.settings.default_wardrobe
        return workspace.layer(usual) if usual in known else workspace.base
    return workspace.layer(session.wardrobe)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under a head, columns aligned."""
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )
