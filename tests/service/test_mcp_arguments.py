"""What the tools for agents take, and what they say of the rest."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from mcp.server.mcpserver import MCPServer
from mcp.types import CallToolResult
from pydantic import BaseModel
from tests.service.agents_given import TOOLS, WRONG, refused

from wearwhy.errors import InputError, Place
from wearwhy.http.models.wishes import CompletionBody, WhyNotBody, WishBody
from wearwhy.mcp import answers
from wearwhy.mcp.server import make_server
from wearwhy.service.caller import Caller
from wearwhy.service.service import Service


async def _nobody(request: object | None) -> Caller:
    raise AssertionError(request)


def _server() -> MCPServer[Any]:
    """A server that never comes to its service: what it is asked is refused before."""
    return make_server(cast("Service", None), _nobody)


@pytest.mark.parametrize(("tool", "arguments", "place", "hint"), WRONG)
def test_arguments_that_no_tool_takes_are_refused_with_what_was_meant(
    tool: str, arguments: dict[str, Any], place: str, hint: str
) -> None:
    result = asyncio.run(_server().call_tool(tool, arguments))
    assert isinstance(result, CallToolResult)
    error = refused(result, "WW-MCP-INPUT")
    assert error["message"] == f"The arguments of '{tool}' do not say what is needed."
    assert error["note"].startswith(f"{place}: ")
    assert hint in error["hint"]
    assert "pydantic" not in str(result)


def test_every_tool_is_refused_an_argument_in_one_case_at_least() -> None:
    assert {tool for tool, *_ in WRONG} == set(TOOLS)


def test_a_tool_that_there_is_not_is_refused_with_the_nearest() -> None:
    result = asyncio.run(_server().call_tool("whynot", {}))
    assert isinstance(result, CallToolResult)
    assert refused(result, "WW-MCP-TOOL")["hint"] == "Did you mean 'why_not'?"


DEEPER = {"node", "depth"}
"""What an agent reads its way through evidence with: REST sends all of it."""


def test_the_tools_take_what_rest_takes_by_the_same_names_and_nothing_else() -> None:
    tools = {tool.name: tool for tool in asyncio.run(_server().list_tools())}
    assert list(tools) == TOOLS
    for tool in tools.values():
        assert tool.input_schema["additionalProperties"] is False
    bodies: dict[str, type[BaseModel]] = {
        "recommend": WishBody,
        "complete": CompletionBody,
        "why_not": WhyNotBody,
    }
    for name, body in bodies.items():
        own = set(tools[name].input_schema["properties"]) - {"wardrobe", "lang"} - DEEPER
        assert {"occasions", "date", "weather", "locked", "excluded"} <= own
        assert own <= set(body.model_fields)


def test_an_end_that_is_not_known_is_not_told() -> None:
    for place, told in (
        (Place("q", 1, 21), {"line": 1, "column": 21}),
        (Place("q", 1, 21, 24), {"line": 1, "column": 21, "endColumn": 24}),
    ):
        error = answers.refused(InputError("WW-X", "No.", place=place)).structured_content
        assert error is not None
        assert error["error"]["place"] == told


def test_a_hint_for_the_command_line_is_not_told_to_an_agent() -> None:
    error = InputError("WW-X", "No.", hint="Look.", command="`wearwhy query items` lists.")
    result = answers.refused(error)
    assert refused(result, "WW-X")["hint"] == "Look."
    assert "wearwhy" not in str(result.content)
    assert "hint: Look. `wearwhy query items` lists." in str(error)
