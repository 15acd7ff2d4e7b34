"""What a mined rule says, in words: from the labels of what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from wearwhy.explain.naming import Templates
from wearwhy.learn.features import Token, above
from wearwhy.learn.mined.stars_rules import ItemRule
from wearwhy.learn.source_columns import PREFIX
from wearwhy.learn.table import Table
from wearwhy.rdf import RDFS, SCHEMA, SKOS, WW, Node, expand

WORDS = ("word", "opening")
_SIGNS = str.maketrans("{}[]|", "()()/")


@dataclass(frozen=True, slots=True)
class Words:
    """Names and phrases in one language.

    Attributes:
        said: where labels stand.
        phrases: of `kg/phrases.toml`.
        language: of both.
    """

    said: Table
    phrases: Templates
    language: str

    def say(self, key: str, **slots: object) -> str:
        """Return a phrase, its slots filled."""
        return self.phrases[key][self.language].format(**slots)

    def of(self, node: Node) -> str:
        """Return a node's label: in this language, in English, in any; else its local name."""
        if isinstance(node, Literal):
            return node.value
        found = [
            value
            for predicate in (SCHEMA.name, SKOS.prefLabel, RDFS.label)
            for value in self.said.objects(node, predicate)
            if isinstance(value, Literal)
        ]
        if found:
            best = min(found, key=lambda o: (o.language != self.language, o.language != "en"))
            return best.value
        return (
            node.value.rpartition("#")[2].rpartition("/")[2] if isinstance(node, NamedNode) else ""
        )

    def property(self, relation: str) -> str:
        """Return what the first step of a token's relation is called."""
        if relation.startswith(PREFIX):
            return self.of(WW[relation.removeprefix("ww:")])
        first = relation.split("/", maxsplit=1)[0]
        return self.say("mined-type") if first == "rdf:type" else self.of(expand(first))

    def value(self, token: Token) -> str:
        """Return what a token's value is called: a concept by its label, else as it stands."""
        concept = ":" in token.value and not is_text(token)
        return self.of(expand(token.value)) if concept else token.value

    def token(self, token: Token) -> str:
        """Return a token in words: `material wool`, `the word "checked"`."""
        if token.relation in WORDS:
            return self.say(f"mined-{token.relation}", value=token.value)
        key = "mined-above" if above(token.relation) else "mined-token"
        return self.say(key, property=self.property(token.relation), value=self.value(token))

    def head(self, rule: ItemRule) -> str:
        """Return what a rule concludes: `formality business`."""
        shown = Token(rule.attribute.relation, rule.value)
        return self.say(
            "mined-token", property=self.property(shown.relation), value=self.value(shown)
        )

    def body(self, tokens: Sequence[Token]) -> str:
        """Return a body as a formula: `type blazer ∧ material wool`."""
        return " ∧ ".join(self.token(token) for token in tokens)

    def rule(self, rule: ItemRule) -> str:
        """Return a rule as a formula: `formality business ← type blazer ∧ material wool`."""
        return f"{self.head(rule)} ← {self.body(rule.body)}"

    def sentence(self, rule: ItemRule) -> str:
        """Return a rule as what it tells a wearer, with the slot of its item."""
        shown = Token(rule.attribute.relation, rule.value)
        parts = self.say("mined-and").join(self.token(token) for token in rule.body)
        return self.say(
            "mined-sentence",
            item="{?item}",
            property=plain(self.property(shown.relation)),
            value=plain(self.value(shown)),
            body=plain(parts),
            verb="[has|have]",
        )


def plain(text: str) -> str:
    """Return a text without the signs that mean something in a rule's sentence."""
    return text.translate(_SIGNS)


def is_text(token: Token) -> bool:
    """Return whether a token's value is a text: of a source's cell, a name, a word."""
    return (
        token.relation in WORDS
        or token.relation.startswith(PREFIX)
        or not token.relation.startswith(("ww:", "rdf:"))
    )
