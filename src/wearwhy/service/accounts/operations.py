"""What callers do with accounts, keys, sessions and invitations; REST, the page and tests call it.

None of it touches the graph, so it needs no turn of the engine's thread; passwords take a quarter
of a second each, so it must not run in the event loop either.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wearwhy.errors import NotAllowed, NotSignedIn, UnknownName, ValueRefused
from wearwhy.service.accounts.accounts import USUAL
from wearwhy.service.accounts.keys import DAYS
from wearwhy.service.accounts.records import Account, Json, listed, scopes_of
from wearwhy.service.accounts.sharing import HOURS
from wearwhy.service.caller import Caller, Role, Scope
from wearwhy.service.service import Service

_ROLES: Final = {role.name.lower(): role for role in Role}


def me(service: Service, caller: Caller) -> Json:
    """Return who asks, and what they may do."""
    found = service.accounts.get(caller.account)
    return {
        "account": caller.account or None,
        "name": caller.name,
        "scopes": listed(caller.scopes),
        "wardrobes": {name: role.name.lower() for name, role in sorted(caller.wardrobes.items())},
        "password": found is not None and found.has_password,
    }


def themselves(service: Service, caller: Caller) -> Account:
    """Return the caller's account, where what was shown may do all that the account may.

    A key that was made for less cannot make keys, nor change or end what others rest on.

    Raises:
        NotSignedIn: WW-ACCESS-KEY.
        NotAllowed: WW-ACCESS-WHOLE.
    """
    found = service.accounts.get(caller.account)
    if found is None:
        raise NotSignedIn("WW-ACCESS-KEY", "This needs a key, or to be signed in.")
    if caller.scopes != found.scopes:
        raise NotAllowed(
            "WW-ACCESS-WHOLE",
            "This key may do less than its account, and so may not do this.",
            hint="Sign in, or use a key with all of the account's scopes.",
        )
    return found


# -- accounts ------------------------------------------------------------------------------------


def add_account(
    service: Service,
    caller: Caller,
    name: str,
    password: str | None,
    *,
    token: str | None = None,
    scopes: Sequence[str] | None = None,
) -> Json:
    """Return a new account: of somebody who was invited, or made by who runs the service.

    Raises:
        NotAllowed: WW-INVITATION-OVER, WW-ACCESS-SCOPE.
        ValueRefused, InputError: as `Accounts.add` says.
    """
    if token is not None:
        made = service.accounts.join(token, name, password, service.workspace.wardrobes())
        return made.as_dict()
    caller.require(Scope.ADMIN)
    granted = USUAL if scopes is None else scopes_of(scopes)
    made = service.accounts.add(name, password=password, scopes=granted, by=caller.account)
    return made.as_dict()


def accounts(service: Service, caller: Caller) -> Json:
    """Return every account, for who runs the service."""
    caller.require(Scope.ADMIN)
    return {"accounts": [one.as_dict() for one in service.accounts.everyone()]}


def change_account(
    service: Service,
    caller: Caller,
    name: str,
    *,
    scopes: Sequence[str] | None = None,
    disabled: bool | None = None,
) -> Json:
    """Change what an account may do."""
    caller.require(Scope.ADMIN)
    found = service.accounts.find(name)
    granted = None if scopes is None else scopes_of(scopes)
    service.accounts.change(found.id, scopes=granted, disabled=disabled, by=caller.account)
    return service.accounts.find(name).as_dict()


def set_password(
    service: Service, caller: Caller, old: str | None, new: str, *, address: str
) -> None:
    """Give the caller's account a new password; every session of theirs ends."""
    account = themselves(service, caller)
    require_password(service, account, old, address)
    service.accounts.set_password(account.id, new)


def require_password(
    service: Service, account: Account, password: str | None, address: str
) -> None:
    """Ask again for the password of an account that has one.

    Raises:
        NotSignedIn: WW-ACCESS-PASSWORD.
    """
    if account.has_password:
        service.accounts.check(account.name, password or "", address)


def audit(service: Service, caller: Caller, limit: int = 100) -> Json:
    """Return what was done last, for who runs the service."""
    caller.require(Scope.ADMIN)
    return {"entries": [one.as_dict() for one in service.accounts.audit(limit)]}


# -- keys ----------------------------------------------------------------------------------------


def make_key(
    service: Service,
    caller: Caller,
    label: str,
    *,
    scopes: Sequence[str] | None = None,
    days: int | None = DAYS,
) -> Json:
    """Return a new key of the caller's account, with its secret: this once."""
    account = themselves(service, caller)
    granted = None if scopes is None else scopes_of(scopes)
    return service.accounts.new_key(account.id, label=label, scopes=granted, days=days).as_dict()


def keys(service: Service, caller: Caller) -> Json:
    """Return the caller's keys, without their secrets."""
    _require_account(caller)
    return {"keys": [one.as_dict() for one in service.accounts.keys(caller.account)]}


def revoke_key(service: Service, caller: Caller, key: str) -> None:
    """End one of the caller's keys."""
    service.accounts.revoke(themselves(service, caller).id, key)


# -- sessions ------------------------------------------------------------------------------------


def sessions(service: Service, caller: Caller) -> Json:
    """Return where the caller is signed in."""
    _require_account(caller)
    return {"sessions": [one.as_dict() for one in service.accounts.sessions(caller.account)]}


def end_session(service: Service, caller: Caller, session: str) -> None:
    """Sign the caller out somewhere."""
    service.accounts.end_session(themselves(service, caller).id, session)


# -- invitations ---------------------------------------------------------------------------------


def invite(
    service: Service,
    caller: Caller,
    *,
    wardrobe: str | None = None,
    role: str | None = None,
    scopes: Sequence[str] | None = None,
    hours: int = HOURS,
) -> Json:
    """Return a new invitation, with its token: to a wardrobe of the caller's, or to an account.

    Raises:
        UnknownName: WW-WARDROBE-NONE.
        NotAllowed: WW-ACCESS-ROLE, WW-ACCESS-SCOPE.
        ValueRefused: WW-INVITATION.
    """
    _require_account(caller)
    if wardrobe is None:
        caller.require(Scope.ADMIN)
        offered = USUAL if scopes is None else scopes_of(scopes)
        return service.accounts.invite(caller.account, scopes=offered, hours=hours).as_dict()
    caller.require(Scope.WRITE)
    shared = caller.wardrobe(wardrobe, Role.OWNER)
    if scopes is not None or role not in _ROLES:
        raise ValueRefused(
            "WW-INVITATION",
            "An invitation to a wardrobe says a role, and nothing else.",
            hint="Roles: viewer, editor.",
        )
    return service.accounts.invite(
        caller.account, wardrobe=shared, role=_ROLES[role], hours=hours
    ).as_dict()


def invitations(service: Service, caller: Caller) -> Json:
    """Return the invitations that the caller made."""
    _require_account(caller)
    return {"invitations": [one.as_dict() for one in service.accounts.invitations(caller.account)]}


def withdraw(service: Service, caller: Caller, invitation: str) -> None:
    """Take an invitation of the caller's back, and what it gave."""
    _require_account(caller)
    caller.require(Scope.WRITE)
    service.accounts.withdraw(caller.account, invitation)


def accept(service: Service, caller: Caller, token: str) -> Json:
    """Take up an invitation to a wardrobe."""
    _require_account(caller)
    caller.require(Scope.WRITE)
    found = service.accounts.accept(caller.account, token)
    return {"wardrobe": found.wardrobe, "role": found.role.name.lower()}


def members(service: Service, caller: Caller, wardrobe: str) -> Json:
    """Return who may see a wardrobe, for its owner."""
    named = caller.wardrobe(wardrobe, Role.OWNER)
    found = []
    for one in service.accounts.members(named):
        account = service.accounts.get(one.account)
        name = account.name if account else ""
        found.append({"name": name, "role": one.role.name.lower(), "invitation": one.invitation})
    return {"wardrobe": named, "members": found}


def end_membership(service: Service, caller: Caller, wardrobe: str, name: str) -> None:
    """End somebody's part in a wardrobe: its owner may, and who leaves it."""
    _require_account(caller)
    caller.require(Scope.WRITE)
    named = caller.wardrobe(wardrobe)
    try:
        account = service.accounts.find(name).id
    except UnknownName:
        account = ""
    if account != caller.account:
        caller.wardrobe(named, Role.OWNER)
    service.accounts.part(named, account, by=caller.account)


def _require_account(caller: Caller) -> None:
    if caller.anonymous:
        raise NotSignedIn(
            "WW-ACCESS-KEY",
            "This needs a key, or to be signed in.",
            hint="Send `Authorization: Bearer KEY`; who runs this server makes accounts and keys.",
            command="`wearwhy account` makes them.",
        )
