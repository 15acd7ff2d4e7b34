"""Rules, guesses and both together on the same judged items, none of which states the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from pyoxigraph import NamedNode

from wearwhy.evidence import Kind
from wearwhy.learn.guess import guess
from wearwhy.learn.model_files import Model
from wearwhy.learn.plan import Attribute, Plan
from wearwhy.learn.table import Graph, Kinds
from wearwhy.learn.truth import Standing, Truth, by_rules, judged_attributes, standing
from wearwhy.rdf import Fact, Node


def _certain(layer: Graph, fact: Fact) -> bool:
    confidence = getattr(layer, "confidence", None)
    return confidence is None or confidence(fact) >= 1.0


class WithoutRules:
    """A graph as it would be if no rule had spoken of some properties."""

    def __init__(self, graph: Graph, silent: Iterable[NamedNode]) -> None:
        self._graph = graph
        self._silent = frozenset(silent)

    def match(
        self, subject: Node | None, predicate: NamedNode | None, object_: Node | None, /
    ) -> Iterator[Fact]:
        """Yield the facts that fit and that no rule concluded; None fits everything."""
        for fact in self._graph.match(subject, predicate, object_):
            if fact.predicate not in self._silent or self.kind(fact) is not Kind.DERIVED:
                yield fact

    def kind(self, fact: Fact, /) -> Kind:
        """Return the kind of a fact."""
        return self._graph.kind(fact) if isinstance(self._graph, Kinds) else Kind.ASSERTED


def compared(
    layer_of: Callable[[Attribute], Graph],
    model: Model,
    truths: Sequence[Truth],
    plan: Plan,
    item: Callable[[Truth], NamedNode],
    *,
    threshold: float,
) -> tuple[Standing, ...]:
    """Return how rules, guesses and both together stand, for each attribute that is judged.

    `rules` are those conclusions that are certain, `rules, unsure too` all of them; `guesses` are
    the model's about every item, as if no rule spoke of any attribute; `both` are the certain
    conclusions and, about items of which there is none, guesses.

    Args:
        layer_of: the closed facts in which nobody states the attribute of a judged item.
        model: what guesses.
        truths: the judged items.
        plan: which attributes, which features, which occasions were judged.
        item: the item a judged row is about.
        threshold: lower 90 % bound of held-out precision that a guess must pass.
    """
    items = [item(truth) for truth in truths]
    found = []
    for attribute in judged_attributes(plan):
        layer = layer_of(attribute)
        lone = replace(plan, attributes=(attribute,))
        mute = WithoutRules(layer, (a.iri for a in plan.attributes))
        ruled = [fact for author, fact in by_rules(layer, items, lone) if author == "rules"]
        certain = [fact for fact in ruled if _certain(layer, fact)]
        asked = {
            author: guess(graph, model, items, lone, threshold=threshold)
            for author, graph in (("guesses", mute), ("both", layer))
        }
        said = {
            "rules": certain,
            "rules, unsure too": ruled,
            "guesses": [g.fact for g in asked["guesses"]],
            "both": [*certain, *(g.fact for g in asked["both"])],
        }
        found += [
            standing(author, attribute, facts, truths, plan=plan, item=item)
            for author, facts in said.items()
        ]
    return tuple(found)
