"""The evidence of a look as the page opens it: level by level, each node in words."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from wearwhy.errors import UnknownName
from wearwhy.evidence import Evidence, EvidenceNode
from wearwhy.explain.drawing import layout, sets_the_stage
from wearwhy.explain.evidence_picture import evidence_picture
from wearwhy.explain.naming import Names, Templates
from wearwhy.explain.naming import names as names_of
from wearwhy.explain.sentences import reasons, term_label
from wearwhy.explain.whole import evidence_of
from wearwhy.explain.wording import node_text
from wearwhy.http.page.words import Words
from wearwhy.http.page.words import sentences as page_sentences
from wearwhy.proof.prove import reachable
from wearwhy.rdf import Node
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.documents import Json
from wearwhy.service.service import Service
from wearwhy.service.speaking import sentences
from wearwhy.workspace.replay import replay

T = TypeVar("T")
KEPT: Final = 24
"""How many looks' evidence is kept in words, the last asked for; some 300 kB each."""


def told(
    service: Service, caller: Caller, look_id: str, wardrobe: str | None, language: str
) -> Json:
    """Return a look, its terms, and its whole evidence in words.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN, WW-WARDROBE-NONE.
        NoAnswer: WW-REPLAY-GONE.
    """
    caller.require(Scope.READ)
    name = caller.wardrobe(wardrobe)
    look = replay(service.workspace, look_id, name)
    found = evidence_of(look)
    named = names_of(look.layer, look.look, sentences(), language)
    return {
        "id": look.look.id,
        "score": look.look.score,
        "items": [
            {"id": p.item.value, "label": named.of(p.item), "slot": named.of(p.slot)}
            for p in look.look.placed
        ],
        "reasons": reasons(look, sentences(), language),
        "terms": [
            {
                "kind": one.term.kind,
                "label": term_label(named, one),
                "value": one.term.value,
                "about": _about(named, look.look.items, one.term.about, term_label(named, one)),
                "without": one.without,
                "evidence": one.evidence.root,
            }
            for one in look.terms
        ],
        "root": found.root,
        "nodes": nodes_in_words(named, found),
    }


def drawn(
    service: Service,
    caller: Caller,
    look_id: str,
    node: str,
    *,
    depth: int,
    wardrobe: str | None,
    language: str,
) -> str:
    """Return what one node of a look's evidence rests on, as the text of an SVG file.

    Args:
        service: that is asked.
        caller: who asks.
        look_id: of the look.
        node: of its evidence; an empty text for the score.
        depth: how many steps below it are drawn.
        wardrobe: whose look it is.
        language: of what is written.

    Raises:
        UnknownName: WW-LOOK-UNKNOWN, WW-WARDROBE-NONE, WW-PAGE-NODE.
        NoAnswer: WW-REPLAY-GONE.
    """
    caller.require(Scope.READ)
    look = replay(service.workspace, look_id, caller.wardrobe(wardrobe))
    found = evidence_of(look)
    if node:
        found = reachable(node_named(found.nodes, node).id, dict(found.nodes))
    named = names_of(look.layer, look.look, {**sentences(), **_kinds()}, language)
    chart = layout(named, found, depth=depth)
    return evidence_picture(named, chart, chart.nodes[0].text)


def _about(named: Names, items: Sequence[Node], about: Sequence[Node], label: str) -> str:
    """Return whom of a look a term is about, where it is not the whole look and not its label."""
    own = [item for item in items if item in about]
    if not own or len(own) == len(items):
        return ""
    whom = named.say("list").join(named.of(item) for item in own)
    return "" if whom == label else whom


def nodes_in_words(named: Names, found: Evidence) -> Json:
    """Return the nodes of evidence in words, by name; a look's score is not among them."""
    return {
        key: _node(named, node, found.nodes)
        for key, node in found.nodes.items()
        if not key.startswith("look-")
    }


def _node(named: Names, node: EvidenceNode, all_nodes: Mapping[str, EvidenceNode]) -> Json:
    text = node_text(named, node)
    tag = text[1 : text.index("]")] if text.startswith("[") and "]" in text else ""
    return {
        "kind": node.kind.value,
        "tag": _in_words_of_the_page(named, node.kind.value, tag),
        "text": text[len(tag) + 2 :].strip() if tag else text,
        "value": node.value,
        "needed": node.needed,
        "premises": [
            one
            for one in dict.fromkeys(node.premises)
            if one in all_nodes and not sets_the_stage(named, all_nodes[one])
        ],
    }


def _kinds() -> Templates:
    """Return what the page calls the kinds of evidence, by the names that a picture asks for."""
    return {name: texts for name, texts in page_sentences().items() if name.startswith("kind-")}


def _in_words_of_the_page(named: Names, kind: str, tag: str) -> str:
    """Return a tag with its kind as the page calls it on items, too: `said` is `asserted` there."""
    words, name = Words(named.language), f"kind-{kind}"
    return tag.replace(named.say(name), words(name), 1) if tag and words.known(name) else tag


def node_of(document: Json, name: str) -> Json:
    """Return one node of a look's evidence.

    Raises:
        UnknownName: WW-PAGE-NODE.
    """
    nodes: Mapping[str, Json] = document["nodes"]
    return node_named(nodes, name)


def node_named(nodes: Mapping[str, T], name: str) -> T:
    """Return the node of a name.

    Raises:
        UnknownName: WW-PAGE-NODE.
    """
    if name not in nodes:
        raise UnknownName(
            "WW-PAGE-NODE",
            "This look rests on no such thing.",
            hint="Open the look's reasons again: the wardrobe may have changed.",
        )
    return nodes[name]


@dataclass(slots=True)
class Shelf:
    """Evidence in words, kept while the wardrobe stands where it stood."""

    _found: OrderedDict[tuple[str, ...], Json] = field(default_factory=OrderedDict)

    def get(self, key: tuple[str, ...]) -> Json | None:
        """Return what is kept under a key, or None."""
        if key in self._found:
            self._found.move_to_end(key)
        return self._found.get(key)

    def put(self, key: tuple[str, ...], document: Json) -> Json:
        """Keep a document, and drop the one that was not asked for the longest."""
        self._found[key] = document
        while len(self._found) > KEPT:
            self._found.popitem(last=False)
        return document
