"""All functions with a JSON parameter accept the same documents, on every backend."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.approvals import ApprovalDecision, EditedCall
from services.audit_log import AuditEntry
from services.backends import Backends
from services.catalog import SyncEntry
from services.errors import InvalidInput
from services.evidence import Reading
from services.guardrails import GuardrailSettings
from services.job_runs import JobRun, RunStatus
from services.outbox import Disposition
from tests.builders import AGENT, MINUTE, a_tool, an_account, operator, system
from tests.contract.builders import WORKER, a_dead_letter, a_proposal, asking, put_one, settled, take_one

Put = Callable[[Backends, UUID, Any], Awaitable[object]]


def nested(levels: int) -> dict[str, Any]:
    """An object with so many levels of nesting."""
    inner: Any = 1
    for _ in range(levels - 1):
        inner = [inner]
    return {"a": inner}


def _enqueue(field: str) -> Put:
    return lambda backends, tenant, document: backends.outbox.enqueue(
        [a_proposal(tenant, **{field: document})], actor=AGENT
    )


def _settle(field: str, *, as_list: bool = False) -> Put:
    async def settle(backends: Backends, tenant: UUID, document: Any) -> None:
        await put_one(backends.outbox, tenant)
        detail = {field: (document,) if as_list else document}
        closing = settled(await take_one(backends.outbox), Disposition.SUCCESS, **detail)
        assert not await backends.outbox.settle(WORKER, [closing])

    return settle


def _save_guardrails(field: str) -> Put:
    return lambda backends, tenant, document: backends.guardrails.save(
        GuardrailSettings(tenant_id=tenant, **{field: document}), actor=operator("olga")
    )


def _save_tools(field: str) -> Put:
    return lambda backends, tenant, document: backends.catalog.save(
        [replace(a_tool(tenant_id=tenant), **{field: document})], actor=operator("olga")
    )


def _sync_tools(field: str) -> Put:
    async def sync(backends: Backends, tenant: UUID, document: Any) -> None:
        tool = replace(a_tool(tenant_id=tenant, tool_slug=f"MCP__{uuid4()}", provider="mcp"), **{field: document})
        await backends.catalog.sync(tenant, provider="mcp", source="mcp", tools=[SyncEntry(tool=tool)], actor=AGENT)

    return sync


def _save_readings(field: str) -> Put:
    def save(backends: Backends, tenant: UUID, document: Any) -> Awaitable[object]:
        reading = Reading(tool_slug="CRM__read", connected_account_id=None, content={}, sha256="a" * 64, value={})
        return backends.evidence.save(tenant, [replace(reading, **{field: document})], actor=system("scan"))

    return save


async def _finish_job(backends: Backends, tenant: UUID, document: Any) -> None:
    del tenant
    taken = await backends.job_runs.start(f"job-{uuid4()}", WORKER, run_id=uuid4(), every=None, lease_for=MINUTE)
    assert isinstance(taken, JobRun)
    await backends.job_runs.finish(taken, status=RunStatus.SUCCEEDED, counts=document, error=None)


async def _decide_approval(backends: Backends, tenant: UUID, document: Any) -> None:
    envelope = await put_one(backends.outbox, tenant)
    await backends.outbox.settle(WORKER, [asking(await take_one(backends.outbox))])
    await backends.approvals.decide(
        tenant, envelope.id, decision=ApprovalDecision.APPROVED, digest="d1", actor=operator("olga"),
        edited=EditedCall(arguments=document, digest="d2"),
    )  # fmt: skip


async def _requeue_edited(backends: Backends, tenant: UUID, document: Any) -> None:
    dead = await a_dead_letter(backends.outbox, tenant)
    await backends.outbox.requeue_edited(tenant, dead.id, arguments=document, actor=operator("olga"), reason=None)


CHECKED: dict[str, Put] = {
    "requeue_edited.arguments": _requeue_edited,
    "decide_approval.arguments": _decide_approval,
    "enqueue.arguments": _enqueue("arguments"),
    "enqueue.trust_context": _enqueue("trust_context"),
    "enqueue.metadata": _enqueue("metadata"),
    "save_account.metadata": lambda backends, tenant, document: backends.accounts.save(
        an_account(tenant_id=tenant, metadata=document), actor=operator("olga")
    ),
    **{f"save_tools.{field}": _save_tools(field) for field in ("schema", "config", "scan")},
    **{f"sync_tools.{field}": _sync_tools(field) for field in ("schema", "config", "scan", "annotations")},
}
"""What people and agents write: an object, at most 100 levels deep and 64 KiB long (a schema: 256 KiB)."""
RULES: dict[str, Put] = {
    f"save_guardrails.{field}": _save_guardrails(field) for field in ("quiet_hours", "scopes", "rate_limits")
}
"""Documents with their own rules, which no nested document fulfils."""
KEPT: dict[str, Put] = {
    "settle.result": _settle("result"),
    "settle.verdicts": _settle("verdicts", as_list=True),
    "save_readings.content": _save_readings("content"),
    "save_readings.value": _save_readings("value"),
    "save_tools.annotations": _save_tools("annotations"),
    "finish_job.counts": _finish_job,
    "append_audit.payload": lambda backends, tenant, document: backends.audit_log.append(
        [AuditEntry(tenant_id=tenant, actor=AGENT, category="test.noted", payload=document)]
    ),
}
"""Documents that our own code writes: they may have any depth. Annotations must be empty."""
EVERYWHERE = CHECKED | RULES | KEPT
NO_DOCUMENTS = {
    "check_account": "what was seen of a row: a status and two moments",
    "deliver_events": "events with plain values, which services/subscriptions/events.py makes of audit rows",
    "find_evidence": "keys",
    "find_tools": "keys",
    "issue_grant": "conditions, which are flat",
    "mark_sent": "leases",
    "save_objective": "texts",
    "take_rate_tokens": "numbers of calls",
    "record_shadow": "words for decisions",
    "start_shadow": "fields of guardrails, which save_guardrails checks too",
    "use_grants": "leases",
}
"""Functions with a JSON parameter that contains no document of a person or an agent."""


def test_every_function_with_a_json_parameter_is_tested_here(
    postgres_backends: Backends, contract_database: str
) -> None:
    del postgres_backends
    with psycopg.connect(contract_database) as connection:
        rows = connection.execute(
            """
            select p.proname from pg_proc as p
            where p.pronamespace = 'worker_api'::regnamespace
              and p.proargtypes::oid[] && array['jsonb', 'jsonb[]', 'json']::regtype[]::oid[]
            """
        ).fetchall()
    assert {name for (name,) in rows} == {place.partition(".")[0] for place in EVERYWHERE} | NO_DOCUMENTS.keys()


@pytest.mark.parametrize("place", [*CHECKED, *KEPT])
async def test_a_document_of_a_hundred_levels_is_accepted(backends: Backends, tenant: UUID, place: str) -> None:
    await EVERYWHERE[place](backends, tenant, nested(100))


@pytest.mark.parametrize("place", [*CHECKED, *RULES])
@pytest.mark.parametrize("levels", [101, 150])
async def test_a_deeper_document_is_refused_by_field_name(
    backends: Backends, tenant: UUID, place: str, levels: int
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await EVERYWHERE[place](backends, tenant, nested(levels))
    assert refused.value.field.partition(".")[0] == place.partition(".")[2]


@pytest.mark.parametrize("place", KEPT)
async def test_documents_written_by_our_own_code_may_be_deeper(backends: Backends, tenant: UUID, place: str) -> None:
    await KEPT[place](backends, tenant, nested(150))


@pytest.mark.parametrize("place", EVERYWHERE)
async def test_values_that_are_not_json_are_refused(backends: Backends, tenant: UUID, place: str) -> None:
    for value in ({1, 2}, b"bytes", Decimal("1.5"), timedelta(1), 2**70, "half \ud83d", "\x00", nested(300)):
        with pytest.raises(InvalidInput):
            await EVERYWHERE[place](backends, tenant, {"a": value})


@pytest.mark.parametrize("place", CHECKED)
@pytest.mark.parametrize(
    "document", [[], "text", 5, None, {"a": "x" * 262_144}], ids=["[]", "text", "5", "None", "large"]
)
async def test_a_document_that_is_no_object_or_too_large_is_refused_by_field_name(
    backends: Backends, tenant: UUID, place: str, document: Any
) -> None:
    if place.endswith(".scan") and document is None:
        await CHECKED[place](backends, tenant, None)  # no scan calls it
        return
    with pytest.raises(InvalidInput) as refused:
        await CHECKED[place](backends, tenant, document)
    is_no_edit = place == "decide_approval.arguments" and document is None
    assert refused.value.field == ("edited_digest" if is_no_edit else place.partition(".")[2])
