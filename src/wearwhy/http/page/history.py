"""What was changed, and taking the newest change back."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from wearwhy.http.page.changes import seen
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.messages import messages_in_words
from wearwhy.http.page.route import pages
from wearwhy.service import revising
from wearwhy.service.documents import Json

PAGE: Final = 40
router = pages()


@router.get("/page/history")
async def history(frame: Looking, cursor: str = "") -> Response:
    """Show the changes of the wardrobe, newest first."""
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    return frame.show("history.html", found=await _changes(frame, frame.wardrobe, cursor))


async def _changes(frame: Frame, wardrobe: str | None, cursor: str = "") -> Json:
    """Return the changes of a wardrobe, newest first, each with what its message says."""
    found = await frame.run(
        revising.revisions, cursor=cursor or None, limit=PAGE, wardrobe=wardrobe
    )
    told = await frame.run(
        messages_in_words,
        [one["message"] for one in found["revisions"]],
        wardrobe=wardrobe,
        say=frame.say,
        topic=frame.topic,
    )
    both = zip(found["revisions"], told, strict=True)
    return {**found, "revisions": [{**one, "says": says} for one, says in both]}


@router.post("/page/undo")
async def undo(frame: Looking) -> Response:
    """Take the newest change back, or show what that would change."""
    form = await filled(frame)
    if form.does == "save":
        await frame.run(
            revising.undo, wardrobe=form.wardrobe, expected=form.expected, lang=frame.language
        )
        return frame.go("/page/history", done="undone")
    change = await frame.slow(
        revising.undo, wardrobe=form.wardrobe, preview=True, lang=frame.language
    )
    return await seen(
        frame,
        "history.html",
        change,
        action="/page/undo",
        carried=[("expected", form.text("expected"))],
        wardrobe=form.wardrobe,
        found=await _changes(frame, form.wardrobe),
    )
