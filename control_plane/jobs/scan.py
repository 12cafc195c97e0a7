"""Read through accounts: what the tools that a person or a rule marked for it answer becomes evidence and a signal."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from control_plane.jobs import Desk, Report, tell_bug
from services.accounts import HEALTHY, Account, provider_reference
from services.canonical import canonical_sha256
from services.catalog import Tool, ToolStatus
from services.clock import utc_now
from services.envelope import Actor, Risk
from services.errors import ControlPlaneError, InvalidInput
from services.evidence import Reading
from services.guardrails import Decision, GuardrailSettings, RateRequest
from services.guardrails.rate import bucket_of, rate_request
from services.guardrails.scopes import judge_scopes, toolkit
from services.tools import Outcome, Success, ToolCall
from services.untrusted import one_line, storable

WITHIN = timedelta(seconds=30)
AT_ONCE = 8
"""Tenants that are read side by side."""
PER_TENANT = timedelta(seconds=30)
"""After so long no further call begins for a tenant in this run; a later trickle refresh reads the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What reading through an account brought."""

    counts: Counter[str]
    """`read`, `evidence` (new), `signals` (changed), `failed`, `held` (no room), `not_allowed` (scopes), `put_off`
    (no time), `nothing_marked` (accounts of whose toolkit no tool is to be read)."""
    problems: tuple[str, ...] = ()


Read = Callable[[UUID, float], Awaitable[Sequence[Scanned]]]
"""Scans for one tenant until a moment of `time.monotonic`."""


async def side_by_side(desk: Desk, tenants: Iterable[UUID], read: Read) -> Report:
    """Read for these tenants, each within its time unless a person asked; what fails for one is no other's trouble."""
    slots = asyncio.Semaphore(AT_ONCE)
    counts: Counter[str] = Counter()
    problems: list[str] = []

    async def read_one(tenant: UUID) -> None:
        async with slots:
            until = float("inf") if desk.asked else time.monotonic() + PER_TENANT.total_seconds()
            try:
                for scanned in await read(tenant, until):
                    counts.update(scanned.counts)
                    problems.extend(scanned.problems)
            except ControlPlaneError as exc:
                problems.append(str(exc))
            except Exception as exc:  # a bug that one tenant's rows wake must not take the others along
                problems.append(tell_bug(exc, tenant=str(tenant)))

    async with asyncio.TaskGroup() as group:
        for tenant in tenants:
            group.create_task(read_one(tenant))
    return Report(counts=counts, problem=one_line("; ".join(problems)) or None)


def readable(tools: Sequence[Tool], account: Account) -> list[Tool]:
    """The newest active version of each tool of the account's toolkit that is marked for scans and of low risk."""
    mine = [
        tool
        for tool in tools
        if tool.scan is not None
        and tool.unreadable is None
        and tool.status is ToolStatus.ACTIVE
        and tool.risk is Risk.LOW
        and toolkit(tool.tool_slug).casefold() == account.provider.casefold()
    ]
    return list({tool.tool_slug: tool for tool in reversed(mine)}.values())


async def scan(
    desk: Desk, account: Account, tools: Sequence[Tool], settings: GuardrailSettings, *, actor: Actor, until: float
) -> Scanned:
    """Call these once each, under the tenant's rate limits, and keep what they answer.

    A tool that fails stops no other. An unhealthy account is not read through.
    """
    counts: Counter[str] = Counter()
    problems: list[str] = []
    readings: list[Reading] = []
    allowed = [
        tool for tool in tools
        if account.status in HEALTHY and judge_scopes(tool, account, settings, utc_now()).decision is Decision.ALLOW
    ]  # fmt: skip
    if len(allowed) < len(tools):
        counts["not_allowed"] = len(tools) - len(allowed)
    for tool in allowed:
        if time.monotonic() >= until:
            counts["put_off"] += 1
            continue
        if not await _has_room(desk, tool, account, settings):
            counts["held"] += 1
            continue
        outcome = await desk.tools.execute(_call(tool, account))
        if isinstance(outcome, Success):
            counts["read"] += 1
            readings.append(_reading(tool, account, outcome.result))
        else:
            counts["failed"] += 1
            ask, wait = _ask(tool, account, settings), getattr(outcome, "retry_after", None)
            if ask is not None and wait is not None:
                await desk.backends.guardrails.hold_bucket(ask, until=utc_now() + wait)
            problems.append(one_line(f"{tool.tool_slug}: {_why(outcome)}"))
    if readings:
        try:
            saved = await desk.backends.evidence.save(account.tenant_id, readings, actor=actor)
        except InvalidInput as exc:  # it would be no better next time
            problems.append(str(exc))
        else:
            counts.update(evidence=saved.evidence, signals=saved.signals)
    return Scanned(counts=counts, problems=tuple(problems))


def _ask(tool: Tool, account: Account, settings: GuardrailSettings) -> RateRequest | None:
    """None where the tenant sets no limit."""
    bucket = bucket_of(tool, settings, account.id)
    return None if bucket is None else rate_request(bucket, tool.rate_bucket, settings, 1)


async def _has_room(desk: Desk, tool: Tool, account: Account, settings: GuardrailSettings) -> bool:
    ask = _ask(tool, account, settings)
    if ask is None:
        return bucket_of(tool, settings, account.id) is None
    grants = await desk.backends.guardrails.take_rate_tokens([ask])
    return any(grant.granted for grant in grants.values())


def _call(tool: Tool, account: Account) -> ToolCall:
    return ToolCall(
        envelope_id=uuid7(),
        tenant_id=tool.tenant_id,
        tool=tool,
        arguments=(tool.scan or {}).get("arguments", {}),
        connected_account_id=str(account.id),
        account_reference=provider_reference(account),
        timeout=WITHIN,
    )


def _reading(tool: Tool, account: Account, result: Any) -> Reading:
    content = storable(result)
    return Reading(
        tool_slug=tool.tool_slug, connected_account_id=account.id, content=content,
        sha256=canonical_sha256({"content": content}), value=_in_short(content),
    )  # fmt: skip


def _in_short(content: Any) -> dict[str, Any]:
    """How much there is, and of what kind: what changes when something happened."""
    match content:
        case list():
            return {"kind": "list", "items": len(content)}
        case dict():
            lists = {str(name): len(items) for name, items in content.items() if isinstance(items, list)}
            return {"kind": "object", "fields": len(content), **({"items": lists} if lists else {})}
        case str():
            return {"kind": "text", "characters": len(content)}
    return {"kind": "nothing" if content is None else "value"}


def _why(outcome: Outcome) -> str:
    return getattr(outcome, "error", type(outcome).__name__)
