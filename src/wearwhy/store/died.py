"""How a process that worked for this one ended before it had answered."""

from __future__ import annotations

import signal
from typing import Final

# What the allocators of Rust, C++ and Python say before they end the process.
_NO_MEMORY: Final = ("memory allocation of", "std::bad_alloc", "MemoryError")


class Died(Exception):
    """A process ended before it answered.

    Attributes:
        words: the last that it wrote to standard error.
        code: how it ended, as `subprocess` has it; None where that is not known.
    """

    def __init__(self, words: str, code: int | None) -> None:
        super().__init__(words)
        self.words = words
        self.code = code

    @property
    def of_memory(self) -> bool:
        """Whether it ended because it was given no more memory."""
        return any(said in self.words for said in _NO_MEMORY)

    @property
    def of_computing(self) -> bool:
        """Whether it ended because it computed for longer than it might (setrlimit(2)).

        Threads that compute side by side use that time up faster than the clock.
        """
        return self.code == -signal.SIGXCPU
