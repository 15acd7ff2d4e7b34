"""RDF in and out: Turtle, TriG, N-Triples, N-Quads, JSON-LD and RDF/XML.

Everything that could harm the process is refused before the parser sees the text: entities in
RDF/XML expand without limit, deep nesting ends the process, and a remote JSON-LD context would
be a request to somewhere. Text is UTF-8.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from pyoxigraph import NamedNode

from wearwhy.errors import FormatError, InputError, Place, UnknownName, nearest
from wearwhy.rdf import PREFIXES, Fact
from wearwhy.store.quads import GRAPHS, Quad, order, to_oxigraph

MAX_SIZE: Final = 256 << 20
MAX_DEPTH: Final = 200
DEFAULT: Final = NamedNode(GRAPHS + "default")
FORMATS: Final[dict[str, ox.RdfFormat]] = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "n-triples": ox.RdfFormat.N_TRIPLES,
    "n-quads": ox.RdfFormat.N_QUADS,
    "json-ld": ox.RdfFormat.JSON_LD,
    "rdf-xml": ox.RdfFormat.RDF_XML,
}
_ALIASES: Final = {
    "ttl": "turtle",
    "nt": "n-triples",
    "ntriples": "n-triples",
    "nq": "n-quads",
    "nquads": "n-quads",
    "jsonld": "json-ld",
    "rdf": "rdf-xml",
    "rdfxml": "rdf-xml",
    "xml": "rdf-xml",
    "owl": "rdf-xml",
}
# Brackets, and what they do not count in: strings, IRIs, comments, escapes of names. Possessive
# repetition and stopping at the first open quote keep the scan linear in hostile text.
_TURTLE: Final = re.compile(
    r"""'''(?:[^'\\]+|\\.|'(?!''))*+'''|\"{3}(?:[^"\\]+|\\.|"(?!""))*+\"{3}
    |(?P<open>'''|\"{3})
    |'(?:[^'\\\r\n]+|\\.)*+'|"(?:[^"\\\r\n]+|\\.)*+"
    |<(?:[^<>"{}|^`\\\x00-\x20]+|\\[uU])*+>|\#[^\r\n]*+|\\.
    |(?P<quote>["'])
    |(?P<bracket><<|>>|[(\[{)\]}])""",
    re.VERBOSE | re.DOTALL,
)
_JSON: Final = re.compile(r'"(?:[^"\\]+|\\.)*+"|(?P<quote>")|(?P<bracket>[\[{\]}])', re.DOTALL)
# `<` never stands inside an attribute, so each try ends at the next one.
_XML: Final = re.compile(
    r"""<!--(?:(?!-->).)*+(?:-->|\Z)|<\?(?:(?!\?>).)*+(?:\?>|\Z)|<!\[CDATA\[(?:(?!\]\]>).)*+(?:\]\]>|\Z)
    |(?P<tag><[^<>!?](?:[^<>"']+|"[^"<]*+"|'[^'<]*+')*+>)""",
    re.VERBOSE | re.DOTALL,
)
MAX_SHOWN: Final = 80
_DOCTYPE: Final = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_STEPS: Final = {"(": 1, "[": 1, "{": 1, "<<": 1, ")": -1, "]": -1, "}": -1, ">>": -1}


def format_of(name: str) -> ox.RdfFormat:
    """Return the format of a name, file extension or media type.

    Raises:
        UnknownName: WW-RDF-FORMAT, with the nearest known name.
    """
    plain = name.strip().lower().lstrip(".")
    known = FORMATS.get(_ALIASES.get(plain, plain)) or ox.RdfFormat.from_media_type(plain)
    if known is None or known not in FORMATS.values():
        near = nearest(plain, [*FORMATS, *_ALIASES])
        raise UnknownName(
            "WW-RDF-FORMAT",
            f"'{name}' is not an RDF format that is read here.",
            hint=f"Did you mean {near}?" if near else "Formats: " + ", ".join(FORMATS) + ".",
        )
    return known


def read_rdf(
    source: Path | str | bytes,
    format: str | None = None,  # noqa: A002  # the word that rdflib and pyoxigraph users know
    *,
    into: NamedNode = DEFAULT,
    base: str | None = None,
    max_size: int = MAX_SIZE,
) -> Iterator[Quad]:
    """Return the statements of an RDF file, checked before it is parsed and parsed to its end.

    Args:
        source: a path, or the file's bytes.
        format: name, extension or media type; by default, the path's extension.
        into: the graph for statements that name none.
        base: the IRI that relative IRIs are resolved against.
        max_size: bytes of the largest file that is read.

    Raises:
        FormatError: WW-RDF-SIZE, WW-RDF-EMPTY, WW-RDF-ENCODING, WW-RDF-ENTITY, WW-RDF-DEPTH,
            WW-RDF-CONTEXT, WW-RDF-SYNTAX; with the line where there is one.
        InputError: WW-RDF-FILE, the file cannot be read.
        UnknownName: WW-RDF-FORMAT.
    """
    name = "input" if isinstance(source, bytes) else str(source)
    kind = format_of(format or ("?" if isinstance(source, bytes) else Path(source).suffix))
    text = _decoded(_bytes(source, name, max_size), name)
    if not text.strip():
        raise FormatError("WW-RDF-EMPTY", "The file is empty.", place=Place(name))
    _refuse_harm(text, kind, name)
    try:
        parsed = list(ox.parse(text, kind, base_iri=base, rename_blank_nodes=True))
    except (SyntaxError, ValueError) as error:
        raise _syntax(error, kind, name) from error
    except MemoryError as error:
        raise FormatError(
            "WW-RDF-TOKEN",
            "A single value in the file is longer than 16 MiB.",
            note=str(error),
            place=Place(name),
        ) from error
    return iter([_ours(quad, into) for quad in parsed])


def write_rdf(
    quads: Iterable[Quad],
    format: str,  # noqa: A002  # as in `read_rdf`
    prefixes: Mapping[str, str] | None = None,
) -> bytes:
    """Return statements in an RDF format: sorted, the same bytes for the same statements.

    Formats without graphs (Turtle, N-Triples, RDF/XML) get the union of the graphs; the graph
    `DEFAULT` is written as the default graph.

    Raises:
        FormatError: WW-RDF-UNWRITABLE, the format cannot say one of the statements.
        ValueRefused: WW-STORE-SUBJECT, a literal as a subject.
        UnknownName: WW-RDF-FORMAT.
    """
    kind = format_of(format)
    known = dict(PREFIXES if prefixes is None else prefixes)
    statements = [to_oxigraph(quad) for quad in sorted(set(quads), key=order)]
    if kind.supports_datasets:
        named = [_out(quad) for quad in statements]
        out = _serialised(named, kind, known)
    else:
        out = _serialised(sorted({quad.triple for quad in statements}, key=str), kind, known)
    return out


def _serialised(
    statements: list[ox.Quad] | list[ox.Triple], kind: ox.RdfFormat, prefixes: dict[str, str]
) -> bytes:
    try:
        out = ox.serialize(statements, format=kind, prefixes=prefixes)
    except (ValueError, OSError) as error:
        raise unwritable(kind, error) from error
    assert out is not None
    return _ordered(out, kind)


def unwritable(kind: ox.RdfFormat, error: Exception) -> FormatError:
    """Return the error for statements that a format cannot say."""
    return FormatError(
        "WW-RDF-UNWRITABLE",
        f"{kind.name} cannot say one of these statements.",
        note=str(error),
        hint="Write TriG or N-Quads: they can say everything.",
    )


def _ordered(out: bytes, kind: ox.RdfFormat) -> bytes:
    """Sort the prefixes, which Oxigraph writes in the order of a hash table, and drop idle ones."""
    if kind in {ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG}:
        lines = out.splitlines(keepends=True)
        split = next((n for n, line in enumerate(lines) if not line.startswith(b"@prefix ")), None)
        body = b"".join(lines[split:] if split is not None else [])
        used = [line for line in lines[:split] if line.split()[1] in body]
        return b"".join(sorted(used)) + body
    if kind == ox.RdfFormat.JSON_LD:
        document = json.loads(out)
        if isinstance(document, dict) and isinstance(document.get("@context"), dict):
            document["@context"] = dict(sorted(document["@context"].items()))
        return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    return out


def _out(quad: ox.Quad) -> ox.Quad:
    if quad.graph_name == DEFAULT:
        return ox.Quad(quad.subject, quad.predicate, quad.object)
    return quad


def _ours(quad: ox.Quad, into: NamedNode) -> Quad:
    graph = quad.graph_name if isinstance(quad.graph_name, NamedNode) else into
    return Quad(graph, Fact(quad.subject, quad.predicate, quad.object))


def _bytes(source: Path | str | bytes, name: str, max_size: int) -> bytes:
    try:
        size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
        if size > max_size:
            raise FormatError(
                "WW-RDF-SIZE",
                f"The file has {size:,} bytes; at most {max_size:,} are read.",
                place=Place(name),
            )
        return source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise InputError(
            "WW-RDF-FILE", f"'{name}' cannot be read.", note=error.strerror or ""
        ) from error


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise FormatError(
            "WW-RDF-ENCODING",
            "The file is not UTF-8.",
            note=f"The byte 0x{data[error.start]:02X} cannot stand there.",
            hint="Save it as UTF-8.",
            place=Place(name, line, column),
        ) from error


def _refuse_harm(text: str, kind: ox.RdfFormat, name: str) -> None:
    if kind == ox.RdfFormat.RDF_XML:
        found = _DOCTYPE.search(text)
        if found:
            raise FormatError(
                "WW-RDF-ENTITY",
                "RDF/XML with a document type or entities is not read.",
                note="Entities can grow a few hundred bytes into all memory.",
                hint="Save the file as Turtle; Protégé and rdflib can.",
                place=_place(text, found.start(), name),
            )
        _check_depth(text, _xml_steps(text), name)
        return
    if kind == ox.RdfFormat.JSON_LD:
        _check_depth(text, _steps(_JSON, text, name), name)
        document = _json(text, name)
        _require_nodes(document, name)
        _refuse_remote_context(document, text, name)
        return
    _check_depth(text, _steps(_TURTLE, text, name), name)


def _steps(pattern: re.Pattern[str], text: str, name: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        if match.lastgroup in {"quote", "open"}:
            raise FormatError(
                "WW-RDF-SYNTAX",
                "A string begins here and does not end.",
                hint="Was the file cut short?",
                place=_place(text, match.start(), name),
            )
        if match.lastgroup:
            yield match.start(), _STEPS[match.group()]


def _xml_steps(text: str) -> Iterator[tuple[int, int]]:
    for match in _XML.finditer(text):
        tag = match["tag"]
        if tag and not tag.endswith("/>"):
            yield match.start(), -1 if tag[1] == "/" else 1


def _check_depth(text: str, steps: Iterator[tuple[int, int]], name: str) -> None:
    depth = 0
    for start, step in steps:
        depth += step
        if depth > MAX_DEPTH:
            raise FormatError(
                "WW-RDF-DEPTH",
                f"The file nests more than {MAX_DEPTH} brackets or elements deep.",
                note="Parsers work by recursion here and would end the process.",
                hint="Save it as N-Quads, which nests nothing.",
                place=_place(text, start, name),
            )


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        place = Place(name, getattr(error, "lineno", 0), getattr(error, "colno", 0))
        raise FormatError(
            "WW-RDF-SYNTAX", "The file is not JSON.", note=str(error), place=place
        ) from error


def _require_nodes(document: Any, name: str) -> None:
    """Refuse what the grammar of JSON-LD 1.1 (section 9) forbids and its expansion drops unsaid."""
    if isinstance(document, list):
        for node in document:
            _require_nodes(node, name)
    elif not isinstance(document, dict):
        found = json.dumps(document)
        raise FormatError(
            "WW-RDF-SYNTAX",
            "This is not JSON-LD: a document is an object, or an array of objects.",
            note=f"It holds {found if len(found) <= MAX_SHOWN else f'{found[:MAX_SHOWN]}…'}.",
            place=Place(name),
        )


def _refuse_remote_context(document: Any, text: str, name: str) -> None:
    for address in _remote(document):
        raise FormatError(
            "WW-RDF-CONTEXT",
            f"The JSON-LD context '{address}' is somewhere else, and nothing is fetched.",
            hint="Write the context into the file.",
            place=_place(text, max(text.find(json.dumps(address)), 0), name),
        )


def _remote(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _remote(part)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"@context", "@import"}:
                listed = value if isinstance(value, list) else [value]
                yield from (part for part in listed if isinstance(part, str))
            yield from _remote(value)


def _syntax(error: SyntaxError | ValueError, kind: ox.RdfFormat, name: str) -> FormatError:
    line = getattr(error, "lineno", None) or 0
    column = getattr(error, "offset", None) or 0
    words = getattr(error, "msg", None) or str(error)
    return FormatError(
        "WW-RDF-SYNTAX",
        f"This is not {kind.name}: {words[:300]}",
        hint="Was the file cut short, or is it in another format?",
        place=Place(name, line, column),
    )


def _place(text: str, at: int, name: str) -> Place:
    return Place(name, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
