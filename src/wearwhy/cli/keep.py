"""Verbs of keeping: a new workspace, its history, undoing, checking, taking it elsewhere."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

import click

from wearwhy.cli.change import preview_option
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import changed, revision_json, table


@verb("init", examples=("wearwhy --workspace W init --template wardrobe-to-fill.csv",))
@click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write a table to fill in (.csv or .xlsx), headers in the language of --lang.",
)
def init(session: Session, template: Path | None) -> Told:
    """Make a new workspace; with --template, also a table that a person can fill in."""
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.export import write_wardrobe_template

    if template is not None and session.folder.is_dir() and _is_workspace(session.folder):
        workspace = session.open()
    else:
        session.folder.mkdir(parents=True, exist_ok=True)
        workspace = Workspace.init(session.folder)
        session.use(workspace)
    lines = [session.say("made-workspace", folder=str(session.folder))]
    if template is not None:
        write_wardrobe_template(workspace.bundle, template, session.lang)
        here = session.folder.resolve() == Path.cwd()
        where = "" if here else f"--workspace {shlex.quote(str(session.folder))} "
        file = shlex.quote(str(template))
        lines.append(session.say("made-template", file=file, where=where))
    return Told(
        lambda: {
            "workspace": str(session.folder),
            "revision": workspace.revision,
            "template": str(template) if template else None,
        },
        lambda: "\n".join(lines),
    )


def _is_workspace(folder: Path) -> bool:
    from wearwhy.errors import StoreError
    from wearwhy.store.database import Store

    try:
        with Store.open(folder, write=False):
            return True
    except StoreError as error:
        if error.code == "WW-STORE-NONE":
            return False
        raise


@verb("validate", examples=("wearwhy validate", "wearwhy validate --json"))
def validate(session: Session) -> Told:
    """Check items, outfits and events against the SHACL shapes; exit 1 where one is broken."""
    from wearwhy.workspace import validate as checking

    workspace = session.open(usual=True)
    with working(session.say("checking")):
        layer = workspace.layer(session.named)
        found = checking.validate(layer, workspace.bundle.folder, session.lang)
    named = session.names(layer)

    def text() -> str:
        if not found:
            return session.say("valid")
        lines = [session.say("invalid", n=len(found))]
        lines += [
            f"  {named.of(one.focus)}"
            + (f", {named.of(one.path)}" if one.path is not None else "")
            + f": {one.message}"
            for one in found
        ]
        return "\n".join(lines)

    return Told(
        lambda: {
            "revision": workspace.revision,
            "conforms": not found,
            "violations": [one.as_dict() for one in found],
        },
        text,
        1 if found else 0,
    )


@verb("history", examples=("wearwhy history", "wearwhy history -n 5 --json"))
@click.option("-n", "limit", type=click.IntRange(min=1), help="Only the newest so many.")
def history(session: Session, limit: int | None) -> Told:
    """List the revisions, newest first: what each did."""
    workspace = session.open()
    found = workspace.history(limit)
    names = _names(session) if any(r.by for r in found) else {}

    def text() -> str:
        if not found:
            return session.say("no-history")
        columns = ("number", "when", "scope", *(["by"] if names else []), "what")
        head = [session.say(f"history-{name}") for name in columns]
        rows = [
            [
                str(r.number),
                r.at.strftime("%Y-%m-%d %H:%M"),
                r.scope,
                *([names.get(r.by, "")] if names else []),
                f"{r.message} (+{len(r.patch.add)} −{len(r.patch.remove)})",
            ]
            for r in found
        ]
        return table(head, rows)

    return Told(
        lambda: {
            "revision": workspace.revision,
            "revisions": [
                {
                    **revision_json(r),
                    "at": r.at.isoformat(),
                    **({"by": names[r.by]} if r.by in names else {}),
                }
                for r in found
            ],
        },
        text,
    )


def _names(session: Session) -> dict[str, str]:
    """Return the names of the accounts, by their ids."""
    from wearwhy.service.accounts.accounts import Accounts

    accounts = Accounts.open(session.folder)
    try:
        return {one.id: one.name for one in accounts.everyone()}
    finally:
        accounts.close()


@verb("undo", examples=("wearwhy undo --preview", "wearwhy undo"))
@preview_option
def undo(session: Session, preview: bool) -> Told:
    """Take back the newest change that stands, as a new revision; with --wardrobe, its newest."""
    from wearwhy.workspace.undoing import undoing

    workspace = session.open()
    scope = f"wardrobe/{workspace.wardrobe(session.named)}" if session.named else None
    edit = undoing(workspace.history(), scope)
    return changed(session, workspace, edit, preview=preview, make=partial(workspace.undo, scope))


@verb(
    "export",
    examples=(
        "wearwhy export wardrobe-out.csv --format csv",
        "wearwhy export all.trig --format trig",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "turtle", "trig", "nquads", "jsonld"]),
    required=True,
    help="csv: the items as a table; the others: RDF, of the named graphs at rest.",
)
@click.option(
    "--over",
    type=click.Choice(["asserted", "derived", "predicted", "computed", "all"]),
    help="RDF of what is seen of a kind, instead of what is at rest.",
)
def export(session: Session, file: Path, form: str, over: str | None) -> Told:
    """Write the wardrobe to a file: as a table that loads again, or as RDF."""
    from wearwhy.workspace.export import export as write

    workspace = session.open(usual=True)
    with working(session.say("writing", file=file.name)):
        done = write(workspace, file, form, name=session.named, over=over, lang=session.lang)
    lines = [session.say("exported", n=done.written, file=str(file))]
    if done.left_out:
        lines.append(session.say("left-out", n=len(done.left_out)))
    return Told(
        lambda: {
            "revision": workspace.revision,
            "file": str(file),
            "format": form,
            "written": done.written,
            "left_out": len(done.left_out),
        },
        lambda: "\n".join(lines),
    )
