"""The command line: `wearwhy COMMAND`; each family of verbs is a module."""

from wearwhy.cli.app import main

__all__ = ["main"]
