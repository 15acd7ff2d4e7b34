"""The errors of a job, as who asked for it is told of them."""

from __future__ import annotations

from typing import Any

from wearwhy import errors
from wearwhy.errors import InputError, Place, QueryError, TooLarge, WearwhyError
from wearwhy.store.sparql import over_budget


class Faults:
    """The errors of a job that is about something sent."""

    def slow(self, seconds: float) -> WearwhyError:
        """Return the error for a job that took too long."""
        return _too_much(f"it took longer than {seconds:g} s")

    def hungry(self, memory: int) -> WearwhyError:
        """Return the error for a job that needed too much memory."""
        return _too_much(f"it needed more than {memory >> 20:,} MiB")

    def large(self, size: int) -> WearwhyError:
        """Return the error for an answer of too many bytes."""
        return _too_much(f"what comes of it has more than {size:,} bytes")

    def died(self, code: int | None) -> WearwhyError:
        """Return the error for a job that ended its process; `code` as `subprocess` has it."""
        return InputError(
            "WW-WORKER-CRASH",
            "What was sent ended the process that read it.",
            note="" if code is None else f"Exit status {code}.",
            hint="It ran out of memory or nests too deep: send less at a time.",
        )

    def failed(self, kind: str) -> WearwhyError:
        """Return the error for an exception that a job did not foresee."""
        return InputError(
            "WW-WORKER-FAILED",
            "What was sent could not be read.",
            note=f"The reader ended with {kind}.",
        )


class QueryFaults(Faults):
    """The errors of a job that is a query or an update."""

    def slow(self, seconds: float) -> WearwhyError:
        """Return WW-QUERY-BUDGET."""
        return over_budget(f"it took longer than {seconds:g} s")

    def hungry(self, memory: int) -> WearwhyError:
        """Return WW-QUERY-BUDGET."""
        return over_budget(f"it needed more than {memory >> 20:,} MiB")

    def large(self, size: int) -> WearwhyError:
        """Return WW-QUERY-BUDGET."""
        return over_budget(f"its answer is larger than {size:,} bytes")

    def died(self, code: int | None) -> WearwhyError:
        """Return WW-QUERY-CRASH."""
        return QueryError(
            "WW-QUERY-CRASH",
            "The query ended the process that ran it.",
            note="" if code is None else f"Exit status {code}.",
            hint="It ran out of memory or nested too deep: ask for less at a time.",
        )

    def failed(self, kind: str) -> WearwhyError:
        """Return WW-QUERY-FAILED."""
        return QueryError(
            "WW-QUERY-FAILED", "The query could not be answered.", note=f"It ended with {kind}."
        )


def raised(kind: str, said: dict[str, Any]) -> WearwhyError:
    """Return the error that a job raised, from its class's name and what `as_dict` returned."""
    known = getattr(errors, kind, None)
    cls = known if isinstance(known, type) and issubclass(known, WearwhyError) else InputError
    place = None
    if said["file"]:
        place = Place(said["file"], said["line"], said["column"], said["end"])
    try:
        return cls(said["code"], said["message"], note=said["note"], hint=said["hint"], place=place)
    except TypeError:  # a class that takes more than the others
        return InputError(said["code"], said["message"], note=said["note"], hint=said["hint"])


def _too_much(why: str) -> TooLarge:
    return TooLarge(
        "WW-WORKER-BUDGET",
        f"What was sent is too much: {why}.",
        hint="Send less at a time.",
    )
