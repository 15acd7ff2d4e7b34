"""What asks and changes graphs by SPARQL: the processes, what they were sent, and kept answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from wearwhy.service.configuration import Configuration
from wearwhy.service.engine import Engine
from wearwhy.service.keeping import Kept
from wearwhy.service.views import Views, keep
from wearwhy.service.workers.faults import QueryFaults
from wearwhy.service.workers.pool import Done, Pool
from wearwhy.service.workers.pool import Limits as JobLimits
from wearwhy.service.workers.shipped import View
from wearwhy.store.sparql import Limits
from wearwhy.workspace import Workspace

MODULE: Final = "wearwhy.service.workers.sparql"
SECONDS, SIZE, MEMORY = 10.0, 16 << 20, 512 << 20
_KEPT_BYTES: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Current:
    """A view as it is now.

    Attributes:
        view: what is asked.
        at: the workspace's revision when it was looked at.
        revision: the newest one that changed something for the wardrobe.
    """

    view: View
    at: int
    revision: int


class Asking:
    """The processes that answer SPARQL, for all wardrobes.

    Args:
        size: processes that are kept.
        limits: of one query or update.
    """

    def __init__(self, size: int = 2, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(seconds=SECONDS, size=SIZE, memory=MEMORY)
        job = JobLimits(self.limits.seconds, self.limits.memory, self.limits.size)
        self.pool = Pool(size, modules=(MODULE,), limits=job, faults=QueryFaults())
        self.views = Views()
        self.kept = Kept(_KEPT_BYTES)
        self._closed: OrderedDict[str, Current] = OrderedDict()
        self._at_rest: OrderedDict[str, Current] = OrderedDict()

    @classmethod
    def configured(cls, told: Configuration) -> Self:
        """Return what a server is to answer SPARQL with, as it was told."""
        limits = Limits(
            told.query_seconds, told.query_rows, told.query_bytes, told.query_memory << 20
        )
        return cls(told.workers, limits)

    async def start(self) -> None:
        """Start the processes, so that the first query need not wait for them.

        Raises:
            Unavailable: WW-WORKER-START.
        """
        await self.pool.start()

    async def close(self) -> None:
        """End the processes."""
        await self.pool.close()

    def forget(self) -> None:
        """Hold nothing any more of what was asked, here and in the processes; in the loop's thread."""
        self._closed.clear()
        self._at_rest.clear()
        self.kept.clear()
        self.pool.renew()

    async def closed(self, engine: Engine, wardrobe: str) -> Current:
        """Return all that a wardrobe sees.

        Raises:
            RuleError: where its rules cannot be used, or exceed their budget.
        """
        return await self._current(engine, wardrobe, self._closed, self.views.closed)

    async def at_rest(self, engine: Engine, wardrobe: str) -> Current:
        """Return what a wardrobe asserts, in its graphs."""
        return await self._current(engine, wardrobe, self._at_rest, self.views.at_rest)

    async def _current(
        self,
        engine: Engine,
        wardrobe: str,
        known: OrderedDict[str, Current],
        made: Callable[[Workspace, str], View],
    ) -> Current:
        found = known.get(wardrobe)
        # A number that another thread sets: whatever it is, it was so after the request came.
        if found is None or found.at != engine.workspace.revision:
            found = await engine.run(_looked_up, wardrobe, made)
            keep(known, wardrobe, found)
        return found

    async def run(
        self,
        job: str,
        args: dict[str, Any],
        body: bytes,
        view: View,
        *,
        who: str,
        limits: Limits | None = None,
    ) -> Done:
        """Return what a job of `workers.sparql` returns of a view; see there and `Pool.run`."""
        chosen = limits or self.limits
        args["view"] = view.key
        args["rows"] = min(chosen.rows, self.limits.rows)
        args["size"] = min(chosen.size, self.limits.size)
        job_limits = None
        if limits is not None:
            job_limits = JobLimits(
                min(limits.seconds, self.limits.seconds),
                min(limits.memory, self.limits.memory),
                min(limits.size, self.limits.size),
            )
        return await self.pool.run(
            f"{MODULE}:{job}", args, body, who=who, limits=job_limits, view=view
        )


def _looked_up(
    workspace: Workspace, wardrobe: str, made: Callable[[Workspace, str], View]
) -> Current:
    view = made(workspace, wardrobe)
    return Current(view, workspace.revision, workspace.revision_of(wardrobe))
