"""What the process that reads files makes of hostile ones: a refusal, or only what is harmless."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from tests.security import hostile

from wearwhy.errors import FormatError, InputError, TooLarge, WearwhyError
from wearwhy.service.uploads import jobs
from wearwhy.service.uploads.limits import BOUNDS, SIDE, Kind
from wearwhy.service.uploads.sniffing import form_of, shown_name

GIVEN: dict[str, Any] = {
    "mapping": "wardrobe",
    "into": ["wardrobe", "mine", "https://w3id.org/wearwhy/id/"],
    "known": "",
    "ontology": {},
}
ROWS = [["id", "name", "type", "colour"], ["1", "Navy coat", "coat", "navy"]]
TURTLE = b"""@prefix ww: <https://w3id.org/wearwhy/ns#> . @prefix schema: <https://schema.org/> .
<https://w3id.org/wearwhy/id/mine/9> a ww:Coat ; schema:name "Coat" ."""


def table(data: bytes, ending: str = ".csv") -> tuple[dict[str, Any], bytes]:
    return jobs.table({**GIVEN, "ending": ending}, data)


def rdf(data: bytes, ending: str) -> tuple[dict[str, Any], bytes]:
    return jobs.rdf({**GIVEN, "mapping": "rdf", "ending": ending}, data)


def refused(work: Any, *args: Any) -> WearwhyError:
    with pytest.raises((InputError, TooLarge)) as found:
        work(*args)
    assert found.value.code.startswith("WW-")
    return found.value


def test_an_honest_workbook_is_read() -> None:
    found, quads = table(hostile.workbook(ROWS), ".xlsx")
    assert found["items"] == 1
    assert b"<https://w3id.org/wearwhy/id/mine/1>" in quads
    assert b"graph/wardrobe/mine/asserted/wardrobe>" in quads


def test_a_zip_bomb_is_counted_before_it_is_unpacked() -> None:
    bomb = hostile.zip_bomb(hostile.workbook(ROWS), BOUNDS[Kind.TABLE].unpacked + 1)
    assert len(bomb) < 200_000
    assert refused(table, bomb, ".xlsx").code == "WW-UPLOAD-UNPACKED"


def test_a_workbook_of_many_parts_is_refused() -> None:
    parts = {f"xl/x{n}.xml": b"<a/>" for n in range(300)}
    book = hostile.archive({"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>", **parts})
    assert refused(table, book, ".xlsx").code == "WW-UPLOAD-UNPACKED"


def test_another_archive_under_the_name_of_a_workbook_is_refused() -> None:
    assert refused(table, hostile.archive({"a.txt": b"x"}), ".xlsx").code == "WW-UPLOAD-UNLIKE"
    assert refused(table, b"PK\x03\x04" + b"\0" * 40, ".xlsx").code == "WW-TABLE-EXCEL"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"]
)
def test_a_workbook_with_entities_is_refused(part: str) -> None:
    book = hostile.changed_part(hostile.workbook(ROWS), part, hostile.LAUGHS)
    assert refused(table, book, ".xlsx").code == "WW-XML-DOCTYPE"


def test_a_formula_is_neither_evaluated_nor_kept() -> None:
    book = hostile.workbook([ROWS[0], ["1", "=1+1", "coat", '=WEBSERVICE("http://127.0.0.1/")']])
    error_or = None
    try:
        _, quads = table(book, ".xlsx")
    except InputError as error:
        error_or = error
        quads = b""
    assert b"WEBSERVICE" not in quads
    assert error_or is None or error_or.code == "WW-TABLE-MISSING"


def test_a_table_of_too_many_rows_or_columns_is_refused() -> None:
    rows = BOUNDS[Kind.TABLE].rows
    tall = b"id,name,type\n" + b"".join(b"%d,Coat,coat\n" % n for n in range(rows + 1))
    assert refused(table, tall).code == "WW-UPLOAD-ROWS"
    wide = b",".join(b"c%d" % n for n in range(300)) + b"\n" + b"1," * 299 + b"1\n"
    assert refused(table, wide).code == "WW-UPLOAD-ROWS"


@pytest.mark.parametrize(
    "data",
    [
        b'id,name,type\n1,"never closed,coat\n',
        b"id,name,type\n1,\0,coat\n",
        b"id,name,type\n1," + b"x" * 2_000_000 + b",coat\n",
        b"\xff\xfe" + b"\xd8\x00" * 9,
        b"id,id\n1,2\n",
        b"\n\n",
    ],
)
def test_a_damaged_table_is_refused(data: bytes) -> None:
    refused(table, data)


def test_a_mapping_reads_only_the_files_it_is_for() -> None:
    assert refused(rdf_as_wardrobe, TURTLE).code == "WW-FILE-KIND"


def rdf_as_wardrobe(data: bytes) -> object:
    return jobs.rdf({**GIVEN, "ending": ".ttl"}, data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_rdf_are_refused_in_any_encoding(encoding: str) -> None:
    error = refused(rdf, hostile.LAUGHS.decode().encode(encoding), ".rdf")
    assert error.code in {"WW-RDF-ENTITY", "WW-RDF-ENCODING"}


@pytest.mark.parametrize(
    "start", [b"\n", b" ", b"<!-- x -->", b"<?x?>", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n<!---->"]
)
def test_a_document_type_is_found_wherever_it_hides(start: bytes) -> None:
    assert refused(rdf, start + hostile.LAUGHS, ".rdf").code == "WW-RDF-ENTITY"


@pytest.mark.parametrize("depth", [201, 100_000])
def test_deep_rdf_is_refused(depth: int) -> None:
    turtle = b"<urn:x> <urn:p> " + b"[ <urn:p> " * depth + b"1" + b"]" * depth + b" ."
    assert refused(rdf, turtle, ".ttl").code == "WW-RDF-DEPTH"
    nested = b'{"@id": "urn:x", "urn:p": ' + b"[" * depth + b"]" * depth + b"}"
    assert refused(rdf, nested, ".jsonld").code == "WW-RDF-DEPTH"


@pytest.mark.parametrize(
    "context",
    [
        '"http://127.0.0.1:9/c.jsonld"',
        '["http://127.0.0.1:9/c.jsonld"]',
        '{"@import": "http://127.0.0.1:9/c.jsonld"}',
        '{"p": {"@id": "urn:p", "@context": "http://127.0.0.1:9/c.jsonld"}}',
        '"file:///etc/passwd"',
        '"//127.0.0.1/x"',
    ],
)
def test_a_remote_context_is_refused(context: str, no_network: list[object]) -> None:
    document = f'{{"@context": {context}, "@id": "urn:x", "urn:p": "v"}}'.encode()
    assert refused(rdf, document, ".jsonld").code == "WW-RDF-CONTEXT"
    assert no_network == []


def test_a_context_by_an_escaped_key_is_refused_too() -> None:
    document = rb'{"\u0040context": "http://127.0.0.1:9/c", "@id": "urn:x", "urn:p": "v"}'
    assert refused(rdf, document, ".jsonld").code == "WW-RDF-CONTEXT"


def test_rdf_goes_into_the_wardrobe_that_it_was_sent_to() -> None:
    elsewhere = TURTLE + (
        b"GRAPH <https://w3id.org/wearwhy/graph/wardrobe/theirs/asserted/edits> { <urn:x> a <urn:y> }"
    )
    _, quads = rdf(elsewhere, ".trig")
    graphs = {line.rsplit(b" ", 2)[1] for line in quads.splitlines()}
    assert graphs == {b"<https://w3id.org/wearwhy/graph/wardrobe/mine/asserted/rdf>"}


def photograph(data: bytes, ending: str) -> tuple[dict[str, Any], bytes]:
    return jobs.photograph({"ending": ending}, data)


def test_a_photograph_loses_what_the_camera_wrote() -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif[0x013B] = "Alice"
    exif.get_ifd(0x8825)[1] = "N"
    sent = hostile.jpeg(exif=exif, comment=b"secret <script>")
    assert b"Alice" in sent
    found, drawn = photograph(sent, ".jpg")
    for said in (b"Alice", b"home", b"secret", b"Exif"):
        assert said not in drawn
    again = Image.open(io.BytesIO(drawn))
    assert (again.getexif() or None) is None
    assert (found["width"], found["height"]) == again.size == (40, 60)


def test_a_photograph_is_turned_as_the_camera_was_held() -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    found, _ = photograph(hostile.jpeg((40, 60), exif=exif), ".jpg")
    assert (found["width"], found["height"]) == (60, 40)


def test_what_hides_behind_a_picture_stays_behind() -> None:
    page = b"<script>alert(1)</script>"
    tail = hostile.archive({"x.html": page})
    sent = hostile.png(4, 4, None, (b"tEXt", b"Comment\0" + page)) + page + tail
    found, drawn = photograph(sent, ".png")
    assert found["ending"] in {".jpg", ".png"}
    assert b"script" not in drawn
    assert b"PK" + b"\x03\x04" not in drawn


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    bomb = hostile.png(50_000, 50_000, b"")
    assert len(bomb) < 200
    assert refused(photograph, bomb, ".png").code == "WW-IMAGE-PIXELS"


def test_a_large_picture_is_kept_small() -> None:
    found, _ = photograph(hostile.jpeg((2 * SIDE, SIDE)), ".jpg")
    assert max(found["width"], found["height"]) == SIDE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        hostile.png(4, 4, b"nothing"),
        hostile.png(0, 4),
        hostile.jpeg()[:200],
        b"GIF89a" + b"\0" * 40,
    ],
)
def test_a_damaged_picture_is_refused_in_our_words(data: bytes) -> None:
    for ending in (".png", ".jpg", ".webp"):
        assert refused(photograph, data, ending).code in {"WW-IMAGE-BROKEN", "WW-IMAGE-PIXELS"}


def test_one_decoder_alone_sees_a_picture() -> None:
    assert refused(photograph, hostile.jpeg(), ".png").code == "WW-IMAGE-BROKEN"


def calendar(data: bytes) -> dict[str, Any]:
    return jobs.calendar({"today": "2026-11-22"}, data)[0]


def test_a_calendar_is_unfolded_into_single_entries() -> None:
    found = calendar(hostile.calendar("DTSTART:20261120T190000Z", "RRULE:FREQ=WEEKLY;COUNT=3"))
    starts = [entry["start"] for entry in found["entries"]]
    assert starts == ["2026-11-20T19:00:00", "2026-11-27T19:00:00", "2026-12-04T19:00:00"]


@pytest.mark.parametrize("often", ["SECONDLY", "MINUTELY"])
def test_an_entry_that_recurs_without_end_is_refused(often: str) -> None:
    sent = hostile.calendar("DTSTART:20261120T190000Z", f"RRULE:FREQ={often}")
    assert refused(calendar, sent).code == "WW-CALENDAR-OFTEN"


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20261120T190000Z", "RRULE:FREQ=SECONDLY;COUNT=1000000000"),
        ("DTSTART:00010101T000000Z", "DTEND:99991231T235959Z"),
        ("DTSTART;TZID=../../etc/passwd:20261120T190000",),
        ("DTSTART:20261320T990000Z",),
        ("DTSTART:20261120T190000Z", "RRULE:FREQ=YEARLY;INTERVAL=0"),
        ("DTSTART:20261120T190000Z", "RDATE:" + ",".join(["20261120T190000Z"] * 5000)),
    ],
)
def test_a_strange_calendar_is_refused_or_read(lines: tuple[str, ...]) -> None:
    code = ""
    found: dict[str, Any] = {"entries": []}
    try:
        found = calendar(hostile.calendar(*lines))
    except (FormatError, TooLarge) as error:
        code = error.code
    assert not code or code.startswith("WW-CALENDAR")
    assert len(found["entries"]) <= BOUNDS[Kind.CALENDAR].rows


XLSX = hostile.workbook(ROWS)[:512]


@pytest.mark.parametrize(
    ("head", "name", "media", "code"),
    [
        (b"id,name\n", "x.csv", "text/turtle", "WW-UPLOAD-UNLIKE"),
        (XLSX, "x.csv", "text/csv", "WW-UPLOAD-UNLIKE"),
        (b"id,name\n", "x.xlsx", "", "WW-UPLOAD-UNLIKE"),
        (b"\x7fELF\x02", "x.csv", "", "WW-UPLOAD-UNLIKE"),
        (b"<html><script>", "x.csv", "", "WW-UPLOAD-UNLIKE"),
        (b"<svg onload='x'>", "x.png", "image/png", "WW-UPLOAD-UNLIKE"),
        (b"<svg onload='x'>", "x.svg", "image/svg+xml", "WW-UPLOAD-KIND"),
        (b"GIF89a", "x.gif", "image/gif", "WW-UPLOAD-KIND"),
        (b"%PDF-1.7", "x.pdf", "", "WW-UPLOAD-KIND"),
        (b"\x80\x04\x95", "x.pickle", "", "WW-UPLOAD-KIND"),
        (b"id,name\n", "x.csv.exe", "text/csv", "WW-UPLOAD-KIND"),
        (b"id,name\n", "x.csv\0.png", "", "WW-UPLOAD-UNLIKE"),
        (b"\xff\xd8\xff\xe0", "x.png", "image/png", "WW-UPLOAD-UNLIKE"),
        (b"id\0name", "x.csv", "", "WW-UPLOAD-UNLIKE"),
        (b"anything", "", "", "WW-UPLOAD-KIND"),
        (b"hello", "x.ics", "text/calendar", "WW-UPLOAD-UNLIKE"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    head: bytes, name: str, media: str, code: str
) -> None:
    with pytest.raises(FormatError) as found:
        form_of(head, name, media)
    assert found.value.code == code


@pytest.mark.parametrize(
    ("head", "name", "media", "ending"),
    [
        (b"id,name\n", "my wardrobe.CSV", "application/vnd.ms-excel", ".csv"),
        (b"id;name\n", "", "text/csv; charset=utf-8", ".csv"),
        (XLSX, "C:\\me\\x.xlsx", "", ".xlsx"),
        (b"\xff\xd8\xff\xe0", "", "", ".jpg"),
        (b"BEGIN:VCALENDAR", "", "", ".ics"),
        (b"@prefix a: <b> .", "x.ttl", "", ".ttl"),
        (b"\xff\xfei\0d\0", "x.csv", "", ".csv"),
    ],
)
def test_an_honest_file_is_known(head: bytes, name: str, media: str, ending: str) -> None:
    assert form_of(head, name, media).ending == ending


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\x.csv", "a\r\nSet-Cookie: x=1.csv", "\u202egnp.exe", "\0", "..",
     "x" * 5000, "<img src=x onerror=alert(1)>.csv", ""],
)  # fmt: skip
def test_a_shown_name_is_one_short_printable_step(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 80
    assert shown.isprintable()
    assert not re.search(r"[/\\\r\n\0\u202e]", shown)
    assert shown not in {".", ".."}
