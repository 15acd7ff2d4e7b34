"""Verbs of a wearer's days: what was worn and washed, what is liked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from wearwhy.cli.change import preview_option
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import changed

if TYPE_CHECKING:
    from wearwhy.rdf import NamedNode
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace import Workspace

day_option = click.option(
    "--date", "on", metavar="YYYY-MM-DD", help="The day (default: today by this machine's clock)."
)


def _day(text: str | None) -> date:
    from wearwhy.workspace.asking import parse_day

    # A wearer's day is the one on the wall where they are.
    return parse_day(text) if text else date.today()  # noqa: DTZ011


def _opened(session: Session) -> tuple[Workspace, str, Layer]:
    workspace = session.open()
    name = workspace.wardrobe(session.wardrobe)
    with working(session.say("reasoning")):
        return workspace, name, workspace.layer(name)


def _items(layer: Layer, items: tuple[str, ...]) -> list[NamedNode]:
    from wearwhy.workspace import find

    return list(dict.fromkeys(find.item(layer, text) for text in items))


@verb("wore", examples=("wearwhy wore w01 w26 w45 --date 2026-11-20 --occasion office",))
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@day_option
@click.option("--occasion", "occasions", multiple=True, help="What for; may be given again.")
@preview_option
def wore(
    session: Session,
    items: tuple[str, ...],
    on: str | None,
    occasions: tuple[str, ...],
    preview: bool,
) -> Told:
    """Record what was worn together on a day."""
    from wearwhy.workspace import asking, edits

    day = _day(on)
    workspace, name, layer = _opened(session)
    meant = [
        asking.concept(workspace.names, text, asking.OCCASIONS, "an occasion") for text in occasions
    ]
    edit = edits.wore(name, _items(layer, items), day, meant, None)
    return changed(session, workspace, edit, preview=preview)


@verb("wash", examples=("wearwhy wash w01 w03 --date 2026-11-21",))
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@day_option
@preview_option
def wash(session: Session, items: tuple[str, ...], on: str | None, preview: bool) -> Told:
    """Record that items were washed: they are fresh again."""
    from wearwhy.workspace import edits

    day = _day(on)
    workspace, name, layer = _opened(session)
    edit = edits.wash(workspace.state, name, _items(layer, items), day)
    return changed(session, workspace, edit, preview=preview)


def _opine(session: Session, thing: str, strength: float, on: str | None, preview: bool) -> Told:
    from wearwhy.errors import InputError
    from wearwhy.rdf import NamedNode
    from wearwhy.workspace import edits, find

    day = _day(on)
    workspace, name, layer = _opened(session)
    about = find.term(layer, workspace.names, thing)
    if not isinstance(about, NamedNode):
        raise InputError("WW-OPINION-ABOUT", f"'{thing}' is a text; like an item or a concept.")
    edit = edits.opine(name, about, strength, day, None)
    return changed(session, workspace, edit, preview=preview)


strength_option = click.option(
    "--strength", type=click.FloatRange(0, 1, min_open=True), default=1.0, show_default=True,
    help="How much.",
)  # fmt: skip


@verb("like", examples=("wearwhy like navy --strength 0.5 --date 2026-11-21",))
@click.argument("thing")
@strength_option
@day_option
@preview_option
def like(session: Session, thing: str, strength: float, on: str | None, preview: bool) -> Told:
    """Say that an item, a colour, a material … is liked; it fades with time."""
    return _opine(session, thing, strength, on, preview)


@verb("dislike", examples=("wearwhy dislike w15 --date 2026-11-21",))
@click.argument("thing")
@strength_option
@day_option
@preview_option
def dislike(session: Session, thing: str, strength: float, on: str | None, preview: bool) -> Told:
    """Say that an item, a colour, a material … is not liked; it fades with time."""
    return _opine(session, thing, -strength, on, preview)
