"""Anchoring, exporting and verifying the audit log."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.add_tenant import add_tenant
from services.anchor_audit_log import anchor_audit_log
from services.audit_log import Anchor, AuditEntry
from services.backends import Backends
from services.clock import FakeClock
from services.errors import InvalidInput, NotFound
from services.export_audit_log import export_audit_log
from services.verify_audit_log import verify_audit_log
from tests.builders import NOW
from tests.use_cases.actors import OLGA


def ignore(_: str) -> None:
    """Shows no progress."""


async def append_rows(backends: Backends, tenant: UUID, count: int) -> None:
    entry = AuditEntry(tenant_id=tenant, actor=OLGA, category="note.added")
    await backends.audit_log.append([entry] * count)


async def exported(backends: Backends, tenant: UUID, **bounds: object) -> list[int | None]:
    """The seq of each exported row."""
    limits = {"after": None, "since": None, "until": None, **bounds}
    return [row.seq async for row in export_audit_log(backends, tenant, **limits, say=ignore)]  # type: ignore[arg-type]


async def test_an_anchor_is_the_last_row_of_a_chain(backends: Backends, tenant: UUID) -> None:
    await append_rows(backends, tenant, 2)
    [last] = await backends.audit_log.tail(tenant, limit=1)
    heads = await anchor_audit_log(backends, tenant)
    assert heads.anchors == (Anchor(tenant_id=tenant, seq=last.seq, hash=last.hash),)
    assert heads.tenants_without_head == ()


async def test_without_a_tenant_every_chain_is_anchored_and_verified(backends: Backends, tenant: UUID) -> None:
    other = await add_tenant(backends, "Borealis", plan="standard", lanes=1, actor=OLGA)
    heads = await anchor_audit_log(backends, None)
    assert {anchor.tenant_id for anchor in heads.anchors} == {tenant, other.id}
    findings = await verify_audit_log(backends, None, {}, say=ignore)
    assert {each.tenant_id: each.intact for each in findings} == {tenant: True, other.id: True}


async def test_verifying_compares_the_chain_with_its_anchors(backends: Backends, tenant: UUID) -> None:
    wrong = Anchor(tenant_id=tenant, seq=1, hash="00" * 32)
    [findings] = await verify_audit_log(backends, tenant, {tenant: [wrong]}, say=ignore)
    assert [problem.kind for problem in findings.problems] == ["anchor"]


async def test_an_export_is_bounded_by_seq_and_time(backends: Backends, clock: FakeClock, tenant: UUID) -> None:
    clock.advance(minutes=1)
    await append_rows(backends, tenant, 2)
    assert await exported(backends, tenant) == [1, 2, 3]
    assert await exported(backends, tenant, after=2) == [3]
    assert await exported(backends, tenant, since=NOW + timedelta(seconds=1)) == [2, 3]
    assert await exported(backends, tenant, until=NOW + timedelta(minutes=1)) == [1]


async def test_an_export_cannot_begin_at_two_places(backends: Backends, tenant: UUID) -> None:
    with pytest.raises(InvalidInput) as caught:
        await exported(backends, tenant, after=1, since=NOW)
    assert caught.value.field == "after"


@pytest.mark.parametrize(
    "use_case",
    [
        anchor_audit_log,
        exported,
        lambda backends, tenant: verify_audit_log(backends, tenant, {}, say=ignore),
    ],
)
async def test_a_tenant_without_rows_is_not_found(
    backends: Backends, use_case: Callable[[Backends, UUID], Awaitable[object]]
) -> None:
    nobody = uuid4()
    with pytest.raises(NotFound) as caught:
        await use_case(backends, nobody)
    assert (caught.value.id, caught.value.field) == (str(nobody), "tenant")
