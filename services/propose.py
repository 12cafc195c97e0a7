"""Propose an envelope: read an agent's proposal, refuse an invalid one, enqueue it, and judge it for the first time.

The first verdicts tell the agent what to expect. The worker judges again before it executes the call, and only its
verdicts count.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.backends import Backends
from services.catalog import Tool, ToolKey
from services.catalog.arguments import argument_problems
from services.clock import Clock, utc_now
from services.envelope import Actor, Envelope, highest_risk
from services.errors import ControlPlaneError, InvalidInput, NotFound
from services.guardrails import Policy, Verdict
from services.guardrails.evidence import cited_evidence
from services.guardrails.judge import Judgement, judge
from services.json_rules import TOO_DEEP, Problem
from services.outbox import EnqueuedEnvelope, Proposal
from services.request import Request, field_of, read_request
from services.stamps import Stamps

MAX_PROBLEMS = 20
"""How many problems a refusal names; the others are counted."""


ReadProposal = tuple[Proposal, Tool, Policy]
"""The proposal in a document, its tool, and the policy of its tenant."""
Enqueued = tuple[EnqueuedEnvelope, Tool, Policy]
"""The envelope of a proposal, and the tool and the policy with which the proposal was checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeResult:
    """The envelope of a proposal, and the verdicts of the guardrails at this time."""

    envelope: Envelope
    created: bool
    """False if an envelope with this key existed before."""
    verdicts: tuple[Verdict, ...]
    tool: Tool
    """The tool that the proposal names. An earlier envelope may have another version."""


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
    enqueued = await _enqueue_with_remembered(backends, document, actor, traceparent)
    if enqueued is None:
        enqueued = await _read_and_enqueue(backends, document, actor, traceparent)
    result, tool, policy = enqueued
    verdicts = (await judge_now(backends, result.envelope, tool, policy, clock())).verdicts
    return ProposeResult(envelope=result.envelope, created=result.created, verdicts=verdicts, tool=tool)


async def _enqueue_with_remembered(
    backends: Backends, document: Mapping[str, Any], actor: Actor, traceparent: str | None
) -> Enqueued | None:
    """Check the proposal with the remembered policy and tool, and enqueue it with one call of the database, which also
    compares their stamps. None, with nothing written, if the policy or the tool has changed or is not remembered, or if
    the check fails."""
    read = _read_document(document)
    if backends.remembered is None or not isinstance(read, _ReadRequest) or read.problems:
        return None
    recalled = backends.remembered.recall(read.tool_key)
    if recalled is None:
        return None
    policy, tool = recalled
    if policy.stamp is None or tool.stamp is None:
        return None
    try:
        proposal, _, _ = _check(read, {policy.tenant_id: policy}, {read.tool_key: tool}, traceparent)
    except InvalidInput:  # the tool that is in the catalog now may accept the arguments
        return None
    stamps = Stamps(policy=policy.stamp, tools={tool.tool_slug: tool.stamp})
    enqueued = await backends.outbox.enqueue_if_current([proposal], actor=actor, stamps=stamps)
    return None if enqueued is None else (enqueued[0], tool, policy)


async def _read_and_enqueue(
    backends: Backends, document: Mapping[str, Any], actor: Actor, traceparent: str | None
) -> Enqueued:
    proposal, tool, policy = await read_proposal(backends, document, traceparent=traceparent)
    [enqueued] = await backends.outbox.enqueue([proposal], actor=actor)
    return enqueued, tool, policy


async def read_proposal(
    backends: Backends, document: Mapping[str, Any], *, traceparent: str | None = None
) -> ReadProposal:
    """Read and check a proposal. Raises InvalidInput, NotFound."""
    [read] = await read_proposals(backends, [document], traceparent=traceparent)
    if isinstance(read, ControlPlaneError):
        raise read
    return read


async def read_proposals(
    backends: Backends, documents: Sequence[Mapping[str, Any]], *, traceparent: str | None = None
) -> list[ReadProposal | ControlPlaneError]:
    """Read several proposals: for each document its proposal, or the error that `read_proposal` raises for it."""
    requests = [_read_document(document) for document in documents]
    readable = [request for request in requests if isinstance(request, _ReadRequest)]
    tenants = {read.request.tenant_id for read in readable if "tenant_id" not in read.invalid_fields}
    policies, tools = await _read_policies_and_tools(
        backends, tenants, [r.tool_key for r in readable if r.names_a_tool]
    )
    answers: list[ReadProposal | ControlPlaneError] = []
    for read in requests:
        await asyncio.sleep(0)  # checking arguments may take long: let other tasks run between two proposals
        if not isinstance(read, _ReadRequest):
            answers.append(read)
            continue
        try:
            answers.append(_check(read, policies, tools, traceparent))
        except ControlPlaneError as exc:
            answers.append(exc)
    return answers


async def judge_now(backends: Backends, envelope: Envelope, tool: Tool, policy: Policy, now: datetime) -> Judgement:
    """Ask every guardrail, with the evidence that the envelope cites. No rate token is taken."""
    citations = cited_evidence(envelope) if policy.settings.require_evidence else []
    evidence = await backends.evidence.find(citations) if citations else {}
    return judge(envelope, tool, policy, now, evidence=evidence)


async def _read_policies_and_tools(
    backends: Backends, tenants: Collection[UUID], keys: Collection[ToolKey]
) -> tuple[Mapping[UUID, Policy], Mapping[ToolKey, Tool]]:
    if backends.remembered is not None and len(tenants) == 1:
        [tenant] = tenants
        return await backends.remembered.read(backends.guardrails, backends.catalog, tenant, set(keys))
    policies = await backends.guardrails.policies(tenants) if tenants else {}
    known_keys = {key for key in keys if key.tenant_id in policies}
    return policies, await backends.catalog.find(known_keys) if known_keys else {}


@dataclass(frozen=True, slots=True)
class _ReadRequest:
    request: Request
    problems: list[Problem]

    @property
    def invalid_fields(self) -> set[str]:
        return {field_of(path) for path, _ in self.problems}

    @property
    def names_a_tool(self) -> bool:
        """Whether the request names a tenant and a tool that can be looked up."""
        return not self.invalid_fields & {"tenant_id", "tool_slug", "tool_version"}

    @property
    def tool_key(self) -> ToolKey:
        return ToolKey(self.request.tenant_id, self.request.tool_slug, self.request.tool_version)


def _read_document(document: Mapping[str, Any]) -> _ReadRequest | InvalidInput:
    try:
        return _ReadRequest(*read_request(document))
    except InvalidInput as exc:
        return exc


def _check(
    read: _ReadRequest, policies: Mapping[UUID, Policy], tools: Mapping[ToolKey, Tool], traceparent: str | None
) -> ReadProposal:
    """The checked proposal. Raises InvalidInput with all problems. Raises NotFound if something does not exist and
    there is no other problem."""
    request, problems = read.request, list(read.problems)
    policy = None if "tenant_id" in read.invalid_fields else policies.get(request.tenant_id)
    tool = tools.get(read.tool_key) if read.names_a_tool else None
    missing = _not_found_error(read, policy, tool)
    if missing is not None:
        if not problems:
            raise missing
        field, _, problem = str(missing).partition(": ")
        problems.append((field, problem))
    if tool is not None and all(text != TOO_DEEP for _, text in problems):
        problems += argument_problems(tool, request.arguments)
    if problems or policy is None or tool is None:
        raise InvalidInput(*problems[0], *_further_problems(problems))

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


def _not_found_error(read: _ReadRequest, policy: Policy | None, tool: Tool | None) -> NotFound | None:
    request = read.request
    if policy is None and "tenant_id" not in read.invalid_fields:
        return NotFound("tenant", request.tenant_id, field="tenant_id")
    if tool is None and read.names_a_tool:
        version = f" in version {request.tool_version}" if request.tool_version else ""
        problem = f"{request.tool_slug!r}{version} is not in this tenant's catalog"
        return NotFound("tool", request.tool_slug, problem, field="tool_slug")
    return None


def _further_problems(problems: Sequence[Problem]) -> list[Problem]:
    """The problems after the first one, up to MAX_PROBLEMS in all. If there are more, a last entry says how many."""
    left_out = len(problems) - MAX_PROBLEMS
    return [*problems[1:MAX_PROBLEMS], *([("envelope", f"and {left_out} more")] if left_out > 0 else [])]
