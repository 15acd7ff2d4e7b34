"""Verbs of rule files: check, explain, translate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.workspace.rulebook import Checked


@verb(
    "check",
    examples=(
        "wearwhy rules check all",
        "wearwhy rules check all --json",
        "wearwhy rules check - --name colour.srl --json",
    ),
)
@click.argument("file", default="all", metavar="[FILE|-|all]")
@click.option("--name", help="What to call the text that is read from stdin, for '-'.")
def check(session: Session, file: str, name: str | None) -> Told:
    """Check rule files: every error with its place, its law and a hint; exit 1 if there is one.

    Beside .srl files, RDF files with SHACL-AF rules or SWRL are read: what is lost by translating
    them is a warning. '-' reads a text from stdin, as an editor has it.
    """
    from wearwhy.workspace import rulebook, rulefiles

    found = _checked(session, file, name)
    counts = rulefiles.severities(found.errors)

    def text() -> str:
        parts = [rulebook.pointed(one, found.texts) for one in found.errors]
        if not counts["error"]:
            parts.append(session.say("rules-sound", n=found.rules, files=found.files))
        return "\n\n".join(parts)

    code = 1 if counts["error"] else 0
    return Told(lambda: [one.as_dict() for one in found.errors], text, code)


def _checked(session: Session, file: str, name: str | None) -> Checked:
    from wearwhy.workspace import rulefiles

    if file == "all":
        return rulefiles.check_all(session.folder)
    if file == "-":
        raw = sys.stdin.buffer.read()
        return rulefiles.check_text(raw.decode("utf-8", "surrogateescape"), name or "<stdin>")
    return rulefiles.check(Path(file))


def is_file(word: str) -> bool:
    """Return whether a word names a rule file, or an RDF file that may hold rules."""
    from wearwhy.rules.foreign.read import SUFFIXES

    path = Path(word)
    return path.suffix.lower() in {".srl", *SUFFIXES} and path.is_file()


def shown(session: Session, path: Path) -> Told:
    """Tell the rules of a file, translated if they are of another language."""
    from wearwhy.rules.syntax import render
    from wearwhy.workspace import rulebook, rulefiles

    found = rulefiles.rules_of(path)
    return Told(
        lambda: {"rules": [rulebook.rule_json(one) for one in found]},
        lambda: "\n\n".join(
            f"{rulebook.rule_line(one, session.lang).rstrip()}\n{render(one).rstrip()}"
            for one in found
        ),
    )


@verb(
    "explain",
    examples=("wearwhy rules explain WW-RULE-STRATA", "wearwhy rules explain"),
)
@click.argument("code", required=False)
def explain(session: Session, code: str | None) -> Told:
    """Explain an error of a rule file: its law, an example that is wrong and one that is right."""
    del session
    from wearwhy.workspace import errorpages

    if code is None:
        known = errorpages.pages()
        width = max(map(len, known))
        return Told(
            lambda: {"errors": [one.as_dict() for one in known.values()]},
            lambda: "\n".join(f"{one.code:<{width}}  {one.title}" for one in known.values()),
        )
    page = errorpages.page(code)
    return Told(page.as_dict, lambda: page.text)


@verb(
    "translate",
    examples=("wearwhy rules translate shapes.ttl", "wearwhy rules translate shapes.ttl --json"),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(["srl"]), default="srl", help="The language to write.")
def translate(session: Session, file: Path, to: str) -> Told:
    """Translate SHACL-AF rules or SWRL into a rule file; what is lost is told on stderr.

    The text goes to stdout, its notes as comments. Exit 1 if no rule could be translated.
    """
    del to
    from wearwhy.rules.foreign import translate as translated

    found = translated(file)
    if not session.as_json:
        for note in found.notes:
            click.echo(str(note), err=True)
    return Told(
        lambda: {
            "language": found.language,
            "rules": len(found.rules),
            "left_out": found.left_out,
            "text": found.text,
            "notes": [note.as_dict() for note in found.notes],
        },
        lambda: found.text,
        0 if found.rules else 1,
    )


VERBS: Final = (check, explain, translate)
