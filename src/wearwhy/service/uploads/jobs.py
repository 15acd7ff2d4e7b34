"""What the process does that reads files: nothing else runs there, and it can be stopped."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from typing import Any, Final, TypeAlias

import pyoxigraph as ox

from wearwhy.errors import FormatError, TooLarge
from wearwhy.feeds import load
from wearwhy.feeds.graphs import resolve
from wearwhy.feeds.loaded import Loaded, Target
from wearwhy.feeds.mapping import Mapping, read_mapping
from wearwhy.feeds.names import Names
from wearwhy.rdf import Fact
from wearwhy.service.uploads import calendars, pictures
from wearwhy.service.uploads.held import held
from wearwhy.service.uploads.limits import BOUNDS, Bounds, Kind
from wearwhy.service.workers.going import GOING
from wearwhy.settings import assets
from wearwhy.store.exchange import read_rdf
from wearwhy.store.quads import Quad, from_text, graph_name, to_text

Json: TypeAlias = dict[str, Any]
_WORKBOOK: Final = ("[Content_Types].xml", "xl/workbook.xml")
_SHOWN: Final = 100


def prepare() -> None:
    """Read and import what is needed: once jobs come, no file can be opened any more."""
    _mappings()
    words()
    calendars.prepare()
    pictures.prepare()
    import openpyxl  # noqa: PLC0415  # feeds import it only where there is a workbook

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["name", "type"])
    book.active.append(["coat", "coat"])
    book.save(out)
    load.table_of(held(".xlsx", out.getvalue()), _mappings()["wardrobe"])


def table(args: Json, body: bytes) -> tuple[Json, bytes]:
    """Return the quads of a table, and what was found in it.

    Args:
        args: `ending`, `mapping`, `into` (kind, name, base of IRIs), `known` (N-Quads of what the
            target holds), `ontology` (applied texts in the place of bundled ones, by topic).
        body: the file.

    Raises:
        InputError: where it is refused.
    """
    bounds, ending = BOUNDS[Kind.TABLE], args["ending"]
    mapping, names, into = _meant(args, ending[1:])
    if ending == ".xlsx":
        require_workbook(body, bounds)
    found = load.table_of(held(ending, body), mapping)
    _require_few(len(found.rows), bounds.rows, "rows")
    _require_few(len(found.headers), bounds.columns, "columns")
    known = [quad.fact for quad in from_text(args["known"])]
    loaded = load.read(
        held(ending, body), mapping, names=names, into=into, known=known, progress=GOING
    )
    return _told(loaded, args)


def rdf(args: Json, body: bytes) -> tuple[Json, bytes]:
    """Return the quads of an RDF file, and what was found in it; arguments as `table`.

    Raises:
        InputError: where it is refused.
    """
    bounds = BOUNDS[Kind.RDF]
    mapping, names, into = _meant(args, "rdf")
    quads = list(read_rdf(body, args["ending"], max_size=bounds.size))
    _require_few(len(quads), bounds.rows, "statements")
    said = [quad.fact for quad in quads]
    loaded = resolve(said, mapping, names=names, into=into, file=f"file{args['ending']}")
    return _told(loaded, args)


def photograph(args: Json, body: bytes) -> tuple[Json, bytes]:
    """Return a photograph drawn anew, and how large it is; `args` has its `ending`.

    Raises:
        InputError, TooLarge, NotInstalled: where it is refused, or nothing can read it.
    """
    return pictures.drawn_anew(body, args["ending"], BOUNDS[Kind.PHOTOGRAPH])


def calendar(args: Json, body: bytes) -> tuple[Json, bytes]:
    """Return the entries of a calendar around the day `today` of `args`.

    Raises:
        InputError, TooLarge: where it is refused.
    """
    found = calendars.unfolded(held(".ics", body), args["today"], BOUNDS[Kind.CALENDAR])
    return found, b""


JOBS: Final = {"table": table, "rdf": rdf, "photograph": photograph, "calendar": calendar}


def _meant(args: Json, kind: str) -> tuple[Mapping, Names, Target]:
    target, name, base = args["into"]
    into = Target("wardrobe" if target == "wardrobe" else "catalogue", name, base)
    mapping = _mappings()[args["mapping"]]
    kinds = mapping.source.kinds
    if kind not in kinds:
        raise FormatError(
            "WW-FILE-KIND",
            f"'{mapping.name}' does not read such files ({kind}).",
            hint="It reads " + ", ".join(kinds) + ".",
        )
    return mapping, words(tuple(sorted(args["ontology"].items()))), into


@lru_cache(maxsize=1)
def _mappings() -> dict[str, Mapping]:
    folder = assets() / "kg" / "mappings"
    return {
        path.stem: read_mapping(path)
        for path in sorted(folder.glob("*.toml"))
        if path.stem in mappings()
    }


def mappings() -> tuple[str, ...]:
    """Return the names of the mappings that files can be sent for."""
    folder = assets() / "kg" / "mappings"
    return tuple(path.stem for path in sorted(folder.glob("*.toml")) if path.stem != "wmo-codes")


@lru_cache(maxsize=4)
def words(applied: tuple[tuple[str, str], ...] = ()) -> Names:
    """Return the words of the ontology, applied files in the place of bundled ones."""
    said = _ontology() | {topic: tuple(_facts(text)) for topic, text in applied}
    return Names.from_facts(tuple(fact for facts in said.values() for fact in facts))


@lru_cache(maxsize=1)
def _ontology() -> dict[str, tuple[Fact, ...]]:
    folder = assets() / "ontology"
    return {
        path.relative_to(folder).with_suffix("").as_posix(): tuple(_facts(path.read_text("utf-8")))
        for path in sorted(folder.rglob("*.ttl"))
        if path.parent.name != "shapes"
    }


def _facts(text: str) -> list[Fact]:
    quads = ox.parse(text, ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return [Fact(quad.subject, quad.predicate, quad.object) for quad in quads]


def require_workbook(data: bytes, bounds: Bounds) -> None:
    """Refuse a workbook that unpacks to too much, or that is another kind of archive.

    Raises:
        TooLarge: WW-UPLOAD-UNPACKED.
        FormatError: WW-UPLOAD-UNLIKE, WW-TABLE-EXCEL.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FormatError(
            "WW-TABLE-EXCEL", "The file is no Excel workbook (.xlsx).", note=str(error)
        ) from error
    whole = sum(part.file_size for part in parts)
    if whole > bounds.unpacked or len(parts) > bounds.parts:
        raise TooLarge(
            "WW-UPLOAD-UNPACKED",
            f"The workbook holds {len(parts):,} parts, which unpack to {whole:,} bytes.",
            note=f"At most {bounds.parts:,} parts and {bounds.unpacked:,} bytes are unpacked.",
            hint="Save the sheet as CSV.",
        )
    named = {part.filename for part in parts}
    if not named.issuperset(_WORKBOOK) or any(part.flag_bits & 1 for part in parts):
        raise FormatError(
            "WW-UPLOAD-UNLIKE",
            "The file is called .xlsx, but is something else.",
            note="It is an archive without a workbook in it, or one that is locked.",
            hint="Save it from a spreadsheet without a password.",
        )


def _require_few(found: int, most: int, what: str) -> None:
    if found > most:
        raise TooLarge(
            "WW-UPLOAD-ROWS",
            f"The file has {found:,} {what}; at most {most:,} are read.",
            hint="Split it into several files, or load it on the machine itself: `wearwhy load`.",
        )


def _told(loaded: Loaded, args: Json) -> tuple[Json, bytes]:
    kind, name, _ = args["into"]
    graph = graph_name(f"{kind}/{name}", "asserted", args["mapping"])
    found = {
        "items": loaded.items,
        "facts": len(loaded.facts),
        "unknown": [one.as_dict() for one in loaded.unknown[:_SHOWN]],
        "nearer": [one.as_dict() for one in loaded.nearer[:_SHOWN]],
        "skipped": [
            {"row": s.row, "column": s.column, "value": s.value[:200], "why": s.why}
            for s in loaded.skipped[:_SHOWN]
        ],
        "notes": list(loaded.notes[:_SHOWN]),
        "found": {
            "unknown": len(loaded.unknown),
            "nearer": len(loaded.nearer),
            "skipped": len(loaded.skipped),
        },
    }
    return found, to_text(Quad(graph, fact) for fact in loaded.facts).encode()
