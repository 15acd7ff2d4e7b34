"""The verb that asks the graph itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wearwhy.cli import explained
from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.store.answer import Answer
    from wearwhy.workspace import Workspace

KINDS = ("asserted", "derived", "predicted", "computed", "all", "explained")
FORMATS = ("table", "csv", "json", "turtle", "trig", "nquads")


@verb(
    "query",
    examples=(
        'wearwhy query "SELECT ?item WHERE { ?item ww:suitsSeason ww:season-winter } LIMIT 5"',
        "wearwhy query colours-by-family",
        "wearwhy query suits-occasion --param occasion=ww:occasion-office --format csv",
        'wearwhy query "ASK { ?i a ww:Blazer }" --over asserted --json',
        "wearwhy query deciding-this-month --param on=2026-11-24 --explain 2026-11",
        "wearwhy query --explain 'CONSTRUCT WHERE { ?i ww:suitsSeason ww:season-winter }'",
    ),
)
@click.argument("what", metavar="[TEXT|FILE|NAME]", required=False)
@click.option(
    "--over",
    type=click.Choice(KINDS),
    help="The facts that are asked (default: all, or what the named query is about).",
)
@click.option(
    "--explain",
    "explains",
    multiple=True,
    metavar="WHAT",
    help="Ask of the firings behind: all, closure, YYYY-MM, a look's id, a query that names facts."
    " Without a question: their graph.",
)
@click.option("--needed", is_flag=True, help="With --explain: tell which facts each term needs.")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="Of a named query.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
def query(
    session: Session,
    what: str | None,
    *,
    over: str | None,
    explains: tuple[str, ...],
    needed: bool,
    params: tuple[str, ...],
    form: str,
) -> Told:
    """Ask the graph in SPARQL: a text, a file, or a query by name (none: lists the names)."""
    if over == "explained" and not explains:
        explains = ("all",)
    workspace = session.open(usual=what is not None or bool(explains))
    scope = explained.scope_of(explains, needed=needed)
    if what is None:
        if not explains:
            return _names(session, workspace)
        with working(session.say("reasoning")):
            return explained.graph(workspace, scope, _wardrobe(session, workspace), form)
    text, about = _text(workspace, what, params)
    with working(session.say("reasoning")):
        if explains or (over is None and about == "explained"):
            from wearwhy.workspace.explaining import explained as ask

            found = ask(workspace, text, scope, name=_wardrobe(session, workspace))
        else:
            found = workspace.query(text, over=over or about, name=_wardrobe(session, workspace))
    no = found.kind == "ask" and not found
    return Told(found.as_dict, lambda: _shown(session, found, form), 1 if no else 0)


def _wardrobe(session: Session, workspace: Workspace) -> str | None:
    return session.named if workspace.wardrobes() else None


def _text(workspace: Workspace, what: str, params: tuple[str, ...]) -> tuple[str, str]:
    """Return a query's text, and what it is asked of."""
    from wearwhy.store.named import bind, catalogue, named

    path = Path(what)
    spoken = any(char.isspace() or char == "{" for char in what)
    if not spoken and path.suffix.lower() in (".rq", ".sparql") and path.is_file():
        text = path.read_text("utf-8")
    elif spoken:
        text = what
    else:
        queries = catalogue(workspace.bundle.folder / "kg" / "queries")
        values: dict[str, Any] = dict(_pairs(params))
        found = named(queries, what)
        return bind(found, **values), found.over
    if params:
        raise click.UsageError("--param is for named queries.")
    return text, "all"


def _pairs(params: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals:
            raise click.UsageError(f"'{param}' is not NAME=VALUE.")
        found[name] = value
    return found


def _shown(session: Session, found: Answer, form: str) -> str:
    if form == "csv":
        return found.to_csv().replace("\r\n", "\n")
    if form == "json":
        return found.to_json()
    if form in explained.GRAPHS:
        return found.to_turtle()
    text = found.to_text(width=click.get_current_context().terminal_width or 100)
    if found.truncated:
        text += session.say("truncated", n=len(found.rows)) + "\n"
    return text


def _names(session: Session, workspace: Workspace) -> Told:
    from wearwhy.store.named import catalogue

    queries = catalogue(workspace.bundle.folder / "kg" / "queries")

    def text() -> str:
        lines = []
        for name, one in queries.items():
            needed = " ".join(f"--param {p.name}=…" for p in one.parameters if p.default is None)
            label = one.label.get(session.lang) or one.label.get("en", "")
            lines.append(f"{name:<22} {label}" + (f"  ({needed})" if needed else ""))
        return "\n".join(lines)

    return Told(
        lambda: {
            "queries": [
                {
                    "name": name,
                    "label": dict(one.label),
                    "comment": dict(one.comment),
                    "parameters": [
                        {"name": p.name, "required": p.default is None} for p in one.parameters
                    ],
                }
                for name, one in queries.items()
            ]
        },
        text,
    )
