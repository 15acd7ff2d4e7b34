"""Outside data in: one entry for files, DataFrames and graphs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from wearwhy.errors import FormatError, InputError, Place, nearest
from wearwhy.feeds.convert import Progress, convert
from wearwhy.feeds.graphs import from_graph, read_graph, resolve
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.mapping import Mapping, is_sheet, read_mapping
from wearwhy.feeds.markup import read_records
from wearwhy.feeds.names import Names
from wearwhy.feeds.parquet import read_parquet
from wearwhy.feeds.tables import Table, of_frame, read_table
from wearwhy.feeds.tally import as_items, tallied, with_counts
from wearwhy.rdf import Fact

if TYPE_CHECKING:
    import pandas as pd
    import rdflib

_ENDINGS = {
    "csv": (".csv", ".txt"),
    "tsv": (".tsv", ".tab", ".txt"),
    "xlsx": (".xlsx",),
    "jsonl": (".jsonl", ".ndjson"),
    "parquet": (".parquet",),
    "xml": (".xml", ".rss", ".atom"),
    "rdf": (".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".jsonld", ".n3"),
}


def read(
    source: Path | pd.DataFrame | rdflib.Graph,
    mapping: str | Mapping,
    *,
    names: Names,
    into: Target,
    known: Iterable[Fact] = (),
    mappings: Path | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Return the facts of a source; nothing is written.

    Args:
        source: A file, a DataFrame or an rdflib graph.
        mapping: A mapping, or the name of one in the folder `mappings`.
        names: The ontology's words.
        into: The wardrobe or catalogue the items go to.
        known: Facts about items that the source refers to (the wardrobe of a log).
        mappings: The folder of mapping files, `kg/mappings`.
        progress: Called with (done, total) as the load goes on.

    Raises:
        InputError: where the source or one of its values is refused; nothing is half loaded.
    """
    chosen = mapping if isinstance(mapping, Mapping) else named(mapping, mappings)
    if isinstance(source, Path):
        if _kind(source, chosen) == "rdf":
            return resolve(read_graph(source), chosen, names=names, into=into, file=source.name)
    elif not _is_frame(source):
        graph = from_graph(cast("rdflib.Graph", source))
        return resolve(graph, chosen, names=names, into=into)
    table = table_of(cast("Path | pd.DataFrame", source), chosen)
    if chosen.counts is None:
        return convert(table, chosen, names=names, into=into, known=known, progress=progress)
    tally = tallied(table, chosen)
    items = as_items(table, chosen, tally)
    loaded = convert(items, chosen, names=names, into=into, known=known, progress=progress)
    return with_counts(loaded, tally, chosen, names=names, into=into)


def table_of(source: Path | pd.DataFrame, mapping: Mapping) -> Table:
    """Return the cells of a file or frame as a mapping reads them.

    Raises:
        InputError: where the file is refused.
    """
    if not isinstance(source, Path):
        return of_frame(source)
    kind = _kind(source, mapping)
    if kind == "xml":
        return read_records(source, mapping.source.records)
    if kind == "parquet":
        return read_parquet(source)
    return read_table(source, mapping.source)


def _is_frame(source: object) -> bool:
    # Whoever passes a frame has imported pandas: a file does not need it.
    return type(source).__name__ == "DataFrame"


def named(name: str, folder: Path | None) -> Mapping:
    """Return the mapping of a name.

    Raises:
        InputError: WW-MAPPING-UNKNOWN, with the nearest name.
    """
    known = sorted(path.stem for path in folder.glob("*.toml")) if folder else []
    if folder is None or not name.replace("-", "").isalnum() or name not in known:
        near = nearest(name, known)
        raise InputError(
            "WW-MAPPING-UNKNOWN",
            f"There is no mapping '{name}'.",
            hint=f"Did you mean '{near}'?" if near else "Known: " + ", ".join(known) + ".",
        )
    return read_mapping(folder / f"{name}.toml")


def _kind(path: Path, mapping: Mapping) -> str:
    ending = path.suffix.lower()
    for kind in mapping.source.kinds:
        if ending in _ENDINGS[kind]:
            return kind
    sheets = [kind for kind in mapping.source.kinds if is_sheet(kind)]
    if sheets and not any(ending in endings for endings in _ENDINGS.values()):
        return sheets[0]
    fitting = ", ".join(e for kind in mapping.source.kinds for e in _ENDINGS[kind])
    raise FormatError(
        "WW-FILE-KIND",
        f"'{mapping.name}' does not read files that end in '{ending}'.",
        hint=f"It reads {fitting}.",
        place=Place(path.name),
    )
