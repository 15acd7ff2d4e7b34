"""A Parquet file as a table of text cells, read by DuckDB."""

from __future__ import annotations

from pathlib import Path

from wearwhy.errors import FormatError, InputError, Place
from wearwhy.feeds.tables import ROW_LIMIT, Table, require_size, table, text_of


def read_parquet(path: Path) -> Table:
    """Return the table of a Parquet file; rows are numbered as if under a header row.

    Raises:
        InputError: WW-FILE-MISSING, WW-FILE-SIZE, WW-TABLE-ROWS.
        FormatError: WW-TABLE-PARQUET, WW-FILE-EMPTY, and those of `tables.table`.
    """
    import duckdb  # noqa: PLC0415 (only these files need it)

    place = Place(path.name)
    require_size(path)
    try:
        with duckdb.connect() as database:
            found = database.execute("SELECT * FROM read_parquet([?])", [str(path)])
            names = [str(column[0]) for column in found.description or ()]
            rows = found.fetchmany(ROW_LIMIT + 1)
    except duckdb.Error as error:
        raise FormatError(
            "WW-TABLE-PARQUET",
            "The file is no Parquet table.",
            note=str(error).splitlines()[0],
            place=place,
        ) from error
    if len(rows) > ROW_LIMIT:
        raise InputError(
            "WW-TABLE-ROWS",
            f"The table has more than {ROW_LIMIT:,} rows.",
            hint="Split it into several files.",
            place=place,
        )
    return table([names, *([text_of(cell) for cell in row] for row in rows)], path.name)
