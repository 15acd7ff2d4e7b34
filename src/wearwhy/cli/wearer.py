"""The verb that says who dresses: sizes, what stays covered, how warm they feel, what they avoid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.change import preview_option
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import changed

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names
    from wearwhy.rdf import NamedNode
    from wearwhy.rules.layer import Layer
    from wearwhy.wearer.profile import Profile

Json = dict[str, Any]


@verb(
    "wearer",
    examples=(
        "wearwhy wearer ines --size top=M --size feet=38 --cover arms --warmth-offset -3",
        "wearwhy wearer ines --dislike yellow --never leather --preview",
        "wearwhy wearer",
    ),
)
@click.argument("who", metavar="[ID]", required=False)
@click.option("--name", help="What they are called.")
@click.option(
    "--size", "sizes", multiple=True, metavar="SLOT=SIZE", help="Such as top=M or feet=38,39."
)
@click.option(
    "--cover", "covered", multiple=True, metavar="PART", help="A part of the body to keep covered."
)
@click.option(
    "--warmth-offset",
    "warmth",
    type=float,
    metavar="DEGREES",
    help="How much warmer the air feels to them; below 0 for who feels the cold.",
)
@click.option("--hemisphere", help="Where they live: north or south.")
@click.option(
    "--dislike", "dislikes", multiple=True, metavar="THING", help="It speaks against a look."
)
@click.option("--never", multiple=True, metavar="THING", help="No look has it.")
@click.option("--forget", is_flag=True, help="Take back all that was said of them.")
@preview_option
def wearer(
    session: Session,
    who: str | None,
    *,
    sizes: tuple[str, ...],
    forget: bool,
    preview: bool,
    **said: Any,
) -> Told:
    """Say something of a wearer, or show what is said; --wearer ID then dresses them.

    Nothing is inferred of anybody: a size, a coverage or a dislike holds because it was said. What
    is said of sizes in a slot, of warmth, of the name and of where they live takes the place of
    what was said before.
    """
    from wearwhy.errors import InputError
    from wearwhy.workspace import wearers

    workspace = session.open(usual=True)
    name = workspace.wardrobe(session.named)
    with working(session.say("reasoning")):
        layer = workspace.layer(name)
    meant = wearers.Said(sizes=sizes, **said)
    if not meant and not forget:
        return _shown(session, layer, who)
    if who is None or (forget and meant):
        raise InputError(
            "WW-WEARER-WHO",
            "It is not said who the wearer is." if who is None else "Forget them, or say more.",
            hint="Give an id, such as: wearwhy wearer ines --size top=M.",
        )
    if forget:
        edit = wearers.forget(workspace.state, name, wearers.wearer(layer, who))
        return changed(session, workspace, edit, preview=preview)
    node = wearers.new_wearer(layer, who, workspace.settings.base_iri)
    profile = wearers.profile(layer, workspace.names, wearers.named(layer, node, meant, who))
    edit = wearers.say(workspace.state, name, node, profile)
    return changed(session, workspace, edit, preview=preview)


def _shown(session: Session, layer: Layer, who: str | None) -> Told:
    from wearwhy.wearer.profile import read_profile, wearers
    from wearwhy.workspace.wearers import wearer as find_wearer

    nodes = [find_wearer(layer, who)] if who else wearers(layer)
    found = {node: read_profile(layer, node) for node in nodes}

    def text() -> str:
        named = session.names(layer)
        lines = [
            line for node, said in found.items() for line in _lines(session, named, node, said)
        ]
        return "\n".join(lines) or session.say("no-wearers")

    def document() -> Json:
        from wearwhy.service.documents import wearer_json

        return {"wearers": [wearer_json(node, said) for node, said in found.items()]}

    return Told(document, text)


def _lines(session: Session, named: Names, node: NamedNode, said: Profile) -> list[str]:
    between = named.say("list")
    slots = "; ".join(f"{named.of(slot)} {between.join(s)}" for slot, s in said.sizes.items())
    told = {
        "wearer-sizes": slots,
        "wearer-covers": between.join(map(named.of, said.covered)),
        "wearer-colder": f"{-said.warmth:g}" if said.warmth and said.warmth < 0 else "",
        "wearer-warmer": f"{said.warmth:g}" if said.warmth and said.warmth > 0 else "",
        "wearer-hemisphere": named.of(said.hemisphere) if said.hemisphere else "",
        "wearer-dislikes": between.join(map(named.of, said.dislikes)),
        "wearer-never": between.join(map(named.of, said.never)),
    }
    head = f"{node.value.rpartition('/')[2]}: {said.name or named.of(node)}"
    return [head, *("  " + session.say(key, said=value) for key, value in told.items() if value)]
