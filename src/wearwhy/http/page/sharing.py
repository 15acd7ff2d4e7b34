"""Sharing: who may see a wardrobe, inviting others, and taking up what others offer."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from wearwhy.errors import InputError
from wearwhy.http.page.forms import filled
from wearwhy.http.page.frame import Frame, Looking
from wearwhy.http.page.route import pages
from wearwhy.service.accounts import operations
from wearwhy.service.accounts.records import listed
from wearwhy.service.caller import Role, Scope
from wearwhy.service.documents import Json

HOURS: Final = (24, 72, 168, 720)
ROLES: Final = ("viewer", "editor")
router = pages()


@router.get("/page/sharing")
async def sharing(frame: Looking) -> Response:
    """Show who may see the wardrobe, which invitations wait, and whose wardrobes one may see."""
    return await _shown(frame)


async def _shown(frame: Frame, made: Json | None = None) -> Response:
    caller, wardrobe = frame.caller, frame.wardrobe
    owner = wardrobe is not None and caller.wardrobes.get(wardrobe) is Role.OWNER
    members, invited = [], []
    if not caller.anonymous:
        invited = (await frame.run(operations.invitations))["invitations"]
        if owner and wardrobe is not None:
            members = (await frame.run(operations.members, wardrobe))["members"]
    return frame.show(
        "sharing.html",
        owner=owner,
        members=members,
        invited=sorted(invited, key=lambda one: str(one["created"]), reverse=True),
        others=[
            (name, role.name.lower())
            for name, role in sorted(caller.wardrobes.items())
            if role is not Role.OWNER
        ],
        made=made,
        roles=ROLES,
        hours=HOURS,
        runs=Scope.ADMIN in caller.scopes,
        scopes=listed(caller.scopes),
    )


@router.post("/page/sharing")
async def change(frame: Looking) -> Response:
    """Invite, and show the token this once; accept, withdraw, or end somebody's part."""
    form = await filled(frame)
    does = form.does
    if does == "accept":
        found = await frame.run(operations.accept, form.text("token").strip())
        return frame.go("/page/wardrobe", wardrobe=found["wardrobe"], done="joined")
    if does == "withdraw":
        await frame.run(operations.withdraw, form.text("invitation"))
        return frame.go("/page/sharing", done="withdrawn")
    if does == "end":
        await frame.run(operations.end_membership, form.text("wardrobe"), form.text("name"))
        return frame.go("/page/sharing", done="parted")
    hours = form.text("hours")
    if does not in ("invite", "account") or hours not in {str(one) for one in HOURS}:
        raise InputError("WW-PAGE-FORM", "The form does not say what is to be done.")
    if does == "account":
        made = await frame.run(operations.invite, scopes=form.texts("scope"), hours=int(hours))
    else:
        made = await frame.run(
            operations.invite,
            wardrobe=form.text("wardrobe"),
            role=form.text("role"),
            hours=int(hours),
        )
    return await _shown(frame, made)
