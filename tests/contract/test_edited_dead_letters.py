"""A dead letter that a person requeues with other arguments."""

from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditEntry, AuditLogger
from services.backends import Backends
from services.envelope import Actor, ActorType, Envelope, Status
from services.errors import InvalidInput, NotFound, StateConflict
from services.outbox import Disposition, Outbox
from services.requeue import requeue_edited
from tests.builders import AGENT, MINUTE, NOW, a_tool, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, a_proposal, asking, events, put_one, run_one, take_one

OLGA = operator("olga")
EDITED = {"channel": "#help", "count": 2, "ratio": 1.5, "big": 9007199254740993, "on": True, "off": None, "of": ["x"]}


async def edit(outbox: Outbox, dead: Envelope, arguments: Any = EDITED, reason: str | None = "renamed") -> Envelope:
    return await outbox.requeue_edited(dead.tenant_id, dead.id, arguments=arguments, actor=OLGA, reason=reason)


async def test_the_edited_call_is_queued_and_both_payloads_are_on_record(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    dead = await a_dead_letter(outbox, tenant, external_id="k1", arguments={"b": 1, "a": "x"})
    clock.advance(hours=1)

    back = await edit(outbox, dead)

    assert back == replace(
        dead, status=Status.PENDING, attempts=0, next_run_at=clock(), updated_at=clock(), moved_at=None,
        arguments=EDITED, proposed_arguments=dead.arguments,
    )  # fmt: skip
    assert await outbox.get(tenant, dead.id) == back
    assert {name: type(value) for name, value in back.arguments.items()} == {n: type(v) for n, v in EDITED.items()}
    requeued, edited = await audit_log.tail(tenant, limit=2)
    assert requeued.entry.category == "envelope.requeued"
    assert edited.entry == AuditEntry(
        tenant_id=tenant,
        actor=Actor(type=ActorType.OPERATOR, id="olga"),
        category="envelope.edited",
        payload={
            "envelope_id": str(dead.id), "external_id": "k1", "tool_slug": dead.tool_slug, "reason": "renamed",
            "replaced_sha256": sha256(b'{"a": "x", "b": 1}').hexdigest(),
            "arguments_sha256": sha256(
                b'{"of": ["x"], "on": true, "big": 9007199254740993, "off": null, "count": 2, "ratio": 1.5, '
                b'"channel": "#help"}'
            ).hexdigest(),
        },
    )  # fmt: skip
    assert (await take_one(outbox)).envelope.arguments == EDITED


async def test_a_second_edit_keeps_what_was_proposed_and_going_back_to_it_is_no_edit(
    outbox: Outbox, audit_log: AuditLogger, tenant: UUID
) -> None:
    dead = await a_dead_letter(outbox, tenant)
    await edit(outbox, dead)
    again = await run_one(outbox, Disposition.FAILED, error="gone")

    second = await edit(outbox, again, {"channel": "#third"})
    assert (second.arguments, second.proposed_arguments) == ({"channel": "#third"}, dead.arguments)
    third = await run_one(outbox, Disposition.FAILED, error="gone")
    back = await edit(outbox, third, dict(dead.arguments))

    assert (back.arguments, back.proposed_arguments) == (dead.arguments, None)
    fourth = await run_one(outbox, Disposition.FAILED, error="gone")
    assert (await edit(outbox, fourth, dict(dead.arguments))).proposed_arguments is None
    assert (await events(audit_log, tenant)).count("edited") == 3


async def test_the_proposal_stays_the_same_and_an_earlier_approval_does_not_hold(
    outbox: Outbox, backends: Backends, tenant: UUID
) -> None:
    envelope = await put_one(outbox, tenant, external_id="k1")
    await outbox.settle("worker-1", [asking(await take_one(outbox))])
    await backends.approvals.decide(tenant, envelope.id, decision="approved", digest="d1", actor=OLGA)  # type: ignore[arg-type]
    dead = await run_one(outbox, Disposition.FAILED, error="gone")

    back = await edit(outbox, dead)
    [proposed_again] = await outbox.enqueue([a_proposal(tenant, external_id="k1")], actor=AGENT)

    assert back.approved_digest is None
    assert (proposed_again.created, proposed_again.envelope.id) == (False, dead.id)


async def test_only_a_dead_letter_of_the_tenant_whose_deadline_is_to_come_is_edited(
    outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    dead = await a_dead_letter(outbox, tenant, must_run_before=NOW + MINUTE)
    for wrong in (replace(dead, tenant_id=other_tenant), replace(dead, id=uuid4())):
        with pytest.raises(NotFound, match="no dead letter"):
            await edit(outbox, wrong)
    clock.advance(minutes=2)
    with pytest.raises(StateConflict, match="deadline"):
        await edit(outbox, dead)
    assert await outbox.list_dead_letters(tenant, limit=9) == [dead]


async def test_the_schema_of_the_tool_has_to_allow_the_edit(backends: Backends, tenant: UUID) -> None:
    schema = {"type": "object", "properties": {"channel": {"type": "string"}}, "additionalProperties": False}
    await backends.catalog.save([a_tool(tenant_id=tenant, schema=schema)], actor=OLGA)
    dead = await a_dead_letter(backends.outbox, tenant)

    with pytest.raises(InvalidInput, match=r"arguments\.channel: must be of type string"):
        await requeue_edited(backends, tenant, dead.id, {"channel": 5}, actor=OLGA, reason=None)
    back = await requeue_edited(backends, tenant, dead.id, {"channel": "#help"}, actor=OLGA, reason=None)

    assert (back.status, back.arguments) == (Status.PENDING, {"channel": "#help"})
    with pytest.raises(NotFound, match="no dead letter"):
        await requeue_edited(backends, tenant, dead.id, {"channel": "#help"}, actor=OLGA, reason=None)
    with pytest.raises(NotFound):
        await requeue_edited(backends, tenant, uuid4(), {"channel": "#help"}, actor=OLGA, reason=None)
