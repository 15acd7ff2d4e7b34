"""Inviting others: to see or change a wardrobe, or to have an account."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response, status
from pydantic import ConfigDict, Field

from wearwhy.http.callers import Asking, Serving
from wearwhy.http.models.words import Sent, Whole
from wearwhy.service.accounts import operations
from wearwhy.service.caller import Scope

router = APIRouter(tags=["invitations"])
Json = dict[str, Any]
Wardrobe = Annotated[str, Path(max_length=100, examples=["mine"])]


class NewInvitation(Sent):
    """An invitation: a wardrobe and a role in it; or neither, and the scopes of a new account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"wardrobe": "mine", "role": "viewer", "hours": 48}, {"scopes": ["read"]}]
        },
    )
    wardrobe: str | None = Field(None, max_length=100)
    role: Literal["viewer", "editor"] | None = None
    scopes: list[Scope] | None = Field(None, max_length=4)
    hours: Whole = Field(72, ge=1, le=720)


class Acceptance(Sent):
    """The token of an invitation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"token": "invite_…"}]})
    token: str = Field(max_length=200)


@router.post("/invitations", status_code=status.HTTP_201_CREATED)
def invite(service: Serving, caller: Asking, wanted: NewInvitation) -> Json:
    """Invite somebody; the `token` to give them is shown this once."""
    return operations.invite(
        service,
        caller,
        wardrobe=wanted.wardrobe,
        role=wanted.role,
        scopes=wanted.scopes,
        hours=wanted.hours,
    )


@router.get("/invitations")
def list_invitations(service: Serving, caller: Asking) -> Json:
    """List the invitations that the caller made, without their tokens."""
    return operations.invitations(service, caller)


@router.post("/invitations/accept")
def accept(service: Serving, caller: Asking, given: Acceptance) -> Json:
    """Accept an invitation to a wardrobe."""
    return operations.accept(service, caller, given.token)


@router.delete("/invitations/{invitation}", status_code=status.HTTP_204_NO_CONTENT)
def withdraw(
    service: Serving, caller: Asking, invitation: Annotated[str, Path(max_length=64)]
) -> Response:
    """Withdraw an invitation; one that was accepted ends what it gave."""
    operations.withdraw(service, caller, invitation)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/wardrobes/{wardrobe}/members")
def members(service: Serving, caller: Asking, wardrobe: Wardrobe) -> Json:
    """List who may see a wardrobe; for its owner."""
    return operations.members(service, caller, wardrobe)


@router.delete("/wardrobes/{wardrobe}/members/{name}", status_code=status.HTTP_204_NO_CONTENT)
def end_membership(
    service: Serving,
    caller: Asking,
    wardrobe: Wardrobe,
    name: Annotated[str, Path(max_length=64, examples=["grace"])],
) -> Response:
    """End somebody's part in a wardrobe: its owner may, and who leaves it."""
    operations.end_membership(service, caller, wardrobe, name)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
