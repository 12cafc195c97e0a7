"""Envelopes as JSON rows: the one shape in which both database backends speak to `worker_api`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.database.moments import moment
from services.envelope import Envelope, Risk, Status
from services.outbox import Claimed, Lease, Proposal, QueueStatus, Settlement


def envelope_from_row(row: Mapping[str, Any]) -> Envelope:
    """An Envelope from a row of `outbox` or `outbox_dlq` as PostgreSQL writes it in JSON."""
    get = row.get
    return Envelope(
        id=UUID(row["id"]),
        tenant_id=UUID(row["tenant_id"]),
        tool_slug=row["tool_slug"],
        tool_version=row["tool_version"],
        arguments=row["arguments"],
        connected_account_id=row["connected_account_id"],
        risk=Risk(row["risk"]),
        external_id=row["external_id"],
        trust_context=row["trust_context"],
        metadata=row["metadata"],
        status=Status(row["status"]),
        attempts=row["attempts"],
        next_run_at=moment(get("next_run_at")),
        last_error=row["last_error"],
        lane=row["lane"],
        verdicts=tuple(row["verdicts"]),
        result=get("result"),
        approved_digest=get("approved_digest"),
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(get("updated_at") or row["moved_at"]),
        moved_at=moment(get("moved_at")),
        doubtful=get("doubtful", False),
    )


def claimed_from_row(row: Mapping[str, Any]) -> Claimed:
    """A Claimed from what `worker_api.claim` returns."""
    envelope = envelope_from_row(row["envelope"])
    return Claimed(
        envelope=envelope,
        lease=Lease(envelope.tenant_id, envelope.lane, row["token"]),
        lost=row["lost"],
        sent=row["sent"],
    )


def status_from_row(row: Mapping[str, Any]) -> QueueStatus:
    """A QueueStatus from what `worker_api.queue_status` returns, read as JSON."""
    return QueueStatus(
        tenant_id=UUID(row["tenant_id"]),
        name=row["name"],
        paused=row["paused"],
        depth=row["depth"],
        in_flight=row["in_flight"],
        dlq=row["dlq"],
        doubtful=row["doubtful"],
        oldest_due_at=moment(row["oldest_due_at"]),
        retrying=row["retrying"],
        retries=tuple(row["retries"]),
    )


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """One element of what `worker_api.enqueue` takes."""
    return {
        "id": proposal.id,
        "tenant_id": proposal.tenant_id,
        "tool_slug": proposal.tool_slug,
        "tool_version": proposal.tool_version,
        "arguments": proposal.arguments,
        "connected_account_id": proposal.connected_account_id,
        "risk": proposal.risk,
        "external_id": proposal.external_id,
        "trust_context": proposal.trust_context,
        "metadata": proposal.metadata,
        "next_run_at": proposal.next_run_at,
    }


def settlement_row(settlement: Settlement) -> dict[str, Any]:
    """One element of what `worker_api.settle` takes; what is not said is left out."""
    row = {
        "tenant_id": settlement.lease.tenant_id,
        "lane": settlement.lease.lane,
        "token": settlement.lease.token,
        "envelope_id": settlement.envelope_id,
        "to": settlement.to,
        "error": settlement.error,
        "reason": settlement.reason,
        "result": settlement.result,
        "verdicts": settlement.verdicts,
        "next_run_at": settlement.next_run_at,
        "digest": settlement.digest,
        "expires_at": settlement.expires_at,
        "repeat": settlement.repeat or None,
        "doubtful": settlement.doubtful or None,
    }
    return {key: value for key, value in row.items() if value is not None}


def sent_row(call: Claimed) -> dict[str, Any]:
    """One element of what `worker_api.mark_sent` takes."""
    return {
        "tenant_id": call.lease.tenant_id,
        "lane": call.lease.lane,
        "token": call.lease.token,
        "envelope_id": call.envelope.id,
    }
