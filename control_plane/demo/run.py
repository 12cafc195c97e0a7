"""Run the demo: propose envelopes, execute them, and count the end state of each."""

import asyncio
import base64
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

from pydantic import SecretStr

from control_plane.demo.proposals import (
    ACME,
    BOREALIS,
    DEAD_LETTER,
    END_STATES,
    MCP_SUCCESS,
    QUIET_HOURS,
    RETRIED,
    WEBHOOK_SUCCESS,
    DemoProposal,
    day_proposals,
    night_proposals,
    quiet_hours,
)
from control_plane.demo.receiver import Receiver, run_receiver
from control_plane.jobs import JobContext, warm_scan
from control_plane.jobs.run import run_job
from services.audit_log import AuditRow
from services.backends import Backends
from services.backends.open import postgres_backends
from services.clock import utc_now
from services.envelope import DEAD_STATUSES as IN_DLQ
from services.envelope import Actor, ActorType, Door, Envelope, Risk, Status
from services.errors import NotReady
from services.guardrails import Decision
from services.propose import propose
from services.tenants import Tenant
from services.tools.dispatch import Tools
from services.tools.http import HttpSettings
from services.tools.mcp import McpServer, McpSettings
from worker.backoff import RetryRule
from worker.loop import Worker
from worker.options import WorkerOptions

AGENT = Actor(type=ActorType.AGENT, id="demo-agent", door=Door.CLI)
OPERATOR = Actor(type=ActorType.OPERATOR, id="demo", door=Door.CLI)
OPTIONS = WorkerOptions(
    concurrency=16,
    poll_every=timedelta(seconds=1),
    lease_for=timedelta(seconds=15),
    heartbeat_every=timedelta(seconds=5),
    tool_timeout=timedelta(seconds=10),
    drain_for=timedelta(seconds=10),
    policy_max_age=timedelta(0),
    approval_ttl=timedelta(days=3),
    retry={risk: RetryRule(max_attempts=3, base=timedelta(seconds=0.5), cap=timedelta(seconds=5)) for risk in Risk},
)
KEEP = timedelta(days=90)
"""How long settled envelopes stay in the outbox."""
TIMEOUT = timedelta(seconds=60)
"""Time limit for the execution of the day's proposals, and again for the night's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """The numbers and rows that the demo prints."""

    tenants: tuple[Tenant, ...]
    end_states: Counter[tuple[UUID, str]]
    """Number of envelopes of this run by tenant and end state."""
    expected: Counter[tuple[UUID, str]]
    """The numbers that a correct run must have, in the same form."""
    keys: int
    """Number of idempotency keys that the receiver of the webhooks got."""
    repeated_keys: int
    """Number of keys that it got more than once, because of retries."""
    audit: tuple[AuditRow, ...]
    """The last rows of each tenant's audit chain, newest first."""


async def run_demo(url: str, print_progress: Callable[[str], None]) -> DemoResult:
    """Run the demo in a seeded database. Raises NotReady if the envelopes are not executed within TIMEOUT."""
    run = f"demo-{secrets.token_hex(3)}"
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    time_server = McpServer(command=sys.executable, args=("-m", "mcp_server_time", "--local-timezone", "UTC"))
    with run_receiver(secret) as receiver:
        async with (
            postgres_backends(url) as backends,
            Tools(
                HttpSettings(webhook_secrets={"demo": SecretStr(secret)}, allowed_hosts=("127.0.0.1",)),
                McpSettings(mcp_servers={"time": time_server}),
                concurrency=OPTIONS.concurrency,
            ) as tools,
        ):
            await _redirect_webhooks(backends, receiver.url)
            print_progress("scan: a warm scan calls the tenants' tools and stores their answers as evidence")
            await _scan(backends, tools, ACME)
            evidence = await _scan(backends, tools, BOREALIS)
            print_progress(
                "day: agents of two tenants propose envelopes, guardrails judge them, a worker executes them"
            )
            await _set_quiet_hours(backends, starts_in=timedelta(hours=2))
            by_day = list(day_proposals(run, evidence))
            day_envelopes = await _propose(backends, by_day)
            await _execute(backends, tools, day_envelopes)

            print_progress("night: the quiet hours of Borealis Bank have begun")
            await _set_quiet_hours(backends, starts_in=timedelta(hours=-1))
            by_night = list(night_proposals(run, evidence))
            night_envelopes = await _propose(backends, by_night)
            await _execute(backends, tools, night_envelopes)

            return await _collect_result(backends, receiver, [*by_day, *by_night], [*day_envelopes, *night_envelopes])


async def _scan(backends: Backends, tools: Tools, tenant: UUID) -> dict[str, str]:
    """Scan the tenant's accounts. Returns one piece of evidence in the form in which proposals cite it.

    Raises NotReady if the scan collected none.
    """
    context = JobContext(backends=backends, tools=tools, rules={}, keep_settled=KEEP, tenant=tenant, is_requested=True)
    await run_job(warm_scan.JOB, context, worker_id="demo")
    evidence = await backends.evidence.list_evidence(tenant)
    if not evidence:
        raise NotReady("demo: the scan collected no evidence; see: python -m control_plane jobs list warm_scan")
    return {"id": str(evidence[0].id), "sha256": evidence[0].sha256}


async def _redirect_webhooks(backends: Backends, url: str) -> None:
    """Point the webhook tools of the demo tenants at this base URL."""
    for tenant in await backends.tenants.list_tenants():
        tools = [t for t in await backends.catalog.list_tools(tenant.id) if t.config.get("secret") == "demo"]
        path = {t.tool_slug: str(t.config["url"]).rpartition("/")[2] for t in tools}
        redirected = [replace(t, config={**t.config, "url": f"{url}/{path[t.tool_slug]}"}) for t in tools]
        await backends.catalog.save(redirected, actor=OPERATOR)


async def _set_quiet_hours(backends: Backends, *, starts_in: timedelta) -> None:
    settings = (await backends.guardrails.policies([BOREALIS]))[BOREALIS].settings
    await backends.guardrails.save(
        replace(settings, quiet_hours=quiet_hours(utc_now(), starts_in=starts_in)), actor=OPERATOR
    )


async def _propose(backends: Backends, proposals: Iterable[DemoProposal]) -> list[Envelope]:
    return [(await propose(backends, proposal.request, actor=AGENT)).envelope for proposal in proposals]


async def _execute(backends: Backends, tools: Tools, envelopes: Iterable[Envelope]) -> None:
    """Run workers for the demo tenants until none of these envelopes can be executed now."""
    workers = [
        Worker(backends=backends, tools=tools, options=OPTIONS, worker_id=str(uuid4()), tenant=tenant)
        for tenant in (ACME, BOREALIS)
    ]

    async def stop_when_done() -> None:
        waiting = list(envelopes)
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                while waiting:
                    waiting = [e for e in waiting if not _is_done(await backends.outbox.get(e.tenant_id, e.id))]
                    await asyncio.sleep(0.05)
        except TimeoutError as exc:
            span = f"{TIMEOUT.total_seconds():.0f} s"
            raise NotReady(f"demo: not finished within {span}; see: python -m worker.outbox status") from exc
        finally:
            for worker in workers:
                worker.stop()

    async with asyncio.TaskGroup() as group:
        for worker in workers:
            group.create_task(worker.run())
        group.create_task(stop_when_done())


def _is_done(envelope: Envelope) -> bool:
    return envelope.status is not Status.PENDING or _is_held_by_quiet_hours(envelope)


def _is_held_by_quiet_hours(envelope: Envelope) -> bool:
    return any(v["guardrail"] == "quiet_hours" and v["decision"] == Decision.HOLD for v in envelope.verdicts)


async def _collect_result(
    backends: Backends, receiver: Receiver, proposals: list[DemoProposal], envelopes: list[Envelope]
) -> DemoResult:
    end_states: Counter[tuple[UUID, str]] = Counter()
    expected: Counter[tuple[UUID, str]] = Counter()
    for proposal, envelope in zip(proposals, envelopes, strict=True):
        expected[envelope.tenant_id, proposal.end_state] += 1
        end_states[envelope.tenant_id, _end_state(await backends.outbox.get(envelope.tenant_id, envelope.id))] += 1
    tenants = tuple(t for t in await backends.tenants.list_tenants() if any(e.tenant_id == t.id for e in envelopes))
    audit = [row for t in tenants for row in await backends.audit_log.tail(t.id, limit=4)]
    return DemoResult(
        tenants=tenants,
        end_states=end_states,
        expected=expected,
        keys=len(receiver.calls_by_key),
        repeated_keys=sum(calls > 1 for calls in receiver.calls_by_key.values()),
        audit=tuple(audit),
    )


def _end_state(envelope: Envelope) -> str:
    match envelope.status:
        case Status.SUCCESS if envelope.attempts > 1:
            return RETRIED
        case Status.SUCCESS:
            return MCP_SUCCESS if envelope.tool_slug.startswith("TIME__") else WEBHOOK_SUCCESS
        case Status.PENDING if _is_held_by_quiet_hours(envelope):
            return QUIET_HOURS
        case status if status in IN_DLQ:
            return DEAD_LETTER
        case status:
            return next((end_state for end_state in END_STATES if end_state == status.replace("_", " ")), status)
