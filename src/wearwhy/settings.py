"""Configuration: where the bundled assets lie, and what a workspace's `wearwhy.toml` says."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from wearwhy.errors import FormatError, InputError, Place, UnknownName, ValueRefused, nearest
from wearwhy.rdf import ID

FILE: Final = "wearwhy.toml"
LANGUAGES: Final = ("en", "zh")
HEMISPHERES: Final = ("north", "south")
_INTEGERS: Final = {  # the least value of each
    "beam": 1,
    "seed": 0,
    "budget_conclusions": 1,
    "budget_rounds": 1,
    "budget_memory": 1,
    "bulk_from": 1,
}
_NUMBERS: Final = frozenset(("guess_threshold", "budget_seconds"))
PARTS: Final = ("ontology", "kg", "data")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a workspace may configure; each field is a key of `wearwhy.toml`.

    Attributes:
        base_iri: the IRI under which items, wardrobes and catalogues are named; ends in `/` or `#`.
        lang: the language of answers, `en` or `zh`.
        hemisphere: `north` or `south`; decides which months are summer.
        default_wardrobe: the wardrobe a command means that names none; where it is not stated and
            there are others, a line on stderr says which one was meant.
        guess_threshold: the least lower 90 % bound of held-out precision, 0–1, from which a guess
            is written.
        beam: how many partial looks the search keeps; without it, `ontology/scoring.ttl` says.
        seed: what ties are broken with.
        budget_seconds: how long one closing of the graph may take.
        budget_conclusions: how many conclusions the rules may come to in one closing, new or not.
        budget_rounds: how long a chain of firings may grow in one closing.
        budget_memory: by how many MiB the process may grow in one closing.
        bulk_from: from how many asserted facts on `reason` closes in bulk.
    """

    base_iri: str = str(ID)
    lang: str = "en"
    hemisphere: str = "north"
    default_wardrobe: str = "mine"
    guess_threshold: float = 0.95
    beam: int | None = None
    seed: int = 0
    budget_seconds: float = 60.0
    budget_conclusions: int = 20_000_000
    budget_rounds: int = 100_000
    budget_memory: int = 4096
    bulk_from: int = 200_000


def assets() -> Path:
    """Return the folder that holds `ontology/`, `kg/` and `data/`.

    A checkout wins over the installed copy: an editable install leaves the assets of the day it
    was made in site-packages.

    Raises:
        InputError: WW-ASSETS, where neither has them.
    """
    package = Path(__file__).resolve().parent
    checkout = package.parents[1]
    if package.parent.name == "src" and _complete(checkout):
        return checkout
    installed = package / "assets"
    if _complete(installed):
        return installed
    raise InputError(
        "WW-ASSETS",
        "The ontology, mappings and data that come with wearwhy are missing.",
        note=f"Looked for {', '.join(PARTS)} in {installed} and beside the sources.",
        hint="Install the package again.",
    )


def read(workspace: Path) -> Settings:
    """Return the settings of a workspace folder; the defaults, where it has no `wearwhy.toml`.

    Raises:
        FormatError: WW-SETTINGS-TOML, where the file is not TOML in UTF-8.
        UnknownName: WW-SETTINGS-KEY, for a key that is no setting, with the nearest one.
        ValueRefused: WW-SETTINGS-VALUE, for a value of the wrong type or out of range.
    """
    path = workspace / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise FormatError(
            "WW-SETTINGS-TOML",
            f"{FILE} is not UTF-8.",
            note=f"Byte {error.start} does not decode.",
            hint="Save the file as UTF-8.",
            place=Place(str(path)),
        ) from error
    return parse(text, str(path))


def states(workspace: Path, key: str) -> bool:
    """Return whether a workspace's file states a setting, so that somebody chose its value."""
    try:
        return key in tomllib.loads((workspace / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False


def parse(text: str, file: str = FILE) -> Settings:
    """Return the settings that a TOML text states; `read` says which errors it raises."""
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(
            "WW-SETTINGS-TOML",
            f"{FILE} is not valid TOML.",
            note=str(error),
            hint='A setting is a line such as lang = "zh".',
            place=Place(file),
        ) from error
    known = {field.name for field in fields(Settings)}
    for key in stated:
        if key not in known:
            near = nearest(key, known)
            raise UnknownName(
                "WW-SETTINGS-KEY",
                f"'{key}' is no setting.",
                note=f"The settings are {', '.join(sorted(known))}.",
                hint=f"Did you mean '{near}'?" if near else "",
                place=Place(file, _line(text, key)),
            )
    for key, value in stated.items():
        wrong = _wrong(key, value)
        if wrong:
            raise ValueRefused(
                "WW-SETTINGS-VALUE",
                f"{key} = {value!r} is refused: {wrong}.",
                place=Place(file, _line(text, key)),
            )
    for key in _NUMBERS & stated.keys():
        stated[key] = float(stated[key])
    return Settings(**stated)


def _wrong(key: str, value: Any) -> str:
    """Return what is wrong with a setting's value, or an empty text."""
    if key in _INTEGERS:
        if isinstance(value, bool) or not isinstance(value, int):
            return "it must be an integer"
        least = _INTEGERS[key]
        return "" if value >= least else f"it must be at least {least}"
    if key in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "it must be a number"
        if key == "guess_threshold":
            return "" if 0 <= value <= 1 else "it must lie between 0 and 1"
        return "" if 0 < value < math.inf else "it must be above 0"
    if not isinstance(value, str):
        return "it must be a text"
    return _wrong_text(key, value)


def _wrong_text(key: str, value: str) -> str:
    choices = {"lang": LANGUAGES, "hemisphere": HEMISPHERES}.get(key)
    if choices:
        return "" if value in choices else f"it must be one of {', '.join(choices)}"
    if key == "base_iri":
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https", "urn"} and value[-1:] in {"/", "#", ":"}
        return (
            ""
            if sound and not any(c in value for c in ' <>"{}|\\^`')
            else ("it must be an absolute IRI that ends in / or #")
        )
    plain = bool(value) and value.replace("-", "").replace("_", "").isalnum()
    return "" if plain else "a wardrobe's name has letters, digits, - and _ only"


def _line(text: str, key: str) -> int:
    """Return the number of the line that states a key, counted from 1; 0 where none does."""
    stating = (
        number
        for number, line in enumerate(text.splitlines(), start=1)
        if line.lstrip().lstrip("[\"'").startswith(key)
    )
    return next(stating, 0)


def _complete(folder: Path) -> bool:
    return all((folder / part).is_dir() for part in PARTS)
