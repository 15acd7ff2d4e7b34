"""Arguments of a tool: what nobody declared is refused, in the words of every other error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.context import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, CallToolResult, GetPromptResult, InputRequiredResult
from pydantic import ConfigDict, ValidationError, model_validator

from wearwhy.errors import InputError, UnknownName, nearest
from wearwhy.mcp.answers import refused
from wearwhy.service.inputs import bounded, hint_of, wrongs

_NAME: Final = 100
"""Characters of a name that nobody knows, as it is told back."""


class Arguments(ArgModelBase):
    """The arguments of a tool, which its function takes as one: `said`."""

    model_config = ConfigDict(extra="forbid")
    _bounded = model_validator(mode="before")(bounded)

    def model_dump_one_level(self) -> dict[str, Any]:
        """Return the function's own arguments."""
        return {"said": self}


class ToolServer(MCPServer[Any]):
    """A server whose refusals are the engine's own errors, with code, note and hint."""

    def __init__(self, name: str, tools: Sequence[Tool], **more: Any) -> None:
        super().__init__(name, tools=list(tools), **more)
        self._shapes = {tool.name: tool.fn_metadata.arg_model for tool in tools}

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool, or say what keeps it from being called.

        Args:
            name: of the tool.
            arguments: as they were sent.
            context: of the call.
        """
        if name not in self._shapes:
            return refused(_no_tool(name, self._shapes))
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return refused(_not_understood(name, error.__cause__, self._shapes[name]))

    async def get_prompt(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        context: Context[Any, Any] | None = None,
    ) -> GetPromptResult | InputRequiredResult:
        """Refuse a prompt: there is none. The library takes that for a fault, and logs its name.

        Raises:
            MCPError: invalid parameters.
        """
        del name, arguments, context
        raise MCPError(INVALID_PARAMS, "There are no prompts here.")


def _no_tool(name: str, known: Iterable[str]) -> UnknownName:
    said = name[:_NAME]
    near = nearest(said, known)
    return UnknownName(
        "WW-MCP-TOOL",
        f"There is no tool '{said}'.",
        hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + ".",
    )


def _not_understood(name: str, error: ValidationError, shape: type[ArgModelBase]) -> InputError:
    found = wrongs(error.errors(include_url=False, include_input=False), shape)
    return InputError(
        "WW-MCP-INPUT",
        f"The arguments of '{name}' do not say what is needed.",
        note="; ".join(map(str, found)),
        hint=hint_of(found) or "The tool's input schema shows what it takes.",
    )
