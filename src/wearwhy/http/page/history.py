"""What was changed, and taking the newest change back."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from wearwhy.http.page.changes import seen
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Looking
from wearwhy.http.page.route import pages
from wearwhy.service import revising

PAGE: Final = 40
router = pages()


@router.get("/page/history")
async def history(frame: Looking, cursor: str = "") -> Response:
    """Show the changes of the wardrobe, newest first."""
    if frame.wardrobe is None:
        return frame.go("/page/wardrobe")
    found = await frame.run(
        revising.revisions, cursor=cursor or None, limit=PAGE, wardrobe=frame.wardrobe
    )
    return frame.show("history.html", found=found)


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
    found = await frame.run(revising.revisions, limit=PAGE, wardrobe=form.wardrobe)
    return await seen(
        frame,
        "history.html",
        change,
        action="/page/undo",
        carried=[("expected", form.text("expected"))],
        wardrobe=form.wardrobe,
        found=found,
    )
