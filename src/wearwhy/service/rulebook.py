"""The stylist's rules as a wardrobe has them: read, checked, previewed, applied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from wearwhy.errors import (
    FormatError,
    InputError,
    Moved,
    NoAnswer,
    TooLarge,
    UnknownName,
    ValueRefused,
    nearest,
)
from wearwhy.outfit.request import Request
from wearwhy.rules.syntax.parser import MAX_ERRORS
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.changing import readable, require_revision, writable
from wearwhy.service.documents import Json, difference_json, revision_json
from wearwhy.service.service import Service
from wearwhy.service.speaking import namer
from wearwhy.service.wishing import Wish, require_short, wishes
from wearwhy.store.quads import Patch, Quad, graph_name
from wearwhy.workspace import rulebook, rulefiles
from wearwhy.workspace.drafts import ENDINGS, MARK, RULES, Draft, apply_edit, known_texts
from wearwhy.workspace.edits import Edit, settled
from wearwhy.workspace.ontology import OWNER
from wearwhy.workspace.previews import engine_of, token_of
from wearwhy.workspace.state import rule_texts
from wearwhy.workspace.statements import FACTS, stated

LARGEST: Final = 262_144
"""Characters of a rule text."""
TOLD: Final = 200
"""Diagnostics that are told of one text; of further ones only that there are some."""
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-][\w.-]*(?:/[A-Za-z0-9_-][\w.-]*)*", re.ASCII)
Of: TypeAlias = Literal["wardrobe", "base"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A change of rules, and of single facts, that comes as text.

    Attributes:
        topic: that the text stands for.
        text: of its rules; None: the text that was applied for it is taken back.
        asserted: facts to assert, each in three words.
        retracted: facts to retract, likewise.
        scope: the wardrobe's own rules, or everybody's.
    """

    topic: str | None = None
    text: str | None = None
    asserted: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    scope: Of = "wardrobe"


def rules(
    service: Service, caller: Caller, *, what: str | None = None, wardrobe: str | None = None
) -> Json:
    """Return the rules in force in a wardrobe, or those that a name or a topic means.

    Raises:
        UnknownName: WW-RULE-NONE.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    require_short([what] if what else [])
    found = rulebook.shown(workspace, what or None, name)
    scopes = _scopes(service, name)
    return {
        "revision": workspace.revision_of(name),
        "rules": [rulebook.rule_json(one) for one in found.rules],
        "topics": [
            {"topic": topic, "rules": len(those), "scope": scopes.get(topic, "bundled")}
            for topic, those in found.by_topic().items()
        ],
    }


def _scopes(service: Service, name: str) -> dict[str, str]:
    state = service.workspace.state
    base = dict.fromkeys(rule_texts(state, OWNER), "base")
    return base | dict.fromkeys(rule_texts(state, f"wardrobe/{name}"), "wardrobe")


def topic(service: Service, caller: Caller, topic: str, *, wardrobe: str | None = None) -> Json:
    """Return the text of a topic that is in force in a wardrobe, and whose it is.

    Raises:
        UnknownName: WW-TOPIC-NONE.
    """
    name = readable(caller, wardrobe)
    workspace = service.workspace
    require_short([topic])
    known = known_texts(workspace.state, workspace.bundled, f"wardrobe/{name}")
    if topic not in known:
        near = nearest(topic, known)
        raise UnknownName(
            "WW-TOPIC-NONE",
            f"There is no rule file '{topic}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(sorted(known)) + ".",
        )
    return {
        "revision": workspace.revision_of(name),
        "topic": topic,
        "scope": _scopes(service, name).get(topic, "bundled"),
        "text": known[topic],
    }


def check(
    service: Service, caller: Caller, text: str, *, topic: str = "text", wardrobe: str | None = None
) -> Json:
    """Return everything that is wrong with a rule text, each with its place.

    Raises:
        TooLarge: WW-RULES-LARGE.
    """
    readable(caller, wardrobe)
    del service
    require_short([topic])
    _require_text(text)
    found = rulefiles.check_text(text, topic + ENDINGS[RULES])
    counts = rulefiles.severities(found.errors)
    return {
        "sound": not counts["error"],
        "rules": found.rules,
        "diagnostics": [one.as_dict() for one in found.errors[:TOLD]],
        "more": len(found.errors) > TOLD or max(counts.values()) >= MAX_ERRORS,
    }


def preview(
    service: Service,
    caller: Caller,
    change: RuleChange,
    *,
    wish: Wish | None = None,
    wardrobe: str | None = None,
    lang: str = "en",
) -> Json:
    """Return what a change would change, in facts and in looks, and the name to apply it by.

    Args:
        service: that is asked.
        caller: who asks.
        change: that is only looked at.
        wish: a request to try in place of the bundled week.
        wardrobe: whose facts and looks are told.
        lang: of labels.

    Raises:
        RuleError: where the text cannot be used.
        NoAnswer: WW-DRAFT-NONE, WW-FACT-ABSENT.
        InputError, UnknownName, TooLarge: naming what was not understood.
    """
    name = _base_for(caller, wardrobe) if change.scope == OWNER else readable(caller, wardrobe)
    workspace = service.workspace
    edit = settled(workspace.state, _edit(service, name, change))
    tried: Sequence[Request] | None = None if name else ()
    if wish is not None and name:
        tried = workspace.ask(wishes(wish, workspace.names), name).requests
    found = workspace.preview(edit, name=name, requests=tried)
    return {
        "preview": _token(service, name, found.required) if found.required.patch else None,
        "message": found.required.message,
        "scope": found.required.scope,
        **difference_json(found, namer(lang)),
        "revision": workspace.revision_of(name),
    }


def apply(
    service: Service,
    caller: Caller,
    change: RuleChange,
    *,
    expect: str | None = None,
    expected: int | None = None,
    wardrobe: str | None = None,
) -> Json:
    """Make a change of rules: what was previewed, where the preview is named.

    Args:
        service: that is asked.
        caller: who asks.
        change: as it was previewed.
        expect: the name of the preview that it must be.
        expected: the wardrobe's revision that the change is for.
        wardrobe: whose rules they are.

    Raises:
        Moved: WW-PREVIEW-MOVED, where it is not what was previewed; WW-STORE-MOVED.
        RuleError: where the text cannot be used.
        NoAnswer, InputError, UnknownName, TooLarge: as `preview`.
    """
    name = _place(caller, change, wardrobe)
    workspace = service.workspace
    require_revision(service, name, expected)
    edit = settled(workspace.state, _edit(service, name, change))
    if expect is not None and expect != _token(service, name, edit):
        raise Moved(
            "WW-PREVIEW-MOVED",
            "What would be applied is not what was previewed.",
            note="The wardrobe, the text or wearwhy itself is another than it was.",
            hint="Preview again; then apply.",
        )
    # Reasoned to the end: rules that do not end are not applied.
    found = workspace.preview(edit, name=name, requests=())
    return revision_json(workspace.apply(found, of=name))


def tried(
    service: Service, caller: Caller, change: RuleChange, *, wardrobe: str | None = None
) -> Json:
    """Reason a change of rules to the end, and keep nothing: one that has no end is found aside.

    Raises:
        RuleError: where the text cannot be used, or does not end.
        NoAnswer, InputError, UnknownName, TooLarge: as `preview`.
    """
    name = _place(caller, change, wardrobe)
    found = service.workspace.preview(_edit(service, name, change), name=name, requests=())
    return {"gained": len(found.gained), "lost": len(found.lost)}


def _place(caller: Caller, change: RuleChange, wardrobe: str | None) -> str:
    """Return the wardrobe whose rules may be changed; or in which everybody's are looked at."""
    if change.scope == OWNER:
        return _base_for(caller, wardrobe)
    return writable(caller, wardrobe, Scope.RULES)


def _base_for(caller: Caller, wardrobe: str | None) -> str:
    """Return where an admin looks at everybody's rules: a wardrobe that they may see, or none."""
    caller.require(Scope.ADMIN)
    return caller.wardrobe(wardrobe) if wardrobe or caller.wardrobes else ""


def _token(service: Service, name: str, edit: Edit) -> str:
    workspace = service.workspace
    return token_of(workspace.revision_of(name), edit, engine_of(workspace.bundled))


def _edit(service: Service, name: str, change: RuleChange) -> Edit:
    """Return the edit that a change means; nothing is written, and no file is read."""
    owner = OWNER if change.scope == OWNER else f"wardrobe/{name}"
    edits = []
    if change.topic:
        edits.append(_text_edit(service, owner, change.topic, change.text))
    elif change.text is not None:
        raise InputError(
            "WW-TOPIC-MISSING", "It is not said which topic the text is of.", hint="Say: topic."
        )
    if change.asserted or change.retracted:
        edits.append(_facts_edit(service, name, owner, change))
    if not edits:
        raise InputError("WW-RULES-NOTHING", "It is not said what is to be changed.")
    add = tuple(quad for edit in edits for quad in edit.patch.add)
    remove = tuple(quad for edit in edits for quad in edit.patch.remove)
    return Edit(Patch(add, remove), "; ".join(edit.message for edit in edits), owner)


def _text_edit(service: Service, owner: str, topic: str, text: str | None) -> Edit:
    workspace = service.workspace
    require_short([topic])
    if not _TOPIC.fullmatch(topic):
        raise ValueRefused(
            "WW-TOPIC-NAME",
            "That cannot be the name of a topic.",
            note="It stands for a file among the rules, and for none elsewhere.",
            hint="Use letters, digits, - and _, such as my-rules.",
        )
    if text is None:
        graph = graph_name(owner, RULES, topic)
        held = tuple(Quad(graph, fact) for fact in workspace.state.graphs.get(graph, ()))
        if not held:
            raise NoAnswer("WW-DRAFT-NONE", f"No text of '{topic}' is applied here.")
        return Edit(Patch(remove=held), f"take back rules {topic}", owner)
    _require_text(text)
    known = known_texts(workspace.state, workspace.bundled, owner)
    path = Path(topic + ENDINGS[RULES])
    plain = text.replace("\r\n", "\n")
    return apply_edit(
        workspace.state, owner, [Draft(topic, path, plain, known.get(topic), RULES, owner)]
    )


def _require_text(text: str) -> None:
    """Refuse a text that is too long, or holds the mark of what was no text.

    Raises:
        TooLarge: WW-RULES-LARGE.
        FormatError: WW-RULES-ENCODING.
    """
    if len(text) > LARGEST:
        raise TooLarge(
            "WW-RULES-LARGE", f"A rule text has {LARGEST:,} characters at most, not {len(text):,}."
        )
    if MARK in text:
        raise FormatError(
            "WW-RULES-ENCODING", "The text holds the mark for what could not be read as UTF-8."
        )


def _facts_edit(service: Service, name: str, owner: str, change: RuleChange) -> Edit:
    words: Sequence[str] = (*change.asserted, *change.retracted)
    require_short(words)
    for text in words:
        if text.strip().lower().endswith(FACTS):
            raise ValueRefused(
                "WW-FACT-FILE",
                f"'{text}' names a file.",
                hint="Say facts in three words each, or upload the file.",
            )
    workspace = service.workspace
    try:
        layer = workspace.layer(name) if name else workspace.base
        return stated(workspace, layer, change.asserted, change.retracted, owner)
    except NoAnswer as error:
        if error.code not in ("WW-FACT-ELSEWHERE", "WW-FACT-ABSENT"):
            raise
        # Who else says it is nobody's business.
        raise NoAnswer(
            "WW-FACT-ABSENT", "A fact that is to be retracted is not asserted there."
        ) from None
