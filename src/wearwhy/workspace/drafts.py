"""Rules as text: bundled, applied, and drafts that differ from what is applied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wearwhy.errors import InputError, NoAnswer, RuleError, nearest
from wearwhy.rdf import ID, WW, Fact, Literal
from wearwhy.rules.descriptions import read
from wearwhy.rules.model import Rule
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace.bundle import Bundle
from wearwhy.workspace.edits import Edit
from wearwhy.workspace.state import State, rule_texts


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule file of the workspace whose text is not the applied one."""

    topic: str
    path: Path
    text: str
    applied: str | None


def folder_of(workspace: Path, scope: str) -> Path:
    """Return where a scope's rule files stand: `base` or `wardrobe/NAME`."""
    rules = workspace / "rules"
    return rules if scope == "base" else rules / scope


def drafts(workspace: Path, state: State, bundle: Bundle, scope: str) -> list[Draft]:
    """Return the drafts of a scope, sorted by topic."""
    folder = folder_of(workspace, scope)
    applied = rule_texts(state, scope)
    found = []
    paths = sorted(folder.rglob("*.srl")) if folder.is_dir() else []
    for path in paths:
        topic = str(path.relative_to(folder).with_suffix(""))
        if scope == "base" and topic.startswith("wardrobe/"):
            continue
        text = path.read_text("utf-8")
        known = applied.get(topic, bundle.topics.get(topic))
        if text != known:
            found.append(Draft(topic, path, text, known))
    return found


def edit_copy(workspace: Path, state: State, bundle: Bundle, scope: str, topic: str) -> Path:
    """Copy a topic's applied or bundled text into the workspace, unless a file is there.

    Returns:
        The file to edit.

    Raises:
        InputError: WW-TOPIC-UNKNOWN, with the nearest topic.
    """
    applied = {**rule_texts(state, "base"), **rule_texts(state, scope)}
    text = applied.get(topic, bundle.topics.get(topic))
    if text is None:
        known = sorted({*applied, *bundle.topics})
        near = nearest(topic, known)
        raise InputError(
            "WW-TOPIC-UNKNOWN",
            f"There is no rule file '{topic}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + ".",
        )
    path = folder_of(workspace, scope) / f"{topic}.srl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return path


def check(text: str, file: str) -> tuple[tuple[Rule, ...], tuple[RuleError, ...]]:
    """Return the rules of a text and everything that is wrong with it."""
    found = read(text, file)
    return found.rules, found.errors


def rules_in(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file that must be sound.

    Raises:
        RuleError: the first of what is wrong; `rules check` lists all.
    """
    rules, errors = check(path.read_text("utf-8"), str(path))
    if errors:
        raise errors[0]
    return rules


def apply_edit(state: State, scope: str, found: list[Draft]) -> Edit:
    """Return the edit that makes drafts the applied text.

    Raises:
        NoAnswer: WW-DRAFT-NONE, where there is no draft.
        RuleError: where a draft is not sound.
    """
    if not found:
        raise NoAnswer(
            "WW-DRAFT-NONE",
            "No rule file differs from what is applied.",
            hint="`wearwhy rules edit TOPIC` makes a file to edit.",
        )
    add, remove = [], []
    for draft in found:
        rules_in(draft.path)
        graph = graph_name(scope, "rules", draft.topic)
        node = ID[f"rules/{scope}/{draft.topic}"]
        remove += [Quad(graph, fact) for fact in state.graphs.get(graph, ())]
        add.append(Quad(graph, Fact(node, WW.text, Literal(draft.text))))
    message = "apply rules " + ", ".join(d.topic for d in found)
    return Edit(Patch(tuple(add), tuple(remove)), message, scope)
