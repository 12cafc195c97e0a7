"""`/console/clusters`: tickets of one kind, what a training would change, and when autopilot may answer by itself."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from control_plane.api.identity import Principal
from control_plane.api.pages import page_of
from control_plane.apps.autopilot.clusters import Verdict
from control_plane.apps.autopilot.decide_proposals import accept_proposals
from control_plane.apps.autopilot.draft_article import draft_article
from control_plane.apps.autopilot.readiness import TicketVerdict
from control_plane.apps.autopilot.store import (
    articles,
    clusters,
    dry_runs,
    functions_of,
    models,
    proposals,
    readiness,
    runs,
)
from control_plane.apps.autopilot.store.list_tickets import count_tickets
from control_plane.console.own_tenant import choose_tenant, linker, may, whose
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.tenants import TenantRole

router = APIRouter(prefix="/clusters")
SAMPLES = 5
PROPOSALS = 50
CASES = 100


@router.get("")
async def show_list(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The clusters of the active model, the largest first."""
    if viewer.tenant_or_all(tenant_id) is None:
        return await choose_tenant(request, viewer, "Clusters")
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    found = await clusters.list_clusters(functions, tenant)
    return render(
        request, "autopilot/clusters.html", clusters=sorted(found, key=lambda each: -(each.tickets or 0)),
        counts=await count_tickets(functions, tenant), **await whose(viewer, "clusters", tenant),
    )  # fmt: skip


@router.get("/proposals")
async def show_proposals(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """What the last training would change: for each proposal the clusters of its tickets now, and after it is
    accepted."""
    tenant = await viewer.known_tenant(tenant_id)
    found = await proposals.list_proposals(functions_of(viewer.backends), tenant, limit=PROPOSALS + 1)
    shown, has_more = page_of(found, PROPOSALS)
    return render(
        request, "autopilot/proposals.html", proposals=shown, has_more=has_more,
        may_decide=may(viewer, TenantRole.OWNER), **await whose(viewer, "clusters", tenant),
    )  # fmt: skip


@router.post("/proposals/accept")
async def accept(
    viewer: Viewer, ids: Annotated[list[UUID], Form(max_length=PROPOSALS)], tenant_id: UUID | None = None
) -> Response:
    """Make the next model of these proposals, and activate it."""
    made = await accept_proposals(functions_of(viewer.backends), viewer.one_tenant(tenant_id), ids, actor=viewer.actor)
    return changed(f"Accepted: {made.accepted}. The new model is active.")


@router.post("/proposals/reject")
async def reject(
    viewer: Viewer, ids: Annotated[list[UUID], Form(max_length=PROPOSALS)], tenant_id: UUID | None = None
) -> Response:
    """Reject these proposals."""
    count = await proposals.reject_proposals(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), ids, actor=viewer.actor
    )
    return changed(f"Rejected: {count}. Later trainings do not propose them again.")


@router.get("/models")
async def show_models(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The models of a tenant, the newest first."""
    tenant = await viewer.known_tenant(tenant_id)
    return render(
        request, "autopilot/models.html", models=await models.list_models(functions_of(viewer.backends), tenant),
        may_decide=may(viewer, TenantRole.OWNER), **await whose(viewer, "clusters", tenant),
    )  # fmt: skip


@router.post("/models/train")
async def train(viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Start a training."""
    await runs.start_rebuild(functions_of(viewer.backends), viewer.one_tenant(tenant_id), actor=viewer.actor)
    return changed("Started. Ticket syncs show how far it is.")


@router.post("/models/{model_id}/activate")
async def activate(model_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Make a kept model the active one."""
    await models.activate_model(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), model_id, actor=viewer.actor
    )
    return changed("The model is active.")


@router.post("/models/roll-back")
async def roll_back(viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Activate the model that was active before."""
    await models.roll_back_model(functions_of(viewer.backends), viewer.one_tenant(tenant_id), actor=viewer.actor)
    return changed("The model before is active again.")


@router.get("/dry-runs/{dry_run_id}")
async def show_dry_run(request: Request, dry_run_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """A dry-run: what people answered beside what autopilot would have answered."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    return render(
        request, "autopilot/dry_run.html", dry_run=await dry_runs.read_dry_run(functions, tenant, dry_run_id),
        cases=await dry_runs.list_cases(functions, tenant, dry_run_id, limit=CASES),
        may_decide=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER), **await whose(viewer, "clusters", tenant),
    )  # fmt: skip


@router.post("/dry-runs/{dry_run_id}/cancel")
async def cancel_dry_run(dry_run_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Cancel a dry-run."""
    await dry_runs.cancel_dry_run(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), dry_run_id, actor=viewer.actor
    )
    return changed("Cancelled. What is done stays.")


@router.get("/{cluster_id}")
async def show_one(request: Request, cluster_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """One cluster: its tickets, its articles, the tickets to judge, and what is missing before it may answer."""
    tenant = await viewer.known_tenant(tenant_id)
    functions = functions_of(viewer.backends)
    cluster = await clusters.read_cluster(functions, tenant, cluster_id)
    return render(
        request, "autopilot/cluster.html", cluster=cluster,
        ready=await readiness.read_readiness(functions, tenant, cluster_id) if cluster.is_active else None,
        samples=await readiness.next_samples(functions, tenant, cluster_id, limit=SAMPLES) if cluster.is_active else [],
        articles=await articles.list_articles(functions, tenant, cluster=cluster_id),
        may_judge=may(viewer, TenantRole.OWNER, TenantRole.REVIEWER), may_switch=may(viewer, TenantRole.OWNER),
        tickets_link=linker(viewer, "tickets", tenant), articles_link=linker(viewer, "articles", tenant),
        **await whose(viewer, "clusters", tenant),
    )  # fmt: skip


@router.post("/{cluster_id}/label")
async def label(
    cluster_id: UUID, viewer: Viewer, etag: Annotated[str, Form()], label: Annotated[str, Form(max_length=255)] = "",
    tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Give a cluster a name for people; an empty one takes it away."""
    tenant = viewer.one_tenant(tenant_id)
    await clusters.set_label(
        functions_of(viewer.backends), tenant, cluster_id, label.strip() or None, etag=etag, actor=viewer.actor
    )
    return changed("Named.", to=_to(viewer, tenant, f"/{cluster_id}"))


@router.post("/{cluster_id}/judge")
async def judge(
    cluster_id: UUID, viewer: Viewer, ids: Annotated[list[UUID], Form(max_length=100)],
    verdict: Annotated[Verdict, Form()], tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Say of tickets whether they belong to the cluster."""
    done = await readiness.judge_tickets(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), cluster_id,
        [TicketVerdict(ticket_id=each, verdict=verdict) for each in ids], actor=viewer.actor,
    )  # fmt: skip
    skipped = f" {len(done.skipped)} changed meanwhile and were skipped." if done.skipped else ""
    return changed(f"Judged: {len(done.judged)}.{skipped}")


@router.post("/{cluster_id}/dry-run")
async def start_dry_run(cluster_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Start a dry-run over past tickets."""
    tenant = viewer.one_tenant(tenant_id)
    started = await dry_runs.start_dry_run(functions_of(viewer.backends), tenant, cluster_id, actor=viewer.actor)
    return changed("Started.", to=_to(viewer, tenant, f"/dry-runs/{started.id}"))


@router.post("/{cluster_id}/switch-on")
async def switch_on(cluster_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Let autopilot answer new tickets of the cluster."""
    await clusters.set_auto_respond(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), cluster_id, is_on=True, actor=viewer.actor
    )
    return changed("On. Autopilot proposes a response to each new ticket.")


@router.post("/{cluster_id}/switch-off")
async def switch_off(cluster_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Stop answering tickets of the cluster."""
    await clusters.set_auto_respond(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), cluster_id, is_on=False, actor=viewer.actor
    )
    return changed("Off. Responses that wait in the outbox stay there.")


@router.post("/{cluster_id}/articles")
async def set_link(
    cluster_id: UUID, viewer: Viewer, article_id: Annotated[UUID, Form()], is_linked: Annotated[bool, Form()],
    tenant_id: UUID | None = None,
) -> Response:  # fmt: skip
    """Say whether an article answers a cluster."""
    await articles.set_link(
        functions_of(viewer.backends), viewer.one_tenant(tenant_id), article_id, cluster_id, is_linked=is_linked,
        actor=viewer.actor,
    )  # fmt: skip
    return changed("Linked." if is_linked else "No longer linked. Searches do not link it again.")


@router.post("/{cluster_id}/article")
async def article(cluster_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """Draft an article from the resolved tickets, and propose to publish it."""
    tenant = viewer.one_tenant(tenant_id)
    await draft_article(viewer.backends, tenant, cluster_id, actor=viewer.actor)
    return changed("Drafted. It is published when its envelope is approved and executed.", to=_gaps(viewer, tenant))


def _to(viewer: Principal, tenant: UUID, path: str) -> str:
    return linker(viewer, "clusters", tenant)(path)


def _gaps(viewer: Principal, tenant: UUID) -> str:
    return linker(viewer, "articles", tenant)("/drafts")
