"""A request asked otherwise: with other values, with or without an item, in other weather."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from pyoxigraph import NamedNode

from wearwhy.outfit.request import Request

Asking: TypeAlias = Callable[[Request], Request]


def stating(**values: Any) -> Asking:
    """Return what states some fields of a request anew."""

    def asking(request: Request) -> Request:
        return replace(request, **values)

    return asking


def locked(request: Request, item: NamedNode) -> Request:
    """Return a request that names an item as one to wear."""
    return replace(request, locked=(*request.locked, item))


def excluded(request: Request, item: NamedNode) -> Request:
    """Return a request that leaves an item out."""
    return replace(request, excluded=(*request.excluded, item))


def ungiven(request: Request, item: NamedNode) -> Request:
    """Return a request that no longer names an item as one to wear."""
    return replace(request, locked=tuple(one for one in request.locked if one != item))


def without(request: Request, condition: NamedNode) -> Request:
    """Return a request for weather without one of its conditions."""
    weather = request.weather
    assert weather is not None
    left = tuple(c for c in weather.conditions if c != condition)
    dry = 0.0 if weather.rainfall is not None else None
    return replace(request, weather=replace(weather, conditions=left, rainfall=dry))
