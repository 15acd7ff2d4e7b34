"""Rules and ontology as text: bundled, applied, and drafts that differ from what is applied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wearwhy.errors import (
    FormatError,
    InputError,
    NoAnswer,
    Place,
    RuleError,
    ValueRefused,
    nearest,
)
from wearwhy.rdf import ID, WW, Fact, Literal, NamedNode
from wearwhy.rules.descriptions import load, read
from wearwhy.rules.model import Rule
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.ontology import OWNER, ontology_texts, parsed
from wearwhy.workspace.state import State, rule_texts

RULES = "rules"
ONTOLOGY = "ontology"
ENDINGS = {RULES: ".srl", ONTOLOGY: ".ttl"}
# Shapes are what `validate` checks against: nothing follows from them.
_APART = "shapes/"
MARK = "\ufffd"
_TOPIC = re.compile(r"(?!\.)[\w.-]+(?:/(?!\.)[\w.-]+)*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A file whose text may differ from the applied one.

    Attributes:
        topic: its path below `rules` or `ontology`, without ending.
        path: where it stands.
        text: what it says.
        applied: the text in force, or the bundled one; None for a file that is new.
        kind: `rules` or `ontology`.
        scope: `base` or `wardrobe/NAME`.
    """

    topic: str
    path: Path
    text: str
    applied: str | None
    kind: str = RULES
    scope: str = OWNER

    @property
    def name(self) -> str:
        """What a person calls it: its topic, with the ending where it is of the ontology."""
        return self.topic if self.kind == RULES else self.topic + ENDINGS[ONTOLOGY]

    @property
    def differs(self) -> bool:
        """Whether it says something else than what is in force."""
        return self.text != self.applied


def folder_of(workspace: Path, scope: str, kind: str = RULES) -> Path:
    """Return where a scope's files stand; its own for `base`, and below it for a wardrobe."""
    folder = workspace / kind
    return folder if scope == OWNER else folder / scope


def known_texts(state: State, bundle: Bundle, scope: str, kind: str = RULES) -> dict[str, str]:
    """Return the texts in force by topic: bundled, applied for all, applied for a wardrobe."""
    if kind == ONTOLOGY:
        bundled = {topic: file.text for topic, file in bundle.ontology.items()}
        return bundled | ontology_texts(state)
    found = bundle.topics | rule_texts(state, OWNER)
    return found if scope == OWNER else found | rule_texts(state, scope)


def drafts(workspace: Path, state: State, bundle: Bundle, scope: str) -> list[Draft]:
    """Return the drafts of a scope: rule files, then for the base ontology files, by topic."""
    kinds = (RULES, ONTOLOGY) if scope == OWNER else (RULES,)
    return [d for kind in kinds for d in _files(workspace, state, bundle, scope, kind) if d.differs]


def _files(workspace: Path, state: State, bundle: Bundle, scope: str, kind: str) -> Iterable[Draft]:
    folder = folder_of(workspace, scope, kind)
    paths = sorted(folder.rglob("*" + ENDINGS[kind])) if folder.is_dir() else []
    known = known_texts(state, bundle, scope, kind) if paths else {}
    for path in paths:
        topic = path.relative_to(folder).with_suffix("").as_posix()
        if (kind == RULES and scope == OWNER and topic.startswith("wardrobe/")) or (
            kind == ONTOLOGY and topic.startswith(_APART)
        ):
            continue
        # What is not UTF-8 differs, and is refused where it is read to be applied.
        text = read_text(path)
        yield Draft(topic, path, text, known.get(topic), kind, scope)


def edit_copy(
    workspace: Path, state: State, bundle: Bundle, scope: str, topic: str, *, anew: bool = False
) -> Path:
    """Copy a topic's applied or bundled text into the workspace, unless a file is there.

    Args:
        workspace: its folder.
        state: what it holds.
        bundle: what travels with the engine.
        scope: `base` or `wardrobe/NAME`; the ontology's files are the base's.
        topic: of rules, such as `colour`; or a file of the ontology, such as `fashion.ttl`.
        anew: also over a file that is there, whose text is then lost.

    Returns:
        The file to edit.

    Raises:
        InputError: WW-TOPIC-UNKNOWN, with the nearest topic; WW-SCOPE-ONTOLOGY.
    """
    kind = ONTOLOGY if topic.endswith(ENDINGS[ONTOLOGY]) else RULES
    if kind == ONTOLOGY:
        require_base(scope)
    known = known_texts(state, bundle, scope, kind)
    plain = topic.removesuffix(ENDINGS[kind])
    chosen = _by_stem(plain, known) if kind == ONTOLOGY else plain
    path = folder_of(workspace, scope, kind) / (chosen + ENDINGS[kind])
    if chosen not in known and path.is_file():
        raise InputError(
            "WW-TOPIC-UNKNOWN",
            f"Nothing is in force under the name '{topic}'.",
            hint=f"It is only this file, which can be edited or removed: {path}",
        )
    if chosen not in known:
        spelt = [name + (ENDINGS[kind] if kind == ONTOLOGY else "") for name in sorted(known)]
        near = nearest(topic, spelt)
        what = "rule file" if kind == RULES else "ontology file"
        raise InputError(
            "WW-TOPIC-UNKNOWN",
            f"There is no {what} '{topic}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(spelt) + ".",
        )
    if anew or not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(known[chosen], "utf-8", newline="")
    return path


def require_base(scope: str) -> None:
    """Refuse a wardrobe as the scope of an ontology file.

    Raises:
        InputError: WW-SCOPE-ONTOLOGY.
    """
    if scope != OWNER:
        raise InputError(
            "WW-SCOPE-ONTOLOGY",
            "An ontology file is for all: it belongs to the base.",
            note="A wardrobe has facts, guesses and rules of its own; the ontology is shared.",
            hint="Give --scope base, or state axioms as the wardrobe's facts: --assert FILE.ttl.",
        )


def _by_stem(name: str, known: Mapping[str, str]) -> str:
    """Return the topic of that path, or the only one whose file has that name."""
    if name in known:
        return name
    same = [topic for topic in known if topic.rpartition("/")[2] == name]
    return same[0] if len(same) == 1 else name


def topic_of(path: Path, kind: str, known: Mapping[str, str]) -> str:
    """Return the topic of a file that stands outside the workspace: by its name alone."""
    return _by_stem(path.stem, known) if kind == ONTOLOGY else path.stem


def check(text: str, file: str) -> tuple[tuple[Rule, ...], tuple[RuleError, ...]]:
    """Return the rules of a text and everything that is wrong with it."""
    found = read(text, file)
    return found.rules, found.errors


def read_text(path: Path) -> str:
    """Return the text of a file, with a mark in the place of what is not UTF-8."""
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")


def require_sound(draft: Draft) -> None:
    """Refuse a text that does not say what it should.

    Raises:
        RuleError: the first of what is wrong; `rules check` lists all.
        FormatError: WW-ONTOLOGY-ENCODING, and what `ontology.parsed` raises.
    """
    if draft.kind == RULES:
        found = read(draft.text, str(draft.path)) if MARK not in draft.text else load([draft.path])
        if found.errors:
            raise found.errors[0]
    elif MARK in draft.text:
        raise FormatError(
            "WW-ONTOLOGY-ENCODING",
            f"{draft.path.name} is not UTF-8, or holds the mark for what is not.",
            hint="Save the file as UTF-8.",
            place=Place(str(draft.path), draft.text.count("\n", 0, draft.text.index(MARK)) + 1),
        )
    else:
        parsed(draft.text, str(draft.path))


def apply_edit(state: State, scope: str, found: Sequence[Draft]) -> Edit:
    """Return the edit that makes drafts the applied text.

    Args:
        state: what the workspace holds.
        scope: that the revision is recorded for; each draft goes where it belongs.
        found: the drafts.

    Raises:
        NoAnswer: WW-DRAFT-NONE, where there is no draft.
        RuleError, FormatError: where a draft is not sound.
    """
    if not found:
        raise NoAnswer(
            "WW-DRAFT-NONE",
            "No file differs from what is applied.",
            hint="`wearwhy rules edit TOPIC` makes a file to edit.",
        )
    add: list[Quad] = []
    remove: list[Quad] = []
    for draft in found:
        require_sound(draft)
        graph = graph_of(draft)
        node = ID[f"{draft.kind}/{draft.scope}/{draft.topic}"]
        new = Quad(graph, Fact(node, WW.text, Literal(draft.text)))
        remove += [Quad(graph, fact) for fact in state.graphs.get(graph, ()) if fact != new.fact]
        add += [new] if new.fact not in state.graphs.get(graph, ()) else []
    message = "apply rules " + ", ".join(draft.name for draft in found)
    return Edit(Patch(tuple(add), tuple(remove)), message, scope)


def graph_of(draft: Draft) -> NamedNode:
    """Return the graph that keeps a draft's text once it is applied.

    Raises:
        ValueRefused: WW-TOPIC-NAME, where the name cannot be part of an IRI.
    """
    if not _TOPIC.fullmatch(draft.topic):
        raise ValueRefused(
            "WW-TOPIC-NAME",
            f"'{draft.topic}' cannot be the name of a file that is applied.",
            hint="Use letters, digits, - and _, such as my-rules.",
            place=Place(str(draft.path)),
        )
    return graph_name(draft.scope, draft.kind, draft.topic)
