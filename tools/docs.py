"""Write the generated parts of the documents: `docs/**/*.md` whole, and the README's demo.

    python -m tools.docs             # writes what is stale
    python -m tools.docs --check     # writes nothing; exit 1 and a list, where something is stale

What is told here is read off the program itself: help texts from the command line, rules from
their files, error codes from the sources, the demo by running it.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Final

import click
from tools import errorpages
from tools.codes import codes

from wearwhy import settings
from wearwhy.cli import main as wearwhy
from wearwhy.rdf import curie
from wearwhy.rules.descriptions import load, verdict
from wearwhy.rules.model import Rule
from wearwhy.service import configuration
from wearwhy.service.configuration import Configuration
from wearwhy.store.named import catalogue
from wearwhy.workspace.errorpages import pages

ROOT: Final = Path(__file__).resolve().parents[1]
WIDTH: Final = 96
TOLD: Final = "<!-- Written by tools/docs.py: run `make docs` instead of editing. -->\n\n"
TERM: Final = re.compile(r"\s+[+\-−]\d+\.\d+ \[")
DEMO: Final = re.compile(r"(<!-- demo -->\n).*?(<!-- /demo -->)", re.DOTALL)
_KEY: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)
EXIT_CODES: Final = {
    0: "done",
    1: "the answer is no",
    2: "usage or bad input",
    3: "internal",
    130: "stopped by Ctrl-C",
}


def cli() -> str:
    """Return the help text of every command."""
    parts = [TOLD, "# The command line\n"]
    parts += [
        f"\n## `{name}`\n\n```text\n{text}\n```\n" for name, text in _helps(wearwhy, "wearwhy")
    ]
    return "".join(parts)


def _helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    # As below the group at the command line; click keeps the option of whoever asked first.
    command._help_option = None  # noqa: SLF001
    context = click.Context(
        command,
        info_name=name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    text = command.get_help(context)
    yield name, "\n".join(line.rstrip() for line in text.splitlines())
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from _helps(found, f"{name} {below}")


def rules() -> str:
    """Return a table of the bundled rules for each topic."""
    found = load(sorted((ROOT / "ontology" / "rules").rglob("*.srl")))
    if found.errors:
        raise found.errors[0]
    topics: dict[str, list[Rule]] = defaultdict(list)
    for rule in found.rules:
        assert rule.place is not None
        topics[Path(rule.place.file).stem].append(rule)
    kinds = [str(verdict(rule) or "derive") for rule in found.rules]
    counted = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    parts = [
        TOLD,
        "# The bundled rules\n\n",
        f"{len(found.rules)} rules in {len(topics)} files of `ontology/rules`: {counted}.\n",
        "Points are log-odds; a forbidding rule that rests on uncertain facts costs its points\n",
        "times the confidence. `†` marks rules that may cut a look before it is complete.\n",
    ]
    for topic, members in sorted(topics.items()):
        parts += [f"\n## {topic}\n\n", "| rule | kind | points | says | origin |\n"]
        parts.append("| --- | --- | ---: | --- | --- |\n")
        parts += [_row(rule) for rule in members]
    return "".join(parts)


def _row(rule: Rule) -> str:
    about = rule.description
    kind = verdict(rule)
    points = "" if kind is None else f"{about.points:g}"
    says = "<br>".join(text for _, text in sorted(about.sentence))
    mark = "†" if about.hereditary else ""
    return _line(f"`{curie(rule.iri)}`{mark}", str(kind or "derive"), points, says, about.origin)


def queries() -> str:
    """Return the named queries with their parameters."""
    parts = [TOLD, "# The named queries\n\n", "Run one by name: `wearwhy query NAME`.\n"]
    for name, query in catalogue(ROOT / "kg" / "queries").items():
        parts.append(f"\n## `{name}`\n\n{query.label['en']} · {query.label['zh']}\n\n")
        parts.append(f"{query.comment['en']}\n")
        for one in query.parameters:
            default = "required" if one.default is None else f"default `{curie(one.default)}`"
            says = one.description.get("en", "")
            parts.append(f"\n- `{one.name}`: {says} ({default})")
        parts.append("\n" if query.parameters else "")
    return "".join(parts)


def error_codes() -> str:
    """Return the table of error codes."""
    exits = ", ".join(f"{number} {what}" for number, what in EXIT_CODES.items())
    parts = [
        TOLD,
        "# Error codes\n\n",
        "A code keeps its meaning within a major version. An error prints its code, a sentence, a\n",
        "note with the law that is broken, a hint, and the place in the file where there is one.\n\n",
        f"Exit status: {exits}.\n\n",
        "| code | class | exit | sentence |\n| --- | --- | ---: | --- |\n",
    ]
    for code in codes(ROOT / "src"):
        cls = f"`{code.cls}`" if code.cls else ""
        status = "" if code.exit_code is None else str(code.exit_code)
        name = (
            f"[`{code.code}`](errors/{code.code}.md)" if code.code in pages() else f"`{code.code}`"
        )
        parts.append(_line(name, cls, status, code.sentence))
    return "".join(parts)


def settings_table() -> str:
    """Return the table of what a workspace's `wearwhy.toml` may say."""
    _, _, attributes = inspect.cleandoc(settings.Settings.__doc__ or "").partition("Attributes:\n")
    says = dict(_KEY.findall(attributes))
    parts = [
        TOLD,
        "# Settings\n\n",
        f"Keys of `{settings.FILE}` in the folder of a workspace; all of them may be left out.\n\n",
        "| key | default | what it says |\n| --- | --- | --- |\n",
    ]
    for one in fields(settings.Settings):
        default = "" if one.default is None else f"`{json.dumps(one.default)}`"
        parts.append(_line(f"`{one.name}`", default, says[one.name]))
    return "".join(parts)


def serve_table() -> str:
    """Return the table of what a server may be told."""
    _, _, attributes = inspect.cleandoc(Configuration.__doc__ or "").partition("Attributes:\n")
    says = dict(_KEY.findall(attributes))
    parts = [
        TOLD,
        "# What a server may be told\n\n",
        f"`wearwhy serve` reads `{configuration.FILE}` in the folder of the workspace (or the file\n",
        "that `--config` names), then the environment, then `--host` and `--port`: what comes later\n",
        "wins. All of it may be left out. In the environment a list stands with commas.\n\n",
        '```toml\n# serve.toml\npublic_url = "https://wear.example.org"\n',
        'proxies = ["127.0.0.1"]\n```\n\n',
        "| key | in the environment | default | what it says |\n| --- | --- | --- | --- |\n",
    ]
    for one in fields(Configuration):
        default = json.dumps(one.default)
        variable = f"`{configuration.PREFIX}{one.name.upper()}`"
        parts.append(_line(f"`{one.name}`", variable, f"`{default}`", says[one.name]))
    return "".join(parts)


def _line(*cells: str) -> str:
    safe = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return "| " + " | ".join(safe) + " |\n"


def readme() -> str:
    """Return the README with what the demo prints now."""
    text = (ROOT / "README.md").read_text("utf-8")
    shown = f"```console\n$ wearwhy demo\n{demo()}\n```\n"
    assert DEMO.search(text), "README.md has lost its demo markers"
    return DEMO.sub(lambda found: found[1] + shown + found[2], text)


def demo() -> str:
    """Return the demo's first look with the evidence of its first term, as the command prints it."""
    done = subprocess.run(
        [sys.executable, "-m", "wearwhy", "demo"],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": str(WIDTH)},
    )
    return excerpt(done.stdout)


def excerpt(printed: str) -> str:
    """Return what is printed up to the second term of the first look."""
    lines = printed.rstrip().splitlines()
    terms = [number for number, line in enumerate(lines) if TERM.match(line)]
    assert len(terms) > 1, "the demo prints no two terms"
    return "\n".join([*lines[: terms[1]], "  …"])


WRITTEN: Final[dict[str, Callable[[], str]]] = {
    "docs/cli.md": cli,
    "docs/rules.md": rules,
    "docs/queries.md": queries,
    "docs/errors.md": error_codes,
    "docs/settings.md": settings_table,
    "docs/serve.md": serve_table,
    "README.md": readme,
    "docs/errors/README.md": errorpages.index,
    **{f"docs/errors/{one.code}.md": partial(errorpages.written, one) for one in pages().values()},
}


def stale() -> dict[str, str]:
    """Return the documents that are not what they should be, with the text they should have."""
    wanted = {name: write() for name, write in WRITTEN.items()}
    return {name: text for name, text in wanted.items() if _read(ROOT / name) != text}


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def main() -> int:
    """Write the stale documents, or list them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    arguments = parser.parse_args()
    found = stale()
    for name, text in found.items():
        print(f"{'stale' if arguments.check else 'wrote'}: {name}")
        if not arguments.check:
            (ROOT / name).parent.mkdir(exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
    return int(bool(found) and arguments.check)


if __name__ == "__main__":
    sys.exit(main())
