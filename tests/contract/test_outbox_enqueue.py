"""Enqueue: one envelope per key, all of a batch or none, and an error that names the wrong field."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditEntry, AuditLogger
from services.audit_log.envelopes import envelopes_of
from services.audit_log.verify import verify
from services.envelope import Door, Envelope, Risk, Status
from services.errors import InvalidInput, NotFound
from services.outbox import Outbox
from services.tenants import Tenant, Tenants
from tests.builders import AGENT, NOW, operator
from tests.contract.builders import a_proposal, events, put, put_one
from tests.contract.test_propose import MALFORMED, UNFIT

MICROSECOND = timedelta(microseconds=1)


async def test_an_enqueued_envelope_carries_everything_that_was_proposed(outbox: Outbox, tenant: UUID) -> None:
    proposal = a_proposal(
        tenant,
        connected_account_id="acct-7",
        risk=Risk.HIGH,
        trust_context={"score": 0.5, "evidence": ["ticket-1"]},
        metadata={"traceparent": "00-ab-cd-01"},
    )

    [enqueued] = await outbox.enqueue([proposal], actor=AGENT)

    assert enqueued.created
    assert enqueued.envelope == Envelope(
        id=proposal.id,
        tenant_id=tenant,
        tool_slug="SLACK__chat.post",
        tool_version="1",
        arguments={"channel": "#general", "text": "hello"},
        connected_account_id="acct-7",
        risk=Risk.HIGH,
        external_id=proposal.external_id,
        trust_context={"score": 0.5, "evidence": ["ticket-1"]},
        metadata={"traceparent": "00-ab-cd-01"},
        status=Status.PENDING,
        proposed_by="agent:planner",
        next_run_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    assert await outbox.get(tenant, proposal.id) == enqueued.envelope


async def test_enqueue_audits_the_proposer(outbox: Outbox, audit_log: AuditLogger, tenant: UUID) -> None:
    envelope = await put_one(outbox, tenant, external_id="k1")

    [row] = await audit_log.tail(tenant, limit=1)
    assert row.entry == AuditEntry(
        tenant_id=tenant,
        actor=AGENT,
        category="envelope.proposed",
        payload={"envelope_id": str(envelope.id), "external_id": "k1", "tool_slug": "SLACK__chat.post"},
    )


async def test_a_batch_keeps_its_order_to_the_microsecond(outbox: Outbox, audit_log: AuditLogger, tenant: UUID) -> None:
    proposals = [a_proposal(tenant, external_id=f"k{n}") for n in (3, 1, 2)]

    envelopes = await put(outbox, *proposals)

    assert [(e.id, e.created_at) for e in envelopes] == [(p.id, NOW + n * MICROSECOND) for n, p in enumerate(proposals)]
    [row, _tenant_added] = await audit_log.tail(tenant, limit=3)
    assert [each["external_id"] for each in envelopes_of(row.entry.payload)] == ["k3", "k1", "k2"]


async def test_the_envelopes_of_one_call_share_audit_rows(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, other_tenant: UUID
) -> None:
    await put_one(outbox, tenant, external_id="known")
    mine = [a_proposal(tenant, external_id=f"k{n}") for n in range(101)]
    theirs = a_proposal(other_tenant, external_id="theirs")

    await put(outbox, *mine[:50], theirs, a_proposal(tenant, external_id="known"), *mine[50:])

    last, listing, _known, *_ = await audit_log.tail(tenant, limit=9)
    described = [
        {"envelope_id": str(p.id), "external_id": p.external_id, "tool_slug": p.tool_slug} for p in [*mine, theirs]
    ]
    assert (listing.entry.category, listing.entry.actor) == ("envelope.proposed", AGENT)
    assert listing.entry.payload == {"envelopes": described[:100]}
    assert (last.seq, last.entry.payload) == (listing.seq + 1, described[100])
    assert (await audit_log.tail(other_tenant, limit=1))[0].entry.payload == described[101]
    assert [found.intact async for found in verify(audit_log, None, {}, say=lambda _: None)] == [True, True]


async def test_an_audit_row_that_lists_envelopes_names_the_door(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID
) -> None:
    await outbox.enqueue([a_proposal(tenant), a_proposal(tenant)], actor=replace(AGENT, door=Door.API))

    [row] = await audit_log.tail(tenant, limit=1)
    assert (row.entry.payload["door"], len(envelopes_of(row.entry.payload))) == ("api", 2)


async def test_a_start_time_in_the_past_means_now_and_one_in_the_future_is_kept(outbox: Outbox, tenant: UUID) -> None:
    hour = timedelta(hours=1)
    envelopes = await put(
        outbox, a_proposal(tenant, next_run_at=NOW - hour), a_proposal(tenant, next_run_at=NOW + hour)
    )

    assert [envelope.next_run_at for envelope in envelopes] == [NOW, NOW + hour]


async def test_an_empty_batch_changes_nothing(outbox: Outbox) -> None:
    assert await outbox.enqueue([], actor=AGENT) == []


async def test_an_unknown_tenant_fails_the_whole_batch(outbox: Outbox, tenant: UUID) -> None:
    with pytest.raises(NotFound, match="tenant_id"):
        await outbox.enqueue([a_proposal(tenant), a_proposal(uuid4())], actor=AGENT)

    assert await outbox.list_envelopes(None, status=None, limit=10) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 256}, "external_id"),
        ({"tool_slug": ""}, "tool_slug"),
        ({"risk": "extreme"}, "risk"),
        ({"arguments": {"text": "x" * 65_536}}, "arguments"),
        ({"arguments": {"text": "é" * 32_768}}, "arguments"),
        ({"arguments": {"n": [1e-300] * 300}}, "arguments"),
        ({"trust_context": {"text": "x" * 65_536}}, "trust_context"),
        ({"metadata": {"text": "x" * 65_536}}, "metadata"),
        ({"metadata": {"ordering_key": "x" * 256}}, "metadata.ordering_key"),
        ({"arguments": {"text": "\0"}}, "arguments.text"),
        ({"external_id": "a\0b"}, "external_id"),
    ],
)
async def test_a_field_that_breaks_its_rule_is_named_and_nothing_is_written(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        await outbox.enqueue([a_proposal(tenant), a_proposal(tenant, **wrong)], actor=AGENT)

    assert raised.value.field == field
    assert await outbox.list_envelopes(tenant, status=None, limit=10) == []
    assert await events(audit_log, tenant) == []


async def test_values_exactly_at_the_limit_are_accepted(outbox: Outbox, tenant: UUID) -> None:
    arguments = {"text": "x" * (65_536 - len('{"text": ""}'))}

    envelope = await put_one(outbox, tenant, arguments=arguments, external_id="x" * 255)

    assert envelope.arguments == arguments


async def test_a_lane_follows_the_ordering_key_and_stays_within_the_tenants_lanes(
    outbox: Outbox, tenants: Tenants, tenant: UUID
) -> None:
    await tenants.save(Tenant(id=tenant, name="acme", lanes=16), actor=operator("olga"))

    ordered = await put(
        outbox, *[a_proposal(tenant, external_id=f"a{n}", metadata={"ordering_key": "k"}) for n in range(5)]
    )
    free = await put(outbox, *[a_proposal(tenant, external_id=f"b{n}") for n in range(40)])

    assert {envelope.lane for envelope in ordered} == {4}
    assert {envelope.lane for envelope in free} == set(range(16))


async def test_numbers_come_back_as_the_database_writes_them(outbox: Outbox, tenant: UUID) -> None:
    numbers = {"a": 1e16, "b": 1.0, "c": -0.0, "d": 1.5e-7, "e": 2**63 - 1}

    proposed = await put_one(outbox, tenant, arguments=numbers)

    envelope = await outbox.get(tenant, proposed.id)
    assert {key: repr(value) for key, value in envelope.arguments.items()} == {
        "a": "10000000000000000", "b": "1.0", "c": "0.0", "d": "1.5e-07", "e": "9223372036854775807",
    }  # fmt: skip


async def test_later_changes_to_a_callers_objects_change_nothing_stored(outbox: Outbox, tenant: UUID) -> None:
    arguments = {"to": ["ann"]}
    proposal = a_proposal(tenant, arguments=arguments)
    await outbox.enqueue([proposal], actor=AGENT)
    arguments["to"].append("bob")

    assert (await outbox.get(tenant, proposal.id)).arguments == {"to": ["ann"]}
    assert replace(proposal).arguments == {"to": ["ann", "bob"]}


NAMED = {"envelope_id": "id", "not_before": "next_run_at"}
"""Fields that have another name in proposals than in the outbox."""
BY_PROGRAMS: list[tuple[dict[str, Any], str]] = [
    *(({field: 7}, field) for field in ("id", "tenant_id", "tool_slug", "external_id", "tool_version", "next_run_at")),
    *(({field: None}, field) for field in ("id", "tenant_id", "tool_slug", "external_id", "risk", "metadata")),
    *(({field: "a\x00"}, field) for field in ("tool_slug", "tool_version", "connected_account_id")),
    *(({field: "\ud83d"}, field) for field in ("tool_slug", "external_id", "tool_version", "connected_account_id")),
    *(({field: NOW.replace(tzinfo=None)}, field) for field in ("next_run_at", "must_run_before")),
    ({"arguments": []}, "arguments"),
    ({"arguments": "text"}, "arguments"),
    ({"arguments": 5}, "arguments"),
    ({"arguments": None}, "arguments"),
    *(({"metadata": {"a": value}}, "metadata.a") for value in (Decimal("1.5"), {1}, b"x", NOW, uuid4(), 2**63)),
    ({"trust_context": {5: "five"}}, "trust_context"),
    ({"arguments": {"a": "x" * 65_528}}, "arguments"),
    ({"metadata": {"ordering_key": "x" * 256}}, "metadata.ordering_key"),
]  # fmt: skip
"""Values that JSON cannot contain, but that a program may pass."""


@pytest.mark.parametrize(
    ("changes", "field"),
    [*(case for case in MALFORMED if "surprise" not in case[0]), *BY_PROGRAMS],
)
async def test_malformed_values_are_refused_on_every_path(
    outbox: Outbox, tenant: UUID, changes: dict[str, Any], field: str
) -> None:
    changed = {NAMED.get(name, name): value for name, value in changes.items()}
    with pytest.raises(InvalidInput) as refused:
        await put(outbox, a_proposal(tenant), replace(a_proposal(tenant), **changed))
    assert refused.value.field.startswith(NAMED.get(field, field))
    assert await outbox.list_envelopes(tenant, status=None, limit=1) == []


@pytest.mark.parametrize(
    "changes", [*(changes for changes, _ in UNFIT), {"arguments": {"a": "x" * 65_527}}, {"external_id": "😀" * 255}]
)
async def test_well_formed_values_are_accepted(outbox: Outbox, tenant: UUID, changes: dict[str, Any]) -> None:
    envelope = await put_one(outbox, tenant, **changes)
    assert {name: getattr(envelope, name) for name in changes} == changes
