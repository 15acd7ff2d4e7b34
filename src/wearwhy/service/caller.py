"""Who asks: an account with scopes, and the wardrobes that it may see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from wearwhy.errors import InputError, NotAllowed, NotSignedIn, UnknownName


class Scope(StrEnum):
    """What a key may be used for."""

    READ = "read"
    WRITE = "write"
    RULES = "rules"
    ADMIN = "admin"


class Role(IntEnum):
    """What an account may do in a wardrobe; a greater one includes the lesser."""

    VIEWER = 1
    EDITOR = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        account: the account's id; empty for nobody.
        name: for people and logs.
        scopes: of the key or session that was shown.
        wardrobes: those that the account may see, with its role in each.
        most: the scopes of the account, of which a key may have fewer; for hints only.
    """

    account: str
    name: str
    scopes: frozenset[Scope]
    wardrobes: Mapping[str, Role] = field(default_factory=dict)
    most: frozenset[Scope] = field(default=frozenset(), compare=False)

    @classmethod
    def nobody(cls, wardrobes: Collection[str] = ()) -> Caller:
        """Return who shows no key: may read the named wardrobes, if any."""
        scopes = frozenset((Scope.READ,)) if wardrobes else frozenset[Scope]()
        return cls("", "nobody", scopes, dict.fromkeys(wardrobes, Role.VIEWER))

    @property
    def anonymous(self) -> bool:
        """Whether no account stands behind this caller."""
        return not self.account

    def require(self, scope: Scope) -> None:
        """Refuse a caller whose key was not made for this.

        Raises:
            NotSignedIn: WW-ACCESS-KEY, where no key was shown.
            NotAllowed: WW-ACCESS-SCOPE.
        """
        if scope in self.scopes:
            return
        if self.anonymous:
            raise NotSignedIn(
                "WW-ACCESS-KEY",
                "This needs a key, or to be signed in.",
                hint="Send `Authorization: Bearer KEY`; who runs this server makes accounts and keys.",
                command="`wearwhy account` makes them.",
            )
        if scope in self.most:
            raise NotAllowed(
                "WW-ACCESS-SCOPE",
                f"This key is not for that: it lacks the scope '{scope}'.",
                hint="Make a key with that scope: the account has it.",
            )
        raise NotAllowed(
            "WW-ACCESS-SCOPE",
            f"This account is not for that: it lacks the scope '{scope}'.",
            hint="Only who administers this server can give it to an account.",
        )

    def wardrobe(self, name: str | None = None, role: Role = Role.VIEWER) -> str:
        """Return the wardrobe that is meant, if the caller has that role in it.

        A wardrobe that the caller may not see is told of in the same words as one that does not
        exist.

        Args:
            name: of a wardrobe; None: the only one, or the only one that is the caller's own.
            role: at least.

        Raises:
            UnknownName: WW-WARDROBE-NONE.
            InputError: WW-WARDROBE-WHICH.
            NotAllowed: WW-ACCESS-ROLE, where it may be seen, but not so changed.
        """
        chosen = name or self._usual()
        held = self.wardrobes.get(chosen)
        if held is None:
            raise UnknownName(
                "WW-WARDROBE-NONE",
                f"There is no wardrobe '{chosen}' that you may see."
                if chosen
                else "There is no wardrobe that you may see.",
                hint="Known: " + ", ".join(sorted(self.wardrobes)) + "."
                if self.wardrobes
                else "Make one, or ask its owner to invite you.",
            )
        if held < role:
            raise NotAllowed(
                "WW-ACCESS-ROLE",
                f"You may see the wardrobe '{chosen}', but this needs its {role.name.lower()}.",
            )
        return chosen

    def _usual(self) -> str:
        names = sorted(self.wardrobes)
        own = [name for name in names if self.wardrobes[name] is Role.OWNER]
        for few in (names, own):
            if len(few) == 1:
                return few[0]
        if names:
            raise InputError(
                "WW-WARDROBE-WHICH",
                f"You may see {len(names)} wardrobes.",
                hint="Say which: wardrobe=" + ", wardrobe=".join(names) + ".",
            )
        return ""
