"""A calendar that is sent, in every room that asks for days, and its entries of one day."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.service.uploads import operations
from wearwhy.service.uploads.targets import Meant
from wearwhy.service.wishing import Event
from wearwhy.workspace.asking import parse_day

ROOMS: Final = ("looks", "week", "pack")
CARRIED: Final = (
    "occasion", "then", "date", "days", "degrees", "sky", "wind", "part", "dress", "n", "source",
    "wearer", "wash", "rested", "lock", "exclude",
)  # fmt: skip
"""What was filled in beside the file and is kept."""
router = pages()


@router.post("/page/looks/calendar")
async def send(frame: Looking) -> Response:
    """Read a calendar, and go on with its days in the room that it was sent from."""
    form = await filled(frame)
    file = form.file("file")
    found = await operations.send(
        frame.service,
        frame.caller,
        await file.read(),
        name=file.filename or "",
        media=file.content_type or "",
        meant=Meant(wardrobe=form.wardrobe),
    )
    room = frame.request.query_params.get("room", "")
    kept = [(name, one) for name in CARRIED for one in form.texts(name) if one]
    query = urlencode([*kept, ("calendar", found["id"]), ("done", "calendar")])
    return frame.go(f"/page/{room if room in ROOMS else ROOMS[0]}?{query}")


async def entries_of(frame: Frame, calendar: str, day: str) -> tuple[Event, ...]:
    """Return the entries of a day of a calendar that the caller has sent; none without one."""
    if not calendar:
        return ()
    return await frame.run(operations.events, calendar, parse_day(day))
