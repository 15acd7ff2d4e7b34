"""What a mapping file says: how one source format becomes facts, without code.

A mapping is `kg/mappings/NAME.toml`::

    name = "wardrobe"
    description = "…"
    [source]   kind, encodings, delimiters, sheet, records
    [item]     kind, id, class, words, until, without_class, group, membership, counts, least
    [variant]  id, lift                  rows of a group as variants of one item
    [columns.NAME]  aliases, to, rest, kind, formats, path, words, empty, filler, of, values, required,
                    keep, learn, count, from, part
    [options]  pairs, [options.names]    columns that name their property in another column
    [reference]  columns, separator, pattern, item, to, agree, tolerance   cells that name items
    [constants]  property = value
    [ignored]    column = reason
    [properties] property = property    other vocabularies, in RDF
    [[examples]] column = value         rows of a template; language = "en" or "zh"

Columns that a file does not mention and that are not listed here are reported, never dropped.

`without_class` says what becomes of a row that names no kind of garment: "error" stops the load,
"skip" leaves the row out, "keep" makes it an item of the root class. A column with `keep = true`
also keeps each cell as it stands, and `learn = true` says that it is an attribute to guess
(`feeds.source`). A column with `from = "NAME"` reads cells of another column, and with `part` (a
regular expression) only what its first group finds there: a product's number holds its model's.
Of kind "group" a value is a group of variants (`schema:ProductGroup`), a node of its own.

`counts = PROPERTY` says that rows are happenings to an item: those of one id are one item, their
number becomes that property, and columns with `count = true` are counted by value; no row becomes
facts of its own. Items of fewer rows than `least` carry no counts (`feeds.counting`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, InputError, Place, UnknownName, nearest
from wearwhy.feeds.words import Key, words
from wearwhy.rdf import expand

SOURCES: Final = ("csv", "tsv", "xlsx", "jsonl", "parquet", "xml", "rdf")
KINDS: Final = (
    "auto", "concept", "text", "list", "decimal", "money", "date", "boolean", "integer",
    "group",
)  # fmt: skip
_SHEETS: Final = ("csv", "tsv", "xlsx", "parquet")


@dataclass(frozen=True, slots=True)
class Source:
    """What kind of file, and how it is opened."""

    kinds: tuple[str, ...]
    encodings: tuple[str, ...] = ("utf-8-sig", "utf-16", "gb18030", "cp1252")
    delimiters: tuple[str, ...] = (",", ";", "\t", "|")
    sheet: str = ""
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """What becomes of one column; `to` are tried in order, the first that knows the value takes it."""

    name: str
    aliases: tuple[str, ...] = ()
    to: tuple[NamedNode, ...] = ()
    rest: NamedNode | None = None
    kind: str = "auto"
    formats: tuple[str, ...] = ()
    path: str = ""
    words: tuple[NamedNode, ...] = ()
    empty: tuple[str, ...] = ()
    filler: tuple[str, ...] = ()
    of: str = "item"
    values: dict[str, str] = field(default_factory=dict)
    required: bool = False
    keep: bool = False
    learn: bool = False
    count: bool = False
    source: str = ""
    part: str = ""
    meanings: dict[Key, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Bring the column's own words for cells into normal form once, not for every cell."""
        meanings = {words(text): "" for text in self.empty}
        for said, meant in self.values.items():
            meanings.setdefault(words(said), meant)
        object.__setattr__(self, "meanings", meanings)


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells that name known items by their ids and describe them in words that must agree.

    Where `separator` is not empty, a cell names several.
    """

    columns: tuple[str, ...]
    pattern: str
    item: str
    to: NamedNode
    agree: tuple[NamedNode, ...]
    tolerance: float
    separator: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file, read and checked."""

    name: str
    description: str
    source: Source
    kind: NamedNode | None
    ids: tuple[str, ...]
    classes: tuple[str, ...]
    class_words: dict[str, str]
    until: tuple[str, ...]
    without_class: str
    group: str
    membership: bool
    counts: NamedNode | None
    least: int
    variant_ids: tuple[str, ...]
    lift: dict[NamedNode, str]
    columns: tuple[Column, ...]
    options: tuple[tuple[str, str], ...]
    option_names: dict[str, NamedNode]
    reference: Reference | None
    constants: dict[NamedNode, str]
    ignored: dict[str, str]
    properties: dict[NamedNode, NamedNode]
    examples: tuple[dict[str, str], ...]


_TOP: Final = (
    "name", "description", "source", "item", "variant", "columns", "options", "reference",
    "constants", "ignored", "properties", "examples",
)  # fmt: skip
_SOURCE: Final = ("kinds", "encodings", "delimiters", "sheet", "records")
_ITEM: Final = (
    "kind", "id", "class", "words", "until", "without_class", "group", "membership", "counts",
    "least",
)  # fmt: skip
_VARIANT: Final = ("id", "lift")
_COLUMN: Final = (
    "aliases", "to", "rest", "kind", "formats", "path", "words", "empty", "filler", "of", "values",
    "required", "keep", "learn", "count", "from", "part",
)  # fmt: skip
_REFERENCE: Final = ("columns", "separator", "pattern", "item", "to", "agree", "tolerance")


def read_mapping(path: Path) -> Mapping:
    """Return the mapping of a TOML file.

    Raises:
        FormatError: WW-MAPPING-TOML, where the file is not TOML.
        UnknownName: WW-MAPPING-KEY, for a key that no mapping has; WW-MAPPING-VALUE.
        InputError: WW-MAPPING-MISSING, where a required key lacks, or the file.
    """
    place = Place(path.name)
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        known = sorted(other.stem for other in path.parent.glob("*.toml"))
        near = nearest(path.stem, known)
        raise UnknownName(
            "WW-MAPPING-UNKNOWN",
            f"There is no mapping '{path.stem}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + ".",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FormatError(
            "WW-MAPPING-TOML", "The mapping is not TOML.", note=str(error), place=place
        ) from error
    return _Reader(place).mapping(tree, path.stem)


@dataclass(frozen=True, slots=True)
class _Reader:
    place: Place

    def mapping(self, tree: dict[str, Any], stem: str) -> Mapping:
        self.keys(tree, _TOP, "a mapping")
        source = self.table(tree, "source", _SOURCE)
        item = self.table(tree, "item", _ITEM)
        variant = self.table(tree, "variant", _VARIANT)
        options = self.table(tree, "options", ("pairs", "names"))
        reference = self.table(tree, "reference", _REFERENCE)
        kinds = self.texts(source.get("kinds", []))
        self.choice(kinds, SOURCES, "source kind")
        if not kinds:
            raise InputError(
                "WW-MAPPING-MISSING", "[source] lists no 'kinds'.", place=self.place,
                hint="Known: " + ", ".join(SOURCES) + ".",
            )  # fmt: skip
        without = str(item.get("without_class", "error"))
        self.choice((without,), ("error", "skip", "keep"), "without_class")
        if "rdf" not in kinds and not item.get("id"):
            raise InputError(
                "WW-MAPPING-MISSING", "[item] has no 'id' template.", place=self.place,
                hint='Write id = "{row}" or id = "{NAME OF A COLUMN}".',
            )  # fmt: skip
        counts = expand(item["counts"]) if "counts" in item else None
        columns = tuple(
            self.column(name, self.table(tree["columns"], name, _COLUMN))
            for name in tree.get("columns", {})
        )
        self.counted(columns, item)
        defaults = Source(kinds=kinds)
        return Mapping(
            name=str(tree.get("name", stem)),
            description=str(tree.get("description", "")),
            source=Source(
                kinds=kinds,
                encodings=self.texts(source.get("encodings", defaults.encodings)),
                delimiters=self.texts(source.get("delimiters", defaults.delimiters)),
                sheet=str(source.get("sheet", "")),
                records=self.texts(source.get("records", ())),
            ),
            kind=expand(item["kind"]) if "kind" in item else None,
            ids=self.texts(item.get("id", ())),
            classes=self.texts(item.get("class", ())),
            class_words={str(said): str(meant) for said, meant in item.get("words", {}).items()},
            until=self.texts(item.get("until", ())),
            without_class=without,
            group=str(item.get("group", "")),
            membership=self.truth(item, "membership", default=True),
            counts=counts,
            least=self.least(item.get("least", 1)),
            variant_ids=self.texts(variant.get("id", ())),
            lift={expand(key): str(how) for key, how in variant.get("lift", {}).items()},
            columns=columns,
            options=tuple((str(pair[0]), str(pair[1])) for pair in options.get("pairs", ())),
            option_names={str(name): expand(to) for name, to in options.get("names", {}).items()},
            reference=self.reference(reference) if reference else None,
            constants={expand(key): str(v) for key, v in tree.get("constants", {}).items()},
            ignored={str(key): str(why) for key, why in tree.get("ignored", {}).items()},
            properties={expand(key): expand(to) for key, to in tree.get("properties", {}).items()},
            examples=tuple(
                {str(key): str(value) for key, value in row.items()}
                for row in tree.get("examples", ())
            ),
        )

    def column(self, name: str, tree: MappingOf[str, Any]) -> Column:
        kind = str(tree.get("kind", "auto"))
        self.choice((kind,), KINDS, "value kind")
        of = str(tree.get("of", "item"))
        self.choice((of,), ("item", "variant"), "'of'")
        keep, learn = self.truth(tree, "keep"), self.truth(tree, "learn")
        if learn and not keep:
            self.refuse(
                f"'{name}' is to be learned and not kept.",
                "What is guessed is the source's own word: write keep = true.",
            )
        if keep and of == "variant":
            self.refuse(f"'{name}' is kept, and of variants.", "Only what items say is kept.")
        return Column(
            name=name,
            aliases=self.texts(tree.get("aliases", ())),
            to=tuple(expand(to) for to in self.texts(tree.get("to", ()))),
            rest=expand(tree["rest"]) if "rest" in tree else None,
            kind=kind,
            formats=self.texts(tree.get("formats", ())),
            path=str(tree.get("path", "")),
            words=tuple(expand(to) for to in self.texts(tree.get("words", ()))),
            empty=self.texts(tree.get("empty", ())),
            filler=self.texts(tree.get("filler", ())),
            of=of,
            values={str(said): str(meant) for said, meant in tree.get("values", {}).items()},
            required=self.truth(tree, "required"),
            keep=keep,
            learn=learn,
            count=self.truth(tree, "count"),
            source=str(tree.get("from", "")),
            part=self.part(name, tree),
        )

    def part(self, name: str, tree: MappingOf[str, Any]) -> str:
        """Return the expression of a column that reads a part of another's cells, checked."""
        text = str(tree.get("part", ""))
        try:
            groups = re.compile(text).groups if text else 1
        except re.error as error:
            self.refuse(f"'part' of '{name}' is no expression: {error}.", "Escape what is meant.")
        if groups != 1:
            self.refuse(f"'part' of '{name}' has {groups} groups.", "Write one: part = '(..).*'.")
        return text

    def counted(self, columns: tuple[Column, ...], item: MappingOf[str, Any]) -> None:
        """Refuse counts that cannot be made: the rows of an item are counted or said, not both."""
        counted = [column.name for column in columns if column.count]
        if "counts" not in item:
            if counted or "least" in item:
                self.refuse(
                    f"'{counted[0]}' is counted, and [item] has no 'counts'."
                    if counted
                    else "[item] has 'least', and no 'counts'.",
                    'Name the property of the number of rows: counts = "ww:timesCounted".',
                )
            return
        if item.get("group"):
            self.refuse("[item] has both 'counts' and 'group'.", "Rows are counted, or grouped.")
        for column in columns:
            if column.count and (column.keep or column.required):
                self.refuse(
                    f"'{column.name}' is counted, and is to be kept or required of an item.",
                    "A counted column says something of each row, not of the item.",
                )

    def least(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.refuse(f"'{value}' is no least number of rows.", "Write a whole number from 1 on.")
        return int(str(value))

    def truth(self, tree: MappingOf[str, Any], key: str, *, default: bool = False) -> bool:
        value = tree.get(key, default)
        if not isinstance(value, bool):
            self.refuse(f"'{key}' is '{value}'.", "Write true or false.")
        return bool(value)

    def refuse(self, sentence: str, hint: str) -> NoReturn:
        raise FormatError("WW-MAPPING-VALUE", sentence, hint=hint, place=self.place)

    def reference(self, tree: MappingOf[str, Any]) -> Reference:
        for key in ("columns", "pattern", "item", "to", "agree"):
            if key not in tree:
                raise InputError(
                    "WW-MAPPING-MISSING", f"[reference] has no '{key}'.", place=self.place
                )
        return Reference(
            columns=self.texts(tree["columns"]),
            pattern=str(tree["pattern"]),
            item=str(tree["item"]),
            to=expand(tree["to"]),
            agree=tuple(expand(prop) for prop in self.texts(tree["agree"])),
            tolerance=float(tree.get("tolerance", 1.0)),
            separator=str(tree.get("separator", "")),
        )

    def table(self, tree: MappingOf[str, Any], key: str, known: tuple[str, ...]) -> dict[str, Any]:
        found = tree.get(key, {})
        if not isinstance(found, dict):
            raise FormatError("WW-MAPPING-VALUE", f"'{key}' must be a table.", place=self.place)
        self.keys(found, known, f"[{key}]")
        return found

    def keys(self, tree: MappingOf[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in tree:
            if key not in known:
                raise self._unheard("WW-MAPPING-KEY", f"'{key}' is no key of {where}.", key, known)

    def choice(self, given: tuple[str, ...], known: tuple[str, ...], what: str) -> None:
        for value in given:
            if value not in known:
                raise self._unheard("WW-MAPPING-VALUE", f"'{value}' is no {what}.", value, known)

    def _unheard(self, code: str, sentence: str, said: str, known: tuple[str, ...]) -> UnknownName:
        near = nearest(said, known)
        hint = f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + "."
        return UnknownName(code, sentence, hint=hint, place=self.place)

    def texts(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list | tuple):
            raise FormatError(
                "WW-MAPPING-VALUE",
                f"'{value}' must be a text or a list of texts.",
                place=self.place,
            )
        return tuple(str(one) for one in value)


def is_sheet(kind: str) -> bool:
    """Say whether a source kind is a table with a header row."""
    return kind in _SHEETS
