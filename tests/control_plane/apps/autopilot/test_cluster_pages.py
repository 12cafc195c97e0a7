"""The console pages of clusters and tickets in a real browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Page, expect

from control_plane.apps.autopilot.articles import NewArticle
from control_plane.apps.autopilot.proposals import NewProposal, ProposalKind
from control_plane.apps.autopilot.save_articles import save_articles
from control_plane.apps.autopilot.store import clusters, proposals
from tests.control_plane.apps.autopilot.clustered import Clustered, open_clustered
from tests.control_plane.apps.autopilot.helpdesk import OLGA, WORKER, Helpdesk
from tests.control_plane.console.browser import PHONE, find_barriers
from tests.control_plane.console.conftest import Console, OpenPage

HOSTILE = "<script>document.title='hacked'</script><img src=x onerror=alert(1)>"


@dataclass
class Desk:
    """The console, and one cluster of its first tenant."""

    console: Console
    clustered: Clustered

    @property
    def path(self) -> str:
        return f"/clusters/{self.clustered.cluster}"

    async def open(self, open_page: OpenPage, path: str, person: Any = "reviewer", **options: Any) -> Page:
        return await open_page(self.console, person, f"/console{path}", **options)

    async def propose_split(self, *tickets: UUID) -> None:
        await self.propose_splits([tickets])

    async def propose_splits(self, groups: Sequence[Sequence[UUID]]) -> None:
        """Propose that each group of tickets leaves the cluster, instead of the earlier proposals."""
        functions, tenant = self.clustered.desk.functions, self.clustered.desk.tenant
        [cluster] = await clusters.list_clusters(functions, tenant)
        splits = [
            NewProposal(
                kind=ProposalKind.SPLIT, sources=[cluster.lineage_id], target=None, name="Tokens", subcluster_name=None,
                overlap={cluster.lineage_id: len(tickets)}, examples=tickets[:1], cohesion_before=0.4,
                cohesion_after=0.6, tickets=tickets,
            ) for tickets in groups
        ]  # fmt: skip
        await proposals.save_proposals(functions, tenant, cluster.model_id, splits, actor=WORKER)


@pytest.fixture
async def desk(postgres_console: Console, database_url: str) -> Desk:
    api = postgres_console.api
    return Desk(postgres_console, await open_clustered(Helpdesk(api.access, database_url, api.tenant)))


async def test_a_reviewer_names_a_cluster_and_judges_its_tickets(desk: Desk, open_page: OpenPage) -> None:
    desk.clustered.add_resolved(3)
    page = await desk.open(open_page, "/clusters")
    await page.get_by_role("link", name="VPN").click()
    await page.get_by_label("Name for people").fill("Remote access")
    await page.get_by_role("button", name="Save the name").click()
    await expect(page.get_by_role("heading", name="Remote access")).to_be_visible()
    await page.get_by_label("Ticket OLD2").uncheck()
    await page.get_by_role("button", name="They belong here").click()
    await expect(page.locator("#cluster")).to_contain_text("2 of 16 tickets are trusted, 0 are wrong")
    await page.get_by_label("Ticket OLD2").check()
    await page.get_by_role("button", name="They are wrong here").click()
    await expect(page.locator("#cluster")).to_contain_text("2 of 16 tickets are trusted, 1 are wrong")
    await expect(page.get_by_role("heading", name="Nothing to judge")).to_be_visible()


async def test_an_owner_lets_autopilot_answer_when_everything_is_there(desk: Desk, open_page: OpenPage) -> None:
    page = await desk.open(open_page, desk.path, "owner")
    await expect(page.locator("#cluster")).to_contain_text("not ready")
    await expect(page.get_by_role("button", name="Switch on")).to_have_count(0)
    await desk.clustered.answer_with_a_tool()
    await desk.clustered.make_ready()
    await page.reload()
    await page.get_by_role("button", name="Switch on").click()
    await expect(page.get_by_role("button", name="Switch off")).to_be_visible()
    assert desk.clustered.config()["auto_respond"] is True
    await page.get_by_role("button", name="Switch off").click()
    await expect(page.get_by_role("button", name="Switch on")).to_be_visible()


async def test_a_dry_run_shows_both_answers(desk: Desk, open_page: OpenPage) -> None:
    desk.clustered.add_article()
    desk.clustered.add_resolved(10)
    page = await desk.open(open_page, desk.path)
    await page.get_by_role("button", name="Start a dry-run").click()
    await expect(page.get_by_role("heading", name="Dry-run")).to_be_visible()
    await expect(page.locator("#dry-run")).to_contain_text("0 of 10")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator("#dry-run")).to_contain_text("cancelled")
    await expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


async def test_an_unknown_dry_run_is_not_found(desk: Desk, open_page: OpenPage) -> None:
    page = await desk.open(open_page, f"/clusters/dry-runs/{uuid4()}")
    await expect(page.locator("main")).to_contain_text("dry-run")
    await expect(page.locator("main table")).to_have_count(0)
    await expect(page.locator("main h1")).to_have_text("Not found")


async def test_articles_go_on_on_the_next_page(desk: Desk, open_page: OpenPage) -> None:
    articles = [NewArticle(external_id=f"KB-{n}", title=f"Answer {n:02}") for n in range(51)]
    await save_articles(desk.console.api.access.operator, desk.clustered.desk.tenant, articles, actor=OLGA)
    page = await desk.open(open_page, "/articles/all")
    await expect(page.locator("main [data-row]")).to_have_count(50)
    await page.get_by_role("link", name="Next").click()
    await expect(page.locator("main [data-row]")).to_have_count(1)
    await expect(page.locator("main")).to_contain_text("Answer 50")


async def test_the_page_says_that_there_are_more_proposals(desk: Desk, open_page: OpenPage) -> None:
    groups = [[ticket] for ticket in desk.clustered.add_resolved(51)]
    await desk.propose_splits(groups[:50])
    page = await desk.open(open_page, "/clusters/proposals")
    await expect(page.locator("main")).not_to_contain_text("There are more")
    await desk.propose_splits(groups)
    await page.reload()
    await expect(page.locator("main [data-row]")).to_have_count(50)
    await expect(page.locator("main")).to_contain_text("There are more")


async def test_an_owner_accepts_and_rejects_proposals(desk: Desk, open_page: OpenPage) -> None:
    tickets = desk.clustered.add_resolved(4)
    await desk.propose_split(*tickets[:2])
    page = await desk.open(open_page, "/clusters/proposals", "owner")
    await expect(page.locator("#proposals tbody tr")).to_contain_text(["VPN (4)"])
    await page.get_by_label("Proposal 1: split Tokens").check()
    await page.get_by_role("button", name="Reject the chosen ones").click()
    await expect(page.get_by_role("heading", name="No proposals")).to_be_visible()
    await desk.propose_split(*tickets[2:])
    await page.reload()
    await page.get_by_label("Proposal 1: split Tokens").check()
    await page.get_by_role("button", name="Accept the chosen ones").click()
    await expect(page.get_by_role("heading", name="No proposals")).to_be_visible()
    await page.get_by_role("link", name="Models").click()
    await expect(page.locator("#models tbody tr")).to_have_count(2)
    await page.get_by_role("button", name="Roll back").click()
    await page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    await expect(page.locator("#models tbody tr").last).to_contain_text("active")
    await page.get_by_role("button", name="Activate").click()
    await expect(page.locator("#models tbody tr").first).to_contain_text("active")


async def test_a_ticket_is_found_judged_and_pinned(desk: Desk, open_page: OpenPage) -> None:
    desk.clustered.add("INC7", subject=f"No sound {HOSTILE}", description=HOSTILE)
    desk.clustered.add("INC8")
    page = await desk.open(open_page, "/tickets")
    await page.get_by_label("Subject or number").fill("INC7")
    await page.get_by_role("button", name="Filter").click()
    await expect(page.locator("#tickets tbody tr")).to_have_count(1)
    await page.get_by_role("link", name="INC7").click()
    await page.get_by_role("button", name="It belongs here").click()
    await expect(page.locator("#ticket")).to_contain_text("trusted")
    await page.get_by_role("button", name="Pin", exact=True).click()
    await expect(page.locator("#ticket")).to_contain_text("pinned by")
    await page.get_by_role("button", name="Take the pin away").click()
    await expect(page.locator("#ticket")).not_to_contain_text("pinned by")
    await expect(page).to_have_title("INC7 · Agent Control Plane")


async def test_a_member_changes_nothing(desk: Desk, open_page: OpenPage) -> None:
    tickets = desk.clustered.add_resolved(2)
    await desk.propose_split(*tickets)
    for path in (desk.path, "/clusters/proposals", "/clusters/models", f"/tickets/{tickets[0]}", "/articles"):
        page = await desk.open(open_page, path, "member")
        await expect(page.locator("main form:not([data-filters])")).to_have_count(0)


async def test_another_tenant_finds_nothing(desk: Desk, open_page: OpenPage) -> None:
    [ticket] = desk.clustered.add_resolved(1)
    await desk.propose_split(ticket)
    stranger = desk.console.token("owner", tenant=UUID(str(desk.console.api.other_tenant)))
    for path in ("/clusters", "/clusters/proposals", "/clusters/models", "/tickets", "/articles", "/articles/all"):
        page = await desk.open(open_page, path, "owner", token=stranger)
        await expect(page.locator("main [data-row]")).to_have_count(0)


async def test_the_pages_have_no_barriers_and_fit_a_phone(desk: Desk, open_page: OpenPage) -> None:
    tickets = desk.clustered.add_resolved(3)
    desk.clustered.add_article()
    await desk.propose_split(tickets[0])
    for path in ("/clusters", desk.path, "/clusters/proposals", f"/tickets/{tickets[0]}", "/articles/all"):
        page = await desk.open(open_page, path, "owner", viewport=PHONE)
        assert await find_barriers(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
