"""The job classifies tickets of workflows and starts trainings, and a run of the worker trains."""

from typing import Any
from uuid import UUID

import pytest

from control_plane.apps.autopilot.do_run import RunEnd, do_run
from control_plane.apps.autopilot.jobs import model_training
from control_plane.apps.autopilot.store import models, runs
from services.tools.outgoing import AllowedHosts
from tests.control_plane.apps.autopilot.clustering.samples import a_help_desk, tickets_of
from tests.control_plane.apps.autopilot.helpdesk import LEASE, WORKER, Helpdesk, open_helpdesk
from tests.control_plane.apps.autopilot.trained import placed, write_tickets


def context(desk: Helpdesk) -> Any:
    return type("Context", (), {"backends": desk.access.operator, "tenant": desk.tenant})()


def no_login(*_: object) -> None:
    """No run of these tests signs in."""


async def work(desk: Helpdesk) -> RunEnd:
    """A worker does the waiting run."""
    leased = await runs.claim_run(desk.functions, lease_for=LEASE, actor=WORKER)
    assert leased is not None
    done = await do_run(
        desk.functions, leased, resolve=no_login, allowed_hosts=AllowedHosts(()),
        lease_for=LEASE, actor=WORKER,
    )  # fmt: skip
    return done.end


async def test_tickets_of_a_workflow_get_a_model_and_later_ones_a_cluster(helpdesk: Helpdesk) -> None:
    assert await model_training.is_needed(context(helpdesk))
    write_tickets(helpdesk, a_help_desk(20))
    assert (await model_training.run(context(helpdesk))).counts == {"placed": 0, "unclassified": 0, "started": 1}
    assert await work(helpdesk) is RunEnd.COMPLETED
    later = tickets_of("vpn", 5, start=300)
    write_tickets(helpdesk, later)
    report = await model_training.run(context(helpdesk))
    assert (report.counts["placed"] + report.counts["unclassified"], report.problem) == (5, None)
    assert any(placed(helpdesk)[ticket.key] for ticket in later)


async def test_a_run_with_too_few_tickets_fails_with_both_totals(helpdesk: Helpdesk) -> None:
    write_tickets(helpdesk, tickets_of("vpn", 3))
    started = await runs.start_rebuild(helpdesk.functions, helpdesk.tenant, actor=WORKER)
    assert await work(helpdesk) is RunEnd.FAILED
    run = await runs.read_run(helpdesk.functions, helpdesk.tenant, started.id)
    assert (run.error_message, run.error_detail) == (
        "tickets_below_threshold", {"current_total_tickets": 3, "needed_total_tickets": 100},
    )  # fmt: skip


async def test_a_tenant_whose_model_cannot_be_read_does_not_stop_the_others(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await open_helpdesk(helpdesk.access, helpdesk.url)
    write_tickets(other, a_help_desk(20))
    read = models.read_active_model

    async def fail_for_one(functions: Any, tenant: UUID) -> Any:
        if tenant == helpdesk.tenant:
            raise ValueError("a bug")
        return await read(functions, tenant)

    monkeypatch.setattr(models, "read_active_model", fail_for_one)
    everybody = context(helpdesk)
    everybody.tenant = None
    report = await model_training.run(everybody)
    assert report.counts["started"] >= 1
    assert str(helpdesk.tenant) in (report.problem or "")
