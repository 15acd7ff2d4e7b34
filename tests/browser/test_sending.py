"""Files sent through the page: photographs, tables and RDF; and what is told of a faulty one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from tests.browser.visit_given import Visit, Visiting

from wearwhy.service import revising

pytestmark = pytest.mark.slow
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
expect.set_options(timeout=60_000)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TURTLE = b"""@prefix ww: <https://w3id.org/wearwhy/ns#> . @prefix schema: <https://schema.org/> .
<https://w3id.org/wearwhy/id/demo/r1> a ww:Blazer ; schema:name "Ruby blazer" ;
  ww:colour ww:colour-red ."""


def _photograph() -> bytes:
    images = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    out = BytesIO()
    image = images.new("RGB", (320, 240), (12, 200, 90))
    exif = images.Exif()
    exif[0x010E] = "taken at home"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def _workbook(rows: list[list[str]]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _send(visit: Visit, name: str, media: str, data: bytes) -> None:
    page = visit.page
    page.locator("#file").set_input_files({"name": name, "mimeType": media, "buffer": data})
    page.get_by_role("button", name="See what it changes").click()


def _take_back(visit: Visit) -> None:
    visit.go("/page/history")
    visit.page.get_by_role("button", name="Take back the newest change").click()
    visit.page.get_by_role("button", name="Save").click()
    expect(visit.page.locator(".done")).to_have_text("Taken back.")


def test_a_photograph_is_sent_and_stands_in_the_grid(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/items/w05")
    page = visit.page
    label = page.get_by_role("heading", level=1).inner_text()
    page.get_by_text("Show a photograph instead").click()
    page.get_by_label("JPEG, PNG or WebP").set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": _photograph()}
    )
    page.get_by_role("button", name="Show it").click()
    expect(page.locator(".done")).to_contain_text("The photograph is shown from now on.")
    expect(page.get_by_role("img", name=f"{label}, photographed")).to_be_visible()
    visit.go("/page/wardrobe")
    tile = page.locator(".tile", has_text=label).locator("img").first
    tile.scroll_into_view_if_needed()
    visit.rest()
    assert tile.evaluate("e => [e.naturalWidth, e.naturalHeight]") == [320, 240]
    answer = page.request.get(f"{visit.address}{tile.get_attribute('src')}")
    assert answer.headers["content-type"].startswith("image/")
    assert "svg" not in answer.headers["content-type"]
    assert b"taken at home" not in answer.body()
    visit.picture(tmp_path, "photograph")
    _take_back(visit)
    visit.go("/page/wardrobe")
    drawn = page.request.get(f"{visit.address}/page/pictures/w05?wardrobe=demo")
    assert drawn.headers["content-type"].startswith("image/svg")
    visit.require_calm()


def test_without_scripts_what_is_no_photograph_is_told_beside_the_item(visiting: Visiting) -> None:
    visit = visiting(scripts=False)
    visit.go("/page/items/w05")
    page = visit.page
    page.get_by_text("Show a photograph instead").click()
    page.get_by_label("JPEG, PNG or WebP").set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": b"<svg onload='x()'/>"}
    )
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("alert")).to_contain_text("WW-UPLOAD-")
    assert "/page/" in page.url
    expect(page.locator(".item-picture img")).to_be_visible()
    assert page.locator("h1").count() == 1


def test_a_workbook_is_read_and_what_it_lacks_is_told(visiting: Visiting, tmp_path: Path) -> None:
    visit = visiting()
    visit.go("/page/data")
    rows = [["id", "name", "type", "colour"], ["x1", "Teal poncho", "poncho", "blurple"]]
    _send(visit, "mine.xlsx", SHEET, _workbook(rows))
    change = visit.page.locator("#change")
    expect(change).to_contain_text("One item was read.")
    expect(change).to_contain_text("colour “blurple”, row 2. Did you mean “purple”?")
    expect(change).to_contain_text("Teal poncho is a poncho")
    visit.picture(tmp_path, "workbook")
    visit.require_calm()


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en-GB", "Of type “cable jumper”, first in row 2, only some words are known: it was read as “sweater” (2 times)."),
        ("zh-CN", "type“cable jumper”（首见于第2行，共2次）只有部分词语认识，读作“sweater”。"),
    ],
)  # fmt: skip
def test_what_was_read_as_something_nearer_is_told(
    visiting: Visiting, locale: str, told: str
) -> None:
    visit = visiting(locale=locale)
    visit.go("/page/data")
    table = b"id,name,type\nn1,Grandmother's,cable jumper\nn2,Mine,cable jumper\n"
    page = visit.page
    page.locator("#file").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": table}
    )
    page.locator("form[action='/page/upload'] button.first").click()
    expect(page.locator("#change .nearer")).to_have_text(told)
    visit.require_calm()


def test_a_form_that_reaches_nobody_says_so_where_its_answer_would_stand(
    visiting: Visiting,
) -> None:
    visit = visiting()
    visit.go("/page/data")
    page = visit.page
    page.route("**/page/upload", lambda route: route.abort())
    _send(visit, "mine.ttl", "text/turtle", TURTLE)
    expect(page.locator("#change").get_by_role("alert")).to_have_text(
        "The server cannot be reached. Nothing was changed."
    )
    page.unroute("**/page/upload")
    page.route(
        "**/page/upload",
        lambda route: route.fulfill(status=413, content_type="application/json", body="{}"),
    )
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("#change").get_by_role("alert")).to_contain_text("That was too much")
    page.unroute("**/page/upload")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("#change")).to_contain_text("Ruby blazer: colour red")
    expect(page.locator("#change .unmade")).to_have_count(0)


def test_rdf_is_read_as_what_it_is(visiting: Visiting) -> None:
    visit = visiting()
    visit.go("/page/data")
    _send(visit, "mine.ttl", "text/turtle", TURTLE)
    expect(visit.page.locator("#change")).to_contain_text("Ruby blazer: colour red")
    visit.page.get_by_role("button", name="Save").click()
    visit.go("/page/wardrobe?text=ruby")
    expect(visit.page.locator(".tile")).to_have_count(1)
    _take_back(visit)
    visit.require_calm()


@pytest.mark.parametrize(
    ("name", "media", "data", "told"),
    [
        ("a.csv", "text/csv", b"id,name,type\na,Odd,thing\n", "Row 2"),
        ("b.csv", "text/csv", b"a,b\n1,2\n", "no column 'name'"),
        ("c.ttl", "text/turtle", b"@prefix x: <http://x/> . x:a x:b ", "line 1 column"),
        ("d.exe", "application/x-msdownload", b"MZ\0\0", "WW-UPLOAD-KIND"),
        ("e.ics", "text/calendar", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "calendar"),
    ],
)
def test_a_faulty_file_is_told_where_it_was_chosen(
    visiting: Visiting, name: str, media: str, data: bytes, told: str
) -> None:
    visit = visiting(scripts=name != "a.csv")
    visit.go("/page/data")
    _send(visit, name, media, data)
    expect(visit.page.get_by_role("alert")).to_contain_text(told)
    expect(visit.page.get_by_label("File")).to_be_visible()
    assert visit.page.locator("h1").count() == 1


def test_a_fault_of_ours_is_told_as_a_page_with_the_number_of_the_request(
    visiting: Visiting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the inner room")

    monkeypatch.setattr(revising, "revisions", broken)
    for locale, told in (("en-GB", "Something went wrong"), ("zh-CN", "出现了不该出现的错误")):
        visit = visiting(locale=locale)
        answer = visit.page.goto(f"{visit.address}/page/history")
        assert answer is not None
        assert answer.status == 500
        expect(visit.page.get_by_role("heading", level=1)).to_contain_text(told)
        assert answer.headers["x-request-id"] in visit.page.locator(".problem").inner_text()
        assert "secret" not in visit.page.content()
        assert visit.page.get_by_role("navigation").first.is_visible()  # there is a way on
        visit.picture(tmp_path, f"fault-{locale}")
