"""The application on a port, and the SDK's own client over both transports."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import uvicorn
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from wearwhy.http.app import create_app
from wearwhy.service.service import Service

T = TypeVar("T")
Asked = Callable[[Client], Awaitable[T]]
TOOLS = [
    "recommend",
    "complete",
    "explain",
    "why_not",
    "sparql",
    "preview_rule",
    "apply_rule",
]
DAY = {"occasions": ["office"], "date": "2026-11-24", "weather": "8C rain"}
WRONG: list[tuple[str, dict[str, Any], str, str]] = [
    ("recommend", {"occasion": "wedding"}, "occasion", "Did you mean 'occasions'?"),
    ("recommend", {"on": "2026-11-28"}, "on", "Did you mean 'date'?"),
    ("recommend", {"lock": ["w03"]}, "lock", "Did you mean 'locked'?"),
    ("recommend", {"request": DAY}, "request", "It takes: occasions, date, weather"),
    ("recommend", {"weather": {"temp": 8}}, "weather.Weather.temp", "Did you mean 'temperature'?"),
    ("recommend", {"calendar": "/etc/passwd"}, "calendar", "It takes: "),
    ("recommend", {"n": 1000}, "n", "input schema"),
    ("recommend", {"occasions": "wedding"}, "occasions", "input schema"),
    ("complete", {"given": ["w03"], "exclude": ["w04"]}, "exclude", "'excluded'"),
    ("complete", {}, "given", "input schema"),
    ("explain", {"look": "look-1", "deep": 2}, "deep", "Did you mean 'depth'?"),
    ("why_not", {"item": "w03", "occasion": "beach"}, "occasion", "'occasions'"),
    ("sparql", {"query": "ASK {}", "limit": 3}, "limit", "It takes: query, wardrobe."),
    ("preview_rule", {"topic": "a", "text": "", "wardrob": "x"}, "wardrob", "'wardrobe'"),
    ("apply_rule", {"topic": "a", "text": "", "preview": "p", "lang": "en"}, "lang", "It takes: "),
]
"""Calls that are refused: tool, arguments, the place that is told, a part of the hint."""


class Served:
    """The application on a port of its own, in a thread."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/mcp"
        config = uvicorn.Config(create_app(service), log_level="error", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self.socket],))

    def start(self) -> None:
        self._thread.start()
        for _ in range(6000):
            if self._server.started:
                return
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(300)
        assert not self._thread.is_alive()
        self.socket.close()


def over_http(served: Served, key: str, work: Asked[T], mode: str = "auto") -> T:
    async def session() -> T:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers, timeout=120) as http:
            transport = streamable_http_client(served.url, http_client=http)
            async with Client(transport, mode=mode, read_timeout_seconds=120) as client:
                return await work(client)

    return asyncio.run(session())


def over_stdio(folder: Path, work: Asked[T], *options: str, env: dict[str, str] | None = None) -> T:
    async def session() -> T:
        parameters = StdioServerParameters(
            command=sys.executable,
            args=["-m", "wearwhy", "--workspace", str(folder), "mcp", *options],
            env={
                "PYTHONPATH": os.environ.get("PYTHONPATH", "src"),
                "OMP_NUM_THREADS": "1",
                **(env or {}),
            },
        )
        async with Client(parameters, read_timeout_seconds=120) as client:
            return await work(client)

    return asyncio.run(session())


def refused(result: CallToolResult, code: str) -> dict[str, Any]:
    assert result.is_error
    assert result.structured_content is not None
    error: dict[str, Any] = result.structured_content["error"]
    assert error["code"] == code, error
    return error
