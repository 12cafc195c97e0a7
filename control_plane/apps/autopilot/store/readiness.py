"""Samples that people judge, and what a cluster needs before autopilot may answer its tickets."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter

from control_plane.apps.autopilot.readiness import JudgedTickets, Readiness, Sample, TicketVerdict
from services.backends.functions import Functions, by
from services.envelope import Actor

_SAMPLES = TypeAdapter(list[Sample])
_JUDGED = TypeAdapter(JudgedTickets)
_READINESS = TypeAdapter(Readiness)
_VERDICTS = TypeAdapter(list[TicketVerdict])


async def next_samples(functions: Functions, tenant: UUID, cluster: UUID, *, limit: int = 10) -> list[Sample]:
    """The tickets of a cluster that a person should judge next, from its centre to its border. Raises NotFound."""
    rows = await functions.call("autopilot.next_samples", tenant=tenant, cluster=cluster, max_samples=limit)
    return _SAMPLES.validate_python(rows)


async def judge_tickets(
    functions: Functions, tenant: UUID, cluster: UUID, verdicts: Sequence[TicketVerdict], *, actor: Actor
) -> JudgedTickets:
    """Record verdicts about up to 100 tickets. What changed meanwhile is skipped and named. Raises NotFound,
    NotAllowed, InvalidInput."""
    answer = await functions.call(
        "autopilot.judge_tickets", tenant=tenant, cluster=cluster,
        verdicts=_VERDICTS.dump_python(list(verdicts), mode="json"), **by(actor), as_of=functions.as_of(),
    )  # fmt: skip
    return _JUDGED.validate_python(answer)


async def read_readiness(functions: Functions, tenant: UUID, cluster: UUID) -> Readiness:
    """How far a cluster is, and what is missing. Raises NotFound."""
    return _READINESS.validate_python(await functions.call("autopilot.read_readiness", tenant=tenant, cluster=cluster))
