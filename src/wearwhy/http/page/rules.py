"""The rules: read by topic, edited with their diagnostics, previewed before they are saved."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from starlette.responses import Response

from wearwhy.errors import ValueRefused
from wearwhy.http.page.changes import seen
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Looking
from wearwhy.http.page.route import pages
from wearwhy.outfit.labels import chosen
from wearwhy.rdf import NamedNode, curie
from wearwhy.rules.descriptions import read
from wearwhy.service.caller import Caller
from wearwhy.service.documents import Json
from wearwhy.service.rulebook import RuleChange, apply, check, preview, rules
from wearwhy.service.rulebook import topic as topic_document
from wearwhy.service.service import Service
from wearwhy.settings import assets

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
router = pages()


@router.get("/page/rules")
async def topics(frame: Looking, text: str = "") -> Response:
    """Show the rules by topic; those that have some words, where words are given."""
    found = await frame.run(rules, wardrobe=frame.wardrobe)
    scopes = {one["topic"]: one["scope"] for one in found["topics"]}
    by_topic: dict[str, list[Json]] = {}
    for rule in found["rules"]:
        if _has(rule, text, frame.topic(rule["topic"]), frame.language):
            by_topic.setdefault(rule["topic"], []).append(rule)
    return frame.show("rules.html", topics=by_topic, scopes=scopes, text=text)


def _has(rule: Json, text: str, topic: str, language: str) -> bool:
    there = " ".join(
        [
            curie(NamedNode(rule["rule"])),
            rule["topic"],
            topic,
            rule["label"].get(language, ""),
            rule["sentence"].get(language, ""),
        ]
    ).casefold()
    return all(word in there for word in text.casefold().split())


@router.get("/page/new-rules")
async def start(frame: Looking, topic: str) -> Response:
    """Show an empty file of rules of a wardrobe's own."""
    if not NAME.fullmatch(topic):
        raise ValueRefused(
            "WW-PAGE-TOPIC",
            f"'{topic}' is no name for rules.",
            hint="Use small letters, digits and -, such as my-rules.",
        )
    known = await frame.run(rules, wardrobe=frame.wardrobe)
    if any(one["topic"] == topic for one in known["topics"]):
        return frame.go(f"/page/rules/{topic}")
    return frame.show("topic.html", **_about(topic, _beginning(), "new", known))


@cache
def _beginning() -> str:
    """Return what a new file of rules begins with."""
    return (assets() / "kg" / "new-rules.srl").read_text(encoding="utf-8")


def own_names(service: Service, caller: Caller, text: str, language: str) -> dict[str, str]:
    """Return what a text calls its rules, by IRI: the graph does not know new ones yet."""
    del service, caller
    labels = ((one.iri.value, chosen(one.description.label, language)) for one in read(text).rules)
    return {iri: label for iri, label in labels if label}


def _about(topic: str, text: str, scope: str, known: Json) -> dict[str, Any]:
    return {
        "topic": topic,
        "text": text,
        "scope": scope,
        "revision": known["revision"],
        "rules": [one for one in known["rules"] if one["topic"] == topic],
    }


@router.get("/page/rules/{topic:path}")
async def edit(frame: Looking, topic: str) -> Response:
    """Show the rules of a topic in an editor."""
    found = await frame.run(topic_document, topic, wardrobe=frame.wardrobe)
    known = await frame.run(rules, wardrobe=frame.wardrobe)
    return frame.show("topic.html", **_about(topic, found["text"], found["scope"], known))


@router.post("/page/check")
async def check_text(frame: Looking) -> Response:
    """Show what is wrong with a text of rules."""
    form = await filled(frame)
    found = await frame.slow(check, form.text("text"), wardrobe=form.wardrobe)
    return frame.show("check.html", checked=found)


@router.post("/page/rules/{topic:path}")
async def change(frame: Looking, topic: str) -> Response:
    """Check rules, show what they would change, or save them."""
    form = await filled(frame)
    text: str | None = form.text("text")
    if form.does == "back" or form.text("back"):
        text = None
    changed = RuleChange(topic, text)
    if form.does == "save":
        await frame.run(
            apply,
            changed,
            expect=form.text("expect") or None,
            expected=form.expected,
            wardrobe=form.wardrobe,
        )
        own = text is not None
        return frame.go(f"/page/rules/{topic}" if own else "/page/rules", done="ruled")
    known = await frame.run(rules, wardrobe=form.wardrobe)
    scopes = {one["topic"]: one["scope"] for one in known["topics"]}
    about = _about(topic, form.text("text"), scopes.get(topic, "new"), known)
    if text is not None:
        checked = await frame.slow(check, text, topic=topic, wardrobe=form.wardrobe)
        about["checked"] = checked
        if form.does == "check" or not checked["sound"]:
            return frame.show("topic.html", **about)
    found = await frame.slow(preview, changed, wardrobe=form.wardrobe, lang=frame.language)
    return await seen(
        frame,
        "topic.html",
        found,
        action=frame.request.url.path,
        own=await frame.slow(own_names, text, frame.language) if text is not None else None,
        carried=[
            ("text", form.text("text")),
            ("back", "1" if text is None else ""),
            ("expect", found["preview"] or ""),
            ("expected", str(found["revision"])),
        ],
        wardrobe=form.wardrobe,
        **about,
    )
