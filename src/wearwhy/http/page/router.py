"""All routes of the page, in the order in which they are looked for."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from wearwhy.errors import UnknownName
from wearwhy.http.page import (
    asking,
    calendars,
    completing,
    entering,
    guesses,
    history,
    items,
    keeping,
    keys,
    looks,
    pictures,
    plans,
    rules,
    sharing,
    static,
    wardrobe,
    wearers,
    why,
)
from wearwhy.http.page.route import pages

last = pages()


@last.get("/page/{path:path}")
async def none(path: str) -> Response:
    """Say that there is no such page.

    Raises:
        UnknownName: WW-PAGE-NONE.
    """
    raise UnknownName("WW-PAGE-NONE", f"There is no page '{path[:80]}'.")


routes: Final = tuple(
    route
    for part in (
        static, entering, looks, calendars, completing, plans, pictures, why, wardrobe, items,
        wearers, rules, guesses, asking, history, keeping, sharing, keys,
    )
    for route in part.router.routes
) + tuple(last.routes)  # fmt: skip
