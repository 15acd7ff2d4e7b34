"""What a load yields, and what went wrong in it: data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final, Literal, TypeVar

from pyoxigraph import NamedNode

from wearwhy.errors import InputError, WearwhyError
from wearwhy.feeds.words import slug
from wearwhy.rdf import ID, WW, Fact

SHOWN_PROBLEMS: Final = 20


@dataclass(frozen=True, slots=True)
class Target:
    """Where items go: a wardrobe or a catalogue, and the base of their IRIs."""

    kind: Literal["wardrobe", "catalogue"]
    name: str
    base: str = str(ID)

    def __post_init__(self) -> None:
        """Refuse a name that cannot be a step of an IRI (WW-TARGET-NAME)."""
        if not self.name or slug(self.name) != self.name:
            near = slug(self.name)
            raise InputError(
                "WW-TARGET-NAME",
                f"'{self.name}' cannot name a {self.kind}.",
                note="A name consists of letters, digits and hyphens.",
                hint=f"Try '{near}'." if near else "",
            )

    @property
    def node(self) -> NamedNode:
        """Return the wardrobe or catalogue itself."""
        return NamedNode(f"{self.base}{self.kind}/{self.name}")

    @property
    def membership(self) -> NamedNode:
        """Return the property that says an item belongs to it."""
        return WW.inWardrobe if self.kind == "wardrobe" else WW.inCatalogue

    def item(self, step: str) -> NamedNode:
        """Return the IRI of the item with the given last step."""
        return NamedNode(f"{self.base}{self.name}/{step}")


@dataclass(frozen=True, slots=True)
class Reported:
    """A value of a column; `row` counts as a spreadsheet does, the header is 1.

    The same value of the same column is reported once, with the first row and how many times.
    """

    column: str
    value: str
    row: int

    def as_dict(self) -> dict[str, object]:
        """Return the report as `load --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Unknown(Reported):
    """A column or value that nothing names, and the name that is nearest."""

    nearest: str | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Nearer(Reported):
    """A value that no name has as a whole, and the name among its words that it was read as."""

    read_as: str
    times: int = 1


_Reported = TypeVar("_Reported", Unknown, Nearer)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row or cell that was left out, and why."""

    row: int
    column: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The facts of a source, how many items they describe, and what could not be read."""

    facts: tuple[Fact, ...]
    items: int
    unknown: tuple[Unknown, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    nearer: tuple[Nearer, ...] = ()


@dataclass(slots=True)
class Findings:
    """What a reader collects while it reads: unknowns, skipped cells, refusals, notes."""

    unknown: dict[tuple[str, str], Unknown] = field(default_factory=dict)
    nearer: dict[tuple[str, str], Nearer] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[WearwhyError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reports: int = 0

    def seen(self, column: str, value: str) -> bool:
        """Say whether a value of a column was reported already."""
        return (column, value) in self.unknown

    def report(self, column: str, value: str, row: int, near: str | None) -> None:
        """Report a value that nothing names; the first report gives row and nearest name."""
        self.reports += 1
        _count(self.unknown, Unknown(column, value, row, near))

    def took(self, column: str, value: str, row: int, read_as: str) -> None:
        """Report a value that was read as a name which only some of its words give."""
        _count(self.nearer, Nearer(column, value, row, read_as))

    def check(self, file: str) -> None:
        """Raise what was refused, all of it at once; nothing is half loaded.

        Raises:
            InputError: the only problem as it is, or WW-LOAD-REFUSED with the list of them.
        """
        refuse(self.problems, file)

    def loaded(self, facts: Sequence[Fact], items: int) -> Loaded:
        """Return the facts with everything that was found on the way."""
        return Loaded(
            tuple(dict.fromkeys(facts)),
            items,
            tuple(self.unknown.values()),
            tuple(self.skipped),
            tuple(self.notes),
            tuple(self.nearer.values()),
        )


def _count(found: dict[tuple[str, str], _Reported], new: _Reported) -> None:
    first = found.get((new.column, new.value))
    counted = new if first is None else replace(first, times=first.times + 1)
    found[new.column, new.value] = counted


def refuse(problems: Sequence[WearwhyError], file: str) -> None:
    """Raise the only problem as it is, several as one WW-LOAD-REFUSED that lists them."""
    if not problems:
        return
    if len(problems) == 1:
        raise problems[0]
    lines = [
        f"[{p.code}] {p.place or file}: {p.sentence}" + (f" {p.hint}" if p.hint else "")
        for p in problems[:SHOWN_PROBLEMS]
    ]
    more = len(problems) - SHOWN_PROBLEMS
    if more > 0:
        lines.append(f"… and {more} more.")
    raise InputError(
        "WW-LOAD-REFUSED",
        f"{file} has {len(problems)} problems; nothing was loaded.",
        note="\n        ".join(lines),
        hint="Correct them and load again.",
        place=problems[0].place,
    )
