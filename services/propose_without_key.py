"""Propose for callers that repeat a proposal after a lost answer, but send no `external_id`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.backends import Backends
from services.canonical import canonical_sha256
from services.clock import Clock, utc_now
from services.envelope import Actor, Envelope
from services.errors import NotFound
from services.propose import ProposeResult, propose

RESENT_WITHIN = timedelta(minutes=10)
"""If a proposer proposes the same call again within this time after the first proposal, it is the same envelope."""


async def propose_without_key(
    backends: Backends,
    document: Mapping[str, Any],
    *,
    tenant: UUID,
    proposer: str,
    actor: Actor,
    clock: Clock = utc_now,
    traceparent: str | None = None,
) -> ProposeResult:
    """Propose a call whose `external_id` follows from tenant, proposer, tool, account, arguments and time.

    Time is divided into spans of RESENT_WITHIN. The previous span is searched too, so a call that is repeated after the
    end of a span is found. `proposer` identifies the agent within the tenant. Raises the errors of `propose`.
    """
    now = clock()
    call = {
        "tenant_id": str(tenant), "proposer": proposer, "tool_slug": document.get("tool_slug"),
        "connected_account_id": document.get("connected_account_id"), "arguments": document.get("arguments", {}),
    }  # fmt: skip
    span = int(now.timestamp() // RESENT_WITHIN.total_seconds())
    digests = [canonical_sha256({**call, "span": number}) for number in (span - 1, span)]
    before, current = [await _find_envelope(backends, tenant, _envelope_id(digest)) for digest in digests]
    if before is not None and now - before.created_at < RESENT_WITHIN:
        digest, found = digests[0], True
    else:
        digest, found = digests[1], current is not None
    keyed_document = {
        **document, "tenant_id": str(tenant), "envelope_id": str(_envelope_id(digest)), "external_id": f"auto-{digest}",
    }  # fmt: skip
    result = await propose(backends, keyed_document, actor=actor, clock=clock, traceparent=traceparent)
    return replace(result, created=result.created and not found)


def _envelope_id(digest: str) -> UUID:
    """The id of the envelope, computed from its `external_id`, so that it is found even if it is a dead letter."""
    return UUID(bytes=bytes.fromhex(digest)[:16], version=4)


async def _find_envelope(backends: Backends, tenant: UUID, envelope_id: UUID) -> Envelope | None:
    try:
        return await backends.outbox.get(tenant, envelope_id)
    except NotFound:
        return None
