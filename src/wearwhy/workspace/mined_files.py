"""A mined rule as a rule file: a draft that a stylist reads, changes, previews and applies.

Bodies read what was stated (`WHERE DATA`), as they were counted; and where an attribute has one
value, an item that is stated to have another is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from wearwhy.errors import InputError, Place, ValueRefused
from wearwhy.evidence import Kind
from wearwhy.feeds.words import slug
from wearwhy.learn.features import Token, above
from wearwhy.learn.mined.stars_rules import ItemRule
from wearwhy.learn.source_columns import PREFIX
from wearwhy.rdf import PREFIXES, RDFS, RULE, WW, Fact, Node, expand, literal
from wearwhy.rules.layer import Layer
from wearwhy.rules.model import Atom, Call, Document, Element, Filter, Negation, Rule, Var
from wearwhy.rules.syntax.printer import render
from wearwhy.workspace.drafts import ENDINGS, RULES, folder_of
from wearwhy.workspace.mined_words import WORDS, Words, is_text, plain
from wearwhy.workspace.mining import Mined, value_of
from wearwhy.workspace.proposal import Wanted, rule_scope

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

ITEM = Var("item")
# A word ends where a letter does not go on, nor a hyphen or apostrophe with a letter behind it.
_BEFORE = r"(?:^|[^\p{L}'-]|(?:^|\P{L})['-])"
_AFTER = r"(?:$|[^\p{L}'-]|['-](?:$|\P{L}))"
_FIRST = r"^\P{L}*"
_HAN = re.compile(r"[㐀-鿿]+")


def promoted(
    workspace: Workspace,
    found: Mined,
    rule: ItemRule,
    words: tuple[Words, Words],
    *,
    into: Path | None = None,
    name: str | None = None,
) -> tuple[Path, str]:
    """Write a mined rule as a draft, and return its file and text.

    Args:
        workspace: open.
        found: what was mined.
        rule: of it.
        words: in English and in Chinese.
        into: the file to write; a draft of its own among the workspace's, if None.
        name: the wardrobe whose draft it is; the base's, if None.

    Raises:
        InputError: WW-MINE-EXISTS, where the file is there; WW-MINE-ENDING, where it is no .srl.
        ValueRefused: WW-MINE-INEXACT, where no rule file says exactly what was counted.
    """
    scope = rule_scope(workspace, Wanted(wardrobe=name))
    path = into or folder_of(workspace.folder, scope, RULES) / f"{_local(rule)}{ENDINGS[RULES]}"
    if path.suffix != ENDINGS[RULES]:
        raise InputError(
            "WW-MINE-ENDING",
            f"{path.name} is not the name of a rule file.",
            note="Rule files end in .srl: only those are drafts.",
            hint=f"Did you mean {path.stem}.srl?",
        )
    if path.exists():
        raise InputError(
            "WW-MINE-EXISTS",
            f"{path.name} is there already.",
            note="A draft is never written over: somebody may have changed it.",
            hint=f"Preview it: wearwhy rules preview {path}; or name another: --into FILE.",
            place=Place(str(path)),
        )
    whole = as_rule(found, rule)
    require_exact(found, rule, whole)
    text = as_text(rule, whole, words, workspace.revision)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="")
    return path, text


def _local(rule: ItemRule) -> str:
    return f"mined-{slug(rule.attribute.label or rule.attribute.name)}-{rule.id[2:]}"


def as_rule(found: Mined, rule: ItemRule) -> Rule:
    """Return a mined rule in the rule language."""
    body: list[Element] = []
    # What narrows most comes first; texts are searched last.
    ordered = sorted(rule.body, key=lambda token: token.relation in WORDS)
    for number, token in enumerate(ordered, 1):
        body += _pattern(found, token, "" if len(rule.body) == 1 else str(number))
    if not rule.attribute.many:
        stated = Atom(ITEM, rule.attribute.iri, Var("stated"))
        body.append(Negation((stated,), data=True))
    head = Atom(ITEM, rule.attribute.iri, value_of(rule))
    return Rule(RULE[_local(rule)], (head,), tuple(body), data=True)


def _pattern(found: Mined, token: Token, mark: str) -> Iterator[Element]:
    """Yield the elements of a body that hold where a token stands."""
    relation, value = token
    if relation in WORDS:
        text = Var(f"text{mark}")
        yield from _text(found, text, mark)
        small = Call("LCASE", (text,))
        pattern = (_FIRST if relation == "opening" else _BEFORE) + value + _AFTER
        # Patterns are slow: they are asked of texts that hold the signs at all.
        yield Filter(Call("CONTAINS", (small, Literal(value))))
        # Chinese is written without spaces: its words are pairs of signs, wherever they stand.
        if relation == "opening" or not _HAN.fullmatch(value):
            yield Filter(Call("REGEX", (small, Literal(pattern))))
    elif relation.startswith(PREFIX):
        yield Atom(ITEM, WW[relation.removeprefix("ww:")], Literal(value))
    elif is_text(token):
        said = Var(f"name{mark}")
        yield Atom(ITEM, expand(relation), said)
        yield Filter(Call("=", (Call("LCASE", (Call("STR", (said,)),)), Literal(value))))
    elif above(relation):
        first = expand(relation.split("/", maxsplit=1)[0])
        kind = Var(f"kind{mark}")
        yield Atom(ITEM, first, kind)
        yield Filter(Call("IN", (kind, *_below(found, token))))
    else:
        yield Atom(ITEM, expand(relation), expand(value))


def _text(found: Mined, text: Var, mark: str) -> Iterator[Element]:
    """Yield what binds a text of an item: by the one property that words stand in, or by any."""
    plan = found.features.plan
    here = [
        one
        for one in sorted(plan.words, key=str)
        if any(True for fact in found.said.match(None, one, None) if _is_item(found, fact.subject))
    ]
    if len(here) == 1:
        yield Atom(ITEM, here[0], text)
    else:
        says = Var(f"says{mark}")
        yield Atom(ITEM, says, text)
        yield Filter(Call("IN", (says, *here)))


def _is_item(found: Mined, node: Node) -> bool:
    return any(
        True
        for member in found.features.plan.membership
        for _ in found.said.match(node, member, None)
    )


def _below(found: Mined, token: Token) -> list[NamedNode]:
    """Return every value that the ontology puts below a token's, sorted."""
    top = expand(token.value)
    step = token.relation.rpartition("/")[2]
    nodes = {
        fact.subject
        for up in found.features.plan.up
        for fact in found.said.match(None, up, None)
        if isinstance(fact.subject, NamedNode)
    }
    return sorted(
        (n for n in nodes if (step, top) in _steps(found, n)), key=lambda node: node.value
    )


def _steps(found: Mined, node: NamedNode) -> set[tuple[str, NamedNode]]:
    return set(found.features.above(node))


def require_exact(found: Mined, rule: ItemRule, whole: Rule) -> None:
    """Refuse a rule whose text would say another thing than was counted: some words do."""
    used = {atom.predicate for atom in (*whole.head, *whole.body) if isinstance(atom, Atom)}
    if any(isinstance(one, Var) for one in used):
        used |= found.features.plan.words
    facts = [fact for fact in found.given.facts if fact.predicate in used]
    closed = Layer.root((whole,), (), facts)
    value = value_of(rule)
    concluded = {
        fact.subject
        for fact in closed.match(None, rule.attribute.iri, value)
        if closed.kind(fact) is Kind.DERIVED
    }
    counted = set(found.concluded(rule))
    if concluded != counted:
        raise ValueRefused(
            "WW-MINE-INEXACT",
            f"The rule {rule.id} cannot be written as it was counted.",
            note=f"As a rule it would speak of {len(concluded)} items; it was counted on "
            f"{len(counted)}: some words and cells are read otherwise than rules compare texts.",
            hint="Promote another rule, or write this one by hand: wearwhy rules edit TOPIC.",
        )


def as_text(rule: ItemRule, whole: Rule, words: tuple[Words, Words], revision: int) -> str:
    """Return a rule file that holds a mined rule, with where it comes from."""
    iri = whole.iri
    english, _ = words
    origin = english.say(
        "mined-origin",
        revision=revision,
        right=rule.right,
        support=rule.support,
        held_right=rule.held_right,
        held_support=rule.held_support,
    )
    about = [
        *(Fact(iri, RDFS.label, Literal(one.rule(rule), language=one.language)) for one in words),
        *(
            Fact(iri, WW.sentence, Literal(one.sentence(rule), language=one.language))
            for one in words
        ),
        Fact(iri, WW.author, Literal("mined")),
        Fact(iri, WW.origin, Literal(plain(origin))),
        Fact(iri, WW.confidence, literal(round(rule.confidence, 4))),
    ]
    prefixes = tuple((p, PREFIXES[p]) for p in ("ww", "rule", "rdf", "rdfs", "schema"))
    written = render(Document((whole,), tuple(about), prefixes=prefixes))
    return f"# {rule.id}: {origin}\n{written}"
