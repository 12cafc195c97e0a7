"""`/console/guardrails/shadow`: runs in which other guardrails also judge the next calls, without effect."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from control_plane.console.pages.guardrails import common, differing
from control_plane.console.render import changed, render
from control_plane.console.session import Viewer
from services.clock import utc_now
from services.errors import NotFound
from services.guardrails import Decision
from services.set_guardrails import read_policy
from services.shadow_runs import ShadowRun

router = APIRouter(prefix="/guardrails/shadow")


@router.get("")
async def show_runs(request: Request, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """The newest runs."""
    tenant = await viewer.known_tenant(tenant_id)
    return render(
        request, "guardrails/shadow.html", runs=await viewer.backends.shadow_runs.list_runs(tenant), now=utc_now(),
        **await common(viewer, tenant),
    )  # fmt: skip


@router.get("/{run_id}")
async def show_run(request: Request, run_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """One run: what the candidate would have decided, and which envelopes it would have decided differently."""
    tenant = await viewer.known_tenant(tenant_id)
    run = next((each for each in await viewer.backends.shadow_runs.list_runs(tenant) if each.id == run_id), None)
    if run is None:
        raise NotFound("shadow run", run_id)
    policy = await read_policy(viewer.backends, tenant)
    return render(
        request, "guardrails/shadow_run.html", run=run, counts=_counts(run), decisions=list(Decision), now=utc_now(),
        columns=[(decision.replace("_", " "), "number") for decision in Decision],
        differences=await viewer.backends.shadow_runs.list_differences(tenant, run_id),
        changes=differing(policy.settings.document, run.candidate), **await common(viewer, tenant),
    )  # fmt: skip


@router.post("/{run_id}/stop")
async def stop(run_id: UUID, viewer: Viewer, tenant_id: UUID | None = None) -> Response:
    """End a run now."""
    await viewer.backends.shadow_runs.stop(viewer.one_tenant(tenant_id), run_id, actor=viewer.actor)
    return changed("Shadow run stopped.")


def _counts(run: ShadowRun) -> dict[tuple[str, str], int]:
    """How many envelopes got each pair of decisions (by the guardrails, by the candidate)."""
    return {(count.decision, count.candidate_decision): count.envelopes for count in run.verdicts}
