"""The group of all verbs, and what becomes of an error: a sentence, a code, an exit status."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from wearwhy import __version__
from wearwhy.cli import (
    accounts,
    ask,
    backup,
    change,
    compare,
    demo,
    evaluate,
    faithful,
    guesses,
    keep,
    looks,
    mcp,
    ontology,
    paths,
    plan,
    query,
    rules,
    serve,
    shares,
    wear,
    wearer,
    why,
)
from wearwhy.cli.session import LANGUAGES, Session, as_text
from wearwhy.errors import Stopped, WearwhyError

BAD_INPUT: Final = 2
INTERNAL: Final = 3

_STOPPED: Final = Stopped(
    "WW-STOPPED",
    "Stopped before the end.",
    note="A change is made whole or not at all, and nothing is kept of what was left off.",
    hint="`wearwhy history` shows the last change.",
)

# The arrays of one request are small: more threads only wait for each other. It is read when numpy
# is first imported, which no verb has done yet.
os.environ.setdefault("OMP_NUM_THREADS", "1")


class App(click.Group):
    """The group of verbs; its `main` turns every error into an answer."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order in which one meets them."""
        del ctx
        return list(self.commands)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and exit with its status.

        Args:
            args: the words after the program's name; the process's own, if None.
            prog_name: as usage lines have it.
            complete_var: as in click.
            standalone_mode: as in click; False leaves errors to the caller.
            extra: as in click.
        """
        words = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(words, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            _readable()
            code = super().main(
                words, prog_name or "wearwhy", complete_var, standalone_mode=False, **extra
            )
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader went away; what it wanted was printed.
            _abandon_stdout()
            sys.exit(0)
        except (click.exceptions.Abort, KeyboardInterrupt):
            sys.exit(tell(_STOPPED, as_json=_wants_json(words)))
        except Exception as error:  # noqa: BLE001  # the last place where one can be told
            code = tell(error, as_json=_wants_json(words))
            if isinstance(error, OSError):
                _abandon_stdout()
            sys.exit(code)
        sys.exit(code if isinstance(code, int) else 0)


def _abandon_stdout() -> None:
    """Let what is left in stdout's buffer go nowhere, where its end cannot take it."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _readable() -> None:
    """Let a terminal that cannot show a character show another in its place."""
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
        if encoding != "utf8" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _wants_json(words: Sequence[str]) -> bool:
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def tell(error: Exception, *, as_json: bool) -> int:
    """Print an error, for a person or for a program, and return the exit status.

    An error that nobody foresaw is told in one sentence; WEARWHY_DEBUG=1 shows where it arose.
    """
    told = error if isinstance(error, WearwhyError) else _named(error)
    code = INTERNAL if told.code == "WW-INTERNAL" else told.exit_code
    if code == INTERNAL and os.environ.get("WEARWHY_DEBUG"):
        raise error
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not as_json:
        click.echo(error.format_message(), err=True)
        return code
    if as_json and _printed(as_text({"error": told.as_dict()})):
        return code
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
    click.echo(str(told), err=True)
    return code


def _printed(text: str) -> bool:
    """Print a text and return whether it could be: what stdout goes to may be full."""
    try:
        click.echo(text)
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _named(error: Exception) -> WearwhyError:
    """Return an error of another library, or an unforeseen one, as one of ours."""
    if isinstance(error, click.ClickException):
        ctx = getattr(error, "ctx", None)
        hint = f"Try '{ctx.command_path} --help'." if ctx is not None else ""
        return WearwhyError("WW-USAGE", error.format_message(), hint=hint)
    if isinstance(error, OSError) and error.strerror:
        # A file that a person named; the system's own word for what is wrong is the clearest.
        return WearwhyError("WW-FILE", f"{error.strerror}: {error.filename or 'the output'}.")
    return WearwhyError(
        "WW-INTERNAL",
        f"Something went wrong that should not: {type(error).__name__}: {error}",
        note="The workspace is as it was: a change is made whole or not at all.",
        hint="Please report it with the command line; WEARWHY_DEBUG=1 shows where it arose.",
    )


@click.group(
    cls=App,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    envvar="WEARWHY_WORKSPACE",
    help="The folder to work in (default: this one; or WEARWHY_WORKSPACE).",
)
@click.option(
    "--wardrobe",
    metavar="NAME",
    envvar="WEARWHY_WARDROBE",
    help="The wardrobe meant, where there are several (or WEARWHY_WARDROBE; else the setting "
    "`default_wardrobe`, which is 'mine').",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="The language of answers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.version_option(version=__version__, prog_name="wearwhy")
@click.pass_context
def main(
    ctx: click.Context, workspace: Path, wardrobe: str | None, lang: str | None, as_json: bool
) -> None:
    """What to wear, and why: looks from a wardrobe, each proved down to what somebody said.

    Exit status: 0 done, 1 the answer is no, 2 usage or bad input, 3 a fault of wearwhy itself,
    130 stopped by Ctrl-C.
    """
    ctx.obj = Session(folder=workspace, named=wardrobe, language=lang, as_json=as_json)


for _verb in (
    demo.demo,
    keep.init,
    change.load,
    change.add,
    change.set_,
    change.remove,
    wear.wore,
    wear.wash,
    wear.like,
    wear.dislike,
    wear.view,
    wear.skip,
    wearer.wearer,
    guesses.guesses,
    guesses.reason,
    guesses.learn,
    ask.recommend,
    ask.complete,
    plan.week,
    plan.pack,
    plan.gap,
    compare.compare,
    compare.replay,
    why.why,
    why.why_not,
    rules.rules,
    ontology.ontology,
    query.query,
    evaluate.evaluate,
    keep.validate,
    keep.history,
    keep.undo,
    keep.export,
    backup.backup,
    backup.restore,
    serve.serve,
    accounts.account,
    mcp.mcp,
):
    main.add_command(_verb)
evaluate.evaluate.add_command(shares.shares)
evaluate.evaluate.add_command(faithful.guesses)
evaluate.evaluate.add_command(faithful.explanations)
evaluate.evaluate.add_command(paths.paths)
evaluate.evaluate.add_command(looks.decoding)
evaluate.evaluate.add_command(looks.diversity)
