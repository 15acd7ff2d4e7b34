"""Files that mean harm, made here so that none lies in the repository."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any


def archive(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as zipped:
        for name, data in parts.items():
            zipped.writestr(name, data)
    return out.getvalue()


def workbook(rows: list[list[Any]]) -> bytes:
    """Return an Excel workbook."""
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def changed_part(book: bytes, name: str, data: bytes) -> bytes:
    """Return a workbook with one of its parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(book)) as zipped:
        parts = {one: zipped.read(one) for one in zipped.namelist()}
    return archive({**parts, name: data})


def zip_bomb(book: bytes, size: int) -> bytes:
    """Return a workbook with a part that unpacks to so many bytes."""
    return changed_part(book, "xl/media/image1.png", b"\0" * size)


def png(width: int, height: int, data: bytes | None = None, *extra: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file that says it is so large, with further chunks where any are given."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\x10\x80\xf0" * width) * height, 9) if data is None else data
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(chunk(kind, body) for kind, body in extra)
        + chunk(b"IDAT", lines)
        + chunk(b"IEND", b"")
    )


def jpeg(size: tuple[int, int] = (40, 60), **said: Any) -> bytes:
    """Return a JPEG file; `said` goes to Pillow's `save`: EXIF, a comment."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, (30, 60, 90)).save(out, "JPEG", **said)
    return out.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "lol">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(9))
    + b']>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    b' xmlns:e="http://example.org/"><rdf:Description rdf:about="http://example.org/x">'
    b"<e:p>&j;</e:p></rdf:Description></rdf:RDF>"
)
"""Ten entities, each ten times the one before it."""


def calendar(*lines: str) -> bytes:
    """Return a calendar of one entry with further lines."""
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//x//y//",
            "BEGIN:VEVENT",
            "UID:1",
            "SUMMARY:dinner",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    ).encode()
