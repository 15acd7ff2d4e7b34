"""The verb `evaluate shares`: shares of new items, held against what their rows say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wearwhy.cli.progress import working
from wearwhy.cli.session import Session, Told, verb

if TYPE_CHECKING:
    from wearwhy.evaluate.shares import Judged, Line

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@verb(
    "shares",
    examples=("wearwhy evaluate shares --help",),
)
@click.argument("file", type=_file)
@click.option("--as", "mapping", default="rentals", show_default=True, help="Its format.")
@click.option("--attribute", required=True, metavar="COLUMN", help="The column that is counted.")
@click.option("--seed", default=0, show_default=True, help="Of the bootstrap.")
def shares(session: Session, *, file: Path, mapping: str, attribute: str, seed: int) -> Told:
    """Print how well the learned shares of a column hold for a file's new items.

    An item's own counts of the column are hidden from the prediction and are its truth. Cross-entropy
    is in nats a row, its interval 95 % by bootstrap over items. Beside it stand the shares of all
    rows, of the item's category, and of LightGBM (pip install 'wearwhy[peers]'). Items that stand in
    the workspace are left out.
    """
    from wearwhy.evaluate.shares import judged

    workspace = session.open()
    with working(session.say("reasoning")):
        found = judged(workspace, file, mapping, attribute, seed=seed)
    return Told(lambda: {found.name: found.as_dict()}, lambda: _table(found))


def _table(found: Judged) -> str:
    lines = [
        f"{found.name}: {found.rows:,} rows of {found.items:,} new items",
        f"learned from {found.trained:,} items; {found.seen:,} left out that stand in the workspace",
        "",
    ]
    names = {"wearwhy": found.ours, **found.controls}
    width = max(map(len, names))
    lines += [f"{name:<{width}}  {_told(line)}" for name, line in names.items()]
    lines += [
        "",
        "Cross-entropy in nats a row, [95 % interval]; then how much more than ours.",
        f"Explained: {found.explained:.2f} of the margins rest on named facts.",
        f"Items' own shares, which nothing can go below: {found.least:.3f}.",
    ]
    return "\n".join(lines)


def _told(line: Line | str) -> str:
    if isinstance(line, str):
        return f"-  ({line})"
    less = (
        ""
        if line.less is None
        else f"   {line.less.value:+.3f} [{line.less.low:+.3f}, {line.less.high:+.3f}]"
    )
    return f"{line.loss}{less}"
