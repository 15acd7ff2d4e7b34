"""Verbs of a wearer's days: what was worn and washed, what is liked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from wearwhy.cli.change import preview_option
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, Verb, verb
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
    workspace = session.open(usual=True)
    name = workspace.wardrobe(session.named)
    with working(session.say("reasoning")):
        return workspace, name, workspace.layer(name)


def _items(layer: Layer, items: tuple[str, ...]) -> list[NamedNode]:
    from wearwhy.workspace import find

    return list(dict.fromkeys(find.item(layer, text) for text in items))


@verb("wore", examples=("wearwhy wore w01 w26 w45 --date 2026-11-20 --occasion office",))
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@day_option
@click.option("--occasion", "occasions", multiple=True, help="What for; may be given again.")
@click.option("--wearer", metavar="ID", help="Who wore it.")
@preview_option
def wore(
    session: Session,
    items: tuple[str, ...],
    *,
    on: str | None,
    occasions: tuple[str, ...],
    wearer: str | None,
    preview: bool,
) -> Told:
    """Record what was worn together on a day."""
    from wearwhy.workspace import asking, edits

    day = _day(on)
    workspace, name, layer = _opened(session)
    meant = [
        asking.concept(workspace.names, text, asking.OCCASIONS, "an occasion") for text in occasions
    ]
    edit = edits.wore(name, _items(layer, items), day, meant, _wearer(layer, wearer))
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


def _wearer(layer: Layer, text: str | None) -> NamedNode | None:
    from wearwhy.workspace import wearers

    return wearers.wearer(layer, text) if text else None


def _opine(
    session: Session,
    thing: str,
    kind: str,
    strength: float | None,
    *,
    on: str | None,
    wearer: str | None,
    preview: bool,
) -> Told:
    from wearwhy.errors import InputError
    from wearwhy.rdf import WW, NamedNode
    from wearwhy.wearer import taste
    from wearwhy.workspace import edits, find

    day = _day(on)
    workspace, name, layer = _opened(session)
    about = find.term(layer, workspace.names, thing)
    if not isinstance(about, NamedNode):
        raise InputError("WW-OPINION-ABOUT", f"'{thing}' is a text; like an item or a concept.")
    given_as = WW[f"opinion-{kind}"]
    usual = taste.usual(layer, given_as)
    value = usual if strength is None else strength * (1 if usual > 0 else -1)
    # What is put into words is a like or a dislike by its strength alone.
    told = given_as if kind in UNSPOKEN else None
    edit = edits.opine(name, about, value, day, _wearer(layer, wearer), given_as=told)
    return changed(session, workspace, edit, preview=preview)


UNSPOKEN = ("view", "skip")

wearer_option = click.option(
    "--wearer", metavar="ID", help="Who it is of (default: whoever dresses)."
)


def _opinion(kind: str, usual: str, told: str, example: str) -> Verb:
    """Return the verb that records an opinion of a kind.

    Args:
        kind: of `ww:opinion-KIND`, and what the verb is called.
        usual: how much is meant where nothing is said.
        told: the help.
        example: of its use.
    """

    @click.argument("thing")
    @click.option(
        "--strength",
        type=click.FloatRange(0, 1, min_open=True),
        help=f"How much (default: {usual}, as ontology/taste.ttl declares).",
    )
    @day_option
    @wearer_option
    @preview_option
    def said(
        session: Session,
        thing: str,
        *,
        strength: float | None,
        on: str | None,
        wearer: str | None,
        preview: bool,
    ) -> Told:
        return _opine(session, thing, kind, strength, on=on, wearer=wearer, preview=preview)

    return verb(kind, examples=(f"wearwhy {kind} {example}",), help=told)(said)


like = _opinion(
    "like",
    "0.8",
    "Say that an item, a colour, a material … is liked; it fades with time.",
    "navy --strength 0.5 --date 2026-11-21",
)
dislike = _opinion(
    "dislike",
    "0.8",
    "Say that an item, a colour, a material … is not liked; it fades with time.",
    "w15 --date 2026-11-21",
)
view = _opinion(
    "view",
    "0.5",
    "Record that something was looked at for long: it counts as half a liking, and fades.",
    "w31 --date 2026-11-21",
)
skip = _opinion(
    "skip",
    "0.6",
    "Record that something was shown and passed over: it counts against it, and fades.",
    "w15 --date 2026-11-21",
)
