"""What is done before the first request, so that it need not wait."""

from __future__ import annotations

from wearwhy.workspace import Workspace


def warm(workspace: Workspace) -> None:
    """Close the base, and read what recommending needs besides the graph.

    A wardrobe is closed when it is first asked for: there may be a thousand.
    """
    _ = workspace.base
    _ = workspace.resources
