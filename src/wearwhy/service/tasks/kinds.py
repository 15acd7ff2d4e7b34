"""What long work there is: the verb of the command line that does it, and what may be said of it.

A task is one call of the command line with `--json`, so that its document is the one that the
command line prints. Only the options named here can be given, each as one word, and none of them
names a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

from wearwhy.errors import UnknownName, ValueRefused, nearest
from wearwhy.service.caller import Role, Scope
from wearwhy.service.documents import Json
from wearwhy.service.wishing import require_short
from wearwhy.workspace.asking import parse_day

Name: TypeAlias = Literal[
    "guess", "ask", "answer", "learn", "outfits", "images", "mine", "lint", "consistency",
    "week", "pack", "gap", "worn",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """What may be said of a kind of work.

    Attributes:
        flag: as the command line has it.
        type: of one value.
        many: whether several may be given.
        least, most: of a number.
    """

    flag: str
    type: type = str
    many: bool = False
    least: float = 0.0
    most: float = 1e9

    def words(self, value: Any) -> list[str]:
        """Return the words of the command line that say a value.

        Raises:
            ValueRefused: WW-TASK-VALUE.
        """
        if self.type is bool and isinstance(value, bool):
            return [self.flag] if value else []
        if self.many and isinstance(value, list | tuple):
            require_short([one for one in value if isinstance(one, str)])
            return [word for one in value for word in self._word(one)]
        return self._word(value)

    def _word(self, value: Any) -> list[str]:
        sound = isinstance(value, self.type) and not isinstance(value, bool)
        if self.type is float and isinstance(value, int) and not isinstance(value, bool):
            sound = True
        if sound and isinstance(value, int | float):
            sound = self.least <= value <= self.most
        if sound and isinstance(value, str):
            require_short([value])
            # What cannot stand in a word of a command line names nothing either.
            sound = value.isprintable() and bool(value.strip())
        if not sound:
            raise ValueRefused("WW-TASK-VALUE", f"That is no value of {self.flag.strip('-')}.")
        # A short option takes its value as it follows, a long one after a sign.
        return [f"{self.flag}={value}" if self.flag.startswith("--") else f"{self.flag}{value}"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of long work.

    Attributes:
        verb: of the command line.
        takes: what may be said of it, by name.
        needs: what must be said of it, in this order, without options.
        scope: that a key must have.
        role: that an account must have in the wardrobe.
        seconds: that it may take.
        memory: MiB that it may take; None: as much as there is.
    """

    verb: tuple[str, ...]
    takes: Mapping[str, Option] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    scope: Scope = Scope.READ
    role: Role = Role.VIEWER
    seconds: float = 300.0
    memory: int | None = 4096


_SHARE: Final = Option("--threshold", float, most=1.0)
_DAYS: Final[Mapping[str, Option]] = {
    "date": Option("--date"),
    "days": Option("--days", int, least=1, most=31),
    "occasions": Option("--occasion", many=True),
    "weather": Option("--weather"),
    "otherwise": Option("--otherwise"),
    "excluded": Option("--exclude", many=True),
    "source": Option("--from"),
    "wearer": Option("--wearer"),
}
_LOCKED: Final[Mapping[str, Option]] = {"locked": Option("--lock", many=True)}

KINDS: Final[Mapping[Name, Kind]] = {
    "guess": Kind(("reason",), {"threshold": _SHARE}, scope=Scope.WRITE, role=Role.EDITOR),
    "ask": Kind(
        ("learn", "ask"), {"n": Option("-n", int, least=1, most=1000), "threshold": _SHARE}
    ),
    "answer": Kind(
        ("learn", "answer"),
        {"deny": Option("--not", bool), "threshold": _SHARE},
        ("item", "property", "value"),
        Scope.WRITE,
        Role.EDITOR,
    ),
    # The model is one for all wardrobes: who runs the service decides what it is learned from.
    "learn": Kind(
        ("learn", "attributes"),
        {
            "threshold": _SHARE,
            "seed": Option("--seed", int, most=2**31),
            "without": Option("--without", many=True),
        },
        scope=Scope.ADMIN,
        seconds=3600.0,
        memory=None,
    ),
    "outfits": Kind(
        ("learn", "outfits"),
        {
            "seed": Option("--seed", int, most=2**31),
            "without": Option("--without", many=True),
        },
        scope=Scope.ADMIN,
        seconds=3600.0,
        memory=None,
    ),
    "images": Kind(("learn", "images"), scope=Scope.ADMIN, seconds=3600.0, memory=None),
    "mine": Kind(
        ("rules", "mine"),
        {
            "attribute": Option("--attribute"),
            "least": Option("--least", int, least=1),
            "confidence": Option("--confidence", float, most=1.0),
            "n": Option("-n", int, least=1, most=1000),
        },
    ),
    "lint": Kind(("rules", "lint")),
    "consistency": Kind(
        ("ontology", "check"), {"seconds": Option("--seconds", float, least=0.1, most=240.0)}
    ),
    "week": Kind(("week",), {**_DAYS, **_LOCKED, "wash": Option("--wash-day", many=True)}),
    "pack": Kind(
        ("pack",),
        {
            **_DAYS,
            **_LOCKED,
            "rested": Option("--rested", bool),
            "day": Option("--day", many=True),
        },
    ),
    "gap": Kind(("gap",), {**_DAYS, "n": Option("-n", int, least=1, most=20)}),
    "worn": Kind(
        ("evaluate", "worn"),
        {
            "others": Option("--others", int, least=1, most=1000),
            "draws": Option("--draws", int, least=1, most=20),
            "last": Option("--last", int, least=1, most=10_000),
            "seed": Option("--seed", int, most=2**31),
        },
        seconds=900.0,
    ),
}
NAMES: Final[tuple[Name, ...]] = get_args(Name)


def kind_of(name: str) -> Kind:
    """Return a kind of long work.

    Raises:
        UnknownName: WW-TASK-KIND, with the nearest name.
    """
    found = next((kind for known, kind in KINDS.items() if known == name), None)
    if found is None:
        near = nearest(name, NAMES)
        raise UnknownName(
            "WW-TASK-KIND",
            f"There is no such work as '{name}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(NAMES) + ".",
        )
    return found


def words(kind: Kind, given: Json) -> list[str]:
    """Return the words of the command line that do a kind of work.

    Raises:
        UnknownName: WW-TASK-OPTION.
        ValueRefused: WW-TASK-VALUE, WW-DATE.
    """
    found = list(kind.verb)
    last = [str(given.get(name) or "") for name in kind.needs]
    for name, text in zip(kind.needs, last, strict=True):
        if not text:
            raise ValueRefused("WW-TASK-VALUE", f"It is not said what '{name}' is.")
    require_short(last)
    for name, value in given.items():
        if name in kind.needs:
            continue
        option = kind.takes.get(name)
        if option is None:
            near = nearest(name, kind.takes)
            raise UnknownName(
                "WW-TASK-OPTION",
                f"'{name}' is not said of this work.",
                hint=f"Did you mean '{near}'?"
                if near
                else "Said may be: " + ", ".join(kind.takes) + ".",
            )
        if value is None:
            continue
        if name == "date":
            parse_day(str(value))
        found += option.words(value)
    return [*found, "--", *last] if last else found
