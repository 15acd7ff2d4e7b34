"""How a tool answers: one document, as structured content and as text; an error likewise."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, TextContent

from wearwhy.errors import WearwhyError
from wearwhy.service.caller import Caller
from wearwhy.service.service import Service

Json = dict[str, Any]
Asked: TypeAlias = Context[Any, Any]
_LOG: Final = logging.getLogger("wearwhy.mcp")
LONGEST: Final = 400_000
"""Characters of an answer: an agent can read no more, and its client may not take it."""


class Callers(Protocol):
    """Says who asks: from the HTTP request behind a call, or None over stdio."""

    async def __call__(self, request: object | None) -> Caller:
        """Return who asks.

        Raises:
            NotSignedIn: WW-ACCESS-KEY.
        """
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Where calls of tools arrive.

    Attributes:
        service: that is asked.
        callers: says who asks.
    """

    service: Service
    callers: Callers

    async def answer(
        self, asked: Asked, work: Callable[[Service, Caller], Awaitable[Json]]
    ) -> CallToolResult:
        """Return what work comes to, or what kept it from that, as a tool's result."""
        try:
            caller = await self.callers(asked.request_context.request)
            return _told(await work(self.service, caller))
        except WearwhyError as error:
            return refused(error)
        except Exception:  # noqa: BLE001  # the last place where it can be told
            # Its text may say what is not the caller's to know: it goes to the log alone.
            _LOG.exception("fault")
            return refused(_FAULT)


_FAULT: Final = WearwhyError("WW-INTERNAL", "Something went wrong that should not.")
_TOO_LONG: Final = WearwhyError(
    "WW-MCP-LONG",
    "The answer is too long for an agent to read.",
    note=f"It would have more than {LONGEST} characters.",
    hint="Ask for less: fewer looks, a narrower query, a LIMIT.",
)


_HIDDEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)
"""Characters that nobody sees: an agent would read in a label what no person read there."""


def _seen(text: str) -> str:
    """Return a text in which what nobody would see is written as JSON escapes it."""
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _told(document: Json) -> CallToolResult:
    text = _seen(json.dumps(document, ensure_ascii=False))
    if len(text) > LONGEST:
        return refused(_TOO_LONG)
    return CallToolResult(
        content=[TextContent(type="text", text=text)], structured_content=document
    )


def refused(error: WearwhyError) -> CallToolResult:
    """Return an error with what an agent needs to do better: its code, its law and its hint."""
    # Not its command, which is for who has a command line.
    said = error.as_dict() | {"hint": error.hint}
    told = {key: said[key] for key in ("code", "message", "note", "hint") if said[key]}
    if error.place is not None:
        # Where something begins may be known, and not where it ends.
        place = {key: said[key] for key in ("line", "column", "endColumn")}
        told["place"] = {key: value for key, value in place.items() if value}
    return CallToolResult(
        content=[TextContent(type="text", text=_seen(error.text(error.hint)))],
        structured_content={"error": told},
        is_error=True,
    )
