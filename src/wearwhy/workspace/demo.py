"""The demonstration: the bundled wardrobe, log, opinions, shop, calendar and weather, and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wearwhy.rdf import WW
from wearwhy.workspace import guesses
from wearwhy.workspace.asking import Wishes
from wearwhy.workspace.opinions import read_opinions
from wearwhy.workspace.outfits import Outcome, outcome
from wearwhy.workspace.workspace import Workspace

if TYPE_CHECKING:
    from wearwhy.feeds.loaded import Loaded

WARDROBE = "demo"
SHOP = "shop"
DAY = date(2026, 11, 24)
THRESHOLD = 0.80


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the demonstration shows.

    Attributes:
        workspace: where it happened.
        items: how many are owned.
        offered: how many the shop has.
        reasoned: what closing and guessing came to, facts counted by kind.
        outcome: the looks of the day.
    """

    workspace: Workspace
    items: int
    offered: int
    reasoned: guesses.Reasoned
    outcome: Outcome


def demonstrate(folder: Path) -> Shown:
    """Make a workspace of the bundled data in a folder and dress for the bundled day.

    Raises:
        StoreError: WW-STORE-EXISTS, where there is a workspace already.
    """
    workspace = Workspace.init(folder)
    data = workspace.bundle.folder / "data"
    owned = _fill(workspace, data)
    reasoned = guesses.reason(workspace, WARDROBE, THRESHOLD)
    workspace.apply(reasoned.edit)
    wishes = Wishes(on=DAY, calendar=data / "calendar.ics", weather=str(data / "weather.csv"))
    found = outcome(workspace, wishes, WARDROBE)
    counted = guesses.counted(workspace, WARDROBE, reasoned)
    offered = sum(1 for _ in workspace.base.match(None, WW.inCatalogue, None))
    return Shown(workspace, owned.items, offered, counted, found)


def _fill(workspace: Workspace, data: Path) -> Loaded:
    """Load everything bundled; return what the wardrobe's table said."""
    _, into_shop = workspace.read_source(data / "catalogue.csv", "catalogue", f"catalogue:{SHOP}")
    workspace.apply(into_shop)
    owned, into_wardrobe = workspace.read_source(
        data / "wardrobe.csv", "wardrobe", f"wardrobe:{WARDROBE}"
    )
    workspace.apply(into_wardrobe)
    _, worn = workspace.read_source(data / "outfits.csv", "outfits", f"wardrobe:{WARDROBE}")
    workspace.apply(worn)
    workspace.apply(
        read_opinions(data / "opinions.csv", WARDROBE, workspace.layer(WARDROBE), workspace.names)
    )
    return owned
