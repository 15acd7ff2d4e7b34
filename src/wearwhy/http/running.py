"""Where an operation runs: what changes something in its turn, what only looks for long aside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wearwhy.service.caller import Caller
from wearwhy.service.changing import How
from wearwhy.service.documents import Json
from wearwhy.service.service import Service


async def here(
    service: Service, operation: Callable[..., Any], caller: Caller, *args: Any, **given: Any
) -> Any:
    """Return what an operation returns, run in its turn where the workspace is."""
    return await service.run(operation, caller, *args, **given)


async def aside(
    service: Service, operation: Callable[..., Any], caller: Caller, *args: Any, **given: Any
) -> Any:
    """Return what a slow operation returns, which changes nothing, run so that no other waits."""
    return await service.run_slow(operation, caller, *args, **given)


async def change(
    service: Service,
    operation: Callable[..., Json],
    caller: Caller,
    *args: Any,
    how: How,
    **given: Any,
) -> Json:
    """Return what a changing operation returns: aside where it only looks, else in its turn."""
    run = aside if how.get("preview") else here
    found: Json = await run(service, operation, caller, *args, **given, **how)
    return found
