"""Scans store each different answer once, with a summary, and the guardrail finds it by its id."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.errors import NotFound
from services.evidence import Evidence, EvidenceKey, EvidenceStore, Reading, SavedReadings, Signal, StoredEvidence
from services.untrusted import storable
from tests.builders import NOW, system
from tests.clock import FakeClock

ACCOUNT = UUID("aaaaaaaa-0000-4000-8000-000000000001")
MAIL = Reading(
    tool_slug="GMAIL__list", connected_account_id=ACCOUNT, content=["one", "two"], sha256="a" * 64,
    value={"kind": "list", "items": 2},
)  # fmt: skip
MORE = replace(MAIL, content=["one", "two", "three"], sha256="b" * 64, value={"kind": "list", "items": 3})
TIME = Reading(
    tool_slug="TIME__now", connected_account_id=None, content="noon", sha256="c" * 64, value={"kind": "text"}
)


@pytest.fixture
def evidence(backends: Backends) -> EvidenceStore:
    return backends.evidence


async def stored(evidence: EvidenceStore, tenant: UUID) -> list[tuple[str, Any, Any, Any]]:
    return [(e.tool_slug, e.content, e.observed_at, e.seen_at) for e in await evidence.list_evidence(tenant)]


async def test_a_reading_of_the_largest_allowed_size_is_stored(evidence: EvidenceStore, tenant: UUID) -> None:
    tiny = [float(f"{n % 9 + 1}e-300") for n in range(9000)]  # 64 KiB as tools write it, 2 MiB as PostgreSQL does
    assert storable(tiny) == tiny
    assert await evidence.save(tenant, [replace(MAIL, content=tiny)], actor=system("warm_scan")) == SavedReadings(
        evidence=1, signals=1
    )


async def test_a_reading_is_stored_as_evidence_and_signal(
    evidence: EvidenceStore, audit_log: AuditLogger, tenant: UUID
) -> None:
    assert await evidence.save(tenant, [MAIL], actor=system("warm_scan")) == SavedReadings(evidence=1, signals=1)
    [one] = await evidence.list_evidence(tenant)
    assert one == Evidence(
        id=one.id, tenant_id=tenant, tool_slug="GMAIL__list", connected_account_id=ACCOUNT, sha256="a" * 64,
        content=["one", "two"], observed_at=NOW, seen_at=NOW,
    )  # fmt: skip
    assert await evidence.list_signals(tenant) == [
        Signal(
            tenant_id=tenant, tool_slug="GMAIL__list", connected_account_id=ACCOUNT, value=dict(MAIL.value),
            evidence_id=one.id, observed_at=NOW, changed_at=NOW,
        )
    ]  # fmt: skip
    [row, _tenant] = await audit_log.tail(tenant, limit=9)
    assert (row.entry.category, row.entry.actor.id, row.entry.payload) == (
        "evidence.collected", "warm_scan", {"evidence": 1, "signals": 1},
    )  # fmt: skip


async def test_the_same_answer_again_is_the_same_evidence(
    evidence: EvidenceStore, audit_log: AuditLogger, tenant: UUID, clock: FakeClock
) -> None:
    await evidence.save(tenant, [MAIL, TIME], actor=system("warm_scan"))
    rows = len(await audit_log.tail(tenant, limit=9))
    clock.advance(minutes=5)
    assert await evidence.save(tenant, [MAIL, MAIL], actor=system("warm_scan")) == SavedReadings(evidence=0, signals=0)
    assert await stored(evidence, tenant) == [
        ("GMAIL__list", ["one", "two"], NOW, clock()), ("TIME__now", "noon", NOW, NOW),
    ]  # fmt: skip
    mail, _time = await evidence.list_signals(tenant)
    assert (mail.observed_at, mail.changed_at) == (clock(), NOW)
    assert len(await audit_log.tail(tenant, limit=9)) == rows


async def test_another_answer_is_new_evidence_and_changes_the_signal(
    evidence: EvidenceStore, tenant: UUID, clock: FakeClock
) -> None:
    await evidence.save(tenant, [MAIL], actor=system("warm_scan"))
    clock.advance(minutes=5)
    assert await evidence.save(tenant, [MORE], actor=system("trickle_refresh")) == SavedReadings(evidence=1, signals=1)
    [signal] = await evidence.list_signals(tenant)
    assert (signal.value, signal.changed_at) == (MORE.value, clock())
    clock.advance(minutes=5)
    assert await evidence.save(tenant, [MAIL], actor=system("trickle_refresh")) == SavedReadings(evidence=0, signals=1)
    assert len(await evidence.list_evidence(tenant, limit=1)) == 1


async def test_evidence_is_found_only_by_its_tenant_and_id(
    evidence: EvidenceStore, tenant: UUID, other_tenant: UUID
) -> None:
    await evidence.save(tenant, [MAIL], actor=system("warm_scan"))
    [one] = await evidence.list_evidence(tenant)
    key = EvidenceKey(tenant, one.id)
    assert await evidence.find([key, EvidenceKey(other_tenant, one.id), EvidenceKey(tenant, uuid4())]) == {
        key: StoredEvidence(sha256="a" * 64, seen_at=NOW)
    }
    assert await evidence.find([]) == {}
    assert await evidence.list_evidence(other_tenant) == []
    assert await evidence.list_signals(other_tenant) == []
    with pytest.raises(NotFound):
        await evidence.save(uuid4(), [MAIL], actor=system("warm_scan"))


async def test_old_evidence_is_deleted_unless_a_signal_refers_to_it(
    evidence: EvidenceStore, tenant: UUID, clock: FakeClock
) -> None:
    await evidence.save(tenant, [MAIL, TIME], actor=system("warm_scan"))
    clock.advance(hours=1)
    await evidence.save(tenant, [MORE], actor=system("warm_scan"))
    assert await evidence.forget(keep=timedelta(hours=1), limit=10) == 0
    clock.advance(hours=1)
    assert await evidence.forget(keep=timedelta(hours=1), limit=10) == 1
    assert [slug for slug, content, _, _ in await stored(evidence, tenant) if content != MORE.content] == ["TIME__now"]
