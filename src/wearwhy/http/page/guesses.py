"""What was guessed: to confirm or to reject, the least certain first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from starlette.responses import Response

from wearwhy.errors import InputError
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.service.guessing import confirm, predictions, reject
from wearwhy.service.tasks import operations as tasks

PAGE: Final = 24
PATIENCE: Final = 40.0
"""Seconds that are waited for guessing, before it goes on without the page."""
router = pages()


@router.get("/page/guesses")
async def guesses(frame: Looking, cursor: str = "") -> Response:
    """Show guesses, the least certain first."""
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    return await _shown(frame, frame.wardrobe, cursor)


async def _shown(frame: Frame, wardrobe: str | None, cursor: str = "") -> Response:
    found = await frame.run(
        predictions, cursor=cursor or None, limit=PAGE, wardrobe=wardrobe, lang=frame.language
    )
    return frame.show("guesses.html", found=found)


@router.post("/page/guesses/more")
async def more(frame: Looking) -> Response:
    """Guess what is missing; wait for it for a while."""
    form = await filled(frame)
    task = await tasks.start(frame.service, frame.caller, "guess", {}, wardrobe=form.wardrobe)
    done = "guessing"
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            async for _, now in tasks.events(frame.service, frame.caller, task["id"]):
                done = "guessed" if now["state"] == "done" else done
    return frame.go("/page/guesses", done=done)


@router.post("/page/guesses")
async def decide(frame: Looking) -> Response:
    """Confirm a guess, or reject it."""
    form = await filled(frame)
    verbs = {"confirm": confirm, "reject": reject}
    if form.does not in verbs:
        raise InputError("WW-PAGE-FORM", "A guess is confirmed or rejected.")
    said = (form.text("item"), form.text("property"), form.text("value"))
    await frame.run(verbs[form.does], *said, wardrobe=form.wardrobe, lang=frame.language)
    if "X-Part" in frame.request.headers:
        return await _shown(frame, form.wardrobe)
    return frame.go("/page/guesses", done=form.does)
