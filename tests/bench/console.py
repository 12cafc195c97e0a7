"""How fast is the console with a million envelopes? Real Chromium, and the envelopes of the question `lists`.

The first load of a session in kB as gzip makes it, the time until eight tabs of a session are live, all opened at once,
and the 99th percentile of pages over HTTP, one request at a time.
"""

import asyncio
import gzip
import statistics
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, Page, Request

from services.database.rest.keys import Keys, load_or_create_keys
from tests.bench.lists import EACH, fill, operator_token
from tests.bench.runner import Figure, Lab
from tests.bench.serving import Connection, connected, serving, user_token
from tests.control_plane.console.browser import chromium

READS, TABS = 100, 8
MAX_KB, MAX_SECONDS, P99 = 150.0, 2.0, 500.0
TENANT = UUID("00000000-0000-4000-8000-000000000001")
OF = f"?tenant_id={TENANT}"
PAGES = {
    "overview of all tenants": "/console/overview?period=7d",
    "overview": f"/console/overview{OF}",
    "approvals of all tenants": "/console/approvals",
    "approvals": f"/console/approvals{OF}",
    "envelopes of all tenants": "/console/envelopes",
    "envelopes": f"/console/envelopes{OF}",
    "envelopes by words": f"/console/envelopes{OF}&words=order-17",
    "dead letters of all tenants": "/console/dead-letters",
    "audit": f"/console/audit{OF}",
    "tenants": "/console/tenants",
}
"""As an operator."""


async def measure(lab: Lab) -> list[Figure]:
    """Weight, tabs, and pages."""
    with lab.database() as url, TemporaryDirectory() as folder:
        fill(lab, url, lab.sized(EACH))
        keys = load_or_create_keys(Path(folder))
        async with AsyncExitStack() as stack:
            _, port = await stack.enter_async_context(serving(url, folder))
            browser = await stack.enter_async_context(chromium())
            address = f"http://127.0.0.1:{port}"
            weight = await _first_load(browser, address, keys)
            tabs = [await _live_tabs(browser, address, keys) for _ in range(lab.rounds)]
            client = await stack.enter_async_context(connected(port))
            spans = {name: await _reads(client, path, operator_token(keys)) for name, path in PAGES.items()}
    for name, milliseconds in spans.items():
        lab.say(f"  {name}: median {statistics.median(milliseconds):.1f} ms")
    return [
        Figure.of("console/first load", "kB", [weight], f"{MAX_KB:.0f} kB", [MAX_KB], at_most=1),
        Figure.of(f"console/{TABS} tabs live", "s", tabs, f"{MAX_SECONDS:.0f} s", [MAX_SECONDS] * len(tabs), at_most=1),
        *(_page_figure(name, milliseconds) for name, milliseconds in spans.items()),
    ]


def _page_figure(name: str, milliseconds: list[float]) -> Figure:
    p99 = statistics.quantiles(milliseconds, n=100)[98]
    return Figure.of(f"console/{name}", "ms", [p99], f"{P99:.0f} ms", [P99], at_most=1)


async def _session(browser: Browser, address: str, token: str) -> BrowserContext:
    context = await browser.new_context()
    await context.add_cookies([{"name": "acp_session", "value": f"{token}~bench", "url": f"{address}/console"}])
    return context


async def _first_load(browser: Browser, address: str, keys: Keys) -> float:
    """Kilobytes of the list of envelopes and everything that it loads."""
    context = await _session(browser, address, user_token(keys, TENANT))
    page, loaded = await context.new_page(), list[Request]()
    page.on("requestfinished", lambda request: loaded.append(request))  # noqa: PLW0108  # playwright marks it
    await _until_live(page, f"{address}/console/envelopes")
    answers = [await request.response() for request in loaded if "/live" not in request.url]
    bodies = [await answer.body() for answer in answers if answer is not None]
    await context.close()
    return sum(len(gzip.compress(body)) for body in bodies) / 1000


async def _live_tabs(browser: Browser, address: str, keys: Keys) -> float:
    """Seconds until the last of eight tabs is live."""
    context = await _session(browser, address, user_token(keys, TENANT))
    tabs = [await context.new_page() for _ in range(TABS)]
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for tab in tabs:
            group.create_task(_until_live(tab, f"{address}/console/envelopes"))
    seconds = time.perf_counter() - started
    await context.close()
    return seconds


async def _until_live(page: Page, url: str) -> None:
    await page.goto(url)
    await page.locator("[data-live-state=live]").wait_for()


async def _reads(client: Connection, path: str, token: str) -> list[float]:
    """Milliseconds of this page, after some that are not counted."""
    headers: Mapping[str, str] = {"Host": "bench", "Accept": "text/html", "Cookie": f"acp_session={token}~bench"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()
    spans = []
    for _ in range(READS + 5):
        started = time.perf_counter()
        status, body = await client.send(request)
        spans.append((time.perf_counter() - started) * 1000)
        if status != 200:
            raise RuntimeError(f"{path}: {status}: {body.decode()[:500]}")
    return spans[5:]
