"""A real browser on a running gateway, whose work a thread does meanwhile."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    ViewportSize,
    sync_playwright,
)

from gateway.console import links
from gateway.roles import DatabaseUrls
from tests.harness import Gateway, running

# A browser that looks for updates and hosts of its own has no place on a machine without network.
_ALONE = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_PHONE: Final[ViewportSize] = {"width": 360, "height": 740}
_SCHEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed: on Debian, apt-get install chromium"
    arguments = [*_ALONE, "--no-sandbox"] if os.geteuid() == 0 else [*_ALONE]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody at a client's pages. Whatever the page's script complains of fails the test."""

    gateway: Gateway
    client: str
    page: Page
    complaints: list[str]

    def is_accessible(self) -> None:
        """Nothing on the page shuts anybody out: not a phone's width, nor what axe can tell."""
        wide = self.page.viewport_size
        assert wide
        self.page.set_viewport_size(_PHONE)
        assert self.page.evaluate("document.documentElement.scrollWidth") == _PHONE["width"]
        self.page.set_viewport_size(wide)
        for scheme in _SCHEMES:
            self.page.emulate_media(color_scheme=scheme)
            found = Axe().run(self.page)
            assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def visitor(
    chromium: Browser, database: DatabaseUrls, redis_url: str, tmp_path: Path
) -> Iterator[Visitor]:
    """Signed in to the pages of a client without a line."""
    with (
        running(database, redis_url, tmp_path / "clock.json") as gateway,
        _working(gateway),
        _opened(chromium) as context,
    ):
        client = gateway.client()
        with gateway.app.app_context():
            token = links.make(client)
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(f"{gateway.url}/console/?token={token}")
        yield Visitor(gateway=gateway, client=client, page=page, complaints=complaints)
        assert complaints == []


def cancelled(popup: Page) -> None:
    """Click Cancel. The window may be gone before the click has ended."""
    with suppress(Error):
        popup.get_by_role("button", name="Cancel").click()
    if not popup.is_closed():
        popup.wait_for_event("close")


@contextmanager
def _opened(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(color_scheme="light")
    context.set_default_timeout(20_000)
    try:
        yield context
    finally:
        context.close()


@contextmanager
def _working(gateway: Gateway) -> Iterator[None]:
    ended = Event()

    def work() -> None:
        while not ended.wait(0.05):
            gateway.work()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
