"""Accounts and their keys."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response, status
from pydantic import ConfigDict, Field

from wearwhy.http.callers import Asking, Maybe, Serving
from wearwhy.http.models.words import Flag, Sent, Whole
from wearwhy.service import forgetting
from wearwhy.service.accounts import operations
from wearwhy.service.caller import Scope

router = APIRouter(tags=["accounts"])
Json = dict[str, Any]
Name = Annotated[str, Path(max_length=64, examples=["ada"])]


class NewAccount(Sent):
    """An account to be made; with `token`, by somebody who was invited to have one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "ada", "password": "correct horse battery", "token": "invite_…"},
                {"name": "reader", "scopes": ["read"]},
            ]
        },
    )
    name: str = Field(max_length=64)
    password: str | None = Field(None, max_length=256)
    token: str | None = Field(None, max_length=200)
    scopes: list[Scope] | None = Field(None, max_length=4)


class AccountChange(Sent):
    """What an account may do from now on; what is left out stays as it is."""

    scopes: list[Scope] | None = Field(None, max_length=4)
    disabled: Flag | None = None


class NewKey(Sent):
    """A key to be made: with at most its account's scopes, for so many days."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"label": "phone", "scopes": ["read"], "days": 90}]},
    )
    label: str = Field("", max_length=100)
    scopes: list[Scope] | None = Field(None, max_length=4)
    days: Whole | None = Field(365, ge=1, le=3650, description="null: until it is revoked")


@router.post("/accounts", status_code=status.HTTP_201_CREATED)
def make_account(service: Serving, caller: Maybe, wanted: NewAccount) -> Json:
    """Make an account: with a token by anybody who has one, else by who runs the service.

    The token that `wearwhy serve` prints on its first start makes the first account, which has
    every scope and becomes the owner of every wardrobe there is.
    """
    return operations.add_account(
        service,
        caller,
        wanted.name,
        wanted.password,
        token=wanted.token,
        scopes=wanted.scopes,
    )


@router.get("/accounts")
def list_accounts(service: Serving, caller: Asking) -> Json:
    """List the accounts; for who runs the service."""
    return operations.accounts(service, caller)


@router.patch("/accounts/{name}")
def change_account(service: Serving, caller: Asking, name: Name, change: AccountChange) -> Json:
    """Change an account's scopes, or switch it off or on; for who runs the service."""
    return operations.change_account(
        service, caller, name, scopes=change.scopes, disabled=change.disabled
    )


@router.delete("/accounts/{name}")
async def remove_account(service: Serving, caller: Asking, name: Name) -> Json:
    """Forget an account with everything that is theirs; for who runs the service."""
    return await forgetting.forget_account(service, caller, name)


@router.get("/audit")
def audit(
    service: Serving, caller: Asking, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> Json:
    """List who did what with accounts, keys and invitations, the newest first."""
    return operations.audit(service, caller, limit)


@router.post("/keys", status_code=status.HTTP_201_CREATED)
def make_key(service: Serving, caller: Asking, wanted: NewKey) -> Json:
    """Make a key; its secret, `key`, is shown this once."""
    return operations.make_key(
        service, caller, wanted.label, scopes=wanted.scopes, days=wanted.days
    )


@router.get("/keys")
def list_keys(service: Serving, caller: Asking) -> Json:
    """List the caller's keys, without their secrets."""
    return operations.keys(service, caller)


@router.delete("/keys/{key}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_key(
    service: Serving, caller: Asking, key: Annotated[str, Path(max_length=64)]
) -> Response:
    """Revoke a key of the caller's; at once."""
    operations.revoke_key(service, caller, key)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
