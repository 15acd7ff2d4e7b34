"""A table to fill in: headers in English or Chinese, example rows, the values that are known."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from wearwhy.errors import FormatError, Place
from wearwhy.feeds.formulas import guarded
from wearwhy.feeds.mapping import Column, Mapping
from wearwhy.feeds.names import CLASSES, Names

if TYPE_CHECKING:
    import openpyxl

Language = Literal["en", "zh"]

ROWS: Final = 1000
_SHEETS: Final = {"en": ("wardrobe", "values"), "zh": ("衣橱", "可用值")}


def header(column: Column, language: Language) -> str:
    """Return a column's header: its name, or its first alias in Chinese characters."""
    if language == "zh":
        return next((a for a in column.aliases if any(c > "\u2e7f" for c in a)), column.name)
    return column.name


def allowed(mapping: Mapping, names: Names, language: Language) -> dict[str, list[str]]:
    """Return, by the name of each column that takes known values, the labels it takes."""
    found: dict[str, list[str]] = {}
    for column in mapping.columns:
        scopes = [scope for prop in column.to if (scope := names.scope(prop)) is not None]
        if column.name in mapping.classes and not column.to:
            scopes = [CLASSES]
        members = [node for scope in scopes for node in names.members(scope)]
        if members:
            found[column.name] = list(dict.fromkeys(names.label(n, language) for n in members))
    return found


def template(mapping: Mapping, language: Language) -> list[list[str]]:
    """Return the template's rows: the headers, then the mapping's examples in the language."""
    examples = [row for row in mapping.examples if row.get("language", "en") == language]
    return [
        [header(column, language) for column in mapping.columns],
        *([row.get(column.name, "") for column in mapping.columns] for row in examples),
    ]


def write_template(path: Path, mapping: Mapping, names: Names, language: Language = "en") -> None:
    """Write the template; an Excel workbook also lists the known values and offers them.

    Raises:
        FormatError: WW-TEMPLATE-KIND, where the file's ending is neither .csv nor .xlsx.
    """
    rows = template(mapping, language)
    ending = path.suffix.lower()
    if ending == ".xlsx":
        _workbook(rows, mapping, names, language).save(path)
    elif ending == ".csv":
        path.write_text(as_csv(rows), "utf-8-sig", newline="")  # the mark lets Excel read Chinese
    else:
        raise FormatError(
            "WW-TEMPLATE-KIND",
            f"A template is a .csv or .xlsx file, not '{ending}'.",
            place=Place(path.name),
        )


def as_csv(rows: list[list[str]]) -> str:
    """Return rows as CSV text, lines ended by a line feed; no cell is a formula to a spreadsheet."""
    stream = io.StringIO()
    plain = csv.writer(stream, lineterminator="\n")
    # A carriage return ends a line for readers, but is not put into quotes where "\n" ends ours.
    quoted = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        writer = quoted if any("\r" in cell for cell in row) else plain
        writer.writerow([guarded(cell) for cell in row])
    return stream.getvalue()


def _workbook(
    rows: list[list[str]], mapping: Mapping, names: Names, language: Language
) -> openpyxl.Workbook:
    import openpyxl  # noqa: PLC0415 (only workbooks need it)
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    book = openpyxl.Workbook()
    first, second = _SHEETS[language]
    table, lists = book.worksheets[0], book.create_sheet(second)
    table.title = first
    for row in rows:
        table.append(row)
    table.freeze_panes = "B2"
    known = allowed(mapping, names, language)
    for at, column in enumerate(mapping.columns, 1):
        letter = get_column_letter(at)
        table.column_dimensions[letter].width = max(12, len(rows[0][at - 1]) + 4)
        if column.name not in known:
            continue
        where = lists.max_column + 1 if lists["A1"].value is not None else 1
        values = known[column.name]
        for line, value in enumerate([rows[0][at - 1], *values], 1):
            lists.cell(line, where, value)
        source = get_column_letter(where)
        # A list may be left: a cell may hold several values, so the check only warns.
        check = DataValidation(
            type="list",
            formula1=f"'{second}'!${source}$2:${source}${len(values) + 1}",
            allow_blank=True,
            errorStyle="warning",
        )
        check.add(f"{letter}2:{letter}{ROWS}")
        table.add_data_validation(check)
    return book
