"""Keys for programs: made, seen once, revoked."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from wearwhy.errors import InputError
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.service.accounts import operations
from wearwhy.service.accounts.records import listed
from wearwhy.service.documents import Json

DAYS: Final = (30, 90, 365, 0)
"""For how long a key may be asked for; 0: until it is revoked."""
router = pages()


@router.get("/page/keys")
async def keys(frame: Looking) -> Response:
    """Show the caller's keys."""
    return await _shown(frame)


async def _shown(frame: Frame, made: Json | None = None) -> Response:
    if frame.caller.anonymous:
        return frame.show("keys.html", found=None, made=None, scopes=(), spans=DAYS)
    found = await frame.run(operations.keys)
    newest = sorted(found["keys"], key=lambda one: str(one["created"]), reverse=True)
    scopes = listed(frame.caller.scopes)
    return frame.show("keys.html", found=newest, made=made, scopes=scopes, spans=DAYS)


@router.post("/page/keys")
async def change(frame: Looking) -> Response:
    """Make a key, and show its secret this once; or revoke one."""
    form = await filled(frame)
    if form.does == "revoke":
        await frame.run(operations.revoke_key, form.text("key"))
        return frame.go("/page/keys", done="revoked")
    days, scopes = form.text("days"), form.texts("scope")
    if days not in {str(one) for one in DAYS}:
        raise InputError("WW-PAGE-FORM", "It is not said how long the key holds.")
    if not scopes:
        raise InputError(
            "WW-PAGE-SCOPE", "It is not said what the key is for: choose one at least."
        )
    made = await frame.run(
        operations.make_key, form.text("label"), scopes=scopes, days=int(days) or None
    )
    return await _shown(frame, made)
