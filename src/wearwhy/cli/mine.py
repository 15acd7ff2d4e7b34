"""The verb that mines rules from what is loaded, and writes one as a draft."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import LANGUAGES, Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.learn.mined.stars_rules import ItemRule
    from wearwhy.rdf import NamedNode
    from wearwhy.workspace.mined_words import Words
    from wearwhy.workspace.mining import Mined


@verb(
    "mine",
    examples=(
        "wearwhy rules mine",
        "wearwhy rules mine --attribute formality --least 3 -n 5",
        "wearwhy rules mine --confidence 0.8 --json",
    ),
)
@click.option("--attribute", metavar="NAME", help="Only rules for this: formality, season, usage …")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    help="Items that a rule must hold for (default: 5, or one in 1,000).",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="The share that must be right, five unseen failures counted.",
)
@click.option("-n", "most", type=click.IntRange(min=1), default=20, help="How many (default: 20).")
@click.option("--promote", metavar="ID", help="Write this rule as a draft, to preview and apply.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write it to (default: among the workspace's drafts).",
)
def mine(
    session: Session,
    *,
    attribute: str | None,
    least: int | None,
    confidence: float,
    most: int,
    promote: str | None,
    into: Path | None,
) -> Told:
    """Mine rules about items from what was stated, and list those that tell most.

    A rule has one to three conditions. It is counted on the items it was mined from and on held-out
    ones; one that promises more than these bear out is marked as exposed. Nothing is reasoned, so
    a large catalogue takes no longer than reading it. --promote writes one rule as a draft.
    """
    from wearwhy.workspace import mining

    if into is not None and promote is None:
        raise click.UsageError("--into says where --promote writes: name a rule.")
    workspace = session.open(usual=True)
    with working(session.say("mining")) as bar:
        found = mining.mined(
            workspace,
            session.named,
            attribute=attribute,
            least=least,
            confidence=confidence,
            progress=lambda _, done, total: bar(done, total),
        )
        if promote is not None:
            return _promoted(session, found, promote, into)
        shown = found.rules[:most]
        known = mining.followed(workspace, found, shown)
    words = _words(found, session.lang)
    return Told(
        lambda: {
            "revision": workspace.revision,
            "found": len(found.rules),
            "rules": [_json(found, one, words, follows=one in known) for one in shown],
        },
        lambda: "\n".join(_lines(session, found, shown, known, words)),
    )


def _words(found: Mined, language: str) -> Words:
    from wearwhy.explain.sentences import read
    from wearwhy.settings import assets
    from wearwhy.workspace.mined_words import Words

    return Words(found.said, read(assets() / "kg" / "phrases.toml"), language)


def _promoted(session: Session, found: Mined, name: str, into: Path | None) -> Told:
    from wearwhy.workspace.mined_files import promoted

    workspace = session.open()
    rule = found.rule(name)
    english, chinese = (_words(found, language) for language in LANGUAGES)
    path, text = promoted(workspace, found, rule, (english, chinese), into=into, name=session.named)
    words = english if session.lang == "en" else chinese
    return Told(
        lambda: {"file": str(path), "text": text, **_json(found, rule, words)},
        lambda: f"{text}\n" + session.say("mined-written", file=path),
    )


def _lines(
    session: Session,
    found: Mined,
    shown: tuple[ItemRule, ...],
    known: set[ItemRule],
    words: Words,
) -> list[str]:
    if not shown:
        return [session.say("mined-none")]
    n, revision = len(found.rules), session.open().revision
    lines = [session.say("mined-head", shown=len(shown), n=n, revision=revision)]
    for rule in shown:
        examples = found.examples(rule)
        lines += ["", f"{rule.id}  {words.rule(rule)}"]
        figures = {
            "right": rule.right,
            "support": rule.support,
            "confidence": rule.confidence,
            "gain": rule.gain,
            "held_right": rule.held_right,
            "held_support": rule.held_support,
        }
        lines.append("  " + session.say("mined-line", **figures, new=examples.new))
        if rule.exposed:
            lines.append("  " + session.say("mined-exposed", at_most=rule.at_most))
        if rule in known:
            lines.append("  " + session.say("mined-follows"))
        for key, items in (("for", examples.right), ("against", examples.wrong)):
            if items:
                told = "; ".join(f"{words.of(item)} ({_local(item)})" for item in items)
                lines.append(f"  {session.say(f'mined-{key}')}: {told}")
    return [*lines, "", session.say("mined-hint")]


def _local(item: NamedNode) -> str:
    return item.value.rpartition("/")[2]


def _json(
    found: Mined, rule: ItemRule, words: Words, *, follows: bool | None = None
) -> dict[str, Any]:
    examples = found.examples(rule)

    def items(some: tuple[NamedNode, ...]) -> list[dict[str, str]]:
        return [{"item": item.value, "name": words.of(item)} for item in some]

    document: dict[str, Any] = {
        "id": rule.id,
        "rule": words.rule(rule),
        "attribute": rule.attribute.label or rule.attribute.name,
        "value": rule.value,
        "body": [{"relation": token.relation, "value": token.value} for token in rule.body],
        "support": rule.support,
        "right": rule.right,
        "confidence": round(rule.confidence, 4),
        "gain": round(rule.gain, 4),
        "held": {
            "support": rule.held_support,
            "right": rule.held_right,
            "at_least": round(rule.at_least, 4),
            "at_most": round(rule.at_most, 4),
        },
        "exposed": rule.exposed,
        "new": examples.new,
        "for": items(examples.right),
        "against": items(examples.wrong),
    }
    return document if follows is None else {**document, "follows": follows}
