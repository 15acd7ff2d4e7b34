"""Forgetting all that is a person's, and their account.

It goes by steps that can be taken again: the account is written down as one to be forgotten, then
quads, files and the account itself go, in this order. A process that is killed in between, or a
backup that is restored later, is put right by `forget_again`.

Where others use the service meanwhile, the store's files are made anew beside the engine. What was
said of the person in that time is forgotten, too, before it counts as done.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wearwhy.errors import ValueRefused
from wearwhy.service import belongings
from wearwhy.service.accounts.operations import themselves
from wearwhy.service.accounts.records import Account
from wearwhy.service.belongings import Belongings
from wearwhy.service.caller import Caller, Scope
from wearwhy.service.people import belongings_of
from wearwhy.service.service import Service
from wearwhy.store.anew import Draft, write_beside
from wearwhy.workspace import Workspace

Json = dict[str, Any]
FORGOTTEN: Final = "forgotten.json"
"""Beside the graph: the ids of accounts that were forgotten, for backups that still have them."""
TRIES: Final = 3
"""So often files are made anew beside; then the engine makes them while all wait."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A person's forgetting that is not done yet.

    Attributes:
        theirs: what is theirs.
        facts: how many facts went out of the graph.
        changes: how many changes of their wardrobes went.
        first: the date of the first of them.
        items: IRIs of what was in their wardrobes and in nobody else's.
    """

    theirs: Belongings
    facts: int
    changes: int
    first: datetime | None
    items: frozenset[str]


async def forget_everything(service: Service, caller: Caller, *, confirm: str) -> Json:
    """Forget everything that is the caller's, and their account; it cannot be undone.

    Args:
        service: that is asked.
        caller: who asks.
        confirm: the account's own name, as a sign that this is meant.

    Returns:
        What was forgotten, in numbers.

    Raises:
        NotSignedIn, NotAllowed: as `export_everything`.
        ValueRefused: WW-FORGET-CONFIRM.
        InputError: WW-ACCOUNT-LAST, where nobody could run the service for the others afterwards.
    """
    return await forget_beside(service, await service.run(_sure, caller, confirm))


def _sure(service: Service, caller: Caller, confirm: str) -> Account:
    account = themselves(service, caller)
    if confirm.strip() != account.name:
        raise ValueRefused(
            "WW-FORGET-CONFIRM",
            "Nothing was forgotten: the name that confirms it is not your account's.",
            hint="Send your account's name as `confirm`.",
        )
    return account


async def forget_account(service: Service, caller: Caller, name: str) -> Json:
    """Forget an account with everything that is its person's; for who runs the service."""
    return await forget_beside(service, await service.run(_named, caller, name))


def _named(service: Service, caller: Caller, name: str) -> Account:
    caller.require(Scope.ADMIN)
    account = service.accounts.find(name)
    service.accounts.note(caller, "forget account", account.id)
    return account


async def forget_beside(service: Service, account: Account) -> Json:
    """Forget an account with everything that is its person's, while others go on.

    What was begun is finished, even if nobody waits for it any more.

    Raises:
        InputError: WW-ACCOUNT-LAST.
        UnknownName: WW-ACCOUNT-UNKNOWN, where it has been forgotten meanwhile.
    """
    return await asyncio.shield(asyncio.create_task(_forget_beside(service, account)))


async def _forget_beside(service: Service, account: Account) -> Json:
    engine = service.engine
    async with service.forgetting:  # two at once would each spoil what the other made
        begun: Begun | None = None
        for _ in range(TRIES):
            begun = await engine.run(_begin, service, account, begun)
            draft = await asyncio.to_thread(write_beside, service.folder)
            try:
                done = await engine.run(_finish, service, account, begun, draft)
            finally:
                await asyncio.to_thread(draft.discard)
            if done is not None:
                return done
        return await engine.run(lambda _: forget(service, account, before=begun))


def forget(
    service: Service, account: Account, *, last: bool = False, before: Begun | None = None
) -> Json:
    """Forget an account with everything that is its person's; in the engine's thread.

    Args:
        service: that is asked.
        account: of the person.
        last: even if nobody is left who runs the service; the command line can then name somebody.
        before: what of it was begun.

    Raises:
        InputError: WW-ACCOUNT-LAST.
    """
    begun = _noted(service, account, before, last=last)
    revision = service.workspace.forget(begun.theirs.quads)
    begun = replace(begun, facts=begun.facts + len(revision.patch.remove))
    return _end(service, account, begun, revision.number, last=last)


def _begin(workspace: Workspace, service: Service, account: Account, before: Begun | None) -> Begun:
    """Take what is a person's out of the graph and of the history."""
    begun = _noted(service, account, before, last=False)
    revision = workspace.begin_forgetting(begun.theirs.quads)
    return replace(begun, facts=begun.facts + len(revision.patch.remove))


def _finish(
    workspace: Workspace, service: Service, account: Account, begun: Begun, draft: Draft
) -> Json | None:
    """Go on with new files and forget the rest; return None where it must be begun again."""
    theirs = begun.theirs.joined(belongings_of(service, account.id))
    revision = workspace.finish_forgetting(theirs.quads, draft)
    if revision is None:
        return None
    return _end(service, account, replace(begun, theirs=theirs), revision.number, last=False)


def _noted(service: Service, account: Account, before: Begun | None, *, last: bool) -> Begun:
    """Write an account down as one to be forgotten, and return what is to go, gone before or not."""
    if not last:
        service.accounts.require_erasable(account.id)
    theirs = belongings_of(service, account.id)
    _write_down(service.folder, account.id)
    workspace = service.workspace
    changes = belongings.histories(workspace, theirs.wardrobes)
    first = [found[-1].at for found in changes.values() if found]
    count = sum(map(len, changes.values()))
    items = belongings.items(workspace.state, theirs)
    if before is None:
        return Begun(theirs, 0, count, min(first, default=None), items)
    first += [before.first] if before.first is not None else []
    return Begun(
        theirs.joined(before.theirs),
        before.facts,
        before.changes + count,
        min(first, default=None),
        items | before.items,
    )


def _end(service: Service, account: Account, begun: Begun, revision: int, *, last: bool) -> Json:
    """Forget what stands beside the graph, and the account."""
    wardrobes = begun.theirs.wardrobes
    files = belongings.forget_files(service.folder, account.id, wardrobes)
    models = belongings.forget_learned(service.folder, begun.items, begun.first)
    vars(service.workspace).pop("resources", None)  # what was learned is read anew
    service.tasks.forget(account.id)
    for name in wardrobes:
        service.tasks.forget_wardrobe(name)
    service.idempotency.forget(account.id)
    service.renew()
    service.accounts.erase(account.id, wardrobes, last=last)
    service.gone.add(account.id)
    return {
        "forgotten": {
            "account": account.name,
            "wardrobes": sorted(wardrobes),
            "facts": begun.facts,
            "changes": begun.changes,
            **files,
            "learned": models,
        },
        "revision": revision,
        "note": "Backups that were made before still hold it; it is forgotten again when one of "
        f"them is restored together with {FORGOTTEN}.",
    }


def forget_again(service: Service) -> list[str]:
    """Forget accounts that were to be forgotten and are there; return their ids.

    They are there where a process was killed before it was done, or an older backup was restored.
    """
    again = [
        account
        for one in forgotten_accounts(service.folder)
        if (account := service.accounts.get(one)) is not None
    ]
    for account in again:
        forget(service, account, last=True)
    return [account.id for account in again]


def forgotten_accounts(folder: Path) -> dict[str, str]:
    """Return the ids of accounts that were forgotten in a workspace, with the time of each."""
    try:
        found: dict[str, str] = json.loads((folder / FORGOTTEN).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _write_down(folder: Path, account: str) -> None:
    known = forgotten_accounts(folder)
    known.setdefault(account, datetime.now(UTC).replace(microsecond=0).isoformat())
    partial = folder / f"{FORGOTTEN}.partial"
    partial.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", "utf-8")
    partial.replace(folder / FORGOTTEN)
