"""What long work is asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, RootModel

from wearwhy.http.models.words import Day, Flag, Many, Named, Number, Sent, Short, Whole


class Asked(Sent):
    """Long work of some kind."""

    kind: str

    def given(self) -> dict[str, Any]:
        """Return what is said of it, as operations take it; what is not said is left out."""
        found = self.model_dump(mode="json", exclude={"kind"}, exclude_unset=True)
        return {key: value for key, value in found.items() if value is not None}


class Guess(Asked):
    """Guess what is missing of the items of a wardrobe."""

    kind: Literal["guess"]
    threshold: Number | None = Field(None, ge=0, le=1)


class Learn(Asked):
    """Train the model that guesses, of all wardrobes of the service."""

    kind: Literal["learn"]
    threshold: Number | None = Field(None, ge=0, le=1)
    seed: Whole | None = Field(None, ge=0, le=2**31)
    without: tuple[Literal["rules", "mined", "additive", "embeddings"], ...] = ()


class Ask(Asked):
    """Propose the questions whose answers would settle most."""

    kind: Literal["ask"]
    n: Whole = Field(10, ge=1, le=1000)
    threshold: Number | None = Field(None, ge=0, le=1)


class Answer(Asked):
    """Take the answer to a question, and guess anew in its light; one revision."""

    kind: Literal["answer"]
    item: Named
    property: Named
    value: Named
    deny: Flag = Field(False, description="The item has it not: no model proposes it.")
    threshold: Number | None = Field(None, ge=0, le=1)


class Outfits(Asked):
    """Learn which things go together from the outfits that were worn and liked."""

    kind: Literal["outfits"]
    seed: Whole | None = Field(None, ge=0, le=2**31)
    without: tuple[Literal["photos", "walks", "neural", "rules"], ...] = ()


class Images(Asked):
    """Embed the photographs of items, so that looking alike counts."""

    kind: Literal["images"]


class Lint(Asked):
    """Find rules that are doubtful though sound."""

    kind: Literal["lint"]


class Consistency(Asked):
    """Look for contradictions in what the words mean."""

    kind: Literal["consistency"]
    seconds: Number | None = Field(None, ge=0.1, le=240)


class Load(Asked):
    """Make one revision of a file that was sent."""

    kind: Literal["load"]
    upload: Named = Field(description="The id that sending the file answered with.")
    expected: Whole | None = Field(
        None, ge=0, lt=2**53, description="The wardrobe's revision that it is for."
    )


class Mine(Asked):
    """Mine rules about items from what is stated."""

    kind: Literal["mine"]
    attribute: Named | None = None
    least: Whole | None = Field(None, ge=1, le=10**9)
    confidence: Number = Field(0.6, ge=0, le=1)
    n: Whole = Field(20, ge=1, le=1000)


class Days(Asked):
    """Days that are planned."""

    date: Day | None = Field(None, description="The first one.")
    days: Whole = Field(7, ge=1, le=31)
    occasions: Many = ()
    weather: Short | None = Field(None, description='In words, such as "8C rain".')
    otherwise: Short | None = Field(None, description="What a day is for that nothing is said of.")
    excluded: Many = Field((), description="ITEM, or DATE=ITEM.")
    source: Named | None = None
    wearer: Short | None = None


class Week(Days):
    """Plan the looks of some days."""

    kind: Literal["week"]
    calendar: Named | None = Field(
        None, description="The id of an uploaded calendar, which says what the days are for."
    )
    locked: Many = Field((), description="ITEM, or DATE=ITEM.")
    wash: Many = Field((), description="Weekdays or dates.")


class Pack(Days):
    """Pack the fewest items that dress some days."""

    kind: Literal["pack"]
    calendar: Named | None = Field(
        None, description="The id of an uploaded calendar, which says what the days are for."
    )
    locked: Many = Field((), description="ITEM, or DATE=ITEM.")
    rested: Flag = False
    day: Many = Field((), description="DATE=OCCASION, …: WEATHER, in the place of date and days.")


class Gap(Days):
    """Find the items of a catalogue that would unlock the most new looks."""

    kind: Literal["gap"]
    n: Whole = Field(3, ge=1, le=20)


class Worn(Asked):
    """Rank each outfit worn among others."""

    kind: Literal["worn"]
    others: Whole = Field(99, ge=1, le=1000)
    draws: Whole = Field(3, ge=1, le=20)
    last: Whole | None = Field(None, ge=1, le=10_000)
    seed: Whole = Field(0, ge=0, le=2**31)


class TaskBody(
    RootModel[
        Annotated[
            Guess
            | Ask
            | Answer
            | Load
            | Learn
            | Outfits
            | Images
            | Mine
            | Lint
            | Consistency
            | Week
            | Pack
            | Gap
            | Worn,
            Field(discriminator="kind"),
        ]
    ]
):
    """Long work that is asked for."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {"kind": "guess"},
                {"kind": "week", "date": "2026-11-24", "days": 2, "weather": "8C rain"},
                {"kind": "pack", "day": ["2026-11-24=office: 8C rain", "2026-11-25=hiking: 4C"]},
                {"kind": "answer", "item": "w15", "property": "season", "value": "winter"},
            ]
        },
    )

    @property
    def kind(self) -> str:
        """Of what kind it is."""
        return self.root.kind

    def given(self) -> dict[str, Any]:
        """Return what is said of it, as operations take it."""
        return self.root.given()
