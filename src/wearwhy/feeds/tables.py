"""Tables from outside, read as text cells: CSV, TSV, Excel, JSON lines, DataFrames.

Parquet has a module of its own (`feeds.parquet`), as it needs DuckDB.

Files are not trusted: their size, the length of a line and of a cell are bounded, an encoding is
tried before it is believed, and what is cut off or malformed is refused with its place.
"""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wearwhy.errors import FormatError, InputError, Place
from wearwhy.feeds.doctype import refuse_doctype
from wearwhy.feeds.formulas import unguarded
from wearwhy.feeds.mapping import Source

if TYPE_CHECKING:
    import pandas as pd

FILE_LIMIT: Final = 256 * 2**20
LINE_LIMIT: Final = 2**20
CELL_LIMIT: Final = csv.field_size_limit()
ROW_LIMIT: Final = 2_000_000

_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_LINE: Final = re.compile(rb"[^\r\n]+")
_DATES: Final = (date, datetime)
# What openpyxl and the XML reader below it raise for parts that are not what they should be.
_BROKEN: Final = (
    KeyError, ValueError, OSError, IndexError, TypeError, AttributeError, SyntaxError,
    NotImplementedError, RuntimeError, zlib.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its number as a spreadsheet counts (the header is row 1), its cells."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text cells; every row has as many cells as there are headers."""

    file: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def place(self, row: int, column: str = "") -> Place:
        """Return the place of a cell: file, row number, column number from 1."""
        at = self.headers.index(column) + 1 if column in self.headers else 0
        return Place(self.file, row, at)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InputError: WW-FILE-MISSING, WW-FILE-SIZE, WW-FILE-EMPTY.
    """
    with _readable(path):
        require_size(path)
        data = path.read_bytes()
    if not data.strip():
        raise FormatError("WW-FILE-EMPTY", "The file is empty.", place=Place(path.name))
    return data


def require_size(path: Path) -> None:
    """Refuse a file that is not there or larger than the limit.

    Raises:
        InputError: WW-FILE-MISSING, WW-FILE-SIZE.
    """
    with _readable(path):
        size = path.stat().st_size
    if size > FILE_LIMIT:
        raise InputError(
            "WW-FILE-SIZE", f"The file has {size:,} bytes; {FILE_LIMIT:,} is the limit.",
            hint="Split it into several files.", place=Place(path.name),
        )  # fmt: skip


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = Place(path.name)
        raise InputError(
            "WW-FILE-MISSING", f"'{path}' cannot be read.", note=str(error.strerror), place=place
        ) from error


def read_text(path: Path, encodings: Iterable[str]) -> tuple[str, str]:
    """Return a file's text and the first of the encodings that fits it.

    UTF-16 is believed only with its byte-order mark, GB 18030 only where the bytes above 127 come
    in pairs, as Chinese text does and Western European text does not.

    Raises:
        FormatError: WW-FILE-ENCODING, WW-FILE-NUL, WW-FILE-LINE, WW-FILE-EMPTY.
    """
    data = read_bytes(path)
    place = Place(path.name)
    long = next((m for m in _LINE.finditer(data) if m.end() - m.start() >= LINE_LIMIT), None)
    if long:
        raise FormatError(
            "WW-FILE-LINE",
            f"A line is longer than {LINE_LIMIT:,} bytes.",
            note="Lines of that length are no table.",
            place=Place(path.name, data.count(b"\n", 0, long.start()) + 1),
        )
    tried = tuple(encodings)
    for encoding in tried:
        if not _plausible(data, encoding):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise FormatError(
                "WW-FILE-NUL",
                "The file contains NUL characters.",
                hint="It is binary, or UTF-16 without a byte-order mark: save it as UTF-8.",
                place=Place(path.name, text.count("\n", 0, text.index("\0")) + 1),
            )
        return text.removeprefix("\ufeff"), encoding
    raise FormatError(
        "WW-FILE-ENCODING",
        "The file's text is in none of the encodings that are tried.",
        note="Tried: " + ", ".join(tried) + ".",
        hint="Save it as UTF-8.",
        place=place,
    )


def _plausible(data: bytes, encoding: str) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or encoding == "utf-16":
        return data[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding == "utf-16"
    if encoding in ("gb18030", "gbk", "gb2312"):
        runs = [len(run) for run in _HIGH.findall(data)]
        return sum(size % 2 == 0 for size in runs) * 2 > len(runs)
    return True


def read_table(path: Path, source: Source) -> Table:
    """Return the table in a file, read as its name's ending says.

    Raises:
        FormatError: where the file is not what its ending claims, or its table is malformed.
    """
    ending = path.suffix.lower().removeprefix(".")
    kind = ending if ending in source.kinds else source.kinds[0]
    if ending == "xlsx" and "xlsx" in source.kinds:
        return _excel(path, source.sheet)
    if ending in ("jsonl", "ndjson") and "jsonl" in source.kinds:
        return _json_lines(path, source.encodings)
    if kind in ("xlsx", "jsonl"):
        kind = "csv"
    text, encoding = read_text(path, source.encodings)
    delimiters = ("\t",) if kind == "tsv" or ending == "tsv" else source.delimiters
    table = parse_csv(text, path.name, delimiters)
    if encoding.startswith("utf-8"):
        return table
    return Table(table.file, table.headers, table.rows, (*table.notes, f"read as {encoding}"))


def parse_csv(text: str, file: str, delimiters: tuple[str, ...] = (",", ";", "\t", "|")) -> Table:
    """Return the table of a CSV text; the delimiter is the one its first line has most of.

    Raises:
        FormatError: WW-TABLE-CSV (an unclosed quote, a cell too long), and those of `table`.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(delimiters, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    began = 1
    try:
        for row in reader:
            rows.append([unguarded(cell) for cell in row])
            began = reader.line_num + 1
            if len(rows) > ROW_LIMIT:
                raise InputError(
                    "WW-TABLE-ROWS", f"The table has more than {ROW_LIMIT:,} rows.",
                    hint="Split it into several files.", place=Place(file),
                )  # fmt: skip
    except csv.Error as error:
        cut = "unexpected end" in str(error)
        raise FormatError(
            "WW-TABLE-CSV",
            "A quoted cell is never closed: the file is cut off, or a quote is unbalanced."
            if cut
            else "The table is not well-formed CSV.",
            note=f"{error}; the row began at line {began}.",
            place=Place(file, began),
        ) from error
    return table(rows, file, ends=text.endswith(("\n", "\r")))


def table(rows: list[list[str]], file: str, *, ends: bool = True) -> Table:
    """Return rows of cells as a table with checked headers; blank rows and columns fall away.

    Args:
        rows: The cells; the first row that is not blank holds the headers.
        file: The name that errors show.
        ends: Whether the last row is known to be whole.

    Raises:
        FormatError: WW-FILE-EMPTY, WW-TABLE-HEADERS, WW-TABLE-RAGGED, WW-TABLE-CUT.
    """
    kept = [(i, [cell.strip() for cell in row]) for i, row in enumerate(rows, 1)]
    kept = [(i, row) for i, row in kept if any(row)]
    if not kept:
        raise FormatError("WW-FILE-EMPTY", "The file holds no table.", place=Place(file))
    (_, headers), *body = kept
    width = len(headers)
    while width and not headers[width - 1]:
        width -= 1
    names = _headers(headers[:width], [row for _, row in body], file)
    notes: list[str] = []
    records: list[Row] = []
    for i, row in body:
        if len(row) > width and any(row[width:]):
            raise FormatError(
                "WW-TABLE-RAGGED",
                f"Row {i} has {len(row)} cells; the header has {width}.",
                hint="A cell that contains the delimiter must stand in quotes.",
                place=Place(file, i),
            )
        if len(row) < width:
            if i == body[-1][0] and not ends:
                raise FormatError(
                    "WW-TABLE-CUT",
                    f"The last row has {len(row)} of {width} cells and no line end.",
                    note="The file is cut off.",
                    place=Place(file, i),
                )
            notes.append(f"row {i} has {len(row)} of {width} cells")
        records.append(Row(i, tuple((row + [""] * width)[:width])))
    return Table(file, names, tuple(records), tuple(notes))


def _headers(headers: list[str], body: list[list[str]], file: str) -> tuple[str, ...]:
    names: list[str] = []
    for at, header in enumerate(headers):
        name = header
        if not name:
            name = f"column {at + 1}"
            if any(len(row) > at and row[at] for row in body):
                name += " (no header)"
        if name in names:
            raise FormatError(
                "WW-TABLE-HEADERS",
                f"Two columns are called '{name}'.",
                note="A column's name says what its cells mean.",
                place=Place(file, 1, at + 1),
            )
        names.append(name)
    return tuple(names)


def _excel(path: Path, sheet: str) -> Table:
    data = read_bytes(path)
    place = Place(path.name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            whole = sum(part.file_size for part in archive.infolist())
            if whole > FILE_LIMIT:
                raise InputError(
                    "WW-FILE-SIZE", f"The workbook unpacks to {whole:,} bytes; {FILE_LIMIT:,} is the limit.", place=place,
                )  # fmt: skip
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    refuse_doctype(archive.read(part), path.name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl names styles it does not keep
            import openpyxl  # noqa: PLC0415 (only workbooks need it)

            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            shown = book[sheet] if sheet and sheet in book.sheetnames else book.worksheets[0]
            shown.reset_dimensions()  # what a sheet says of its own size is not believed
            rows = _sheet_rows(shown, place)
            book.close()
    except (zipfile.BadZipFile, *_BROKEN) as error:
        raise FormatError(
            "WW-TABLE-EXCEL", "The file is no Excel workbook (.xlsx).", note=str(error), place=place
        ) from error
    return table(rows, path.name)


def _sheet_rows(sheet: Any, place: Place) -> list[list[str]]:
    rows: list[list[str]] = []
    width = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > ROW_LIMIT:
            raise InputError(
                "WW-TABLE-ROWS", f"The table has more than {ROW_LIMIT:,} rows.",
                hint="Split it into several files.", place=place,
            )  # fmt: skip
        cells = [text_of(cell) for cell in row]
        width = width or len(cells)
        rows.append(cells + [""] * (width - len(cells)))  # empty cells at a row's end are not kept
    return rows


def _json_lines(path: Path, encodings: Iterable[str]) -> Table:
    text, _ = read_text(path, encodings)
    records: list[dict[str, object]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise FormatError(
                    "WW-TABLE-JSON", "The line is not JSON.", note=str(error),
                    place=Place(path.name, number),
                ) from error  # fmt: skip
            if not isinstance(record, dict):
                raise FormatError(
                    "WW-TABLE-JSON", "The line is no JSON object.", place=Place(path.name, number)
                )
            records.append(record)
    return of_records(records, path.name)


def of_records(records: list[dict[str, object]], file: str) -> Table:
    """Return a table with one row a record; the headers are all their keys."""
    headers = list(dict.fromkeys(str(key) for record in records for key in record))
    rows = [[text_of(record.get(header)) for header in headers] for record in records]
    return table([headers, *rows], file)


def of_frame(frame: pd.DataFrame, file: str = "DataFrame") -> Table:
    """Return a table of a DataFrame's cells as text; missing values are empty."""
    import pandas as pd  # noqa: PLC0415 (whoever has a frame has it imported)

    rows = [
        ["" if pd.isna(cell) is True else text_of(cell) for cell in row]
        for row in frame.itertuples(index=False, name=None)
    ]
    return table([[str(name) for name in frame.columns], *rows], file)


def text_of(cell: object) -> str:
    """Return a cell's value as the text a person would have typed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return "" if cell != cell else format(cell, ".15g")  # noqa: PLR0124
    if isinstance(cell, _DATES):
        midnight = not isinstance(cell, datetime) or cell.time() == datetime.min.time()
        return cell.isoformat()[:10] if midnight else cell.isoformat()
    if isinstance(cell, list | tuple):
        return ", ".join(text_of(one) for one in cell)
    return str(cell)
