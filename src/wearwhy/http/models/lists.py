"""Lists and single resources, as they are answered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from wearwhy.http.models.words import Labelled, Revised, Term, Told

Next = Field(None, description="The cursor of the next page; null on the last one.")


class Value(Told):
    """A value of an item's property, and where it is from."""

    term: Term
    label: str
    kind: Literal["asserted", "derived", "computed", "predicted"]


class Attribute(Told):
    """A property of an item."""

    label: str
    values: list[Value]


class Item(Told):
    """An item."""

    id: str
    name: str | None
    label: str
    type: Labelled | None
    slots: list[Labelled]
    attributes: dict[str, Attribute]
    photograph: str | None


class OneItem(Item):
    """An item of a wardrobe."""

    revision: int
    wardrobe: str


class Items(Revised):
    """A page of items."""

    wardrobe: str
    total: int
    items: list[Item]
    next: str | None = Next


class Violation(Told):
    """What of a thing breaks a shape."""

    focus: Term
    label: str
    path: str | None
    value: Term | None
    message: str
    severity: str


class Validation(Revised):
    """Whether what was said of a wardrobe has the shapes that it should."""

    conforms: bool
    violations: list[Violation]


class Wardrobe(Told):
    """A wardrobe that may be seen."""

    name: str
    label: str
    role: Literal["viewer", "editor", "owner"]
    items: int
    revision: int


class Wardrobes(Told):
    """The wardrobes that may be seen."""

    wardrobes: list[Wardrobe]


class Guess(Told):
    """A guess of the model."""

    item: Labelled
    property: Labelled
    label: str
    probability: float
    attribute: str


class Predictions(Revised):
    """A page of guesses, the least certain first."""

    guesses: list[Guess]
    next: str | None = Next


class Revision(Told):
    """A change that was made."""

    revision: int
    message: str
    scope: str
    added: int
    removed: int
    at: str
    by: str | None = Field(None, description="The account that made it, if one did.")


class Revisions(Revised):
    """A page of changes, newest first."""

    revisions: list[Revision]
    next: str | None = Next


class Happened(Told):
    """Something recorded of a day."""

    id: str
    verb: Literal["wore", "wash", "like", "dislike", "view", "skip"]
    date: str | None
    things: list[Labelled]


class Events(Revised):
    """A page of what was recorded, newest day first."""

    events: list[Happened]
    next: str | None = Next


class Wearers(Revised):
    """Who dresses, and what is said of them."""

    wearers: list[dict[str, Any]]


class RuleTold(Told):
    """A rule with its description."""

    rule: str
    topic: str
    kind: str
    text: str


class Rules(Revised):
    """Rules in force."""

    rules: list[RuleTold]
    topics: list[dict[str, Any]]


class Topic(Revised):
    """The text of a rule file that is in force."""

    topic: str
    scope: Literal["bundled", "base", "wardrobe"]
    text: str


class Vocabulary(Revised):
    """The words that forms offer."""

    types: list[dict[str, Any]]
    properties: list[dict[str, Any]]


class Progress(Told):
    """How far a piece of work is."""

    label: str
    done: int
    total: int


class Task(Told):
    """Work that takes long."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "stopped", "interrupted"]
    progress: Progress | None
    created: str


class Tasks(Told):
    """The tasks of an account, newest first."""

    tasks: list[Task]
