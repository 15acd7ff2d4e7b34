"""What a form of the page says."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData, UploadFile

from wearwhy.errors import InputError, ValueRefused
from wearwhy.http.page.frame import Frame

LONGEST: Final = 300_000
"""Characters of one field: a rule file may be long."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that somebody filled in, and the wardrobe that it was about."""

    form: FormData
    wardrobe: str | None

    def text(self, name: str) -> str:
        """Return a field's text; an empty one, where it was not filled in."""
        return next(iter(self.texts(name)), "")

    def texts(self, name: str) -> list[str]:
        """Return the texts of all fields of a name.

        Raises:
            InputError: WW-PAGE-FORM, where one is longer than any that is read.
        """
        found = [one for one in self.form.getlist(name) if isinstance(one, str)]
        if any(len(one) > LONGEST for one in found):
            raise InputError("WW-PAGE-FORM", f"The field '{name}' is too long.")
        return [one.replace("\r\n", "\n") for one in found]

    def file(self, name: str) -> UploadFile:
        """Return a file that was chosen.

        Raises:
            InputError: WW-PAGE-FILE, where none was.
        """
        found = self.form.get(name)
        if not isinstance(found, UploadFile) or not found.filename:
            raise InputError("WW-PAGE-FILE", "No file was chosen.")
        return found

    @property
    def does(self) -> str:
        """What the button says that was pressed."""
        return self.text("do")

    @property
    def expected(self) -> int | None:
        """The revision of the wardrobe that the page showed; None, where it said none."""
        said = self.text("expected")
        return int(said) if said.isdecimal() and len(said) < 12 else None


_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")


def number(text: str) -> float | None:
    """Return the number that a field says; None, where it says nothing.

    Raises:
        ValueRefused: WW-PAGE-NUMBER.
    """
    said = text.strip().replace("−", "-")
    if not said:
        return None
    found = float(said) if _NUMBER.fullmatch(said) else math.inf
    if math.isinf(found):
        raise ValueRefused(
            "WW-PAGE-NUMBER",
            f"'{text[:40]}' is no number.",
            hint="Write it in digits, such as 8 or 12.5.",
        )
    return found


def whole(text: str) -> int | None:
    """Return the whole number, not below 0, that a field says; None, where it says nothing.

    Raises:
        ValueRefused: WW-PAGE-NUMBER.
    """
    said = text.strip()
    if not said:
        return None
    if not is_whole(said):
        raise ValueRefused(
            "WW-PAGE-NUMBER",
            f"'{text[:40]}' is no whole number.",
            hint="Write it in digits, such as 8.",
        )
    return int(said)


def is_whole(text: str) -> bool:
    """Return whether a field says a whole number that `whole` takes."""
    return _WHOLE.fullmatch(text.strip()) is not None


async def filled(frame: Frame) -> Filled:
    """Return the form of a visit."""
    form = await frame.request.form(max_files=1, max_fields=200, max_part_size=4 * LONGEST)
    said = form.get("wardrobe")
    return Filled(form, said if isinstance(said, str) and said else frame.wardrobe)
