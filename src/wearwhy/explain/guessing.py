"""What a node of a guess says, in words: log-odds, and the tokens, rules and figures behind them.

`learn.told` gives such nodes their bindings; the words are in `kg/sentences.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import EvidenceNode
from wearwhy.explain.naming import Names
from wearwhy.rdf import TYPE, Node


def guess_note(named: Names, node: EvidenceNode) -> str | None:
    """Return what a node of a guess says beside its statement; None for a node of anything else."""
    slots = dict(node.bindings)
    addend = slots.get("addend")
    if not isinstance(addend, Literal):
        return None
    value = log_odds(node.value)
    if addend.value == "margin":
        over = slots.get("over")
        key = "guess-margin-not" if over is None else "guess-margin"
        return named.say(key, value=value, over="" if over is None else named.of(over))
    told = {name: named.of(slots[name]) for name in _FIGURES if name in slots}
    if addend.value == "more" and told["n"] == "1":
        return named.say("addend-more-one", value=value)
    tokens = _tokens(slots)
    if addend.value == "mined":
        body = named.say("list-apart").join(_token(named, *token) for token in tokens)
        return named.say("addend-mined", value=value, body=body, **told)
    if addend.value == "facts":
        return _carried(named, node, value, tokens)
    return named.say(f"addend-{addend.value}", value=value, **told)


def log_odds(value: float | None) -> str:
    """Return log-odds with their sign and two decimals; nothing for None."""
    return "" if value is None else f"{value:+.2f}".replace("-", "−")


_FIGURES = ("n", "held", "support", "confidence", "cosine", "known")
_Token = tuple[Node, Node | None, Node]
"""Relation, step upwards, value."""


def _tokens(slots: Mapping[str, Node]) -> list[_Token]:
    found: list[_Token] = []
    while (relation := slots.get(f"{len(found) + 1} relation")) is not None:
        n = len(found) + 1
        found.append((relation, slots.get(f"{n} step"), slots[f"{n} value"]))
    return found


def _carried(named: Names, node: EvidenceNode, value: str, tokens: list[_Token]) -> str:
    """Return what facts weigh, and as what they were weighed beyond what they say themselves."""
    fact = node.statement
    more = [
        token
        for token in tokens
        if fact is None or token[:2] != (fact.predicate, None) or _differs(token[2], fact.object)
    ]
    together: dict[tuple[Node, Node | None], list[Node]] = {}
    for relation, step, what in more:
        together.setdefault((relation, step), []).append(what)
    said = [_token(named, relation, step, *values) for (relation, step), values in together.items()]
    if not said:
        return named.say("addend-fact", value=value)
    return named.say("addend-facts", value=value, tokens=named.say("list-apart").join(said))


def _differs(token: Node, thing: Node) -> bool:
    """Return whether a token says something else than the object of its fact, but for case."""
    if isinstance(token, NamedNode) or isinstance(thing, NamedNode):
        return token != thing
    return str(getattr(token, "value", token)).casefold() != (
        str(getattr(thing, "value", thing)).strip().casefold()
    )


def _token(named: Names, relation: Node, step: Node | None, *values: Node) -> str:
    things = named.say("list").join(named.of(value) for value in values)
    if isinstance(relation, Literal):
        return named.say(f"token-{relation.value}", values=things)
    key = "token-class" if relation == TYPE else "token"
    if step is not None:
        key += "-above"
    return named.say(key, relation=named.of(relation), values=things)
