"""Verbs of the rules: check, show, edit, preview, apply, test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.change import preview_option
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb
from wearwhy.cli.show import changed

if TYPE_CHECKING:
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace import Workspace
    from wearwhy.workspace.drafts import Draft

scope_option = click.option(
    "--scope",
    type=click.Choice(["base", "wardrobe"]),
    help="Whose rules: everybody's, or one wardrobe's (default: the --wardrobe named, else base).",
)


@click.group("rules")
def rules() -> None:
    """The stylist's rules: read them, change them, see what that changes, test them."""


def _scope(session: Session, workspace: Workspace, scope: str | None) -> str:
    """Return the scope that is meant; who names a wardrobe means its rules."""
    chosen = scope or ("wardrobe" if session.wardrobe else "base")
    return chosen if chosen == "base" else f"wardrobe/{workspace.wardrobe(session.wardrobe)}"


@verb("check", examples=("wearwhy rules check all", "wearwhy rules check all --json"))
@click.argument("file", default="all", metavar="[FILE|all]")
def check(session: Session, file: str) -> Told:
    """Check rule files: every error with its place, its law and a hint; exit 1 if there is one."""
    from wearwhy.workspace import rulebook

    everything = file == "all"
    found = rulebook.check_all(session.folder) if everything else rulebook.check_file(Path(file))

    def text() -> str:
        if not found.errors:
            return session.say("rules-sound", n=found.rules, files=found.files)
        return "\n\n".join(rulebook.pointed(one, found.texts) for one in found.errors)

    return Told(lambda: [one.as_dict() for one in found.errors], text, 1 if found.errors else 0)


@verb(
    "show",
    examples=("wearwhy rules show", "wearwhy rules show colour", "wearwhy rules show monochrome"),
)
@click.argument("what", required=False, metavar="[RULE|TOPIC]")
def show(session: Session, what: str | None) -> Told:
    """Show a rule with what it says, the rules of a topic, or all topics."""
    from wearwhy.workspace import rulebook

    workspace = session.open()
    found = rulebook.shown(workspace, what, session.wardrobe)

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


@verb(
    "edit",
    examples=("wearwhy rules edit colour", "wearwhy --wardrobe mine rules edit colour"),
)
@click.argument("topic")
@scope_option
def edit(session: Session, topic: str, scope: str | None) -> Told:
    """Copy a topic's rules into the workspace and print the path of the file to edit."""
    from wearwhy.workspace.drafts import edit_copy

    workspace = session.open()
    whose = _scope(session, workspace, scope)
    path = edit_copy(workspace.folder, workspace.state, workspace.bundle, whose, topic)
    return Told(lambda: {"topic": topic, "scope": whose, "file": str(path)}, lambda: str(path))


def _drafts(workspace: Workspace, scope: str, topics: tuple[str, ...]) -> list[Draft]:
    from wearwhy.errors import NoAnswer, nearest
    from wearwhy.workspace.drafts import drafts

    found = drafts(workspace.folder, workspace.state, workspace.bundle, scope)
    known = {draft.topic: draft for draft in found}
    for topic in topics:
        if topic not in known:
            near = nearest(topic, known)
            raise NoAnswer(
                "WW-DRAFT-UNKNOWN",
                f"'{topic}' does not differ from what is applied.",
                hint=f"Did you mean '{near}'?" if near else "`wearwhy rules edit` makes one.",
            )
    return [known[topic] for topic in topics] if topics else found


def _applied(
    session: Session, scope: str | None, topics: tuple[str, ...], *, preview: bool
) -> Told:
    from wearwhy.workspace.drafts import apply_edit

    workspace = session.open()
    whose = _scope(session, workspace, scope)
    edit = apply_edit(workspace.state, whose, _drafts(workspace, whose, topics))
    if not preview:
        with working(session.say("reasoning")):
            workspace.preview(edit, requests=())  # rules that do not end are not applied
    return changed(session, workspace, edit, preview=preview)


@verb("preview", examples=("wearwhy rules preview", "wearwhy rules preview colour --json"))
@click.argument("topics", nargs=-1, metavar="[FILE|TOPIC]...")
@scope_option
def preview(session: Session, topics: tuple[str, ...], scope: str | None) -> Told:
    """Show what the edited rule files would change: facts, and the looks of a week."""
    return _applied(session, scope, _topics(session, topics), preview=True)


@verb("apply", examples=("wearwhy rules apply", "wearwhy rules apply colour"))
@click.argument("topics", nargs=-1, metavar="[FILE|TOPIC]...")
@scope_option
@preview_option
def apply(session: Session, topics: tuple[str, ...], scope: str | None, preview: bool) -> Told:
    """Make the edited rule files the applied ones, as one revision."""
    return _applied(session, scope, _topics(session, topics), preview=preview)


def _topics(session: Session, words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the topics that words name: a topic itself, or the path of its file."""
    folder = (session.folder / "rules").resolve()
    found = []
    for word in words:
        path = Path(word).resolve()
        if word.endswith(".srl") and path.is_relative_to(folder):
            topic = path.relative_to(folder).with_suffix("").as_posix()
            parts = topic.split("/")
            found.append("/".join(parts[2:]) if parts[0] == "wardrobe" else topic)
        else:
            found.append(word.removesuffix(".srl"))
    return tuple(found)


@verb("test", examples=("wearwhy rules test cases", "wearwhy rules test cases --junit out.xml"))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--junit",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Also write the results as JUnit XML.",
)
def test(session: Session, folder: Path, junit: Path | None) -> Told:
    """Run rules' cases: DIR/RULE/NAME.data.ttl with NAME.expected.ttl or .forbidden.ttl."""
    from wearwhy.workspace import ruletests

    with working(session.say("testing")) as bar:
        found = ruletests.run(folder, _ground(session), progress=bar)
    if junit is not None:
        junit.write_text(ruletests.junit(found), "utf-8")
    failed = [one for one in found if not one.passed]

    def text() -> str:
        lines = []
        for one in failed:
            lines.append(session.say("case-failed", rule=one.rule, case=one.name))
            lines += [f"  {line}" for line in one.lines()]
        lines.append(session.say("cases", n=len(found), failed=len(failed)))
        return "\n".join(lines)

    return Told(
        lambda: {
            "passed": len(found) - len(failed),
            "failed": len(failed),
            "cases": [one.as_dict() for one in found],
        },
        text,
        1 if failed else 0,
    )


def _ground(session: Session) -> Layer:
    """Return the layer that cases are laid over: with a workspace's rules, if there is one."""
    from wearwhy.errors import StoreError
    from wearwhy.workspace import ruletests

    try:
        workspace = session.open()
    except StoreError as error:
        if error.code != "WW-STORE-NONE":
            raise
        return ruletests.ground()
    return ruletests.ground(workspace)


for _verb in (check, show, edit, preview, apply, test):
    rules.add_command(_verb)
