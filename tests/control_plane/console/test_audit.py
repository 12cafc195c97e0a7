"""The page of the audit log: its rows, the verification of the chain, and the export."""

import json
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from control_plane.console.session import Session
from services.audit_log import AuditEntry
from services.outbox import Disposition
from tests.builders import operator
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage
from tests.control_plane.console.test_envelope_pages import propose, settle
from tests.control_plane.console.test_pages import HOSTILE

ConsolePage = Callable[..., Awaitable[Page]]


async def append(console: Console, category: str, **payload: object) -> None:
    """A row that belongs to no change."""
    entry = AuditEntry(tenant_id=console.api.tenant, actor=operator("olga"), category=category, payload=payload)
    await console.api.access.operator.audit_log.append([entry])


async def test_rows_are_found_and_lead_to_their_envelope(console: Console, console_page: ConsolePage) -> None:
    envelope = await propose(console)
    await settle(console, Disposition.FAILED, error="no such channel")
    page = await console_page("member", "/console/audit")
    rows = page.locator("#audit [data-row]")
    await expect(rows.first.locator("strong")).to_have_text("envelope.failed")
    await expect(rows.first.locator(".step-text")).to_have_text("no such channel")
    await expect(rows.nth(1)).to_contain_text("by agent:bot over api")

    await page.get_by_label("Actor").fill("agent:bot")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    await page.get_by_role("link", name="Clear").click()
    await page.get_by_role("textbox", name="Envelope").fill(envelope["id"])
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await rows.first.locator("a").click()
    await expect(page.locator("h1")).to_have_text("SLACK__chat.post")


async def test_an_operator_chooses_the_tenant_first(console: Console, console_page: ConsolePage) -> None:
    await propose(console)
    page = await console_page("operator", "/console/audit")
    await page.locator(f"#tenant-{console.api.tenant} a").first.click()
    await expect(page).to_have_url(f"{console.url}/console/audit?tenant_id={console.api.tenant}")
    await expect(page.locator("#audit [data-row]")).not_to_have_count(0)


async def test_a_chain_is_verified_with_the_press_of_a_key(console: Console, console_page: ConsolePage) -> None:
    for _ in range(3):
        await append(console, "note.written")
    page = await console_page("member", "/console/audit")
    await expect(page.locator("#verified .badge")).to_have_text("not verified now")
    before = int((await page.locator("#newest").inner_text()).split()[3])

    await page.keyboard.press("v")

    await expect(page.locator("#verified .badge")).to_have_text("intact")
    await expect(page.locator("#verified")).to_contain_text(f"{before} rows verified at")
    await page.reload()
    await expect(page.locator("#verified .badge")).to_have_text("not verified now")


async def test_a_long_chain_says_how_far_its_verification_is(postgres_console: Console, open_page: OpenPage) -> None:
    entry = AuditEntry(tenant_id=postgres_console.api.tenant, actor=operator("olga"), category="note.written")
    await postgres_console.api.access.operator.audit_log.append([entry] * 2500)
    page = await open_page(postgres_console, "owner", "/console/audit")
    token = await page.locator('meta[name="csrf-token"]').get_attribute("content")
    answer = await page.request.post(
        f"{postgres_console.url}/console/audit/verify", form={"tenant_id": str(postgres_console.api.tenant)},
        headers={"x-csrf-token": token or "", "Origin": postgres_console.url},
    )  # fmt: skip
    steps = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert [step["rows"] for step in steps[:2]] == [1000, 2000]
    assert (steps[-1]["intact"], steps[-1]["rows"]) == (True, steps[0]["of"])


async def test_the_chain_of_nobody_is_refused(memory_console: Console) -> None:
    session = Session(memory_console.token("operator"), "secret")
    answer = await memory_console.api.http.post(
        "/console/audit/verify", data={"tenant_id": str(UUID(int=1))},
        headers={
            "Cookie": f"acp_session={session.token}~{session.secret}", "X-CSRF-Token": session.csrf_token,
            "Origin": "http://api",
        },
    )  # fmt: skip
    assert (answer.status_code, answer.json()["detail"]) == (404, f"tenant: no audit rows of {UUID(int=1)}")


async def test_a_changed_row_is_named(postgres_console: Console, open_page: OpenPage, database_url: str) -> None:
    from services.database.connect import connect  # noqa: PLC0415  # only this test needs it

    await append(postgres_console, "note.written", text="before")
    with connect(database_url) as connection:
        connection.execute("alter table public.audit_log disable trigger audit_log_append_only")
        connection.execute("update public.audit_log set payload = '{}' where category = 'note.written'")
        connection.execute("alter table public.audit_log enable trigger audit_log_append_only")
    page = await open_page(postgres_console, "owner", "/console/audit")
    await page.get_by_role("button", name="Verify").click()
    await expect(page.locator("#verified .badge")).to_have_text("changed")
    await expect(page.locator(".problems li")).to_contain_text("edited: row")


async def test_the_export_is_a_file_of_all_rows(console: Console, console_page: ConsolePage) -> None:
    await propose(console)
    page = await console_page("member", "/console/audit")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Export").click()
    download = await started.value
    assert download.suggested_filename == f"audit-{console.api.tenant}.ndjson"
    rows = [json.loads(line) for line in (await download.path()).read_text(encoding="utf-8").splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1]["category"] == "envelope.proposed"


async def test_another_tenants_log_is_not_there(postgres_console: Console, open_page: OpenPage) -> None:
    await propose(postgres_console)
    stranger = postgres_console.token("owner", tenant=postgres_console.api.other_tenant)
    page = await open_page(postgres_console, "owner", "/console/audit", token=stranger)
    await expect(page.locator("#audit")).not_to_contain_text("envelope.proposed")
    for path in ("/console/audit", "/console/audit/export"):
        answer = await page.request.get(f"{postgres_console.url}{path}?tenant_id={postgres_console.api.tenant}")
        assert answer.status == 404


async def test_hostile_categories_and_payloads_stay_text(console: Console, console_page: ConsolePage) -> None:
    for text in HOSTILE:
        await append(console, f"note.{text}", reason=text, door=text, envelope_id=text, **{text: text})
    page = await console_page("owner", "/console/audit")
    await expect(page.locator("#audit [data-row]")).not_to_have_count(0)
    assert await page.evaluate("window.hit") is None
    assert await page.locator("main img, main script, main [hx-trigger], main [onload]").count() == 0
    assert not {"\u202e", "\u200b"} & set(await page.locator("main").inner_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_page_has_no_barriers(
    postgres_console: Console, open_page: OpenPage, options: dict[str, object]
) -> None:
    await propose(postgres_console)
    for path in ("/console/audit", f"/console/audit?tenant_id={postgres_console.api.tenant}"):
        page = await open_page(postgres_console, "operator", path, **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
