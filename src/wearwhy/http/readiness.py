"""Whether the service can answer: what must be there first, and how it stands."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Final

from wearwhy.service.caller import Caller
from wearwhy.service.forgetting import forget_again
from wearwhy.service.service import Service
from wearwhy.service.warming import warm

_LOG: Final = logging.getLogger("wearwhy.http")


class Readiness:
    """What of a service is ready.

    Attributes:
        stopping: set once the server was told to stop; long answers end then.
        failed: why the service cannot become ready; None as long as it can.
    """

    def __init__(self, service: Service) -> None:
        self.stopping = asyncio.Event()
        self.failed: BaseException | None = None
        self._service = service
        self._parts = {"base": False, "workers": False}
        self._seconds = 0.0

    def parts(self) -> Mapping[str, bool]:
        """Return each part with whether it is ready."""
        return {**self._parts, "taking": not self.stopping.is_set()}

    def figures(self) -> Mapping[str, float]:
        """Return how the service stands, by the names that its figures have."""
        return {
            "ready": float(all(self.parts().values())),
            "warming_seconds": self._seconds,
            "revision": float(self._service.workspace.revision),
            **self._service.asking.pool.figures(),
            **self._service.engine.figures(),
        }

    async def prepare(self) -> None:
        """Make ready what the first request would otherwise wait for: the base, the workers."""
        begun = time.perf_counter()
        try:
            await asyncio.gather(self._base(), self._workers())
        except Exception as error:  # noqa: BLE001  # the server ends, and says why
            _LOG.exception("not ready")
            self.failed = error
            return
        self._seconds = time.perf_counter() - begun
        _LOG.info("ready", extra={"seconds": round(self._seconds, 3)})

    async def _base(self) -> None:
        await self._service.engine.run(warm)
        # A backup that was restored may hold who was forgotten since.
        await self._service.run(lambda service, _: forget_again(service), Caller.nobody())
        self._parts["base"] = True

    async def _workers(self) -> None:
        await self._service.start()
        self._parts["workers"] = True
