"""Propose an envelope: read an agent's proposal, refuse an invalid one, enqueue it, and judge it for the first time.

The first verdicts tell the agent what to expect. The worker judges again before it executes, and only that counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.catalog.arguments import argument_problems
from services.clock import Clock, utc_now
from services.envelope import Actor, Envelope, highest_risk
from services.errors import InvalidInput, NotFound
from services.guardrails import Policy, Verdict
from services.guardrails.evidence import cited_evidence
from services.guardrails.judge import Judgement, judge
from services.json_rules import TOO_DEEP, Problem
from services.outbox import Proposal
from services.request import Request, field_of, read_request

MAX_PROBLEMS = 20
"""How many problems a refusal names; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeResult:
    """The envelope of a proposal, and the verdicts of the guardrails at this time."""

    envelope: Envelope
    created: bool
    """False if an envelope with this key existed before."""
    verdicts: tuple[Verdict, ...]


async def propose(
    backends: Backends,
    document: Mapping[str, Any],
    *,
    actor: Actor,
    clock: Clock = utc_now,
    traceparent: str | None = None,
) -> ProposeResult:
    """Enqueue the proposed envelope.

    Raises InvalidInput with every invalid field, NotFound for an unknown tenant, tool or objective, StateConflict if
    the key was used for another call. Nothing is written then.
    """
    proposal, tool, policy = await read_proposal(backends, document, traceparent=traceparent)
    [enqueued] = await backends.outbox.enqueue([proposal], actor=actor)
    verdicts = (await judge_now(backends, enqueued.envelope, tool, policy, clock())).verdicts
    return ProposeResult(envelope=enqueued.envelope, created=enqueued.created, verdicts=verdicts)


async def read_proposal(
    backends: Backends, document: Mapping[str, Any], *, traceparent: str | None = None
) -> tuple[Proposal, Tool, Policy]:
    """What the document proposes, with the tool and the policy of its tenant. Raises InvalidInput, NotFound."""
    request, problems = read_request(document)
    policy, tool = await _find_policy_and_tool(backends, request, problems)
    if tool is not None and all(text != TOO_DEEP for _, text in problems):
        problems += argument_problems(tool, request.arguments)
    if problems or policy is None or tool is None:
        raise InvalidInput(*problems[0], *_others(problems))

    proposal = Proposal(
        id=request.envelope_id or uuid7(),
        tenant_id=request.tenant_id,
        tool_slug=request.tool_slug,
        tool_version=tool.version,
        arguments=request.arguments,
        connected_account_id=request.connected_account_id,
        risk=highest_risk(tool.risk, request.risk or tool.risk),
        external_id=request.external_id,
        trust_context=request.trust_context,
        metadata=request.metadata if traceparent is None else {**request.metadata, "traceparent": traceparent},
        next_run_at=request.not_before,
        must_run_before=request.must_run_before,
        objective_id=request.objective_id,
    )
    return proposal, tool, policy


async def judge_now(backends: Backends, envelope: Envelope, tool: Tool, policy: Policy, now: datetime) -> Judgement:
    """Ask every guardrail, with the evidence that the envelope cites. No rate token is taken."""
    citations = cited_evidence(envelope) if policy.settings.require_evidence else []
    evidence = await backends.evidence.find(citations) if citations else {}
    return judge(envelope, tool, policy, now, evidence=evidence)


async def _find_policy_and_tool(
    backends: Backends, request: Request, problems: list[Problem]
) -> tuple[Policy | None, Tool | None]:
    """The tenant's policy and the tool. Raises NotFound; if there are problems already, adds one instead."""
    invalid = {field_of(path) for path, _ in problems}
    if "tenant_id" in invalid:
        return None, None
    try:
        policy = await _find_policy(backends, request)
        return policy, None if invalid & {"tool_slug", "tool_version"} else await _find_tool(backends, request)
    except NotFound as exc:
        if not problems:
            raise
        field, _, problem = str(exc).partition(": ")
        problems.append((field, problem))
        return None, None


def _others(problems: Sequence[Problem]) -> list[Problem]:
    """All but the first, up to MAX_PROBLEMS, and how many are left out."""
    left_out = len(problems) - MAX_PROBLEMS
    return [*problems[1:MAX_PROBLEMS], *([("envelope", f"and {left_out} more")] if left_out > 0 else [])]


async def _find_policy(backends: Backends, request: Request) -> Policy:
    policy = (await backends.guardrails.policies([request.tenant_id])).get(request.tenant_id)
    if policy is None:
        raise NotFound("tenant", request.tenant_id, field="tenant_id")
    return policy


async def _find_tool(backends: Backends, request: Request) -> Tool:
    key = ToolKey(request.tenant_id, request.tool_slug, request.tool_version)
    tool = (await backends.catalog.find([key])).get(key)
    if tool is None:
        version = f" in version {request.tool_version}" if request.tool_version else ""
        problem = f"{request.tool_slug!r}{version} is not in this tenant's catalog"
        raise NotFound("tool", request.tool_slug, problem, field="tool_slug")
    return tool
