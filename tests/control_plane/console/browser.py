"""Chromium, and a page of it that notes everything that must not happen."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response, async_playwright, expect

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
"""The names of Chromium on Debian, Ubuntu and the runners of GitHub; `.ci/run` looks for the same."""
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
SERIOUS = ("serious", "critical")
MAX_MILLISECONDS = 20_000
"""For a page to become as a test expects it, also on a busy machine."""
REFUSED = "Failed to load resource"
"""What Chromium writes about every answer of 400 and above; which answers are right, the tests say."""


def find_chromium() -> str:
    """The program. Skips the test if there is none, unless REQUIRE_REAL=1."""
    for name in PROGRAMS:
        if program := shutil.which(name):
            return program
    if os.environ.get("REQUIRE_REAL"):
        pytest.fail("chromium is not installed")
    pytest.skip("chromium is not installed")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    program = find_chromium()
    expect.set_options(timeout=MAX_MILLISECONDS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@dataclass
class Watch:
    """What went wrong in the pages of one context."""

    allowed: tuple[str, ...]
    """How the messages begin that a test expects."""
    refused: tuple[int, ...]
    """The statuses from 500 that a test expects."""
    problems: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith((REFUSED, *self.allowed)):
            self.problems.append(f"{message.type}: {message.text}")

    def _see(self, response: Response) -> None:
        if (response.status >= 500 and response.status not in self.refused) or (
            response.status >= 400 and "/static/" in response.url
        ):
            self.problems.append(f"{response.status}: {response.url}")


@asynccontextmanager
async def watched_context(
    browser: Browser, *, allowed: tuple[str, ...] = (), refused: tuple[int, ...] = (), **options: Any
) -> AsyncIterator[BrowserContext]:
    """A context of its own; at its end no page of it may have reported an error or a breach of its policy."""
    watch = Watch(allowed, refused)
    context = await browser.new_context(**{"viewport": WIDE, "locale": "en-GB", "timezone_id": "UTC", **options})
    context.set_default_timeout(MAX_MILLISECONDS)
    context.on("page", watch.attach)
    yield context
    await context.close()
    assert not watch.problems, watch.problems


async def find_barriers(page: Page) -> list[tuple[str, list[str]]]:
    """Serious violations of accessibility rules: the rule, and where."""
    found = await Axe().run(page)
    return [
        (violation["id"], [node["html"][:120] for node in violation["nodes"]])
        for violation in found.response["violations"]
        if violation["impact"] in SERIOUS
    ]
