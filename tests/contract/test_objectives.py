"""Envelopes that name the objective that they serve, and what was done for each."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from services.audit_log import AuditLogger
from services.backends import Backends
from services.errors import NotFound
from services.objectives import Objective, Progress
from services.outbox import Disposition, Outbox
from tests.builders import AGENT, operator
from tests.clock import FakeClock
from tests.contract.builders import a_dead_letter, a_proposal, put, put_one, run_one


async def an_objective(backends: Backends, tenant: UUID, title: str = "Answer fast") -> UUID:
    objective = Objective(id=uuid4(), tenant_id=tenant, title=title, metric="minutes")
    await backends.objectives.save(objective, actor=operator("olga"))
    return objective.id


def by_objective(progress: Sequence[Progress]) -> dict[UUID, Progress]:
    return {each.objective_id: each for each in progress}


async def test_an_envelope_names_its_objective_through_its_whole_life(
    backends: Backends, audit_log: AuditLogger, tenant: UUID
) -> None:
    objective = await an_objective(backends, tenant)

    dead = await a_dead_letter(backends.outbox, tenant, objective_id=objective)
    [proposed] = [r for r in await audit_log.tail(tenant, limit=9) if r.entry.category == "envelope.proposed"]
    assert proposed.entry.payload["objective_id"] == str(objective)
    assert (await backends.outbox.get(tenant, dead.id)).objective_id == dead.objective_id == objective
    [back] = await backends.outbox.requeue(tenant=tenant, envelopes=[dead.id], limit=1, actor=operator("olga"))
    assert back.objective_id == objective

    await run_one(backends.outbox, Disposition.FAILED, error="still no such channel")
    discarded = await backends.outbox.discard(tenant, dead.id, actor=operator("olga"), reason="old")
    assert discarded.objective_id == objective


async def test_only_an_objective_of_the_same_tenant_can_be_named(
    backends: Backends, tenant: UUID, other_tenant: UUID
) -> None:
    foreign = await an_objective(backends, other_tenant)
    good = a_proposal(tenant)

    for objective in (foreign, uuid4()):
        with pytest.raises(NotFound, match=f"^objective_id: no objective {objective}") as refused:
            await backends.outbox.enqueue([good, a_proposal(tenant, objective_id=objective)], actor=AGENT)
        assert (refused.value.what, refused.value.id) == ("objective", str(objective))
    assert await backends.outbox.list_envelopes(tenant, status=None, limit=9) == []


async def test_progress_counts_envelopes_and_dead_letters_by_status_for_their_tenant(
    backends: Backends, outbox: Outbox, tenant: UUID, other_tenant: UUID, clock: FakeClock
) -> None:
    fast, cheap, unused = [await an_objective(backends, tenant, title) for title in ("Fast", "Cheap", "Unused")]
    theirs = await an_objective(backends, other_tenant)
    await put_one(outbox, other_tenant, objective_id=theirs)
    await run_one(outbox, Disposition.SUCCESS)
    await put_one(outbox, tenant, objective_id=fast)
    await run_one(outbox, Disposition.SUCCESS)
    succeeded_at = clock()
    clock.advance(minutes=1)
    await a_dead_letter(outbox, tenant, objective_id=cheap)
    _, last = await put(outbox, *[a_proposal(tenant, objective_id=cheap) for _ in range(2)])
    await put_one(outbox, tenant)

    assert by_objective(await backends.objectives.progress(tenant)) == {
        fast: Progress(objective_id=fast, counts={"success": 1}, last_activity_at=succeeded_at),
        cheap: Progress(objective_id=cheap, counts={"failed": 1, "pending": 2}, last_activity_at=last.updated_at),
    }
    assert unused not in by_objective(await backends.objectives.progress(tenant))


async def test_the_objective_is_no_part_of_the_call(backends: Backends, tenant: UUID) -> None:
    objective = await an_objective(backends, tenant)
    [first] = await put(backends.outbox, a_proposal(tenant, external_id="k1"))

    [again] = await backends.outbox.enqueue([a_proposal(tenant, external_id="k1", objective_id=objective)], actor=AGENT)

    assert (again.created, again.envelope) == (False, first)
