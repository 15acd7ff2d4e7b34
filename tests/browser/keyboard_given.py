"""Somebody without a mouse: Tab, Enter, Space and the arrows, and where the focus is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from tests.browser.visit_given import Visit

FAR = 200
"""So many stops are more than any room has before what is looked for."""
_UNSEEN = """() => { const e = document.activeElement;
  const shown = [e, e.parentElement, e.closest('.lock, .editor, .pick')].some(
    one => one && getComputedStyle(one).outlineStyle !== 'none');
  return shown ? '' : e.outerHTML.slice(0, 160); }"""


@dataclass
class Keys:
    """The keyboard of a visit: no stop on its way is unseen."""

    visit: Visit

    def to(self, wanted: Locator) -> None:
        """Press Tab until something has the focus."""
        wanted.wait_for(state="attached")
        for _ in range(FAR):
            self.press("Tab")
            unseen = self.visit.page.evaluate(_UNSEEN)
            assert unseen == "", f"the focus is not seen on {unseen}"
            if self.has(wanted):
                return
        raise AssertionError(f"Tab does not reach {wanted}")

    def has(self, wanted: Locator) -> bool:
        """Return whether something has the focus."""
        return bool(wanted.evaluate("e => e === document.activeElement"))

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.visit.page.keyboard.press(key)

    def fill(self, wanted: Locator, text: str) -> None:
        """Go to a field and write into it what replaces its text."""
        self.to(wanted)
        self.press("Control+A")
        self.visit.page.keyboard.type(text)

    def do(self, wanted: Locator, key: str = "Enter") -> None:
        """Go to something and press a key on it."""
        self.to(wanted)
        self.press(key)

    def skip(self) -> None:
        """Go to the content by the link that leads there."""
        self.press("Tab")
        assert self.visit.page.evaluate("document.activeElement.className") == "skip"
        self.press("Enter")
        assert self.visit.page.evaluate("document.activeElement.id") == "main"
