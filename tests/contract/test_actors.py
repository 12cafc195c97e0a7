"""The audit row of every change has the type, the id and the door of its actor."""

from datetime import timedelta
from uuid import UUID, uuid4

from services.accounts import AccountStatus
from services.approvals import ApprovalDecision, RejectionCode
from services.audit_log import AuditEntry, AuditLogger
from services.audit_log.verify import verify
from services.backends import Backends
from services.catalog import ListedTool, ToolDecision
from services.envelope import Actor, ActorType, Door
from services.evidence import Reading
from services.guardrails import GuardrailSettings
from services.objectives import Objective
from services.outbox import Disposition, Resolution
from services.sync_catalog import sync_catalog
from services.tenants import Tenant
from tests.builders import a_listing, a_tool, an_account
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, a_proposal, asking, close, put_one, take_one

ANN = Actor(type=ActorType.USER, id="ann", door=Door.API)
FILES = ListedTool(name="read", description="", schema={"type": "object"}, config={"server": "files", "tool": "read"})
READING = Reading(tool_slug="TIME__now", connected_account_id=None, content="noon", sha256="c" * 64, value={})


async def change_rules(backends: Backends, tenant: UUID) -> None:
    await backends.tenants.save(Tenant(id=tenant, name="renamed"), actor=ANN)
    await backends.tenants.pause(tenant, actor=ANN, reason=None)
    await backends.tenants.resume(tenant, actor=ANN)
    await backends.guardrails.save(GuardrailSettings(tenant_id=tenant, trust_threshold=0.5), actor=ANN)
    account = an_account(tenant_id=tenant)
    await backends.accounts.save(account, actor=ANN)
    await backends.accounts.save_health(account, status=AccountStatus.ERROR, problem="away", actor=ANN)
    await backends.accounts.note_scan(account, actor=ANN)
    await backends.objectives.save(Objective(id=uuid4(), tenant_id=tenant, title="Answer", metric="hours"), actor=ANN)
    await backends.evidence.save(tenant, [READING], actor=ANN)


async def change_catalog(backends: Backends, tenant: UUID) -> None:
    await backends.catalog.save([a_tool(tenant_id=tenant)], actor=ANN)
    await sync_catalog(backends, tenant, a_listing(FILES, source="files"), actor=ANN)
    new = (await backends.catalog.list_tools(tenant))[0]
    await backends.catalog.decide(
        tenant, new.tool_slug, decision=ToolDecision.ACCEPTED, schema_hash=new.schema_hash, actor=ANN, reason=None
    )


async def change_envelopes(backends: Backends, tenant: UUID, clock: FakeClock) -> None:
    outbox = backends.outbox
    [taken_back] = await outbox.enqueue([a_proposal(tenant)], actor=ANN)
    await outbox.cancel(tenant, taken_back.envelope.id, actor=ANN, reason=None)
    dead = await a_dead_letter(outbox, tenant)
    await outbox.requeue(tenant=tenant, envelopes=[dead.id], limit=1, actor=ANN)
    await close(outbox, await take_one(outbox), Disposition.UNKNOWN)
    await outbox.resolve(tenant, dead.id, decision=Resolution.FAILED, actor=ANN, reason=None)
    for decided in (True, False):
        envelope = await put_one(outbox, tenant)
        await outbox.settle("worker-1", [asking(await take_one(outbox))])
        if decided:
            await backends.approvals.decide(
                tenant,
                envelope.id,
                decision=ApprovalDecision.REJECTED,
                code=RejectionCode.OTHER,
                digest="d1",
                actor=ANN,
            )
    await put_one(outbox, tenant, must_run_before=clock() + timedelta(minutes=2))
    clock.advance(hours=2)
    assert (await backends.approvals.expire(actor=ANN), await outbox.expire(actor=ANN)) == (1, 1)
    assert await outbox.forget_settled(keep=timedelta(hours=1), limit=100, actor=ANN) > 0


async def test_every_change_is_audited_with_its_actor_and_entry_point(
    backends: Backends, clock: FakeClock, audit_log: AuditLogger, tenant: UUID
) -> None:
    before = len(await audit_log.tail(tenant, limit=1000))
    await change_rules(backends, tenant)
    await change_catalog(backends, tenant)
    await change_envelopes(backends, tenant, clock)
    await audit_log.append([AuditEntry(tenant_id=tenant, actor=ANN, category="note.made", payload={"n": 1})])

    rows = [row.entry for row in await audit_log.tail(tenant, limit=1000)][: -before or None]
    hers = [entry for entry in rows if entry.actor.type != "worker" and entry.actor.id != "planner"]
    assert {(entry.actor.type, entry.actor.id, entry.payload.get("door")) for entry in hers} == {("user", "ann", "api")}
    assert {entry.category for entry in hers} >= {
        "tenants.update", "guardrails.insert", "connected_accounts.insert", "connected_accounts.update",
        "objectives.insert", "evidence.collected", "tool_catalog.insert", "tool_catalog.update",
        "tool_catalog.accepted", "envelope.proposed", "envelope.cancelled", "envelope.requeued", "envelope.resolved",
        "envelope.rejected", "envelope.expired", "outbox.forgotten", "note.made",
    }  # fmt: skip
    assert {"door" in entry.payload for entry in rows if entry not in hers} == {False}
    [found] = [findings async for findings in verify(audit_log, tenant, {}, say=lambda _: None)]
    assert found.intact
