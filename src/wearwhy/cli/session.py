"""What every verb shares: its common options, its workspace, its words, and how it answers.

A verb returns what it has to tell, as a document and as text; which of the two is printed, and
the exit code, is decided here. So `--json` prints one document and nothing else.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wearwhy.errors import InputError, nearest

if TYPE_CHECKING:
    from wearwhy.explain.naming import Names, Templates
    from wearwhy.rules.layer import Layer
    from wearwhy.workspace import Workspace

LANGUAGES: Final = ("en", "zh")
SHOWN: Final = 5
"""Wardrobes that are named where there are others."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a verb answers.

    Attributes:
        document: what `--json` prints; made only when it is asked for.
        text: what is printed otherwise.
        code: 0 done, 1 the answer is no.
    """

    document: Callable[[], object]
    text: Callable[[], str]
    code: int = 0


@dataclass(slots=True)
class Session:
    """One call of the command line.

    Attributes:
        folder: of the workspace.
        named: the wardrobe given, if one was; None for the usual one, or the only one.
        language: given, else the workspace's once it is open.
        as_json: whether a document is wanted.
    """

    folder: Path = field(default_factory=Path)
    named: str | None = None
    language: str | None = None
    as_json: bool = False
    _workspace: Workspace | None = None
    _usual_told: bool = False
    _phrases: Templates | None = None
    _sentences: Templates | None = None

    @property
    def lang(self) -> str:
        """The language of answers."""
        if self.language is None:
            from wearwhy import settings

            self.language = settings.read(self.folder).lang
        return self.language

    def open(self, *, usual: bool = False) -> Workspace:
        """Open the workspace, once, and say on stderr which rule files are drafts.

        Args:
            usual: whether a verb is about the usual wardrobe where none is `named`: of several,
                a line on stderr says once which one it is.
        """
        if self._workspace is None:
            from wearwhy.workspace import Workspace

            self.use(Workspace.open(self.folder))
            self._tell_drafts()
        assert self._workspace is not None
        if usual and self.named is None and not self._usual_told:
            self._usual_told = True
            self._tell_usual()
        return self._workspace

    def use(self, workspace: Workspace) -> None:
        """Take an open workspace for the rest of the call."""
        self._workspace = workspace
        self.folder = workspace.folder

    def _tell_drafts(self) -> None:
        assert self._workspace is not None
        found = self._workspace.drafts(self.named)
        if found:
            key = "draft-one" if len(found) == 1 else "drafts"
            topics = ", ".join(draft.name for draft in found)
            click.echo(self.say(key, n=len(found), topics=topics), err=True)

    def _tell_usual(self) -> None:
        from wearwhy import settings

        assert self._workspace is not None
        usual = self._workspace.settings.default_wardrobe
        others = self._workspace.wardrobes()
        if usual not in others or settings.states(self.folder, "default_wardrobe"):
            return
        others.remove(usual)
        if others:
            shown = ", ".join(others[:SHOWN]) + (", …" if len(others) > SHOWN else "")
            said = self.say("usual-wardrobe", usual=usual, n=len(others), others=shown)
            click.echo(said, err=True)

    def hinted(self, error: InputError) -> InputError:
        """Return the error; of a wardrobe that is not there, with the names of those that are."""
        if error.code == "WW-WARDROBE-NONE" and self._workspace is not None and not error.hint:
            known = self._workspace.wardrobes()
            near = nearest(self.named or self._workspace.settings.default_wardrobe, known)
            if near:
                error.hint = f"Did you mean '{near}'?"
            elif known:
                error.hint = "Known: " + ", ".join(known) + "."
            else:
                error.hint = "Load one: wearwhy load FILE --as wardrobe --into wardrobe:NAME."
        return error

    def say(self, key: str, **slots: object) -> str:
        """Return a phrase of `kg/phrases.toml` in the language of the call."""
        if self._phrases is None:
            self._phrases = _read("phrases.toml")
        return self._phrases[key][self.lang].format(**slots)

    @property
    def sentences(self) -> Templates:
        """The sentences that explanations are told in."""
        if self._sentences is None:
            self._sentences = _read("sentences.toml")
        return self._sentences

    def names(self, layer: Layer) -> Names:
        """Return the names of things in a layer in the language of the call."""
        from wearwhy.explain.naming import names

        return names(layer, None, self.sentences, self.lang)


def _read(name: str) -> Templates:
    from wearwhy.explain.sentences import read
    from wearwhy.settings import assets

    return read(assets() / "kg" / name)


class Verb(click.Command):
    """A command whose help ends with examples; `examples` are run by the tests."""

    examples: tuple[str, ...] = ()

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are typed, a line each."""
        super().format_epilog(ctx, formatter)
        if self.examples:
            with formatter.section("Example" if len(self.examples) == 1 else "Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


Body = Callable[..., Told]

COMMON: Final[tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...]] = (
    click.option(
        "--workspace",
        "common_workspace",
        type=click.Path(path_type=Path, file_okay=False),
        help="The folder to work in (default: this one).",
    ),
    click.option("--wardrobe", "common_wardrobe", metavar="NAME", help="The wardrobe meant."),
    click.option(
        "--lang", "common_lang", type=click.Choice(LANGUAGES), help="The language of the answer."
    ),
    click.option("--json", "common_json", is_flag=True, help="Print one JSON document."),
)


def verb(name: str, *, examples: Sequence[str], **settings: Any) -> Callable[[Body], Verb]:
    """Return a decorator that makes a function of a session a command.

    Args:
        name: as it is typed.
        examples: command lines that work in a workspace with the bundled wardrobe.
        settings: of `click.Command`.
    """

    def make(body: Body) -> Verb:
        @functools.wraps(body)
        def run(
            *,
            common_workspace: Path | None,
            common_wardrobe: str | None,
            common_lang: str | None,
            common_json: bool,
            **given: Any,
        ) -> None:
            ctx = click.get_current_context()
            outer = ctx.find_object(Session) or Session()
            session = replace(
                outer,
                folder=common_workspace or outer.folder,
                named=common_wardrobe or outer.named,
                language=common_lang or outer.language,
                as_json=common_json or outer.as_json,
            )
            try:
                told = body(session, **given)
            except InputError as error:
                raise session.hinted(error) from None
            answer(ctx, session, told)

        wrapped: Callable[..., Any] = run
        for option in reversed(COMMON):
            wrapped = option(wrapped)
        made = click.command(name, cls=Verb, **settings)(wrapped)
        made.examples = tuple(examples)
        return made

    return make


def as_text(document: object) -> str:
    """Return a document as JSON text; the same document gives the same text."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def answer(ctx: click.Context, session: Session, told: Told) -> None:
    """Print what a verb told, in the form that is wanted, and leave with its code."""
    if session.as_json:
        click.echo(as_text(told.document()))
    else:
        text = told.text()
        if text:
            click.echo(text.rstrip("\n"))
    if told.code:
        ctx.exit(told.code)
