"""A server with the demonstration's wardrobe on a free port, and Chromium to visit it with."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.browser.visit_given import PASSWORD, Visit, Visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 180_000
"""Milliseconds that no busy machine takes for anything here."""


@dataclass(frozen=True)
class Site:
    """A running server: where it is, the token of its first account, and its wardrobe's looks."""

    address: str
    token: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the demonstration's wardrobe; nobody has an account yet."""
    uvicorn = pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
    from wearwhy.http.app import create_app
    from wearwhy.service.errands import door
    from wearwhy.service.service import Service
    from wearwhy.workspace.demo import demonstrate

    folder = tmp_path_factory.mktemp("browser") / "w"
    demonstrate(folder, tried=0)
    service = Service.open(folder, door=door)
    token = service.accounts.first_token()
    assert token is not None
    opened = socket.create_server(("127.0.0.1", 0))  # held: no other process can take the port
    config = uvicorn.Config(create_app(service), log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([opened],), daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE / 1000
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < until, "the server took minutes to start"
        time.sleep(0.05)
    yield Site(f"http://127.0.0.1:{opened.getsockname()[1]}", token)
    server.should_exit = True
    thread.join(PATIENCE / 1000)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, without a window; its loop must not run while other folders' tests do."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no {CHROMIUM}")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        browser = _launched(playwright, api.Error)
        yield browser
        browser.close()


def _launched(playwright: Playwright, ends: type[Exception]) -> Browser:
    """Return a browser that runs; where this machine's Chromium never does, skip and say so.

    It has met no page of ours yet, so whatever ends it here is the machine's: it was seen once
    to crash (SIGTRAP) before it listened.
    """
    said = ""
    for pause in (2, 5, 15, 30, 0):
        try:
            return playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        except ends as error:
            said = str(error)
            time.sleep(pause)
    pytest.skip(f"{CHROMIUM} ends at its start, five times of five: …{said[-1500:]}")


@pytest.fixture(scope="module")
def ada(site: Site, chromium: Browser) -> Any:
    """Ada's session: the first account, made on the page as a person would."""
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{site.address}/page/sign-in")
    page.get_by_label("Token").fill(site.token)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url("**/page/wardrobe**")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def visiting(site: Site, chromium: Browser, ada: Any) -> Iterator[Visiting]:
    """Return a function that begins a visit: of Ada, or of nobody; light, dark, large, small."""
    contexts: list[BrowserContext] = []

    def begin(
        *, known: bool = True, scripts: bool = True, phone: bool = False, **options: Any
    ) -> Visit:
        size = {"width": 390, "height": 780} if phone else {"width": 1280, "height": 900}
        context = chromium.new_context(
            viewport=options.pop("viewport", size),
            locale=options.pop("locale", "en-GB"),
            java_script_enabled=scripts,
            storage_state=ada if known else None,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        visit = Visit(page, site.address)
        page.on("request", visit.asked)
        page.on("pageerror", lambda error: visit.wrong.append(str(error)))
        page.on(
            "console",
            lambda told: visit.wrong.append(told.text) if told.type == "error" else None,
        )
        return visit

    yield begin
    for context in contexts:
        context.close()
