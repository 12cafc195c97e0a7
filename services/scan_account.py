"""Scan a connected account: call its scan-enabled tools and store their answers as evidence and signals."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from uuid_utils.compat import uuid7

from services.accounts import HEALTHY_STATUSES, Account
from services.backends import Backends
from services.canonical import canonical_sha256
from services.catalog import Tool, ToolStatus
from services.clock import utc_now
from services.envelope import Actor, Risk
from services.errors import InvalidInput
from services.evidence import Reading
from services.guardrails import Decision, GuardrailSettings, RateRequest
from services.guardrails.rate import bucket_of, rate_request
from services.guardrails.scopes import judge_scopes, toolkit
from services.tools import Outcome, Success, ToolCall
from services.tools.registry import login_id_of
from services.untrusted import one_line, storable

if TYPE_CHECKING:
    from services.tools.dispatch import Tools

CALL_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """The result of a scan."""

    counts: Counter[str] = field(default_factory=Counter)
    """Tools by result: `read`, `failed`, `held` (rate limit), `not_allowed` (scopes, or an unhealthy account) and
    `postponed` (no time left); also `evidence` (new rows) and `signals` (changed rows)."""
    problems: tuple[str, ...] = ()


def scan_enabled_tools(tools: Sequence[Tool], account: Account) -> list[Tool]:
    """The newest versions of the scan-enabled tools of the account's toolkit that are active and of low risk."""
    enabled = [
        tool
        for tool in tools
        if tool.scan is not None
        and tool.unreadable is None
        and tool.status is ToolStatus.ACTIVE
        and tool.risk is Risk.LOW
        and toolkit(tool.tool_slug).casefold() == account.provider.casefold()
    ]
    return list({tool.tool_slug: tool for tool in reversed(enabled)}.values())


async def scan_account(
    backends: Backends,
    tools: "Tools",
    account: Account,
    scan_tools: Sequence[Tool],
    settings: GuardrailSettings,
    *,
    actor: Actor,
    deadline: float,
) -> ScanReport:
    """Call each tool once, within the tenant's scopes and rate limits, and store the answers.

    No call starts at the deadline, a time of `time.monotonic`, or later. A tool that fails does not stop the others.
    """
    counts: Counter[str] = Counter()
    problems: list[str] = []
    readings: list[Reading] = []
    allowed = [tool for tool in scan_tools if _is_allowed(tool, account, settings)]
    if len(allowed) < len(scan_tools):
        counts["not_allowed"] = len(scan_tools) - len(allowed)
    for tool in allowed:
        if time.monotonic() >= deadline:
            counts["postponed"] += 1
            continue
        if not await _take_rate_token(backends, tool, account, settings):
            counts["held"] += 1
            continue
        outcome = await tools.execute(_make_call(tool, account))
        if isinstance(outcome, Success):
            counts["read"] += 1
            readings.append(_make_reading(tool, account, outcome.result))
        else:
            counts["failed"] += 1
            await _respect_retry_after(backends, tool, account, settings, outcome)
            problems.append(one_line(f"{tool.tool_slug}: {_error_of(outcome)}"))
    if readings:
        try:
            saved = await backends.evidence.save(account.tenant_id, readings, actor=actor)
        except InvalidInput as exc:  # this error would occur in every later scan too: report it
            problems.append(str(exc))
        else:
            counts.update(evidence=saved.evidence, signals=saved.signals)
    return ScanReport(counts=counts, problems=tuple(problems))


def _is_allowed(tool: Tool, account: Account, settings: GuardrailSettings) -> bool:
    return (
        account.status in HEALTHY_STATUSES
        and judge_scopes(tool, account, settings, utc_now()).decision is Decision.ALLOW
    )


async def _take_rate_token(backends: Backends, tool: Tool, account: Account, settings: GuardrailSettings) -> bool:
    """Take a rate token. Returns whether the call may be made now."""
    request = _rate_request(tool, account, settings)
    if request is None:
        return bucket_of(tool, settings, account.id) is None
    grants = await backends.guardrails.take_rate_tokens([request])
    return any(grant.granted for grant in grants.values())


async def _respect_retry_after(
    backends: Backends, tool: Tool, account: Account, settings: GuardrailSettings, outcome: Outcome
) -> None:
    """Hold the rate bucket if the tool said how long to wait, so that workers wait too."""
    request, retry_after = _rate_request(tool, account, settings), getattr(outcome, "retry_after", None)
    if request is not None and retry_after is not None:
        await backends.guardrails.hold_bucket(request, until=utc_now() + retry_after)


def _rate_request(tool: Tool, account: Account, settings: GuardrailSettings) -> RateRequest | None:
    """The request for a rate token; None if the tenant has no valid limit."""
    bucket = bucket_of(tool, settings, account.id)
    return None if bucket is None else rate_request(bucket, tool.rate_bucket, settings, 1)


def _make_call(tool: Tool, account: Account) -> ToolCall:
    return ToolCall(
        envelope_id=uuid7(),
        tenant_id=tool.tenant_id,
        tool=tool,
        arguments=(tool.scan or {}).get("arguments", {}),
        connected_account_id=str(account.id),
        login_id=login_id_of(account),
        timeout=CALL_TIMEOUT,
    )


def _make_reading(tool: Tool, account: Account, result: Any) -> Reading:
    content = storable(result)
    return Reading(
        tool_slug=tool.tool_slug, connected_account_id=account.id, content=content,
        sha256=canonical_sha256({"content": content}), value=_summary(content),
    )  # fmt: skip


def _summary(content: Any) -> dict[str, Any]:
    """The kind and size of an answer, which usually change when the data changes."""
    match content:
        case list():
            return {"kind": "list", "items": len(content)}
        case dict():
            lists = {str(name): len(items) for name, items in content.items() if isinstance(items, list)}
            return {"kind": "object", "fields": len(content), **({"items": lists} if lists else {})}
        case str():
            return {"kind": "text", "characters": len(content)}
    return {"kind": "nothing" if content is None else "value"}


def _error_of(outcome: Outcome) -> str:
    return getattr(outcome, "error", type(outcome).__name__)
