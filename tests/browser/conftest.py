"""A real Chromium and a served engine, once for all browser tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

from serving import Service

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """The browser's driver may block: the service under test runs in a process of its own."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; skipped on a laptop without one, required in CI."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if (path := shutil.which(name)) is not None:
            return path
    message = "Chromium is missing: run scripts/install-test-needs.sh"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with the retail pack."""
    service = Service(Path(tmp_path_factory.mktemp("browser"))).start()
    yield service
    service.stop()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser a test."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def desktop(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A Chinese desktop; any error of a page's script fails the test."""
    async for context in _context(browser, {"width": 1200, "height": 820}):
        yield context


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A phone's screen."""
    async for context in _context(browser, {"width": 390, "height": 780}):
        yield context


async def _context(browser: Browser, size: dict[str, int]) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport=size, locale="zh-CN")  # type: ignore[arg-type]  # a ViewportSize
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    await context.close()
    assert errors == []
