"""Where the columns that a mapping speaks of stand in a table, and what their cells say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from wearwhy import errors
from wearwhy.errors import InputError
from wearwhy.feeds.loaded import Findings
from wearwhy.feeds.mapping import Mapping
from wearwhy.feeds.tables import Row, Table
from wearwhy.feeds.words import slug, words

_SLOT: Final = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Layout:
    """The position of each declared column that a table has, by the mapping's name for it.

    `parts` are the expressions of columns that read a part of another's cells.
    """

    at: dict[str, int]
    parts: dict[str, re.Pattern[str]] = field(default_factory=dict)

    def cell(self, row: Row, name: str) -> str:
        """Return a row's cell of a column; empty where the table has no such column."""
        index = self.at.get(name)
        if index is None:
            return ""
        part = self.parts.get(name)
        if part is None:
            return row.cells[index]
        found = part.fullmatch(row.cells[index])
        return (found[1] or "") if found else ""

    def fill(self, template: str, row: Row, number: int, *, gaps: bool = False) -> str:
        """Return an id template with its cells, or "" where one is empty and gaps are not kept."""
        cells = {"row": str(number)}
        slots = _SLOT.findall(template)
        for name in slots:
            cells.setdefault(name, self.cell(row, name))
        if not gaps and not all(cells[name] for name in slots):
            return ""
        return _SLOT.sub(lambda hit: cells[hit[1]], template)

    def id_of(self, row: Row, number: int, mapping: Mapping) -> tuple[str, str]:
        """Return the id that a row gives its item, as said and as a step of an IRI; "" for none."""
        filled = (self.fill(template, row, number) for template in mapping.ids)
        text = next((one for one in filled if one), "")
        return text, slug(text)


def layout(table: Table, mapping: Mapping, found: Findings) -> Layout:
    """Return where the columns stand; columns that the mapping does not know are reported.

    Raises:
        InputError: WW-TABLE-COLUMN, where a required column lacks.
    """
    at: dict[str, int] = {}
    declared = _declared(mapping)
    spelt: dict[tuple[str, ...], str] = {}
    for name, aliases in declared:
        for spelling in (name, *aliases):
            spelt.setdefault(words(spelling) or (spelling,), name)
    for index, header in enumerate(table.headers):
        meant = spelt.get(words(header) or (header,))
        if meant is not None and meant not in at:
            at[meant] = index
        elif not header.startswith("column ") or any(row.cells[index] for row in table.rows):
            near = errors.nearest(header, [name for name, _ in declared])
            found.report(header, "", 1, near)
    for column in mapping.columns:
        if column.source in at:
            at[column.name] = at[column.source]
        if column.required and column.name not in at:
            near = errors.nearest(column.name, table.headers)
            raise InputError(
                "WW-TABLE-COLUMN",
                f"The table has no column '{column.name}', which '{mapping.name}' needs.",
                note="Columns: " + ", ".join(table.headers[:20]) + ".",
                hint=f"The nearest is '{near}'." if near else "",
                place=table.place(1),
            )
    return Layout(at, {c.name: re.compile(c.part, re.DOTALL) for c in mapping.columns if c.part})


def _declared(mapping: Mapping) -> list[tuple[str, tuple[str, ...]]]:
    reference = mapping.reference
    return [
        *((column.name, column.aliases) for column in mapping.columns if not column.source),
        *((name, ()) for pair in mapping.options for name in pair),
        *((name, ()) for name in (reference.columns if reference else ())),
        *((name, ()) for name in mapping.ignored),
    ]
