"""What an agent says of a request: the words of the REST interface, which are its arguments."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from wearwhy.mcp.arguments import Arguments
from wearwhy.service.wishing import Report, Wish

Names = Annotated[tuple[str, ...], Field(max_length=50)]
Word = Annotated[str, Field(max_length=200)]


class Weather(BaseModel):
    """The weather in figures."""

    model_config = ConfigDict(extra="forbid")
    temperature: Annotated[float | None, Field(description="°C")] = None
    low: Annotated[float | None, Field(description="°C, of the day")] = None
    high: Annotated[float | None, Field(description="°C, of the day")] = None
    rainfall: Annotated[float | None, Field(description="mm")] = None
    wind: Annotated[float | None, Field(description="km/h")] = None
    conditions: Annotated[Names, Field(description="such as rain, snow, sun")] = ()

    def report(self) -> Report:
        """Return it as the service takes it."""
        return Report(
            self.temperature,
            self.low,
            self.high,
            self.rainfall,
            self.wind,
            self.conditions,
        )


class Wished(Arguments):
    """What to dress for. Everything may be left out; what is said is named in plain words."""

    occasions: Annotated[
        Names, Field(description="such as work, wedding, hiking; English or Chinese")
    ] = ()
    date: Annotated[dt.date | None, Field(description="the day")] = None
    weather: Annotated[
        Word | Weather | None,
        Field(description="words such as '8C rain wind 20km/h', or figures"),
    ] = None
    locked: Annotated[
        Names, Field(description="items that every look must have: ids or names")
    ] = ()
    excluded: Annotated[Names, Field(description="items that no look may have")] = ()
    source: Annotated[Word, Field(description="owned, both, or catalogue:NAME")] = "owned"
    n: Annotated[int, Field(ge=1, le=10, description="how many looks")] = 3
    part: Annotated[Word | None, Field(description="part of the day, such as evening")] = None
    dress_code: Annotated[Word | None, Field(description="such as business casual")] = None
    wearer: Annotated[
        Word | None, Field(description="who dresses, where the wardrobe has several")
    ] = None

    def wish(self) -> Wish:
        """Return it as the service takes it."""
        said = self.weather
        weather = said.report() if isinstance(said, Weather) else said
        return Wish(
            occasions=self.occasions,
            on=self.date,
            weather=weather,
            lock=self.locked,
            exclude=self.excluded,
            source=self.source,
            n=self.n,
            part=self.part,
            dress_code=self.dress_code,
            wearer=self.wearer,
        )

    def wish_or_none(self) -> Wish | None:
        """Return it as the service takes it; None, where nothing was said of a request."""
        return self.wish() if self.model_fields_set & WISHED else None


WISHED: Final = frozenset(Wished.model_fields)
