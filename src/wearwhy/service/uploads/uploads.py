"""The part of the service that reads files: processes that know nothing and can be stopped."""

from __future__ import annotations

from typing import Any, Final

from wearwhy.service.uploads.limits import COST, LATER
from wearwhy.service.workers.going import Going
from wearwhy.service.workers.pool import Limits, Pool

_JOBS: Final = "wearwhy.service.uploads.jobs"
_WAITING: Final = 16
"""Files that may wait to be read: their bytes wait with them."""


class Uploads:
    """Reads files; no process is started before the first one.

    Args:
        size: files that are read at a time.
        limits: what one file may cost; the process is ended where it goes beyond.
    """

    def __init__(self, size: int = 1, limits: Limits | None = None) -> None:
        self._later = Limits(LATER.seconds, LATER.memory, LATER.size)
        self._pool = Pool(
            size=size,
            modules=(_JOBS,),
            limits=limits or Limits(COST.seconds, COST.memory, COST.size),
            waiting=_WAITING,
        )

    async def read(
        self,
        job: str,
        given: dict[str, Any],
        body: bytes,
        who: str,
        *,
        going: Going | None = None,
        later: bool = False,
    ) -> tuple[dict[str, Any], bytes]:
        """Return what a job of `jobs` makes of a file.

        Args:
            job: its name.
            given: its arguments.
            body: the file.
            who: whose turn it is.
            going: called with how far it is.
            later: whether nobody holds a connection open for it: then it may take longer.

        Raises:
            InputError, TooLarge, NotInstalled: where the file is refused.
            Unavailable: WW-BUSY.
        """
        limits = self._later if later else None
        done = await self._pool.run(
            f"{_JOBS}:{job}", given, body, who=who, limits=limits, going=going
        )
        return done.value, done.body

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that are ready."""
        return self._pool.pids

    async def close(self) -> None:
        """End the processes."""
        await self._pool.close()
