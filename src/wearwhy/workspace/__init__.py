"""The workspace: load, edit, reason, recommend, ask why, preview, apply, undo.

This is what the outside calls: `Workspace.open(path)`.
"""

from wearwhy.workspace.workspace import Workspace

__all__ = ["Workspace"]
