"""What a term of a look tells a wearer: its topic, its sentence, and what fills that.

What a wearer wants to hear first (does it answer the rain, does it suit the dinner) is declared in
`kg/sentences.toml`: topics in their order, each with the rule files, rules and kinds of term that
belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode

from wearwhy.explain.filling import Slots, filling
from wearwhy.explain.naming import Names
from wearwhy.explain.terms import ExplainedTerm
from wearwhy.explain.topics import by_name
from wearwhy.outfit.labels import chosen
from wearwhy.outfit.score import Term
from wearwhy.rdf import WW, Node
from wearwhy.walk.graph import as_number

SLOT = re.compile(r"\{\??(\w+)\}")
_GIVEN_AS: Mapping[Node, str] = {
    WW["opinion-view"]: "taste-view",
    WW["opinion-skip"]: "taste-skip",
}
_PHRASES = ("described", "with")


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


def reason(named: Names, term: ExplainedTerm) -> Reason:
    """Return what a single term tells."""
    root = term.evidence.nodes[term.evidence.root]
    bound = {name.removeprefix("?"): (node,) for name, node in root.bindings}
    return told(named, term.term, bound)


def told(named: Names, of: Term, bound: Slots) -> Reason:
    """Return what a term tells whose evidence has bound some slots."""
    slots = bound
    walk = of.kind == "walk"
    if of.kind != "rule":
        about = set(of.about)
        items = tuple(item for item in named.items if item in about)
        more: Slots = {"items": items}
        # Only walks are told by what they pass through, and asking finds it.
        slots = filling(bound, {**more, "last": bound.get("via", ())} if walk else more)
    if of.kind == "pair" and of.coupled:
        sides = {"described": "first ", "with": "second "}
        more = {name: _described(named, slots, side) for name, side in sides.items()}
        slots = filling(slots, more)
    topic, key = _belongs(named, of)
    template = "" if of.kind == "rule" else _template(named, of, slots)
    rule = of.source if of.kind == "rule" else None
    return Reason(key, topic, of.value, template, rule, slots)


def _described(named: Names, slots: Slots, side: str) -> tuple[Node, ...]:
    """Return what one item of a pair has, in the order in which words for it stand."""
    order = named.templates["phrase"]["order"].split()
    return tuple(chain.from_iterable(slots.get(side + name, ()) for name in order))


def _classes(slots: Slots) -> set[Node]:
    """Return the classes that the items of a pair are described by, which their names say too."""
    return {*slots.get("first rdf:type", ()), *slots.get("second rdf:type", ())}


def _belongs(named: Names, of: Term) -> tuple[str, str]:
    """Return the topic of a term, that of its narrowest name that has one, and its reason's key."""
    if of.kind == "rule" and of.source is not None:
        known = _of_rules(named)
        found = known.get(of.source)
        if found is None:
            found = known[of.source] = _of_rule(named, of.source)
        return found
    local = _local(of.source.value) if of.source is not None else ""
    if of.coupled:
        key = " ".join((local or of.kind, *(str(node) for node in of.via)))
        return _topic(named, local, of.kind), key
    if of.kind == "walk":
        return _topic(named, local, of.kind), local
    return _topic(named, of.kind), f"{of.kind} " + " ".join(str(node) for node in of.via)


def _of_rules(named: Names) -> dict[NamedNode, tuple[str, str]]:
    """Return the topics and keys of rules, kept with their program; takes more."""
    cache = named.layer.program.cache
    kept = cache.get("topics")
    if not isinstance(kept, tuple) or kept[0] is not named.templates:
        kept = cache["topics"] = (named.templates, {})
    found: dict[NamedNode, tuple[str, str]] = kept[1]
    return found


def _of_rule(named: Names, iri: NamedNode) -> tuple[str, str]:
    local = _local(iri.value)
    rule = named.layer.rule(iri)
    place = rule.place if rule else None
    return _topic(named, local, _stem(place.file) if place else ""), local


@lru_cache(maxsize=4096)
def _stem(file: str) -> str:
    return Path(file).stem


def _local(iri: str) -> str:
    return iri.rpartition("#")[2]


def _topic(named: Names, *names: str) -> str:
    """Return the topic that has the first of some names; empty where none has any."""
    by = by_name(named.templates)[1]
    return next((by[name] for name in names if name in by), "")


def _template(named: Names, of: Term, slots: Slots) -> str:
    """Return the name of the sentence for a term that is no rule's."""
    if of.kind == "walk" and of.source is not None:
        local = _local(of.source.value)
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
        felt = "-felt" if "air" in slots else ""
        if clo < least:
            return f"comfort-{'cool' if least - clo <= slight else 'cold'}{felt}"
        return f"comfort-{'warm' if clo > most else 'inside'}{felt}"
    return of.kind


def sentence(named: Names, told: Reason) -> str:
    """Return a reason as a sentence in the language of the names."""
    found = clause(named, told)
    return found[:1].upper() + found[1:]


def clause(named: Names, told: Reason) -> str:
    """Return a reason as what may stand within a sentence, after a colon; it ends as one."""
    said = named.templates[told.template][named.language] if told.template else own(named, told)
    if not said and told.rule is not None:
        return named.say("bare", name=named.of(told.rule))
    found = filled(named, said, told.slots)
    # What fills a slot keeps its case: it may be a name.
    if not said.startswith("{") and named.fits("small", found):
        return found[:1].lower() + found[1:]
    return found


def own(named: Names, told: Reason) -> str:
    """Return the sentence of a reason's rule; empty where it is no rule's, or has none."""
    rule = named.layer.rule(told.rule) if told.rule is not None else None
    return chosen(rule.description.sentence, named.language) if rule else ""


_PART = re.compile(r"\{\??(?P<slot>\w+)\}|\[(?P<one>[^\[\]|]*)\|(?P<several>[^\[\]|]*)\]")


def filled(named: Names, text: str, slots: Slots) -> str:
    """Return a sentence with its slots filled; `[is|are]` agrees with the slot nearest before it.

    That is the nearest of those that are one or several: items and numbers, not a material or a day.
    """
    places = [(m.start(), m[1]) for m in SLOT.finditer(text)]

    def several(at: int) -> bool:
        before = [name for place, name in places if place < at] or [n for _, n in places[:1]]
        found = [nodes for name in reversed(before) if (nodes := slots.get(name))]
        counted = (nodes for nodes in found if any(map(named.counts, nodes)))
        nodes = next(counted, found[0] if found else ())
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
