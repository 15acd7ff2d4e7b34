"""What a file is: what its sender says and what its bytes say must be the same."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from wearwhy.errors import FormatError
from wearwhy.service.uploads.limits import FORMS, Form, Kind

HEAD: Final = 512
"""Bytes that are looked at."""
_MAGIC: Final = (
    (re.compile(rb"PK\x03\x04"), ".xlsx"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), ".webp"),
)
# Beginnings of what is never text of ours, whatever it is called: programs, archives, documents.
_STRANGE: Final = re.compile(
    rb"\x7fELF|%PDF-|GIF8|\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!|PK[\x01-\x08]|\xd0\xcf\x11\xe0"
    rb"|II\*\0|MM\0\*|\xca\xfe\xba\xbe|OggS|SQLite format"
)
_PAGE: Final = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|script|svg|body)\b", re.IGNORECASE
)
# What programs say of files that they do not know, or, of CSV, that they know wrongly.
_VAGUE: Final = frozenset(
    (
        "",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "application/vnd.ms-excel",
        "text/plain",
    )
)


def form_of(head: bytes, name: str, media: str) -> Form:
    """Return the form of a file.

    Args:
        head: its first bytes, `HEAD` of them where there are so many.
        name: what its sender calls it; only its ending is looked at.
        media: the media type that it was sent as; parameters are left out of account.

    Raises:
        FormatError: WW-UPLOAD-KIND, where it is none that is read; WW-UPLOAD-UNLIKE, where name,
            media type and first bytes do not say the same.
    """
    seen = next((ending for magic, ending in _MAGIC if magic.match(head)), "")
    told = _told(name, media)
    if told is None and seen:
        told = next(form for form in FORMS if form.ending == seen)
    if told is None and head.lstrip(b"\xef\xbb\xbf").startswith(b"BEGIN:VCALENDAR"):
        told = next(form for form in FORMS if form.kind is Kind.CALENDAR)
    if told is None:
        raise FormatError(
            "WW-UPLOAD-KIND",
            "Nothing says what kind of file this is, or it is of a kind that is not read.",
            note="Read are " + ", ".join(form.ending for form in FORMS) + ".",
            hint="Send a name with its ending, or the media type.",
        )
    if (seen or told.binary) and seen != told.ending:
        raise _unlike(told, f"its first bytes are those of a {seen} file" if seen else "")
    if not told.binary:
        _require_text(head, told)
    return told


def _told(name: str, media: str) -> Form | None:
    """Return the form that name and media type say; None, where they say nothing."""
    ending = PurePath(name.replace("\\", "/")).suffix.lower()
    plain = media.partition(";")[0].strip().lower()
    by_name = next((form for form in FORMS if ending in form.endings), None)
    by_media = next((form for form in FORMS if plain in form.media), None)
    vague = plain in _VAGUE
    if by_name is None and ending:
        return None
    if by_media is None and not vague:
        return None
    if by_name is not None and by_media is not None and by_name is not by_media:
        raise _unlike(by_name, f"it was sent as {plain}")
    return by_name or by_media


def _require_text(head: bytes, told: Form) -> None:
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if _STRANGE.match(head) or (b"\0" in head and not wide):
        raise _unlike(told, "its first bytes are no text")
    if told.ending != ".rdf" and _PAGE.match(head):
        raise _unlike(told, "it begins like a page of the web")
    if told.kind is Kind.CALENDAR and not head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"BEGIN:"):
        raise _unlike(told, "it does not begin like a calendar")


def _unlike(told: Form, but: str) -> FormatError:
    return FormatError(
        "WW-UPLOAD-UNLIKE",
        f"The file is called {told.ending}, but is something else.",
        note=f"{but[0].upper()}{but[1:]}." if but else "Its first bytes are not those of one.",
        hint="Send it under the name and media type of what it is.",
    )


def shown_name(name: str) -> str:
    """Return a file's name as it may be shown: its last step, of printable characters, not long.

    It is shown only: no path is ever made of it.
    """
    last = PurePath(name.replace("\\", "/").replace("\0", "")).name
    kept = "".join(c for c in last if c.isprintable())[:80].strip()
    return kept if kept.strip(".") else "file"
