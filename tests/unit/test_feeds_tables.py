from __future__ import annotations

import codecs
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from tests.feeds_given import MAPPINGS, WARDROBE, loaded, small, values

from wearwhy.errors import FormatError, InputError
from wearwhy.feeds.load import read
from wearwhy.feeds.tables import LINE_LIMIT

HEADER = "id,name,type,colour,price,bought on\n"
COAT = "1,My coat,coat,navy,10.50,2024-02-29\n"


def code(text: str | bytes, folder: Path, mapping: str = "wardrobe", name: str = "w.csv") -> str:
    with pytest.raises(InputError) as refused:
        loaded(text, folder, mapping, name)
    assert refused.value.place is None or not refused.value.place.file.startswith("/")
    return refused.value.code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "WW-FILE-EMPTY"),
        (" \n \n", "WW-FILE-EMPTY"),
        (HEADER + '1,"My coat,coat,navy,10,\n', "WW-TABLE-CSV"),
        (HEADER + COAT + "2,My shirt,sh", "WW-TABLE-CUT"),
        (HEADER + "1,My coat,coat,navy,10.50,2024-02-28,surplus\n", "WW-TABLE-RAGGED"),
        ("id,name,name,type\n1,a,b,coat\n", "WW-TABLE-HEADERS"),
        (HEADER + COAT + COAT, "WW-TABLE-DUPLICATE"),
        (HEADER + "1,My thing,gizmo,navy,10,\n", "WW-CLASS-UNKNOWN"),
        (HEADER + "1,My coat,coat,navy,-10,\n", "WW-VALUE-NEGATIVE"),
        (HEADER + "1,My coat,coat,navy,ten,\n", "WW-VALUE-NUMBER"),
        (HEADER + "1,My coat,coat,navy,1.299,\n", "WW-VALUE-AMBIGUOUS"),
        (HEADER + "1,My coat,coat,navy,10,2024-02-31\n", "WW-VALUE-DATE"),
        (HEADER + "1,My coat,coat,navy,10,31 February\n", "WW-VALUE-DATE"),
        (HEADER + "1,,coat,navy,10,\n", "WW-TABLE-MISSING"),
        ("id,type\n1,coat\n", "WW-TABLE-COLUMN"),
        (HEADER + "1,My\0 coat,coat,navy,10,\n", "WW-FILE-NUL"),
        (HEADER + "1," + "x" * 10_000_000 + ",coat,,,\n", "WW-FILE-LINE"),
        (HEADER + '1,"' + "x\n" * 200_000 + '",coat,,,\n', "WW-TABLE-CSV"),
    ],
    ids=lambda value: value if value.startswith("WW-") else "",
)
def test_a_bad_table_is_refused_as_a_whole(tmp_path: Path, text: str, expected: str) -> None:
    assert code(text, tmp_path) == expected


def test_a_refusal_names_file_row_and_column(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        loaded(HEADER + COAT + "2,My hat,hat,navy,-1,\n", tmp_path)
    place = refused.value.place
    assert place is not None
    assert (place.file, place.line, place.column) == ("w.csv", 3, 5)


def test_all_problems_are_listed_at_once_and_the_surplus_counted(tmp_path: Path) -> None:
    rows = "".join(f"{n},My coat,coat,navy,-{n + 1},2023-02-30\n" for n in range(30))
    with pytest.raises(InputError) as refused:
        loaded(HEADER + rows, tmp_path)
    assert refused.value.code == "WW-LOAD-REFUSED"
    assert "60 problems" in refused.value.sentence
    assert refused.value.note.count("[WW-VALUE-") == 20
    assert "40 more" in refused.value.note


def test_the_line_limit_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=f"{LINE_LIMIT:,}"):
        loaded("x" * 10_000_000, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_tables_are_read_in_the_encodings_people_save(
    tmp_path: Path, encoding: str
) -> None:
    text = "编号,名称,类别,颜色\n1,我的大衣,大衣,藏青色\n2,白衬衫,衬衫,白色\n"
    result = loaded(text.encode(encoding), tmp_path)
    assert result.items == 2
    assert values(result, WARDROBE.item("1"), "schema:name") == ['"我的大衣"']
    assert values(result, WARDROBE.item("1"), "ww:colour") == ["ww:colour-navy"]


def test_western_european_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    text = "id,name,type\n1,Café-crème,dress\n2,Für Gäste,skirt\n"
    result = loaded(text.encode("cp1252"), tmp_path)
    assert values(result, WARDROBE.item("1"), "schema:name") == ['"Café-crème"']
    assert result.notes == ("read as cp1252",)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert code(b"id,name\n\x81\x8d,\x90\n", tmp_path) == "WW-FILE-ENCODING"
    assert code(codecs.BOM_UTF16_LE + b"a", tmp_path) in ("WW-FILE-ENCODING", "WW-FILE-NUL")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    assert loaded((HEADER + COAT).replace(",", delimiter), tmp_path).items == 1


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path


def test_excel_gives_the_same_facts_as_csv(tmp_path: Path) -> None:
    day = pd.Timestamp(2024, 2, 29).to_pydatetime()
    header: list[object] = [*HEADER.strip().split(",")]
    path = workbook(tmp_path / "w.xlsx", [header, [1, "My coat", "coat", "navy", 10.5, day]])
    excel = read(path, "wardrobe", names=small(), into=WARDROBE, mappings=MAPPINGS)
    assert excel.facts == loaded(HEADER + COAT, tmp_path).facts


def test_a_data_frame_gives_the_same_facts_as_csv(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        [[1, "My coat", "coat", "navy", 10.5, pd.Timestamp(2024, 2, 29)]],
        columns=HEADER.strip().split(","),
    )
    result = read(frame, "wardrobe", names=small(), into=WARDROBE, mappings=MAPPINGS)
    assert result.facts == loaded(HEADER + COAT, tmp_path).facts


def test_what_only_calls_itself_excel_is_refused(tmp_path: Path) -> None:
    assert code(HEADER + COAT, tmp_path, name="w.xlsx") == "WW-TABLE-EXCEL"


def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "good.xlsx", [["id", "name"]])
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bad, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            bomb = b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>"
            target.writestr(part, bomb if "sheet1" in part else data)
    assert code(bad.read_bytes(), tmp_path, name="w.xlsx") == "WW-XML-DOCTYPE"


def test_an_ending_that_a_mapping_does_not_read_is_refused(tmp_path: Path) -> None:
    assert code(HEADER + COAT, tmp_path, name="w.ttl") == "WW-FILE-KIND"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        read(tmp_path / "no.csv", "wardrobe", names=small(), into=WARDROBE, mappings=MAPPINGS)
    assert refused.value.code == "WW-FILE-MISSING"
