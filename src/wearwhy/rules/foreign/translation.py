"""Rules of another language in ours: what was read, and what was lost on the way.

Whatever cannot be said is told: by a note, and, if the rule would then conclude more than it did,
by leaving the rule out. The text of a translation carries its notes as comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from wearwhy.errors import Place, RuleError, RuleWarning
from wearwhy.rdf import PREFIXES, RDFS, RULE, WW, XSD, Fact, Literal, NamedNode
from wearwhy.rules.foreign.queries import Lost
from wearwhy.rules.model import Atom, Description, Element, Rule, Var, variables
from wearwhy.rules.syntax import parse
from wearwhy.rules.syntax.printer import render, render_data

_WRAP: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Translation:
    """What a file of another rule language says in ours.

    Attributes:
        language: SHACL-AF or SWRL.
        rules: the rules, described: label, origin, whether they are off.
        notes: what was lost or is read otherwise; each names the rule in its sentence.
        left_out: how many rules could not be said.
        about: the notes of each rule that was translated.
        prefixes: the names to print with.
    """

    language: str
    rules: tuple[Rule, ...] = ()
    notes: tuple[RuleWarning, ...] = ()
    left_out: int = 0
    about: Mapping[NamedNode, tuple[RuleWarning, ...]] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The translation as a rule file, its notes as comments."""
        known = {**PREFIXES, **self.prefixes}
        used = _used(self.rules, known)
        parts = [
            f"# Translated from {self.language}: {len(self.rules)} rules, {self.left_out} left out."
        ]
        told = {id(note) for notes in self.about.values() for note in notes}
        parts += [_comment(note) for note in self.notes if id(note) not in told]
        parts.append("\n".join(f"PREFIX {name}: <{known[name]}>" for name in used))
        names = {name: known[name] for name in used}
        for rule in self.rules:
            block = [_comment(note) for note in self.about.get(rule.iri, ())]
            facts = _described(rule)
            if facts:
                block.append(render_data(facts, names).rstrip())
            block.append(render(rule, names).rstrip())
            parts.append("\n".join(block))
        return "\n\n".join(part for part in parts if part) + "\n"


@dataclass(slots=True)
class Draft:
    """What is being translated: makes names, keeps notes and helper rules."""

    file: str
    language: str
    origin: str = ""
    rules: list[Rule] = field(default_factory=list)
    notes: list[RuleWarning] = field(default_factory=list)
    about: dict[NamedNode, list[RuleWarning]] = field(default_factory=dict)
    left_out: int = 0
    pending: list[RuleWarning] = field(default_factory=list)
    helpers: list[Rule] = field(default_factory=list)
    taken: set[NamedNode] = field(default_factory=set)
    _said: set[tuple[str, str]] = field(default_factory=set)
    _fresh: int = 0
    _names: int = 0

    def fresh(self, name: str = "v") -> Var:
        """Return a variable that nothing else uses."""
        self._fresh += 1
        return Var(f"{name}_{self._fresh}")

    def named(self, what: str) -> NamedNode:
        """Return an IRI that nothing else uses, for a rule or a helping property."""
        self._names += 1
        stem = quote(PurePath(self.file).stem.replace(" ", "-") or "rules", safe="-_")
        return RULE[f"{stem}-{what}-{self._names}"]

    def numbered(self, name: NamedNode, count: int) -> list[NamedNode]:
        """Return the names of the rules that one rule becomes; none is given twice."""
        found: list[NamedNode] = []
        number = 0
        while len(found) < count:
            number += 1
            suffix = "" if count == number == 1 else f"-{number}"
            one = NamedNode(f"{name.value}{suffix}")
            if one not in self.taken:
                self.taken.add(one)
                found.append(one)
        return found

    def note(self, code: str, sentence: str, *, note: str = "", hint: str = "") -> None:
        """Keep what is lost or read otherwise in the rule at hand; the same is said once a file."""
        pending = ((one.code, one.sentence) for one in self.pending)
        if (code, sentence) not in self._said and (code, sentence) not in pending:
            self.pending.append(
                RuleWarning(code, sentence, note=note, hint=hint, place=Place(self.file))
            )

    def settle(self) -> list[RuleWarning]:
        """Keep the notes of the rule at hand for good, and return them."""
        settled, self.pending = self.pending, []
        self.notes += settled
        self._said.update((one.code, one.sentence) for one in settled)
        return settled

    def help(self, head: Atom, body: Iterable[Element]) -> None:
        """Add a rule that another one rests on."""
        self.helpers.append(Rule(self.named("helper"), (head,), tuple(body)))

    def conclude(self, made: list[Rule]) -> None:
        """Take over the rules that one rule of the other language became, with their notes.

        Raises:
            Lost: the text of one of them would not say the same.
        """
        helping = [
            replace(rule, description=Description(origin=f"helps {self.origin}"))
            for rule in self.helpers
        ]
        for rule in (*helping, *made):
            _check(rule)
        for rule in (*helping, *made):
            self.rules.append(replace(rule, place=Place(self.file)))
        notes = self.settle()
        if made:
            self.about[made[0].iri] = notes
        self.helpers = []

    def leave_out(self, code: str, why: object) -> None:
        """Give the rule at hand up, and say why."""
        self.left_out += 1
        self.pending = [
            RuleWarning(
                code,
                f"{self.origin} is left out: {why}.",
                note="A rule that lost a condition would conclude more than it says.",
                place=Place(self.file),
            )
        ]
        self.settle()
        self.helpers = []

    def finished(self, prefixes: Mapping[str, str]) -> Translation:
        """Return the translation."""
        return Translation(
            self.language,
            tuple(self.rules),
            tuple(self.notes),
            self.left_out,
            {iri: tuple(notes) for iri, notes in self.about.items() if notes},
            dict(prefixes),
        )


def flag() -> Literal:
    """Return the object of a helping property that only says yes."""
    return Literal("true", datatype=XSD.boolean)


def bound(elements: Iterable[Element]) -> frozenset[Var]:
    """Return the variables that patterns bind."""
    return variables(tuple(one for one in elements if isinstance(one, Atom)))


def local_name(iri: str) -> str:
    """Return the last part of an IRI, as far as it can name a variable."""
    tail = re.split(r"[#/:]", iri.rstrip("#/:"))[-1]
    name = re.sub(r"\W", "_", tail, flags=re.ASCII)
    return name if name and not name.startswith("_") else f"v{name}"


def _check(rule: Rule) -> None:
    """Make sure that a rule's text reads back as the rule."""
    try:
        again = parse(render(rule, {})).rules
    except RuleError as error:
        raise Lost(error.sentence.rstrip(".")) from None
    if again != (rule,):
        raise Lost("its text would not say the same")


def _comment(note: RuleWarning) -> str:
    said = " ".join(part for part in (note.sentence, note.note) if part)
    return f"# note [{note.code}] {_WRAP.sub(' ', said)}"


def _described(rule: Rule) -> list[Fact]:
    about = rule.description
    facts = [Fact(rule.iri, RDFS.label, _tagged(text, tag)) for tag, text in about.label]
    if about.origin:
        facts.append(Fact(rule.iri, WW.origin, Literal(about.origin)))
    if about.off:
        facts.append(Fact(rule.iri, WW.off, flag()))
    return facts


def _tagged(text: str, tag: str) -> Literal:
    try:
        return Literal(text, language=tag)
    except ValueError:
        return Literal(text)


def _used(rules: Iterable[Rule], known: Mapping[str, str]) -> list[str]:
    names = set().union(*(_iris(rule) for rule in rules), {str(RDFS), str(WW)})
    return [
        prefix for prefix, base in known.items() if any(name.startswith(base) for name in names)
    ]


def _iris(rule: Rule) -> set[str]:
    return set(re.findall(r"<([^<>\s]*)>", render(rule, {})))
