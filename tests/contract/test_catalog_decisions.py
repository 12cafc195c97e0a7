"""A person adds, accepts or rejects a tool, and later syncs keep the decision."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.catalog import Catalog, DecidedTool, ToolDecision, ToolKey, ToolStatus
from services.envelope import Risk, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.outbox import Disposition
from tests.builders import operator
from tests.clock import FakeClock
from tests.contract.builders import close, put_one, take_one
from tests.contract.catalog import (
    CHANGED,
    MANY,
    PATHS,
    READ,
    WRITE,
    added_by_hand,
    catalog_rows,
    changes_of,
    statuses,
    sync_tools,
)


async def test_an_accepted_tool_may_be_rejected_with_a_reason_and_accepted_again(
    backends: Backends, audit_log: AuditLogger, tenant: UUID
) -> None:
    await sync_tools(backends, tenant, READ)
    [tool] = await backends.catalog.list_tools(tenant)
    due = await put_one(backends.outbox, tenant, tool_slug="FILES__read", tool_version="1")
    told_why = {"schema_hash": tool.schema_hash, "reason": "it leaks"}
    for reason in (None, ""):
        with pytest.raises(InvalidInput, match="reason: is needed"):
            await backends.catalog.decide(
                tenant,
                "FILES__read",
                decision=ToolDecision.REJECTED,
                schema_hash=tool.schema_hash,
                actor=operator("olga"),
                reason=reason,
            )
    with pytest.raises(StateConflict, match="has changed since you looked"):
        await backends.catalog.decide(
            tenant,
            "FILES__read",
            decision=ToolDecision.REJECTED,
            schema_hash="another",
            actor=operator("olga"),
            reason="it leaks",
        )
    decided = await backends.catalog.decide(
        tenant, "FILES__read", decision=ToolDecision.REJECTED, actor=operator("olga"), **told_why
    )
    assert decided == DecidedTool(version="1", envelopes=0)
    assert (await catalog_rows(audit_log, tenant))[0] == (
        "tool_catalog.rejected", "olga", {"tool_slug": "FILES__read", "version": "1", **told_why},
    )  # fmt: skip
    assert (await backends.outbox.get(tenant, due.id)).status is Status.PENDING  # a guardrail denies its calls
    for trusted in (False, True):
        assert changes_of(await sync_tools(backends, tenant, READ, trusted=trusted)) == [
            ("FILES__read", "1", "unchanged")
        ]
    found = await backends.catalog.find([ToolKey(tenant, "FILES__read", version) for version in (None, "1")])
    assert [(tool.status, tool.drift, tool.is_new) for tool in found.values()] == [(ToolStatus.REJECTED, (), False)] * 2
    with pytest.raises(StateConflict, match="was already rejected"):
        await backends.catalog.decide(
            tenant, "FILES__read", decision=ToolDecision.REJECTED, actor=operator("olga"), **told_why
        )
    await backends.catalog.decide(
        tenant, "FILES__read", decision=ToolDecision.ACCEPTED, schema_hash=tool.schema_hash, actor=operator("olga")
    )
    assert await statuses(backends.catalog, tenant) == [("FILES__read", "1", "active")]


async def test_a_rejected_tool_that_changes_is_quarantined_even_if_its_source_is_trusted(
    backends: Backends, tenant: UUID
) -> None:
    await sync_tools(backends, tenant, READ)
    [tool] = await backends.catalog.list_tools(tenant)
    await backends.catalog.decide(
        tenant,
        "FILES__read",
        decision=ToolDecision.REJECTED,
        schema_hash=tool.schema_hash,
        actor=operator("olga"),
        reason="it leaks",
    )
    await sync_tools(backends, tenant, CHANGED, trusted=True)
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__read", "2", "quarantined"), ("FILES__read", "1", "retired"),
    ]  # fmt: skip


async def test_a_rejection_applies_to_every_version_and_held_envelopes_are_judged_again(
    backends: Backends, tenant: UUID, clock: FakeClock
) -> None:
    by_hand = added_by_hand(tenant, version="6")
    await backends.catalog.save([by_hand, replace(by_hand, version="7")], actor=operator("olga"))
    held = await put_one(backends.outbox, tenant, tool_slug="FILES__read", tool_version="6")
    claimed = await take_one(backends.outbox)
    verdicts = ({"guardrail": "tool", "decision": "hold", "reason": "not offered", "until": "2100-01-01T00:00:00Z"},)
    later = clock() + timedelta(hours=1)
    await close(backends.outbox, claimed, Disposition.HOLD, reason="tool: gone", next_run_at=later, verdicts=verdicts)
    await backends.catalog.decide(
        tenant, "FILES__read", decision=ToolDecision.REJECTED, schema_hash="", actor=operator("olga"), reason="it leaks"
    )
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__read", "7", "rejected"), ("FILES__read", "6", "retired"),
    ]  # fmt: skip
    envelope = await backends.outbox.get(tenant, held.id)
    assert (envelope.tool_version, envelope.next_run_at) == ("7", clock())


async def test_a_tool_without_an_open_decision_cannot_be_decided(catalog: Catalog, tenant: UUID) -> None:
    with pytest.raises(NotFound, match="has no pending decision"):
        await catalog.decide(
            tenant, "FILES__read", decision=ToolDecision.ACCEPTED, schema_hash="", actor=operator("olga")
        )
    with pytest.raises(InvalidInput, match='must be "accepted" or "rejected"'):
        await catalog.decide(
            tenant, "FILES__read", decision=cast("ToolDecision", "maybe"), schema_hash="", actor=operator("olga")
        )


async def test_a_tool_added_by_a_person_is_adopted_by_the_source_that_lists_it(
    backends: Backends, tenant: UUID
) -> None:
    by_hand = added_by_hand(tenant, version="7", description="Ours.")
    await backends.catalog.save([by_hand], actor=operator("olga"))
    assert changes_of(await sync_tools(backends, tenant, READ)) == [("FILES__read", "7", "unchanged")]
    [tool] = await backends.catalog.list_tools(tenant)
    assert (tool.source, tool.description, tool.risk) == ("files", "Reads a file.", Risk.LOW)
    assert changes_of(await sync_tools(backends, tenant, CHANGED)) == [("FILES__read", "1", "drifted")]


async def test_another_order_of_required_properties_is_no_drift(backends: Backends, tenant: UUID) -> None:
    schema = {**PATHS, "required": ["path", "mode"]}
    await backends.catalog.save([added_by_hand(tenant, schema=schema)], actor=operator("olga"))
    reordered = replace(READ, schema={**PATHS, "required": ["mode", "path"]})
    assert changes_of(await sync_tools(backends, tenant, reordered)) == [("FILES__read", "1", "unchanged")]


async def test_a_quarantine_applies_to_older_versions_too(backends: Backends, tenant: UUID) -> None:
    by_hand = added_by_hand(tenant, version="6")
    await backends.catalog.save([by_hand, replace(by_hand, version="7")], actor=operator("olga"))
    await sync_tools(backends, tenant, READ)
    assert [tool.source for tool in await backends.catalog.list_tools(tenant)] == ["files", "files"]
    await sync_tools(backends, tenant, CHANGED)
    assert await statuses(backends.catalog, tenant) == [
        ("FILES__read", "1", "quarantined"), ("FILES__read", "7", "drifted"), ("FILES__read", "6", "drifted"),
    ]  # fmt: skip
    key = ToolKey(tenant, "FILES__read", "6")
    changed = (await backends.catalog.list_tools(tenant))[0].schema_hash
    assert (await backends.catalog.find([key]))[key].drifted_to == changed
    await sync_tools(backends, tenant, READ)
    assert [status for _, _, status in await statuses(backends.catalog, tenant)] == ["retired", "active", "active"]
    await sync_tools(backends, tenant, CHANGED)
    await backends.catalog.decide(
        tenant, "FILES__read", decision=ToolDecision.ACCEPTED, schema_hash=changed, actor=operator("olga")
    )
    assert [status for _, _, status in await statuses(backends.catalog, tenant)] == [
        "active", "retired", "retired", "retired",
    ]  # fmt: skip


async def test_a_reverted_change_keeps_the_pinned_versions_that_still_exist(backends: Backends, tenant: UUID) -> None:
    by_hand = added_by_hand(tenant, version="6")
    await backends.catalog.save([by_hand, replace(by_hand, version="7")], actor=operator("olga"))
    await sync_tools(backends, tenant, READ)
    await sync_tools(backends, tenant, CHANGED)
    ids = [
        (await put_one(backends.outbox, tenant, tool_slug="FILES__read", tool_version=version)).id
        for version in ("6", "7", "1")
    ]
    await sync_tools(backends, tenant, READ)
    assert [(await backends.outbox.get(tenant, id_)).tool_version for id_ in ids] == ["6", "7", "7"]


@pytest.mark.parametrize(
    ("fields", "setting"),
    [
        ({"risk": Risk.HIGH}, "risk high"),
        ({"required_scopes": ("FILES.READ",)}, "required scopes FILES.READ"),
        ({"rate_bucket": "files.minute"}, "rate bucket files.minute"),
        ({"idempotent": False}, "no idempotency"),
        ({"config": {"server": "files", "redact": ["/token"]}}, "config.redact"),
        ({"scan": {"category": "files", "arguments": {"path": "/"}}}, "a scan"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
async def test_a_sync_refuses_to_undo_what_a_person_set_for_a_tool(
    backends: Backends, tenant: UUID, fields: dict[str, Any], setting: str
) -> None:
    by_hand = added_by_hand(tenant, **fields)
    await backends.catalog.save([by_hand], actor=operator("olga"))
    report = await sync_tools(backends, tenant, READ, WRITE)
    assert [(refused.name, refused.why) for refused in report.refused] == [
        (
            "FILES__read",
            f"was added by a person with {setting}: set the same in ACP_CATALOG_RULES, or a sync would undo it",
        )
    ]
    assert changes_of(report) == [("FILES__write", "1", "added")]
    assert (await backends.catalog.list_tools(tenant))[0] == by_hand


async def test_a_tool_that_differs_from_what_a_person_added_has_drifted(backends: Backends, tenant: UUID) -> None:
    by_hand = added_by_hand(tenant, schema=MANY)
    await backends.catalog.save([by_hand], actor=operator("olga"))
    report = await sync_tools(backends, tenant, READ)
    assert [(change.version, change.change) for change in report.changes] == [("2", "drifted")]
    assert 'schema.properties.path.type: "array" → "string"' in report.changes[0].drift
    assert [status for _, _, status in await statuses(backends.catalog, tenant)] == ["quarantined", "drifted"]
