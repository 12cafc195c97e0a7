"""The pages of jobs: their runs, and a run now."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from control_plane.jobs.registry import JOBS
from services.job_runs import RunStatus
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console

ConsolePage = Callable[..., Awaitable[Page]]
ERROR = "files: <b>no</b> such server"


async def a_failed_run(console: Console, job: str = "catalog_drift") -> None:
    runs = console.api.access.operator.job_runs
    every, lease_for = JOBS[job].every, timedelta(minutes=1)
    run = await runs.start(job, "one", run_id=uuid4(), every=every, lease_for=lease_for)
    assert run is not None
    await runs.finish(run, status=RunStatus.FAILED, counts={"sources": 2}, error=ERROR)


async def test_an_operator_runs_a_job_after_a_confirmation_and_sees_its_run(console_page: ConsolePage) -> None:
    page = await console_page("operator", "/console/jobs")
    row = page.locator("#job-retention")
    await expect(row).to_contain_text("never ran")

    await row.get_by_role("button", name="Run now").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Run retention now?")
    await page.get_by_role("dialog").get_by_role("button", name="Run now").click()

    await expect(page.locator(".toast")).to_contain_text("retention has run in")
    await expect(row.locator(".badge")).to_have_text("succeeded")
    await row.get_by_role("link").click()
    await expect(page.locator("#job [data-row]")).to_have_count(1)
    await expect(page.locator("#job [data-row]")).to_contain_text("by a person")


async def test_a_run_that_somebody_else_started_appears_without_a_reload(
    console: Console, console_page: ConsolePage
) -> None:
    page = await console_page("operator", "/console/jobs/retention")
    await expect(page.locator(".empty h2")).to_have_text("No run yet")

    await console.api.as_operator().post("/v1/jobs/retention/runs")

    await expect(page.locator("#job [data-row]")).to_have_count(1, timeout=15_000)


async def test_a_failed_run_shows_its_error_as_text_and_when_the_job_runs_next(
    console: Console, console_page: ConsolePage
) -> None:
    await a_failed_run(console)

    page = await console_page("operator", "/console/jobs")

    row = page.locator("#job-catalog_drift")
    await expect(row.locator(".badge")).to_have_text("failed")
    await expect(row.locator("td").nth(5).locator("time")).to_have_count(1)
    await expect(page.locator(".problem-text")).to_have_text(ERROR)
    await page.goto(f"{console.url}/console/jobs/catalog_drift")
    await expect(page.locator("#job .problem-text")).to_have_text(ERROR)
    await expect(page.locator("#job [data-row] .count")).to_have_text("sources 2")


async def test_a_run_for_an_unknown_tenant_is_refused_in_the_dialog_and_what_was_typed_stays(
    console_page: ConsolePage,
) -> None:
    page = await console_page("operator", "/console/jobs/dlq_gauge")
    await page.keyboard.press("r")
    unknown = str(uuid4())
    await page.get_by_label("Tenant").fill(unknown)
    await page.get_by_role("dialog").get_by_role("button", name="Run now").click()

    await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("tenant")
    await expect(page.get_by_label("Tenant")).to_have_value(unknown)


async def test_jobs_are_for_operators(postgres_console: Console, open_page: ConsolePage) -> None:
    page = await open_page(postgres_console, "owner", "/console/jobs")
    await expect(page.locator("h1")).to_have_text("Not allowed")
    await expect(page.get_by_role("link", name="Jobs")).to_have_count(0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE}],
    ids=["light", "dark", "phone"],
)
async def test_the_pages_of_jobs_have_no_barriers(
    console: Console, console_page: ConsolePage, options: dict[str, object]
) -> None:
    await a_failed_run(console)
    for path in ("jobs", "jobs/catalog_drift", "jobs/retention"):
        page = await console_page("operator", f"/console/{path}", **options)
        assert (path, await find_barriers(page)) == (path, [])
        width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, 0)
