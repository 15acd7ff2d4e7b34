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
from wearwhy.feeds.tables import of_frame, read_table
from wearwhy.rdf import Fact

if TYPE_CHECKING:
    import pandas as pd
    import rdflib

_ENDINGS = {
    "csv": (".csv", ".txt"),
    "tsv": (".tsv", ".tab", ".txt"),
    "xlsx": (".xlsx",),
    "jsonl": (".jsonl", ".ndjson"),
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
        kind = _kind(source, chosen)
        if kind == "rdf":
            return resolve(read_graph(source), chosen, names=names, into=into, file=source.name)
        if kind == "xml":
            table = read_records(source, chosen.source.records)
        else:
            table = read_table(source, chosen.source)
    # Whoever passes a frame has imported pandas: a file does not need it.
    elif type(source).__name__ == "DataFrame":
        table = of_frame(cast("pd.DataFrame", source))
    else:
        graph = from_graph(cast("rdflib.Graph", source))
        return resolve(graph, chosen, names=names, into=into)
    return convert(table, chosen, names=names, into=into, known=known, progress=progress)


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
