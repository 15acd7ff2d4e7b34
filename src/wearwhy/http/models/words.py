"""Parts that several models share: short texts, terms, labels."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Final

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from wearwhy.service.inputs import bounded

_DATED: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Short = Annotated[str, StringConstraints(max_length=500)]
"""A name, a label, an id: as long as anybody means."""
Named = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Many = Annotated[tuple[Named, ...], Field(max_length=200)]

# What the document calls a number is one: no "5", and no true for 1.
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict(), AllowInfNan(allow_inf_nan=False)]


def _written(value: object) -> object:
    """Refuse the seconds since 1970 that pydantic takes for a date, as a number or as text."""
    if isinstance(value, str) and not _DATED.match(value):
        raise PydanticCustomError("date_written", "Input should begin as 2026-11-24 does")
    if isinstance(value, (int, float)):
        raise PydanticCustomError("date_written", "Input should be text, such as 2026-11-24")
    return value


Day = Annotated[dt.date, BeforeValidator(_written)]
Moment = Annotated[dt.datetime, BeforeValidator(_written)]


class Sent(BaseModel):
    """A body that is sent: what nobody declared is refused, and so is more than anybody means."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    _bounded = model_validator(mode="before")(bounded)


class Told(BaseModel):
    """A document that is answered; later versions may say more."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Labelled(Told):
    """Something with its name in the language of the answer."""

    id: str
    label: str


class Revised(Told):
    """A document about one wardrobe."""

    revision: int = Field(description="Of the wardrobe; the ETag carries it too.", ge=0)


class Term(Told):
    """An RDF term, as in SPARQL 1.1 JSON results (triple terms as in SPARQL 1.2's)."""

    type: str
    value: Any


class Problem(Told):
    """What went wrong, as RFC 9457 has it, with the code, note and hint of the engine's errors."""

    type: str = Field(description="The path of the page about this code.")
    title: str
    status: int
    code: str = Field(description="Never changes within a major version.")
    detail: str | None = None
    note: str | None = None
    hint: str | None = None
    instance: str | None = Field(None, description="The request's id.")
