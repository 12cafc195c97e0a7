"""People judge samples of a cluster, and see what it needs before autopilot may answer its tickets."""

from uuid import UUID, uuid4

import pytest

from control_plane.apps.autopilot.clusters import Verdict
from control_plane.apps.autopilot.readiness import TicketVerdict
from control_plane.apps.autopilot.store import clusters, readiness
from services.errors import InvalidInput, NotAllowed, NotFound, StateConflict
from tests.control_plane.apps.autopilot.clustered import Clustered, open_clustered
from tests.control_plane.apps.autopilot.helpdesk import OLGA, open_helpdesk


async def samples(clustered: Clustered, limit: int = 5) -> list[str]:
    found = await readiness.next_samples(
        clustered.desk.functions, clustered.desk.tenant, clustered.cluster, limit=limit
    )
    return [each.external_id for each in found]


async def test_samples_go_from_the_centre_to_the_border_in_equal_steps(clustered: Clustered) -> None:
    for number in range(21):
        clustered.add(f"T{number:02}", score=number / 20)
    clustered.add("no score")
    assert await samples(clustered) == ["T00", "T05", "T10", "T15", "T20"]
    assert await samples(clustered) == await samples(clustered)
    assert await samples(clustered, limit=1) == ["T00"]


async def test_what_was_judged_is_not_sampled_again(clustered: Clustered) -> None:
    ids = {f"T{number}": clustered.add(f"T{number}", score=number / 4) for number in range(5)}
    assert await samples(clustered, limit=3) == ["T0", "T2", "T4"]
    await clustered.judge(ids["T0"], ids["T2"], ids["T4"])
    assert await samples(clustered, limit=3) == ["T1", "T3"]


async def test_tickets_that_are_all_alike_are_sampled_too(clustered: Clustered) -> None:
    for number in range(4):
        clustered.add(f"T{number}", score=0.5)
    clustered.add("unscored")
    assert len(set(await samples(clustered, limit=10))) == 5


async def test_many_verdicts_are_recorded_at_once_and_a_ticket_that_moved_is_skipped(clustered: Clustered) -> None:
    stays, moved, unknown = clustered.add("stays"), clustered.add("moved"), uuid4()
    clustered.desk.run("update autopilot.tickets set cluster_id = null where id = %s", moved)
    done = await clustered.judge(stays, moved, unknown)
    assert (done.cluster.validation_current, done.judged) == (1, [stays])
    assert {each.ticket_id: each.problem for each in done.skipped} == {
        moved: "it is in another cluster", unknown: f"no ticket {unknown}",
    }  # fmt: skip
    assert clustered.desk.audit()[-1] == "tickets.judged"


async def test_what_somebody_else_judged_meanwhile_stays(clustered: Clustered) -> None:
    ticket = clustered.add("T1")
    rita = clustered.desk.as_user(tenant_role="reviewer")
    await clusters.judge_ticket(rita, clustered.desk.tenant, ticket, Verdict.WRONG, actor=OLGA)
    done = await clustered.judge(ticket)
    assert [each.problem for each in done.skipped] == ["rita judged it as wrong meanwhile"]
    assert (await clustered.judge(ticket, verdict=Verdict.WRONG)).judged == [ticket]
    by_rita = [TicketVerdict(ticket_id=ticket, verdict=None)]
    own = await readiness.judge_tickets(rita, clustered.desk.tenant, clustered.cluster, by_rita, actor=OLGA)
    assert own.judged == ([] if own.skipped else [ticket])


async def test_verdicts_that_cannot_be_read_are_named(clustered: Clustered) -> None:
    ticket = clustered.add("T1")
    with pytest.raises(InvalidInput, match="a ticket is named twice"):
        await clustered.judge(ticket, ticket)
    with pytest.raises(InvalidInput, match="verdicts: must be a list of 1 to 100"):
        await clustered.judge(*(uuid4() for _ in range(101)))
    for document, problem in (
        ([{"ticket_id": "1"}], "each needs a ticket_id"), ([3], "each needs a ticket_id"),
        ([{"ticket_id": str(ticket), "verdict": "good"}], "must be trusted, wrong or null"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput, match=problem):
            await clustered.desk.functions.call(
                "autopilot.judge_tickets", tenant=clustered.desk.tenant, cluster=clustered.cluster, verdicts=document,
                actor_id="olga",
            )  # fmt: skip


async def test_members_only_look(clustered: Clustered) -> None:
    ticket = clustered.add("T1")
    member = clustered.desk.as_user(tenant_role="member")
    assert len(await readiness.next_samples(member, clustered.desk.tenant, clustered.cluster)) == 1
    assert (await readiness.read_readiness(member, clustered.desk.tenant, clustered.cluster)).trusted == 0
    verdicts = [TicketVerdict(ticket_id=ticket, verdict=Verdict.TRUSTED)]
    with pytest.raises(NotAllowed):
        await readiness.judge_tickets(member, clustered.desk.tenant, clustered.cluster, verdicts, actor=OLGA)


async def test_readiness_tells_how_far_a_cluster_is_and_what_is_missing(clustered: Clustered) -> None:
    async def read() -> tuple[object, ...]:
        found = await readiness.read_readiness(clustered.desk.functions, clustered.desk.tenant, clustered.cluster)
        return (found.trusted, found.wrong, found.target, found.needed, found.percent, found.is_ready, found.missing)

    no_dry_run = "no dry-run has ended with its present articles"
    clustered.desk.run("update autopilot.clusters set validation_target = null where id = %s", clustered.cluster)
    assert await read() == (0, 0, None, None, None, False, [
        "no knowledge was found for it",
        "people trust 0 of its tickets and find 0 wrong; 80 % of an unset target must be trusted", no_dry_run,
    ])  # fmt: skip
    clustered.desk.run("update autopilot.clusters set validation_target = 5 where id = %s", clustered.cluster)
    tickets = [clustered.add(f"T{number}") for number in range(6)]
    await clustered.judge(*tickets[:4])
    await clustered.judge(*tickets[4:], verdict=Verdict.WRONG)
    clustered.add_article()
    wrong = "people trust 4 of its tickets and find 2 wrong; 80 % of 5 must be trusted"
    assert await read() == (4, 2, 5, 4, 80, False, [wrong, no_dry_run])
    await clustered.judge(tickets[4], verdict=None)
    assert await read() == (4, 1, 5, 4, 80, False, [no_dry_run])
    with pytest.raises(StateConflict, match=f"cluster: {no_dry_run}"):
        await clustered.set_auto_respond()
    clustered.desk.note_dry_run(clustered.cluster)
    assert await read() == (4, 1, 5, 4, 80, True, [])
    assert (await clustered.set_auto_respond()).config == {"auto_respond": True}


async def test_another_tenants_cluster_is_not_found(clustered: Clustered) -> None:
    other = await open_clustered(await open_helpdesk(clustered.desk.access, clustered.desk.url))
    ticket = other.add("T1")
    mine = clustered.desk.as_user(), clustered.desk.tenant

    async def judge(cluster: UUID) -> object:
        verdicts = [TicketVerdict(ticket_id=ticket, verdict=Verdict.TRUSTED)]
        return await readiness.judge_tickets(*mine, cluster, verdicts, actor=OLGA)

    for call in (
        readiness.next_samples(*mine, other.cluster), readiness.read_readiness(*mine, other.cluster),
        judge(other.cluster),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await call
    own = await readiness.judge_tickets(
        *mine, clustered.cluster, [TicketVerdict(ticket_id=ticket, verdict=Verdict.TRUSTED)], actor=OLGA
    )
    assert [each.problem for each in own.skipped] == [f"no ticket {ticket}"]
