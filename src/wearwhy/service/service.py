"""The service: its parts, made in order and given back in the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from wearwhy.errors import NotSignedIn
from wearwhy.service.accounts.accounts import Accounts
from wearwhy.service.answered import Answered
from wearwhy.service.asking import Asking
from wearwhy.service.caller import Caller
from wearwhy.service.configuration import Configuration
from wearwhy.service.doorway import Doorway
from wearwhy.service.engine import Engine
from wearwhy.service.idempotency import Idempotency
from wearwhy.service.lanes import Lanes, Unfit
from wearwhy.service.tasks.registry import Tasks
from wearwhy.service.uploads.uploads import Uploads
from wearwhy.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Service:
    """What stands behind every protocol.

    Attributes:
        folder: of the workspace.
        engine: owns the workspace.
        lanes: the processes that look at it beside, for what takes long.
        quick: those for what does not.
        answered: the looks that were answered last.
        doorway: where the command line comes in, if the workspace is held and it may.
        accounts: who may ask, and what.
        idempotency: the answers to changes, by the keys that clients gave them.
        configuration: what the server was told.
        asking: the processes that answer SPARQL.
        uploads: the processes that read what is sent.
        tasks: what takes long, and is done aside.
        forgetting: held while a person is forgotten.
        gone: the ids of accounts that were forgotten since the service was opened.
    """

    folder: Path
    engine: Engine
    accounts: Accounts
    idempotency: Idempotency
    lanes: Lanes
    quick: Lanes
    doorway: Doorway | None
    configuration: Configuration = field(default_factory=Configuration)
    answered: Answered = field(default_factory=Answered)
    asking: Asking = field(default_factory=Asking)
    uploads: Uploads = field(default_factory=Uploads)
    tasks: Tasks = field(default_factory=Tasks)
    forgetting: asyncio.Lock = field(default_factory=asyncio.Lock)
    gone: set[str] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        configuration: Configuration | None = None,
        *,
        hold: bool = True,
        door: Callable[[Self], Doorway] | None = None,
    ) -> Self:
        """Open a workspace as a service.

        Args:
            folder: of the workspace.
            configuration: what the server was told; the defaults, if None.
            hold: keep the workspace until `close`, as a server does; else it is taken for each
                change, and must be refreshed to see what others changed.
            door: makes the doorway of a service that holds its workspace: `errands.door`, with
                what the command line may ask for; None: the command line does not come in.

        Raises:
            StoreError: WW-STORE-NONE.
            Locked: WW-STORE-LOCKED, where another process holds it.
        """
        told = configuration or Configuration()
        engine = Engine(Workspace.open(folder, hold=hold), told.engine_seconds)
        found = cls(
            folder,
            engine,
            Accounts.open(folder),
            Idempotency(folder),
            Lanes(folder, seconds=told.aside_seconds),
            Lanes(folder, seconds=told.aside_seconds),
            None,
            told,
            asking=Asking.configured(told),
            # Who does not hold the workspace would take another's running tasks for broken off.
            tasks=Tasks(folder if hold else None),
        )
        if hold and door is not None:
            found.doorway = door(found)
        return found

    @property
    def workspace(self) -> Workspace:
        """The workspace; only operations, which run in the engine's thread, may touch it."""
        return self.engine.workspace

    async def run(
        self,
        operation: Callable[Concatenate[Service, Caller, P], T],
        caller: Caller,
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """Return what an operation returns, run where it may touch the workspace."""
        return await self.engine.run(self._acting(operation, caller), *args, **given)

    def call(
        self,
        operation: Callable[Concatenate[Service, Caller, P], T],
        caller: Caller,
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """Return what an operation returns, waiting for it."""
        return self.engine.call(self._acting(operation, caller), *args, **given)

    def _acting(
        self, operation: Callable[Concatenate[Service, Caller, P], T], caller: Caller
    ) -> Callable[Concatenate[Workspace, P], T]:
        """Return an operation whose revisions say that the caller made them."""

        def acted(workspace: Workspace, /, *args: P.args, **given: P.kwargs) -> T:
            now = self.by_now(caller)
            with workspace.acting(caller.account):
                return operation(self, now, *args, **given)

        return acted

    def by_now(self, caller: Caller) -> Caller:
        """Return a caller with what is left to them when their turn comes; in the engine's thread.

        What waited behind the end of a membership, of a wardrobe or of an account must not bring
        it back.

        Raises:
            NotSignedIn: WW-ACCESS-KEY-UNKNOWN, where they were forgotten meanwhile.
        """
        if caller.account in self.gone:
            raise NotSignedIn("WW-ACCESS-KEY-UNKNOWN", "There is no such account any more.")
        if caller.anonymous or self.accounts.get(caller.account) is None:
            return caller  # who asks without an account, as at a terminal, has what they came with
        roles = self.accounts.roles(caller.account)
        if roles == caller.wardrobes:
            return caller
        left = {
            name: min(role, roles[name]) for name, role in caller.wardrobes.items() if name in roles
        }
        return replace(caller, wardrobes=left)

    async def run_slow(
        self,
        operation: Callable[Concatenate[Service, Caller, P], T],
        caller: Caller,
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """Return what an operation returns that may take long and changes nothing.

        It runs in a process beside, at the revision that stands now or a newer one, so that
        nobody else waits for it.

        Raises:
            Unavailable: WW-SERVICE-TIME, where it takes too long.
            TooMany: WW-BUSY.
        """
        return await self._beside(self.lanes, operation, caller, *args, **given)

    async def run_quick(
        self,
        operation: Callable[Concatenate[Service, Caller, P], T],
        caller: Caller,
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """Return what an operation returns that does not take long and changes nothing.

        It runs where there is room: in a process beside, or in the engine's thread.

        Raises:
            Unavailable: WW-SERVICE-TIME, where it takes too long.
            TooMany: WW-BUSY.
        """
        if self.quick.free or (self.quick.ready and self.engine.waiting > self.quick.waiting):
            return await self._beside(self.quick, operation, caller, *args, **given)
        return await self.run(operation, caller, *args, **given)

    async def _beside(
        self,
        lanes: Lanes,
        operation: Callable[Concatenate[Service, Caller, P], T],
        caller: Caller,
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        if lanes.started:
            try:
                at = self.workspace.revision
                found: T = await lanes.run(operation, caller, args, given, at=at)
            except Unfit as why:
                _log.info("done in turn: %s: %s", operation.__qualname__, why)
            else:
                return found
        return await self.run(operation, caller, *args, **given)

    def renew(self) -> None:
        """Let nothing that is kept beside the graph hold what was forgotten; in the engine's thread."""
        self.asking.views.forget()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._renew)

    def _renew(self) -> None:
        self.answered.forget()
        self.asking.forget()
        self.lanes.renew()
        self.quick.renew()

    def launch(self) -> None:
        """Let the workers come up while the rest does; `start` waits for them, in this thread."""
        self.asking.pool.launch()

    async def start(self) -> None:
        """Open what others reach the service by, and start its workers."""
        self._loop = asyncio.get_running_loop()
        self.lanes.start()
        self.quick.start()
        if self.doorway is not None:
            await self.doorway.open()
        await self.asking.start()

    async def close(self) -> None:
        """Finish what runs, then give everything back: what was opened last goes first."""
        await self.tasks.close()
        await self.uploads.close()
        await self.asking.close()
        if self.doorway is not None:
            await self.doorway.close()
        await self.quick.close()
        await self.lanes.close()
        await asyncio.to_thread(self.engine.close)
        self.workspace.close()
        self.idempotency.close()
        self.accounts.close()
