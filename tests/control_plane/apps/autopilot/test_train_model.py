"""A first training is activated; a later one places tickets and proposes the rest."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from control_plane.apps.autopilot.clustering.values import TicketText
from control_plane.apps.autopilot.proposals import ProposalKind
from control_plane.apps.autopilot.runs import RunError, RunFailed
from control_plane.apps.autopilot.store import clusters, models, proposals, runs
from control_plane.apps.autopilot.train_model import rebuild_model
from services.errors import StateConflict
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk, kind_of, tickets_of
from tests.control_plane.apps.autopilot.helpdesk import LEASE, OLGA, WORKER, Helpdesk
from tests.control_plane.apps.autopilot.trained import placed, rebuild, write_tickets


async def test_the_first_model_is_active_at_once_and_has_every_ticket_in_a_cluster(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, a_help_desk())
    await rebuild(helpdesk)
    found = await clusters.list_clusters(helpdesk.functions, helpdesk.tenant)
    assert sum(each.tickets or 0 for each in found) == 180
    assert all(0.3 < (each.cohesion or 0) < 1 and len(each.examples) >= 3 for each in found)
    assert None not in placed(helpdesk).values()
    [[scores]] = helpdesk.run(
        "select count(*) from autopilot.tickets where organization_id = %s and score > 0", helpdesk.tenant
    )
    assert scores == 180
    assert helpdesk.audit()[-4:] == [
        "ingestion_run.started",
        "model.stored",
        "model.activated",
        "ingestion_run.completed",
    ]


@pytest.mark.parametrize("count", [0, 3])
async def test_too_few_tickets_are_told_with_both_totals(helpdesk: Helpdesk, count: int) -> None:
    write_tickets(helpdesk, [*tickets_of("vpn", count), TicketText("blank", " ", "")])
    with pytest.raises(RunFailed) as refused:
        await rebuild(helpdesk)
    assert (refused.value.error, refused.value.detail) == (
        RunError.TICKETS_BELOW_THRESHOLD, {"current_total_tickets": count, "needed_total_tickets": 100},
    )  # fmt: skip


async def test_tickets_that_are_all_alike_are_one_cluster(helpdesk: Helpdesk) -> None:
    [vpn] = tickets_of("vpn", 1)
    write_tickets(helpdesk, [replace(vpn, key=f"INC{n}") for n in range(110)])
    await rebuild(helpdesk)
    assert len(set(placed(helpdesk).values())) == 1


async def test_a_later_training_keeps_every_ticket_and_proposes_a_new_cluster(helpdesk: Helpdesk) -> None:
    old = a_help_desk(40, ["vpn", "printer", "invoice"])
    write_tickets(helpdesk, old)
    await rebuild(helpdesk)
    before = placed(helpdesk)
    write_tickets(helpdesk, [*tickets_of("leave", 40), *tickets_of("vpn", 5, start=100)])
    await rebuild(helpdesk)
    after = placed(helpdesk)
    assert {key: after[key] for key in before} == before
    assert all(after[f"vpn-{number:04}"] for number in range(100, 105))
    found = await proposals.list_proposals(helpdesk.functions, helpdesk.tenant)
    new = [each for each in found if each.kind is ProposalKind.NEW]
    assert sum(each.tickets for each in new) >= 35
    assert all(kind_of(ticket.external_id) == "leave" for each in new for ticket in each.examples)
    assert len(await models.list_models(helpdesk.functions, helpdesk.tenant)) == 1


async def test_the_same_training_again_changes_nothing_and_replaces_what_is_open(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, [*a_help_desk(40, ["vpn", "printer", "invoice"])])
    await rebuild(helpdesk)
    write_tickets(helpdesk, tickets_of("leave", 40))
    await rebuild(helpdesk)
    first = await proposals.list_proposals(helpdesk.functions, helpdesk.tenant)
    before = placed(helpdesk)
    await rebuild(helpdesk)
    second = await proposals.list_proposals(helpdesk.functions, helpdesk.tenant)
    assert placed(helpdesk) == before
    assert {each.id for each in first}.isdisjoint(each.id for each in second)
    [[stored]] = helpdesk.run(
        "select count(*) from autopilot.cluster_proposals where organization_id = %s", helpdesk.tenant
    )
    assert stored == len(second) > 0


async def test_what_people_rejected_is_not_proposed_again(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, a_help_desk(40, ["vpn", "printer", "invoice"]))
    await rebuild(helpdesk)
    write_tickets(helpdesk, tickets_of("leave", 40))
    await rebuild(helpdesk)
    found = await proposals.list_proposals(helpdesk.functions, helpdesk.tenant)
    await proposals.reject_proposals(helpdesk.functions, helpdesk.tenant, [each.id for each in found], actor=OLGA)
    await rebuild(helpdesk)
    assert await proposals.list_proposals(helpdesk.functions, helpdesk.tenant) == []


async def test_a_model_that_a_stopped_worker_left_is_replaced(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tickets(helpdesk, a_help_desk(20))
    await runs.start_rebuild(helpdesk.functions, helpdesk.tenant, actor=OLGA)
    leased = await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
    assert leased is not None

    async def stop(*_: Any, **__: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(models, "activate_model", stop)
        with pytest.raises(asyncio.CancelledError):
            await rebuild_model(helpdesk.functions, leased.run, actor=WORKER)
    await rebuild_model(helpdesk.functions, leased.run, actor=WORKER)
    [only] = await models.list_models(helpdesk.functions, helpdesk.tenant)
    assert (only.active, None in placed(helpdesk).values()) == (True, False)


async def test_beside_the_model_of_a_workflow_a_new_one_waits_for_people(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, a_help_desk(20))
    helpdesk.run(
        "insert into autopilot.ml_models (organization_id, external_model_id, model_name, active)"
        " values (%s, 'w', 'W', true)",
        helpdesk.tenant,
    )
    await rebuild(helpdesk)
    found = await models.list_models(helpdesk.functions, helpdesk.tenant)
    assert sorted((each.external_model_id[:10], each.active) for each in found) == [("autopilot:", False), ("w", True)]
    assert await runs.start_due_rebuilds(helpdesk.functions, tenant=helpdesk.tenant, actor=WORKER) == 0


async def test_a_training_starts_by_itself_for_the_first_model_and_for_many_tickets_without_a_cluster(
    helpdesk: Helpdesk,
) -> None:
    async def started() -> int:
        return await runs.start_due_rebuilds(helpdesk.functions, tenant=helpdesk.tenant, actor=WORKER)

    assert await started() == 0
    write_tickets(helpdesk, a_help_desk(40, ["vpn", "printer", "invoice"]))
    assert [await started(), await started()] == [1, 0]
    leased = await runs.claim_run(helpdesk.functions, lease_for=LEASE, actor=WORKER)
    assert leased is not None
    await rebuild_model(helpdesk.functions, leased.run, actor=WORKER)
    await runs.complete_run(helpdesk.functions, leased.run, actor=WORKER)
    write_tickets(helpdesk, (TicketText(f"odd-{n}", "Zebra crossing", "Penguins eat fish") for n in range(60)))
    assert await started() == 0  # one training in a day
    helpdesk.run("update autopilot.ingestion_runs set created_at = now() - interval '25 hours'")
    assert await started() == 1


async def test_a_model_that_was_activated_meanwhile_is_not_overruled(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tickets(helpdesk, a_help_desk(40, ["vpn", "printer", "invoice"]))
    await rebuild(helpdesk)
    write_tickets(helpdesk, tickets_of("leave", 40))
    read = proposals.read_rules

    async def switch(*args: Any) -> Any:
        helpdesk.run("update autopilot.ml_models set active = false where organization_id = %s", helpdesk.tenant)
        return await read(*args)

    monkeypatch.setattr(proposals, "read_rules", switch)
    with pytest.raises(StateConflict, match="another one was activated"):
        await rebuild(helpdesk)
