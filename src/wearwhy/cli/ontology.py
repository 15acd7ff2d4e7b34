"""Verbs of the ontology: check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.errors import StoreError

if TYPE_CHECKING:
    from wearwhy.workspace.bundle import Bundle
    from wearwhy.workspace.consistency import Consistency


@click.group("ontology")
def ontology() -> None:
    """What the words mean: find contradictions."""


@verb("check", examples=("wearwhy ontology check --seconds 0",))
@click.argument(
    "files",
    nargs=-1,
    metavar="[FILE]...",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=300.0,
    show_default=True,
    help="That HermiT may take; 0 leaves it out.",
)
def check(session: Session, files: tuple[Path, ...], *, seconds: float) -> Told:
    """Look for contradictions in the ontology, or in FILES of RDF.

    The rules of OWL 2 RL prove what they find. HermiT, which reads all of OWL 2 DL and needs Java
    (extra `java`), finds more, and classes that can have no member. FILES that use the words of
    the bundled ontology are checked together with it.

    Exit status: 0 consistent, 1 not.
    """
    from wearwhy.workspace import consistency

    with working(session.say("checking")):
        facts, bundled = consistency.gathered(_bundle(session), files)
        found = consistency.check(facts, bundled=bundled, seconds=seconds)
    return Told(found.as_dict, lambda: _text(session, found), 0 if found.consistent else 1)


def _bundle(session: Session) -> Bundle:
    """Return the ontology as the workspace has it; as it is bundled, where there is no workspace."""
    from wearwhy.workspace.bundle import bundle

    try:
        return session.open().bundle
    except StoreError as error:
        if error.code != "WW-STORE-NONE":
            raise
        return bundle()


def _text(session: Session, found: Consistency) -> str:
    from wearwhy.explain.text import evidence_lines

    named = session.names(found.layer)
    count = len(found.clashes)
    lines = [session.say("ontology-rl", n=f"{found.facts:,}", found=count)]
    for _, proof in found.clashes:
        lines += [f"  {line}" for line in evidence_lines(named, proof)]
    hermit = found.hermit
    if hermit.missing in ("java", "owlready2", "time", "unasked"):
        lines.append(session.say(f"ontology-no-{hermit.missing}"))
    elif hermit.missing:
        lines.append(session.say("ontology-failed", why=hermit.missing))
    elif not hermit.consistent:
        lines.append(session.say("ontology-inconsistent"))
    elif hermit.unsatisfiable:
        lines.append(session.say("ontology-unsatisfiable", n=len(hermit.unsatisfiable)))
        lines += [f"  {iri}" for iri in hermit.unsatisfiable]
    else:
        lines.append(session.say("ontology-consistent"))
    return "\n".join(lines)


ontology.add_command(check)
