"""The real browser: Debian's Chromium under pytest-playwright, watched on every page.

A page that asks another host for anything, writes an error to the console or breaks its own
Content-Security-Policy fails the test that opened it.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

from scripts.install import find_browser

# Playwright keeps an event loop in the test's thread, which makes Django think that it is called from async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = (
    "--no-sandbox",  # CI runs as root.
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    executable = find_browser()
    if executable is None:
        pytest.fail("This test needs Chromium: run `python scripts/install.py --browser`.", pytrace=False)
    return {**browser_type_launch_args, "executable_path": executable, "args": list(FLAGS)}


class Watch:
    """What went wrong in the pages of one test."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.problems: list[str] = []
        self.expected: list[str] = []

    def expect(self, part: str) -> None:
        """Say that a problem with this text belongs to the story, such as "status of 403"."""
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        return [problem for problem in self.problems if not any(part in problem for part in self.expected)]

    def follow(self, context: BrowserContext) -> None:
        context.route("**/*", self._stay_here)
        context.on("console", self._read_console)
        context.on("weberror", lambda error: self.problems.append(f"script failed: {error.error}"))

    def _stay_here(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in {"data", "blob", "about"} or parts.netloc == self.host:
            route.continue_()
        else:
            self.problems.append(f"asked another host: {route.request.url}")
            route.abort()

    def _read_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def watch(live_server: Any) -> Iterator[Watch]:
    """Depend on it to allow an expected problem: `watch.expect("status of 404")`."""
    watch = Watch(urlsplit(live_server.url).netloc)
    yield watch
    assert not watch.unexpected(), "\n".join(watch.unexpected())


@pytest.fixture
def open_browser(watch: Watch, browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """Open the site as one more person: a browser of their own, with the options of Playwright's `new_context`.

    `open_browser(java_script_enabled=False)`, `open_browser(viewport={"width": 360, "height": 740}, locale="ar")`.
    """
    contexts: list[BrowserContext] = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(10_000)
        watch.follow(context)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    return open_browser()


@pytest.fixture
def page_without_scripts(open_browser: Callable[..., Page]) -> Page:
    return open_browser(java_script_enabled=False)
