"""The verb that holds the model against columns of a file that it is not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wearwhy.cli.progress import Bar
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.completion import Completed, Part
    from wearwhy.learn.metrics import Figure

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
_HEADS: Final = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "log_loss": "log-loss",
    "ece": "calib. error",
    "coverage_at_95": "covered at .95",
    "explained": "explained",
}
_NOTES: Final = """\
Brackets hold 95 % intervals, by bootstrap over rows. Calibration error: 15 equal bins of the top
probability. Covered at .95: the largest share of rows, surest first, of which 95 % are right; the
cutoff is chosen on these very rows. New titles: accuracy on rows whose title no training item has.
Masked: accuracy with the words of a row's own label taken out of its title; nothing is trained
anew for it. Controls are trained on the same rows and columns, their settings chosen on training
rows that they were not fitted on."""


class _Bars:
    """One bar after another: a line for what is being done."""

    def __init__(self) -> None:
        self._label, self._bar = "", Bar("")

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self._label:
            self._bar.close()
            self._label, self._bar = what, Bar(what)
        self._bar(done, total)

    def close(self) -> None:
        self._bar.close()


@verb(
    "completion",
    examples=(
        "wearwhy evaluate completion test.csv --as myntra --attributes season,usage",
        "wearwhy evaluate completion test.csv --as myntra --controls fast --json",
    ),
)
@click.argument("file", type=_FILE)
@click.option("--as", "mapping", required=True, metavar="FORMAT", help="The file's format.")
@click.option("--attributes", metavar="COLUMN,…", help="Which columns (default: all learned).")
@click.option(
    "--controls",
    type=click.Choice(("none", "fast", "all")),
    default="all",
    show_default=True,
    help="fast: those that only count.",
)
@click.option("--masked", is_flag=True, help="Also print all figures with masked titles.")
@click.option("--rounds", default=200, show_default=True, help="Of the bootstrap.")
@click.option("--seed", default=0, show_default=True, help="Of the bootstrap.")
def completion(
    session: Session,
    *,
    file: Path,
    mapping: str,
    attributes: str | None,
    controls: str,
    masked: bool,
    rounds: int,
    seed: int,
) -> Told:
    """Hide columns of a file in turn, predict each from the rest, and print how well.

    Rows are those of items that were not trained on; the file is read through its mapping and
    nothing is written. Beside the model in force stand classifiers trained on the workspace's
    training rows, with the same columns and the words of titles. LightGBM is one of them where
    the extra `peers` is installed. Columns that identify a row (id, year) are refused.
    """
    from wearwhy.evaluate.filling import filled

    names = [name.strip() for name in (attributes or "").split(",") if name.strip()]
    workspace, bars = session.open(), _Bars()
    try:
        found = list(
            filled(
                workspace,
                file,
                mapping,
                names,
                which=controls,  # type: ignore[arg-type]  # click lets no other word through
                rounds=rounds,
                seed=seed,
                progress=bars,
            )
        )
    finally:
        bars.close()
    return Told(
        lambda: {one.name: one.as_dict() for one in found},
        lambda: "\n\n".join([*(shown(one, masked=masked) for one in found), _NOTES]),
    )


def shown(one: Completed, *, masked: bool) -> str:
    """Return one attribute's figures as a table, a line a model."""
    head = f"{one.name}: {one.whole.n:,} rows; learned from {one.trained:,}"
    left = [
        f"{one.seen:,} rows of known items are left out",
        *([f"{one.calibrated:,} helped to calibrate"] if one.calibrated else []),
        f"{one.repeated:,} have the title of a training item",
        f"{one.changed:,} have a word of their label in the title",
    ]
    held = one.whole.ours.more["held_out_cutoff"]
    promised = (
        "No probability is high enough by the model's own held-out items to promise .95."
        if held["cutoff"] is None
        else f"From {_number(held['cutoff'])} on, the cutoff that the model's own held-out items "
        f"set, {_number(held['coverage'])} of the rows are answered"
        + ("." if held["precision"] is None else f", {_number(held['precision'])} of them rightly.")
    )
    aside = {"new titles": one.fresh, "masked": one.masked}
    blocks = [head, "; ".join(left) + ".", "", *_table(one.whole, aside), "", promised]
    if masked:
        blocks += ["", f"{one.name}, titles masked", "", *_table(one.masked, {})]
    return "\n".join(blocks)


def _table(part: Part, aside: Mapping[str, Part | None]) -> list[str]:
    from wearwhy.evaluate.controls.trained import Missing

    measures = [m for m in _HEADS if m in part.ours.figures]
    rows = [["", *(_HEADS[m] for m in measures), *aside]]
    for name, line in (("wearwhy", part.ours), *part.controls.items()):
        if isinstance(line, Missing):
            rows.append([name, f"missing: {line.how}"])
            continue
        cells = [_cell(line.figures[m]) if m in line.figures else "" for m in measures]
        rows.append([name, *cells, *(_aside(name, other) for other in aside.values())])
    return _aligned(rows)


def _aside(name: str, part: Part | None) -> str:
    from wearwhy.evaluate.controls.trained import Missing

    if part is None:
        return ""
    line = part.ours if name == "wearwhy" else part.controls[name]
    return "" if isinstance(line, Missing) else _number(line.figures["accuracy"].value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    full = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[n]) for row in full) for n in range(len(rows[0]))]
    widths[0] = max(len(row[0]) for row in rows)
    return [
        "  ".join(f"{cell:<{widths[n]}}" for n, cell in enumerate(row)).rstrip() for row in rows
    ]


def _cell(figure: Figure) -> str:
    ends = f"({_number(figure.low)}–{_number(figure.high)})"
    return f"{_number(figure.value)} {ends}"


def _number(value: float) -> str:
    """Return three decimals and no leading zero, two above 1."""
    return f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.2f}"
