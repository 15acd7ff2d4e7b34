"""What to wear, and why: an outfit reasoning engine that proves what it says.

The names below are the library's front door; they are imported when first asked for, so that
`import wearwhy` and the command line's `--help` stay instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from wearwhy.errors import WearwhyError
    from wearwhy.outfit.look import Look
    from wearwhy.outfit.request import Request
    from wearwhy.rdf import Fact
    from wearwhy.workspace.asking import Wishes
    from wearwhy.workspace.workspace import Workspace

__all__ = ["Fact", "Look", "Request", "WearwhyError", "Wishes", "Workspace"]

_HOMES = {
    "Fact": "wearwhy.rdf",
    "Look": "wearwhy.outfit.look",
    "Request": "wearwhy.outfit.request",
    "WearwhyError": "wearwhy.errors",
    "Wishes": "wearwhy.workspace.asking",
    "Workspace": "wearwhy.workspace.workspace",
}


def __getattr__(name: str) -> Any:
    """Return a public name, importing the room that it lives in."""
    if name == "__version__":
        globals()[name] = found = _version()
        return found
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'wearwhy' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)


def _version() -> str:
    # What reads it is slow to import, and the processes beside the server never ask.
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return version("wearwhy")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0+checkout"
