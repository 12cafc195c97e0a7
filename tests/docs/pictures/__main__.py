"""`python -m tests.docs.pictures [NAME …]`: write docs/console/*.png, all or those of these names."""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize

from control_plane.api.app import create_app
from control_plane.auth import make_local_verifier
from control_plane.console.app import mount
from control_plane.jobs import make_context
from control_plane.settings import read_settings
from services.backends.open import postgres_access
from services.database.embedded import destroy, running
from services.database.schema.migrate import migrate
from tests.control_plane.api.conftest import KEYS, WEBHOOK_KEY, with_two_tenants
from tests.control_plane.api.served import served
from tests.control_plane.console.browser import chromium
from tests.control_plane.console.conftest import Console
from tests.docs.pages import ROOT
from tests.docs.pictures.story import ORDER, REFUND, tell
from tests.docs.pictures.story_of_applications import tell_applications

FOLDER = ROOT / "docs" / "console"
WIDE = ViewportSize(width=1280, height=840)
TALL = ViewportSize(width=1280, height=1240)


@dataclass(frozen=True)
class Picture:
    """One page, as this person sees it."""

    name: str
    path: str
    person: str = "owner"
    open_first: bool = False
    """Open the first row of the list, and show that page."""
    rows: str = "[data-row]"
    """The rows of which the first is opened."""
    key: str = ""
    """Press it before, and wait for `until`."""
    until: str = ""
    typed: tuple[str, str] | None = None
    """Type into the field of this argument before."""
    viewport: ViewportSize | None = None
    dark: bool = False


PICTURES = (
    Picture("sign-in", "sign-in", person="nobody"),
    Picture("overview", "overview", person="operator", viewport=TALL),
    Picture("overview-dark", "overview", person="operator", viewport=TALL, dark=True),
    Picture("approvals", "approvals"),
    Picture("approval", f"approvals?tool_slug={REFUND}", open_first=True),
    Picture(
        "approval-phone", f"approvals?tool_slug={REFUND}", open_first=True, viewport=ViewportSize(width=390, height=844)
    ),
    Picture("envelopes", "envelopes"),
    Picture("envelope", "envelopes?status=success", open_first=True),
    Picture("dead-letters", "dead-letters"),
    Picture(
        "dead-letter-edit",
        f"dead-letters?tool_slug={ORDER}",
        open_first=True,
        rows="#dead-letters [data-row]",
        key="e",
        until="#preview h2",
        typed=("sku", "bolt-m9"),
    ),
    Picture("audit", "audit", key="v", until="#verified .badge.good"),
    Picture("catalog", "catalog"),
    Picture("tool", "catalog/tool?tool_slug=FILES__read_file"),
    Picture("guardrails", "guardrails"),
    Picture("grants", "grants"),
    Picture("accounts", "accounts"),
    Picture("evidence", "evidence"),
    Picture("subscriptions", "subscriptions"),
    Picture("subscription", "subscriptions", open_first=True),
    Picture("jobs", "jobs", person="operator"),
    Picture("tenants", "tenants", person="operator"),
    Picture("tokens", "tokens"),
    Picture("drafts", "drafts"),
    Picture("draft", "drafts", open_first=True),
    Picture("connections", "syncs"),
    Picture("syncs", "syncs/runs"),
    Picture("autopilot-settings", "syncs/settings"),
    Picture("clusters", "clusters"),
    Picture("cluster", "clusters", open_first=True),
    Picture("proposals", "clusters/proposals"),
    Picture("tickets", "tickets"),
    Picture("gaps", "articles"),
    Picture("article-drafts", "articles/drafts"),
    Picture("dry-run", "clusters/dry-runs/{dry_run}"),
    Picture("insight", "insight"),
)


async def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    data_dir = Path(tempfile.mkdtemp(prefix="pictures-"))
    try:
        with running(data_dir) as cluster:
            migrate(cluster.url, say=lambda _: None)
            async with a_console(cluster.url) as console, chromium() as browser:
                await tell(console.api, cluster.url)
                dry_run = await tell_applications(console.api, cluster.url)
                for picture in PICTURES:
                    if sys.argv[1:] and picture.name not in sys.argv[1:]:
                        continue
                    await take(browser, console, replace(picture, path=picture.path.format(dry_run=dry_run)))
                    print(f"docs/console/{picture.name}.png", flush=True)
    finally:
        destroy(data_dir)


@asynccontextmanager
async def a_console(url: str) -> AsyncIterator[Console]:
    """The console over this database, with two tenants."""
    settings = read_settings()
    async with postgres_access(url, pool_size=4) as access, settings.tools() as tools:
        app = create_app(
            access, make_local_verifier(KEYS), job_context=make_context(settings, access.operator, tools),
            webhook_key=WEBHOOK_KEY,
        )  # fmt: skip
        mount(app, trace_url="https://grafana.acme.example/trace/{trace_id}")
        async with with_two_tenants(access, app) as api, served(app) as address:
            yield Console(address, api)


async def take(browser: Browser, console: Console, picture: Picture) -> None:
    """Write one picture."""
    context = await browser.new_context(
        viewport=picture.viewport or WIDE, color_scheme="dark" if picture.dark else "light", locale="en-GB",
        timezone_id="Europe/Berlin",
    )  # fmt: skip
    try:
        if picture.person != "nobody":
            await console.sign_in(context, console.token(picture.person, sub="maria"))  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(f"{console.url}/console/{picture.path}")
        if picture.open_first:
            await page.locator(f"{picture.rows} a[href]").first.click()
            await page.locator("h1").wait_for()
        await _settled(page)
        if picture.key:
            await page.keyboard.press(picture.key)
            await page.locator(picture.until).wait_for()
            await _settled(page)
        if picture.typed is not None:
            name, text = picture.typed
            await page.get_by_label(re.compile(rf"^{name} ")).fill(text)
            await page.locator("#preview ins").first.wait_for()
            await page.locator("h1").click()
        await page.screenshot(path=FOLDER / f"{picture.name}.png", animations="disabled")
    finally:
        await context.close()


async def _settled(page: Page) -> None:
    """Wait until fonts, times and charts are drawn."""
    await page.wait_for_load_state("load")
    await page.evaluate("document.fonts.ready")
    await page.locator("[data-live-state=live], body.signing-in").first.wait_for(state="attached")
    for _ in range(20):
        await page.evaluate("new Promise(requestAnimationFrame)")


if __name__ == "__main__":
    asyncio.run(main())
