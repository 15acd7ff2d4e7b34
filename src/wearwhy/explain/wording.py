"""One node of evidence in one line: what it says, what kind it is, its rule and its figures.

The engine's notes are in SPARQL; here they are put into words. No word of any language stands in
this file: all of them are in `kg/sentences.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from wearwhy.evidence import EvidenceNode, Kind
from wearwhy.explain.guessing import guess_note
from wearwhy.explain.kinds import being, unnamed
from wearwhy.explain.naming import Names
from wearwhy.explain.pairs_cited import neighbours
from wearwhy.rdf import OWL, RDFS, TYPE, WW, XSD, Fact, Node, curie

_TERM = re.compile(
    r"<(?P<iri>[^<>\s]+)>"
    r'|"(?P<text>(?:[^"\\]|\\.)*)"(?:\^\^<(?P<type>[^<>\s]+)>|@(?P<lang>[\w-]+))?'
    r"|(?P<var>\?\w+)"
)
_BARE = re.sub(r"\(\?P<\w+>", "(?:", _TERM.pattern)
_TRIPLE = re.compile(rf"(?P<s>{_BARE}) (?P<p>{_BARE}) (?P<o>{_BARE}) \.")
_FUNCTION = re.compile(r"\b(\w+)(?=\()")
_OPERATOR = re.compile(r" (<=|>=|!=|<|>|=|\|\||&&|NOT IN|IN) ")
# Brackets around no arithmetic and no arguments; a comparison and a list do without.
_BRACKETS = re.compile(r"(?<!\w)\(((?:(?! [-+*/] )[^()])*)\)")
# A number of days as SPARQL makes a duration of it.
_DAYS = re.compile(
    r'STRDT\(CONCAT\("P", STR\("(?P<n>-?\d+)"[^,()]*\), "D"\), '
    rf"{re.escape(str(XSD.dayTimeDuration))}\)"
)
# What a rejected guess is written with: the properties of a negative assertion.
_REJECTION: Mapping[NamedNode | str, str] = {
    OWL.sourceIndividual: "subject",
    OWL.assertionProperty: "predicate",
    OWL.targetIndividual: "object",
}


def node_text(named: Names, node: EvidenceNode) -> str:
    """Return a node in one line: its kind, what it says, its rule and its figures."""
    tag = named.say(f"kind-{node.kind.value}")
    if node.probability is not None:
        tag = named.say("kind-guess", kind=tag, p=f"{node.probability:.2f}")
    parts = [f"[{tag}]"]
    fact = node.statement
    if fact is not None:
        parts.append(said(named, fact))
    if node.note:
        parts.append(_note(named, node))
    if node.rule is not None and (fact is None or fact.object != node.rule):
        parts.append(named.say("by", rule=named.of(node.rule)))
    figures = []
    if node.confidence is not None:
        figures.append(named.say("figure-confidence", value=f"{node.confidence:.2f}"))
    if node.needed is False:
        figures.append(named.say("figure-not-needed"))
    if node.source:
        figures.append(_source(named, node.source))
    elif node.kind is Kind.PREDICTED:
        figures.append(named.say("figure-model"))
    told = named.say("figures", all=named.say("list").join(figures)) if figures else ""
    return " ".join(parts) + told


def _source(named: Names, source: str) -> str:
    """Return who says it: a file by its name, the model in words."""
    known = f"source {source}"
    return named.say(known) if known in named.templates else source


def said(named: Names, fact: Fact) -> str:
    """Return what a fact says, in words."""
    subject, thing = named.of(fact.subject), named.of(fact.object)
    if fact.predicate == TYPE:
        several, what = being(named, fact.subject, fact.object)
        name = "said-type-plural" if several else "said-type"
        return named.say(name, subject=subject, object=what)
    if fact.predicate == RDFS.subClassOf and unnamed(named, fact.object):
        return named.say("said-subclass-kind", subject=subject, object=named.a(fact.object))
    if fact.predicate == RDFS.subClassOf:
        return named.say("said-subclass", subject=subject, object=thing)
    return named.say("said", subject=subject, predicate=named.of(fact.predicate), object=thing)


def _note(named: Names, node: EvidenceNode) -> str:
    declared = f"note {curie(node.rule)}" if node.rule is not None else ""
    if declared in named.templates:
        return named.tell(declared, **dict(node.bindings))
    if (told := guess_note(named, node)) is not None:
        return told
    if node.kind is Kind.ABSENT:
        return _absent(named, node.note or "")
    if node.kind is Kind.BUILTIN:
        return expression(named, node.note or "")
    slots = {name.replace(" ", "_"): named.of(value) for name, value in node.bindings}
    if node.value is not None:
        slots["value"] = f"{node.value:+.3f}".replace("-", "−")
    if node.kind is Kind.OPAQUE:
        if "part" in slots:
            return _part_of_pair(named, node, slots)
        near = _near(named, node)
        return named.say("note-neural", near=near) if near else named.say("note-neural-alone")
    if node.kind is Kind.PATH:
        return named.say(_first_of(_WALKS, slots), **slots)
    if node.kind is Kind.PAIR:
        return named.say(_first_of(_PAIRS, slots), **slots)
    if node.rule == WW.insulation and "clo" in slots:
        return named.say("note-comfort", **slots)
    if node.rule == WW.tasteHalfLife and "left" in slots:
        return named.say("note-taste", **slots)
    return _named(named, node.note or "")


# Which words a node of a walk or a pair is told by: those of the first slot that it has.
_WALKS: Mapping[str, str] = {
    "whole": "note-walk",
    "via": "note-walk-part",
    "first": "note-company",
    "others": "note-walk-rest",
}
_PAIRS: Mapping[str, str] = {
    "second_attribute": "note-pair-part",
    "attribute": "note-pair",
    "pairs": "note-pair-rest",
    "first": "note-pair-learned",
}


def _first_of(words: Mapping[str, str], slots: Mapping[str, str]) -> str:
    return next(name for slot, name in words.items() if slot in slots)


def _part_of_pair(named: Names, node: EvidenceNode, slots: Mapping[str, str]) -> str:
    """Return what a part of a learned pair is that names no facts."""
    said = named.say(f"note-pair-{slots['part']}", **slots)
    alike = [
        named.say(
            "near",
            item=named.of(item),
            others=named.say("list").join(
                named.say("alike", other=named.of(other), cosine=named.of(by))
                for other, by in others
            ),
        )
        for item, others in neighbours(node).items()
    ]
    return named.say("list-apart").join((said, *alike))


def _near(named: Names, node: EvidenceNode) -> str:
    """Return which known items the learned vectors put next to each item."""
    by: dict[str, list[Node]] = {}
    for name, value in node.bindings:
        by.setdefault(name.partition(" ")[0], []).append(value)
    return named.say("list-apart").join(
        named.say(
            "near", item=named.of(item), others=named.say("list").join(named.of(o) for o in others)
        )
        for item, *others in by.values()
        if others
    )


def _absent(named: Names, note: str) -> str:
    """Return which pattern found no match: what nobody says, as far as anybody knows."""
    triples = [(_node(m, "s"), _node(m, "p"), _node(m, "o")) for m in _TRIPLE.finditer(note)]
    rest = _TRIPLE.sub("", note).strip()
    if not triples or rest:
        return named.say("absent-other", pattern=expression(named, note))
    rejected = {p: o for _, p, o in triples if p in _REJECTION}
    if len(rejected) == len(_REJECTION) and len(triples) == len(_REJECTION):
        fact = named.say(
            "said", **{name: _part(named, rejected[p]) for p, name in _REJECTION.items()}
        )
        return named.say("absent-rejected", fact=fact)
    if len(triples) == 2 and isinstance(triples[0][2], str) and triples[0][2] == triples[1][0]:
        (s, p, _), (_, q, o) = triples
        slots = {"predicate": p, "second": q, "object": o}
        what = named.say("absent-chain", subject=_owner(named, s), **_parts(named, slots))
        return named.say("absent", what=what)
    return named.say(
        "absent", what=named.say("list-and").join(_missing(named, *t) for t in triples)
    )


def _part(named: Names, part: Node | str) -> str:
    return part if isinstance(part, str) else named.of(part)


def _parts(named: Names, parts: Mapping[str, Node | str]) -> dict[str, str]:
    return {name: _part(named, part) for name, part in parts.items()}


def _owner(named: Names, part: Node | str) -> str:
    return part if isinstance(part, str) else named.belonging(part)


def _missing(named: Names, s: Node | str, p: Node | str, o: Node | str) -> str:
    """Return what one triple without a match would have said."""
    slots = _parts(named, {"subject": s, "predicate": p, "object": o})
    if p == TYPE and not isinstance(o, str):
        several, what = being(named, s, o)
        name = "absent-type-plural" if several else "absent-type"
        return named.say(name, subject=slots["subject"], object=what)
    if isinstance(s, str):
        return named.say("absent-subject", **slots)
    verb = named.templates["verb"][named.language]
    if verb and re.search(verb, slots["predicate"]):
        return named.say("absent-verb-any" if isinstance(o, str) else "absent-verb", **slots)
    if isinstance(o, Literal) and o.datatype == XSD.boolean:
        return named.say("absent-verb", **slots)
    slots["subject"] = _owner(named, s)
    return named.say("absent-any" if isinstance(o, str) else "absent-value", **slots)


def expression(named: Names, text: str) -> str:
    """Return a SPARQL expression with names for IRIs, bare literals and readable operators."""
    before, after = "", _named(named, _DAYS.sub(lambda m: _days(named, m["n"]), text))
    while before != after:
        before, after = after, _BRACKETS.sub(r"\1", _bare(after))
    after = _OPERATOR.sub(lambda m: f" {named.say('op ' + m.group(1))} ", after)
    if "(" not in after:
        return after.replace(", ", named.say("list"))
    return _FUNCTION.sub(lambda m: _function(named, m.group(1)), after)


def _bare(text: str) -> str:
    """Return an expression without brackets around the whole of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for n, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return text[1:-1] if n == len(text) - 1 else text
    return text


def _days(named: Names, n: str) -> str:
    return named.say("day" if n == "1" else "days", n=n)


def _function(named: Names, name: str) -> str:
    return named.templates.get(f"fn {name}", {}).get(named.language, name)


def _named(named: Names, text: str) -> str:
    def one(match: re.Match[str]) -> str:
        found = _term(match.groupdict())
        return found if isinstance(found, str) else named.of(found)

    return _TERM.sub(one, text)


def _node(match: re.Match[str], place: str) -> Node | str:
    found = _TERM.fullmatch(match.group(place))
    assert found is not None
    return _term(found.groupdict())


def _term(parts: dict[str, str | None]) -> Node | str:
    """Return the term that a match of `_TERM` is; of a variable its name."""
    if parts["iri"] is not None:
        return NamedNode(parts["iri"])
    if parts["var"] is not None:
        return parts["var"]
    text, kind, language = parts["text"] or "", parts["type"], parts["lang"]
    if language:
        return Literal(text, language=language)
    return Literal(text, datatype=NamedNode(kind)) if kind else Literal(text)
