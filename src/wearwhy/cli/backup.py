"""Verbs that keep a workspace safe: into one file while it is used, and back out of one."""

from __future__ import annotations

from pathlib import Path

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb


@verb("backup", examples=("wearwhy backup ../today.wearwhy",))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
def backup(session: Session, file: Path) -> Told:
    """Write the whole workspace into FILE: facts, history, accounts, rules, photographs.

    It can be taken while a server runs. FILE can be read by its owner only: it holds everybody's
    wardrobe, and what keys and passwords are checked against.
    """
    from wearwhy.service import backup as keeping

    with working(session.say("writing", file=file.name)):
        made = keeping.backup(session.folder, file)
    return Told(
        lambda: {"file": str(file), "revision": made.revision, "files": len(made.files)},
        lambda: session.say("backed-up", n=made.revision, files=len(made.files), file=str(file)),
    )


@verb("restore", examples=("wearwhy --workspace NEW restore today.wearwhy",))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--replaces",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The workspace it stands for: who was forgotten there since is forgotten again.",
)
def restore(session: Session, file: Path, replaces: Path | None) -> Told:
    """Make the workspace from FILE, which `wearwhy backup` wrote; the folder must be new or empty.

    Nothing is kept of a file that is damaged or was not written to its end.
    """
    from wearwhy.service import backup as keeping

    with working(session.say("reading", file=file.name)):
        made = keeping.restore(file, session.folder, replaces=replaces)
    return Told(
        lambda: {"workspace": str(session.folder), "revision": made.revision, "at": made.at},
        lambda: session.say("restored", folder=str(session.folder), n=made.revision, at=made.at),
    )
