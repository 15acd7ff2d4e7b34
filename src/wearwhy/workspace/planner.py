"""What a workspace plans for several days, as methods of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from wearwhy.workspace import planning
from wearwhy.workspace.days import Days

if TYPE_CHECKING:
    from wearwhy.workspace.workspace import Workspace


class Planner:
    """The part of a workspace that plans; see `wearwhy.workspace.planning`."""

    def week(
        self, days: Days, name: str | None = None, *, progress: planning.Progress | None = None
    ) -> planning.Week:
        """Return what to wear on each of some days: nothing repeated within its span, all explained.

        Args:
            days: in words: the first day, how many, calendar, weather, locked and excluded items,
                days of washing.
            name: the wardrobe.
            progress: called with (days planned, days).

        Raises:
            NoAnswer: WW-WEEK-NONE, where no day can be dressed.
        """
        return planning.week(self._itself, days, name, tried=0, progress=progress)

    def pack(
        self,
        days: Days,
        name: str | None = None,
        *,
        rested: bool = False,
        progress: planning.Progress | None = None,
    ) -> planning.Bag:
        """Return the smallest set of owned items that dresses some days, and why it is.

        Args:
            days: in words.
            name: the wardrobe.
            rested: whether things rest between wears as at home.
            progress: called with (requests judged, requests).

        Raises:
            NoAnswer: WW-PACK-NONE, where no set of items dresses a day.
        """
        return planning.pack(self._itself, days, name, rested=rested, tried=0, progress=progress)

    def gap(
        self,
        days: Days,
        name: str | None = None,
        *,
        n: int = 3,
        progress: planning.Progress | None = None,
    ) -> planning.Lack:
        """Return the items of a catalogue that would unlock the most new looks, with those looks.

        Args:
            days: in words; their wishes' source is the catalogue.
            name: the wardrobe.
            n: how many items.
            progress: called with (steps done, steps).

        Raises:
            NoAnswer: WW-GAP-NONE, where nothing of the catalogue would unlock a look.
        """
        return planning.gap(self._itself, days, name, n=n, progress=progress)

    @property
    def _itself(self) -> Workspace:
        return cast("Workspace", self)
