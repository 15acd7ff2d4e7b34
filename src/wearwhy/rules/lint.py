"""What is doubtful in one rule though it is sound: conditions never met, names used once.

Findings are warnings of class `RuleWarning` with a code that starts with WW-LINT-. A rule answers
a finding that is meant so by `ww:waives "CODE: reason"`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from wearwhy.errors import Place, RuleWarning, nearest
from wearwhy.rdf import TYPE, NamedNode, curie
from wearwhy.rules.implied import Background, conjuncts, constant, excludes, implies
from wearwhy.rules.model import (
    Assign,
    Atom,
    Call,
    Document,
    Element,
    Expression,
    Filter,
    Negation,
    Rule,
    TriplePattern,
    Var,
)
from wearwhy.rules.mutate import element_text, without
from wearwhy.rules.subsume import subsumes
from wearwhy.rules.syntax.lexer import Source, tokenise
from wearwhy.rules.wellformed import check

_SLOT: Final = re.compile(r"\{\?(\w+)\}")
# A variable that is to be used once says so.
_MEANT: Final = ("any", "some", "_", ".")


def doubts(rule: Rule, known: Background) -> Iterator[RuleWarning]:
    """Yield what is doubtful in a rule by itself.

    Codes: WW-LINT-LABEL, WW-LINT-SENTENCE, WW-LINT-ONCE, WW-LINT-NEVER, WW-LINT-ALWAYS,
    WW-LINT-SUPERFLUOUS, WW-LINT-DISJOINT.

    Args:
        rule: the rule.
        known: what may be taken for granted of the graph.
    """
    yield from _told(rule)
    yield from _once(rule)
    yield from _truths(rule)
    yield from _superfluous(rule, known)
    yield from _disjoint(rule, known)


def _told(rule: Rule) -> Iterator[RuleWarning]:
    if not rule.description.label:
        yield RuleWarning(
            "WW-LINT-LABEL",
            f"{curie(rule.iri)} has no label.",
            note="Reasons, lists and reports name a rule by its rdfs:label.",
            hint=f'Write DATA {{ {curie(rule.iri)} rdfs:label "…"@en }}.',
            place=rule.place,
        )
    if not rule.description.sentence:
        yield RuleWarning(
            "WW-LINT-SENTENCE",
            f"{curie(rule.iri)} has no sentence.",
            note="A wearer is told the ww:sentence of a rule that speaks, with {?x} filled in.",
            hint=f'Write DATA {{ {curie(rule.iri)} ww:sentence "{{?x}} …"@en }}.',
            place=rule.place,
        )


def _once(rule: Rule) -> Iterator[RuleWarning]:
    slots = {n for _, text in rule.description.sentence for n in _SLOT.findall(text)}
    uses = Counter(_uses((rule.head, rule.body)))
    for element in rule.body:
        if not isinstance(element, Atom | Assign):
            continue
        if isinstance(element, Atom) and isinstance(element.predicate, Var):
            continue  # any statement at all
        for variable in dict.fromkeys(_uses(element)):
            if uses[variable] > 1 or variable.name in slots:
                continue
            if variable.name.startswith(_MEANT):
                continue
            others = [v.name for v in uses if v != variable and not v.name.startswith(".")]
            near = nearest(variable.name, others) if len(variable.name) > 1 else None
            yield RuleWarning(
                "WW-LINT-ONCE",
                f"{variable} is used once in {curie(rule.iri)}.",
                note="A variable that nothing else reads asks only whether there is a value.",
                hint=f"Did you mean ?{near}?"
                if near
                else f"If that is meant, call it ?any{variable.name.capitalize()}.",
                place=place_of(rule, variable),
            )


def _uses(part: object) -> Iterator[Var]:
    if isinstance(part, Var):
        yield part
    elif isinstance(part, Atom | TriplePattern):
        yield from _uses((part.subject, part.predicate, part.object))
    elif isinstance(part, Call):
        yield from _uses(part.args)
    elif isinstance(part, Filter):
        yield from _uses(part.expression)
    elif isinstance(part, Assign):
        yield part.var
        yield from _uses(part.expression)
    elif isinstance(part, Negation):
        yield from _uses(part.body)
    elif isinstance(part, tuple):
        for inner in part:
            yield from _uses(inner)


def place_of(rule: Rule, variable: Var) -> Place | None:
    """Return where a variable stands in a rule's body, else where the rule stands."""
    if rule.place is None or not rule.text:
        return rule.place
    tokens = tokenise(rule.text)
    begin = tokens.kinds.index("WHERE") if "WHERE" in tokens.kinds else 0
    for kind, text, start in zip(
        tokens.kinds[begin:], tokens.texts[begin:], tokens.starts[begin:], strict=True
    ):
        if kind == "VAR" and text[1:] == variable.name:
            found = Source(rule.text, rule.place.file).place(start, start + len(text))
            shift = rule.place.column - 1 if found.line == 1 else 0
            line = found.line + rule.place.line - 1
            return Place(found.file, line, found.column + shift, found.end + shift)
    return rule.place


# truths


def _truths(rule: Rule) -> Iterator[RuleWarning]:
    """Yield the conditions that constant folding, or other conditions, settle."""
    yield from _of_body(rule, rule.body, ())
    for element in rule.body:
        if isinstance(element, Negation):
            yield from _of_body(rule, element.body, tuple(_conditions(rule.body)))


def _conditions(body: Iterable[Element]) -> Iterator[Expression]:
    for element in body:
        if isinstance(element, Filter):
            yield from conjuncts(element.expression)


def _of_body(
    rule: Rule, body: Iterable[Element], outside: tuple[Expression, ...]
) -> Iterator[RuleWarning]:
    seen: list[tuple[Expression, Filter]] = []
    for element in body:
        if not isinstance(element, Filter):
            continue
        for part in conjuncts(element.expression):
            settled = constant(part)
            against = next((o for o, _ in seen if excludes(o, part)), None) or next(
                (o for o in outside if excludes(o, part)), None
            )
            text = element_text(Filter(part))
            if settled is False or against is not None:
                why = f": {element_text(Filter(against))} excludes it" if against else ""
                yield RuleWarning(
                    "WW-LINT-NEVER",
                    f"{text} in {curie(rule.iri)} is never true{why}.",
                    note="A body with a condition that is never true has no solution; a NOT with one never blocks.",
                    place=rule.place,
                )
            elif settled is True or any(implies(o, part) for o, _ in seen):
                yield RuleWarning(
                    "WW-LINT-ALWAYS",
                    f"{text} in {curie(rule.iri)} is always true where it is asked.",
                    note="A condition that other conditions imply decides nothing.",
                    hint="Leave it out, or say what was meant.",
                    place=rule.place,
                )
            seen.append((part, element))


def _superfluous(rule: Rule, known: Background) -> Iterator[RuleWarning]:
    """Yield the patterns and NOTs that the rest of the body implies.

    Only classes that follow from classes are taken for granted: that a thing is of the class its
    properties are for is worth saying, because whole graphs need not be valid.
    """
    classes = Background(broader=known.broader)
    for number, element in enumerate(rule.body):
        if isinstance(element, Atom):
            looser = without(rule, number)
        elif isinstance(element, Negation):
            looser = replace(rule, body=(*rule.body[:number], *rule.body[number + 1 :]), text="")
        else:
            continue
        if looser is None or check(looser) or not subsumes(rule, looser, classes):
            continue
        if _names_for_sentence(rule, looser):
            continue
        yield RuleWarning(
            "WW-LINT-SUPERFLUOUS",
            f"{element_text(element)} in {curie(rule.iri)} follows from the rest of its body.",
            note="The rule without it concludes the same in every graph.",
            hint="Leave it out, or say what was meant.",
            place=rule.place,
        )


def _names_for_sentence(rule: Rule, looser: Rule) -> bool:
    slots = {n for _, text in rule.description.sentence for n in _SLOT.findall(text)}
    return bool(slots & ({v.name for v in _uses(rule.body)} - {v.name for v in _uses(looser.body)}))


def _disjoint(rule: Rule, known: Background) -> Iterator[RuleWarning]:
    """Yield the subjects that a firing would put into two disjoint classes."""
    stated = [e for e in rule.body if isinstance(e, Atom)]
    for where, atoms in (("its body asks", stated), ("it concludes", [*stated, *rule.head])):
        of: dict[object, set[NamedNode]] = {}
        for atom in Background(broader=known.broader).atoms(atoms):
            if atom.predicate == TYPE and isinstance(atom.object, NamedNode):
                of.setdefault(atom.subject, set()).add(atom.object)
        for subject, classes in of.items():
            clash = next(
                (pair for pair in known.disjoint if pair <= classes),
                None,
            )
            if clash:
                one, other = sorted(clash, key=str)
                yield RuleWarning(
                    "WW-LINT-DISJOINT",
                    f"{curie(rule.iri)}: {where} that {subject} is a {curie(one)} and a {curie(other)}, which are disjoint.",
                    note="Nothing is of two classes that owl:disjointWith sets apart.",
                    place=rule.place,
                )
                return


# the text


def unused_prefixes(document: Document, text: str, file: str) -> Iterator[RuleWarning]:
    """Yield the prefixes of a rule file that no name in it uses; code WW-LINT-PREFIX."""
    tokens = tokenise(text)
    used = {
        found.partition(":")[0]
        for kind, found in zip(tokens.kinds, tokens.texts, strict=True)
        if kind.startswith("PNAME")
    }
    source = Source(text, file)
    declared: Mapping[str, int] = {
        m[1]: m.start(1) for m in re.finditer(r"(?im)^\s*PREFIX\s+([^\s:]*):", text)
    }
    counts = Counter(
        found.partition(":")[0]
        for kind, found in zip(tokens.kinds, tokens.texts, strict=True)
        if kind.startswith("PNAME")
    )
    for prefix, _ in document.prefixes:
        # The declaration itself is one use.
        if prefix in used and counts[prefix] > 1:
            continue
        start = declared.get(prefix, 0)
        yield RuleWarning(
            "WW-LINT-PREFIX",
            f"The prefix '{prefix}:' is declared and not used.",
            hint="Leave it out.",
            place=source.place(start, start + len(prefix) + 1),
        )
