"""Verbs of the rules: show, edit, preview, apply; check, test and mine stand beside."""

from __future__ import annotations

from pathlib import Path

import click

from wearwhy.cli import mine, preview, rulefiles, ruletests
from wearwhy.cli.session import Session, Told, verb


@click.group("rules")
def rules() -> None:
    """The stylist's rules: read them, change them, see what that changes, test them."""


@verb(
    "show",
    examples=("wearwhy rules show", "wearwhy rules show colour", "wearwhy rules show monochrome"),
)
@click.argument("what", required=False, metavar="[RULE|TOPIC|FILE]")
def show(session: Session, what: str | None) -> Told:
    """Show a rule with what it says, the rules of a topic or a file, or all topics."""
    from wearwhy.workspace import rulebook

    if what is not None and rulefiles.is_file(what):
        return rulefiles.shown(session, Path(what))
    workspace = session.open()
    found = rulebook.shown(workspace, what, session.named)

    def text() -> str:
        if what is None:
            return "\n".join(
                f"{topic:<14} " + session.say("rules-count", n=len(those))
                for topic, those in found.by_topic().items()
            )
        if len(found.rules) == 1 and not found.is_topic:
            return rulebook.rule_text(found.rules[0], session.lang)
        return "\n".join(rulebook.rule_line(one, session.lang) for one in found.rules)

    return Told(lambda: {"rules": [rulebook.rule_json(one) for one in found.rules]}, text)


for _verb in (*rulefiles.VERBS, show, mine.mine, *preview.VERBS, *ruletests.VERBS):
    rules.add_command(_verb)
