"""What is wrong with what was sent: where, what, and which of the known names was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from wearwhy.errors import nearest

MOST: Final = 20
MEMBERS: Final = 25_000
"""An item may say 200 values of each of 100 attributes."""
_ALSO: Final = {"on": "date", "day": "date"}
"""What other doors call a field, where no spelling is near."""
_LISTED: Final = 16
_NAME: Final = 100
_PLACE: Final = 200
"""Characters of a name and of a place that are told back."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: its place, what is wrong there, and what would be right.

    Attributes:
        place: in what was sent, such as `body.weather.wind`.
        message: what is wrong there.
        hint: with the nearest name that is taken there; empty, where a name is not what is wrong.
    """

    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def wrongs(found: Iterable[Mapping[str, Any]], shape: object, outer: int = 0) -> list[Wrong]:
    """Return what pydantic found, in the engine's words; names that nobody takes come first.

    What was sent is not told back: it may be long, and who sent it has it. Of many mistakes the
    first are told: to look for what was meant by each takes long.

    Args:
        found: as `ValidationError.errors()` has it.
        shape: the model, or the type of models, that it was held against.
        outer: how many parts of each place lead to the shape.
    """
    first = nsmallest(MOST, found, key=lambda one: one["type"] != "extra_forbidden")
    return [_wrong(one, shape, outer) for one in first]


def bounded(said: object) -> object:
    """Return what is said: to tell what is wrong with each of 400,000 members takes seconds.

    Raises:
        PydanticCustomError: where it has more members than anybody means.
    """
    found, opened = 0, [said]
    while opened:
        one = opened.pop()
        if isinstance(one, dict | list):
            found += len(one)
            if found > MEMBERS:
                raise PydanticCustomError(
                    "too_many", f"Input should have at most {MEMBERS} members, in lists and all"
                )
            opened += one.values() if isinstance(one, dict) else one
    return said


def hint_of(found: Sequence[Wrong]) -> str:
    """Return the hints, each once; empty, where there is none."""
    return " ".join(dict.fromkeys(wrong.hint for wrong in found if wrong.hint))


def _wrong(one: Mapping[str, Any], shape: object, outer: int) -> Wrong:
    parts = [str(part)[:_NAME] for part in one["loc"]]
    place = ".".join(parts)[:_PLACE]
    if one["type"] != "extra_forbidden":
        return Wrong(place, str(one["msg"])[:300].replace("valid tuple", "valid list"))
    *above, name = parts[outer:]
    return Wrong(place, "nothing of that name is taken here", _meant(name, above, shape))


def _meant(name: str, above: Sequence[str | int], shape: object) -> str:
    known = _fields(shape, above)
    also = _ALSO.get(name)
    near = also if also in known else nearest(name, known)
    if near:
        return f"Did you mean '{near}'?"
    listed = ", ".join(known[:_LISTED]) + (", …" if len(known) > _LISTED else "")
    return f"It takes: {listed}." if known else ""


def _fields(shape: object, place: Sequence[str | int]) -> list[str]:
    """Return the names that are taken at a place in a shape."""
    models = _models(shape)
    for part in place:
        named = [model for model in models if model.__name__ == part]
        inner = [
            found
            for model in models
            if part in model.model_fields
            for found in _models(model.model_fields[str(part)].annotation)
        ]
        # What is neither is a place in a list, or which of several types was tried.
        models = named or inner or models
    names = (field.alias or key for m in models for key, field in m.model_fields.items())
    return list(dict.fromkeys(names))


def _models(shape: object) -> list[type[BaseModel]]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return [shape]
    return [model for part in get_args(shape) for model in _models(part)]
