"""Verbs that put things into a workspace and change what is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import changed

if TYPE_CHECKING:
    from wearwhy.feeds.loaded import Loaded, Unknown
    from wearwhy.rdf import NamedNode, Node
    from wearwhy.workspace import Workspace

SHOWN = 10
FEW = 3
HEADER = 1
preview_option = click.option(
    "--preview", is_flag=True, help="Show what would change: facts and looks of a week."
)
given_as_file = click.Path(path_type=Path, exists=True, dir_okay=False, readable=True)


@verb(
    "load",
    examples=(
        "wearwhy load wardrobe.csv --as wardrobe --into wardrobe:mine",
        "wearwhy load catalogue.csv --as catalogue --into catalogue:shop --json",
    ),
)
@click.argument("file", type=given_as_file)
@click.option("--as", "mapping", metavar="FORMAT", required=True, help="A mapping of kg/mappings.")
@click.option(
    "--into",
    metavar="wardrobe:NAME|catalogue:NAME",
    required=True,
    help="Where the items go.",
)
@preview_option
def load(session: Session, file: Path, mapping: str, into: str, preview: bool) -> Told:
    """Load a table, a shop's export or RDF as one revision.

    Columns and values that nothing names are reported with the nearest known name, and kinds that
    were read by some of their words alone.
    """
    workspace = session.open()
    with working(session.say("loading", file=file.name)) as bar:
        loaded, edit = workspace.read_source(file, mapping, into, progress=bar)
    return changed(
        session,
        workspace,
        edit,
        preview=preview,
        extra={
            "items": loaded.items,
            "facts": len(loaded.facts),
            "unknown": [unknown.as_dict() for unknown in loaded.unknown],
            "nearer": [one.as_dict() for one in loaded.nearer],
            "skipped": [
                {"row": s.row, "column": s.column, "value": s.value, "why": s.why}
                for s in loaded.skipped
            ],
            "notes": list(loaded.notes),
        },
        lines=_loaded_lines(session, loaded, file.name),
    )


def _loaded_lines(session: Session, loaded: Loaded, name: str) -> list[str]:
    lines = [session.say("loaded", items=loaded.items, facts=len(loaded.facts), file=name)]
    lines += [f"  {note}" for note in loaded.notes]
    unknown = [
        session.say(
            _unknown(one),
            column=one.column,
            value=one.value or one.column,
            row=one.row,
            times=one.times,
            nearest=one.nearest,
        )
        for one in loaded.unknown
    ]
    skipped = [
        session.say("skipped", row=s.row, column=s.column, value=s.value, why=s.why)
        for s in loaded.skipped
    ]
    nearer = [
        session.say(
            "read-nearer",
            row=one.row,
            column=one.column,
            value=one.value,
            read=one.read_as,
            times=one.times,
        )
        for one in loaded.nearer
    ]
    for found, most in ((unknown, SHOWN), (nearer, FEW), (skipped, SHOWN)):
        lines += [f"  {line}" for line in found[:most]]
        if len(found) > most:
            lines.append("  " + session.say("and-more", n=len(found) - most))
    return lines


def _unknown(one: Unknown) -> str:
    """Return the phrase for what is unknown: a column, which stands in the header, or a value."""
    if one.row == HEADER and one.value in ("", one.column):
        return "unknown-column-near" if one.nearest else "unknown-column"
    return "unknown-near" if one.nearest else "unknown"


@verb(
    "add",
    examples=("wearwhy add blazer 'Green velvet blazer' --colour green --material velvet",),
    context_settings={"ignore_unknown_options": True},
)
@click.argument("kind", metavar="TYPE")
@click.argument("name")
@click.argument("said", nargs=-1, type=click.UNPROCESSED, metavar="[--PROPERTY VALUE]...")
@preview_option
def add(session: Session, kind: str, name: str, said: tuple[str, ...], preview: bool) -> Told:
    """Add an item: its kind, its name, and what is known of it, as --property value."""
    from wearwhy.rdf import TYPE, NamedNode
    from wearwhy.workspace import edits, find

    if kind.startswith("--") or name.startswith("--"):
        raise click.UsageError("Give TYPE and NAME first, then --property value.")
    stated = _stated(said)
    workspace = session.open(usual=True)
    names = workspace.names
    cls = find.value_of(names, TYPE, kind)
    assert isinstance(cls, NamedNode)
    facts: list[tuple[NamedNode, Node]] = []
    for prop_text, value in stated:
        prop = find.property_of(names, prop_text)
        facts.append((prop, find.value_of(names, prop, value)))
    base = workspace.settings.base_iri
    into = session.named or _only(workspace)
    edit = edits.add_item(workspace.state, into, cls, name, facts, base=base)
    return changed(
        session,
        workspace,
        edit,
        preview=preview,
        extra={"item": edit.patch.add[0].fact.subject.value},  # type: ignore[union-attr]
    )


def _only(workspace: Workspace) -> str:
    """Return the wardrobe meant, which an empty workspace need not have yet."""
    return workspace.wardrobe() if workspace.wardrobes() else workspace.settings.default_wardrobe


def _stated(said: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the (property, value) pairs of --property value words."""
    pairs: list[tuple[str, str]] = []
    words = list(said)
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            raise click.UsageError(f"'{word}' stands where a --property was expected.")
        prop, equals, value = word[2:].partition("=")
        if not equals:
            if not words:
                raise click.UsageError(f"--{prop} needs a value.")
            value = words.pop(0)
        pairs.append((prop, value))
    return pairs


@verb(
    "set",
    examples=(
        "wearwhy set w03 'suits season' winter --preview",
        "wearwhy set w12 ww:material ww:material-wool --preview --json",
    ),
    context_settings={"ignore_unknown_options": True},  # a value may be a negative number
)
@click.argument("item")
@click.argument("prop", metavar="PROPERTY")
@click.argument("value")
@preview_option
def set_(session: Session, item: str, prop: str, value: str, preview: bool) -> Told:
    """Say of an item what the value of a property is, in place of what was said before."""
    from wearwhy.workspace import edits, find

    workspace = session.open(usual=True)
    name = workspace.wardrobe(session.named)
    with working(session.say("reasoning")):
        layer = workspace.layer(name)
    node = find.item(layer, item)
    meant = find.property_of(workspace.names, prop)
    edit = edits.set_value(
        workspace.state, name, node, meant, find.value_of(workspace.names, meant, value)
    )
    return changed(session, workspace, edit, preview=preview)


@verb("remove", examples=("wearwhy remove w03 --preview",))
@click.argument("item")
@preview_option
def remove(session: Session, item: str, preview: bool) -> Told:
    """Take an item out of the wardrobe; what it was worn with stays on record."""
    from wearwhy.workspace import edits, find

    workspace = session.open(usual=True)
    name = workspace.wardrobe(session.named)
    with working(session.say("reasoning")):
        layer = workspace.layer(name)
    edit = edits.remove_item(workspace.state, name, find.item(layer, item))
    return changed(session, workspace, edit, preview=preview)
