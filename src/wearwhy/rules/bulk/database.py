"""A DuckDB of one's own, whose statements end at Ctrl-C, and when the time or the memory is spent."""

# ruff: noqa: S608 (statements hold numbers, names made here and quoted constants)
from __future__ import annotations

import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from wearwhy.errors import BudgetExceeded, NotInstalled
from wearwhy.rdf import curie
from wearwhy.rules.budget import Budget
from wearwhy.rules.model import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What a bulk closing may take.

    Attributes:
        conclusions: solutions of rule bodies, new or not.
        seconds: time on the clock.
        rounds: of one stratum.
        memory: of DuckDB, in MiB; beyond it, it writes to a temporary folder.
        threads: that DuckDB runs.
    """

    conclusions: int = 1_000_000_000
    seconds: float = 600.0
    rounds: int = 10_000
    memory: int = 4096
    threads: int = 2

    @classmethod
    def of(cls, budget: Budget | Limits | None) -> Limits:
        """Return limits; a resident budget's, where that is what is given."""
        if budget is None:
            return cls()
        if isinstance(budget, Limits):
            return budget
        return cls(budget.conclusions, budget.seconds, budget.rounds, budget.memory)


class Database:
    """A connection, and what its statements may take.

    Attributes:
        rule: whose statements run now, to be named where they take too much.
    """

    def __init__(self, limits: Limits) -> None:
        try:
            import duckdb  # noqa: PLC0415 (imported when something is closed)
        except ImportError as error:
            raise NotInstalled(
                "WW-EXTRA-BULK",
                "The bulk reading of rules needs duckdb.",
                hint="Run `pip install duckdb`.",
            ) from error
        self._duckdb = duckdb
        self.limits = limits
        self.rule: Rule | None = None
        self.conclusions = 0
        self._deadline = time.monotonic() + limits.seconds
        self._spill = tempfile.TemporaryDirectory(prefix="wearwhy-bulk-")
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect()
        self._worker = ThreadPoolExecutor(1)
        for setting in (
            f"SET threads = {int(limits.threads)}",
            f"SET memory_limit = '{int(limits.memory)}MiB'",
            f"SET temp_directory = '{self._spill.name}'",
            "SET preserve_insertion_order = false",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
        ):
            self._connection.execute(setting)

    def close(self) -> None:
        """Let go of everything."""
        self._worker.shutdown()
        self._connection.close()
        self._spill.cleanup()

    def forget(self) -> None:
        """Drop every table."""
        for (name,) in self.rows("SELECT table_name FROM duckdb_tables()"):
            self.run(f"DROP TABLE {name}")

    def unlimited(self) -> None:
        """Let later statements take as long as they need."""
        self._deadline = float("inf")

    def run(self, statement: str) -> int:
        """Run a statement and return how many rows it wrote, or 0."""

        def work() -> int:
            found = self._connection.execute(statement).fetchone()
            return int(found[0]) if found and isinstance(found[0], int) else 0

        try:
            return self._guarded(work)
        except self._duckdb.InvalidInputException:
            # DuckDB 2.0.0 fails to fold some long conditions by their statistics; without, it runs them.
            self._connection.execute("SET disabled_optimizers = 'statistics_propagation'")
            try:
                return self._guarded(work)
            finally:
                self._connection.execute("RESET disabled_optimizers")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._guarded(lambda: self._connection.execute(query).fetchall())

    def arrays(self, query: str) -> dict[str, Any]:
        """Return the columns of a query."""
        return self._guarded(lambda: self._connection.execute(query).fetchnumpy())

    def take(
        self,
        table: str,
        columns: Mapping[str, Any],
        select: str = "*",
        *,
        source: str = "given",
    ) -> int:
        """Make a table of arrays; return how many rows it has.

        Args:
            table: its name.
            columns: arrays by name.
            select: what to select of them.
            source: a subquery over `given`, where they stand, in its place.
        """

        def work() -> int:
            self._connection.register("given", dict(columns))
            try:
                found = self._connection.execute(
                    f"CREATE OR REPLACE TABLE {table} AS SELECT {select} FROM {source}"
                ).fetchone()
            finally:
                self._connection.unregister("given")
            return int(found[0]) if found else 0

        return self._guarded(work)

    def spend(self, conclusions: int) -> None:
        """Count solutions.

        Raises:
            BudgetExceeded: WW-BUDGET-FACTS.
        """
        self.conclusions += conclusions
        most = self.limits.conclusions
        if self.conclusions > most:
            raise self._exceeded("WW-BUDGET-FACTS", f"more than {most:,} conclusions")

    @property
    def left(self) -> int:
        """How many solutions may still be found."""
        return max(0, self.limits.conclusions - self.conclusions)

    def spend_round(self, number: int) -> None:
        """Begin a round.

        Raises:
            BudgetExceeded: WW-BUDGET-ROUNDS.
        """
        if number > self.limits.rounds:
            most = self.limits.rounds
            raise self._exceeded("WW-BUDGET-ROUNDS", f"more than {most:,} rounds")

    def look(self) -> None:
        """Look at the clock.

        Raises:
            BudgetExceeded: WW-BUDGET-TIME.
        """
        if time.monotonic() > self._deadline:
            raise self._late()

    def _guarded(self, work: Callable[[], T]) -> T:
        # The statement runs beside: so that Ctrl-C is heard while it does.
        self.look()
        future: Future[T] = self._worker.submit(work)
        left = self._deadline - time.monotonic()
        try:
            return future.result(None if left == float("inf") else max(left, 0.001))
        except Late as error:
            self._stop(future)
            raise self._late() from error
        except self._duckdb.OutOfMemoryException as error:
            most = self.limits.memory
            raise self._exceeded("WW-BUDGET-MEMORY", f"more than {most:,} MiB") from error
        except BaseException:
            self._stop(future)
            raise

    def _stop(self, future: Future[T]) -> None:
        while not future.done():
            self._connection.interrupt()
            time.sleep(0.01)

    def _late(self) -> BudgetExceeded:
        return self._exceeded("WW-BUDGET-TIME", f"more than {self.limits.seconds:g} seconds")

    def _exceeded(self, code: str, what: str) -> BudgetExceeded:
        name = curie(self.rule.iri) if self.rule is not None else "The program"
        return BudgetExceeded(
            code,
            f"{name} takes {what}.",
            note="A rule program must end within its budget; nothing was changed.",
            hint="Does the rule join two patterns that share no variable?",
            place=self.rule.place if self.rule is not None else None,
        )
