"""What things are called in an explanation: labels, and words for the engine's own nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import Kind
from wearwhy.explain.kinds import name_of, unnamed
from wearwhy.outfit.labels import chosen, label
from wearwhy.outfit.look import Look, pair_iri
from wearwhy.rdf import RDFS, SKOS, TYPE, WW, XSD, Fact, Node, curie, expand
from wearwhy.rules.layer import Layer

Templates = Mapping[str, Mapping[str, str]]

_FRACTIONS = frozenset((XSD.decimal, XSD.double, XSD.float))
_NUMBERS = _FRACTIONS | {XSD.integer}
_PROPERTY = re.compile(r"\{(\w+:\w+)\}")
_EITHER = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Names in one language, as a layer has them.

    Attributes:
        layer: where labels stand.
        language: of names.
        own: names of the look, its request, its pairs.
        templates: words of `kg/sentences.toml`, among them names for what has no label.
        items: the look's, in its order; a sentence says "the" of them.
        known: names that were asked for.
        shared: names that hold for every look, of what is not among `own`; takes more.
        forms: how sentences use those of them that are owned: with an article, whether in the
            plural; takes more.
    """

    layer: Layer
    language: str
    own: Mapping[Node, str]
    templates: Templates = field(default_factory=dict)
    items: tuple[Node, ...] = ()
    known: dict[Node, str] = field(default_factory=dict, init=False)
    shared: dict[Node, str] = field(default_factory=dict)
    forms: dict[tuple[Node, str], str | bool] = field(default_factory=dict)

    def say(self, name: str, /, **slots: object) -> str:
        """Return a template in this language, its slots filled."""
        return self.templates[name][self.language].format(**slots)

    def tell(self, name: str, /, **nodes: Node) -> str:
        """Return a template about things by their names; `[is|are]` agrees with the item."""
        text = self.templates[name][self.language]
        if "[" in text:
            several = "item" in nodes and self.several(nodes["item"])
            text = _EITHER.sub(lambda m: m[2 if several else 1], text)
        return text.format(**{slot: self.of(node) for slot, node in nodes.items()})

    def of(self, node: Node) -> str:
        """Return a node's name.

        That is its own word, its rule's label, its label, what it is ("your opinion of …"), or
        the words of its local name; of a number its shortest form, of a truth value yes or no.
        """
        if isinstance(node, Literal):
            return self._literal(node)
        known = self.known.get(node)
        if known is None:
            known = self.known[node] = self._of(node)
        return known

    def _of(self, node: Node) -> str:
        found = self.own.get(node)
        if found is not None:
            return found
        found = self.shared.get(node)
        if found is None:
            found = self.shared[node] = self._known_as(node)
        return found

    def _known_as(self, node: Node) -> str:
        """Return the name of a node that is none of the look's own."""
        found = None
        if isinstance(node, NamedNode):
            rule = self.layer.rule(node)
            found = chosen(rule.description.label, self.language) if rule else None
            found = found or self.templates.get(curie(node), {}).get(self.language)
        found = found or label(self.layer, node, self.language)
        if isinstance(node, NamedNode) and self.templates and found == curie(node):
            told = self._described(node) or self._unnamed(node) or name_of(self, node)
            return told or _spelt(found)
        return found

    def item(self, node: Node) -> str:
        """Return what a sentence calls an item, of the look or owned; other nodes by their name."""
        return str(self._form("item", node, self._item))

    def _form(self, form: str, node: Node, make: Callable[[Node], str | bool]) -> str | bool:
        """Return a form of a name, which is kept where what it names is owned."""
        found = self.forms.get((node, form))
        if found is None:
            found = make(node)
            if self._is_owned(node):
                self.forms[node, form] = found
        return found

    def _item(self, node: Node) -> str:
        name = self.of(node)
        if not self._is_item(node) or re.search(self.say("item-bare"), name):
            return name
        first = _WORD.match(name)
        if first and first.group().lower() in _words(self.layer):
            name = name[0].lower() + name[1:]
        return self.say("item", name=name)

    def _is_item(self, node: Node) -> bool:
        return node in self.items or self._is_owned(node)

    def _is_owned(self, node: Node) -> bool:
        return bool(self.layer.objects(node, WW.inWardrobe))

    def counts(self, node: Node) -> bool:
        """Return whether a verb may agree with a name: with an item, with a number."""
        if isinstance(node, Literal):
            return node.datatype in _NUMBERS
        return self._is_item(node)

    def plural(self, node: Node) -> bool:
        """Return whether a name takes a verb in the plural: trousers do, and 2, and 0."""
        if isinstance(node, Literal):
            return node.datatype.value.startswith(XSD) and node.value != "1"
        return bool(self._form("plural", node, self._plural))

    def _plural(self, node: Node) -> bool:
        return self._is_item(node) and self.several(node)

    def several(self, node: Node) -> bool:
        """Return whether a name is one of several things by what they are, whoever has them.

        Where that does not tell (footwear is neither one thing nor several), and of what the graph
        does not know yet, the name itself does.
        """
        kinds = [
            label(self.layer, kind, self.language)
            for kind in self.layer.objects(node, TYPE)
            if self.layer.kind(Fact(node, TYPE, kind)) is Kind.ASSERTED
        ]
        if any(self.fits("plural", kind) for kind in kinds):
            return True
        silent = all(self.fits("mass", kind) for kind in kinds)
        return silent and self.fits("plural", self.of(node))

    def fits(self, form: str, name: str) -> bool:
        """Return whether a name is of a form of words that is declared: plural, mass, vowel."""
        pattern = self.templates[form][self.language]
        return bool(pattern) and re.search(pattern, name) is not None

    def belonging(self, node: Node) -> str:
        """Return a name as the owner of what follows it: the skirt's, the boots'."""
        name = self.of(node)
        several = self.fits("plural", name)
        return self.say("belonging-plural" if several else "belonging", name=name)

    def a(self, node: Node) -> str:
        """Return a class's name as something is one: a coat, an anorak, trousers, footwear."""
        name = self.of(node)
        if unnamed(self, node):
            return self.say("a-kind", name=name)
        form = next((form for form in ("plural", "mass", "vowel") if self.fits(form, name)), None)
        return self.say("a" if form is None else f"a-{form}", name=name)

    def _literal(self, node: Literal) -> str:
        if node.datatype == XSD.boolean and self.templates:
            return self.say("true" if node.value in ("true", "1") else "false")
        text = node.value
        if node.datatype in _FRACTIONS and "." in text and "e" not in text.lower():
            text = text.rstrip("0").rstrip(".")
        if self.templates and node.datatype in _NUMBERS and text.startswith("-"):
            return "\N{MINUS SIGN}" + text[1:]
        return text

    def _described(self, node: NamedNode) -> str | None:
        """Return what a node without a label is called after its class, such as an opinion."""
        for kind in sorted(self.layer.objects(node, TYPE), key=str):
            said = self.templates.get(f"a {curie(kind)}")
            if said is None:
                continue
            text = said[self.language]
            values = {
                name: self.layer.value(node, expand(name)) for name in _PROPERTY.findall(text)
            }
            # Of what says nothing of itself, such as a shop's outfit without a day, the name is all.
            if None not in values.values():
                told = {name: self.of(value) for name, value in values.items() if value is not None}
                return _PROPERTY.sub(lambda m, told=told: told[m[1]], text)  # type: ignore[misc]
        return None

    def _unnamed(self, node: NamedNode) -> str | None:
        """Return what an item is called that nobody has named: its colour, its class, its id."""
        kinds = [
            kind
            for kind in sorted(self.layer.objects(node, TYPE), key=str)
            if isinstance(kind, NamedNode)
            and kind.value.startswith(WW)
            and self.layer.kind(Fact(node, TYPE, kind)) is Kind.ASSERTED
        ]
        homes = (WW.inWardrobe, WW.inCatalogue)
        if not kinds or not any(self.layer.objects(node, home) for home in homes):
            return None
        colour = self.layer.value(node, WW.colour)
        said = {"kind": self.of(kinds[0]), "id": node.value.rpartition("/")[2]}
        if colour is None:
            return self.say("unnamed", **said)
        return self.say("unnamed-coloured", colour=self.of(colour), **said)


def _spelt(name: str) -> str:
    """Return the words of a compact name that nothing has a label for."""
    local = name.rstrip(">").rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]
    return _HUMP.sub(" ", local).replace("-", " ").replace("_", " ").lower() or name


def _words(layer: Layer) -> frozenset[str]:
    """Return the words that English labels of the ontology write small; kept with its layer."""
    while layer.below is not None:
        layer = layer.below
    found = layer.cache.get("small words")
    if not isinstance(found, frozenset):
        texts = (
            fact.object.value
            for predicate in (SKOS.prefLabel, RDFS.label)
            for fact in layer.match(None, predicate, None)
            if isinstance(fact.object, Literal) and fact.object.language == "en"
        )
        found = frozenset(w for text in texts for w in _WORD.findall(text) if w == w.lower())
        layer.cache["small words"] = found
    return found


def names(layer: Layer, look: Look | None, templates: Templates, language: str) -> Names:
    """Return the names for explaining a look (or anything else) in a language."""
    own: dict[Node, str] = {}
    if look is not None:
        own[look.iri] = templates["the-look"][language]
        own[look.request.iri] = templates["the-request"][language]
        for first, second in combinations(look.items, 2):
            own[pair_iri(look.iri, first, second)] = templates["the-pair"][language].format(
                first=label(layer, first, language), second=label(layer, second, language)
            )
    return Names(layer, language, own, templates, look.items if look else ())
