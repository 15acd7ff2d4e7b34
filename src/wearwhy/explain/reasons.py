"""The few reasons under a look: chosen for a wearer, not for their weight alone.

What a wearer wants to hear first (does it answer the rain, does it suit the dinner) is declared in
`kg/sentences.toml`: topics in their order, each with the rule files, rules and kinds of term that
belong to it. Terms that say the same of several things are one reason. A topic tells its best
reason before any topic tells a second; what a look before has told already counts for less; and
what speaks most against the look is told as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode

from wearwhy.explain.naming import Names, Templates
from wearwhy.explain.terms import ExplainedLook, ExplainedTerm
from wearwhy.outfit.labels import chosen
from wearwhy.rdf import WW, Node
from wearwhy.walk.graph import as_number

SLOT = re.compile(r"\{\??(\w+)\}")
_TOPIC = "topic-"
_GIVEN_AS: Mapping[Node, str] = {
    WW["opinion-view"]: "taste-view",
    WW["opinion-skip"]: "taste-skip",
}
_PHRASES = ("described", "with")

Slots = Mapping[str, tuple[Node, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """What one or several terms tell alike.

    Attributes:
        key: names what is told, whatever it is told of: the rule, the walk, the taste.
        topic: where it belongs; empty where no topic has it.
        value: the sum of its terms, in points.
        template: names the sentence in `kg/sentences.toml`; empty for a rule's own.
        rule: whose sentence it is.
        slots: the nodes that fill the sentence, several where terms are told together.
    """

    key: str
    topic: str
    value: float
    template: str
    rule: NamedNode | None
    slots: Slots


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of reasons: its name, how many it tells at most, and what belongs to it.

    Of what belongs to it, `rather` is told with preference.
    """

    name: str
    most: int
    tells: tuple[str, ...]
    rather: tuple[str, ...]


def topics(templates: Templates) -> tuple[Topic, ...]:
    """Return the declared topics, in the order in which they are told."""
    return tuple(
        Topic(
            name.removeprefix(_TOPIC),
            int(said.get("most", "1")),
            tuple(said["tells"].split()),
            tuple(said.get("rather", "").split()),
        )
        for name, said in templates.items()
        if name.startswith(_TOPIC)
    )


def reason(named: Names, term: ExplainedTerm) -> Reason:
    """Return what a single term tells."""
    of = term.term
    root = term.evidence.nodes[term.evidence.root]
    slots: dict[str, tuple[Node, ...]] = {
        name.removeprefix("?"): (node,) for name, node in root.bindings
    }
    if of.kind != "rule":
        slots["items"] = tuple(item for item in named.items if item in of.about)
        slots["last"] = slots.get("via", ())
    if of.kind == "pair" and of.coupled:
        slots["described"] = _described(named, slots, "first ")
        slots["with"] = _described(named, slots, "second ")
    names, key = _belongs(named, term)
    template = "" if of.kind == "rule" else _template(named, term, slots)
    topic = next((t.name for n in names for t in topics(named.templates) if n in t.tells), "")
    rule = of.source if of.kind == "rule" else None
    return Reason(key, topic, of.value, template, rule, slots)


def _described(named: Names, slots: Slots, side: str) -> tuple[Node, ...]:
    """Return what one item of a pair has, in the order in which words for it stand."""
    order = named.templates["phrase"]["order"].split()
    return tuple(chain.from_iterable(slots.get(side + name, ()) for name in order))


def _classes(slots: Slots) -> set[Node]:
    """Return the classes that the items of a pair are described by, which their names say too."""
    return {*slots.get("first rdf:type", ()), *slots.get("second rdf:type", ())}


def _latest(named: Names, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Return which of some outfits was worn last; of things without a day, one of them."""
    return (max(nodes, key=lambda n: (str(named.layer.value(n, WW.wornOn) or ""), str(n))),)


def _belongs(named: Names, term: ExplainedTerm) -> tuple[list[str], str]:
    """Return what a term may be listed under in a topic, narrowest first, and its reason's key."""
    of = term.term
    local = of.source.value.rpartition("#")[2] if of.source is not None else ""
    if of.kind == "rule":
        rule = named.layer.rule(of.source) if of.source is not None else None
        place = rule.place if rule else None
        return [local, Path(place.file).stem if place else ""], local
    if of.coupled:
        return [local, of.kind], " ".join((local or of.kind, *(str(node) for node in of.via)))
    if of.kind == "walk":
        return [local, of.kind], local
    return [of.kind], f"{of.kind} " + " ".join(str(node) for node in of.via)


def _template(named: Names, term: ExplainedTerm, slots: Slots) -> str:
    """Return the name of the sentence for a term that is no rule's."""
    of = term.term
    if of.kind == "walk" and of.source is not None:
        local = of.source.value.rpartition("#")[2]
        return local if local in named.templates else "walk"
    if of.kind == "pair" and of.coupled:
        seen = any(as_number(node) for node in slots.get("outfits", ()))
        more = {*slots["described"], *slots["with"]} - _classes(slots)
        known = "learned" if seen else "alike" if more else "bare" if slots["with"] else "unnamed"
        return f"pair-{known}-more" if of.value > 0 else f"pair-{known}-less"
    if of.kind == "pair":
        return "pair-more" if of.value > 0 else "pair-less"
    if of.kind == "taste":
        given = named.layer.value(of.source, WW.givenAs) if of.source is not None else None
        said = "taste-like" if of.value > 0 else "taste-dislike"
        return said if given is None else _GIVEN_AS.get(given, said)
    if of.kind == "comfort":
        clo, least, most = (as_number(slots[name][0]) or 0.0 for name in ("clo", "least", "most"))
        slight = float(named.templates["telling"]["slight"])
        if clo < least:
            return "comfort-cool" if least - clo <= slight else "comfort-cold"
        return "comfort-warm" if clo > most else "comfort-inside"
    return of.kind


def sentence(named: Names, told: Reason) -> str:
    """Return a reason as a sentence in the language of the names."""
    found = clause(named, told)
    return found[:1].upper() + found[1:]


def clause(named: Names, told: Reason) -> str:
    """Return a reason as what may stand within a sentence; it ends as one."""
    if told.template:
        return filled(named, named.templates[told.template][named.language], told.slots)
    said = _own(named, told)
    if said or told.rule is None:
        return filled(named, said, told.slots)
    return named.say("bare", name=named.of(told.rule))


def _own(named: Names, told: Reason) -> str:
    rule = named.layer.rule(told.rule) if told.rule is not None else None
    return chosen(rule.description.sentence, named.language) if rule else ""


_PART = re.compile(r"\{\??(?P<slot>\w+)\}|\[(?P<one>[^\[\]|]*)\|(?P<several>[^\[\]|]*)\]")


def filled(named: Names, text: str, slots: Slots) -> str:
    """Return a sentence with its slots filled; `[is|are]` agrees with the slot nearest before it."""
    places = [(m.start(), m[1]) for m in SLOT.finditer(text)]

    def several(at: int) -> bool:
        before = [name for place, name in places if place < at] or [n for _, n in places[:1]]
        nodes = slots.get(before[-1], ()) if before else ()
        if _everything(named, nodes) or _but_one(named, nodes):
            return False
        return len(nodes) > 1 or any(named.plural(node) for node in nodes)

    def part(match: re.Match[str]) -> str:
        name = match["slot"]
        if name is None:
            return SLOT.sub(slot, match["several"] if several(match.start()) else match["one"])
        return slot(match)

    def slot(match: re.Match[str]) -> str:
        name = match[1]
        if name in _PHRASES:
            return phrase(named, slots.get(name, ()))
        return listed(named, slots[name]) if name in slots else match.group(0)

    return _PART.sub(part, text)


def phrase(named: Names, nodes: Sequence[Node]) -> str:
    """Return what a thing has as one phrase: navy wool trousers."""
    said = list(dict.fromkeys(named.of(node) for node in nodes))
    return named.say("phrase").join(said)


def _everything(named: Names, nodes: Sequence[Node]) -> bool:
    return len(nodes) > 2 and set(nodes) == set(named.items)


def _but_one(named: Names, nodes: Sequence[Node]) -> list[Node]:
    """Return the one item that is left out where all others are named, and they are many."""
    left = [item for item in named.items if item not in nodes]
    return left if len(nodes) > 2 and len(left) == 1 and set(nodes) < set(named.items) else []


def listed(named: Names, nodes: Sequence[Node]) -> str:
    """Return names in a row, as a sentence has them; every item of the look is "every piece"."""
    if _everything(named, nodes):
        return named.say("every-item")
    for left in _but_one(named, nodes):
        return named.say("every-item-but", left=named.item(left))
    said = list(dict.fromkeys(named.item(node) for node in nodes))
    most = int(named.templates["telling"]["listed"])
    if len(said) > most:
        more = len(said) - most + 1
        return named.say("list-more", all=named.say("list").join(said[: most - 1]), n=more)
    head, last = named.say("list").join(said[:-1]), said[-1]
    return named.say("list-last", head=head, last=last) if head else last


def merged(named: Names, found: Sequence[Reason]) -> list[Reason]:
    """Return reasons of one key as one each, where they differ in a single slot of items.

    Of those that cannot be told together the one with the most weight stands.
    """
    by: dict[tuple[str, bool], list[Reason]] = {}
    for one in found:
        by.setdefault((one.key, one.value > 0), []).append(one)
    return [max(_joined(named, those), key=lambda r: abs(r.value)) for those in by.values()]


def _joined(named: Names, those: Sequence[Reason]) -> list[Reason]:
    """Return the ways to tell some of these together, each reason joined with all it can be."""
    used = set(SLOT.findall(_own(named, those[0])))
    result = []
    for first in those:
        for slot in sorted(used & first.slots.keys()) or [""]:
            rest = [name for name in used & first.slots.keys() if name != slot]
            alike = [one for one in those if all(one.slots[n] == first.slots[n] for n in rest)]
            result.append(_together(named, alike, slot))
    if those[0].template and len(those) > 1:
        result.append(_walked(named, those))
    return result


def _together(named: Names, alike: Sequence[Reason], slot: str) -> Reason:
    first = alike[0]
    if not slot or len(alike) == 1:
        return first
    nodes = tuple(dict.fromkeys(chain.from_iterable(one.slots[slot] for one in alike)))
    if any(node not in named.items for node in nodes) and len(nodes) > 1:
        return first
    placed = [item for item in named.items if item in nodes]
    value = sum(one.value for one in alike)
    slots = {**first.slots, slot: tuple(placed) if len(nodes) > 1 else nodes}
    return Reason(first.key, first.topic, value, first.template, first.rule, slots)


def _walked(named: Names, those: Sequence[Reason]) -> Reason:
    """Return walks along one path as one reason: what they bring, and through how many things."""
    first = those[0]
    about = set(chain.from_iterable(one.slots["items"] for one in those))
    items = tuple(item for item in named.items if item in about)
    via = tuple(dict.fromkeys(chain.from_iterable(one.slots.get("via", ()) for one in those)))
    slots = {**first.slots, "items": items, "via": via}
    if via:
        slots["last"] = _latest(named, via)
    value = sum(one.value for one in those)
    return Reason(first.key, first.topic, value, first.template, first.rule, slots)


def choose(named: Names, look: ExplainedLook) -> list[Reason]:
    """Return the reasons to tell under a look, in the order of their topics.

    Which they are depends on no language. The last may be one that speaks against the look.
    """
    telling = named.templates["telling"]
    least, most = float(telling["least"]), int(telling["most"])
    found = merged(named, [reason(named, t) for t in look.terms if t.term.kind != "neural"])
    before = told_before(named, look)
    again = float(telling["again"])

    rather = {key for topic in topics(named.templates) for key in topic.rather}

    def weight(one: Reason) -> float:
        more = float(telling["rather"]) if one.key in rather else 1.0
        return round(abs(one.value) * more * again ** before.get(one.key, 0), 9)

    ranked = sorted((r for r in found if r.topic), key=lambda r: (-weight(r), r.key))
    good = [r for r in ranked if r.value >= least or r.template.startswith("comfort")]
    bad = [r for r in ranked if r.value <= -float(telling["against"]) and r not in good][:1]
    room = most - len(bad)
    order = {topic.name: n for n, topic in enumerate(topics(named.templates))}
    limits = {topic.name: topic.most for topic in topics(named.templates)}
    chosen_ones: list[Reason] = []
    for first in (True, False):
        rows = sorted(good, key=lambda r: order[r.topic]) if first else good
        for one in rows:
            told = sum(other.topic == one.topic for other in chosen_ones)
            limit = 1 if first else limits[one.topic]
            if len(chosen_ones) < room and one not in chosen_ones and told < limit:
                chosen_ones.append(one)
    chosen_ones.sort(key=lambda r: order[r.topic])
    return [*chosen_ones, *bad]


def told_before(named: Names, look: ExplainedLook) -> dict[str, int]:
    """Return how often the looks shown before this one have told each reason."""
    if look.before is None:
        return {}
    kept = look.kept.get("told before")
    if isinstance(kept, dict):
        return kept
    line: list[ExplainedLook] = []
    here: ExplainedLook | None = look.before
    while here is not None:
        line.append(here)
        here = here.before
    counted: dict[str, int] = {}
    for one in reversed(line):
        one.kept.setdefault("told before", dict(counted))
        at_look = Names(one.layer, named.language, {}, named.templates, one.look.items)
        for told in choose(at_look, one):
            counted[told.key] = counted.get(told.key, 0) + 1
    look.kept["told before"] = counted
    return counted
