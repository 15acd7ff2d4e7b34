"""Passwords that are tried early: what is near common ones, and those of a list of breaches.

How many guesses a password takes is estimated by zxcvbn, which knows the 30,000 commonest of past
breaches, words, names, dates and keyboards. Nothing is fetched: passwords that are refused besides
stand in `breached.txt` in the workspace's folder, if whoever runs the service put one there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from wearwhy.errors import NotInstalled

LIST: Final = "breached.txt"
"""Passwords, one a line, in UTF-8."""
_LOOKED_AT: Final = 48
"""Characters that are estimated: the time grows faster than their number."""


def guesses(password: str, words: Sequence[str]) -> float:
    """Return how many guesses a password takes, about.

    Args:
        password: of which the beginning is looked at; the whole takes no fewer.
        words: that whoever guesses tries first.

    Raises:
        NotInstalled: WW-EXTRA-SERVE.
    """
    try:
        from zxcvbn import zxcvbn  # noqa: PLC0415  # of the extra `serve`; it reads its lists
    except ImportError as error:
        raise NotInstalled(
            "WW-EXTRA-SERVE",
            "Passwords need zxcvbn, which is not installed.",
            hint="Install wearwhy[serve].",
        ) from error
    return float(zxcvbn(password[:_LOOKED_AT], user_inputs=list(words))["guesses"])


def breached(password: str, folder: Path) -> bool:
    """Return whether a password, or its small letters, is in the list of a workspace's folder."""
    wanted = {password.encode(), password.lower().encode()}
    try:
        with (folder / LIST).open("rb") as lines:
            return any(line.rstrip(b"\r\n") in wanted for line in lines)
    except FileNotFoundError:
        return False
