"""The server is killed in the middle of work: nothing that a person typed is lost, and the page goes on by itself."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from control_plane.settings import LOCAL_URL
from services.backends.open import postgres_backends
from services.database.rest.keys import load_or_create_keys
from services.tenants import Tenant
from tests.builders import TENANT
from tests.control_plane.api.conftest import OPERATOR, a_proposal, claims_of, tool_of
from tests.control_plane.console.browser import watched_context

pytestmark = pytest.mark.slow

WITHIN = 60
TYPED = "Not before the customer has confirmed it, please."


class Server:
    """`serve` as a process of its own, always on the same port."""

    def __init__(self, database_url: str, data_dir: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"DATABASE_URL": database_url, "ACP_DATA_DIR": str(data_dir)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACP_", "SUPABASE_"))}
        self._environment = {**kept, **own}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Until it listens."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "control_plane", "serve", "--port", str(self.port),
            env=self._environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stderr is not None
        async with asyncio.timeout(WITHIN):
            while line := await self._process.stderr.readline():
                if line.startswith(b"{") and json.loads(line).get("event") == "api.started":
                    return
        pytest.fail("the server ended before it listened")

    async def kill(self) -> None:
        """As the kernel does when memory is short."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.communicate()


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


async def test_typed_text_survives_the_death_of_the_server_and_can_then_be_sent(
    database_url: str, tmp_path: Path, browser: Browser
) -> None:
    token = load_or_create_keys(tmp_path).sign(
        claims_of(tenant_id=str(TENANT), tenant_role="owner", iss=f"{LOCAL_URL}/auth/v1")
    )
    async with postgres_backends(database_url) as backends:
        await backends.tenants.save(Tenant(id=TENANT, name="Acme"), actor=OPERATOR)
        await backends.catalog.save([tool_of(TENANT)], actor=OPERATOR)
    headers = {"authorization": f"Bearer {token}"}
    async with (
        running(Server(database_url, tmp_path)) as server,
        httpx.AsyncClient(base_url=server.url, headers=headers) as api,
        watched_context(browser, allowed=("htmx: htmx:error: Failed to fetch",)) as context,
    ):
        proposed = (await api.post("/v1/envelopes", json=a_proposal())).json()["envelope"]
        page = await context.new_page()
        await page.goto(f"{server.url}/console/envelopes/{TENANT}/{proposed['id']}")
        await page.get_by_label("Token").fill(token)
        await page.keyboard.press("Enter")
        state = page.locator("[data-live-state]")
        await expect(state).to_have_attribute("data-live-state", "live")
        await page.keyboard.press("u")
        await page.get_by_label("Reason").fill(TYPED)

        await server.kill()
        await expect(state).to_have_attribute("data-live-state", "waiting")
        await page.get_by_role("button", name="Cancel the envelope").click()
        await expect(page.locator("dialog [data-problem]")).to_contain_text("The server does not answer")
        assert await page.get_by_label("Reason").input_value() == TYPED

        await server.start()
        await expect(state).to_have_attribute("data-live-state", "live", timeout=30_000)
        assert await page.get_by_label("Reason").input_value() == TYPED
        await page.get_by_role("button", name="Cancel the envelope").click()
        await expect(page.locator("#envelope .badge").first).to_have_text("cancelled")
        rows = (await api.get("/v1/audit")).json()["items"]
        assert [row["payload"]["reason"] for row in rows if row["category"] == "envelope.cancelled"] == [TYPED]
