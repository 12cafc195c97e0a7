"""Run the demo: seed, propose, work, and count what became of every envelope."""

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

from control_plane.demo.receiver import Receiver, receiving
from control_plane.demo.story import (
    ACME,
    BOREALIS,
    DEAD,
    ENDINGS,
    MCP,
    QUIET,
    RETRIED,
    WEBHOOK,
    Scene,
    daytime,
    nightfall,
    quiet_hours,
)
from control_plane.jobs import Desk, warm_scan
from control_plane.jobs.run import run_job
from control_plane.settings import McpServer
from services.audit_log import AuditRow
from services.backends import Backends
from services.backends.open import postgres_backends
from services.clock import utc_now
from services.envelope import DEAD as IN_DLQ
from services.envelope import Actor, ActorType, Door, Envelope, Risk, Status
from services.errors import NotReady
from services.guardrails import Decision
from services.propose import propose
from services.tenants import Tenant
from services.tools.registry import Tools
from worker.backoff import RetryRule
from worker.loop import Pace, Worker

AGENT = Actor(type=ActorType.AGENT, id="demo-agent", door=Door.CLI)
OPERATOR = Actor(type=ActorType.OPERATOR, id="demo", door=Door.CLI)
PACE = Pace(
    concurrency=16,
    poll_every=timedelta(seconds=1),
    lease_for=timedelta(seconds=15),
    tool_timeout=timedelta(seconds=10),
    drain_for=timedelta(seconds=10),
    policy_max_age=timedelta(0),
    approval_ttl=timedelta(days=3),
    retry={risk: RetryRule(max_attempts=3, base=timedelta(seconds=0.5), cap=timedelta(seconds=5)) for risk in Risk},
)
KEEP = timedelta(days=90)
DONE_WITHIN = timedelta(seconds=60)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the demo shows."""

    tenants: tuple[Tenant, ...]
    endings: Counter[tuple[UUID, str]]
    """How many envelopes of this run ended how, per tenant."""
    expected: Counter[tuple[UUID, str]]
    keys: int
    """Idempotency keys the webhooks' receiver saw."""
    keys_again: int
    """Those it saw more than once: the retries."""
    audit: tuple[AuditRow, ...]
    """The last rows of each tenant's chain, the newest first."""


async def run_demo(url: str, say: Say) -> Report:
    """The whole story against a seeded database. Raises NotReady when the work does not end."""
    run = f"demo-{secrets.token_hex(3)}"
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    clock = McpServer(command=sys.executable, args=("-m", "mcp_server_time", "--local-timezone", "UTC"))
    with receiving(secret) as receiver:
        async with (
            postgres_backends(url) as backends,
            Tools(
                http_secrets={"demo": SecretStr(secret)},
                mcp_servers={"time": clock},
                allowed_hosts=["127.0.0.1"],
                concurrency=PACE.concurrency,
            ) as tools,
        ):
            await _point_webhooks(backends, receiver.url)
            say("dawn: a warm scan reads through what the tenants have connected, and keeps the answers as evidence")
            await _scan(backends, tools, ACME)
            evidence = await _scan(backends, tools, BOREALIS)
            say("day: agents of two tenants propose; guardrails judge; the worker executes")
            await _set_quiet_hours(backends, begin=timedelta(hours=2))
            scenes = list(daytime(run, evidence))
            placed = await _propose(backends, scenes)
            await _work(backends, tools, placed)

            say("night falls at Borealis Bank: its quiet hours begin")
            await _set_quiet_hours(backends, begin=timedelta(hours=-1))
            late = list(nightfall(run, evidence))
            held = await _propose(backends, late)
            await _work(backends, tools, held)

            return await _report(backends, receiver, [*scenes, *late], [*placed, *held])


async def _scan(backends: Backends, tools: Tools, tenant: UUID) -> dict[str, str]:
    """What a scan of the tenant's accounts has read, as proposals cite it. Raises NotReady where it read nothing."""
    desk = Desk(backends=backends, tools=tools, rules={}, keep_settled=KEEP, tenant=tenant, asked=True)
    await run_job(warm_scan.JOB, desk, worker_id="demo", asked=True)
    kept = await backends.evidence.list_evidence(tenant)
    if not kept:
        raise NotReady("demo: the scan read nothing; see: python -m control_plane jobs list warm_scan")
    return {"id": str(kept[0].id), "sha256": kept[0].sha256}


async def _point_webhooks(backends: Backends, url: str) -> None:
    for tenant in await backends.tenants.list_tenants():
        tools = [t for t in await backends.catalog.list_tools(tenant.id) if t.config.get("secret") == "demo"]
        path = {t.tool_slug: str(t.config["url"]).rpartition("/")[2] for t in tools}
        moved = [replace(t, config={**t.config, "url": f"{url}/{path[t.tool_slug]}"}) for t in tools]
        await backends.catalog.save(moved, actor=OPERATOR)


async def _set_quiet_hours(backends: Backends, *, begin: timedelta) -> None:
    settings = (await backends.guardrails.policies([BOREALIS]))[BOREALIS].settings
    await backends.guardrails.save(replace(settings, quiet_hours=quiet_hours(utc_now(), begin=begin)), actor=OPERATOR)


async def _propose(backends: Backends, scenes: Iterable[Scene]) -> list[Envelope]:
    return [(await propose(backends, scene.request, actor=AGENT)).envelope for scene in scenes]


async def _work(backends: Backends, tools: Tools, placed: Iterable[Envelope]) -> None:
    """Work for the demo's tenants, and nobody else, until these have ended or wait for the morning or a person."""
    workers = [
        Worker(backends=backends, tools=tools, pace=PACE, worker_id=str(uuid4()), tenant=tenant)
        for tenant in (ACME, BOREALIS)
    ]

    async def watch() -> None:
        waiting = list(placed)
        try:
            async with asyncio.timeout(DONE_WITHIN.total_seconds()):
                while waiting:
                    waiting = [e for e in waiting if not _rests(await backends.outbox.get(e.tenant_id, e.id))]
                    await asyncio.sleep(0.05)
        except TimeoutError as exc:
            span = f"{DONE_WITHIN.total_seconds():.0f} s"
            raise NotReady(f"demo: not done within {span}; see: python -m worker.outbox status") from exc
        finally:
            for worker in workers:
                worker.stop()

    async with asyncio.TaskGroup() as both:
        for worker in workers:
            both.create_task(worker.run())
        both.create_task(watch())


def _rests(envelope: Envelope) -> bool:
    return envelope.status is not Status.PENDING or _held_by_quiet_hours(envelope)


def _held_by_quiet_hours(envelope: Envelope) -> bool:
    return any(v["guardrail"] == "quiet_hours" and v["decision"] == Decision.HOLD for v in envelope.verdicts)


async def _report(backends: Backends, receiver: Receiver, scenes: list[Scene], placed: list[Envelope]) -> Report:
    endings: Counter[tuple[UUID, str]] = Counter()
    expected: Counter[tuple[UUID, str]] = Counter()
    for scene, envelope in zip(scenes, placed, strict=True):
        expected[envelope.tenant_id, scene.ending] += 1
        endings[envelope.tenant_id, _ending(await backends.outbox.get(envelope.tenant_id, envelope.id))] += 1
    tenants = tuple(t for t in await backends.tenants.list_tenants() if any(e.tenant_id == t.id for e in placed))
    audit = [row for t in tenants for row in await backends.audit_log.tail(t.id, limit=4)]
    return Report(
        tenants=tenants,
        endings=endings,
        expected=expected,
        keys=len(receiver.seen),
        keys_again=sum(times > 1 for times in receiver.seen.values()),
        audit=tuple(audit),
    )


def _ending(envelope: Envelope) -> str:
    match envelope.status:
        case Status.SUCCESS if envelope.attempts > 1:
            return RETRIED
        case Status.SUCCESS:
            return MCP if envelope.tool_slug.startswith("TIME__") else WEBHOOK
        case Status.PENDING if _held_by_quiet_hours(envelope):
            return QUIET
        case status if status in IN_DLQ:
            return DEAD
        case status:
            return next((ending for ending in ENDINGS if ending == status.replace("_", " ")), status)
