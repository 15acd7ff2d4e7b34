"""What looks are wished for, and what is answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from wearwhy.http.models.words import (
    Day,
    Flag,
    Labelled,
    Many,
    Moment,
    Named,
    Number,
    Revised,
    Sent,
    Short,
    Told,
    Whole,
)
from wearwhy.outfit.filters import Filters
from wearwhy.service.wishing import Event, Report, Wish

OFFICE: dict[str, Any] = {
    "occasions": ["office"],
    "date": "2026-11-24",
    "weather": "8C rain wind 20km/h",
}


class Entry(Sent):
    """An entry of the day's calendar; without a start it lasts the day."""

    summary: Short
    start: Moment | None = None
    end: Moment | None = None
    location: Short = ""

    def event(self) -> Event:
        """Return the entry as operations take it."""
        return Event(self.summary, self.start, self.end, self.location)


class Figures(Sent):
    """The weather in figures."""

    temperature: Number | None = Field(None, description="°C", ge=-90, le=60)
    low: Number | None = Field(None, description="°C", ge=-90, le=60)
    high: Number | None = Field(None, description="°C", ge=-90, le=60)
    rainfall: Number | None = Field(None, description="mm", ge=0, le=2000)
    wind: Number | None = Field(None, description="km/h", ge=0, le=2000)
    conditions: Many = Field((), description="Words of the weather scheme, such as rain or snow.")

    def report(self) -> Report:
        """Return the figures as operations take them."""
        return Report(
            self.temperature, self.low, self.high, self.rainfall, self.wind, self.conditions
        )


class FilterBody(Sent):
    """What of a catalogue is not drawn on."""

    max_price: Number | None = Field(default=None, ge=0, le=1e12)
    in_stock: Flag = False
    sizes: Many = ()
    brands: Many = ()
    not_brands: Many = ()

    def filters(self) -> Filters:
        """Return the filters as operations take them."""
        return Filters(self.max_price, self.in_stock, self.sizes, self.brands, self.not_brands)


class WishBody(Sent):
    """What somebody wishes to be dressed for.

    Items, occasions and the like are named by IRI, compact name, id or label, in any language.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [OFFICE]})

    occasions: Many = ()
    date: Day | None = None
    weather: Short | Figures | None = Field(
        None, description='Words, such as "8C rain wind 20km/h", or figures.'
    )
    calendar: Named | Annotated[tuple[Entry, ...], Field(max_length=200)] | None = Field(
        None, description="The id of an uploaded calendar, or the entries of the day."
    )
    locked: Many = Field((), description="Items that every look has.")
    excluded: Many = Field((), description="Items that no look has.")
    source: Named = Field("owned", description="owned, catalogue:NAME or both")
    filters: FilterBody = Field(default_factory=FilterBody)
    n: Whole = Field(3, ge=1, le=50)
    part: Short | None = Field(None, description="The part of the day, such as evening.")
    dress_code: Short | None = None
    wearer: Short | None = None

    def wish(self, events: tuple[Event, ...] = ()) -> Wish:
        """Return the wish as operations take it.

        Args:
            events: of an uploaded calendar; those that were sent, if it names none.
        """
        said = self.weather
        sent = () if self.calendar is None or isinstance(self.calendar, str) else self.calendar
        return Wish(
            occasions=self.occasions,
            on=self.date,
            weather=said.report() if isinstance(said, Figures) else said,
            calendar=events or tuple(entry.event() for entry in sent),
            lock=self.locked,
            exclude=self.excluded,
            source=self.source,
            n=self.n,
            part=self.part,
            dress_code=self.dress_code,
            wearer=self.wearer,
            filters=self.filters.filters(),
        )


class RecommendationBody(WishBody):
    """What somebody wishes to be dressed for, and how looks are found."""

    decode: Literal["beam", "greedy", "sample"] = "beam"
    temperature: Number = Field(0.1, gt=0, le=100, description="Of drawing, in points.")
    seed: Whole = Field(0, ge=0, lt=2**32, description="Of drawing.")

    def wish(self, events: tuple[Event, ...] = ()) -> Wish:
        """Return the wish as operations take it."""
        return replace(
            super().wish(events),
            decode=self.decode,
            temperature=self.temperature,
            seed=self.seed,
        )


class CompletionBody(WishBody):
    """A partial outfit, and what it is for; `n` is how many items a slot."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{**OFFICE, "given": ["w16", "w26"], "n": 2}]},
    )

    given: Annotated[tuple[Named, ...], Field(min_length=1, max_length=200)]
    slot: Short | None = Field(None, description="The one slot to fill, such as feet.")
    n: Whole = Field(5, ge=1, le=50)


class WhyNotBody(WishBody):
    """An item that is missed, or a fact that does not hold."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [
                {**OFFICE, "item": "w46"},
                {"fact": ["w03", "suits season", "summer"]},
            ]
        },
    )

    item: Named | None = None
    fact: tuple[Named, Named, Named] | None = Field(
        None, description="Subject, property, value: instead of an item."
    )
    given: Many = Field((), description="With these: why it does not complete them.")
    slot: Short | None = None
    exhaustive: Flag = False


class LookItem(Labelled):
    """An item of a look, in its slot."""

    slot: str


class LookTerm(Told):
    """One addend of a score."""

    kind: Literal["rule", "walk", "pair", "neural", "comfort", "taste"]
    label: str
    value: float


class Look(Told):
    """A look: its items, its score and the terms that add up to it, its reasons in words."""

    id: str
    score: float
    template: str
    items: list[LookItem]
    terms: list[LookTerm]
    reasons: dict[str, list[str]]


class Looks(Revised):
    """Looks for a request, best choice first."""

    request: dict[str, Any]
    looks: list[Look]


class EvidenceNode(Told):
    """A node of evidence."""

    kind: Literal[
        "asserted", "derived", "predicted", "computed", "absent", "builtin", "same", "axiom",
        "path", "pair", "opaque",
    ]  # fmt: skip
    premises: list[str]


class Explanation(Revised):
    """The whole evidence of something: nodes by name, from a root down to what somebody said."""

    root: str
    nodes: dict[str, EvidenceNode]


class LookExplanation(Explanation):
    """The evidence of a look, and the look with what each term would be without its evidence."""

    look: Look


class WhyNot(Revised):
    """Why an item stands in no look, and the smallest change that would let it in."""

    item: str
    admitted: bool
    blocked_by: list[str]
    lost_by: list[dict[str, Any]]
    smallest_change: dict[str, Any] | None
    nodes: dict[str, EvidenceNode]


class Compared(Revised):
    """Two looks held against each other, term by term."""

    first: dict[str, Any]
    second: dict[str, Any]
    items: dict[str, list[str]]
    difference: float
    by_kind: dict[str, float]
    terms: list[dict[str, Any]]


class ShownNow(Told):
    """What was shown, and what is now."""

    shown: float | None
    now: float | None


class Replayed(Revised):
    """A look that was shown, as it is now, and what has changed."""

    shown_at: int
    without: list[str]
    same: bool
    score: ShownNow
    place: ShownNow
    changed: list[dict[str, Any]] | None
    look: Look
