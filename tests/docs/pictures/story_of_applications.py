"""The demo data of the pictures of drafts and autopilot: a shop that answers mail, and its helpdesk."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from control_plane.apps.autopilot.articles import NewArticle
from control_plane.apps.autopilot.clusters import Verdict
from control_plane.apps.autopilot.draft_article import draft_article
from control_plane.apps.autopilot.insight.watch_bursts import watch_bursts
from control_plane.apps.autopilot.knowledge.match import match_clusters
from control_plane.apps.autopilot.readiness import TicketVerdict
from control_plane.apps.autopilot.run_dry_runs import claim_dry_runs, run_dry_run
from control_plane.apps.autopilot.save_articles import save_articles
from control_plane.apps.autopilot.store import clusters, dry_runs, readiness, runs
from control_plane.apps.autopilot.store.settings import save_settings
from control_plane.apps.autopilot.values import Ticket
from services.clock import utc_now
from tests.builders import a_tool
from tests.control_plane.api.conftest import Api
from tests.control_plane.apps.autopilot.helpdesk import Helpdesk, a_ticket
from tests.control_plane.apps.autopilot.made_up_tickets import MadeUp, made_up_tickets
from tests.control_plane.apps.autopilot.trained import rebuild
from tests.control_plane.apps.drafts.desk import a_message, a_reply, open_desk
from tests.docs.pictures.story import MARIA

PUBLISH, ANSWER = "WIKI__publish_page", "SERVICENOW__answer_ticket"
TICKETS = 900
VPN = NewArticle(
    external_id="KB-17", title="The VPN drops or does not connect", source="wiki",
    content="The VPN drops after a few minutes when its profile is old.\n\n## Import the profile again\n\nReinstall the"
    " VPN profile: open the VPN client, choose Settings, remove the profile and import it again.",
)  # fmt: skip
MAILS = (
    ("Where is my parcel?", "I ordered ten bolts M8 last week, order 20417. Where are they?", "Lena Vogt",
     "Your parcel with order 20417 left Hamburg on Thursday. The carrier delivers within three working days."),
    ("Wrong size", "The nuts are M6, but I ordered M8. Can I send them back?", "Paul Okafor",
     "Yes. Send the nuts back within 30 days; the label is in your account under Returns."),
    ("Invoice for March", "Please send me the invoice of March again.", "Ines Marín",
     "Every invoice is in your account under Documents. The invoice of March is the third one in the list."),
)  # fmt: skip


async def tell_applications(api: Api, url: str) -> UUID:
    """Fill the applications of the first tenant. Returns the id of its dry-run."""
    await _answer_mail(api, url)
    return await _help(Helpdesk(api.access, url, api.tenant))


async def _answer_mail(api: Api, url: str) -> None:
    desk = await open_desk(api.access, url, tenant=api.tenant)
    for subject, text, name, reply in MAILS:
        desk.scribe.answer = a_reply(text=reply)
        email = f"{name.split()[0].lower()}@customer.example"
        sent_at = utc_now() - timedelta(minutes=12)
        await desk.receive(
            a_message(subject=subject, text=text, customer_name=name, customer_email=email, sent_at=sent_at)
        )
        await desk.draft()


async def _help(desk: Helpdesk) -> UUID:
    tools = [a_tool(tenant_id=desk.tenant, tool_slug=slug) for slug in (PUBLISH, ANSWER)]
    await desk.access.operator.catalog.save(tools, actor=MARIA)
    await save_settings(
        desk.functions, desk.tenant, {"article_tool_slug": PUBLISH, "response_tool_slug": ANSWER}, actor=MARIA
    )
    tickets = list(made_up_tickets(TICKETS))
    late = utc_now() - tickets[-1].updated_at - timedelta(hours=1)
    connection = await desk.connect("ServiceNow")
    run = await desk.sync(connection.id)
    for start in range(0, TICKETS, 300):
        batch = [_ticket(each, late) for each in tickets[start : start + 300]]
        run = (await desk.store(run, *batch)).run
    await runs.complete_run(desk.functions, run, actor=MARIA)
    await rebuild(desk)
    await save_articles(desk.access.operator, desk.tenant, [VPN], actor=MARIA)
    await match_clusters(desk.functions, desk.tenant, actor=MARIA)
    dry_run = await _answer_with(desk)
    await _propose_changes(desk)
    await watch_bursts(desk.functions, desk.tenant, now=utc_now(), actor=MARIA)
    return dry_run


async def _answer_with(desk: Helpdesk) -> UUID:
    """Judge the largest cluster with an article and dry-run it; draft an article for the largest without one. Returns
    the id of the dry-run."""
    found = sorted(await clusters.list_clusters(desk.functions, desk.tenant), key=lambda each: -(each.tickets or 0))
    known = next(each for each in found if each.kb_status == "FOUND")
    gap = next(each for each in found if each.kb_status == "GAP")
    samples = await readiness.next_samples(desk.functions, desk.tenant, known.id, limit=8)
    verdicts = [TicketVerdict(ticket_id=each.id, verdict=Verdict.TRUSTED) for each in samples]
    await readiness.judge_tickets(desk.functions, desk.tenant, known.id, verdicts, actor=MARIA)
    dry_run = await dry_runs.start_dry_run(desk.functions, desk.tenant, known.id, tickets=20, actor=MARIA)
    async for leased in claim_dry_runs(desk.functions, desk.tenant, actor=MARIA):
        async for _ in run_dry_run(desk.functions, leased, actor=MARIA):
            pass
    await draft_article(desk.access.operator, desk.tenant, gap.id, actor=MARIA)
    return dry_run.id


async def _propose_changes(desk: Helpdesk) -> None:
    """New kinds of tickets arrive, and a training proposes what to do with them."""
    at = utc_now() - timedelta(minutes=8)
    new = [
        a_ticket(f"INC20{number:03}", subject=subject, description=description, source_created_at=at)
        for number, (subject, description) in enumerate(_new_kind())
    ]
    connection = await desk.connect("Service desk of the warehouse")
    run = await desk.sync(connection.id)
    await desk.store(run, *new)
    await runs.complete_run(desk.functions, run, actor=MARIA)
    await rebuild(desk)


def _new_kind() -> Sequence[tuple[str, str]]:
    places = ("hall 1", "hall 2", "the yard", "gate 7", "the cold store", "line 3")
    faults = ("does not read labels", "loses its pairing", "beeps and shows error 12", "has a broken trigger")
    return [
        (f"Barcode scanner {fault}", f"The barcode scanner in {place} {fault} since the update of its firmware.")
        for place in places for fault in faults
    ]  # fmt: skip


def _ticket(made_up: MadeUp, late: timedelta) -> Ticket:
    """The ticket as the ticket system sends it, so much later that the last one is of today."""
    return a_ticket(
        f"INC{made_up.number:07}", subject=made_up.subject, description=made_up.description,
        external_status="Resolved" if made_up.resolved_at else "In Progress", priority=str(made_up.priority),
        requester=made_up.requester, assignee=made_up.assignee, resolution=made_up.resolution,
        source_created_at=made_up.created_at + late, source_updated_at=made_up.updated_at + late,
        resolved_at=made_up.resolved_at and made_up.resolved_at + late,
    )  # fmt: skip
