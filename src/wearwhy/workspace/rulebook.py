"""Rules as a person reads and checks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wearwhy.errors import RuleError, UnknownName, WearwhyError, nearest
from wearwhy.outfit.labels import chosen
from wearwhy.rdf import RULE, NamedNode, curie
from wearwhy.rules.bulk import reading
from wearwhy.rules.descriptions import load, read, verdict
from wearwhy.rules.layer import Change, Layer
from wearwhy.rules.measures import read_measures
from wearwhy.rules.model import Rule
from wearwhy.rules.syntax.printer import render
from wearwhy.settings import assets
from wearwhy.workspace.bundle import bundle, ontology_layer, read_ontology

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace

Json = dict[str, Any]

LINE = 160


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with rule files, how much was checked, and the texts to point into."""

    errors: tuple[WearwhyError, ...]
    rules: int
    files: int
    texts: Mapping[str, str] = field(default_factory=dict)


def check_file(path: Path) -> Checked:
    """Return everything that is wrong with one rule file, by itself and beside the bundled ones."""
    found = _checked([path])
    if found.errors:
        return found
    known = bundle()
    rules = load([path]).rules
    return _closing(found, lambda: ontology_layer(known).child(Change(rules_add=rules)))


def check_all(workspace: Path) -> Checked:
    """Return everything that is wrong with the bundled rules and a workspace's own.

    A file of the workspace stands for the bundled file of the same topic.
    """
    bundled = assets() / "ontology" / "rules"
    own = workspace / "rules"
    wardrobes = sorted((own / "wardrobe").rglob("*.srl"))
    chosen_files = {p.relative_to(bundled): p for p in sorted(bundled.rglob("*.srl"))}
    chosen_files.update(
        {p.relative_to(own): p for p in sorted(own.rglob("*.srl")) if p not in wardrobes}
    )
    paths = list(chosen_files.values())
    found = _checked(paths)
    if not found.errors:
        read_again = load(paths)
        facts = (*read_ontology(assets() / "ontology"), *read_again.facts)
        found = _closing(found, lambda: Layer.root(read_again.rules, read_measures(facts), facts))
    beside = [_checked([path]) for path in wardrobes]
    return Checked(
        (*found.errors, *(error for one in beside for error in one.errors)),
        found.rules + sum(one.rules for one in beside),
        found.files + len(wardrobes),
        {**found.texts, **{k: v for one in beside for k, v in one.texts.items()}},
    )


def _checked(paths: Sequence[Path]) -> Checked:
    found = load(paths)
    texts = {str(p): p.read_text("utf-8", errors="replace") for p in paths if p.is_file()}
    return Checked(tuple(found.errors), len(found.rules), len(paths), texts)


def _closing(found: Checked, close: Callable[[], Layer]) -> Checked:
    """Return what was found with what only reasoning shows: cycles through NOT, and no end."""
    try:
        close()
    except RuleError as error:
        return replace(found, errors=(error,))
    return found


def pointed(error: WearwhyError, texts: Mapping[str, str]) -> str:
    """Return an error as text, with the line it is about and a mark under the place."""
    said = str(error)
    place = error.place
    text = texts.get(place.file) if place else None
    if place is None or text is None or not place.line:
        return said
    lines = text.splitlines()
    if place.line > len(lines):
        return said
    line = lines[place.line - 1].replace("\t", " ")
    column = max(place.column, 1)
    width = max(1, min(place.end - column if place.end > column else 1, len(line) - column + 1))
    if len(line) > LINE:
        # Of a very long line, what stands around the place.
        start = max(0, min(column - 1 - LINE // 2, len(line) - LINE))
        line, column = line[start : start + LINE], column - start
        width = min(width, LINE - column + 1)
    number = str(place.line)
    gap = " " * len(number)
    excerpt = [f"{gap} |", f"{number} | {line}", f"{gap} | {' ' * (column - 1)}{'^' * width}"]
    head, *rest = said.split("\n")
    return "\n".join([head, *rest[:1], *(f"  {one}" for one in excerpt), *rest[1:]])


@dataclass(frozen=True, slots=True)
class Shown:
    """Rules in force, and whether a topic (or everything) was asked for."""

    rules: tuple[Rule, ...]
    is_topic: bool

    def by_topic(self) -> dict[str, list[Rule]]:
        """Return the rules by the file they stand in."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            found.setdefault(topic_of(rule), []).append(rule)
        return dict(sorted(found.items()))


def topic_of(rule: Rule) -> str:
    """Return the topic of a rule: the name of its file."""
    return Path(rule.place.file).stem if rule.place else ""


def shown(workspace: Workspace, what: str | None, name: str | None = None) -> Shown:
    """Return the rules in force that a rule's name or a topic names; all for None.

    Raises:
        UnknownName: WW-RULE-NONE, with the nearest name.
    """
    known = in_force(workspace, name)
    if what is None:
        return Shown(known, is_topic=True)
    local = what.removeprefix("rule:").removeprefix(str(RULE)).strip("<>")
    by_name = {rule.iri.value.removeprefix(RULE): rule for rule in known}
    spelt = {text.casefold(): rule for rule in known for _, text in rule.description.label}
    found = by_name.get(local) or spelt.get(what.casefold())
    if found is not None:
        return Shown((found,), is_topic=False)
    those = tuple(rule for rule in known if topic_of(rule) == what.removesuffix(".srl"))
    if those:
        return Shown(those, is_topic=True)
    names = [*by_name, *spelt, *(topic_of(rule) for rule in known)]
    near = nearest(what.casefold(), names)
    raise UnknownName(
        "WW-RULE-NONE",
        f"There is no rule and no topic '{what}'.",
        hint=f"Did you mean '{near}'?" if near else "Name it by its topic, its label or its IRI.",
        command="" if near else "`wearwhy rules show` lists the topics.",
    )


def in_force(workspace: Workspace, name: str | None = None) -> tuple[Rule, ...]:
    """Return the rules of the bundle, with the base's and a wardrobe's in their place."""
    from wearwhy.workspace.state import rule_texts  # noqa: PLC0415

    rules: dict[NamedNode, Rule] = {rule.iri: rule for rule in workspace.bundle.rules}
    scopes = ["base"]
    if workspace.wardrobes() and (name or len(workspace.wardrobes()) == 1):
        scopes.append(f"wardrobe/{workspace.wardrobe(name)}")
    for scope in scopes:
        for topic, text in rule_texts(workspace.state, scope).items():
            for rule in read(text, str(workspace.folder / "rules" / f"{topic}.srl")).rules:
                rules[rule.iri] = rule
    return tuple(rules.values())


def rule_json(rule: Rule) -> Json:
    """Return a rule with its description."""
    about = rule.description
    judged = verdict(rule)
    return {
        "rule": rule.iri.value,
        "topic": topic_of(rule),
        "kind": str(judged.value) if judged else "derive",
        "label": dict(about.label),
        "sentence": dict(about.sentence),
        "author": about.author,
        "origin": about.origin,
        "confidence": about.confidence,
        "points": about.points,
        "hereditary": about.hereditary,
        "reads_guesses": about.reads_guesses,
        "off": about.off,
        "text": _text(rule),
        "file": Path(rule.place.file).name if rule.place else "",
        "line": rule.place.line if rule.place else 0,
        "readings": readings(rule),
    }


def readings(rule: Rule) -> dict[str, str]:
    """Return how each reading takes a rule: generated functions, or SQL with or without help."""
    return {"resident": "generated functions", "bulk": str(reading(rule))}


def _text(rule: Rule) -> str:
    return rule.text or render(rule)


def rule_line(rule: Rule, language: str) -> str:
    """Return a rule in one line: its name and its label."""
    off = "  (off)" if rule.description.off else ""
    return f"{curie(rule.iri):<42} {chosen(rule.description.label, language)}{off}"


def rule_text(rule: Rule, language: str) -> str:
    """Return a rule as text: its label, sentence, origin and body."""
    about = rule.description
    judged = verdict(rule)
    lines = [
        chosen(about.label, language) or curie(rule.iri),
        f"  {chosen(about.sentence, language)}" if about.sentence else "",
        f"  {about.author}: {about.origin}" if about.author or about.origin else "",
        f"  {judged.value}, {about.points:g} points" if judged else "",
        f"  confidence {about.confidence:g}" if about.confidence < 1 else "",
        f"  {rule.place}" if rule.place else "",
        *(f"  {name}: {how}" for name, how in readings(rule).items()),
    ]
    return "\n".join([*(line for line in lines if line.strip()), "", _text(rule)])
