"""Questions about outfits, as lines of JSON: which item is missing, and which outfits hold together.

A line is `{"given": [id…], "options": [id…], "answer": id}` or `{"items": [id…], "label": 0 | 1}`.
An id is the IRI of an item of the workspace, a compact name, or the last step of its IRI; so the
ids of a source are those of its questions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, InputError, Place, UnknownName, nearest
from wearwhy.feeds.tables import read_bytes
from wearwhy.feeds.words import slug
from wearwhy.rdf import expand
from wearwhy.workspace.find import looks_like_iri

Items = tuple[NamedNode, ...]
_SHOWN: Final = 5
_BLANK: Final = '{"given": ["a", "b"], "options": ["c", "d"], "answer": "c"}'
_LABELLED: Final = '{"items": ["a", "b", "c"], "label": 1}'
_One = TypeVar("_One")


@dataclass(frozen=True, slots=True)
class Blank:
    """An outfit with one item missing, and what may fill the blank; `answer` counts the options."""

    given: Items
    options: Items
    answer: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """Items, and whether somebody composed them as one outfit."""

    items: Items
    together: bool


def blanks(path: Path, items: Iterable[NamedNode]) -> list[Blank]:
    """Return the questions of a file, in its order.

    Args:
        path: lines of JSON with `given`, `options` and `answer`.
        items: what the ids may mean.

    Raises:
        FormatError: WW-EVALUATE-LINE, a line that is not such a question.
        UnknownName: WW-EVALUATE-ITEM, an id that no item has.
        InputError: WW-EVALUATE-AMBIGUOUS, one that several have; WW-EVALUATE-NOTHING.
    """

    def read(line: _Line, known: _Known) -> Blank:
        given, options = line.ids("given", 1), line.ids("options", 2)
        answer = line.tree.get("answer")
        if answer not in options:
            line.refuse(f"Its answer '{answer}' is none of its options.")
        return Blank(known.of(given, line), known.of(options, line), options.index(str(answer)))

    return _read(path, items, read, _BLANK)


def labelled(path: Path, items: Iterable[NamedNode]) -> list[Labelled]:
    """Return the labelled outfits of a file, in its order.

    Args:
        path: lines of JSON with `items` and `label`.
        items: what the ids may mean.

    Raises:
        FormatError: WW-EVALUATE-LINE, a line that is not such an outfit.
        UnknownName: WW-EVALUATE-ITEM, an id that no item has.
        InputError: WW-EVALUATE-AMBIGUOUS, one that several have; WW-EVALUATE-NOTHING;
            WW-EVALUATE-LABELS, where all labels are the same.
    """

    def read(line: _Line, known: _Known) -> Labelled:
        label = line.tree.get("label")
        if type(label) is not int or label not in (0, 1):
            line.refuse(f"Its label is '{label}': 1 for an outfit, 0 for none.")
        return Labelled(known.of(line.ids("items", 2), line), bool(label))

    found = _read(path, items, read, _LABELLED)
    if len({one.together for one in found}) < 2:
        raise InputError(
            "WW-EVALUATE-LABELS",
            f"All lines of {path.name} have the same label.",
            note="How well outfits are told from others is a comparison of the two.",
            hint="Give lines with label 1 and lines with label 0.",
            place=Place(path.name),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    tree: Mapping[str, Any]
    place: Place
    form: str

    def refuse(self, sentence: str) -> NoReturn:
        raise FormatError(
            "WW-EVALUATE-LINE", sentence, hint=f"A line is {self.form}", place=self.place
        )

    def ids(self, key: str, least: int) -> list[str]:
        """Return the ids of a key, each once, in order."""
        said = self.tree.get(key)
        if not isinstance(said, list) or not all(isinstance(one, str) and one for one in said):
            self.refuse(f"Its '{key}' is no list of ids." if said else f"It has no '{key}'.")
        found = list(dict.fromkeys(said))
        if len(found) < least:
            self.refuse(f"Its '{key}' names {len(found)}; at least {least} are needed.")
        return found


@dataclass(slots=True)
class _Known:
    """The items by the last step of their IRIs, and the ids that named none."""

    by_step: Mapping[str, Sequence[NamedNode]]
    by_iri: Mapping[str, NamedNode]
    strange: dict[str, Place] = field(default_factory=dict)

    @classmethod
    def among(cls, items: Iterable[NamedNode]) -> _Known:
        steps: dict[str, list[NamedNode]] = {}
        iris = {}
        for item in items:
            steps.setdefault(item.value.rpartition("/")[2], []).append(item)
            iris[item.value] = item
        return cls(steps, iris)

    def of(self, ids: Iterable[str], line: _Line) -> Items:
        found = [(text, self._one(text, line)) for text in ids]
        for text, node in found:
            if node is None:
                self.strange.setdefault(text, line.place)
        return tuple(node for _, node in found if node is not None)

    def _one(self, text: str, line: _Line) -> NamedNode | None:
        if looks_like_iri(text):
            return self.by_iri.get(expand(text).value)
        held = self.by_step.get(text) or self.by_step.get(slug(text)) or ()
        if len(held) > 1:
            raise InputError(
                "WW-EVALUATE-AMBIGUOUS",
                f"'{text}' is the id of {len(held)} items.",
                hint="Write their IRIs: " + ", ".join(node.value for node in held[:2]) + " …",
                place=line.place,
            )
        return held[0] if held else None

    def check(self, file: str) -> None:
        """Refuse ids that no item has, all of them at once."""
        if not self.strange:
            return
        first, place = next(iter(self.strange.items()))
        near = nearest(first, self.by_step)
        more = len(self.strange) - _SHOWN
        raise UnknownName(
            "WW-EVALUATE-ITEM",
            f"{len(self.strange)} ids of {file} name no item of this workspace."
            if len(self.strange) > 1
            else f"'{first}' is no item of this workspace.",
            note=", ".join([*list(self.strange)[:_SHOWN], *([f"and {more} more"] * (more > 0))]),
            hint=f"The nearest to '{first}' is '{near}'."
            if near
            else "Load the items that the file speaks of: wearwhy load FILE --into catalogue:NAME.",
            place=place,
        )


def _read(
    path: Path,
    items: Iterable[NamedNode],
    read: Callable[[_Line, _Known], _One],
    form: str,
) -> list[_One]:
    known = _Known.among(items)
    found = [read(line, known) for line in _lines(path, form)]
    known.check(path.name)
    if not found:
        raise InputError("WW-EVALUATE-NOTHING", f"{path.name} asks nothing.", hint=form)
    return found


def _lines(path: Path, form: str) -> Iterator[_Line]:
    for number, raw in enumerate(read_bytes(path).splitlines(), 1):
        if not raw.strip():
            continue
        place = Place(path.name, number)
        try:
            tree = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise FormatError(
                "WW-EVALUATE-LINE",
                "It is not JSON.",
                note=str(error),
                hint=f"A line is {form}",
                place=place,
            ) from error
        line = _Line(tree if isinstance(tree, dict) else {}, place, form)
        if not isinstance(tree, dict):
            line.refuse("It is no JSON object.")
        yield line
