"""The pages of tenants: pauses, lanes and request limits."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from services.backends import Access
from services.backends.open import memory_backends
from services.clock import FakeClock, utc_now
from services.tenants import Tenant
from tests.builders import operator
from tests.control_plane.api.conftest import a_proposal
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage, console_over

ConsolePage = Callable[..., Awaitable[Page]]
ODD = "<b>odd</b> orders"


async def tenant_of(console: Console) -> Tenant:
    return await console.api.access.operator.tenants.get(console.api.tenant)


async def test_an_operator_finds_a_tenant_pauses_it_with_a_reason_and_resumes_it(
    console: Console, console_page: ConsolePage
) -> None:
    tenant = await tenant_of(console)
    page = await console_page("operator", "/console/tenants")
    await page.get_by_label("Name or id").fill(str(tenant.id))
    await page.keyboard.press("Enter")
    await page.locator("[data-row]").get_by_role("link").click()
    await expect(page.locator("h1")).to_have_text(tenant.name)

    await page.keyboard.press("u")
    await page.get_by_label("Reason").first.fill(ODD)
    await page.get_by_role("dialog").get_by_role("button", name="Pause all calls").click()

    await expect(page.locator(".banner")).to_contain_text(f"{ODD}. No call begins until somebody resumes the tenant.")
    assert ((await tenant_of(console)).paused_reason, (await tenant_of(console)).pause_ends_at) == (ODD, None)
    await page.get_by_role("button", name="Change the end").click()
    await page.get_by_role("dialog").get_by_label("Ends").select_option("2")
    await page.get_by_role("dialog").get_by_role("button", name="Change the pause").click()
    await expect(page.locator(".banner")).to_contain_text(f"{ODD}. No call begins until the pause ends in 2 hours, or")
    assert (await tenant_of(console)).pause_ends_at is not None
    await page.get_by_role("link", name="Tenants").first.click()
    row = page.locator(f"#tenant-{tenant.id}")
    await expect(row).to_contain_text("ends in 2 hours")
    await row.get_by_role("link").click()
    await page.get_by_role("button", name="Resume").click()
    await expect(page.locator("#tenant .badge")).to_have_text("active")
    assert (await tenant_of(console)).paused_at is None


async def test_a_reviewer_pauses_a_tool_for_a_time_and_ends_the_pause(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("reviewer", "/console/tenants")
    await expect(page).to_have_url(f"{console.url}/console/tenants/{console.api.tenant}")

    await page.get_by_role("button", name="Pause a part").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Target").fill("NO__such.tool")
    await dialog.get_by_role("button", name="Pause").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("target: no tool NO__such.tool")
    await dialog.get_by_label("Target").fill("SLACK__chat.post")
    await dialog.get_by_label("Ends").select_option("4")
    await dialog.get_by_label("Reason").fill(ODD)
    await dialog.get_by_role("button", name="Pause").click()

    row = page.locator("#pauses [data-row]")
    await expect(row).to_contain_text("SLACK__chat.post")
    await expect(row).to_contain_text(ODD)
    await expect(row).to_contain_text("in 4 hours")
    await row.get_by_role("button", name="End").click()
    await expect(page.locator("#pauses [data-row]")).to_have_count(0)
    assert await console.api.access.operator.pauses.list_pauses(console.api.tenant) == []


async def test_a_pause_ends_at_a_time_in_the_zone_of_the_reader(console: Console, console_page: ConsolePage) -> None:
    ends_at = utc_now().replace(second=0, microsecond=0) + timedelta(days=3)
    typed = ends_at.astimezone(ZoneInfo("Asia/Kolkata")).strftime("%Y-%m-%dT%H:%M")
    page = await console_page("owner", f"/console/tenants/{console.api.tenant}", timezone_id="Asia/Kolkata")
    await page.get_by_role("button", name="Pause all calls").click()
    dialog = page.get_by_role("dialog")
    at = dialog.get_by_label("Date and time")
    await expect(at).to_be_hidden()
    await dialog.get_by_label("Ends").select_option("at")
    await expect(dialog).to_contain_text("In your time zone, Asia/")
    await dialog.get_by_role("button", name="Pause all calls").click()
    await expect(dialog.get_by_role("alert")).to_have_text("ends_at: choose the time at which the pause ends")
    await at.fill("2020-01-01T00:00")
    await dialog.get_by_role("button", name="Pause all calls").click()
    await expect(dialog.get_by_role("alert")).to_have_text("ends_at: must be later than now")
    await at.fill(typed)
    await dialog.get_by_role("button", name="Pause all calls").click()

    await expect(page.locator(".banner")).to_contain_text("until the pause ends in 3 days")
    assert (await tenant_of(console)).pause_ends_at == ends_at

    await page.get_by_role("button", name="Pause a part").click()
    await dialog.get_by_label("Target").fill("SLACK__chat.post")
    await dialog.get_by_label("Ends").select_option("at")
    await at.fill(typed)
    await dialog.get_by_role("button", name="Pause").click()
    await expect(page.locator("#pauses [data-row]")).to_contain_text("in 3 days")
    [pause] = await console.api.access.operator.pauses.list_pauses(console.api.tenant)
    assert pause.ends_at == ends_at


@pytest.mark.parametrize("path", ["tenants", "tenants/{tenant}"])
async def test_an_open_page_shows_that_a_pause_has_ended_by_its_time(open_page: OpenPage, path: str) -> None:
    clock = FakeClock(utc_now())
    async with (
        memory_backends(clock=clock) as backends,
        console_over(Access(operator=backends, as_tenant=lambda *_caller: backends)) as console,
    ):
        await backends.tenants.pause(
            console.api.tenant, actor=operator("olga"), reason=ODD, ends_at=clock() + timedelta(hours=1)
        )
        page = await open_page(console, None)
        await page.clock.install()
        await console.sign_in(page.context, console.token("operator"))
        await page.goto(f"{console.url}/console/{path.format(tenant=console.api.tenant)}")
        await expect(page.locator("section")).to_contain_text(["ends in 1 hour"])

        clock.advance(minutes=61)
        await page.clock.fast_forward("01:01:00")

        await expect(page.locator(".badge", has_text="paused")).to_have_count(0)
        await expect(page.get_by_text(ODD)).to_have_count(0)


async def test_an_operator_adds_a_tenant_and_changes_its_lanes_and_limits(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("operator", "/console/tenants")
    await page.keyboard.press("a")
    await page.get_by_role("dialog").get_by_label("Name").fill("Acme & Söhne")
    await page.get_by_role("dialog").get_by_role("button", name="Add").click()
    await expect(page.locator("h1")).to_have_text("Acme & Söhne")

    await page.get_by_label("Lanes").fill("300")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_label("Lanes")).to_have_value("300")
    await page.get_by_label("Lanes").fill("8")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#tenant .facts")).to_contain_text("Lanes8")
    await page.get_by_label("For the whole tenant").fill("6000")
    await page.get_by_label("For each token and user").fill("0")
    await page.get_by_role("button", name="Set the limits").click()
    await expect(page.locator("#tenant .facts")).to_contain_text("Requests6,000 a minute")
    await expect(page.locator("#tenant .facts")).to_contain_text("Each tokenno limit")

    named = [t for t in await console.api.access.operator.tenants.list_tenants() if t.name == "Acme & Söhne"]
    assert [(t.lanes, t.requests_per_minute, t.token_requests_per_minute) for t in named] == [(8, 6000, 0)]


async def test_a_list_has_pages_and_its_filters_stay_in_the_url(console: Console, console_page: ConsolePage) -> None:
    tenants = console.api.access.operator.tenants
    for number in range(55):
        await tenants.save(
            Tenant(id=UUID(int=number + 1), name=f"zeta {number:02}"),
            actor=operator("olga"),
        )
    page = await console_page("operator", "/console/tenants?name=ZETA")
    await expect(page.locator("[data-row]")).to_have_count(50)

    await page.get_by_role("link", name="Next page").click()

    await expect(page.locator("[data-row]")).to_have_count(5)
    assert "name=ZETA" in page.url
    await page.goto(f"{console.url}/console/tenants?name=ZETA&state=paused")
    await expect(page.locator(".empty h2")).to_have_text("No tenant fits these filters")


async def test_a_member_reads_and_an_owner_sees_no_settings(console: Console, console_page: ConsolePage) -> None:
    await console.agent().post("/v1/envelopes", json=a_proposal())
    member = await console_page("member", f"/console/tenants/{console.api.tenant}")
    owner = await console_page("owner", f"/console/tenants/{console.api.tenant}")

    await expect(member.locator("#tenant .tile").first).to_contain_text("1")
    for page, count in ((member, 0), (owner, 1)):
        await expect(page.get_by_role("button", name="Pause all calls")).to_have_count(count)
        await expect(page.get_by_role("button", name="Save")).to_have_count(0)


async def test_a_user_neither_sees_nor_changes_another_tenant(
    postgres_console: Console, open_page: Callable[..., Awaitable[Any]]
) -> None:
    other = postgres_console.api.other_tenant
    page = await open_page(postgres_console, "owner", f"/console/tenants/{other}")
    await expect(page.locator("h1")).to_have_text("Not found")
    page = await open_page(postgres_console, "owner", f"/console/tenants/{postgres_console.api.tenant}")
    statuses = await page.evaluate(
        """(other) => Promise.all(["pause", "resume", "pauses", "request-limits"].map(async (what) => {
          const headers = {"X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content};
          const body = new URLSearchParams({kind: "agent", target: "bot"});
          return (await fetch(`/console/tenants/${other}/${what}`, {method: "POST", headers, body})).status;
        }))""",
        str(other),
    )
    assert statuses == [404, 404, 404, 403]


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_pages_of_tenants_have_no_barriers(
    console: Console, console_page: ConsolePage, options: dict[str, object]
) -> None:
    await console.api.access.operator.tenants.pause(console.api.tenant, actor=operator("olga"), reason=ODD)
    for path in ("tenants", f"tenants/{console.api.tenant}"):
        page = await console_page("operator", f"/console/{path}", **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
