"""What goes to another process of ours and comes back: values as JSON that becomes them again.

What JSON has no form for is said with its kind: tuples, sets, days and moments, enumerations and
dataclasses of this project, RDF names. Anything else is refused; nothing is pickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from importlib import import_module
from typing import Any, Final

from pyoxigraph import NamedNode

_KIND: Final = "$"
_OURS: Final = "wearwhy."


def packed(value: Any) -> Any:
    """Return a value as JSON has it.

    Raises:
        TypeError: where it cannot be said.
    """
    if isinstance(value, Enum):
        return {_KIND: "enum", "of": _name(type(value)), "is": value.value}
    if value is None or isinstance(value, bool | int | float):
        return value
    if type(value) is str:
        return value
    if type(value) is list:
        return [packed(one) for one in value]
    if isinstance(value, Mapping):
        return _mapping(value)
    for kind, (cls, say, _) in _SIMPLE.items():
        if type(value) is cls:
            return {_KIND: kind, "is": say(value)}
    if is_dataclass(value) and not isinstance(value, type):
        said = {one.name: packed(getattr(value, one.name)) for one in fields(value) if one.init}
        return {_KIND: "made", "of": _name(type(value)), "is": said}
    raise TypeError(f"{type(value).__name__} cannot be handed to another process")


def _mapping(value: Mapping[Any, Any]) -> Any:
    if all(type(key) is str for key in value) and _KIND not in value:
        return {key: packed(one) for key, one in value.items()}
    return {_KIND: "map", "is": [[packed(key), packed(one)] for key, one in value.items()]}


def unpacked(said: Any) -> Any:
    """Return the value that JSON says.

    Raises:
        ValueError: where it says none.
    """
    if isinstance(said, list):
        return [unpacked(one) for one in said]
    if not isinstance(said, dict):
        return said
    kind = said.get(_KIND)
    if kind is None:
        return {key: unpacked(one) for key, one in said.items()}
    if kind == "map":
        return {unpacked(key): unpacked(one) for key, one in said["is"]}
    if kind == "enum":
        return _class(said["of"])(said["is"])
    if kind == "made":
        return _class(said["of"])(**{key: unpacked(one) for key, one in said["is"].items()})
    if kind not in _SIMPLE:
        raise ValueError(f"{kind} is no kind of value")
    return _SIMPLE[kind][2](said["is"])


_SIMPLE: Final[dict[str, tuple[type, Any, Any]]] = {
    "tuple": (
        tuple,
        lambda v: [packed(one) for one in v],
        lambda v: tuple(unpacked(one) for one in v),
    ),
    "set": (set, lambda v: [packed(one) for one in v], lambda v: {unpacked(one) for one in v}),
    "frozenset": (
        frozenset,
        lambda v: [packed(one) for one in v],
        lambda v: frozenset(unpacked(one) for one in v),
    ),
    "moment": (datetime, lambda v: v.isoformat(), datetime.fromisoformat),
    "day": (date, lambda v: v.isoformat(), date.fromisoformat),
    "time": (time, lambda v: v.isoformat(), time.fromisoformat),
    "span": (timedelta, lambda v: v.total_seconds(), lambda v: timedelta(seconds=v)),
    "name": (NamedNode, lambda v: v.value, NamedNode),
    "bytes": (bytes, lambda v: v.hex(), bytes.fromhex),
}


def _name(cls: type) -> str:
    if not cls.__module__.startswith(_OURS) or "." in cls.__qualname__:
        raise TypeError(f"{cls.__name__} cannot be handed to another process")
    return f"{cls.__module__}:{cls.__qualname__}"


def _class(name: str) -> Any:
    found = named(name)
    if not isinstance(found, type) or not (is_dataclass(found) or issubclass(found, Enum)):
        raise ValueError(f"{name} is no kind of value")
    return found


def named(name: str) -> Any:
    """Return what stands in one of our modules under a name, `module:name`.

    Raises:
        ValueError: where it is nothing of ours.
    """
    module, _, own = name.partition(":")
    if not module.startswith(_OURS) or not own.isidentifier():
        raise ValueError(f"{name} is nothing of ours")
    return getattr(import_module(module), own)
