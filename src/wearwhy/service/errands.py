"""What the command line asks of the server that holds a workspace, and what is begun for accounts.

What takes long is done by the command line for an account. When it comes to its change, the account
may have lost its part in the wardrobe, or be switched off: what counts is what it may do then.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from wearwhy.service import forgetting
from wearwhy.service.caller import Role, Scope
from wearwhy.service.doorway import Doorway, Errand
from wearwhy.service.service import Service

Json = dict[str, Any]


def door(service: Service) -> Doorway:
    """Return the doorway of a service: what comes in by it is asked as of this service."""
    return Doorway(service.engine, service.folder, errands(service), partial(may, service))


def errands(service: Service) -> dict[str, Errand]:
    """Return the errands of a service by their verbs."""

    async def forget(asked: Json) -> Json:
        account = service.accounts.find(str(asked.get("account")))
        return await forgetting.forget_beside(service, account)

    return {"forget": forget}


def may(service: Service, account: str, scope: str | None) -> None:
    """Refuse a change for an account that may not make it, or no longer.

    Args:
        service: whose accounts count.
        account: its id.
        scope: of the change; None: of whatever was changed last.

    Raises:
        NotSignedIn, NotAllowed, UnknownName: as `Caller` says.
    """
    caller = service.accounts.caller(account)
    owner, _, name = (scope or "").partition("/")
    if owner == "wardrobe":
        if Scope.RULES not in caller.scopes:
            caller.require(Scope.WRITE)
        caller.wardrobe(name, Role.EDITOR)
    else:
        caller.require(Scope.ADMIN)
