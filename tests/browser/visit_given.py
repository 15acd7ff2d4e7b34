"""A visit to the page: what a person does, and what went wrong or elsewhere meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

PASSWORD = "correct horse battery"
ASKED = "/page/looks?go=1&occasion=ww:occasion-office&degrees=8&date=2026-11-24"
"""Looks for the office on a cold day."""

HOURS = "DTSTART:{day}T{start:02}0000\r\nDTEND:{day}T{end:02}0000\r\n"
WHOLE = "DTSTART;VALUE=DATE:{day}\r\n"


def calendar_of(*entries: tuple[date, int, int, str]) -> bytes:
    """Return a calendar of some entries: day, hours and summary; from 0 to 24, it lasts the day."""
    lines = ["BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//test//EN\r\n"]
    for number, (day, start, end, summary) in enumerate(entries):
        when = WHOLE if (start, end) == (0, 24) else HOURS
        lines += [
            f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTAMP:20261101T080000Z\r\nSUMMARY:{summary}\r\n",
            when.format(day=day.strftime("%Y%m%d"), start=start, end=end),
            "END:VEVENT\r\n",
        ]
    return "".join([*lines, "END:VCALENDAR\r\n"]).encode()


@dataclass
class Visit:
    """Somebody's visit: a page, and what went wrong or elsewhere on it."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def go(self, path: str, *, rest: bool = True) -> None:
        """Open a page of the site and wait until it is drawn; to `rest`, until nothing is fetched."""
        self.page.goto(self.address + path)
        if rest:
            self.rest()

    def rest(self) -> None:
        """Wait until nothing is fetched any more."""
        self.page.wait_for_load_state("networkidle")

    def asked(self, request: Request) -> None:
        """Note a request that leaves the site."""
        if not request.url.startswith((self.address, "data:", "blob:", "about:")):
            self.elsewhere.append(request.url)

    def said(self) -> str:
        """Return what the live region tells, once it tells something."""
        self.page.locator("#said:not(:empty)").wait_for(state="attached")
        return self.page.locator("#said").inner_text()

    def picture(self, folder: Path, name: str) -> None:
        """Keep what is seen as a picture to look at."""
        path = folder / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        assert path.stat().st_size > 8_000, name

    def require_calm(self) -> None:
        """Nothing went wrong in the browser, and nothing was fetched from elsewhere."""
        assert self.wrong == []
        assert self.elsewhere == []


Visiting = Callable[..., Visit]
