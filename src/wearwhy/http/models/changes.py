"""What changes a wardrobe, and what is answered to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from wearwhy.http.models.wishes import WishBody
from wearwhy.http.models.words import Day, Many, Named, Number, Revised, Sent, Short, Term, Told
from wearwhy.service.feedback import Verb
from wearwhy.service.rulebook import LARGEST, Of, RuleChange
from wearwhy.workspace.wearers import Said

Value = Named | Annotated[tuple[Named, ...], Field(max_length=200)] | None


def _example(*examples: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": list(examples)})


class WardrobeBody(Sent):
    """A new wardrobe."""

    model_config = _example({"name": "ines", "label": "What Ines wears"})

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$", max_length=64)]
    label: Short | None = None


class ItemBody(Sent):
    """A new item: its kind, its name, and what is known of it, by property."""

    model_config = _example(
        {
            "type": "blazer",
            "name": "Green velvet blazer",
            "values": {"colour": "green", "material": "velvet"},
        }
    )

    type: Named
    name: Named
    values: dict[Named, Named | Annotated[tuple[Named, ...], Field(max_length=200)]] = Field(
        {}, max_length=100
    )

    def pairs(self) -> list[tuple[str, str]]:
        """Return each property with each of its values."""
        return [
            (prop, value)
            for prop, said in self.values.items()
            for value in ([said] if isinstance(said, str) else said)
        ]


class CorrectionBody(Sent):
    """What holds of an item, by property: one value, several, or null to take back what was said."""

    model_config = _example({"values": {"suits season": ["winter", "autumn"], "pattern": None}})

    values: dict[Named, Value] = Field(min_length=1, max_length=100)


class GuessBody(Sent):
    """A guess, in three words."""

    item: Named
    property: Named
    value: Named


class FeedbackBody(Sent):
    """What was worn, washed, liked, disliked, looked at for long (view) or passed over (skip)."""

    model_config = _example(
        {"verb": "wore", "things": ["w01", "w26", "w45"], "date": "2026-11-20"},
        {"verb": "like", "things": ["navy"], "strength": 0.5, "date": "2026-11-21"},
    )

    verb: Verb
    things: Many = ()
    look: Named | None = Field(None, description="A look that was shown: its items are meant.")
    date: Day | None = Field(None, description="Today in UTC, if it is not said.")
    occasions: Many = Field(
        (), description="Of what was worn: what for; if none is named, what the look was asked for."
    )
    strength: Number | None = Field(None, gt=0, le=1, description="Of an opinion.")
    wearer: Short | None = None


class WearerBody(Sent):
    """What is said of a wearer; what it does not name stays as it was said before."""

    model_config = _example({"sizes": ["top=M", "feet=38"], "covered": ["arms"], "warmth": -3})

    name: Named | None = None
    sizes: Many = Field((), description="SLOT=SIZE, such as top=M or feet=38,39.")
    covered: Many = Field((), description="Parts of the body that every look covers.")
    warmth: Number | None = Field(None, ge=-15, le=15, description="Degrees.")
    hemisphere: Named | None = None
    dislikes: Many = ()
    never: Many = ()

    def said(self) -> Said:
        """Return it as operations take it."""
        return Said(
            self.name, self.sizes, self.covered, self.warmth, self.hemisphere, self.dislikes,
            self.never,
        )  # fmt: skip


RuleText = Annotated[str, StringConstraints(max_length=LARGEST)]


class RuleBody(Sent):
    """A change of rules: the text of a topic, or facts in three words each."""

    model_config = _example(
        {"retracted": ["w03 material silk"], "asserted": ["w03 material linen"]}
    )

    topic: Named | None = Field(None, description="That the text stands for.")
    text: RuleText | None = Field(
        None, description="Rules in SPARQL-RL; null with a topic takes the applied text back."
    )
    asserted: Many = ()
    retracted: Many = ()
    scope: Of = Field("wardrobe", description="base: everybody's rules, which needs `admin`.")

    def change(self) -> RuleChange:
        """Return it as operations take it."""
        return RuleChange(self.topic, self.text, self.asserted, self.retracted, self.scope)


class PreviewBody(RuleBody):
    """A change of rules to look at, and the request to try it on."""

    request: WishBody | None = Field(
        None, description="In place of the bundled week: far faster to try."
    )


class ApplyBody(RuleBody):
    """A change of rules to make."""

    preview: Named | None = Field(
        None, description="The name of the preview that it must be exactly."
    )


class CheckBody(Sent):
    """A rule text as an editor has it."""

    model_config = _example({"text": "RULE <#r> { ?x ww:likes } WHERE { ?x a ww:Item }"})

    text: RuleText
    topic: Named = "text"


class Changed(Told):
    """What a change did: the revision that it made, and how many facts came and went."""

    revision: int
    message: str
    scope: str
    added: int
    removed: int


class FactTold(Told):
    """A fact."""

    subject: Term
    predicate: Term
    object: Term


class GainedLost(Told):
    """Facts that come and go, and those that stay and are of another kind or certainty."""

    gained: list[FactTold]
    lost: list[FactTold]
    shifted: list[FactTold] = Field(default_factory=list)


class LooksMoved(Told):
    """Looks that come, go, or stand at another place."""

    gained: list[dict[str, Any]]
    lost: list[dict[str, Any]]
    reranked: list[dict[str, Any]]


class Difference(Revised):
    """What a change would change; nothing was written."""

    facts: GainedLost
    looks: LooksMoved
    rules: list[dict[str, Any]]
    nodes: dict[str, Any]


class Diagnostic(Told):
    """What is wrong with a rule text, and where."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    line: int
    column: int


class Checked(Told):
    """What is wrong with a rule text."""

    sound: bool
    rules: int
    diagnostics: list[Diagnostic]
    more: bool = Field(description="Whether reading was given up with more that is wrong.")
